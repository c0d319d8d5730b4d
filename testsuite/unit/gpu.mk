# unit tests: gpu
