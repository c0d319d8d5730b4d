/* Inside of a simulated GPU: compute units, resident groups and waves, packets in flight. Private to sim/gpu. */
#ifndef SIM_GPU_GPU_H
#define SIM_GPU_GPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/gpu/queue.h"
#include "sim/isa/wave.h"

enum {
	GPU_MAX_SIMDS = 4,
	GPU_MAX_ENGINES = 8,
	GPU_MAX_GROUP_WAVES = 16, /* 1024 work-items */
	GPU_LDS_GRANULE = 512,
	GPU_SGPR_SLOTS = 112,     /* every wave of gfx94x (wave-state.md 1.5: the usual SGPRS=7) */
	GPU_SLOT_WORDS = 8,       /* 512 scratch slots per engine: 9 bits in the wave word */
	GPU_ENGINE_WAVES = 512,   /* and no more waves than that: control stacks are sized for it (wave-state.md 1.3) */
	AQL_PACKET_BYTES = 64,
};

/* ------------------------------------------------------------------ compute units (place.c) */

struct gpu_simd {
	uint16_t free_vgprs; /* per lane */
	uint8_t used_slots;  /* bit per wave slot */
};

struct gpu_cu {
	struct gpu_simd simd[GPU_MAX_SIMDS];
	uint32_t free_lds;
};

struct gpu_xcc {
	struct gpu_cu *cus;
	unsigned next_cu; /* where the next group is tried first */
	unsigned waves[GPU_MAX_ENGINES]; /* resident, per shader engine */
};

struct gpu_wave;
struct gpu_group;
struct gpu_saved;

struct sim_gpu {
	struct sim_device *device;
	struct sim_driver *driver;
	unsigned cus_per_xcc;
	struct gpu_xcc *xccs;
	struct sim_queue *queues;    /* by next_on_device, oldest first */
	struct gpu_wave *run_cursor; /* ring of waves that may run; NULL when empty */
	unsigned runnable;
	uint64_t releases;           /* counts freed slots: a failed placement is tried again only when it has moved */
	uint64_t idle_since;         /* clock; 0 while there is work */
	uint64_t slices;             /* counts turns of single waves: the time in which interrupts travel */
};

/* What all queues of one process on one device share (sim_pdd.gpu). */
struct sim_gpu_context {
	struct sim_icache *icache;
	struct sim_env env;
	struct sim_pdd *pdd;
	unsigned queues;
};

/* ------------------------------------------------------------------ packets and dispatches */

/* The fields of a kernel descriptor that a launch needs (isa-simulator.md 8.2). */
struct gpu_kernel {
	uint64_t entry;
	uint32_t rsrc1, rsrc2, rsrc3;
	uint16_t properties, preload;
};

/* A packet the processor has taken up and not retired. Retired in ring order: only then may the read index pass it. */
struct gpu_packet {
	struct gpu_packet *next;
	struct sim_queue *queue;
	uint64_t id;              /* index in the queue's life; ring slot = id modulo ring size */
	uint64_t signal;          /* completion signal, 0 none */
	uint64_t start_time;
	bool done;
	bool is_dispatch;
	/* dispatches only */
	struct gpu_kernel kernel;
	uint64_t kernarg;
	uint32_t grid[3];
	uint16_t size[3];         /* of a full group */
	uint32_t groups[3];
	uint64_t n_groups, launched, live;
	uint64_t *next_group;     /* per XCC: next flat group id of those that are its share */
	uint64_t blocked_at;      /* value of sim_gpu.releases when placement last failed, ~0 not blocked */
	uint32_t lds_bytes, private_bytes;
	uint16_t n_vgprs, n_agprs;
	uint32_t state_word;      /* geometry as the control stack shows it */
	bool scratch;
};

struct gpu_wave {
	struct sim_wave w;
	struct gpu_group *group;
	struct gpu_wave *run_next, *run_prev; /* ring of runnable waves; NULL when not in it */
	uint8_t index;       /* in the group */
	uint8_t simd, slot;
	bool ended;
	bool at_barrier;     /* arrived and waiting */
	bool end_trapped;    /* the wave-end trap was taken: s_endpgm now ends it */
	bool saved;          /* its registers are in the save area */
	uint16_t scoreboard; /* scratch slot within its shader engine */
	uint32_t record_top; /* saved: offset of the record's upper end in its XCC's area */
};

struct gpu_group {
	struct gpu_group *next, *prev; /* of the queue, in launch order */
	struct gpu_packet *dispatch;
	uint32_t id[3];
	unsigned xcc, cu, se;
	bool placed;         /* holds slots of a compute unit */
	bool placed_before;  /* cu, and the SIMDs of the waves, are those of its last stay */
	bool lds_saved;
	unsigned n_waves, live, waiting; /* waiting: at the barrier */
	struct sim_group lds;
	struct gpu_wave waves[];
};

/* Scratch slots of one queue (wave-state.md 6.4): bit set = in use. */
struct gpu_scratch {
	uint32_t tmpring;
	uint64_t base, xcc_bytes;
	uint32_t wave_bytes;
	unsigned slots_per_engine;
	uint64_t (*used)[GPU_SLOT_WORDS]; /* [xcc * engines + engine] */
};

struct sim_queue_hw {
	bool mapped;
	bool stalled;             /* a bad packet: nothing more is taken from the ring */
	bool scratch_asked;       /* the inactive signal was raised; the packet is kept */
	uint64_t next_packet;     /* AQL index of the packet to take up next; SDMA: byte position */
	volatile uint64_t *doorbell;
	uint64_t doorbell_seen;   /* highest index rung, ~0 none */
	struct gpu_packet *packets, **packets_end;
	struct gpu_packet *launching; /* the dispatch whose groups are not all placed */
	struct gpu_group *groups, *groups_last;
	struct gpu_scratch scratch;
	struct gpu_saved *saved;  /* per XCC */
	unsigned unplaced;        /* restored groups that wait for a compute unit */
	uint64_t unplaced_at;     /* value of sim_gpu.releases when placing them last failed */
	uint32_t interrupt;       /* message of its waves that is on its way; 0 none */
	uint64_t interrupt_due;   /* value of sim_gpu.slices when it arrives */
};

/* What the driver finds in the queue's descriptor after a save: the control stack lives in kernel memory on gfx9 (wave-state.md 1.2). */
struct gpu_saved {
	uint32_t *stack;     /* dwords in ascending order, 2 header words first */
	uint32_t n_stack, stack_room;
	uint32_t wave_bytes; /* used part of the wave area */
};

static inline struct sim_queue *gpu_wave_queue(const struct gpu_wave *wave)
{
	return wave->group->dispatch->queue;
}

static inline struct sim_gpu *gpu_of_queue(const struct sim_queue *q)
{
	return q->pdd->device->gpu;
}

/* --- sched.c --- */
/* A wave's message to the driver. It arrives when every wave that could run has had two turns: an interrupt takes microseconds, in which the other
 * waves of a dispatch come to the same place, so that a debugger that is told finds them there too. */
void gpu_interrupt(struct sim_queue *q, uint32_t message);
/* At once, for a queue that is about to leave the hardware. */
void gpu_interrupt_flush(struct sim_queue *q);

/* --- place.c: compute units, XCCs, shader engines, scratch slots --- */
bool gpu_place_init(struct sim_gpu *gpu);
void gpu_place_deinit(struct sim_gpu *gpu);
/* Gives the group's live waves slots, registers, LDS and (first time) scratch slots on one compute unit of its XCC. False: no room now. */
bool gpu_place_group(struct gpu_group *group);
/* Takes back what a wave holds on its SIMD; the scratch slot too when the wave has ended. */
void gpu_unplace_wave(struct gpu_wave *wave);
/* Takes back all that the group holds; scratch slots of live waves stay theirs. */
void gpu_unplace_group(struct gpu_group *group);

/* --- dispatch.c: from packet and kernel descriptor to waves --- */
enum { GPU_TAKE_LATER = -1 }; /* scratch is being arranged by the runtime */
/* Checks the packet and makes the record of it. 0, GPU_TAKE_LATER, or an exception code 16..23; *why then names the trouble (static). */
int gpu_dispatch_take(struct sim_queue *q, const uint8_t bytes[AQL_PACKET_BYTES], struct gpu_packet **out, const char **why);
/* Launches as many groups as fit (bounded per call). True when the last one is launched. */
bool gpu_dispatch_launch(struct gpu_packet *dispatch, bool *progress);
void gpu_packet_free(struct gpu_packet *packet);
/* Frees a group that holds no slots any more and unlinks it from its queue. */
void gpu_group_free(struct gpu_group *group);

/* --- aql.c: the packet processor --- */
/* Looks at doorbell and ring, takes up what can be taken up. True when something was done. */
bool gpu_aql_step(struct sim_queue *q);
/* The packet's work is done: retires what is done in ring order, then signals. The packet may be freed. */
void gpu_packet_finish(struct gpu_packet *packet);

/* --- sdma.c: copy queues --- */
bool gpu_sdma_step(struct sim_queue *q);

/* --- sched.c: who runs --- */
void gpu_run_insert(struct gpu_wave *wave); /* no-op when it is in the ring or may not run */
void gpu_run_remove(struct gpu_wave *wave); /* no-op when it is not */

/* --- trap.c: what the trap handlers of both levels leave behind --- */
/* True when TRAPSTS and MODE call for the handler. */
bool gpu_trap_pending(const struct sim_wave *w);
/* The word that the second-level handler sends (wave-state.md 3.6): doorbell, and the reasons as a mask. */
uint32_t gpu_trap_message(const struct sim_wave *w, unsigned doorbell, int trap_id);
/* Enters for `s_trap id` (PC at it), or with id -1 for what TRAPSTS holds. */
void gpu_trap_enter(struct gpu_wave *wave, int trap_id);
/* The memory side of a fault that the engine reported, then the handler. */
void gpu_trap_fault(struct gpu_wave *wave, const struct sim_result *result);
/* Trap temporaries as the launch hardware leaves them. */
void gpu_trap_init_ttmps(struct gpu_wave *wave);

/* --- save.c, restore.c: waves to and from the save area --- */
/* Writes every wave of the queue to the save area and takes it off the device. */
void gpu_save_queue(struct sim_queue *q);
/* Reads them back; they run as soon as there is room for them. */
void gpu_restore_queue(struct sim_queue *q);
/* Tries to find room for restored groups; true when one found some. */
bool gpu_restore_place(struct sim_queue *q);

/* --- memory.c: GPU virtual memory of the queue's process --- */
uint64_t gpu_read64(struct sim_queue *q, uint64_t addr); /* 0 when not readable */
uint32_t gpu_read32(struct sim_queue *q, uint64_t addr);
bool gpu_write64(struct sim_queue *q, uint64_t addr, uint64_t value);
/* Atomic where the memory is shared with the simulator; a plain read and write elsewhere. */
bool gpu_atomic_add64(struct sim_queue *q, uint64_t addr, uint64_t delta);
/* amd_signal_t: stores a value, or decrements it with time stamps; wakes the waiter of its event. */
void gpu_signal_store(struct sim_queue *q, uint64_t signal, int64_t value);
void gpu_signal_complete(struct sim_queue *q, uint64_t signal, uint64_t start, uint64_t end);

#endif
