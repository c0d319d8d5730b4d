# sim/driver: the simulated kernel driver
noinst_LIBRARIES += libsimdriver.a
libsimdriver_a_CPPFLAGS = $(AM_CPPFLAGS) $(DRM_CFLAGS)
libsimdriver_a_SOURCES = \
	sim/driver/driver.h sim/driver/process.h sim/driver/handlers.h sim/driver/state.h sim/driver/abi.h \
	sim/driver/driver.c \
	sim/driver/ioctl.h sim/driver/ioctl.c \
	sim/driver/process.c \
	sim/driver/backing.h sim/driver/backing.c \
	sim/driver/memory.h sim/driver/memory.c sim/driver/memory_ioctl.c sim/driver/svm.c \
	sim/driver/events.h sim/driver/events.c \
	sim/driver/misc.c \
	sim/driver/inject.h sim/driver/inject.c sim/driver/inject_faults.c \
	sim/driver/smi.h sim/driver/smi.c \
	sim/driver/render.h sim/driver/render.c \
	sim/driver/tree.h sim/driver/tree.c \
	sim/driver/topology.h sim/driver/topology.c
