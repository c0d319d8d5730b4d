/* Stops, continues, steps and lists with 1, 1,000 and 10,000 waves resident. Times are the best of several rounds: what else the machine
 * does only adds to them. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testsuite/bench/bench_client.h"
#include "testsuite/bench/bench_parts.h"

enum { ROUNDS = 15, STEPS = 60, COUNTS = 3 };

/* ------------------------------------------------------------------ what the stub has counted */

struct counts {
	double waves;
	double stop_us, stop_cpu_us, stop_calls, decode_us, resume_us, resume_calls; /* the last stop, the last resume */
	double calls, calls_us, suspends, suspend_us, resumes;                       /* of the driver, so far */
};

static double number(json_t *o, const char *name)
{
	json_t *value = json_object_get(o, name);
	if (!json_is_integer(value))
		fail("`monitor statistics` does not tell %s", name);
	return (double)json_integer_value(value);
}

static struct counts counted(struct client *c)
{
	struct counts n = { .waves = 0 };
	size_t i;
	json_t *call, *o = json_loads(client_monitor(c, "-json statistics"), 0, NULL);
	if (!o)
		fail("statistics that are no JSON");
	n.waves = number(o, "waves");
	n.stop_us = number(o, "last_stop_us");
	n.stop_cpu_us = number(o, "last_stop_cpu_us");
	n.stop_calls = number(o, "last_stop_calls");
	n.decode_us = number(o, "last_decode_us");
	n.resume_us = number(o, "last_resume_us");
	n.resume_calls = number(o, "last_resume_calls");
	json_array_foreach(json_object_get(o, "calls"), i, call) {
		const char *op = json_string_value(json_object_get(call, "operation"));
		if (strcmp(op, "read") == 0 || strcmp(op, "write") == 0)
			continue;
		n.calls += number(call, "calls");
		n.calls_us += number(call, "us");
		if (strcmp(op, "SUSPEND_QUEUES") == 0) {
			n.suspends = number(call, "calls");
			n.suspend_us = number(call, "us");
		} else if (strcmp(op, "RESUME_QUEUES") == 0)
			n.resumes = number(call, "calls");
	}
	json_decref(o);
	return n;
}

/* ------------------------------------------------------------------ figures */

enum figure {
	HIT_MS, HIT_SUSPEND_MS, HIT_BEYOND_MS, HIT_CPU_MS, HIT_CALLS, HIT_SUSPENDS,
	INT_MS, INT_BEYOND_MS, INT_CPU_MS, INT_SEEN_MS, INT_CALLS,
	GO_MS, GO_CALLS, GO_RESUMES,
	STEP_MS, STEP_BEYOND_MS, STEP_CALLS,
	DECODED, LIST_MS, LIST_WHOLE_MS, LIST_BYTES, FIGURES
};

static const struct {
	const char *head, *what; /* head: a line of its own in front */
	int decimals;
	const char *goal;        /* of the last column */
} rows[FIGURES] = {
	[HIT_MS] = { "a breakpoint that all waves meet", "trap to stop reply, ms", 2, "" },
	[HIT_SUSPEND_MS] = { NULL, "of that the suspend itself, ms", 2, "" },
	[HIT_BEYOND_MS] = { NULL, "beyond the suspend, ms", 2, "under 20" },
	[HIT_CPU_MS] = { NULL, "the stub's processor time, ms", 2, "" },
	[HIT_CALLS] = { NULL, "ioctls", 1, "" },
	[HIT_SUSPENDS] = { NULL, "suspends", 1, "1" },
	[INT_MS] = { "Ctrl-C", "interrupt to stop reply, ms", 2, "" },
	[INT_BEYOND_MS] = { NULL, "beyond the suspend, ms", 2, "under 20" },
	[INT_CPU_MS] = { NULL, "the stub's processor time, ms", 2, "" },
	[INT_SEEN_MS] = { NULL, "as the client sees it, ms", 2, "" },
	[INT_CALLS] = { NULL, "ioctls", 1, "" },
	[GO_MS] = { "continue, all from a breakpoint", "until they run, ms", 2, "" },
	[GO_CALLS] = { NULL, "ioctls", 1, "" },
	[GO_RESUMES] = { NULL, "resumes", 1, "1" },
	[STEP_MS] = { "stepi, the others held", "as the client sees it, ms", 2, "" },
	[STEP_BEYOND_MS] = { NULL, "without the ioctls, ms", 2, "" },
	[STEP_CALLS] = { NULL, "ioctls", 1, "" },
	[DECODED] = { "waves and threads", "decoded, waves/s", 0, "" },
	[LIST_MS] = { NULL, "list of threads built, ms", 2, "under 10" },
	[LIST_WHOLE_MS] = { NULL, "and read by the client, ms", 2, "" },
	[LIST_BYTES] = { NULL, "its bytes", 0, "" },
};

static void least(double *figure, double value)
{
	if (*figure < 0 || value < *figure)
		*figure = value;
}

/* ------------------------------------------------------------------ waves */

static uint64_t pc_of_stop(const char *reply)
{
	const char *at = strstr(reply, ";10:"); /* the carrier's rip */
	uint64_t pc = 0;
	if (!at)
		fail("a stop reply without a PC: %s", reply);
	for (int i = 7; i >= 0; i--) {
		char byte[3] = { at[4 + 2 * i], at[5 + 2 * i], '\0' };
		pc = pc << 8 | strtoul(byte, NULL, 16);
	}
	return pc;
}

static void thread_of_stop(const char *reply, char *id, size_t n)
{
	const char *at = strstr(reply, "thread:");
	if (!at)
		fail("a stop reply without a thread: %s", reply);
	snprintf(id, n, "%.*s", (int)strcspn(at + 7, ";"), at + 7);
}

/* Lets the dispatch start until all its waves are there. */
static void until_resident(struct client *c, long waves)
{
	for (int i = 0; i < 500; i++) {
		client_send(c, "vCont;c");
		usleep(i < 3 ? 100000 : 300000);
		client_interrupt(c);
		client_receive(c);
		if (c->reply[0] != 'T')
			fail("the program has ended: %s", c->reply);
		if (strstr(c->reply, "library")) { /* that came first; the interrupt still has to be answered */
			client_send(c, "vCont;c");
			client_receive(c);
		}
		if (counted(c).waves >= (double)waves)
			return;
	}
	fail("%ld waves do not come to be resident", waves);
}

static void interrupts(struct client *c, double f[FIGURES])
{
	double calls = 0;
	for (int i = 0; i < ROUNDS; i++) {
		struct counts before = counted(c), after;
		client_send(c, "vCont;c");
		usleep(20000);
		double start = now();
		client_interrupt(c);
		client_receive(c);
		least(&f[INT_SEEN_MS], (now() - start) * 1e3);
		after = counted(c);
		least(&f[INT_MS], after.stop_us / 1e3);
		least(&f[INT_BEYOND_MS], (after.stop_us - (after.suspend_us - before.suspend_us)) / 1e3);
		least(&f[INT_CPU_MS], after.stop_cpu_us / 1e3);
		calls += after.stop_calls;
	}
	f[INT_CALLS] = calls / ROUNDS;
}

/* All waves run into the breakpoint. */
static void breakpoints(struct client *c, double f[FIGURES])
{
	double hit_calls = 0, go_calls = 0, suspends = 0, resumes = 0, decode_us = -1, waves = 0;
	uint64_t pc = pc_of_stop(client_ask(c, "?"));
	client_ask(c, "Z0,%llx,4", (unsigned long long)pc);
	for (int i = 0; i < ROUNDS; i++) {
		struct counts before = counted(c), after;
		client_ask(c, "vCont;c");
		after = counted(c);
		waves = after.waves;
		least(&f[HIT_MS], after.stop_us / 1e3);
		least(&f[HIT_SUSPEND_MS], (after.suspend_us - before.suspend_us) / 1e3);
		least(&f[HIT_BEYOND_MS], (after.stop_us - (after.suspend_us - before.suspend_us)) / 1e3);
		least(&f[HIT_CPU_MS], after.stop_cpu_us / 1e3);
		least(&f[GO_MS], after.resume_us / 1e3);
		least(&decode_us, after.decode_us);
		hit_calls += after.stop_calls;
		go_calls += after.resume_calls;
		suspends += after.suspends - before.suspends;
		resumes += after.resumes - before.resumes;
		client_ask(c, "qfThreadInfo"); /* the client looks at all waves: none of them stops once more for what it has seen */
		while (c->reply[0] == 'm')
			client_ask(c, "qsThreadInfo");
		client_ask(c, "qXfer:threads:read::0,1000");
	}
	client_ask(c, "z0,%llx,4", (unsigned long long)pc);
	f[HIT_CALLS] = hit_calls / ROUNDS;
	f[GO_CALLS] = go_calls / ROUNDS;
	f[HIT_SUSPENDS] = suspends / ROUNDS;
	f[GO_RESUMES] = resumes / ROUNDS;
	f[DECODED] = decode_us > 0 ? waves * 1e6 / decode_us : 0;
}

static void steps(struct client *c, double f[FIGURES])
{
	char thread[64];
	client_send(c, "vCont;c");
	usleep(20000);
	client_interrupt(c);
	client_receive(c);
	thread_of_stop(c->reply, thread, sizeof thread);
	double calls = 0, n = 0;
	for (int i = 0; i < STEPS; i++) {
		struct counts before = counted(c), after;
		double start = now();
		client_ask(c, "vCont;s:%s", thread);
		double ms = (now() - start) * 1e3;
		after = counted(c);
		if (after.suspends == before.suspends)
			continue; /* a branch: the stub takes it by itself */
		n++;
		least(&f[STEP_MS], ms);
		least(&f[STEP_BEYOND_MS], ms - (after.calls_us - before.calls_us) / 1e3);
		calls += after.calls - before.calls;
	}
	f[STEP_CALLS] = n > 0 ? calls / n : 0;
}

static void thread_list(struct client *c, double f[FIGURES])
{
	for (int i = 0; i < ROUNDS; i++) {
		size_t at = 0, chunk = c->packet_size - 16;
		double start = now();
		do {
			client_ask(c, "qXfer:threads:read::%zx,%zx", at, chunk);
			if (!at)
				least(&f[LIST_MS], (now() - start) * 1e3);
			/* Escapes are not undone: the list goes on behind the bytes that they stand for. */
			size_t run = 0;
			for (size_t k = 1; k < c->reply_bytes; k++, run++)
				k += c->reply[k] == '}';
			at += run;
		} while (c->reply[0] == 'm');
		least(&f[LIST_WHOLE_MS], (now() - start) * 1e3);
		f[LIST_BYTES] = (double)at;
	}
}

static void measure(const char *directory, long n, const char *xccs, const char *cus, double f[FIGURES])
{
	static struct client c;
	char grid[32], counters[32];
	snprintf(grid, sizeof grid, "--grid=%ld", n * 64);
	snprintf(counters, sizeof counters, "--arg=buf:%ld", n * 64 * 8);
	const char *argv[] = { bench_path(directory, "gpusim"), xccs, cus, "--", bench_path(directory, "wavestub"), "--once", ":0",
		bench_path(directory, "wavelaunch"), bench_path(directory, "testsuite/kernels/spin.O2.co"), "spin", grid, "--group=64", "--arg=buf:64",
		counters, NULL };
	for (int i = 0; i < FIGURES; i++)
		f[i] = -1;
	struct server s = server_start(argv);
	client_open(&c, &s);
	client_ask(&c, "?");
	until_resident(&c, n);
	interrupts(&c, f);
	thread_list(&c, f);
	breakpoints(&c, f);
	steps(&c, f);
	client_close(&c);
	server_end(&s);
}

void bench_waves(const char *directory)
{
	static double f[COUNTS][FIGURES];
	measure(directory, 1, "--xccs=1", "--cus=38", f[0]);
	measure(directory, 1000, "--xccs=1", "--cus=38", f[1]);
	measure(directory, 10000, "--xccs=8", "--cus=320", f[2]);
	printf("\nSTOP, CONTINUE, STEP on the simulated GPU; times are the best of %d (steps: of %d)\n", ROUNDS, STEPS);
	printf("  %-34s %10s %10s %10s  goal\n", "waves resident", "1", "1,000", "10,000");
	for (int i = 0; i < FIGURES; i++) {
		if (rows[i].head)
			printf("  %s\n", rows[i].head);
		printf("    %-32s %10.*f %10.*f %10.*f  %s\n", rows[i].what, rows[i].decimals, f[0][i], rows[i].decimals, f[1][i], rows[i].decimals, f[2][i],
			rows[i].goal);
	}
	fflush(stdout);
}
