# unit tests: src
include testsuite/unit/src_model.mk
