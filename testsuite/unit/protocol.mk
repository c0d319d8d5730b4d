# unit tests: protocol
