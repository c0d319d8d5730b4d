/* The differential test: kernels compiled by clang for the GPU at three levels and for the host from one source give the same bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/isa/coverage.h"
#include "testsuite/unit/isa_hostrun.h"
#include "testsuite/unit/isa_machine.h"
#include "testsuite/unit/tap.h"

enum data { INTS, FLOATS, ODD_FLOATS, ODD_DOUBLES };
enum compare { EXACT, NAN32, NAN64 };
enum { WORDS = 8192 };

struct kernel {
	const char *file, *name;
	host_kernel *host;
	enum data data;
	uint32_t grid[3], group[3], out_words;
	enum compare compare;
};

#define KERNEL_ROW(FILE, NAME, DATA, GX, GY, GZ, LX, LY, LZ, WORDS, COMPARE) host_kernel NAME;
#include "testsuite/unit/isa_kernels/list.h"
#undef KERNEL_ROW

static const struct kernel kernels[] = {
#define KERNEL_ROW(FILE, NAME, DATA, GX, GY, GZ, LX, LY, LZ, WORDS, COMPARE) \
	{ #FILE, #NAME, NAME, DATA, { GX, GY, GZ }, { LX, LY, LZ }, WORDS, COMPARE },
#include "testsuite/unit/isa_kernels/list.h"
};
enum { N_KERNELS = sizeof kernels / sizeof *kernels };

/* ------------------------------------------------------------------ data */

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	uint64_t x = *state;
	return (x ^ x >> 29) * 0x9e3779b97f4a7c15ull >> 7 ^ x >> 33;
}

static uint32_t odd_float(uint64_t *state)
{
	static const uint32_t special[] = { 0, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000, 0x3f800000, 0xbf800000, 1, 0x807fffff, 0x7f7fffff,
		0x00800000, 0x00800001, 0x7e800000, 0x7f000000, 0x01000000, 0x0c000000 };
	uint32_t r = (uint32_t)next_random(state);
	switch (next_random(state) % 6) {
	case 0: return special[r % 16];
	case 1: return (r & 0x807fffff) | (r & 1 ? 0x7e000000 : 0x00800000);
	case 2: return r & 0x807fffff;
	case 3: return (r & 0x807fffff) | 0x3f800000;
	default: return r;
	}
}

static uint64_t odd_double(uint64_t *state)
{
	uint32_t f = odd_float(state);
	uint64_t r = next_random(state) << 32 | (uint32_t)next_random(state), sign = r & 1ull << 63, m = r & 0xfffffffffffffull;
	switch (next_random(state) % 6) {
	case 0: return (uint64_t)f << 32;
	case 1: return sign | m | (f & 1 ? 0x7fdull : 1ull) << 52;
	case 2: return sign | m;
	case 3: return sign | m | 0x3ffull << 52;
	case 4: return sign | m | (f & 0x7ff ? (uint64_t)(f & 0x7ff) - 1 : 0) << 52;
	default: return r;
	}
}

static void fill(uint32_t *p, enum data data, uint64_t seed)
{
	uint64_t s = seed;
	for (unsigned k = 0; k < WORDS; k++) {
		float f = (float)(int32_t)(next_random(&s) % 20001) / 1000.0f - 10.0f;
		uint64_t d;
		switch (data) {
		case INTS: p[k] = next_random(&s) % 8 ? (uint32_t)next_random(&s) : (uint32_t)next_random(&s) % 64; break;
		case FLOATS: memcpy(&p[k], &f, 4); break;
		case ODD_FLOATS: p[k] = odd_float(&s); break;
		case ODD_DOUBLES:
			d = odd_double(&s);
			p[k & ~1u] = (uint32_t)d;
			p[k | 1] = (uint32_t)(d >> 32);
			k |= 1;
			break;
		}
	}
}

/* ------------------------------------------------------------------ comparison */

static bool is_nan32(uint32_t u)
{
	return (u & 0x7fffffff) > 0x7f800000;
}

static bool is_nan64(uint64_t u)
{
	return (u & ~(1ull << 63)) > 0x7ff0000000000000ull;
}

/* Any NaN equals any NaN. -1: the same, else the first word that differs. */
static long compare(const uint32_t *x, const uint32_t *y, enum compare how)
{
	for (unsigned k = 0; k < WORDS; k++) {
		if (x[k] == y[k] || (how == NAN32 && is_nan32(x[k]) && is_nan32(y[k])))
			continue;
		uint64_t p, q;
		memcpy(&p, x + (k & ~1u), 8);
		memcpy(&q, y + (k & ~1u), 8);
		if (how != NAN64 || !is_nan64(p) || !is_nan64(q))
			return k;
	}
	return -1;
}

/* ------------------------------------------------------------------ runs */

/* The cache is one for all kernels so that it tells what was ever executed. */
struct suite_state {
	uint32_t a[WORDS], b[WORDS], want[WORDS], got[WORDS];
};

static const char *object_dir(void)
{
	const char *dir = getenv("ISA_KERNELS");
	return dir ? dir : ISA_KERNEL_DIR;
}

static uint64_t run_gpu(struct machine *m, const struct kernel *k, int level, struct suite_state *st, uint64_t *where)
{
	char path[512];
	struct machine_object obj;
	struct machine_outcome outcome;
	snprintf(path, sizeof path, "%s/%s.O%d.co", object_dir(), k->file, level);
	const char *error = machine_load(m, path, &obj);
	ck_assert_msg(!error, "%s: %s", path, error);
	uint64_t buffers[3];
	for (unsigned n = 0; n < 3; n++)
		buffers[n] = machine_map(m, WORDS * 4, 0);
	memcpy(machine_host(m, buffers[1]), st->a, sizeof st->a);
	memcpy(machine_host(m, buffers[2]), st->b, sizeof st->b);
	struct { uint64_t out, a, b; uint32_t n; } args = { buffers[0], buffers[1], buffers[2], k->out_words };
	struct machine_dispatch d = { .kernel = k->name, .args = &args, .args_bytes = 28, .dynamic_lds = strcmp(k->name, "dynamic_lds") ? 0 : 256 };
	memcpy(d.grid, k->grid, sizeof d.grid);
	memcpy(d.group, k->group, sizeof d.group);
	error = machine_run(m, &obj, &d, &outcome);
	ck_assert_msg(!error, "%s at -O%d: %s", k->name, level, error);
	ck_assert_msg(outcome.why == SIM_ENDPGM, "%s at -O%d stopped: why %d, pc %#llx, TRAPSTS %#x, address %#llx, %s", k->name, level,
		outcome.why, (unsigned long long)(outcome.pc - obj.base), outcome.trapsts, (unsigned long long)outcome.result.fault_addr,
		m->unknown);
	memcpy(st->got, machine_host(m, buffers[0]), sizeof st->got);
	machine_unload(&obj);
	*where = obj.base;
	return m->instructions;
}

static void check_kernel(const struct kernel *k, int level)
{
	struct suite_state *st = calloc(1, sizeof *st);
	struct machine *m = calloc(1, sizeof *m);
	uint64_t base;
	ck_assert_ptr_nonnull(st);
	ck_assert_ptr_nonnull(m);
	machine_init(m);
	fill(st->a, k->data, 12345 + (uint64_t)level);
	fill(st->b, k->data, 98765);
	host_run(k->host, k->grid, k->group, st->want, st->a, st->b, k->out_words);
	run_gpu(m, k, level, st, &base);
	long at = compare(st->want, st->got, k->compare);
	ck_assert_msg(at < 0, "%s at -O%d: word %ld is %#x on the GPU, %#x on the host (a %#x, b %#x)", k->name, level, at, st->got[at < 0 ? 0 : at],
		st->want[at < 0 ? 0 : at], st->a[at < 0 ? 0 : at], st->b[at < 0 ? 0 : at]);
	machine_deinit(m);
	free(m);
	free(st);
}

START_TEST(test_kernel)
{
	check_kernel(&kernels[_i / 3], _i % 3);
}
END_TEST

/* The same input gives the same results in the same number of instructions. */
START_TEST(test_deterministic)
{
	uint64_t instructions[2], base;
	struct suite_state *st = calloc(1, sizeof *st);
	ck_assert_ptr_nonnull(st);
	for (unsigned n = 0; n < 2; n++) {
		struct machine *m = calloc(1, sizeof *m);
		ck_assert_ptr_nonnull(m);
		machine_init(m);
		fill(st->a, INTS, 7);
		fill(st->b, INTS, 8);
		for (unsigned k = 0; k < N_KERNELS; k++)
			if (strcmp(kernels[k].name, "bitonic") == 0 || strcmp(kernels[k].name, "atomics_cas") == 0)
				run_gpu(m, &kernels[k], 2, st, &base);
		instructions[n] = m->instructions;
		if (n == 0)
			memcpy(st->want, st->got, sizeof st->want);
		machine_deinit(m);
		free(m);
	}
	ck_assert_uint_gt(instructions[0], 1000);
	ck_assert_uint_eq(instructions[0], instructions[1]);
	ck_assert_int_eq(compare(st->want, st->got, EXACT), -1);
	free(st);
}
END_TEST

/* Rows that all kernels together execute, counted per encoding; fewer than ever before means that a kernel lost its point. */
START_TEST(test_coverage)
{
	enum { EXPECTED = 400 };
	struct sim_icache *ic = sim_icache_create();
	struct suite_state *st = calloc(1, sizeof *st);
	unsigned met = 0, rows = 0;
	uint64_t base;
	ck_assert_ptr_nonnull(ic);
	ck_assert_ptr_nonnull(st);
	for (unsigned k = 0; k < N_KERNELS * 3; k++) {
		struct machine *m = calloc(1, sizeof *m);
		ck_assert_ptr_nonnull(m);
		machine_init(m);
		sim_icache_destroy(m->icache);
		m->icache = m->env.icache = ic;
		m->generation = (k + 1) * 1000ull; /* another process */
		fill(st->a, kernels[k / 3].data, k);
		fill(st->b, kernels[k / 3].data, k + 1000);
		run_gpu(m, &kernels[k / 3], (int)(k % 3), st, &base);
		sim_icache_drop(ic);
		m->icache = NULL;
		machine_deinit(m);
		free(m);
	}
	for (size_t k = 0; k < sim_isa_slots(); k++) {
		const char *encoding, *name = sim_isa_slot_name(k, &encoding);
		rows += name != NULL;
		met += sim_icache_decoded(ic, k) > 0;
		if (name && sim_icache_decoded(ic, k) && getenv("ISA_COVERAGE"))
			printf("# executed %s %s\n", encoding, name);
	}
	printf("# %u of %u rows executed\n", met, rows);
	fflush(stdout);
	ck_assert_uint_ge(met, EXPECTED);
	sim_icache_destroy(ic);
	free(st);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("isa_kernels");
	for (unsigned k = 0; k < N_KERNELS; k++) {
		for (int level = 0; level < 3; level++) {
			static char names[N_KERNELS][3][48]; /* Check keeps the pointers */
			char *name = names[k][level];
			snprintf(name, sizeof names[k][level], "%s -O%d", kernels[k].name, level);
			TCase *tc = tcase_create(name);
			tcase_set_timeout(tc, 120);
			tcase_add_loop_test(tc, test_kernel, (int)k * 3 + level, (int)k * 3 + level + 1);
			suite_add_tcase(s, tc);
		}
	}
	TCase *tc = tcase_create("deterministic");
	tcase_add_test(tc, test_deterministic);
	suite_add_tcase(s, tc);
	tc = tcase_create("coverage");
	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, test_coverage);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return tap_run(suite());
}
