/* Thread ids as text: `pPID.TID` once both sides agreed on multiprocess extensions, `TID` otherwise; `-1` is all, `0` any. */
#ifndef PROTOCOL_PTID_H
#define PROTOCOL_PTID_H

#include <stdbool.h>

#include "protocol/buf.h"
#include "protocol/cursor.h"
#include "protocol/target.h"

/* Takes an id of either form from the front. Without a process part the pid is 0 (-1 for `-1`), without a thread part the tid is -1. */
bool rsp_ptid_cut(struct rsp_cursor *c, struct rsp_ptid *id);
void rsp_ptid_append(struct rsp_buf *out, struct rsp_ptid id, bool multiprocess);
/* Both members name one thing. */
bool rsp_ptid_concrete(struct rsp_ptid id);

#endif
