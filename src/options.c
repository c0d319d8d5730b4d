#include "config.h"

#include "src/options.h"

#include <argp.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"
#include "src/monitor/companion.h"
#include "src/view/carrier.h"

enum { KEY_ATTACH = 0x100, KEY_MULTI, KEY_ONCE, KEY_DEBUG, KEY_VIEW, KEY_CARRIER, KEY_USAGE, KEY_GDB_SCRIPT, KEY_EVENTS };

static const struct argp_option option_rows[] = {
	{ "attach", KEY_ATTACH, NULL, 0, "Attach to the running process PID", 1 },
	{ "multi", KEY_MULTI, NULL, 0, "Start without a program; the client names one or attaches (target extended-remote)", 1 },
	{ "once", KEY_ONCE, NULL, 0, "End when the first client has left", 1 },
	{ "events", KEY_EVENTS, "WHERE", 0, "Write what happens as lines of JSON to a file, to fd:N or to unix:PATH where somebody listens", 2 },
	{ "debug", KEY_DEBUG, "CATEGORIES", OPTION_ARG_OPTIONAL,
	  "Say on standard error what is done: kernel, wire, host, wave, code, view, loop, memory, or all (the default), separated by commas", 2 },
	{ "view", KEY_VIEW, "VIEW", 0,
	  "How waves are presented; carrier: as threads of another architecture with more registers, for any gdb (the default)", 2 },
	{ "carrier", KEY_CARRIER, "ARCH", 0,
	  "Of which architecture: x86-64, aarch64 (for a gdb for Arm alone), or auto, what the client says (the default)", 2 },
	{ "print-gdb-script", KEY_GDB_SCRIPT, NULL, 0, "Print the companion script for gdb", 3 },
	{ "help", '?', NULL, 0, "Print this text", 3 },
	{ "usage", KEY_USAGE, NULL, 0, "Print a short form of it", 3 },
	{ "version", 'V', NULL, 0, "Print the version", 3 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const char args_text[] = "COMM PROG [ARGS...]\n--attach COMM PID\n--multi COMM\nevents PID";
static const char doc_text[] =
	"A gdbserver for the waves of AMD GPUs: serves one process and the waves that it runs on its GPUs to any gdb.\v"
	"COMM is where the client connects: HOST:PORT, :PORT (this machine only; port 0 lets the system pick one), unix:PATH, or stdio (or -) for "
	"standard input and output:\n\n"
	"  (gdb) target remote | wavestub stdio PROG\n\n"
	"Without --once the next client may come when one has vanished; the process is kept for it. When wavestub ends, a process that it started is "
	"killed and one that it attached to goes on.";

struct parsing {
	struct options *o;
	bool have_comm;
	const char *pid_text;
};

static void stop_parsing(struct argp_state *state, struct parsing *p, enum options_action action)
{
	p->o->action = action;
	state->next = state->argc;
}

static error_t set_debug(struct argp_state *state, struct parsing *p, const char *arg)
{
	const char *bad;
	if (log_parse_categories(arg ? arg : "all", &p->o->debug, &bad))
		return 0;
	argp_error(state, "unknown category \"%.*s\" of --debug; there are %s, and all", (int)strcspn(bad, ","), bad, log_category_names());
	return EINVAL;
}

static error_t set_carrier(struct argp_state *state, struct parsing *p, const char *arg)
{
	p->o->carrier = view_carrier_named(arg);
	if (p->o->carrier || strcmp(arg, "auto") == 0)
		return 0;
	argp_error(state, "unknown carrier \"%s\"; there are x86-64, aarch64 and auto", arg);
	return EINVAL;
}

static error_t take_pid(struct argp_state *state, struct parsing *p, const char *text)
{
	char *end;
	errno = 0;
	long pid = strtol(text, &end, 10);
	if (errno || *end || end == text || text[0] < '0' || text[0] > '9' || pid <= 0 || pid > INT32_MAX) {
		argp_error(state, "\"%s\" is no process id", text);
		return EINVAL;
	}
	p->o->pid = (pid_t)pid;
	p->pid_text = text;
	return 0;
}

/* COMM first; then a process, or a program with everything that follows it. */
static error_t take_argument(struct argp_state *state, struct parsing *p, char *arg)
{
	struct dbg_error err;
	if (!p->have_comm && strcmp(arg, "events") == 0) {
		p->o->action = OPTIONS_EVENTS;
		p->have_comm = true;
		return 0;
	}
	if (!p->have_comm) {
		if (comm_parse(arg, &p->o->comm, &err)) {
			argp_error(state, "%s", err.text);
			return EINVAL;
		}
		p->have_comm = true;
		return 0;
	}
	if (p->o->attach || p->o->action == OPTIONS_EVENTS) {
		if (p->pid_text) {
			argp_error(state, "nothing is expected after the process id");
			return EINVAL;
		}
		return take_pid(state, p, arg);
	}
	p->o->argv = &state->argv[state->next - 1];
	state->next = state->argc;
	return 0;
}

static error_t check(struct argp_state *state, const struct parsing *p)
{
	const struct options *o = p->o;
	const char *wrong = NULL;
	if (o->action == OPTIONS_EVENTS && (o->attach || o->multi || o->once))
		wrong = "\"events\" takes a process id and no client: --attach, --multi and --once have no place there";
	else if (o->action == OPTIONS_EVENTS && !p->pid_text)
		wrong = "\"events\" needs the id of a process";
	else if (o->action != OPTIONS_SERVE)
		return 0;
	else if (!p->have_comm)
		wrong = "COMM is missing: where is the client to connect?";
	else if (o->attach && o->multi)
		wrong = "--attach and --multi exclude each other";
	else if (o->attach && !p->pid_text)
		wrong = "--attach needs the id of a process";
	else if (!o->attach && !o->multi && !o->argv)
		wrong = "no program is named (--attach takes a running one, --multi none)";
	if (!wrong)
		return 0;
	argp_error(state, "%s", wrong);
	return EINVAL;
}

static error_t parse_one(int key, char *arg, struct argp_state *state)
{
	struct parsing *p = state->input;
	switch (key) {
	case KEY_ATTACH:
		p->o->attach = true;
		return 0;
	case KEY_MULTI:
		p->o->multi = true;
		return 0;
	case KEY_ONCE:
		p->o->once = true;
		return 0;
	case KEY_DEBUG:
		return set_debug(state, p, arg);
	case KEY_EVENTS:
		p->o->events = arg;
		return 0;
	case KEY_VIEW:
		if (strcmp(arg, "carrier") == 0)
			return 0;
		argp_error(state, "unknown view \"%s\"; there is carrier", arg);
		return EINVAL;
	case KEY_CARRIER:
		return set_carrier(state, p, arg);
	case '?':
		stop_parsing(state, p, OPTIONS_HELP);
		return 0;
	case KEY_USAGE:
		stop_parsing(state, p, OPTIONS_USAGE);
		return 0;
	case KEY_GDB_SCRIPT:
		stop_parsing(state, p, OPTIONS_GDB_SCRIPT);
		return 0;
	case 'V':
		stop_parsing(state, p, OPTIONS_VERSION);
		return 0;
	case ARGP_KEY_ARG:
		return take_argument(state, p, arg);
	case ARGP_KEY_END:
		return check(state, p);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp parser = { option_rows, parse_one, args_text, doc_text, NULL, NULL, NULL };

int options_parse(int argc, char **argv, struct options *out)
{
	memset(out, 0, sizeof *out);
	struct parsing p = { .o = out };
	/* In order: what follows PROG belongs to it. No exit: main ends the program. */
	error_t rc = argp_parse(&parser, argc, argv, ARGP_IN_ORDER | ARGP_NO_EXIT | ARGP_NO_HELP, NULL, &p);
	return rc ? argp_err_exit_status : 0;
}

void options_print(enum options_action action, FILE *to)
{
	static char name[] = "wavestub";
	switch (action) {
	case OPTIONS_HELP:
		argp_help(&parser, to, ARGP_HELP_STD_HELP & ~(unsigned)(ARGP_HELP_EXIT_OK), name);
		break;
	case OPTIONS_USAGE:
		argp_help(&parser, to, ARGP_HELP_USAGE, name);
		break;
	case OPTIONS_VERSION:
		fprintf(to, "wavestub %s\nLicence: MIT\nKernel backends: kfd\n", PACKAGE_VERSION);
		break;
	case OPTIONS_GDB_SCRIPT:
		for (const char *const *line = companion_script; *line; line++)
			fputs(*line, to);
		break;
	case OPTIONS_SERVE:
	case OPTIONS_EVENTS:
		break;
	}
}
