/* Errors of the protocol layer: a class that decides the reply, and a text written where the error is born. */
#ifndef PROTOCOL_ERROR_H
#define PROTOCOL_ERROR_H

/* Class of an error; the negative of one is what functions return. */
enum rsp_class {
	RSP_OK = 0,
	RSP_UNSUPPORTED = 1, /* packet or feature not offered: empty reply */
	RSP_BAD_REQUEST = 2, /* the client's mistake: malformed or out of range (E01) */
	RSP_REFUSED = 3,     /* the target said no: unmapped memory, read-only register (E02) */
	RSP_GONE = 4,        /* thread, process or file no longer exists (E03) */
	RSP_INTERNAL = 5,    /* trouble of ours: out of memory, kernel failure (E04) */
};

struct rsp_error {
	enum rsp_class class;
	char text[192]; /* one line, no full stop; never empty when class is not RSP_OK */
};

/* Fills *err (may be NULL) and returns -class. An error already set is not overwritten on the way up: call this only
 * where the failure is born. */
int rsp_fail(struct rsp_error *err, enum rsp_class class, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
