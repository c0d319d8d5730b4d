/* What the tests of the simulated driver's debug interface share: a debugger, which is the test itself, and a target, which is a real child
 * that it traces, so that authorisation is the real one. */
#ifndef TESTSUITE_UNIT_DEBUG_RIG_H
#define TESTSUITE_UNIT_DEBUG_RIG_H

#include "testsuite/unit/gpu_fake.h"

enum dbg_op {
	ENABLE, DISABLE, SEND_RUNTIME_EVENT, SET_EXCEPTIONS, OVERRIDE, LAUNCH_MODE, SUSPEND, RESUME, SET_WATCH, CLEAR_WATCH, SET_FLAGS,
	QUERY_EVENT, QUERY_INFO, QUEUE_SNAPSHOT, DEVICE_SNAPSHOT,
};
#define RUNTIME_BIT UINT64_C(0x800000000000)
#define VIOLATION_BIT UINT64_C(0x100000000)
#define DELETE_BIT UINT64_C(0x80000000)
#define NEW_BIT UINT64_C(0x40000000)

struct dbg_args {
	uint32_t pid, op;
	union {
		struct { uint64_t mask, rinfo; uint32_t rinfo_size, fd; } enable;
		struct { uint64_t mask; uint32_t gpu, queue; } event;
		struct { uint32_t mode, enable, support, pad; } override;
		struct { uint32_t value, pad; } word;
		struct { uint64_t mask, ids; uint32_t n, grace; } suspend;
		struct { uint64_t ids; uint32_t n, pad; } resume;
		struct { uint64_t address; uint32_t mode, mask, gpu, id; } watch;
		struct { uint32_t gpu, id; } clear;
		struct { uint64_t ptr; uint32_t size, source, code, clear; } info;
		struct { uint64_t mask, buf; uint32_t n, entry; } snapshot;
	};
};
_Static_assert(sizeof(struct dbg_args) == 32, "DBG_TRAP");

struct debug_rig {
	struct sim_driver *driver;
	struct sim_process *debugger, *target; /* target: set by dbg_enable() */
	pid_t child;                           /* the target; 0: gone, nothing to end */
	int event_pipe[2];
	struct fake_queue fq;
	uint32_t gpu;
	struct { uint64_t r_debug; uint32_t state, ttmp; } rinfo; /* what ENABLE and QUERY_INFO write */
	struct { uint64_t status, ring, write, read, save; uint32_t id, gpu, ring_size, type, save_size, reserved; } entries[8];
};
extern struct debug_rig dbg; /* of the running test */

/* The fixture. */
void dbg_setup(void);
void dbg_teardown(void);
void dbg_end_child(pid_t pid);

/* One DBG_TRAP about the child, by the debugger or in the name of somebody else; 0 or a negative errno. */
int dbg_trap(enum dbg_op op, struct dbg_args *a);
int dbg_trap_as(struct sim_process *who, pid_t tid, enum dbg_op op, struct dbg_args *a, int fd);
int dbg_enable(uint64_t mask);
int dbg_query(uint64_t clear, struct dbg_args *a);
int dbg_send_runtime(uint64_t mask, uint32_t gpu_id, uint32_t queue);
int dbg_suspend(uint32_t *ids, uint32_t n, uint64_t clear);
int dbg_resume(uint32_t *ids, uint32_t n);
/* Into dbg.entries; *n and *size as the kernel takes and changes them. */
int dbg_snapshot(uint64_t clear, uint32_t *n, uint32_t *size);
int dbg_set_watch(uint32_t *id);

/* Ioctls of the target. */
int dbg_runtime(struct fake_call *fc, unsigned mode);
int dbg_destroy_queue(struct fake_call *fc, uint32_t id);

/* Debug enabled, runtime enabled before it, one queue. */
void dbg_attach_with_queue(uint64_t mask);
/* Takes the bit "new" from all queues. */
void dbg_know_queues(void);
/* Bytes that wait in the event pipe; they are taken. */
int dbg_bytes(void);

#endif
