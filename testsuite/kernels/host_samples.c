/* Samples of computing: one function each, which says how the kernel is launched and does its computation again in plain C. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "testsuite/kernels/host_reference.h"

/* ------------------------------------------------------------------ vadd */

static void vadd(struct launch *l)
{
	enum { N = 1000 };
	launch_shape(l, 1024, 1, 1, 256, 1, 1);
	float *a = launch_in(l, N * sizeof *a), *b = launch_in(l, N * sizeof *b), *c = launch_out(l, 1024 * sizeof *c);
	launch_text(l, "u32:%u", N);
	for (unsigned i = 0; i < N; i++) {
		a[i] = sample_float(i);
		b[i] = sample_float(i + 7777);
		c[i] = a[i] + b[i];
	}
}

/* ------------------------------------------------------------------ matmul */

static void matmul(struct launch *l)
{
	enum { N = 32 };
	launch_shape(l, N, N, 1, 8, 8, 1);
	size_t size = N * N * sizeof(float);
	float *a = launch_in(l, size), *b = launch_in(l, size), *c = launch_out(l, size);
	launch_text(l, "u32:%u", N);
	for (unsigned i = 0; i < N * N; i++) {
		a[i] = sample_float(i) / 3;
		b[i] = sample_float(i + 5000) / 7;
	}
	for (unsigned row = 0; row < N; row++) {
		for (unsigned column = 0; column < N; column++) {
			float sum = 0;
			for (unsigned k = 0; k < N; k++)
				sum += a[row * N + k] * b[k * N + column];
			c[row * N + column] = sum;
		}
	}
}

/* ------------------------------------------------------------------ reduce */

struct summary {
	int32_t sum, least, most;
};

static void reduce(struct launch *l)
{
	enum { N = 1900, GROUPS = 8 };
	launch_shape(l, 256 * GROUPS, 1, 1, 256, 1, 1);
	int32_t *in = launch_in(l, N * sizeof *in);
	struct summary *out = launch_out(l, GROUPS * sizeof *out);
	launch_text(l, "u32:%u", N);
	for (unsigned g = 0; g < GROUPS; g++)
		out[g] = (struct summary){ 0, INT_MAX, INT_MIN };
	for (unsigned i = 0; i < N; i++) {
		in[i] = (int32_t)(sample_mix(i) % 2000003) - 1000000;
		struct summary *s = &out[i / 256];
		s->sum += in[i];
		s->least = in[i] < s->least ? in[i] : s->least;
		s->most = in[i] > s->most ? in[i] : s->most;
	}
}

/* ------------------------------------------------------------------ diverge */

static uint32_t collatz(uint64_t n)
{
	uint32_t steps = 0;
	while (n != 1) {
		n = n & 1 ? 3 * n + 1 : n / 2;
		if (++steps == 200)
			break;
	}
	return steps;
}

static uint32_t gcd(uint32_t a, uint32_t b)
{
	while (b) {
		uint32_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

static void diverge(struct launch *l)
{
	enum { N = 500 };
	launch_shape(l, 512, 1, 1, 128, 1, 1);
	uint32_t *out = launch_out(l, 512 * sizeof *out);
	launch_text(l, "u32:%u", N);
	for (uint32_t i = 0; i < N; i++) {
		uint32_t value = collatz(i + 1) << 16;
		for (uint32_t k = 1; k <= i % 7; k++) {
			if ((i + k) % 3 == 0)
				continue;
			value += gcd(i * 12, k * 18 + 6);
			if (value % 11 == 5)
				break;
		}
		out[i] = value;
	}
}

/* ------------------------------------------------------------------ recurse */

struct node {
	int depth;
	uint32_t sum;
	uint8_t tag[5];
};

static uint32_t fibonacci(uint32_t n)
{
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static uint32_t odd_steps(struct node *node, uint32_t value);

static uint32_t even_steps(struct node *node, uint32_t value)
{
	node->depth++;
	node->sum += value;
	node->tag[node->depth % 5] = (uint8_t)value;
	return value < 4 ? value : odd_steps(node, value / 2);
}

static uint32_t odd_steps(struct node *node, uint32_t value)
{
	node->depth += 2;
	node->sum ^= value << 3;
	node->tag[node->depth % 5] = (uint8_t)(node->tag[node->depth % 5] + (value >> 1));
	return value < 5 ? value + 100 : even_steps(node, value - 1) + 1;
}

static void recurse(struct launch *l)
{
	enum { N = 150 };
	launch_shape(l, 192, 1, 1, 64, 1, 1);
	uint32_t *in = launch_in(l, N * sizeof *in), *out = launch_out(l, 4 * N * sizeof *out);
	launch_text(l, "u32:%u", N);
	for (unsigned i = 0; i < N; i++) {
		in[i] = sample_mix(i) >> (i % 30);
		struct node node = { 0, 0, { 1, 2, 3, 4, 5 } };
		out[4 * i] = even_steps(&node, in[i]);
		uint32_t tags = 0;
		for (unsigned k = 0; k < 5; k++)
			tags = tags * 31 + node.tag[k];
		out[4 * i + 1] = (uint32_t)node.depth;
		out[4 * i + 2] = node.sum ^ tags;
		out[4 * i + 3] = fibonacci(in[i] % 9);
	}
}

/* ------------------------------------------------------------------ atomics */

static void atomics(struct launch *l)
{
	enum { N = 700 };
	launch_shape(l, 768, 1, 1, 192, 1, 1);
	uint32_t *before, *words, *slots;
	uint64_t *long_before, *longs;
	launch_inout(l, 8 * sizeof *words, &before, &words);
	launch_inout(l, 4 * sizeof *longs, &long_before, &longs);
	slots = launch_out(l, 768 * sizeof *slots);
	launch_text(l, "u32:%u", N);
	before[5] = 0xffffffff;
	before[6] = 0x1234567;
	long_before[2] = 0xfedcba9876543210;
	memcpy(words, before, 8 * sizeof *words);
	memcpy(longs, long_before, 4 * sizeof *longs);
	for (uint32_t i = 0; i < N; i++) {
		int32_t v = (int32_t)(i * 2654435761u) >> 8;
		words[0] += (uint32_t)v;
		words[1] -= (uint32_t)(v ^ 5);
		words[2] = (int32_t)words[2] < v ? words[2] : (uint32_t)v;
		words[3] = (int32_t)words[3] > v ? words[3] : (uint32_t)v;
		words[4] |= 1u << (i % 31);
		words[5] &= ~(1u << (i % 17));
		words[6] ^= (uint32_t)v;
		words[7]++;
		uint64_t cube = (uint64_t)i * i * i * 77777;
		longs[0] += (uint64_t)i << 30;
		longs[1] = longs[1] > cube ? longs[1] : cube;
		longs[2] ^= (uint64_t)(int64_t)v << 20;
		longs[3] += 3 * i + 1;
		slots[i] = 1;
	}
}

/* ------------------------------------------------------------------ doubles */

static void doubles(struct launch *l)
{
	enum { N = 300 };
	launch_shape(l, 320, 1, 1, 64, 1, 1);
	double *in = launch_in(l, N * sizeof *in), *out = launch_out(l, 4 * N * sizeof *out);
	int64_t *whole = launch_out(l, N * sizeof *whole);
	launch_text(l, "u32:%u", N);
	const double factors[] = { 1.0, -0.5, 1.0 / 3, -0.25, 0.2, -1.0 / 6 };
	for (unsigned i = 0; i < N; i++) {
		double x = in[i] = ((double)sample_mix(i) - 2147483648.0) / (double)(1u << (i % 31)) / 12345;
		double root = sqrt(x < 0 ? -x : x), y = 0;
		for (int k = 5; k >= 0; k--)
			y = y * x + factors[k];
		out[4 * i] = y;
		out[4 * i + 1] = (x + 1.5) / (x * x + 0.25);
		out[4 * i + 2] = root;
		out[4 * i + 3] = fma(x, root, -(double)i);
		whole[i] = (int64_t)(x * 1000.0) + (x > root) * 3 + (int)(float)x;
	}
}

/* ------------------------------------------------------------------ scratch */

static void sort(uint32_t *values, int count)
{
	for (int i = 1; i < count; i++) {
		uint32_t v = values[i];
		int k = i - 1;
		for (; k >= 0 && values[k] > v; k--)
			values[k + 1] = values[k];
		values[k + 1] = v;
	}
}

static void scratch(struct launch *l)
{
	enum { N = 130, COUNT = 24 };
	launch_shape(l, 192, 1, 1, 96, 1, 1);
	uint32_t *seeds = launch_in(l, N * sizeof *seeds), *out = launch_out(l, 2 * N * sizeof *out);
	launch_text(l, "u32:%u", N);
	for (unsigned i = 0; i < N; i++) {
		uint32_t values[COUNT], state = seeds[i] = sample_mix(i), hash = 0;
		uint8_t seen[64] = { 0 };
		uint16_t shorts[16];
		for (unsigned k = 0; k < 16; k++)
			shorts[k] = (uint16_t)(k * i);
		for (unsigned k = 0; k < COUNT; k++) {
			state = state * 1664525 + 1013904223;
			values[k] = state >> 8;
			seen[state >> 26]++;
			shorts[state >> 28] ^= (uint16_t)state;
		}
		sort(values, COUNT);
		for (unsigned k = 0; k < COUNT; k++)
			hash = hash * 16777619 ^ values[k];
		for (unsigned k = 0; k < 64; k++)
			hash = hash * 31 + seen[(k * 7) % 64];
		for (unsigned k = 0; k < 16; k++)
			hash += (uint32_t)shorts[(k + i) % 16] << (k % 5);
		out[2 * i] = values[COUNT / 2];
		out[2 * i + 1] = hash;
	}
}

/* ------------------------------------------------------------------ spin */

static void spin_released(struct launch *l)
{
	launch_shape(l, 128, 1, 1, 64, 1, 1);
	*(uint32_t *)launch_in(l, sizeof(uint32_t)) = 1;
	uint64_t *turns = launch_out(l, 128 * sizeof *turns);
	for (unsigned i = 0; i < 128; i++)
		turns[i] = 1;
}

static void spin_forever(struct launch *l)
{
	launch_shape(l, 128, 1, 1, 64, 1, 1);
	l->extra = "--timeout=0.5";
	launch_in(l, sizeof(uint32_t));
	launch_in(l, 128 * sizeof(uint64_t));
}

/* ------------------------------------------------------------------ histogram */

static void histogram(struct launch *l)
{
	enum { N = 5000, BINS = 64 };
	launch_shape(l, 600, 1, 1, 256, 1, 1);
	uint8_t *in = launch_in(l, N);
	uint32_t *bins = launch_out(l, BINS * sizeof *bins);
	launch_text(l, "u32:%u", N);
	for (unsigned i = 0; i < N; i++) {
		in[i] = (uint8_t)sample_mix(i / 3);
		bins[in[i] % BINS]++;
	}
}

/* ------------------------------------------------------------------ grid3d */

static void grid3d_shaped(struct launch *l, const uint32_t grid[3], const uint32_t group[3])
{
	launch_shape(l, grid[0], grid[1], grid[2], group[0], group[1], group[2]);
	uint32_t *out = launch_out(l, (size_t)grid[0] * grid[1] * grid[2] * 12 * sizeof *out);
	for (uint32_t z = 0; z < grid[2]; z++) {
		for (uint32_t y = 0; y < grid[1]; y++) {
			for (uint32_t x = 0; x < grid[0]; x++) {
				const uint32_t id[3] = { x, y, z };
				for (unsigned d = 0; d < 3; d++, out += 4) {
					uint32_t g = id[d] / group[d], groups = (grid[d] + group[d] - 1) / group[d];
					uint32_t size = g + 1 < groups ? group[d] : grid[d] - g * group[d];
					out[0] = (id[d] % group[d]) | g << 16;
					out[1] = size | group[d] << 16;
					out[2] = groups;
					out[3] = grid[d] * 1000 + id[d];
				}
			}
		}
	}
}

static void grid3d(struct launch *l)
{
	grid3d_shaped(l, (const uint32_t[]){ 12, 10, 6 }, (const uint32_t[]){ 4, 5, 3 });
}

static void grid3d_partial(struct launch *l)
{
	grid3d_shaped(l, (const uint32_t[]){ 37, 11, 5 }, (const uint32_t[]){ 16, 4, 2 });
}

/* ------------------------------------------------------------------ table */

const struct sample computing_samples[] = {
	{ "vadd", "vadd", "vadd", NULL, vadd },
	{ "matmul", "matmul", "matmul", NULL, matmul },
	{ "reduce", "reduce", "reduce", NULL, reduce },
	{ "diverge", "diverge", "diverge", NULL, diverge },
	{ "recurse", "recurse", "recurse", NULL, recurse },
	{ "atomics", "atomics", "atomics", NULL, atomics },
	{ "doubles", "doubles", "doubles", NULL, doubles },
	{ "scratch", "scratch", "scratch", NULL, scratch },
	{ "spin-released", "spin", "spin", NULL, spin_released },
	{ "spin-forever", "spin", "spin", "did not finish within 0.500 seconds", spin_forever },
	{ "histogram", "histogram", "histogram", NULL, histogram },
	{ "grid3d", "grid3d", "grid3d", NULL, grid3d },
	{ "grid3d-partial", "grid3d", "grid3d", NULL, grid3d_partial },
};
const size_t n_computing_samples = sizeof computing_samples / sizeof *computing_samples;
