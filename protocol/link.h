/* What goes to the client: framing, checksums, acknowledgements and retransmission. Until the client turns acknowledgements off, one
 * packet is under way at a time: the next one leaves when `+` has come for it, so that `-` is never ambiguous. */
#ifndef PROTOCOL_LINK_H
#define PROTOCOL_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/buf.h"

struct rsp_link {
	struct rsp_buf out; /* bytes on their way; the first `gone` of them have been sent */
	size_t gone;
	struct rsp_buf kept; /* whole packets not yet acknowledged; the first `acked` bytes have been */
	size_t acked;
	bool waiting; /* the first packet of `kept` was put out and awaits `+` */
	bool noack;   /* acknowledgements are off */
};

void rsp_link_init(struct rsp_link *l);
void rsp_link_deinit(struct rsp_link *l);

/* Queues one packet with this payload. binary: the payload is escaped already and goes out as it is; otherwise it is text without
 * framing characters and may be run-length encoded. */
void rsp_link_packet(struct rsp_link *l, const void *payload, size_t n, bool binary);
/* Queues a notification (`%` instead of `$`), past any waiting packet: it is neither acknowledged nor sent again. */
void rsp_link_notification(struct rsp_link *l, const void *payload, size_t n);
/* Queues a control byte, `+` or `-`, past any waiting packet. */
void rsp_link_control(struct rsp_link *l, char c);

/* The client sent `+`, sent `-`, or began a new packet (which tells that it has all it waited for). */
void rsp_link_ack(struct rsp_link *l);
void rsp_link_nack(struct rsp_link *l);
void rsp_link_settle(struct rsp_link *l);

/* Bytes to write now; then how many of them were. */
const void *rsp_link_output(const struct rsp_link *l, size_t *n);
void rsp_link_sent(struct rsp_link *l, size_t n);
/* Out of memory: the conversation has a hole and cannot go on. */
bool rsp_link_broken(const struct rsp_link *l);

#endif
