/* State of a session, for the files of this layer that implement it. */
#ifndef PROTOCOL_STATE_H
#define PROTOCOL_STATE_H

#include "protocol/frame.h"
#include "protocol/link.h"
#include "protocol/reply.h"
#include "protocol/session.h"
#include "protocol/xfer.h"

/* What the client said it understands (qSupported). */
struct rsp_client {
	bool multiprocess, swbreak, hwbreak, error_message, no_resumed, exec_events;
	bool relocates, asks_vcont; /* what only gdb says: qRelocInsn+, vContSupported+ */
	bool single_inf_arg;        /* what gdb says since 17 */
	struct rsp_buf registers; /* value of xmlRegisters, NUL at the end */
};

/* All-stop: at most one resume is under way. This is the only place that knows it; framing, dispatch and stop replies do not. */
struct rsp_run {
	bool running;         /* a resume awaits its stop reply */
	bool reported;        /* a stop was reported since the last resume */
	bool kept;            /* it is in `stop`, not yet seen by the client */
	bool interrupted;     /* an interrupt was handed to the target since the last resume */
	bool interrupt_due;   /* an interrupt was overtaken by a stop that nobody sees: the next resume is interrupted at once */
	struct rsp_stop stop; /* text points into `text` */
	struct rsp_buf text;
};

/* Non-stop: stops on their way to the client, oldest first. */
struct rsp_events {
	bool on;          /* the mode */
	bool outstanding; /* the first was sent, as a notification or as an answer, and vStopped has not come for it yet */
	struct rsp_stop *stop; /* [at, n) wait; their texts are copies */
	size_t at, n, capacity;
};

struct rsp_session {
	const struct rsp_target_ops *ops;
	void *t;
	uint64_t abilities;
	size_t packet_size;
	void (*log)(void *log_arg, char dir, const char *bytes, size_t n);
	void *log_arg;

	struct rsp_frame frame;
	struct rsp_link link;
	struct rsp_buf held; /* input that waits for room in the output */
	struct rsp_reply reply;
	struct rsp_client client;
	bool extended;
	enum rsp_ending ending;
	struct rsp_error last_error;

	struct rsp_ptid general, cont; /* threads of Hg and Hc */
	struct rsp_run run;
	struct rsp_events events;
	bool answering; /* a packet is being handled: notifications wait for its answer */
	struct rsp_xfer xfer;
	struct rsp_buf thread_ids; /* snapshot of qfThreadInfo: "1,2,3" */
	size_t thread_ids_at;
	uint8_t *scratch; /* packet_size bytes: one bulk read or register */

	/* Set by a handler for what must follow its answer; dispatch runs it once. */
	void (*after)(struct rsp_session *s);
};

/* --- session.c --- */
/* A concrete thread for an id that may say "any". */
int rsp_session_thread(struct rsp_session *s, struct rsp_ptid id, struct rsp_ptid *out, struct rsp_error *err);
/* The same for the thread selected by Hg. */
int rsp_session_general(struct rsp_session *s, struct rsp_ptid *out, struct rsp_error *err);
/* Interrupts the target if it runs (in non-stop: if any of it does), and remembers it. */
void rsp_session_interrupt(struct rsp_session *s);
/* RSP_GONE when the target can tell that a concrete thread does not exist. */
int rsp_session_check_alive(struct rsp_session *s, struct rsp_ptid id, struct rsp_error *err);
/* Sends text as `O` packets, whether or not anything runs. */
void rsp_session_say(struct rsp_session *s, const char *text, size_t n);
void rsp_session_packet(struct rsp_session *s, const void *payload, size_t n, bool binary);
void rsp_session_notification(struct rsp_session *s, const void *payload, size_t n);

/* --- events.c --- */
/* Takes one stop into the queue; false when out of memory. */
bool rsp_events_add(struct rsp_session *s, const struct rsp_stop *stop);
/* Forgets them all. */
void rsp_events_clear(struct rsp_session *s);
/* Sends the first as a notification, unless one is under way or a packet is being answered. */
void rsp_events_notify(struct rsp_session *s);
/* Writes the first, or OK when there is none, as the answer to `?` or vStopped. */
int rsp_events_answer(struct rsp_session *s, struct rsp_reply *reply);
/* The queue anew: every thread that is stopped now. */
int rsp_events_refill(struct rsp_session *s, struct rsp_error *err);

/* --- dispatch.c --- */
/* Answers one packet: exactly one reply, unless its row says that there is none or that it comes later. */
void rsp_dispatch(struct rsp_session *s, char *packet, size_t n);
/* Answers a packet that could not be read. */
void rsp_dispatch_error(struct rsp_session *s, enum rsp_class class, const char *what);

/* --- stop.c --- */
/* Appends the stop reply. All-stop: makes its thread the selected one, as the client will assume. */
void rsp_stop_reply(struct rsp_session *s, const struct rsp_stop *stop, struct rsp_buf *out);
/* The reply for the target's present state. */
int rsp_stop_present(struct rsp_session *s, struct rsp_reply *reply);

#endif
