/* Objects of qXfer: made whole when the client asks for offset 0, and handed out in windows from that snapshot until it asks for another
 * object or for offset 0 again, so that a list that changes under way never arrives torn. */
#ifndef PROTOCOL_XFER_H
#define PROTOCOL_XFER_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/buf.h"
#include "protocol/reply.h"

enum { RSP_XFER_NAME_SIZE = 64 };

struct rsp_xfer {
	struct rsp_buf data;
	char object[16]; /* "" = no snapshot */
	char annex[RSP_XFER_NAME_SIZE];
	size_t annex_n;
};

void rsp_xfer_init(struct rsp_xfer *x);
void rsp_xfer_deinit(struct rsp_xfer *x);
void rsp_xfer_forget(struct rsp_xfer *x);

/* Whether the snapshot of this object must be made now: offset 0, or another one is there. If so, `data` is empty and to be filled; on
 * failure call rsp_xfer_forget(). */
bool rsp_xfer_begin(struct rsp_xfer *x, const char *object, const char *annex, size_t annex_n, uint64_t offset);
/* The window [offset, offset + length) as `m` (more follows) or `l` (last). */
int rsp_xfer_window(const struct rsp_xfer *x, uint64_t offset, uint64_t length, struct rsp_reply *reply);

/* Text into an XML attribute or element: markup escaped, bytes that XML forbids replaced by `?`. */
void rsp_xml_text(struct rsp_buf *out, const char *text);

#endif
