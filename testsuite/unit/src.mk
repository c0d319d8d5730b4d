# unit tests: src
