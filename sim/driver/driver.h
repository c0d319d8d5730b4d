/* The simulated kernel driver as a function: (process, request, argument bytes, the target's memory) -> result, "later", or sleep. Behind it
 * stand process records and the simulated devices; in front of it any transport. */
#ifndef SIM_DRIVER_DRIVER_H
#define SIM_DRIVER_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct sim_driver;  /* everything: devices, processes, clock, options */
struct sim_process; /* one KFD process (one mm), sim/driver/process.h */

/* One ioctl on its way through the driver. The transport owns it until it is finished. */
struct sim_call {
	struct sim_driver *driver;
	struct sim_process *process; /* of the caller; the opener of the node */
	pid_t pid, tid;              /* caller's thread group and thread (authorisation compares the ptrace parent with tid) */
	unsigned nr;                 /* _IOC_NR of the request */
	uint8_t *arg;                /* max(kernel size, caller size) bytes, zero-extended; copied back even on failure */
	size_t arg_size;
	size_t caller_size;          /* what the caller's command word said */
	int fd_in;                   /* descriptor passed along by the client (drm_fd, dbg_fd), -1 none; set to -1 when taken */
	int fd_out;                  /* descriptor to hand to the client, -1 none; its number is patched into arg by the client */
	size_t fd_out_offset;        /* where in arg */
	/* Sleeping calls: set by the handler that returns SIM_LATER. */
	void (*cancel)(struct sim_call *call); /* the caller's thread got a signal (the answer must be given now: -EINTR) or died */
	void *sleep_state;
	void *transport;             /* private to the transport */
};

enum { SIM_LATER = 1 << 30 }; /* handler's answer: finished later by sim_call_finish() */

/* What the simulator was told on its command line; borrowed by the driver for its whole life. */
enum sim_icache_policy {
	SIM_ICACHE_QUEUE, /* decoded code is dropped where hardware drops it: queue suspend and resume, invalidate packet and instruction */
	SIM_ICACHE_NEVER, /* and not at queue suspend and resume either: a debugger relying on it is seen to miss */
};
struct sim_options {
	const char *gpu;           /* model name */
	unsigned gpus, cus, xccs;  /* number of devices, and of units per device; cus 0: the default */
	uint64_t vram_bytes;
	enum sim_icache_policy icache;
	unsigned imprecise_by;     /* for struct sim_env */
	bool trap2_pc_at;          /* trap handlers that leave the PC of `s_trap 2` at the trap (wave-state.md 3.7) */
	bool memory_record;        /* QUERY_EXCEPTION_INFO of a memory violation answers the record; kernels answer 0 bytes */
	bool old_debug_authority;  /* kernels before 6.12.103: DISABLE open to everyone, no right of the debugger's process as such */
	unsigned verbose;          /* 0 quiet, 1 one line per event of interest, 2 one line per ioctl */
	FILE *log;                 /* NULL: no log */
};

struct sim_device;
const struct sim_options *sim_driver_options(const struct sim_driver *driver);
unsigned sim_driver_n_devices(const struct sim_driver *driver);
struct sim_device *sim_driver_device(struct sim_driver *driver, unsigned index); /* in topology order; NULL past the end */
/* One line to the log, when options->verbose >= level (newline added). */
void sim_log(const struct sim_driver *driver, unsigned level, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* CLOCK_MONOTONIC_RAW in nanoseconds: the system counter of GET_CLOCK_COUNTERS. sim_gpu_clock() is it divided by 10. */
uint64_t sim_clock_ns(void);
/* Runs fn(ctx) on the driver's thread at the given time of that clock, once. Cancelled by sim_timer_cancel(). NULL: out of memory. */
struct sim_timer;
struct sim_timer *sim_timer_start(struct sim_driver *driver, uint64_t at_ns, void (*fn)(void *ctx), void *ctx);
void sim_timer_cancel(struct sim_driver *driver, struct sim_timer *timer); /* NULL is fine; not after it has fired */

/* Runs the ioctl: result >= 0, -errno, or SIM_LATER. */
int sim_driver_ioctl(struct sim_call *call);
/* The planned failure of this call, by the name of its ioctl or of its op of DBG_TRAP: -errno, or 0 when it is to be done (sim/driver/inject.c). */
int sim_inject_error(struct sim_call *call, const char *name);
/* Ends a call that answered SIM_LATER. */
void sim_call_finish(struct sim_call *call, int result);

#endif
