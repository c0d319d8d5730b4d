/* A user queue: what the driver knows of it, and the door to the device's side of it. Created and destroyed by sim/driver/queues.c; suspended
 * and resumed by the debug ioctls. Data model: kfd-debug-interface.md 1.8. */
#ifndef SIM_GPU_QUEUE_H
#define SIM_GPU_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/gpu/device.h"

/* As the snapshot shows them (kfd-debug-interface.md 1.9). */
enum sim_queue_type {
	SIM_QUEUE_PM4 = 0,
	SIM_QUEUE_SDMA = 1,
	SIM_QUEUE_AQL = 2,
	SIM_QUEUE_SDMA_XGMI = 3,
};

enum { SIM_MAX_CUS = 1024, SIM_DOORBELLS = 1024 };

struct sim_queue_hw; /* private to sim/gpu */

struct sim_queue {
	struct sim_queue *next_in_process, *next_in_pdd;
	struct sim_queue *next_on_device; /* private to sim/gpu */
	struct sim_process *process;
	struct sim_pdd *pdd;
	uint32_t id;                      /* lowest free of the process, 0..1023 */
	enum sim_queue_type type;
	uint64_t ring_base, write_ptr, read_ptr;
	uint32_t ring_bytes;
	uint32_t percent, priority;
	uint64_t eop_base;
	uint32_t eop_bytes;
	uint64_t save_base;               /* context save area: header of XCC 0 */
	uint32_t save_bytes;              /* per XCC, without the debugger's part */
	uint32_t ctl_stack_bytes;         /* allocated control stack, per XCC */
	unsigned doorbell;                /* id and slot */
	uint64_t exception_status;        /* queue class; QUEUE_NEW means is_new */
	bool suspended, evicted, being_destroyed;
	uint32_t stuck;                   /* injected: so many times it will not leave the hardware; UINT32_MAX always */
	struct sim_call *destroyer;       /* a DESTROY_QUEUE asleep until the queue is resumed */
	unsigned cu_mask_bits;            /* 0: no mask set */
	uint32_t cu_mask[SIM_MAX_CUS / 32];
	struct sim_queue_hw *hw;
};

static inline bool sim_queue_is_sdma(const struct sim_queue *q)
{
	return q->type == SIM_QUEUE_SDMA || q->type == SIM_QUEUE_SDMA_XGMI;
}

/* Gives the queue to its device, unmapped; its doorbell slot is preset to all ones. False without memory. */
bool sim_queue_attach(struct sim_queue *q);
/* Takes it away: its waves end where they are, packets stay unfinished. Safe on a queue never attached. */
void sim_queue_detach(struct sim_queue *q);
/* Brings the device in line with ring, percentage, suspended and evicted: maps the queue (its saved waves are read back from the save area
 * and go on) or unmaps it (its waves are written to the save area and leave the device). Either way the instruction cache is dropped. */
void sim_queue_update(struct sim_queue *q);
/* The hardware is reset or gone: unmaps the queue without saving anything. Its waves are lost, its packets stay unfinished; the save area keeps what
 * the last suspend left there. */
void sim_queue_lose(struct sim_queue *q);
/* True when the queue may run: as the driver's is_active. */
bool sim_queue_active(const struct sim_queue *q);
/* Writes the first 16 bytes of each XCC's header, and the control stack, to the save area at `base` (the queue's own: save_base), as the
 * driver does after a suspend. No-op without a save area. */
void sim_queue_write_headers(struct sim_queue *q, uint64_t base);
/* Bytes of control stack and wave state in use on XCC 0. */
void sim_queue_used_sizes(const struct sim_queue *q, uint32_t *ctl_stack, uint32_t *wave_state);
/* Waves of the queue, resident or saved; for tests and logs. */
unsigned sim_queue_wave_count(const struct sim_queue *q);

#endif
