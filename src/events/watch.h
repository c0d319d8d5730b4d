/* `wavestub events PID`: the event stream of a process without a client. */
#ifndef SRC_EVENTS_WATCH_H
#define SRC_EVENTS_WATCH_H

#include "src/options.h"

/* Attaches, writes events (to standard output unless the options say otherwise) and lets everything run on as if nobody watched: waves with an
 * exception are stopped only while they are looked at and then handed to the runtime. Ends with the process, or by SIGINT, SIGTERM or SIGHUP, which
 * detach. Returns the program's exit status. */
int events_watch(const struct options *o);

#endif
