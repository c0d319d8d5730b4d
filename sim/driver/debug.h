/* The debug interface's inside: DBG_TRAP ops by file, and what RUNTIME_ENABLE shares with them. Private to sim/driver. Structures and checks:
 * kfd-debug-interface.md 1.5 to 1.9. */
#ifndef SIM_DRIVER_DEBUG_H
#define SIM_DRIVER_DEBUG_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sim/driver/driver.h"
#include "sim/driver/process.h"

enum sim_debug_op {
	SIM_DBG_ENABLE,
	SIM_DBG_DISABLE,
	SIM_DBG_SEND_RUNTIME_EVENT,
	SIM_DBG_SET_EXCEPTIONS_ENABLED,
	SIM_DBG_SET_WAVE_LAUNCH_OVERRIDE,
	SIM_DBG_SET_WAVE_LAUNCH_MODE,
	SIM_DBG_SUSPEND_QUEUES,
	SIM_DBG_RESUME_QUEUES,
	SIM_DBG_SET_NODE_ADDRESS_WATCH,
	SIM_DBG_CLEAR_NODE_ADDRESS_WATCH,
	SIM_DBG_SET_FLAGS,
	SIM_DBG_QUERY_DEBUG_EVENT,
	SIM_DBG_QUERY_EXCEPTION_INFO,
	SIM_DBG_GET_QUEUE_SNAPSHOT,
	SIM_DBG_GET_DEVICE_SNAPSHOT,
	SIM_DBG_OPS,
};

enum sim_runtime_state { SIM_RUNTIME_DISABLED, SIM_RUNTIME_ENABLED, SIM_RUNTIME_BUSY, SIM_RUNTIME_ERROR };

const char *sim_debug_op_name(uint32_t op); /* static; "" for an unknown op */

/* Fields of the 32-byte argument block; it need not be aligned. */
static inline uint32_t sim_arg_get32(const struct sim_call *call, size_t offset)
{
	uint32_t value;
	memcpy(&value, call->arg + offset, sizeof(value));
	return value;
}

static inline uint64_t sim_arg_get64(const struct sim_call *call, size_t offset)
{
	uint64_t value;
	memcpy(&value, call->arg + offset, sizeof(value));
	return value;
}

static inline void sim_arg_put32(struct sim_call *call, size_t offset, uint32_t value)
{
	memcpy(call->arg + offset, &value, sizeof(value));
}

static inline void sim_arg_put64(struct sim_call *call, size_t offset, uint64_t value)
{
	memcpy(call->arg + offset, &value, sizeof(value));
}

/* struct kfd_runtime_info. */
struct sim_runtime_info {
	uint64_t r_debug;
	uint32_t state, ttmp_setup;
};
_Static_assert(sizeof(struct sim_runtime_info) == 16, "kfd-debug-interface.md 1.9");
struct sim_runtime_info sim_debug_runtime_info(const struct sim_process *target);

/* Takes the hardware side of debugging back: queues resumed, watches, launch mode, override and flags cleared. */
void sim_debug_deactivate(struct sim_process *target);
/* One credit for the handshake of RUNTIME_ENABLE; wakes a sleeper. */
void sim_runtime_credit(struct sim_process *process);
/* Ends the handshakes that still sleep when the process goes away. */
void sim_runtime_forget_sleepers(struct sim_process *process);
/* Resumes every queue of the process, wakes sleeping DESTROY_QUEUE calls. */
void sim_debug_resume_all(struct sim_process *target);
/* Finishes the destruction of queues that DESTROY_QUEUE sleeps on and that are no longer suspended (sim/driver/queues.c). */
void sim_queues_finish_destroyed(struct sim_process *process);
/* True when ops that touch the device fail with EIO: it is being reset or gone. */
bool sim_debug_device_fails(const struct sim_process *target);
/* The target's queue with this id, NULL none. */
struct sim_queue *sim_queue_find(struct sim_process *process, uint32_t id);

/* The ops; checks common to all are done. Answers as the ioctl's result. */
int sim_debug_op_enable(struct sim_call *call, struct sim_process *target);
int sim_debug_op_disable(struct sim_call *call, struct sim_process *target);
int sim_debug_op_send_runtime_event(struct sim_call *call, struct sim_process *target);
int sim_debug_op_set_exceptions_enabled(struct sim_call *call, struct sim_process *target);
int sim_debug_op_launch_override(struct sim_call *call, struct sim_process *target);
int sim_debug_op_launch_mode(struct sim_call *call, struct sim_process *target);
int sim_debug_op_suspend(struct sim_call *call, struct sim_process *target);
int sim_debug_op_resume(struct sim_call *call, struct sim_process *target);
int sim_debug_op_set_watch(struct sim_call *call, struct sim_process *target);
int sim_debug_op_clear_watch(struct sim_call *call, struct sim_process *target);
int sim_debug_op_set_flags(struct sim_call *call, struct sim_process *target);
int sim_debug_op_query_event(struct sim_call *call, struct sim_process *target);
int sim_debug_op_query_info(struct sim_call *call, struct sim_process *target);
int sim_debug_op_queue_snapshot(struct sim_call *call, struct sim_process *target);
int sim_debug_op_device_snapshot(struct sim_call *call, struct sim_process *target);

#endif
