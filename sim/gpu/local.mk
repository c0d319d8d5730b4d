# sim/gpu: the simulated GPU
noinst_LIBRARIES += libsimgpu.a
libsimgpu_a_SOURCES = \
	sim/gpu/device.h sim/gpu/queue.h sim/gpu/gpu.h sim/gpu/bits.h \
	sim/gpu/models.c sim/gpu/device.c
