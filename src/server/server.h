/* Clients and the target: listens, gives one client at a time a session, and decides when the program ends. gdbserver's rules:
 *  - the client detached or killed the process, and is not in extended mode: the program ends;
 *  - the client vanished: with --once or on standard input and output the program ends; without, and while there is a process (or in extended
 *    mode), the next client is awaited and the process stays as it is, stopped or running;
 *  - at the end a launched process that is still there is killed, an attached one is detached. */
#ifndef SRC_SERVER_SERVER_H
#define SRC_SERVER_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "protocol/session.h"
#include "src/base/err.h"
#include "src/base/loop.h"
#include "src/server/comm.h"

/* What the server needs of the target layer besides the operations of a session. Nothing here is NULL.
 *
 * The target layer (src/target/dbg_target.h) offers
 *	int dbg_target_create(struct loop *l, const struct options *o, struct dbg_target **out, struct dbg_error *err);
 *	const struct server_target *dbg_target_server(struct dbg_target *d);     borrowed, lives as long as d
 *	void dbg_target_destroy(struct dbg_target *d);                           takes NULL; calls shut_down() first if a process is left
 * create() neither launches nor attaches: main calls ops->run(t, {NULL}) or ops->attach(t, pid), the same code that vRun and vAttach use. The
 * target layer watches SIGCHLD and the kernel's event descriptor on the loop by itself.
 *
 * Bytes that an asynchronous rsp_session_stopped() or rsp_session_console() produces need no call to be sent: the server looks at the
 * session's output after every callback of the loop.
 *
 * The lines a user of gdbserver knows come from the target layer, by log_notice() (log.h): "Process PROG created; pid = N",
 * "Attached; pid = N", "Detaching from process N", "Killing process(es): N", "Child exited with status N",
 * "Child terminated with signal = 0xN (SIGNAME)". */
struct server_target {
	const struct rsp_target_ops *ops;
	void *t;
	/* A client has come (s not NULL; it expects a stopped target, so one that runs is stopped here, silently), or has left (NULL: s is
	 * freed on return, stops that follow are kept for the next client's `?`). */
	void (*set_session)(void *t, struct rsp_session *s);
	/* The process, 0 when there is none (never was, detached, killed or ended). */
	pid_t (*pid)(void *t);
	/* The program ends: an attached process is detached, a launched one killed (attached: see host_was_attached()), waves released whatever
	 * else fails. Must work at any moment, also in mid-step or with the target dead; a second call does nothing. */
	void (*shut_down)(void *t);
};

struct server;

struct server_config {
	const struct comm *comm;
	bool once;
	bool extended; /* --multi */
};

/* Opens the socket (or takes standard input and output, which programs launched later no longer get). loop and target are borrowed. */
int server_create(struct loop *l, const struct server_config *config, struct server **out, struct dbg_error *err);
/* Says where it listens and begins to serve `target`. */
int server_start(struct server *s, const struct server_target *target, struct dbg_error *err);
/* Quits the loop; the status main is to return. Used for signals. */
void server_stop(struct server *s, int exit_status);
int server_exit_status(const struct server *s);
/* The port listened on, 0 when not TCP. */
unsigned server_port(const struct server *s);
/* The client detached and went: a program that was launched runs on, and gdbserver waits for its end. */
bool server_left_running(const struct server *s);
/* Ends the session of a client that is still there, without touching the target. */
void server_end_client(struct server *s);
/* Takes NULL. The target of server_start() must live until here, or server_end_client() have been called. */
void server_destroy(struct server *s);

#endif
