/* How exceptions are raised, routed to debugger or runtime, and delivered (kfd-debug-interface.md 4). */
#ifndef SIM_DRIVER_EXCEPTIONS_H
#define SIM_DRIVER_EXCEPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/driver/process.h"

/* Exception codes (kfd-debug-interface.md 1.7). */
enum sim_exception {
	SIM_EC_WAVE_ABORT = 1,
	SIM_EC_WAVE_TRAP = 2,
	SIM_EC_WAVE_MATH_ERROR = 3,
	SIM_EC_WAVE_ILLEGAL_INSTRUCTION = 4,
	SIM_EC_WAVE_MEMORY_VIOLATION = 5,
	SIM_EC_WAVE_APERTURE_VIOLATION = 6,
	SIM_EC_PACKET_FIRST = 16,
	SIM_EC_PACKET_LAST = 23,
	SIM_EC_QUEUE_NEW = 31,
	SIM_EC_DEVICE_QUEUE_DELETE = 32,
	SIM_EC_DEVICE_MEMORY_VIOLATION = 33,
	SIM_EC_PROCESS_RUNTIME = 48,
	SIM_EC_MAX = 50,
};
#define SIM_EC_BIT(code) (UINT64_C(1) << ((code) - 1))
#define SIM_EC_QUEUE_CLASS UINT64_C(0x607f803f)
#define SIM_EC_DEVICE_CLASS UINT64_C(0xf80000000)
#define SIM_EC_PROCESS_CLASS UINT64_C(0x1800000000000)

/* The routing rule of 4.4: sets the status bits of the source and writes a byte to the debugger's descriptor when it subscribed to one of
 * them. q may be NULL when the queue is gone. True: subscribed; false also when the process is not debugged. */
bool sim_exception_raise(struct sim_process *process, uint64_t mask, struct sim_pdd *pdd, struct sim_queue *q);
/* One byte to the debugger, errors ignored. */
void sim_exception_notify(struct sim_process *process);

/* --- interrupts --- */
/* Message of a trap handler: bits [9:0] doorbell, [18:10] exception mask (wave-state.md 3.8). */
void sim_exception_wave_interrupt(struct sim_pdd *pdd, uint32_t word);
/* Queue-class exceptions, to the debugger or else to the runtime. q may be NULL. True: the debugger subscribed. */
bool sim_exception_queue_interrupt(struct sim_pdd *pdd, struct sim_queue *q, uint64_t mask);
/* A packet that the processor refuses: exception code 16..23. */
void sim_exception_bad_packet(struct sim_queue *q, unsigned code);
/* Fault of the virtual memory: address, whether the page is there but not for writing, whether the access was a write. Not subscribed:
 * the process's queues on the device are evicted and its MEMORY events signalled. */
void sim_exception_vm_fault(struct sim_pdd *pdd, uint64_t addr, bool read_only, bool write);

/* --- to the runtime --- */
/* ORs the bits into the error payload that the save area's header names and signals its event. */
void sim_exception_to_runtime(struct sim_queue *q, uint64_t mask);
/* Evicts the process's queues on the device and signals its MEMORY events with the saved record, or with a bare one. */
void sim_exception_memory_to_runtime(struct sim_pdd *pdd);

#endif
