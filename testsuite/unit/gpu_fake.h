/* A driver without transport around the simulated GPU: processes are records, "the target's memory" is the test's own, and ioctls are calls of
 * the handlers. GPU-visible memory is one arena; everything else is reachable for the driver only, as a process's private memory is. */
#ifndef TESTSUITE_UNIT_GPU_FAKE_H
#define TESTSUITE_UNIT_GPU_FAKE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sim/driver/driver.h"
#include "sim/driver/process.h"
#include "sim/gpu/queue.h"

enum { FAKE_EVENTS = 64, FAKE_ARENA = 1 << 30 };

struct sim_driver {
	struct sim_options options;
	struct sim_device device;
	struct sim_process *processes;
	uint8_t *arena;
	size_t arena_used;
	bool indirect;               /* sim_process_pointer() answers NULL: memory the simulator does not share */
	uint64_t unmapped_from, unmapped_to; /* a hole in the arena as the GPU sees it */
	unsigned event_count[FAKE_EVENTS];
	unsigned memory_events, smi_events;
	uint8_t memory_record[32];
	uint64_t generation;
	int inject_error;            /* what the next ioctls fail with, 0 none */
	bool no_more_processes;
	pid_t replaced;              /* this process did an exec; 0 none */
};

/* The debug-interface numbers that tests write often. */
enum { FAKE_KERNARG_SGPRS = 2 };

struct sim_driver *fake_driver(unsigned cus, unsigned xccs);
void fake_driver_free(struct sim_driver *driver);

/* A call of a handler in the name of a thread. */
struct fake_call {
	struct sim_call call;
	int result;   /* of sim_call_finish(), valid when finished */
	bool finished;
};
/* Runs the handler; SIM_LATER leaves *fc alive until it is finished. arg is copied in and out. */
int fake_ioctl(struct fake_call *fc, struct sim_process *process, pid_t tid, int (*handler)(struct sim_call *), void *arg, size_t size,
	int fd);

/* Page-aligned memory of the arena, zeroed. */
void *fake_alloc(struct sim_driver *driver, size_t bytes);

/* A code object in memory: 64-byte descriptor with the entry 256 bytes after it. vgprs: total registers, accum: the first accumulation
 * register (a multiple of 4). The kernel gets s[0:1] = kernarg, s2 = group id x, v0 = item id. */
struct fake_kernel {
	unsigned vgprs, accum;
	bool scratch;
	uint32_t rsrc2_more; /* ORed into RSRC2 */
};
uint64_t fake_kernel(struct sim_driver *driver, const struct fake_kernel *shape, const uint32_t *code, unsigned words);

/* A queue with all that belongs to it. */
struct fake_queue {
	struct sim_process *process;
	uint32_t id;
	uint8_t *amd_queue; /* amd_queue_t */
	uint8_t *ring;
	uint32_t ring_bytes;
	uint8_t *save;
	uint32_t save_bytes, stack_bytes;
	uint64_t *payload;  /* where exceptions for the runtime arrive; event FAKE_ERROR_EVENT with it */
	volatile uint64_t *doorbell;
	uint64_t next;
	uint8_t *scratch;
};
enum { FAKE_ERROR_EVENT = 7, FAKE_SIGNAL_EVENT = 8 };
struct fake_queue fake_queue_create(struct sim_driver *driver, struct sim_process *process);
/* The same fields as an argument block for a create call that is meant to fail. */
void fake_queue_args(struct sim_driver *driver, struct fake_queue *fq, uint8_t args[96]);
/* Gives the queue scratch: `waves` of `wave_bytes` per XCC. */
void fake_queue_scratch(struct sim_driver *driver, struct fake_queue *fq, unsigned waves, unsigned wave_bytes);

/* One dispatch; answers its completion signal (an amd_signal_t with value 1). */
struct fake_dispatch {
	uint64_t kernel;
	uint32_t grid[3];
	uint16_t group[3];
	uint32_t lds, private_bytes;
	void *kernarg;
	bool barrier;
};
int64_t *fake_dispatch(struct sim_driver *driver, struct fake_queue *fq, const struct fake_dispatch *d); /* address of the signal's value */
/* Puts 64 bytes of packet into the ring and rings the doorbell. */
void fake_packet(struct fake_queue *fq, const uint8_t packet[64]);
void *fake_signal(struct sim_driver *driver);

/* Runs the device until *value is 0 (NULL: until nothing is runnable) or the time is over; true when it came so. */
bool fake_run_until_zero(struct sim_driver *driver, const int64_t *value, unsigned ms);
/* Runs it for about this time, and a few rounds at least. */
void fake_run_us(struct sim_driver *driver, unsigned us);

#endif
