/* Division and square root as clang expands them, over 65,536 difficult pairs, against the host's; the helper of argument reduction. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/unit/isa_snippet.h"
#include "testsuite/unit/tap.h"

enum { PAIRS = 65536 };

static uint64_t state = 0x853c49e6748fea9bull;

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1dull;
}

/* Random bits, landmarks and their neighbours, extreme exponents, denormals, few mantissa bits. */
static uint64_t odd_float(unsigned mantissa_bits, unsigned exponent_bits)
{
	uint64_t one = 1, r = next_random(), mantissa = r & ((one << mantissa_bits) - 1), top = (one << exponent_bits) - 1;
	uint64_t sign = (r >> 63) << (mantissa_bits + exponent_bits), exponent = next_random() & top;
	switch (next_random() % 8) {
	case 0: exponent = r >> 40 & 1 ? top : 0; mantissa = 0; break;
	case 1: exponent = 0; break;
	case 2: exponent = 1 + (r >> 40 & 3); break;
	case 3: exponent = top - 1 - (r >> 40 & 3); break;
	case 4: exponent = top / 2 - 2 + (r >> 40 & 3); break;
	case 5: mantissa = one << r % mantissa_bits; break;
	case 6: mantissa = ((one << mantissa_bits) - 1) & ~(uint64_t)(r >> 40 & 3); break;
	default: break;
	}
	return sign | exponent << mantissa_bits | mantissa;
}

/* Runs a (out, a, b, n) kernel; answers its output, owned by the machine. */
static const void *run_kernel(struct machine *m, const char *kernel, int level, const void *a, const void *b, size_t bytes, size_t out_bytes)
{
	char path[512];
	const char *dir = getenv("ISA_KERNELS");
	snprintf(path, sizeof path, "%s/float.O%d.co", dir ? dir : ISA_KERNEL_DIR, level);
	struct machine_object obj;
	struct machine_outcome outcome;
	const char *error = machine_load(m, path, &obj);
	ck_assert_msg(!error, "%s: %s", path, error);
	uint64_t out = machine_map(m, out_bytes, 0), in_a = machine_map(m, bytes, 0), in_b = machine_map(m, bytes, 0);
	memcpy(machine_host(m, in_a), a, bytes);
	memcpy(machine_host(m, in_b), b, bytes);
	struct { uint64_t out, a, b; uint32_t n; } args = { out, in_a, in_b, PAIRS };
	struct machine_dispatch d = { .kernel = kernel, .grid = { PAIRS, 1, 1 }, .group = { 256, 1, 1 }, .args = &args, .args_bytes = 28 };
	error = machine_run(m, &obj, &d, &outcome);
	ck_assert_msg(!error && outcome.why == SIM_ENDPGM, "%s: %s", kernel, error ? error : m->unknown);
	machine_unload(&obj);
	return machine_host(m, out);
}

START_TEST(test_f32)
{
	static float a[PAIRS], b[PAIRS];
	static struct machine m;
	for (unsigned k = 0; k < PAIRS; k++) {
		uint32_t x = (uint32_t)odd_float(23, 8), y = (uint32_t)odd_float(23, 8);
		memcpy(&a[k], &x, 4);
		memcpy(&b[k], &y, 4);
	}
	machine_init(&m);
	const float *got = run_kernel(&m, "fdiv32", _i, a, b, sizeof a, 2 * sizeof a);
	for (unsigned k = 0; k < PAIRS; k++) {
		volatile float q = a[k] / b[k], r = sqrtf(a[k]), q2 = got[2 * k], r2 = got[2 * k + 1];
		ck_assert_msg((isnan(q) && isnan(q2)) || memcmp((void *)&q, (void *)&q2, 4) == 0, "%a / %a = %a, not %a", a[k], b[k], q, q2);
		ck_assert_msg((isnan(r) && isnan(r2)) || memcmp((void *)&r, (void *)&r2, 4) == 0, "sqrt %a = %a, not %a", a[k], r, r2);
	}
	machine_deinit(&m);
}
END_TEST

START_TEST(test_f64)
{
	static double a[PAIRS], b[PAIRS];
	static struct machine m;
	for (unsigned k = 0; k < PAIRS; k++) {
		uint64_t x = odd_float(52, 11), y = odd_float(52, 11);
		memcpy(&a[k], &x, 8);
		memcpy(&b[k], &y, 8);
	}
	machine_init(&m);
	const double *got = run_kernel(&m, "fdiv64", _i, a, b, sizeof a, 2 * sizeof a);
	for (unsigned k = 0; k < PAIRS; k++) {
		volatile double q = a[k] / b[k], r = sqrt(a[k]), q2 = got[2 * k], r2 = got[2 * k + 1];
		ck_assert_msg((isnan(q) && isnan(q2)) || memcmp((void *)&q, (void *)&q2, 8) == 0, "%a / %a = %a, not %a", a[k], b[k], q, q2);
		ck_assert_msg((isnan(r) && isnan(r2)) || memcmp((void *)&r, (void *)&r2, 8) == 0, "sqrt %a = %a, not %a", a[k], r, r2);
	}
	machine_deinit(&m);
}
END_TEST

/* Segments of 2/pi, worked out in quadruple precision. */
START_TEST(test_trig_preop)
{
	const __float128 two_over_pi = 0.63661977236758134307553505349005744813783858296183Q;
	struct snippet *s = snippet_new();
	for (unsigned l = 0; l < SIM_LANES; l++) {
		double a = ldexp(1.5, l < 32 ? 3 : (int)l + 25); /* exponent field beyond 1077 from lane 55 on */
		uint64_t q;
		memcpy(&q, &a, 8);
		snippet_set_v64(s, 0, l, q);
		s->mw.v[2][l] = l < 32 ? l % 2 : 0;
	}
	snippet_one(s, ASM("v_trig_preop_f64 v[4:5], v[0:1], v2", 0xd2920004, 0x00020500));
	for (unsigned l = 0; l < SIM_LANES; l++) {
		uint64_t q = snippet_v64(s, 4, l);
		double got;
		memcpy(&got, &q, 8);
		int shift = l < 32 ? 53 * (int)(l % 2) : (int)l + 25 + 1023 > 1077 ? (int)l + 25 + 1023 - 1077 : 0;
		__float128 scaled = two_over_pi;
		for (int k = 0; k < shift; k++) {
			scaled *= 2;
			if (scaled >= 1)
				scaled -= 1;
		}
		double bits = (double)(uint64_t)(scaled * 0x1p53);
		ck_assert_msg(got == ldexp(bits, -53 - shift), "lane %u: %a instead of %a", l, got, ldexp(bits, -53 - shift));
	}
	snippet_free(s);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		{ "f32 division and square root", test_f32, 3 },
		{ "f64 division and square root", test_f64, 3 },
		{ "v_trig_preop_f64", test_trig_preop, 1 },
	};
	return TAP_RUN("isa_divide", tests, NULL, NULL);
}
