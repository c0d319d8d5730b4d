/* Speed of the instruction engine: lane-instructions (instructions times 64 lanes, active or not) per second of one core.
 *   bench_isa [CODEOBJ KERNEL]...
 * Kernels take (out, a, b, n) as those of the differential test do; without arguments a selection of them runs at three levels. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "testsuite/unit/isa_machine.h"

enum { WORDS = 1 << 18, GRID = 1 << 14 };

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Lane-instructions per second, negative when the kernel cannot run. */
static double measure(const char *path, const char *kernel)
{
	struct machine *m = calloc(1, sizeof *m);
	struct machine_object obj;
	struct machine_outcome outcome;
	uint64_t buf[3];
	if (!m)
		return -1;
	machine_init(m);
	const char *error = machine_load(m, path, &obj);
	for (unsigned k = 0; k < 3; k++)
		buf[k] = machine_map(m, WORDS * 4, 0);
	for (unsigned k = 0; k < WORDS; k++) {
		float f = (float)(k % 1000) / 100.0f;
		memcpy(machine_host(m, buf[1]) + 4 * k, &f, 4);
		memcpy(machine_host(m, buf[2]) + 4 * k, &f, 4);
	}
	struct { uint64_t out, a, b; uint32_t n; } args = { buf[0], buf[1], buf[2], 64 };
	struct machine_dispatch d = { .kernel = kernel, .grid = { GRID, 1, 1 }, .group = { 256, 1, 1 }, .args = &args, .args_bytes = 28,
		.private_bytes = 2048 };
	if (strncmp(kernel, "matmul", 6) == 0) {
		memcpy(d.grid, (uint32_t[3]){ 32, 32, 64 }, sizeof d.grid);
		memcpy(d.group, (uint32_t[3]){ 16, 16, 1 }, sizeof d.group);
	}
	double start = seconds(), spent = 0;
	while (!error && spent < 0.3) {
		error = machine_run(m, &obj, &d, &outcome);
		if (!error && outcome.why != SIM_ENDPGM)
			error = m->unknown[0] ? m->unknown : "the kernel stopped";
		spent = seconds() - start;
	}
	double rate = (double)m->instructions * SIM_LANES / spent;
	if (error)
		fprintf(stderr, "%s %s: %s\n", path, kernel, error);
	machine_unload(&obj);
	machine_deinit(m);
	free(m);
	return error ? -1 : rate;
}

static bool report(const char *path, const char *kernel)
{
	double rate = measure(path, kernel);
	if (rate >= 0)
		printf("%-52s %-12s %8.1f million lane-instructions/s\n", path, kernel, rate / 1e6);
	return rate >= 0;
}

static const struct { const char *file, *kernel; } selection[] = {
	{ "basic", "vecadd" }, { "basic", "matmul" }, { "basic", "nbody" }, { "basic", "polyf" }, { "lds", "matmul_lds" }, { "lds", "bitonic" },
	{ "lds", "histogram" }, { "control", "collatz" }, { "control", "mandel" }, { "control", "recurse" }, { "memory", "privarr" },
	{ "integer", "hash" }, { "integer", "crc" }, { "integer", "i64ops" }, { "float", "f64ops" }, { "float", "pi" },
};

static bool table(void)
{
	bool ok = true;
	printf("\nTHE INSTRUCTION ENGINE of the simulator, one core; million lane-instructions (active or not) a second\n  %-34s %10s %10s %10s\n", "kernel",
		"-O0", "-O1", "-O2");
	for (unsigned k = 0; k < sizeof selection / sizeof *selection; k++) {
		printf("  %-34s", selection[k].kernel);
		for (int level = 0; level < 3; level++) {
			char path[256];
			snprintf(path, sizeof path, "testsuite/unit/isa_kernels/%s.O%d.co", selection[k].file, level);
			double rate = measure(path, selection[k].kernel);
			if (rate >= 0)
				printf(" %10.1f", rate / 1e6);
			else
				printf(" %10s", "failed");
			ok &= rate >= 0;
		}
		printf("\n");
		fflush(stdout);
	}
	return ok;
}

int main(int argc, char **argv)
{
	bool ok = argc > 1 || table();
	for (int k = 1; k + 1 < argc; k += 2)
		ok &= report(argv[k], argv[k + 1]);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
