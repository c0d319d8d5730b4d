# unit tests: driver
