/* gpusim-client.so: makes the simulated device nodes and the generated files appear in a program that knows nothing of it. Preloaded; it
 * wraps functions of libc that open, look at, map or control files. What does not concern the simulator goes straight to libc.
 *
 *   config    what the simulator says of itself: nodes, replaced paths
 *   conn      connections, one per thread, and requests on them
 *   device    ioctl, mmap
 *   open      open and fopen families
 *   status    stat family
 *   paths     everything else that takes a path
 *
 * A descriptor of a simulated node is a real descriptor of a memory file and is recognised by that file's inode: duplicating, passing and
 * inheriting it needs no bookkeeping here. */
#ifndef SIM_CLIENT_CLIENT_H
#define SIM_CLIENT_CLIENT_H

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sim/client/wire.h"

#define EXPORT __attribute__((visibility("default")))

/* The next definition of a libc function: REAL(open)(path, flags). Never NULL for functions that the libc has. */
void *client_real(void **cache, const char *name);
#define REAL(name) \
	((__typeof__(&name))__extension__({ static void *client_real_cache; client_real(&client_real_cache, #name); }))

/* --- config.c --- */

/* What the simulator said; NULL when there is none (then every wrapper only passes on). */
const struct wire_config *client_config(void);
/* Node of a path, -1 none. The path is absolute and tidy, as client_tidy makes it. */
int client_node_of_path(const char *path);
/* Node that the file with this identity stands for, open or in its place in the tree; -1 none. */
int client_node_of_file(uint64_t dev, uint64_t ino);
/* Node that the descriptor was opened from, -1 none. Keeps errno. */
int client_node_of_fd(int fd);

/* Where to look instead: the path in the generated tree (in buf), or `path` itself when it is not replaced. *tidy, when asked for and the
 * path is replaced, gets the path as on a real machine (static part of buf's caller: in tidy_buf). */
struct client_path {
	char tidy[PATH_MAX];  /* valid when replaced */
	char real[PATH_MAX];  /* valid when replaced */
	bool replaced;
	int node;             /* -1 none */
};
/* Looks the path up. Answers where to look: path itself or p->real. NULL paths are passed on. */
const char *client_redirect(const char *path, struct client_path *p);
/* The path without the tree's root in front, when it is there; works in place. */
void client_unredirect(char *path);

/* --- conn.c --- */

enum client_sleep {
	CLIENT_NO_SLEEP,      /* a signal does not disturb it */
	CLIENT_RESTARTABLE,   /* ended by a handler that does not restart system calls */
	CLIENT_INTERRUPTIBLE, /* ended by any handler */
};

struct client_exchange {
	struct wire_request request;
	const void *data;    /* behind the request */
	size_t data_bytes;
	void *answer;        /* filled with what comes behind the reply; may be the program's memory, good or bad */
	size_t answer_bytes;
	int fd_in;           /* sent along; -1 none */
	bool fd_cloexec;     /* how to take a descriptor that comes */
	enum client_sleep sleep;
	/* results */
	int fd_out;          /* -1 none */
	uint32_t fd_offset;
};

/* Sends and waits for the answer: >= 0, or -errno; -ENODEV when the simulator is gone. */
int64_t client_exchange(struct client_exchange *x);
/* For the constructor. */
void client_conn_init(void);

#endif
