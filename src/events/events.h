/* The event stream: one line of JSON for each event of the model, to a file, a descriptor or a UNIX socket (doc/EVENTS.md). A reader that is slow
 * or gone and a full disk cost the reader events and nobody else anything: what does not fit into a bounded buffer is counted and told later. */
#ifndef SRC_EVENTS_EVENTS_H
#define SRC_EVENTS_EVENTS_H

#include "src/base/err.h"
#include "src/base/loop.h"
#include "src/model/event.h"

enum { EVENTS_VERSION = 1 };

struct events;

/* where: a path (appended to), fd:N, or unix:PATH (somebody listens there). The descriptor N is taken over: programs started later do not inherit
 * it. The loop is borrowed. */
int events_open(const char *where, struct loop *l, struct events **out, struct dbg_error *err);
/* Gives what is left a moment to go out. Takes NULL. */
void events_close(struct events *s);

/* Takes NULL. */
void events_put(struct events *s, const struct dbg_process *p, const struct dbg_event *e);

/* --- events/json.c --- */
/* The line without its newline, malloc'ed; NULL without memory. */
char *events_json(const struct dbg_process *p, const struct dbg_event *e, uint64_t serial);
/* First line of a stream. */
char *events_json_start(uint64_t serial);
/* `count` events were lost before this line. */
char *events_json_dropped(uint64_t serial, uint64_t count);

#endif
