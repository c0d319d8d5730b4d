/* The one answer to a packet, under construction. Handlers fill it and return a status; dispatch alone turns both into bytes. */
#ifndef PROTOCOL_REPLY_H
#define PROTOCOL_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/buf.h"
#include "protocol/error.h"

/* What a handler returns: one of these, or the negative class of an error whose text is in reply->err. */
enum rsp_status {
	RSP_REPLY_READY = 0, /* the answer is in `out` */
	RSP_REPLY_OK = 1,
	RSP_REPLY_EMPTY = 2, /* as if the packet were unknown */
	RSP_REPLY_LATER = 3, /* a stop reply will come, or has come; only rows that say so */
	RSP_REPLY_NEVER = 4, /* the packet has no answer; only rows that say so */
};

struct rsp_reply {
	struct rsp_buf out; /* limited to the packet size */
	bool binary;        /* out is escaped binary data */
	struct rsp_error err;
};

void rsp_reply_init(struct rsp_reply *r, size_t packet_size);
void rsp_reply_deinit(struct rsp_reply *r);
void rsp_reply_begin(struct rsp_reply *r);

/* Appends as many of the n bytes, escaped, as fit under the limit, and marks the reply binary; returns how many. */
size_t rsp_reply_binary(struct rsp_reply *r, const void *bytes, size_t n);

/* Replaces the content by the answer for a status other than LATER and NEVER. text: errors carry their text (`E.text`) instead of a
 * number. A reply that did not fit becomes an error of its own. */
void rsp_reply_finish(struct rsp_reply *r, int status, bool text);

#endif
