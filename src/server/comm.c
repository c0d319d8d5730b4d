#include "src/server/comm.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool parse_port(const char *text, unsigned short *port)
{
	unsigned value = 0;
	if (!*text)
		return false;
	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '9')
			return false;
		value = value * 10 + (unsigned)(*p - '0');
		if (value > 65535)
			return false;
	}
	*port = (unsigned short)value;
	return true;
}

static int parse_unix(const char *text, const char *path, struct comm *out, struct dbg_error *err)
{
	if (!*path)
		return dbg_fail(err, DBG_BAD_REQUEST, "\"%s\": the path of the socket is missing", text);
	if (strlen(path) >= sizeof out->path)
		return dbg_fail(err, DBG_BAD_REQUEST, "\"%s\": the path of a socket has at most %zu characters", text, sizeof out->path - 1);
	memset(out, 0, sizeof *out);
	out->kind = COMM_UNIX;
	memcpy(out->path, path, strlen(path) + 1);
	return 0;
}

static int parse_tcp(const char *text, const char *address, struct comm *out, struct dbg_error *err)
{
	const char *colon = strrchr(address, ':');
	const char *host = address;
	size_t n = colon ? (size_t)(colon - address) : 0;
	const char *port = colon ? colon + 1 : address;
	bool bracketed = n >= 2 && host[0] == '[' && host[n - 1] == ']';
	if (bracketed) {
		host++;
		n -= 2;
	}
	struct comm tcp;
	memset(&tcp, 0, sizeof tcp);
	tcp.kind = COMM_TCP;
	if (!parse_port(port, &tcp.port)) {
		if (!colon)
			return dbg_fail(err, DBG_BAD_REQUEST, "\"%s\" is none of HOST:PORT, :PORT, unix:PATH and stdio", text);
		return dbg_fail(err, DBG_BAD_REQUEST, "\"%s\": a port is a number from 0 to 65535", text);
	}
	if (!bracketed && memchr(host, ':', n))
		return dbg_fail(err, DBG_BAD_REQUEST, "\"%s\": an address with colons is written in brackets", text);
	if (n >= sizeof tcp.host)
		return dbg_fail(err, DBG_BAD_REQUEST, "\"%.40s...\": the name of the host is too long", text);
	memcpy(tcp.host, host, n);
	*out = tcp;
	return 0;
}

int comm_parse(const char *text, struct comm *out, struct dbg_error *err)
{
	if (strcmp(text, "stdio") == 0 || strcmp(text, "-") == 0) {
		memset(out, 0, sizeof *out);
		out->kind = COMM_STDIO;
		return 0;
	}
	if (strncmp(text, "unix:", 5) == 0)
		return parse_unix(text, text + 5, out, err);
	return parse_tcp(text, strncmp(text, "tcp:", 4) == 0 ? text + 4 : text, out, err);
}
