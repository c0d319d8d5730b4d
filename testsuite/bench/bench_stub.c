/* What debugging costs: stops, steps, lists and memory through the stub, memory beside gdbserver's.
 *   bench_stub DIRECTORY [memory] [1] [1000] [10000]     DIRECTORY: of the build, with gpusim, wavestub, wavelaunch and the sample kernels; the
 *   rest: only these parts
 * Figures only; nothing is judged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "testsuite/bench/bench_client.h"
#include "testsuite/bench/bench_target.h"

enum { ROUNDS = 10, STEPS = 100, PATH = 512 };

static char *path(const char *directory, const char *name)
{
	char *text = malloc(PATH);
	if (!text)
		fail("out of memory");
	snprintf(text, PATH, "%s/%s", directory, name);
	return text;
}

/* ------------------------------------------------------------------ what the stub has counted */

struct counts {
	long waves, stop_us, cpu_us, decode_us;
	long ioctls, ioctl_us;  /* of the kernel, all operations */
	long suspends, resumes, suspend_us;
};

static long integer(json_t *o, const char *name)
{
	return (long)json_integer_value(json_object_get(o, name));
}

static struct counts counted(struct client *c)
{
	struct counts n = { 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	size_t i;
	json_t *call, *o = json_loads(client_monitor(c, "-json statistics"), 0, NULL);
	if (!o)
		fail("statistics that are no JSON");
	n.waves = integer(o, "waves");
	n.stop_us = integer(o, "last_stop_us");
	n.cpu_us = integer(o, "last_stop_cpu_us");
	n.decode_us = integer(o, "last_decode_us");
	json_array_foreach(json_object_get(o, "calls"), i, call) {
		const char *op = json_string_value(json_object_get(call, "operation"));
		if (strcmp(op, "read") == 0 || strcmp(op, "write") == 0)
			continue;
		n.ioctls += integer(call, "calls");
		n.ioctl_us += integer(call, "us");
		if (strcmp(op, "SUSPEND_QUEUES") == 0) {
			n.suspends = integer(call, "calls");
			n.suspend_us = integer(call, "us");
		} else if (strcmp(op, "RESUME_QUEUES") == 0)
			n.resumes = integer(call, "calls");
	}
	json_decref(o);
	return n;
}

/* ------------------------------------------------------------------ waves */

static uint64_t pc_of_stop(const char *reply)
{
	const char *at = strstr(reply, ";10:"); /* the carrier's rip */
	uint64_t pc = 0;
	for (int i = 7; at && i >= 0; i--) {
		char byte[3] = { at[4 + 2 * i], at[5 + 2 * i], '\0' };
		pc = pc << 8 | strtoul(byte, NULL, 16);
	}
	return pc;
}

static void thread_of_stop(const char *reply, char *id, size_t n)
{
	const char *at = strstr(reply, "thread:");
	snprintf(id, n, "%.*s", at ? (int)strcspn(at + 7, ";") : 0, at ? at + 7 : "");
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
		if (counted(c).waves >= waves)
			return;
	}
	fail("%ld waves do not come to be resident", waves);
}

struct sum {
	double wall;
	long stop_us, cpu_us, decode_us, suspend_us, ioctls, suspends, resumes, n;
};

static void add(struct sum *s, const struct counts *before, const struct counts *after, double wall)
{
	s->wall += wall;
	s->stop_us += after->stop_us;
	s->cpu_us += after->cpu_us;
	s->decode_us += after->decode_us;
	s->suspend_us += after->suspend_us - before->suspend_us;
	s->ioctls += after->ioctls - before->ioctls;
	s->suspends += after->suspends - before->suspends;
	s->resumes += after->resumes - before->resumes;
	s->n++;
}

static void print(const char *what, long waves, const struct sum *s)
{
	double n = (double)s->n;
	printf("  %-26s %8.2f ms event to report, %8.2f ms without the suspend, %8.2f ms of processor time, %8.2f ms decoding (%.0f waves/s); per stop and continue: %.1f ioctls, %.1f suspends, %.1f resumes\n",
		what, (double)s->stop_us / n / 1e3, (double)(s->stop_us - s->suspend_us) / n / 1e3, (double)s->cpu_us / n / 1e3, (double)s->decode_us / n / 1e3,
		s->decode_us ? (double)waves * n * 1e6 / (double)s->decode_us : 0, (double)s->ioctls / n, (double)s->suspends / n, (double)s->resumes / n);
	fflush(stdout);
}

static void interrupts(struct client *c, long waves)
{
	struct sum s = { 0 };
	for (int i = 0; i < ROUNDS; i++) {
		struct counts before = counted(c), after;
		client_send(c, "vCont;c");
		usleep(20000);
		double start = now();
		client_interrupt(c);
		client_receive(c);
		double wall = now() - start;
		after = counted(c);
		add(&s, &before, &after, wall);
	}
	print("stop by Ctrl-C", waves, &s);
	printf("  %-26s %8.2f ms as the client sees it\n", "", s.wall / (double)s.n * 1e3);
}

/* All waves run into the breakpoint. */
static void breakpoints(struct client *c, long waves)
{
	struct sum s = { 0 };
	uint64_t pc = pc_of_stop(client_ask(c, "?"));
	client_ask(c, "Z0,%llx,4", (unsigned long long)pc);
	for (int i = 0; i < ROUNDS; i++) {
		struct counts before = counted(c), after;
		double start = now();
		client_ask(c, "vCont;c");
		double wall = now() - start;
		after = counted(c);
		add(&s, &before, &after, wall);
		client_ask(c, "qfThreadInfo"); /* the client looks at all waves: none of them stops once more for what it has seen */
		while (c->reply[0] == 'm')
			client_ask(c, "qsThreadInfo");
		client_ask(c, "qXfer:threads:read::0,1000");
	}
	print("stop at a breakpoint", waves, &s);
	client_ask(c, "z0,%llx,4", (unsigned long long)pc);
}

static void steps(struct client *c)
{
	char thread[64];
	client_send(c, "vCont;c");
	usleep(20000);
	client_interrupt(c);
	client_receive(c);
	thread_of_stop(c->reply, thread, sizeof thread);
	struct counts before = counted(c);
	double start = now();
	for (int i = 0; i < STEPS; i++)
		client_ask(c, "vCont;s:%s", thread);
	double each = (now() - start) / STEPS;
	struct counts after = counted(c);
	printf("  %-26s %8.2f ms each, %.1f ioctls, %.2f ms in the kernel, %.2f ms of it suspending\n", "stepi, the others held", each * 1e3,
		(double)(after.ioctls - before.ioctls) / STEPS, (double)(after.ioctl_us - before.ioctl_us) / STEPS / 1e3,
		(double)(after.suspend_us - before.suspend_us) / STEPS / 1e3);
}

static void thread_list(struct client *c)
{
	double first = 0, whole = 0;
	size_t bytes = 0;
	for (int i = 0; i < ROUNDS; i++) {
		size_t at = 0, chunk = c->packet_size - 16;
		double start = now();
		do {
			client_ask(c, "qXfer:threads:read::%zx,%zx", at, chunk);
			if (!at)
				first += now() - start;
			/* Escapes are not undone: the list goes on behind the bytes that they stand for. */
			size_t run = 0;
			for (size_t k = 1; k < c->reply_bytes; k++, run++)
				k += c->reply[k] == '}';
			at += run;
		} while (c->reply[0] == 'm');
		whole += now() - start;
		bytes = at;
	}
	printf("  %-26s %8.2f ms built (with the first packet), %.2f ms in all, %zu bytes\n", "list of threads", first / ROUNDS * 1e3, whole / ROUNDS * 1e3, bytes);
	fflush(stdout);
}

static void waves(const char *directory, long n, const char *xccs, const char *cus)
{
	static struct client c;
	char grid[32], counters[32];
	snprintf(grid, sizeof grid, "--grid=%ld", n * 64);
	snprintf(counters, sizeof counters, "--arg=buf:%ld", n * 64 * 8);
	const char *argv[] = { path(directory, "gpusim"), xccs, cus, "--", path(directory, "wavestub"), "--once", ":0", path(directory, "wavelaunch"),
		path(directory, "testsuite/kernels/spin.O2.co"), "spin", grid, "--group=64", "--arg=buf:64", counters, NULL };
	struct server s = server_start(argv);
	client_open(&c, &s);
	client_ask(&c, "?");
	until_resident(&c, n);
	printf("%ld wave%s resident\n", n, n == 1 ? "" : "s");
	interrupts(&c, n);
	thread_list(&c);
	breakpoints(&c, n);
	steps(&c);
	client_close(&c);
	server_end(&s);
}

/* ------------------------------------------------------------------ memory */

/* Bytes that an answer stands for; the first eight are compared. */
static size_t decoded(const char *reply, size_t n, bool binary, uint64_t addr)
{
	size_t bytes = 0;
	uint64_t first = 0;
	if (binary) {
		for (size_t i = 1; i < n; i++, bytes++) {
			uint8_t byte = reply[i] == '}' ? (uint8_t)(reply[++i] ^ 0x20) : (uint8_t)reply[i];
			if (bytes < 8)
				first |= (uint64_t)byte << 8 * bytes;
		}
	} else {
		for (; bytes < 8 && 2 * bytes + 1 < n; bytes++) {
			char pair[3] = { reply[2 * bytes], reply[2 * bytes + 1], '\0' };
			first |= (uint64_t)strtoul(pair, NULL, 16) << 8 * bytes;
		}
		bytes = n / 2;
	}
	if (addr % 8 == 0 && bytes >= 8 && first != bench_word((addr - BENCH_ADDRESS) / 8))
		fail("memory at %#llx is read wrong: %#llx", (unsigned long long)addr, (unsigned long long)first);
	return bytes;
}

/* MB/s of reading all of it. */
static double read_all(struct client *c, bool binary)
{
	uint64_t addr = BENCH_ADDRESS, end = BENCH_ADDRESS + BENCH_BYTES;
	size_t most = (binary ? c->packet_size - 64 : (c->packet_size - 16) / 2) / 8 * 8;
	double start = now();
	while (addr < end) {
		client_ask(c, "%c%llx,%zx", binary ? 'x' : 'm', (unsigned long long)addr, (size_t)(end - addr < most ? end - addr : most));
		size_t got = decoded(c->reply, c->reply_bytes, binary, addr);
		if (!got)
			fail("memory at %#llx is not read: %.40s", (unsigned long long)addr, c->reply);
		addr += got;
	}
	return (double)BENCH_BYTES / 1e6 / (now() - start);
}

struct rates {
	size_t packet;
	double hex, binary;
};

static struct rates memory_rates(const char *const argv[])
{
	static struct client c;
	struct server s = server_start(argv);
	client_open(&c, &s);
	client_ask(&c, "?");
	client_ask(&c, "vCont;c");
	while (c.reply[0] == 'T' && strncmp(c.reply, "T05", 3) != 0)
		client_ask(&c, "vCont;c");
	struct rates r = { .packet = c.packet_size, .hex = read_all(&c, false) };
	r.hex = (r.hex + read_all(&c, false)) / 2;
	r.binary = c.binary_reads ? read_all(&c, true) : 0;
	client_close(&c);
	server_end(&s);
	return r;
}

static void memory(const char *directory)
{
	char *target = path(directory, "testsuite/bench/bench_target");
	const char *ours[] = { path(directory, "gpusim"), "--", path(directory, "wavestub"), "--once", ":0", target, NULL };
	const char *theirs[] = { "gdbserver", "--once", "localhost:0", target, NULL };
	struct rates stub = memory_rates(ours), other = memory_rates(theirs);
	printf("reading 64 MiB of a CPU program's memory\n");
	printf("  wavestub  (packets of %zu)  m %7.1f MB/s   x %7.1f MB/s\n", stub.packet, stub.hex, stub.binary);
	if (other.binary > 0)
		printf("  gdbserver (packets of %zu)  m %7.1f MB/s   x %7.1f MB/s\n", other.packet, other.hex, other.binary);
	else
		printf("  gdbserver (packets of %zu)  m %7.1f MB/s   (has no x)\n", other.packet, other.hex);
	double best = other.binary > other.hex ? other.binary : other.hex;
	printf("  wavestub by gdbserver's best: m %.1f times, x %.1f times\n", stub.hex / best, stub.binary / best);
	fflush(stdout);
}

static bool wanted(int argc, char **argv, const char *name)
{
	for (int i = 2; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc <= 2;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		fail("usage: bench_stub DIRECTORY [memory] [1] [1000] [10000]");
	if (wanted(argc, argv, "memory"))
		memory(argv[1]);
	if (wanted(argc, argv, "1"))
		waves(argv[1], 1, "--xccs=1", "--cus=38");
	if (wanted(argc, argv, "1000"))
		waves(argv[1], 1000, "--xccs=1", "--cus=38");
	if (wanted(argc, argv, "10000"))
		waves(argv[1], 10000, "--xccs=8", "--cus=320");
	return 0;
}
