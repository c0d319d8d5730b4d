/* Reading and writing the bytes of debug information: little-endian numbers, LEB128. */
#ifndef SRC_VIEW_BYTES_H
#define SRC_VIEW_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A bounded cursor over [at, end) of p. `bad` sticks; what is read then is 0. */
struct view_cur {
	uint8_t *p;
	size_t at, end;
	bool bad;
};
uint64_t view_fixed(struct view_cur *c, size_t n); /* of more than eight bytes the first ones */
uint64_t view_uleb(struct view_cur *c);
int64_t view_sleb(struct view_cur *c);
void view_skip(struct view_cur *c, uint64_t n);
void view_skip_string(struct view_cur *c);

/* A growing array; `failed` sticks when memory ran out. */
struct view_bytes {
	uint8_t *p;
	size_t n, capacity;
	bool failed;
};
void view_put(struct view_bytes *b, const void *p, size_t n);
void view_put_byte(struct view_bytes *b, uint8_t v);
void view_put_fixed(struct view_bytes *b, uint64_t v, size_t n); /* n: at most 8 */
void view_put_uleb(struct view_bytes *b, uint64_t v);
void view_put_sleb(struct view_bytes *b, int64_t v);
/* n bytes at p; those behind the eighth are zeros. */
void view_patch(uint8_t *p, uint64_t v, size_t n);

#endif
