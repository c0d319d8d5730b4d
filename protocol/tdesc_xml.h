/* What the protocol makes of a target description. */
#ifndef PROTOCOL_TDESC_XML_H
#define PROTOCOL_TDESC_XML_H

#include "protocol/buf.h"
#include "protocol/tdesc.h"

/* The document that qXfer:features:read:target.xml serves. */
void rsp_tdesc_xml(const struct rsp_tdesc *desc, struct rsp_buf *out);
/* Bytes of the largest register, and of all registers that `g` carries. */
size_t rsp_tdesc_largest(const struct rsp_tdesc *desc);
size_t rsp_tdesc_g_bytes(const struct rsp_tdesc *desc);

#endif
