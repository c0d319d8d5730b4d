/* The exceptions that the kernel raises: names, sources, and what becomes of each. Facts: kfd-debug-interface 1.7, 1.9, 4.4, 4.5.
 *
 * A wave's exception becomes a stop of that wave. What no stopped wave explains, what a queue's packet processor refuses and what happens to a
 * device is told (event.h) and handed on to the runtime, which would have got it had nobody subscribed. Nothing that the kernel raises is lost. */
#ifndef SRC_MODEL_EXCEPTIONS_H
#define SRC_MODEL_EXCEPTIONS_H

#include "src/model/model.h"

enum exception_source {
	EXCEPTION_OF_WAVE,    /* announced for the queue; the waves tell the rest */
	EXCEPTION_OF_PACKET,  /* of the queue: the packet processor refused what it read */
	EXCEPTION_OF_QUEUE,
	EXCEPTION_OF_DEVICE,
	EXCEPTION_OF_PROCESS,
};

struct exception {
	unsigned code;
	enum exception_source source;
	const char *name; /* the kernel's, in small letters */
	const char *text; /* for people */
};

/* NULL: a code that the kernel had not when this was written. */
const struct exception *exception_by_code(unsigned code);

/* What to subscribe to once the runtime is set up: all of it. */
#define EXCEPTIONS_ALL (KIF_QUEUE_EVENTS | KIF_DEVICE_EVENTS | KIF_PROCESS_EVENTS)
/* What a query may clear at once; the rest is cleared by those who take it. */
uint64_t exceptions_to_clear(const struct dbg_process *p);

/* Wave exceptions (KIF_EC bits) that stop reasons stand for: what the runtime is told when such a wave goes on with its signal. */
uint64_t exceptions_of_reasons(unsigned reasons);

/* Takes one answer of QUERY_DEBUG_EVENT but for PROCESS_RUNTIME. *look is set when waves may have stopped or are to be stopped. */
void exceptions_take(struct dbg_process *p, const struct kif_event *e, bool *look);
/* A wave has newly stopped with w->reasons, to be reported: its exceptions are told. */
void exceptions_of_wave(struct dbg_process *p, struct dbg_wave *w);
/* All waves have been looked at: tells and hands on what none of them explains. */
void exceptions_settle(struct dbg_process *p);
/* The memory's fault of a process that is attached to in the midst of its life is an old one. */
void exceptions_begin(struct dbg_process *p);

#endif
