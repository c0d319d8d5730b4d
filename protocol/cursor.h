/* Reading position in a packet: pointer and end, never NUL-ended. */
#ifndef PROTOCOL_CURSOR_H
#define PROTOCOL_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rsp_cursor {
	char *p, *end;
};

static inline size_t rsp_left(const struct rsp_cursor *c)
{
	return (size_t)(c->end - c->p);
}

/* Each takes what it names from the front. False, with the cursor where it was, when that is not there. */

/* Exactly the character `want`. */
bool rsp_cut_char(struct rsp_cursor *c, char want);
/* Exactly the text `want`. */
bool rsp_cut_text(struct rsp_cursor *c, const char *want);
/* A hexadecimal number of at least one digit: no sign, no blank, no 0x. A value past 64 bits is refused. */
bool rsp_cut_hex(struct rsp_cursor *c, uint64_t *value);
/* Everything up to the first `stop` or the end; `stop` itself stays. Never fails. */
void rsp_cut_until(struct rsp_cursor *c, char stop, char **text, size_t *n);

#endif
