/* The simulated kernel driver as a function: (process, request, argument bytes, the target's memory) -> result, "later", or sleep. Behind it
 * stand process records and the simulated devices; in front of it any transport. */
#ifndef SIM_DRIVER_DRIVER_H
#define SIM_DRIVER_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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
	int fd_in;                   /* descriptor passed along by the client (drm_fd, dbg_fd), -1 none; set to -1 when taken */
	int fd_out;                  /* descriptor to hand to the client, -1 none; its number is patched into arg by the client */
	size_t fd_out_offset;        /* where in arg */
	/* Sleeping calls: set by the handler that returns SIM_LATER. */
	void (*cancel)(struct sim_call *call); /* the caller's thread got a signal (the answer must be given now: -EINTR) or died */
	void *sleep_state;
	void *transport;             /* private to the transport */
};

enum { SIM_LATER = 1 << 30 }; /* handler's answer: finished later by sim_call_finish() */

/* Runs the ioctl: result >= 0, -errno, or SIM_LATER. */
int sim_driver_ioctl(struct sim_call *call);
/* Ends a call that answered SIM_LATER. */
void sim_call_finish(struct sim_call *call, int result);

#endif
