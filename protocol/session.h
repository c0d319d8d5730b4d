/* One client's conversation: bytes in, bytes out, no file descriptor. */
#ifndef PROTOCOL_SESSION_H
#define PROTOCOL_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/target.h"

struct rsp_session;

struct rsp_session_config {
	size_t packet_size; /* payload bytes advertised; 0 = default (large enough for the largest register in hex) */
	bool extended;      /* start in extended mode (gdbserver --multi) */
	/* Wire log, may be NULL: one call per packet (payload without framing, escapes of the client undone; a notification begins with `%`)
	 * or control byte; dir is '<' from the client, '>' to it. */
	void (*log)(void *log_arg, char dir, const char *bytes, size_t n);
	void *log_arg;
};

/* ops and t are borrowed for the life of the session. NULL when out of memory. */
struct rsp_session *rsp_session_create(const struct rsp_target_ops *ops, void *t, const struct rsp_session_config *config);
void rsp_session_destroy(struct rsp_session *s); /* takes NULL; touches neither target nor process */

/* The operations may call rsp_session_stopped, _console, _end and the queries below while a handler runs; never feed, sent or destroy. */

/* Gives bytes from the client to the session. Handlers run inside; replies are in the output afterwards. Never fails: garbage is
 * answered as the protocol says. */
void rsp_session_feed(struct rsp_session *s, const void *bytes, size_t n);

/* Bytes to send, borrowed until the next call on the session; then tell how many went out. */
const void *rsp_session_output(const struct rsp_session *s, size_t *n);
void rsp_session_sent(struct rsp_session *s, size_t n);
/* False while so much output is waiting that input is only stored: stop reading from the client until it is true again. What was
 * stored is handled inside rsp_session_sent(). */
bool rsp_session_wants_input(const struct rsp_session *s);

/* The session is over once its output is sent: after D, k, vKill outside extended mode, or `monitor exit`. */
enum rsp_ending {
	RSP_GOES_ON,
	RSP_ENDED_DETACHED,
	RSP_ENDED_KILLED,
	RSP_ENDED_EXIT,
	RSP_ENDED_BROKEN, /* out of memory in mid-conversation: treat it like a client that vanished */
};
enum rsp_ending rsp_session_ending(const struct rsp_session *s);
/* For `monitor exit`: the target layer asks the session to end. */
void rsp_session_end(struct rsp_session *s, enum rsp_ending how);

/* The target reports the end of a resume. Sends the stop reply if the client waits for one; otherwise it is kept for `?`.
 * All-stop: exactly one per resume; a second one before the next resume is a caller's mistake and is dropped with RSP_INTERNAL.
 * Non-stop: one for each thread that stopped (and one for the end of the process). They reach the client one after the other, by a notification and
 * the vStopped packets that follow; registers of the stop reply are read when it is sent. */
int rsp_session_stopped(struct rsp_session *s, const struct rsp_stop *stop);
/* The client has switched non-stop mode on. */
bool rsp_session_nonstop(const struct rsp_session *s);
/* Non-stop: a stop of this thread (concrete) was reported but the client has not acknowledged it: it does not know yet that the thread
 * is stopped, so that a resume of "all" does not mean it. */
bool rsp_session_stop_unseen(const struct rsp_session *s, struct rsp_ptid id);
/* The thread that the client has selected for registers and memory (Hg, or the last stop's); members 0 when it has named none. */
void rsp_session_selected(const struct rsp_session *s, struct rsp_ptid *out);
/* All-stop: true between an accepted resume and its stop reply. Always false in non-stop. */
bool rsp_session_running(const struct rsp_session *s);
/* Console text for the user; sent as `O` while running in all-stop, dropped otherwise (a non-stop client takes no text between its packets). */
void rsp_session_console(struct rsp_session *s, const char *text, size_t n);
/* The architectures of the client's `xmlRegisters=` ("i386,arm,..."), "" when it named none. Known once qSupported came, which is before
 * it asks for a target description. Borrowed. */
const char *rsp_session_client_registers(const struct rsp_session *s);
/* The client's qSupported is plainly one of gdb's: it offers what gdb alone knows. */
bool rsp_session_client_is_gdb(const struct rsp_session *s);
/* It offers what gdb has since version 17: single-inf-arg. */
bool rsp_session_client_is_newer(const struct rsp_session *s);
/* Text of the last error that was answered, "" when there was none. For clients that take only error numbers. Borrowed. */
const char *rsp_session_last_error(const struct rsp_session *s);
/* Extended mode is on (set by `!` or the config). */
bool rsp_session_extended(const struct rsp_session *s);

#endif
