/* A small client of the remote protocol for benchmarks: one connection, no acknowledgements, nothing decoded that is not asked for. Whatever goes
 * wrong ends the program with a message. */
#ifndef TESTSUITE_BENCH_CLIENT_H
#define TESTSUITE_BENCH_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct server {
	pid_t pid;  /* of the command, in a process group of its own */
	int log;    /* its standard error */
	int port;
};

struct client {
	int fd;
	size_t packet_size;   /* of the server's qSupported */
	bool binary_reads;    /* it knows `x` */
	bool conditions;      /* it evaluates conditions of breakpoints */
	uint64_t packets;     /* sent, and received other than as an answer */
	size_t head, filled;  /* of `in` */
	char in[1 << 17];
	char *reply;          /* of the last answer, as sent, NUL ended; reply_bytes without the NUL */
	size_t reply_bytes, reply_room;
	char *spare;          /* room for an answer with its repeats written out */
	size_t spare_room;
};

double now(void); /* seconds */
/* Starts a command and waits for "Listening on port N" on its standard error. */
struct server server_start(const char *const argv[]);
void server_end(struct server *s);

void client_open(struct client *c, const struct server *s);
void client_close(struct client *c);
void client_send(struct client *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Next packet into c->reply; console output is skipped. */
void client_receive(struct client *c);
/* Both; an error reply ends the program. */
const char *client_ask(struct client *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* `monitor` command: its output, valid until the next call. */
const char *client_monitor(struct client *c, const char *command);
void client_interrupt(struct client *c);
void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
