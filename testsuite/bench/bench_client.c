#include "testsuite/bench/bench_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000 };

void fail(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fputs("bench: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void wait_readable(int fd, const char *what)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;
	while ((n = poll(&p, 1, PATIENCE_MS)) < 0 && errno == EINTR)
		;
	if (n <= 0)
		fail("%s: nothing comes", what);
}

/* ------------------------------------------------------------------ servers */

struct server server_start(const char *const argv[])
{
	int log[2];
	if (pipe(log))
		fail("pipe: %s", strerror(errno));
	pid_t pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(log[1], STDOUT_FILENO);
		dup2(log[1], STDERR_FILENO);
		close(log[0]);
		close(log[1]);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(log[1]);
	char text[8192];
	size_t n = 0;
	const char *at = NULL;
	while (!at) {
		wait_readable(log[0], argv[0]);
		ssize_t got = read(log[0], text + n, sizeof text - 1 - n);
		if (got <= 0)
			fail("%s does not listen: %.*s", argv[0], (int)n, text);
		n += (size_t)got;
		text[n] = '\0';
		at = strstr(text, "Listening on port ");
		if (at && !strchr(at, '\n'))
			at = NULL;
	}
	return (struct server){ .pid = pid, .log = log[0], .port = atoi(at + strlen("Listening on port ")) };
}

void server_end(struct server *s)
{
	kill(-s->pid, SIGTERM);
	for (int i = 0; i < 300 && waitpid(s->pid, NULL, WNOHANG) == 0; i++) {
		char text[4096];
		struct pollfd p = { .fd = s->log, .events = POLLIN };
		if (poll(&p, 1, 10) > 0 && read(s->log, text, sizeof text) <= 0)
			usleep(10000);
		if (i == 200)
			kill(-s->pid, SIGKILL);
	}
	close(s->log);
}

/* ------------------------------------------------------------------ packets */

static void write_all(struct client *c, const char *bytes, size_t n)
{
	while (n) {
		ssize_t done = write(c->fd, bytes, n);
		if (done <= 0)
			fail("the server is gone: %s", strerror(errno));
		bytes += done;
		n -= (size_t)done;
	}
}

static void send_packet(struct client *c, const char *payload)
{
	char packet[4096];
	uint8_t sum = 0;
	for (const char *p = payload; *p; p++)
		sum = (uint8_t)(sum + (uint8_t)*p);
	int n = snprintf(packet, sizeof packet, "$%s#%02x", payload, sum);
	if (n >= (int)sizeof packet)
		fail("a packet that is too long");
	write_all(c, packet, (size_t)n);
	c->packets++;
}

void client_send(struct client *c, const char *fmt, ...)
{
	char payload[4000];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(payload, sizeof payload, fmt, ap);
	va_end(ap);
	send_packet(c, payload);
}

static void fill(struct client *c)
{
	if (c->head == c->filled)
		c->head = c->filled = 0;
	wait_readable(c->fd, "an answer");
	ssize_t got = read(c->fd, c->in + c->filled, sizeof c->in - c->filled);
	if (got <= 0)
		fail("the server is gone");
	c->filled += (size_t)got;
}

static void keep(struct client *c, const char *bytes, size_t n)
{
	if (c->reply_bytes + n + 1 > c->reply_room) {
		c->reply_room = 2 * (c->reply_bytes + n + 1);
		c->reply = realloc(c->reply, c->reply_room);
		if (!c->reply)
			fail("out of memory");
	}
	memcpy(c->reply + c->reply_bytes, bytes, n);
	c->reply_bytes += n;
	c->reply[c->reply_bytes] = '\0';
}

static char next_byte(struct client *c)
{
	if (c->head == c->filled)
		fill(c);
	return c->in[c->head++];
}

/* Bytes that a reply has when repeats are written out. */
static size_t expanded(const char *from, size_t n)
{
	size_t made = n;
	for (const char *at = from; (at = memchr(at, '*', n - (size_t)(at - from))) && at + 1 < from + n; at += 2)
		made += (size_t)(at[1] - 29) - 2;
	return made;
}

/* Repeats are written out. Nothing binary is in the way: there `*` is escaped. */
static void expand(struct client *c)
{
	if (!memchr(c->reply, '*', c->reply_bytes))
		return;
	size_t n = c->reply_bytes, room = expanded(c->reply, n) + 1;
	if (room > c->spare_room) {
		free(c->spare);
		c->spare = malloc(room);
		c->spare_room = room;
	}
	if (!c->spare)
		fail("out of memory");
	char *to = c->spare;
	const char *from = c->reply, *end = from + n, *star;
	while ((star = memchr(from, '*', (size_t)(end - from))) && star > from && star + 1 < end) {
		memcpy(to, from, (size_t)(star - from));
		to += star - from;
		memset(to, to[-1], (size_t)(star[1] - 29));
		to += star[1] - 29;
		from = star + 2;
	}
	memcpy(to, from, (size_t)(end - from));
	to += end - from;
	*to = '\0';
	char *old = c->reply;
	size_t old_room = c->reply_room;
	c->reply = c->spare;
	c->reply_bytes = (size_t)(to - c->spare);
	c->reply_room = c->spare_room;
	c->spare = old;
	c->spare_room = old_room;
}

/* One packet, whatever it is. */
static void take(struct client *c)
{
	while (next_byte(c) != '$')
		;
	c->reply_bytes = 0;
	keep(c, "", 0);
	for (;;) {
		if (c->head == c->filled)
			fill(c);
		const char *from = c->in + c->head, *end = memchr(from, '#', c->filled - c->head);
		keep(c, from, end ? (size_t)(end - from) : c->filled - c->head);
		c->head = end ? (size_t)(end - c->in) + 1 : c->filled;
		if (end)
			break;
	}
	next_byte(c);
	next_byte(c);
	expand(c);
}

static bool console(const struct client *c)
{
	return c->reply[0] == 'O' && c->reply[1] != 'K';
}

void client_receive(struct client *c)
{
	do
		take(c);
	while (console(c));
}

const char *client_ask(struct client *c, const char *fmt, ...)
{
	char payload[4000];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(payload, sizeof payload, fmt, ap);
	va_end(ap);
	send_packet(c, payload);
	client_receive(c);
	if (c->reply[0] == 'E')
		fail("%s: %s", payload, c->reply);
	return c->reply;
}

void client_interrupt(struct client *c)
{
	write_all(c, "\003", 1);
	c->packets++;
}

static int digit(char d)
{
	return d >= 'a' ? d - 'a' + 10 : d - '0';
}

const char *client_monitor(struct client *c, const char *command)
{
	static char out[1 << 16];
	char payload[512] = "qRcmd,";
	size_t n = 0;
	for (const char *p = command; *p; p++)
		snprintf(payload + strlen(payload), 3, "%02x", (unsigned char)*p);
	send_packet(c, payload);
	for (take(c); console(c); take(c)) {
		for (size_t i = 1; i + 1 < c->reply_bytes && n + 1 < sizeof out; i += 2)
			out[n++] = (char)(digit(c->reply[i]) << 4 | digit(c->reply[i + 1]));
	}
	if (strcmp(c->reply, "OK") != 0)
		fail("monitor %s: %s", command, c->reply);
	out[n] = '\0';
	return out;
}

/* ------------------------------------------------------------------ connections */

void client_open(struct client *c, const struct server *s)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)s->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1;
	memset(c, 0, sizeof *c);
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(c->fd, (struct sockaddr *)&to, sizeof to))
		fail("cannot connect: %s", strerror(errno));
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	write_all(c, "+", 1);
	const char *features = client_ask(c, "qSupported:multiprocess+;swbreak+;hwbreak+;xmlRegisters=i386;binary-upload+");
	const char *size = strstr(features, "PacketSize=");
	c->packet_size = size ? strtoul(size + strlen("PacketSize="), NULL, 16) : 400;
	c->conditions = strstr(features, "ConditionalBreakpoints+") != NULL;
	write_all(c, "+", 1);
	client_ask(c, "QStartNoAckMode");
	write_all(c, "+", 1);
	client_send(c, "x0,0");
	client_receive(c);
	c->binary_reads = c->reply[0] != '\0';
}

void client_close(struct client *c)
{
	close(c->fd);
	free(c->reply);
	free(c->spare);
	c->reply = c->spare = NULL;
}
