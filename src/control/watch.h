/* Watchpoints on memory that waves access, by the GPUs' address watch registers (wave-state 8.1). A register covers a power of two of bytes, 64 or
 * 128 at least, on every GPU of the process at once; what is not the client's business in such a range is filtered here.
 *
 * Seen are accesses of vector memory instructions to global memory and to private memory (scratch). Not seen: LDS, which is not memory of an address;
 * scalar loads; accesses of the CPU and of copy engines. */
#ifndef SRC_CONTROL_WATCH_H
#define SRC_CONTROL_WATCH_H

#include "src/model/model.h"

enum dbg_watch_kind { DBG_WATCH_WRITE, DBG_WATCH_READ, DBG_WATCH_ACCESS };

/* dbg_wave.watch_sure: the access is further back, or was not followed; it has met the watched bytes; what its lane has stored is in memory. */
enum { WATCH_MAYBE, WATCH_MET, WATCH_SURE };

/* What is watched. */
struct dbg_watch_place {
	uint64_t addr, bytes;    /* as the client names it */
	const struct dbg_wave *wave; /* NULL: global memory at addr; else private memory of a lane of this wave */
	unsigned lane;
	uint64_t offset;         /* in that lane's private memory */
};

/* Takes a watchpoint into force when waves run next. One that is there already is taken over. While the GPU runtime is not up the registers are
 * taken when it comes. DBG_REFUSED: too few registers, or nothing that hardware can watch; the words say which. */
int watch_insert(struct dbg_process *p, enum dbg_watch_kind kind, const struct dbg_watch_place *place, struct dbg_error *err);
/* Tells the user why a watchpoint is refused, which clients do not show, and keeps the words for lists. Answers -err->class. */
int watch_refused(struct dbg_process *p, uint64_t addr, const struct dbg_error *err);
/* Its registers are given back at the next resume, so that a client may remove and insert it at every stop. Unknown ones are ignored. */
void watch_remove(struct dbg_process *p, enum dbg_watch_kind kind, uint64_t addr, uint64_t bytes);

/* --- internal to the model --- */
/* Something is to be changed before waves run. */
bool watch_work_pending(const struct dbg_process *p);
/* Before waves run, their queues suspended: gives back what nobody wants (release), makes hits trap in every wave, notes the values. */
void watch_apply(struct dbg_process *p, bool release);
/* A wave has stopped with GFX_STOP_WATCHPOINT among its reasons: takes that reason away unless a watchpoint has been hit, and notes which. */
void watch_judge(struct dbg_process *p, struct dbg_wave *w);
/* The stop of this wave is being told: the same change by other waves is no news any more. */
void watch_told(struct dbg_process *p, const struct dbg_wave *w);
/* Another wave that waits to be told of a write to the same watchpoint is surer to have written what is in memory now. */
bool watch_outdone(const struct dbg_process *p, const struct dbg_wave *w);
bool watch_is_wanted(const struct dbg_process *p, unsigned number);
/* The wave has stopped because a value changed, which nobody learns from a list of threads. */
bool watch_owes_news(const struct dbg_wave *w);
/* The runtime is up: takes registers for what waits. */
void watch_runtime_up(struct dbg_process *p);
/* The kernel has taken all registers back. */
void watch_forget_registers(struct dbg_process *p);
/* The end: registers are given back, waves are no longer stopped by hits. Images are edited. */
void watch_remove_all(struct dbg_process *p);
void watch_forget_all(struct dbg_process *p);

/* --- for lists --- */
struct dbg_watch {
	struct dbg_watch *next;
	unsigned number;         /* from 1 */
	enum dbg_watch_kind kind;
	uint64_t addr, bytes;
	uint64_t wave;           /* id; 0: global memory */
	unsigned lane;
	uint64_t offset;
	bool wanted;
	bool armed;              /* in force in the waves that exist */
	bool fresh;              /* `old` is to be read */
	bool old_known;
	uint8_t *old;            /* the value that the client knows */
	struct dbg_watch_register **registers;
	size_t n_registers;      /* 0: waits for the runtime */
};

/* One watch register, the same range on every GPU. */
struct dbg_watch_register {
	struct dbg_watch_register *next;
	struct gfx_watch range;
	uint32_t mode;           /* kfd-debug-interface 1.9: 0 read, 1 write and atomic, 3 all */
	unsigned users;
	size_t n_gpus;
	struct dbg_watch_id *ids;
};

/* What a GPU calls it. */
struct dbg_watch_id {
	uint32_t gpu_id, id;
};

/* Watch registers of a GPU that can be used at all: the least of all GPUs'. */
unsigned watch_limit(const struct dbg_process *p);
const char *watch_kind_name(enum dbg_watch_kind kind);
/* Why the last watchpoint was refused; "" when none was. */
const char *watch_last_refusal(const struct dbg_process *p);

#endif
