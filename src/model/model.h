/* The model: what the debugger knows of one target process. Records shared by the model's own files and read by the view and by the joint to
 * the protocol; the model itself knows neither. Everything is reached from struct dbg_process; nothing lives at file scope.
 *
 * Two states matter. While the process runs, the saved images of waves are void. While it is stopped, every known queue is suspended (one
 * ioctl), images are valid, and edits collect in them until the next resume writes them back. */
#ifndef SRC_MODEL_MODEL_H
#define SRC_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uthash.h>

#include "arch/arch.h"
#include "src/base/err.h"
#include "src/base/loop.h"
#include "src/host/guard.h"
#include "src/host/host.h"
#include "src/kernel/kif.h"
#include "src/model/event.h"

/* Thread ids of waves: disjoint from the host's (the kernel's limit is 1 << 22). */
#define DBG_WAVE_TID INT64_C(0x1000000)

struct dbg_agent {
	struct kif_agent info;
	const struct gfx_family *family; /* NULL: unknown to us, its queues' waves are not decoded */
	unsigned number;                 /* from 1, as shown */
	bool gone;                       /* not in the device snapshot any more */
	bool violation;                  /* a memory violation was raised and not yet handed on to the runtime */
	bool fault_due;                  /* it was not told yet either */
	struct dbg_fault fault;          /* the last one, valid when the kernel says where */
};

/* One XCC's part of a queue's save area. */
struct dbg_xcc {
	uint64_t addr;   /* of the header, in the target */
	uint8_t *image;  /* bytes [0, wave_state_offset) as offsets; only what was brought is filled */
	size_t capacity;
	uint8_t *states; /* hardware registers and TTMPs of the waves one after the other, when not `whole` */
	size_t max_states;
	struct gfx_wave_record *records; /* of the last walk */
	size_t n_records, max_records;
	struct gfx_save_header header;
	bool valid;
	bool whole;      /* all of every wave is in the image */
};

struct dbg_queue {
	struct dbg_queue *next;
	struct kif_queue info;
	struct kif *kif; /* borrowed: of the process */
	const struct dbg_agent *agent;
	unsigned number; /* from 1, as shown */
	bool suspended, listed;
	bool asked, walked; /* by the last suspend: it was to be suspended, its save area was walked */
	bool lost;  /* its GPU was reset: no wave of it is left, and the save area is a stale one (kfd-debug-interface 3.4) */
	uint64_t raised;              /* wave exceptions that the kernel announced and no stopped wave has explained yet, KIF_EC bits */
	struct dbg_xcc *xccs;
	unsigned n_xccs;
	uint64_t read_id, write_id;   /* packets, read at each suspend */
	uint64_t chunk_base;          /* debugger memory, wave-state 4.4; 0 none */
	unsigned n_chunks, used_chunks;
	uint64_t end_chunk;           /* s_endpgm for waves that are killed; 0 none yet */
};

/* KEEP: in non-stop, whatever it does now. */
enum dbg_launched { DBG_LAUNCHED_NOT, DBG_LAUNCHED_BEGIN, DBG_LAUNCHED_STEP, DBG_LAUNCHED_END };

enum dbg_action { DBG_HOLD, DBG_GO, DBG_STEP, DBG_RANGE, DBG_KEEP };

/* Thousands of them are gone through at every stop and resume: what each of those passes asks of all waves stands in front, on two cache lines. */
struct dbg_wave {
	uint64_t id; /* in TTMP4:5 of the wave */
	struct dbg_queue *queue;
	UT_hash_handle hh;
	struct dbg_wave *next_in_slot;
	uint64_t sweep; /* number of the walk that saw it last */
	uint64_t passed; /* address of the breakpoint it stands at and has been stopped by; 0 none */
	enum dbg_action action; /* of the current resume; in non-stop what the client knows: HOLD is stopped, and told so */
	unsigned reasons;   /* gfx_stop_reason bits of the last stop, until it runs again */
	bool stopped;       /* by its trap handler or by us; survives walks */
	bool pending;       /* that stop was not reported yet */
	bool unasked;       /* it has just met a breakpoint: run/ask.c */
	bool judged;        /* hooks.hits had its say about that, which may be another one when the client resumes */
	bool stepping;      /* DEBUG_EN is set in what runs */
	bool newborn;       /* non-stop: met while all that the client knows was stopped; waits, unseen, until something goes */
	bool killed;        /* by the user: it has been sent to s_endpgm and goes whatever it is told */
	bool range_planned; /* it runs to planted traps, instead of stepping */
	uint32_t dirty_low, dirty_high; /* bytes of the save area to write back; low >= high: none */
	uint64_t waits_at;  /* the PC of a wave shown while it waits at a barrier; 0 none */

	unsigned xcc;
	struct gfx_wave g; /* valid while the process is stopped */
	bool has_scalars, has_vectors; /* its registers are in the image (savearea.h) */

	bool ttmps_setup; /* the hardware had told its TTMPs where it belongs when it was launched */
	bool placed;      /* place and dispatch are known */
	struct gfx_wave_place place;
	unsigned dispatch; /* from 1, as shown; 0 unknown */
	struct gfx_dispatch_packet packet;
	bool has_packet;

	unsigned to_clear;     /* all reasons it was stopped for since it ran last: their status bits are cleared when it does */
	bool internal_step;    /* its step only gets it off a breakpoint */
	bool step_again;       /* its step was disturbed */
	uint64_t stepped_from; /* where its last step began, copies translated */
	uint64_t owed_from; /* a step off this breakpoint was reported but not carried out yet (settle.h); 0 none */
	uint64_t owed_shown; /* the PC to show meanwhile, which no wave can have; 0: its own */
	bool owed_still;    /* it is s_endpgm or s_barrier: nothing that can be looked at will change, so that it may be owed until the next resume */
	bool owed_blocked;  /* it cannot be carried out before others have come to a barrier, and nobody has run since that was found */
	uint64_t catches_up; /* it carries out what it owed before it steps: where that ends; 0 none */
	bool waiting_said;     /* that it waits at a barrier for waves that stand still */
	uint64_t barrier_from; /* the s_barrier it was last told to step over, alone; 0 none */
	uint8_t launched;      /* enum dbg_launched: stopped by launch control */
	bool at_end;           /* has been stopped at its end: the next time it goes it ends */
	bool launch_step;      /* launched halted in single-step launch mode: its first instruction is still to be stepped */
	uint32_t watch_number; /* GFX_STOP_WATCHPOINT: of the watchpoint that was hit (watch.h), its address and kind, and the lane, -1 not known */
	uint8_t watch_kind;
	uint8_t watch_sure;    /* WATCH_..., watch.h */
	int watch_lane;
	uint64_t watch_addr;
	struct dbg_fault fault; /* of a memory violation it is stopped by; valid only when it is this wave's for certain */
	uint64_t forward;   /* exceptions to hand to the runtime at the next resume, KIF_EC bits */

	bool halting;           /* non-stop: the client wants it stopped, with halt_signal when it has nothing to tell by itself */
	int halt_signal;        /* host signal number, 0 none */
	uint64_t range_start, range_end;
	bool range_begins;  /* it has not left the instruction yet at which the client told it to step over the range */

	unsigned lane;      /* selected by the user; only when lane_chosen */
	bool lane_chosen;
	unsigned lane_default; /* in the place of the lowest active lane, as long as the wave is as walk `lane_sweep` saw it */
	uint64_t lane_sweep;   /* 0: no other */
};

/* Number of a dispatch, by queue and packet. */
struct dbg_dispatch {
	struct {
		uint64_t queue, packet;
	} key;
	unsigned number;
	UT_hash_handle hh;
};

struct dbg_segment {
	uint64_t addr, bytes; /* loaded */
	uint64_t vaddr;
	bool exec;
};

/* Bytes between functions that are no-ops and belong to no symbol: room for copies of instructions (copy.h). */
struct dbg_gap {
	uint64_t addr;
	uint32_t bytes, used;
};

struct dbg_codeobj {
	struct dbg_codeobj *next;
	unsigned number; /* from 1, never used again: part of the name under which it is served */
	uint64_t load_bias;
	char *uri, *name; /* name: last part of the path, or memory-ADDRESS */
	uint8_t *image;   /* the ELF file; NULL when it could not be read or is damaged */
	size_t image_bytes;
	struct dbg_segment *segments;
	size_t n_segments;
	struct dbg_gap *gaps;
	size_t n_gaps;
	bool listed;
};

struct dbg_break {
	uint64_t addr;
	bool host;
	unsigned wanted;   /* by the client; removal is lazy */
	bool lifted;       /* was wanted since it was inserted and is not now: the client may only be stepping a wave over it */
	bool young;        /* made since the client last listed the threads, that is for what it does now */
	bool planted;      /* wanted by the stub: a wave that steps over a range is to stop here */
	bool inserted;     /* the trap is in memory */
	uint8_t saved[4];  /* what belongs there; valid while inserted, GPU code only */
	UT_hash_handle hh;
};

/* A copy of an instruction elsewhere, so that waves run it while the breakpoint stays in place. */
struct dbg_copy {
	struct dbg_copy *next;
	uint64_t from, addr; /* of the original, of the copy */
	uint32_t bytes;      /* of the instruction */
	uint32_t slot_bytes; /* of all that was written */
	bool returns;        /* a branch back follows (gap); otherwise a guard trap (chunk) */
	struct dbg_queue *queue; /* chunk: only its waves may run it */
	struct dbg_gap *gap;
	uint8_t saved[16];   /* gap: what stood there */
};

struct dbg_runtime {
	struct kif_runtime_info info;
	bool usable;     /* state 1 and a debug list version we know */
	uint32_t r_version;
	uint64_t r_brk;
	bool handshake_owed;
};

enum dbg_stop_kind { DBG_STOP_NONE, DBG_STOP_WAVE, DBG_STOP_HOST, DBG_STOP_EXITED, DBG_STOP_TERMINATED,
	DBG_STOP_NOTHING_RUNS, /* every thread that was to run has ended, others are held */
	DBG_STOP_THREAD_EXITED /* non-stop, while thread events are on */ };
struct dbg_stop {
	enum dbg_stop_kind kind;
	int64_t tid;
	unsigned reasons;  /* WAVE: gfx_stop_reason bits */
	int signal;        /* HOST and requested stops: host signal number, 0 none; TERMINATED: likewise */
	int status;        /* EXITED */
	bool breakpoint;   /* stopped by a software breakpoint of the client */
	bool libraries;    /* the list of code objects changed */
	bool watch;        /* WAVE: stopped by a watchpoint */
	unsigned watch_kind; /* enum dbg_watch_kind */
	uint64_t watch_addr; /* of the watchpoint */
};

struct dbg_hooks {
	void (*stopped)(void *arg, const struct dbg_stop *stop);    /* end of a resume; exactly one. Non-stop: one for each thread that stops */
	/* May be NULL. Waves that have met a breakpoint of the client (`passed`); the hook sets `judged` of those that it decides about, and
	 * clears `pending` of those that nobody is to hear of, which go on. */
	void (*hits)(void *arg, struct dbg_wave *const *waves, size_t n);
	void (*codeobj_gone)(void *arg, struct dbg_codeobj *object); /* about to be freed */
	/* May be NULL. Called in the midst of things: they must not call back into the model. */
	void (*event)(void *arg, const struct dbg_process *p, const struct dbg_event *e);
	void (*notice)(void *arg, const char *text);                /* a line for the user, e.g. of a GPU's reset */
	void *arg;
};


/* What the last stop and the last resume have cost, in microseconds. */
struct dbg_timing {
	uint64_t began_us;  /* when the event that led to it was seen; 0 none yet */
	uint64_t cpu_us;    /* the stub's processor time then */
	uint64_t stop_us;   /* from there to the report */
	uint64_t stop_cpu_us; /* of that: the stub's own work, which others on the machine do not change */
	uint64_t decode_us; /* of that: reading and walking save areas */
	uint64_t stops;     /* how many there were */
	uint64_t began_calls, stop_calls; /* calls of the driver: so far when it began, and for the stop */
	uint64_t go_us, go_calls;         /* the client's last resume: until the waves run, or it is told that they need not */
	uint64_t suspend_us, resume_us; /* the last suspend with the walk, the last resume: what looking once costs */
};

struct dbg_process {
	struct loop *loop;
	struct dbg_hooks hooks;
	struct host *host;
	struct kif *kif;
	struct guard *guard; /* NULL: none; then no code is patched */
	pid_t pid;
	bool attached;
	bool gpu_gone; /* the kernel does not know the process any more: it has ended, or become another program, and waitpid will tell */
	struct loop_source *event_source;

	struct dbg_runtime runtime;
	struct dbg_agent *agents;
	size_t n_agents;
	struct smi *smi; /* NULL: the kernel tells of no resets */
	struct dbg_queue *queues;
	unsigned last_queue;
	struct dbg_wave *waves;
	struct dbg_wave **wave_slots; /* by id modulo n_wave_slots, linked by next_in_slot: ids are handed out in turn, so that slots hold one each */
	size_t n_wave_slots;
	uint64_t last_wave, sweep;
	uint64_t walked_us; /* when, by the monotonic clock */
	bool stale_ids; /* the next walk meets ids of an earlier debugger */
	struct dbg_dispatch *dispatches;
	unsigned last_dispatch;
	struct dbg_codeobj *codeobjs;
	unsigned last_codeobj;
	struct dbg_break *breaks;
	struct dbg_copy *copies;
	struct memory_cache *cache; /* memory_cache.h; NULL: closed */
	struct dbg_launch *launch; /* launch.h; NULL: nothing was ever wished */
	struct dbg_watch *watches;
	struct dbg_watch_register *watch_registers;
	unsigned last_watch;
	bool watching;         /* hits trap in the waves there are and in those to come */
	char watch_refusal[256];
	uint32_t flags;        /* of the kernel's debug interface, in force: KIF_FLAG_... */
	uint32_t flags_wanted; /* by the user, also while there is no runtime */

	struct dbg_timing timing;
	/* Run control. */
	bool running;
	bool passing;  /* the last look brought waves that hooks.hits lets go on */
	bool asking;   /* hooks.hits is at work: waves are looked at as if all were stopped, and nothing else happens to them */
	bool seen;     /* the client listed the threads after the last stop: all simultaneous stops count as reported */
	bool new_go;   /* waves that appear may run */
	bool quiet;    /* one wave steps: the others are held for that moment, although they may run */
	uint64_t focus;      /* id of the wave that the client steps, or waits for; 0 none */
	uint64_t ahead;      /* of the one that runs alone for a while, before the others do; 0 none. `quiet` is set then */
	uint64_t returning;  /* of the one that is to return from a function by the next resume; 0 none */
	bool off_breakpoint; /* the last resume only got a wave off a breakpoint */
	bool looked_round;   /* the client had listed the threads before the last resume: a person saw that stop */
	bool others_turn; /* it steps over a range and that takes long: now it is held and the others run; they take turns */
	unsigned turns;   /* so far */
	bool halt_new; /* launch mode is halt */
	bool host_goes;   /* a host thread was told to run or step */
	bool signal_goes; /* a wave was resumed with a signal, which the program gets */
	bool report_queued;
	struct loop_source *report_source, *look_source, *patience_source, *gather_source;
	/* The pause before an event is looked into: how long the last look took, when all it brought were waves that nobody is to hear of. */
	uint64_t gather_us;
	unsigned look_us; /* the pause before the next look, while nobody tells of ends */

	/* Non-stop (run/nonstop.c): threads stop and go one by one. `running` then says no more than that queues are on the hardware. */
	bool nonstop, thread_events;
	bool ran_out; /* a thread that was to run has ended */
	struct loop_source *window_source; /* all queues are off the hardware for a moment, until this timer */
	struct dbg_stop *told;             /* not delivered yet */
	size_t n_told, max_told;
	int64_t last_resumed;              /* thread id; 0 none */

	struct dbg_stop report, last;
	struct host_event *host_events; /* happened while stopped */
	size_t n_host_events, max_host_events;
	bool ended; /* the process is gone; `report` or a later resume tells */
	struct dbg_stop ending;
};

#endif
