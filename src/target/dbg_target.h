/* The target layer: what a session asks for, answered by the model through the view. The one place that knows both sides of the stub. */
#ifndef SRC_TARGET_DBG_TARGET_H
#define SRC_TARGET_DBG_TARGET_H

#include "src/base/err.h"
#include "src/base/loop.h"
#include "src/options.h"
#include "src/server/server.h"

struct dbg_target;

/* Neither launches nor attaches. loop and options are borrowed. */
int dbg_target_create(struct loop *l, const struct options *o, struct dbg_target **out, struct dbg_error *err);
const struct server_target *dbg_target_server(struct dbg_target *d); /* borrowed, lives as long as d */
void dbg_target_destroy(struct dbg_target *d);                       /* takes NULL; shuts down first if a process is left */

#endif
