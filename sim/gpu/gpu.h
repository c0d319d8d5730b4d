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
};

struct gpu_wave;
struct gpu_group;

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
	uint32_t *ctl_used, *wave_used; /* per XCC: bytes of the last save, 0 when restored */
	unsigned saved_waves;
	unsigned unplaced;        /* restored groups that wait for a compute unit */
	uint8_t sdma_state;
};

#endif
