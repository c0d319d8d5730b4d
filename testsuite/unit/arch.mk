# unit tests: arch
