/* What the files of the `monitor` commands share. */
#ifndef SRC_MONITOR_MONITOR_H
#define SRC_MONITOR_MONITOR_H

#include <jansson.h>

#include "protocol/buf.h"
#include "src/target/target.h"

struct monitor_call {
	struct dbg_target *d;
	int64_t selected; /* the client's thread, as the protocol numbers it; 0: none */
	const char *args; /* what follows the command's name, without leading blanks */
	bool json;        /* one line of JSON instead of text for people */
	struct rsp_buf *out;
	struct rsp_error *err;
};

typedef int monitor_command(const struct monitor_call *c);

/* monitor/lists.c */
monitor_command monitor_agents, monitor_queues, monitor_dispatches, monitor_waves, monitor_where, monitor_lanes, monitor_lane, monitor_find;
/* monitor/code.c */
monitor_command monitor_code, monitor_disassemble, monitor_gdb_script;

/* break_filter.c */
monitor_command monitor_break_filter;
/* monitor/wave.c */
monitor_command monitor_wave, monitor_dispatch;
/* monitor/control.c */
monitor_command monitor_launch, monitor_precise_memory, monitor_precise_alu, monitor_watchpoints;

/* monitor/statistics.c */
monitor_command monitor_statistics;

/* monitor/frames.c */
monitor_command monitor_frames;

/* monitor/siginfo.c */
monitor_command monitor_siginfo;

/* The wave that the next word of *at names, which is taken; all else as monitor_stopped(). */
int monitor_find_wave(const struct monitor_call *c, const char **at, struct dbg_wave **out);
/* A process whose waves can be looked at; settles what they owe. */
int monitor_stopped(const struct monitor_call *c, struct dbg_process **out);
/* Prints a JSON value as one line, and takes it (NULL: out of memory). */
int monitor_print_json(const struct monitor_call *c, json_t *value);

#endif
