#include "sim/options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "sim/gpu/device.h"

enum { OPT_GPU = 0x100, OPT_GPUS, OPT_CUS, OPT_XCCS, OPT_VRAM, OPT_ICACHE, OPT_IMPRECISE, OPT_LOG, OPT_QUIRK,
	OPT_INJECT, OPT_CONTROL, OPT_TELL };

static const struct argp_option options[] = {
	{ "gpu", OPT_GPU, "NAME", 0, "Model to simulate (default gfx942)", 0 },
	{ "gpus", OPT_GPUS, "N", 0, "Number of GPUs (default 1)", 0 },
	{ "cus", OPT_CUS, "N", 0, "Compute units of one GPU, all XCCs together (default 38 for each XCC)", 0 },
	{ "xccs", OPT_XCCS, "N", 0, "XCCs of one GPU, 1 to 8 (default 1)", 0 },
	{ "vram", OPT_VRAM, "SIZE", 0, "Device memory, with suffix K, M, G or T (default 16G)", 0 },
	{ "icache", OPT_ICACHE, "POLICY", 0, "When decoded instructions are dropped: \"queue\", as hardware does, also when queues are "
	  "suspended and resumed (default), or \"never\", only by the invalidating packet and instruction", 0 },
	{ "imprecise", OPT_IMPRECISE, "N", 0, "Let a wave run on by up to N instructions after a memory fault or a watch hit, unless precise "
	  "memory is asked for (default 0: always exact)", 0 },
	{ "quirk", OPT_QUIRK, "NAME", 0, "Behave like other kernels: \"trap2-pc-at\" (s_trap 2 stops at, not past, the trap), "
	  "\"memory-record\" (QUERY_EXCEPTION_INFO answers the record of a memory violation), \"old-debug-authority\" (rules before 6.12.103)", 0 },
	{ "inject", OPT_INJECT, "COMMAND", 0, "Carry out a command of fault injection before the program starts; may be given several times", 0 },
	{ "control", OPT_CONTROL, "PATH", 0, "Take commands of fault injection at this UNIX socket", 0 },
	{ "tell", OPT_TELL, "PATH", 0, "Send the words that follow as a command to the simulator that listens at PATH, print its answer, run nothing", 0 },
	{ "log", OPT_LOG, "FILE", 0, "Write the log there, with every ioctl", 0 },
	{ "verbose", 'v', NULL, 0, "Log to standard error; given twice, every ioctl too", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static unsigned parse_number(struct argp_state *state, const char *what, const char *text, unsigned min, unsigned max)
{
	char *end;
	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || value < min || value > max)
		argp_error(state, "--%s: \"%s\" is not a number from %u to %u", what, text, min, max);
	return (unsigned)value;
}

static uint64_t parse_size(struct argp_state *state, const char *text)
{
	static const char suffixes[] = "KMGT";
	char *end;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	const char *suffix = *end ? strchr(suffixes, *end) : NULL;
	unsigned shift = suffix ? 10 * (unsigned)(suffix - suffixes + 1) : 0;
	if (errno || end == text || *text == '-' || end[suffix != NULL] || !value || value > (2ull << 40) >> shift)
		argp_error(state, "--vram: \"%s\" is not a size up to 2T", text);
	uint64_t bytes = (uint64_t)value << shift;
	if (bytes & 0xfff)
		argp_error(state, "--vram: \"%s\" is not a multiple of 4K", text);
	return bytes;
}

static void parse_quirk(struct argp_state *state, struct sim_options *o, const char *name)
{
	if (!strcmp(name, "trap2-pc-at"))
		o->trap2_pc_at = true;
	else if (!strcmp(name, "memory-record"))
		o->memory_record = true;
	else if (!strcmp(name, "old-debug-authority"))
		o->old_debug_authority = true;
	else
		argp_error(state, "--quirk: unknown name \"%s\"", name);
}

static void check(struct argp_state *state, const struct sim_options *o)
{
	if (!sim_model_by_name(o->gpu))
		argp_error(state, "--gpu: no model \"%s\"; there is gfx942", o->gpu);
	if (o->cus % o->xccs)
		argp_error(state, "--cus: %u units cannot be shared equally by %u XCCs", o->cus, o->xccs);
}

static void open_log(struct argp_state *state, struct sim_options *o, const char *path)
{
	o->log = fopen(path, "we");
	if (!o->log)
		argp_error(state, "--log: cannot write %s: %s", path, strerror(errno));
	if (o->verbose < 2)
		o->verbose = 2;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct sim_command_line *line = state->input;
	struct sim_options *o = &line->options;
	switch (key) {
	case OPT_GPU: o->gpu = arg; break;
	case OPT_GPUS: o->gpus = parse_number(state, "gpus", arg, 1, 16); break;
	case OPT_CUS: o->cus = parse_number(state, "cus", arg, 1, 1024); break;
	case OPT_XCCS: o->xccs = parse_number(state, "xccs", arg, 1, 8); break;
	case OPT_VRAM: o->vram_bytes = parse_size(state, arg); break;
	case OPT_ICACHE:
		if (strcmp(arg, "queue") && strcmp(arg, "never"))
			argp_error(state, "--icache: \"%s\" is neither \"queue\" nor \"never\"", arg);
		o->icache = *arg == 'q' ? SIM_ICACHE_QUEUE : SIM_ICACHE_NEVER;
		break;
	case OPT_IMPRECISE: o->imprecise_by = parse_number(state, "imprecise", arg, 0, 1000000); break;
	case OPT_QUIRK: parse_quirk(state, o, arg); break;
	case OPT_LOG: open_log(state, o, arg); break;
	case OPT_INJECT:
		if (line->n_inject == SIM_MAX_INJECTED)
			argp_error(state, "--inject: more than %d commands", SIM_MAX_INJECTED);
		line->inject[line->n_inject++] = arg;
		break;
	case OPT_CONTROL: line->control = arg; break;
	case OPT_TELL: line->tell = arg; break;
	case 'v':
		o->verbose++;
		if (!o->log)
			o->log = stderr;
		break;
	case ARGP_KEY_ARGS:
		line->command = state->argv + state->next;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no command to run");
		break;
	case ARGP_KEY_END:
		check(state, o);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void print_version(FILE *stream, struct argp_state *state)
{
	(void)state;
	fprintf(stream, "gpusim (%s) %s\nLicense: MIT\nModels: gfx942; kernel interface 1.17\n", PACKAGE_NAME, PACKAGE_VERSION);
}

void sim_command_line_parse(struct sim_command_line *line, int argc, char **argv)
{
	static const struct argp argp = { options, parse_option, "[--] COMMAND [ARGUMENT...]",
		"Runs COMMAND, and whatever it starts, on a machine that has an AMD GPU: a simulated one.\v"
		"The exit status is COMMAND's, or 128 plus the signal that ended it. The simulated GPU exists until COMMAND has ended and no "
		"process uses the GPU any more.", NULL, NULL, NULL };
	argp_program_version_hook = print_version;
	*line = (struct sim_command_line){ .options = { .gpu = "gfx942", .gpus = 1, .xccs = 1, .vram_bytes = 16ull << 30 } };
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, line);
}
