include sim/isa/local.mk
include sim/gpu/local.mk
include sim/driver/local.mk
include sim/client/local.mk

# gpusim: launcher and event loop around the simulated driver
bin_PROGRAMS += gpusim
gpusim_SOURCES = sim/main.c sim/options.h sim/options.c sim/launch.h sim/launch.c sim/server.h sim/server.c \
	sim/control.h sim/control.c
gpusim_CPPFLAGS = $(AM_CPPFLAGS) -DPKGLIBEXECDIR=\"$(pkglibexecdir)\" -DPACKAGE=\"$(PACKAGE)\"
gpusim_LDADD = libsimdriver.a libsimgpu.a libsimdriver.a libsimisa.a -lm
