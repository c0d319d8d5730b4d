include testsuite/unit/protocol.mk
include testsuite/unit/arch.mk
include testsuite/unit/isa.mk
include testsuite/unit/driver.mk
include testsuite/unit/gpu.mk
include testsuite/unit/src.mk
include testsuite/wavelaunch/local.mk
include testsuite/kernels/local.mk
include testsuite/sessions.mk
include testsuite/bench/local.mk

LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_COMPILER = $(BASH)
EXTRA_DIST += testsuite/unit/tap.h testsuite/lib/tap.sh
