/* The language of injected faults, and ioctls that fail on request. */
#include "sim/driver/inject.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/driver/abi.h"
#include "sim/driver/debug.h"
#include "sim/driver/ioctl.h"

enum { NAME_BYTES = 40, MAX_ERRNO = 4095 };
#define ALWAYS UINT32_MAX

/* A planned failure of an ioctl. */
struct sim_fault {
	struct sim_fault *next;
	char name[NAME_BYTES];  /* of the ioctl or of the op of DBG_TRAP */
	int error;
	uint32_t skip, count;   /* calls to let pass, then calls to fail (ALWAYS: all of them) */
	uint32_t failed;
	pid_t pid;              /* caller, 0 any */
};

/* ------------------------------------------------------------------ words */

bool sim_words_bad(const struct sim_words *w, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	vfprintf(w->out, format, ap);
	va_end(ap);
	fputc('\n', w->out);
	return false;
}

const char *sim_words_value(const struct sim_words *w, const char *name)
{
	for (unsigned i = 0; i < w->n_named; i++)
		if (!strcmp(w->named[i].name, name))
			return w->named[i].value;
	return NULL;
}

bool sim_words_number(const struct sim_words *w, const char *name, uint64_t fallback, uint64_t most, uint64_t *out)
{
	const char *text = sim_words_value(w, name);
	char *end;
	*out = fallback;
	if (!text)
		return true;
	errno = 0;
	*out = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-' || *out > most)
		return sim_words_bad(w, "%s=%s is not a number up to %llu", name, text, (unsigned long long)most);
	return true;
}

/* Cuts the line; text= takes all the rest of it. */
static bool cut(struct sim_words *w, const char *line)
{
	if (strlen(line) >= sizeof(w->text))
		return sim_words_bad(w, "the command is too long");
	strcpy(w->text, line);
	char *p = w->text;
	for (;;) {
		p += strspn(p, " \t\r\n");
		if (!*p)
			return true;
		if (w->n_plain == SIM_INJECT_WORDS || w->n_named == SIM_INJECT_WORDS)
			return sim_words_bad(w, "the command has too many words");
		char *word = p, *equals;
		bool rest = !strncmp(word, "text=", 5);
		p += strcspn(p, rest ? "\r\n" : " \t\r\n");
		if (*p)
			*p++ = '\0';
		equals = strchr(word, '=');
		if (!equals) {
			w->plain[w->n_plain++] = word;
			continue;
		}
		*equals = '\0';
		w->named[w->n_named].name = word;
		w->named[w->n_named++].value = equals + 1;
	}
}

/* ------------------------------------------------------------------ ioctls that fail */

/* "set-node-address-watch" -> "SET_NODE_ADDRESS_WATCH" */
static bool canonical(const char *from, char to[NAME_BYTES])
{
	size_t n = strlen(from);
	if (n >= NAME_BYTES)
		return false;
	for (size_t i = 0; i <= n; i++)
		to[i] = from[i] == '-' ? '_' : (char)toupper((unsigned char)from[i]);
	return true;
}

static bool known(const char *name)
{
	for (unsigned nr = 0; nr < SIM_NR_END; nr++)
		if (!strcmp(sim_ioctl_name(nr), name))
			return true;
	for (uint32_t op = 0; op < SIM_DBG_OPS; op++)
		if (!strcmp(sim_debug_op_name(op), name))
			return true;
	return false;
}

static int errno_of(const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);
	if (end != text && !*end)
		return value > 0 && value <= MAX_ERRNO ? (int)value : 0;
	for (int e = 1; e <= MAX_ERRNO; e++) {
		const char *name = strerrorname_np(e);
		if (name && !strcmp(name, text))
			return e;
	}
	return 0;
}

static bool run_fail(struct sim_driver *driver, const struct sim_words *w)
{
	struct sim_fault plan = { .count = 1 };
	uint64_t skip, count, pid;
	const char *error = sim_words_value(w, "errno"), *times = sim_words_value(w, "count");
	bool always = times && !strcmp(times, "all");
	if (!canonical(w->plain[1], plan.name) || !known(plan.name))
		return sim_words_bad(w, "%s is neither an ioctl nor an op of DBG_TRAP", w->plain[1]);
	if (!error || !(plan.error = errno_of(error)))
		return sim_words_bad(w, "fail needs errno=NAME, for example errno=EIO");
	if (!sim_words_number(w, "skip", 0, UINT32_MAX, &skip) || !sim_words_number(w, "pid", 0, INT32_MAX, &pid))
		return false;
	if (always)
		count = ALWAYS;
	else if (!sim_words_number(w, "count", 1, UINT32_MAX - 1, &count))
		return false;
	plan.skip = (uint32_t)skip;
	plan.count = (uint32_t)count;
	plan.pid = (pid_t)pid;
	struct sim_fault *fault = malloc(sizeof(*fault)), **end = &driver->faults;
	if (!fault)
		return sim_words_bad(w, "out of memory");
	*fault = plan;
	while (*end)
		end = &(*end)->next;
	*end = fault;
	return true;
}

static bool run_faults(struct sim_driver *driver, const struct sim_words *w)
{
	for (const struct sim_fault *f = driver->faults; f; f = f->next) {
		fprintf(w->out, "%s errno=%s skip=%u count=", f->name, strerrorname_np(f->error) ? strerrorname_np(f->error) : "?", f->skip);
		if (f->count == ALWAYS)
			fputs("all", w->out);
		else
			fprintf(w->out, "%u", f->count);
		if (f->pid)
			fprintf(w->out, " pid=%d", (int)f->pid);
		fprintf(w->out, " failed=%u\n", f->failed);
	}
	return true;
}

void sim_inject_forget(struct sim_driver *driver)
{
	while (driver->faults) {
		struct sim_fault *next = driver->faults->next;
		free(driver->faults);
		driver->faults = next;
	}
}

static bool run_forget(struct sim_driver *driver, const struct sim_words *w)
{
	(void)w;
	sim_inject_forget(driver);
	return true;
}

int sim_inject_error(struct sim_call *call, const char *name)
{
	for (struct sim_fault *f = call->driver->faults; f; f = f->next) {
		if (strcmp(f->name, name) || (f->pid && f->pid != call->pid) || !f->count)
			continue;
		if (f->skip) {
			f->skip--;
			continue;
		}
		if (f->count != ALWAYS)
			f->count--;
		f->failed++;
		sim_log(call->driver, 1, "injected: %s of %d fails with %s", name, (int)call->pid, strerror(f->error));
		return -f->error;
	}
	return 0;
}

/* ------------------------------------------------------------------ the table */

static bool run_help(struct sim_driver *driver, const struct sim_words *w);

struct command {
	const char *name;
	bool (*run)(struct sim_driver *driver, const struct sim_words *w);
	unsigned n_plain;      /* words without "=" that it needs, its name not counted */
	const char *keys;      /* names that it takes, each with a space on both sides */
	const char *usage, *help;
};

static const struct command commands[] = {
	{ "help", run_help, 0, "", "", "this list" },
	{ "status", sim_inject_status, 0, "", "", "GPUs, processes and queues, one a line" },
	{ "raise", sim_inject_raise, 1, " pid gpu queue addr kind ", "EXCEPTION [pid=N] [gpu=N] [queue=N] [addr=N] [kind=missing|read-only]",
	  "an exception by name or code, as if the device had found it" },
	{ "fail", run_fail, 1, " errno skip count pid ", "IOCTL errno=NAME [skip=N] [count=N|all] [pid=N]",
	  "let the next calls of an ioctl, or of an op of DBG_TRAP, fail" },
	{ "faults", run_faults, 0, "", "", "the planned failures" },
	{ "forget", run_forget, 0, "", "", "cancel the planned failures" },
	{ "stuck", sim_inject_stuck, 0, " pid gpu queue count ", "[pid=N] [gpu=N] [queue=N] [count=N|all]",
	  "the queue refuses to leave the hardware: suspending it fails" },
	{ "reset", sim_inject_reset, 0, " gpu cause ", "[gpu=N] [cause=hang|ecc]", "a reset of the GPU begins: its waves are lost" },
	{ "reset-done", sim_inject_reset_done, 0, " gpu ", "[gpu=N]", "and ends" },
	{ "unplug", sim_inject_unplug, 0, " gpu hide ", "[gpu=N] [hide=yes]", "the GPU is gone; hide=yes: from device snapshots, too" },
	{ "smi", sim_inject_smi, 1, " gpu pid text ", "EVENT [gpu=N] [pid=N] text=TEXT", "a line to those who listen to events of the GPU" },
};
enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static bool run_help(struct sim_driver *driver, const struct sim_words *w)
{
	(void)driver;
	for (unsigned i = 0; i < N_COMMANDS; i++)
		fprintf(w->out, "%s%s%s: %s\n", commands[i].name, *commands[i].usage ? " " : "", commands[i].usage, commands[i].help);
	return true;
}

static bool keys_known(const struct command *c, const struct sim_words *w)
{
	for (unsigned i = 0; i < w->n_named; i++) {
		char key[NAME_BYTES];
		if (snprintf(key, sizeof(key), " %s ", w->named[i].name) >= (int)sizeof(key) || !strstr(c->keys, key))
			return sim_words_bad(w, "%s does not know %s=", c->name, w->named[i].name);
	}
	return true;
}

bool sim_inject(struct sim_driver *driver, const char *command, FILE *out)
{
	struct sim_words w = { .out = out };
	if (!cut(&w, command))
		return false;
	if (!w.n_plain)
		return sim_words_bad(&w, "no command; there is help");
	for (unsigned i = 0; i < N_COMMANDS; i++) {
		const struct command *c = &commands[i];
		if (strcmp(c->name, w.plain[0]))
			continue;
		if (w.n_plain != c->n_plain + 1)
			return sim_words_bad(&w, "usage: %s %s", c->name, c->usage);
		bool ok = keys_known(c, &w) && c->run(driver, &w);
		sim_log(driver, 1, "injected: %s: %s", command, ok ? "ok" : "refused");
		return ok;
	}
	return sim_words_bad(&w, "no command \"%s\"; there is help", w.plain[0]);
}
