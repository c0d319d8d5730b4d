/* Where clients knock: a TCP or UNIX socket. */
#ifndef SRC_SERVER_LISTEN_H
#define SRC_SERVER_LISTEN_H

#include <stddef.h>

#include "src/base/err.h"
#include "src/server/comm.h"

struct listener;

/* Binds and listens. TCP: the loopback interface (127.0.0.1) unless a host is named. UNIX: a socket file that nobody listens on any more is
 * replaced; one in use, or a file that is no socket, is an error. comm->kind must not be COMM_STDIO. */
int listen_open(const struct comm *comm, struct listener **out, struct dbg_error *err);
/* Removes the socket file if it is still ours. Takes NULL. */
void listen_close(struct listener *l);

int listen_fd(const struct listener *l);
unsigned listen_port(const struct listener *l); /* TCP: the real one; else 0 */
/* Takes the next client: a non-blocking descriptor that the caller owns, and "host ADDRESS, port N" or "a UNIX socket". DBG_AGAIN: nobody there. */
int listen_accept(struct listener *l, int *fd, char *peer, size_t peer_size, struct dbg_error *err);

#endif
