/* What happens in the model, told to whoever watches: the event stream, and a user at a client. Nothing depends on being watched. */
#ifndef SRC_MODEL_EVENT_H
#define SRC_MODEL_EVENT_H

#include <stdbool.h>
#include <stdint.h>

struct dbg_agent;
struct dbg_codeobj;
struct dbg_process;
struct dbg_queue;
struct dbg_stop;
struct dbg_wave;

/* Where the GPU's virtual memory refused an access, as far as the kernel tells: the record of a memory violation (kfd-debug-interface 1.9,
 * QUERY_EXCEPTION_INFO), else the fault that the render node remembers (AMDGPU_INFO_GPUVM_FAULT). */
struct dbg_fault {
	bool valid;
	bool sole;          /* of one wave for certain; otherwise the GPU's, of some wave */
	uint32_t gpu_id;
	uint64_t page;      /* address of the first byte of the page */
	bool not_present;   /* nothing is mapped there */
	bool read_only;     /* it is, but not for writing */
	bool no_execute;
	bool imprecise;     /* the page may be another one */
	bool access_known, write; /* the render node alone says whether it was a write */
};

enum dbg_event_kind {
	DBG_EVENT_ATTACHED,        /* or launched; what was there already has been told before */
	DBG_EVENT_DETACHED,
	DBG_EVENT_ENDED,           /* stop: how */
	DBG_EVENT_EXECUTED,        /* a new program */
	DBG_EVENT_RUNTIME,         /* value: the runtime's state, kif_runtime_info */
	DBG_EVENT_CODE_LOADED,     /* object */
	DBG_EVENT_CODE_UNLOADED,   /* object */
	DBG_EVENT_QUEUE_CREATED,   /* queue */
	DBG_EVENT_QUEUE_DESTROYED, /* queue */
	DBG_EVENT_EXCEPTION,       /* code; agent, queue, wave and fault as far as they are known; forwarded */
	DBG_EVENT_STOPPED,         /* stop, as reported to the client; wave when it was one */
	DBG_EVENT_RESUMED,
	DBG_EVENT_RESET_BEGUN,     /* agent, text: the kernel's words */
	DBG_EVENT_RESET_DONE,      /* agent, text */
	DBG_EVENT_TROUBLE,         /* text: something failed and the session goes on */
};

struct dbg_event {
	enum dbg_event_kind kind;
	unsigned code;       /* KIF_EC_... */
	unsigned value;
	bool forwarded;      /* the runtime was told */
	uint32_t gpu_id;     /* when there is no agent for it; 0 none */
	const struct dbg_agent *agent;
	const struct dbg_queue *queue;
	const struct dbg_wave *wave;
	const struct dbg_codeobj *object;
	const struct dbg_stop *stop;
	const struct dbg_fault *fault;
	const char *text;
};

/* Tells the watcher of hooks.event. */
void dbg_tell(const struct dbg_process *p, const struct dbg_event *e);
/* A line for people, on standard error and for the user of the client (hooks.notice). Without full stop or newline. */
void dbg_say(const struct dbg_process *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What a user wants to know of a stop, and nobody has to worry about: a line at the client, and among the information of the log. */
void dbg_note(const struct dbg_process *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same as dbg_say() for what failed while the session goes on; it is an event too. */
void dbg_trouble(const struct dbg_process *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
