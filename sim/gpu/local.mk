# sim/gpu: the simulated GPU, and the half of its driver that knows queues and debuggers
noinst_LIBRARIES += libsimgpu.a
libsimgpu_a_SOURCES = \
	sim/gpu/device.h sim/gpu/queue.h sim/gpu/gpu.h sim/gpu/bits.h sim/gpu/record.h \
	sim/gpu/models.c sim/gpu/device.c sim/gpu/memory.c sim/gpu/place.c sim/gpu/dispatch.c \
	sim/gpu/aql.c sim/gpu/trap.c sim/gpu/sched.c sim/gpu/save.c sim/gpu/restore.c sim/gpu/queue.c sim/gpu/sdma.c \
	sim/driver/exceptions.h sim/driver/exceptions.c sim/driver/queues.c sim/driver/runtime.c \
	sim/driver/debug.h sim/driver/debug.c sim/driver/debug_control.c sim/driver/debug_events.c \
	sim/driver/debug_snapshot.c sim/driver/debug_suspend.c
