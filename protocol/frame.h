/* Framing of what the client sends: a state machine that is fed bytes as they come and reports one event at a time. It reads from
 * nowhere, and its state between two calls is all there is, so packets may arrive in any pieces. */
#ifndef PROTOCOL_FRAME_H
#define PROTOCOL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rsp_frame_event {
	RSP_FRAME_MORE,         /* all bytes consumed, nothing complete */
	RSP_FRAME_PACKET,       /* data[0..len) is a packet's payload: escapes and run lengths undone */
	RSP_FRAME_ACK,          /* + */
	RSP_FRAME_NACK,         /* - */
	RSP_FRAME_INTERRUPT,    /* 0x03 outside a packet */
	RSP_FRAME_OVERFLOW,     /* a well-framed packet longer than the limit */
	RSP_FRAME_MALFORMED,    /* the checksum is right, but an escape or a run length is not */
	RSP_FRAME_BAD_CHECKSUM, /* the checksum is wrong or not two hex digits */
};

enum rsp_frame_state { RSP_FRAME_IDLE, RSP_FRAME_BODY, RSP_FRAME_ESCAPE, RSP_FRAME_RUN, RSP_FRAME_SUM_HIGH, RSP_FRAME_SUM_LOW };

struct rsp_frame {
	char *data; /* payload; writable, valid until the next feed */
	size_t len, limit;
	enum rsp_frame_state state;
	uint8_t sum, high; /* running checksum, and the first digit of the one received */
	bool overflow, malformed;
};

/* limit: longest payload in bytes. False when out of memory. */
bool rsp_frame_init(struct rsp_frame *f, size_t limit);
void rsp_frame_deinit(struct rsp_frame *f);

/* Consumes bytes up to and including the end of the next event, and returns how many; *event tells which. Bytes between packets that
 * mean nothing are dropped. A `$` inside a packet starts a new one: it never occurs unescaped, so the old one was cut off. */
size_t rsp_frame_feed(struct rsp_frame *f, const void *bytes, size_t n, enum rsp_frame_event *event);

#endif
