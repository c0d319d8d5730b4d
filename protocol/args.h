/* Arguments of a packet, read by a schema from the packet table. */
#ifndef PROTOCOL_ARGS_H
#define PROTOCOL_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/error.h"
#include "protocol/target.h"

/* A schema is a text of
 *   x  number, hexadecimal, 64 bits
 *   i  process id, hexadecimal, above 0
 *   p  thread id, see ptid.h
 *   h  bytes as hex pairs, up to the next separator
 *   s  text up to the next separator, may be empty
 *   b  all the rest, as it is
 *   [...]  optional, at the end: taken when its first character (or, for a letter above, anything at all) is there
 *   anything else  a separator that must be there
 * The whole text must be used up. */
enum { RSP_MAX_ARGS = 6 };

struct rsp_arg {
	uint64_t number;      /* x i */
	struct rsp_ptid ptid; /* p */
	char *bytes;          /* h s b: inside the packet, no NUL at the end */
	size_t n;
};

struct rsp_args {
	size_t n;
	struct rsp_arg v[RSP_MAX_ARGS];
};

/* text is written to: hex pairs are decoded in place. Returns 0, or -RSP_BAD_REQUEST with a text that says what was wrong. */
int rsp_args_parse(const char *schema, char *text, size_t n, struct rsp_args *out, struct rsp_error *err);

/* How often a character stands in a text argument. */
size_t rsp_arg_count(const struct rsp_arg *text, char what);

/* Word for a schema letter, for documentation; NULL for a separator. */
const char *rsp_args_word(char letter);

#endif
