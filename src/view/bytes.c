#include "src/view/bytes.h"

#include <stdlib.h>
#include <string.h>

uint64_t view_fixed(struct view_cur *c, size_t n)
{
	uint64_t v = 0;
	if (c->bad || n > c->end - c->at) {
		c->bad = true;
		return 0;
	}
	for (size_t i = 0; i < n && i < 8; i++)
		v |= (uint64_t)c->p[c->at + i] << 8 * i;
	c->at += n;
	return v;
}

uint64_t view_uleb(struct view_cur *c)
{
	uint64_t v = 0;
	for (unsigned shift = 0; !c->bad; shift += 7) {
		uint8_t b = (uint8_t)view_fixed(c, 1);
		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			break;
	}
	return v;
}

int64_t view_sleb(struct view_cur *c)
{
	uint64_t v = 0;
	unsigned shift = 0;
	uint8_t b = 0x80;
	while (!c->bad && (b & 0x80)) {
		b = (uint8_t)view_fixed(c, 1);
		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		shift += 7;
	}
	return (int64_t)(shift < 64 && (b & 0x40) ? v | ~UINT64_C(0) << shift : v);
}

void view_skip(struct view_cur *c, uint64_t n)
{
	if (c->bad || n > c->end - c->at)
		c->bad = true;
	else
		c->at += n;
}

void view_skip_string(struct view_cur *c)
{
	const uint8_t *nul = c->bad ? NULL : memchr(c->p + c->at, 0, c->end - c->at);
	if (nul)
		c->at = (size_t)(nul - c->p) + 1;
	else
		c->bad = true;
}

void view_put(struct view_bytes *b, const void *p, size_t n)
{
	if (b->failed)
		return;
	if (n > b->capacity - b->n) {
		size_t capacity = (b->n + n) * 2 + 64;
		uint8_t *grown = realloc(b->p, capacity);
		if (!grown) {
			b->failed = true;
			return;
		}
		b->p = grown;
		b->capacity = capacity;
	}
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
}

void view_put_byte(struct view_bytes *b, uint8_t v)
{
	view_put(b, &v, 1);
}

void view_put_fixed(struct view_bytes *b, uint64_t v, size_t n)
{
	uint8_t bytes[8];
	view_patch(bytes, v, n);
	view_put(b, bytes, n);
}

void view_put_uleb(struct view_bytes *b, uint64_t v)
{
	do {
		view_put_byte(b, (uint8_t)((v & 0x7f) | (v > 0x7f ? 0x80 : 0)));
		v >>= 7;
	} while (v);
}

void view_put_sleb(struct view_bytes *b, int64_t v)
{
	for (bool more = true; more;) {
		uint8_t byte = v & 0x7f;
		v >>= 7;
		more = !((v == 0 && !(byte & 0x40)) || (v == -1 && (byte & 0x40)));
		view_put_byte(b, more ? byte | 0x80 : byte);
	}
}

void view_patch(uint8_t *p, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = i < 8 ? (uint8_t)(v >> 8 * i) : 0;
}
