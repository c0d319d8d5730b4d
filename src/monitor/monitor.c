/* `monitor` commands: one table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

#include "src/base/json.h"
#include "src/model/process.h"
#include "src/monitor/monitor.h"
#include "src/run/settle.h"

struct command {
	const char *name, *args, *text;
	monitor_command *run;
	bool json; /* has a machine-readable form */
};

static monitor_command help;

static int end_session(const struct monitor_call *c)
{
	if (!c->d->session)
		return rsp_fail(c->err, RSP_INTERNAL, "there is no session to end");
	rsp_session_end(c->d->session, RSP_ENDED_EXIT);
	return 0;
}

static int version(const struct monitor_call *c)
{
	rsp_buf_puts(c->out, PACKAGE_STRING "\n");
	return 0;
}

static const struct command commands[] = {
	{ "agents", "", "GPUs of the process", monitor_agents, true },
	{ "break-filter", "[WHERE WHICH...]", "waves and lanes that a breakpoint is for: 0x... agent= queue= dispatch= wave= group= item= lane=, or off",
	  monitor_break_filter, true },
	{ "code", "", "code objects and where their instructions lie", monitor_code, true },
	{ "disassemble", "[ADDRESS [COUNT]]", "GPU instructions at an address, or where the wave is", monitor_disassemble, true },
	{ "dispatch", "NUMBER", "one dispatch: grid, groups, arguments, signal, memory, waves", monitor_dispatch, true },
	{ "dispatches", "", "dispatches that have waves", monitor_dispatches, true },
	{ "exit", "", "end wavestub", end_session, false },
	{ "find", "wave|dispatch|queue WHAT", "wave (X,Y,Z)[/W]: waves of a work-group; else rows of the list that contain the text", monitor_find, true },
	{ "frames", "WAVE [REGISTER...]", "a wave's calls: lanes that took part, registers as each frame has them, why the chain ends",
	  monitor_frames, false },
	{ "gdb-script", "", "the companion script for gdb", monitor_gdb_script, false },
	{ "help", "", "this list", help, false },
	{ "lane", "WAVE N", "select a lane of a wave, as `set $lane = N` does (which also tells gdb)", monitor_lane, false },
	{ "lanes", "WAVE", "lanes of a wave with their work-items", monitor_lanes, true },
	{ "launch", "[stop|step|end [once] [REGEX]]", "stop new waves, by the names of their kernels; launch off ends it", monitor_launch, false },
	{ "precise-alu", "[on|off]", "waves stop right behind an instruction with an arithmetic exception", monitor_precise_alu, false },
	{ "precise-memory", "[on|off]", "waves wait for memory: faults and watchpoints stop right behind the access", monitor_precise_memory, false },
	{ "queues", "", "queues, their packets and their waves", monitor_queues, true },
	{ "siginfo", "WAVE", "why a wave stopped, as the fields of siginfo_t", monitor_siginfo, false },
	{ "statistics", "", "what the session has cost: calls of the kernel, the last stop", monitor_statistics, true },
	{ "version", "", "version of wavestub", version, false },
	{ "watchpoints", "", "watchpoints, the registers they take, and why the last one was refused", monitor_watchpoints, true },
	{ "wave", "kill WAVE...|all", "end waves for good; the rest of their dispatch goes on", monitor_wave, false },
	{ "waves", "", "every wave with its PC, EXEC and state", monitor_waves, true },
	{ "where", "", "how many waves are at which line", monitor_where, true },
};

static int help(const struct monitor_call *c)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		char usage[64];
		snprintf(usage, sizeof usage, "%s%s%s", commands[i].name, commands[i].args[0] ? " " : "", commands[i].args);
		rsp_buf_printf(c->out, "%-31s  %s\n", usage, commands[i].text);
	}
	rsp_buf_puts(c->out, "-json before a list's name gives it as one line of JSON, for scripts. WAVE is the last part of a wave's number.\n");
	return 0;
}

int monitor_stopped(const struct monitor_call *c, struct dbg_process **out)
{
	struct dbg_error why;
	int status = target_process(c->d, 0, out, c->err);
	if (status < 0)
		return status;
	if (dbg_access(*out, &why) < 0)
		return target_error(c->err, &why);
	if ((*out)->running)
		return rsp_fail(c->err, RSP_REFUSED, "the waves are running");
	return settle_now(*out, &why) < 0 ? target_error(c->err, &why) : 0;
}

int monitor_print_json(const struct monitor_call *c, json_t *value)
{
	char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	json_decref(value);
	if (!text)
		return rsp_fail(c->err, RSP_INTERNAL, "out of memory for a list");
	rsp_buf_puts(c->out, text);
	rsp_buf_puts(c->out, "\n");
	free(text);
	return 0;
}

/* Takes one word off the text. */
static size_t word(const char **at)
{
	*at += strspn(*at, " \t\n");
	return strcspn(*at, " \t\n");
}

static bool is(const char *word, size_t n, const char *name)
{
	return strlen(name) == n && memcmp(name, word, n) == 0;
}

/* A script gets the reason as it gets everything else. */
static int explain(const struct monitor_call *c)
{
	c->out->len = 0;
	return monitor_print_json(c, json_pack("{s:o}", "error", dbg_json_text(c->err->text)));
}

int target_monitor(void *t, struct rsp_ptid selected, const char *command, struct rsp_buf *out, struct rsp_error *err)
{
	struct monitor_call call = { .d = t, .selected = selected.tid, .out = out, .err = err };
	size_t n = word(&command);
	if (is(command, n, "-json")) {
		call.json = true;
		command += n;
		n = word(&command);
	}
	call.args = command + n;
	word(&call.args);
	if (!n)
		return help(&call);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		const struct command *row = &commands[i];
		if (!is(command, n, row->name))
			continue;
		if (call.json && !row->json)
			return rsp_fail(err, RSP_BAD_REQUEST, "\"monitor %s\" has no form in JSON", row->name);
		if (!row->args[0] && *call.args)
			return rsp_fail(err, RSP_BAD_REQUEST, "\"monitor %s\" takes no arguments", row->name);
		int status = row->run(&call);
		return status < 0 && call.json ? explain(&call) : status;
	}
	return rsp_fail(err, RSP_BAD_REQUEST, "unknown monitor command \"%.40s\"; \"monitor help\" lists them", command);
}
