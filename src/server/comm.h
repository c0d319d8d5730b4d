/* COMM of the command line: where the client connects. */
#ifndef SRC_SERVER_COMM_H
#define SRC_SERVER_COMM_H

#include "src/base/err.h"

enum comm_kind { COMM_STDIO, COMM_UNIX, COMM_TCP };

struct comm {
	enum comm_kind kind;
	char host[256];      /* TCP: name or address without brackets; "" means the loopback interface only */
	unsigned short port; /* TCP: 0 lets the system pick one */
	char path[108];      /* UNIX: as much as a socket address holds */
};

/* "HOST:PORT", "[ADDRESS]:PORT", ":PORT", "PORT", "tcp:HOST:PORT", "unix:PATH", "stdio" or "-". DBG_BAD_REQUEST names what is wrong. */
int comm_parse(const char *text, struct comm *out, struct dbg_error *err);

#endif
