/* One client's connection: bytes in and out without ever blocking. */
#ifndef SRC_SERVER_CONN_H
#define SRC_SERVER_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "src/base/err.h"
#include "src/base/loop.h"

struct conn;

struct conn_handlers {
	void (*bytes)(void *arg, const void *bytes, size_t n);
	void (*writable)(void *arg);                /* after a conn_write() that took less than it was given */
	void (*closed)(void *arg, const char *why); /* once; the connection is still to be destroyed */
};

/* The descriptors (the same one twice for a socket) become the connection's and are made non-blocking while it lives. */
int conn_create(struct loop *l, int in, int out, const struct conn_handlers *handlers, void *arg, struct conn **c, struct dbg_error *err);
/* Closes. Takes NULL; may be called from a handler. */
void conn_destroy(struct conn *c);
/* Writes what the other side takes now and returns how much; the handler `writable` tells when to go on. Never fails: a broken connection takes
 * everything, and `closed` is called from the loop. */
size_t conn_write(struct conn *c, const void *bytes, size_t n);
/* Stops and starts reading: while the client does not take its replies, no further requests are read. */
void conn_set_reading(struct conn *c, bool reading);

#endif
