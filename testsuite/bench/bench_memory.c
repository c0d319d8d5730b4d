/* Memory read by `m` and `x` beside gdbserver's. The two take turns, chunk by chunk, so that whatever else the machine does hits both alike. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/bench/bench_client.h"
#include "testsuite/bench/bench_parts.h"
#include "testsuite/bench/bench_target.h"

enum { CHUNKS = 32, ROUNDS = 3 };
enum method { STUB_HEX, STUB_BINARY, OTHER_HEX, OTHER_BINARY, METHODS };

/* Bytes that an answer stands for; the first eight are compared. */
static size_t decoded(const char *reply, size_t n, bool binary, uint64_t addr)
{
	size_t bytes = 0;
	uint64_t first = 0;
	if (binary) {
		size_t i = 1;
		for (; i < n && bytes < 8; i++, bytes++)
			first |= (uint64_t)(uint8_t)(reply[i] == '}' ? reply[++i] ^ 0x20 : reply[i]) << 8 * bytes;
		bytes += n - i;
		for (const char *at = reply + i; (at = memchr(at, '}', n - (size_t)(at - reply))); at += 2)
			bytes--;
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

/* Seconds for reading [addr, end). */
static double read_all(struct client *c, bool binary, uint64_t addr, uint64_t end)
{
	size_t most = (binary ? c->packet_size - 64 : (c->packet_size - 16) / 2) / 8 * 8;
	double start = now();
	while (addr < end) {
		client_ask(c, "%c%llx,%zx", binary ? 'x' : 'm', (unsigned long long)addr, (size_t)(end - addr < most ? end - addr : most));
		size_t got = decoded(c->reply, c->reply_bytes, binary, addr);
		if (!got)
			fail("memory at %#llx is not read: %.40s", (unsigned long long)addr, c->reply);
		addr += got;
	}
	return now() - start;
}

static struct server start(struct client *c, const char *const argv[])
{
	struct server s = server_start(argv);
	client_open(c, &s);
	client_ask(c, "?");
	client_ask(c, "vCont;c");
	while (c->reply[0] == 'T' && strncmp(c->reply, "T05", 3) != 0)
		client_ask(c, "vCont;c");
	if (c->reply[0] != 'T')
		fail("%s: the program has not stopped: %s", argv[0], c->reply);
	return s;
}

static void line(const char *what, double ours, double theirs, double best)
{
	char other[32] = "-";
	if (theirs > 0)
		snprintf(other, sizeof other, "%.1f", theirs);
	printf("  %-34s %10.1f %10s %9.1f   at least 3.0\n", what, ours, other, ours / best);
}

void bench_memory(const char *directory)
{
	char *target = bench_path(directory, "testsuite/bench/bench_target");
	const char *ours[] = { bench_path(directory, "gpusim"), "--", bench_path(directory, "wavestub"), "--once", ":0", target, NULL };
	const char *theirs[] = { "gdbserver", "--once", "localhost:0", target, NULL };
	static struct client stub, other;
	struct server s = start(&stub, ours), o = start(&other, theirs);
	double spent[METHODS] = { 0, 0, 0, 0 }, rate[METHODS];
	for (int round = 0; round < ROUNDS; round++)
		for (uint64_t i = 0, chunk = BENCH_BYTES / CHUNKS; i < CHUNKS; i++) {
			uint64_t from = BENCH_ADDRESS + i * chunk, to = from + chunk;
			spent[STUB_HEX] += read_all(&stub, false, from, to);
			spent[OTHER_HEX] += read_all(&other, false, from, to);
			spent[STUB_BINARY] += stub.binary_reads ? read_all(&stub, true, from, to) : 0;
			spent[OTHER_BINARY] += other.binary_reads ? read_all(&other, true, from, to) : 0;
		}
	for (int i = 0; i < METHODS; i++)
		rate[i] = spent[i] > 0 ? (double)BENCH_BYTES * ROUNDS / 1e6 / spent[i] : 0;
	double best = rate[OTHER_BINARY] > rate[OTHER_HEX] ? rate[OTHER_BINARY] : rate[OTHER_HEX];
	printf("\nMEMORY of a CPU program, %d MiB, in turns; the ratio is to gdbserver's faster way\n", (int)(BENCH_BYTES >> 20));
	printf("  %-34s %10s %10s %9s   goal\n", "MB/s", "wavestub", "gdbserver", "ratio");
	line("m (hexadecimal)", rate[STUB_HEX], rate[OTHER_HEX], best);
	line("x (binary)", rate[STUB_BINARY], rate[OTHER_BINARY], best);
	printf("  %-34s %10zu %10zu\n", "bytes a packet", stub.packet_size, other.packet_size);
	fflush(stdout);
	client_close(&stub);
	client_close(&other);
	server_end(&s);
	server_end(&o);
}
