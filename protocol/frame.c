#include "protocol/frame.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/hex.h"

bool rsp_frame_init(struct rsp_frame *f, size_t limit)
{
	*f = (struct rsp_frame){ .limit = limit };
	f->data = malloc(limit + 1);
	return f->data != NULL;
}

void rsp_frame_deinit(struct rsp_frame *f)
{
	free(f->data);
	*f = (struct rsp_frame){ .limit = f->limit };
}

static void begin(struct rsp_frame *f)
{
	f->state = RSP_FRAME_BODY;
	f->len = 0;
	f->sum = 0;
	f->overflow = f->malformed = false;
}

static void put(struct rsp_frame *f, char c)
{
	if (f->len == f->limit)
		f->overflow = true;
	else
		f->data[f->len++] = c;
}

static void repeat(struct rsp_frame *f, unsigned count)
{
	if (count > f->limit - f->len) {
		f->overflow = true;
		count = (unsigned)(f->limit - f->len);
	}
	memset(f->data + f->len, f->data[f->len - 1], count);
	f->len += count;
}

static bool plain(char c)
{
	return c != '#' && c != '$' && c != '*' && c != '}';
}

/* Takes the ordinary bytes at the front in one go: bulk data comes in long stretches. */
static size_t take_plain(struct rsp_frame *f, const char *p, size_t n)
{
	size_t most = n < f->limit - f->len ? n : f->limit - f->len;
	size_t i = 0;
	uint8_t sum = f->sum;
	for (; i < most && plain(p[i]); i++) {
		f->data[f->len + i] = p[i];
		sum = (uint8_t)(sum + (uint8_t)p[i]);
	}
	f->len += i;
	f->sum = sum;
	return i;
}

/* A framing character, or any character after `}` or `*`. */
static void in_body(struct rsp_frame *f, char c)
{
	if (c == '$') {
		begin(f);
		return;
	}
	if (c == '#') {
		if (f->state != RSP_FRAME_BODY)
			f->malformed = true;
		f->state = RSP_FRAME_SUM_HIGH;
		return;
	}
	f->sum = (uint8_t)(f->sum + (uint8_t)c);
	if (f->state == RSP_FRAME_ESCAPE) {
		put(f, (char)(c ^ 0x20));
		f->state = RSP_FRAME_BODY;
	} else if (f->state == RSP_FRAME_RUN) {
		unsigned count = rsp_rle_count(c);
		if (count && f->len)
			repeat(f, count);
		else
			f->malformed = true;
		f->state = RSP_FRAME_BODY;
	} else if (c == '}') {
		f->state = RSP_FRAME_ESCAPE;
	} else if (c == '*') {
		f->state = RSP_FRAME_RUN;
	} else {
		put(f, c);
	}
}

static enum rsp_frame_event complete(struct rsp_frame *f, unsigned low)
{
	f->state = RSP_FRAME_IDLE;
	if ((f->high << 4 | low) != f->sum)
		return RSP_FRAME_BAD_CHECKSUM;
	if (f->overflow)
		return RSP_FRAME_OVERFLOW;
	if (f->malformed)
		return RSP_FRAME_MALFORMED;
	f->data[f->len] = '\0'; /* for the reader of a log or a debugger; nothing relies on it */
	return RSP_FRAME_PACKET;
}

static enum rsp_frame_event in_sum(struct rsp_frame *f, char c)
{
	int digit = rsp_hex_digit(c);
	if (digit < 0) {
		f->state = RSP_FRAME_IDLE;
		if (c == '$')
			begin(f);
		return RSP_FRAME_BAD_CHECKSUM;
	}
	if (f->state == RSP_FRAME_SUM_LOW)
		return complete(f, (unsigned)digit);
	f->high = (uint8_t)digit;
	f->state = RSP_FRAME_SUM_LOW;
	return RSP_FRAME_MORE;
}

static enum rsp_frame_event idle(struct rsp_frame *f, char c)
{
	switch (c) {
	case '$':
		begin(f);
		return RSP_FRAME_MORE;
	case '+':
		return RSP_FRAME_ACK;
	case '-':
		return RSP_FRAME_NACK;
	case 0x03:
		return RSP_FRAME_INTERRUPT;
	default:
		return RSP_FRAME_MORE;
	}
}

size_t rsp_frame_feed(struct rsp_frame *f, const void *bytes, size_t n, enum rsp_frame_event *event)
{
	const char *p = bytes;
	*event = RSP_FRAME_MORE;
	for (size_t i = 0; i < n;) {
		switch (f->state) {
		case RSP_FRAME_IDLE:
			*event = idle(f, p[i++]);
			break;
		case RSP_FRAME_BODY: {
			size_t taken = take_plain(f, p + i, n - i);
			i += taken;
			if (i == n)
				return n;
			in_body(f, p[i++]);
			break;
		}
		case RSP_FRAME_ESCAPE:
		case RSP_FRAME_RUN:
			in_body(f, p[i++]);
			break;
		case RSP_FRAME_SUM_HIGH:
		case RSP_FRAME_SUM_LOW:
			*event = in_sum(f, p[i++]);
			break;
		}
		if (*event != RSP_FRAME_MORE)
			return i;
	}
	return n;
}
