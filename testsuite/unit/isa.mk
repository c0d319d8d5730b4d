# unit tests: isa
