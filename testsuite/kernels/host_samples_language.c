/* Samples of what the language and the machine can do: structures, decisions, vectors, lanes, faults. As host_samples.c. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "testsuite/kernels/host_reference.h"

/* ------------------------------------------------------------------ faults */

static void bad_pointer(struct launch *l)
{
	launch_shape(l, 128, 1, 1, 128, 1, 1);
	launch_in(l, 128 * sizeof(uint32_t));
	launch_text(l, "u64:0x1000");
}

static void one_buffer(struct launch *l)
{
	launch_shape(l, 64, 1, 1, 64, 1, 1);
	launch_in(l, 64 * sizeof(uint32_t));
}

static void debugtrap(struct launch *l)
{
	launch_shape(l, 256, 1, 1, 128, 1, 1);
	uint32_t *out = launch_out(l, 256 * sizeof *out);
	for (uint32_t i = 0; i < 256; i++)
		out[i] = i + 1001;
}

/* ------------------------------------------------------------------ structs */

struct point {
	int16_t x, y;
	uint8_t color[3];
};

struct box {
	struct point corner[2];
	uint64_t id;
	float scale;
};

static uint32_t area(const struct box *b)
{
	return (uint32_t)((b->corner[1].x - b->corner[0].x) * (b->corner[1].y - b->corner[0].y));
}

static struct box move(struct box b, int by)
{
	for (unsigned k = 0; k < 2; k++) {
		b.corner[k].x = (int16_t)(b.corner[k].x + by);
		b.corner[k].y = (int16_t)(b.corner[k].y - 2 * by);
		b.corner[k].color[k] ^= (uint8_t)by;
	}
	b.id = b.id << 8 | (uint32_t)(by & 255);
	b.scale *= 0.5f;
	return b;
}

/* Padding is not written by name: only what both sides define is compared, so it starts as zero and is copied along. */
static void structs(struct launch *l)
{
	enum { N = 200 };
	launch_shape(l, 256, 1, 1, 64, 1, 1);
	struct box *base = launch_bytes(l, sizeof *base);
	base->corner[0] = (struct point){ -5, 7, { 1, 2, 3 } };
	base->corner[1] = (struct point){ 100, 300, { 4, 5, 6 } };
	base->id = 0x123456789;
	base->scale = 12.5f;
	launch_text(l, "u8:200");
	launch_text(l, "i16:-1234");
	struct box *out = launch_out(l, N * sizeof *out);
	uint32_t *areas = launch_out(l, N * sizeof *areas);
	launch_text(l, "u32:%u", N);
	for (uint32_t i = 0; i < N; i++) {
		struct box boxes[3] = { *base, *base, *base };
		boxes[0].corner[1].x = (int16_t)(boxes[0].corner[1].x + (int16_t)i);
		boxes[1] = move(boxes[0], 200);
		boxes[2] = move(boxes[1], -1234);
		out[i] = boxes[i % 3];
		areas[i] = area(&boxes[(i + 1) % 3]) + boxes[2].corner[1].color[1];
	}
}

/* ------------------------------------------------------------------ switches */

static uint32_t decide(uint32_t code, uint32_t value)
{
	switch (code) {
	case 0:
		return 17;
	case 1:
		return (value + 3) * 5 + code;
	case 2:
		return value * 5 + code;
	case 7:
		return (value ^ 0xff00ff) + code;
	case 8:
	case 9:
		return ~value + code;
	case 100:
		return value - 1;
	default:
		return (code << 20 | (value & 0xfffff)) + code;
	}
}

static uint32_t operate(uint32_t a, uint32_t b)
{
	switch (b % 4) {
	case 0:
		return a + b;
	case 1:
		return a * b;
	case 2:
		return a << (b & 31) | a >> (31 - (b & 31));
	default:
		return a / (b | 1);
	}
}

static void switches(struct launch *l)
{
	enum { N = 250 };
	launch_shape(l, 256, 1, 1, 64, 1, 1);
	uint32_t *in = launch_in(l, 2 * N * sizeof *in), *out = launch_out(l, 2 * N * sizeof *out);
	launch_text(l, "u32:%u", N);
	for (uint32_t i = 0; i < N; i++) {
		uint32_t a = in[2 * i] = sample_mix(i), b = in[2 * i + 1] = sample_mix(i + 9999) >> (i % 20);
		out[2 * i] = decide(a % 13 == 12 ? 100 : a % 13, b);
		out[2 * i + 1] = operate(a, b);
	}
}

/* ------------------------------------------------------------------ dynlds */

static void dynlds(struct launch *l)
{
	enum { N = 500, GROUP = 100, GRID = 500 };
	launch_shape(l, GRID, 1, 1, GROUP, 1, 1);
	uint32_t *in = launch_in(l, GRID * sizeof *in), *out = launch_out(l, GRID * sizeof *out);
	launch_text(l, "lds:%u", GROUP * 4);
	launch_text(l, "lds:%u", GROUP * 2);
	launch_text(l, "u32:%u", N);
	for (uint32_t i = 0; i < GRID; i++)
		in[i] = sample_mix(i);
	for (uint32_t g = 0; g < GRID; g += GROUP) {
		uint32_t sum = 0;
		for (uint32_t k = 0; k < GROUP; k++) {
			sum += in[g + k];
			out[g + k] = (in[g + GROUP - 1 - k] + (in[g + (k + 1) % GROUP] >> 16)) ^ sum;
		}
	}
}

/* ------------------------------------------------------------------ vectors */

/* Half precision by hand: not every compiler has the type. Sums and products of halves round to the right half by way of float, which has more
 * than twice their digits. No infinities here. */
static uint16_t to_half(float x)
{
	uint16_t sign = signbit(x) ? 0x8000 : 0;
	float size = fabsf(x);
	if (size < ldexpf(1, -14))
		return (uint16_t)(sign | (unsigned)rintf(ldexpf(size, 24)));
	int e = ilogbf(size);
	/* rounding up to the next power of two carries into the exponent, as it should */
	return (uint16_t)(sign | (((unsigned)(e + 14) << 10) + (unsigned)rintf(ldexpf(size, 10 - e))));
}

static float from_half(uint16_t h)
{
	unsigned e = h >> 10 & 31, m = h & 1023;
	float size = e ? ldexpf((float)(m + 1024), (int)e - 25) : ldexpf((float)m, -24);
	return h & 0x8000 ? -size : size;
}

static void vectors(struct launch *l)
{
	enum { N = 200 };
	launch_shape(l, 256, 1, 1, 64, 1, 1);
	float *in = launch_in(l, 4 * N * sizeof *in), *out = launch_out(l, 4 * N * sizeof *out);
	uint8_t *bytes = launch_out(l, 4 * N);
	uint16_t *halves = launch_out(l, 2 * N * sizeof *halves);
	int16_t *pairs = launch_out(l, 2 * N * sizeof *pairs);
	launch_text(l, "u32:%u", N);
	for (uint32_t i = 0; i < N; i++) {
		float *v = in + 4 * i;
		for (unsigned k = 0; k < 4; k++) {
			v[k] = sample_float(4 * i + k) / 10;
			if (k < 2 && v[k] < 0)
				v[k] = -v[k]; /* conversions of negative values to unsigned bytes go through int */
		}
		for (unsigned k = 0; k < 4; k++) {
			float turned = v[3 - k] * 2.0f + v[k];
			out[4 * i + k] = v[0] > v[1] ? turned : turned - (float)(k + 1);
		}
		bytes[4 * i] = (uint8_t)((int)v[0] + 1);
		bytes[4 * i + 1] = (uint8_t)(i + 250);
		bytes[4 * i + 2] = (uint8_t)((int)v[1] * 3 + 3);
		bytes[4 * i + 3] = 0;
		float h = from_half(to_half(v[2])), g = from_half(to_half(v[3]));
		halves[2 * i] = to_half(from_half(to_half(h * g)) + 1);
		halves[2 * i + 1] = h > g ? to_half(h - g) : to_half(g);
		pairs[2 * i] = (int16_t)((int16_t)(i * 300) >> 1);
		pairs[2 * i + 1] = (int16_t)((int16_t)((int16_t)v[0] * -5) >> 2);
	}
}

/* ------------------------------------------------------------------ bits */

static uint32_t reverse(uint32_t n)
{
	uint32_t r = 0;
	for (unsigned i = 0; i < 32; i++)
		r |= (n >> i & 1) << (31 - i);
	return r;
}

static void bits(struct launch *l)
{
	enum { N = 300 };
	launch_shape(l, 320, 1, 1, 64, 1, 1);
	uint64_t *in = launch_in(l, 2 * N * sizeof *in), *out = launch_out(l, 8 * N * sizeof *out);
	launch_text(l, "u32:%u", N);
	for (uint32_t i = 0; i < N; i++) {
		uint64_t a = sample_mix64(i) >> (i % 64), b = sample_mix64(i + 4000) >> (i * 7 % 64);
		if (i == 17)
			a = 0;
		if (i == 18)
			b = 0;
		in[2 * i] = a;
		in[2 * i + 1] = b;
		uint64_t *mine = out + 8 * i;
		uint32_t low = (uint32_t)a;
		mine[0] = (uint64_t)__builtin_popcountll(a) | (uint64_t)__builtin_popcount(low) << 32;
		mine[1] = (a ? (uint64_t)__builtin_clzll(a) : 64) | (uint64_t)(b ? __builtin_ctzll(b) : 64) << 32;
		mine[2] = a * b;
		mine[3] = a / (b | 1);
		/* the one quotient that does not fit would trap here */
		mine[4] = (b | 1) == UINT64_MAX ? 0 : (uint64_t)((int64_t)a % (int64_t)(b | 1));
		mine[5] = a << (b & 63) | a >> (63 - (b & 63));
		mine[6] = (uint64_t)((int64_t)a >> (b & 31)) ^ (uint64_t)(int64_t)((int32_t)low >> (b & 15));
		mine[7] = (uint64_t)reverse(low) << 32 | __builtin_bswap32(low);
	}
}

/* ------------------------------------------------------------------ globals */

static void globals(struct launch *l)
{
	enum { N = 256 };
	launch_shape(l, N, 1, 1, 64, 1, 1);
	uint32_t *out = launch_out(l, N * sizeof *out);
	launch_text(l, "u32:%u", N);
	for (uint32_t i = 0; i < N; i++) {
		uint32_t k = i % 8, square = k * k, cube = k * k * k;
		const uint32_t entries[4] = { square, cube, (k + 8) * (k + 8), (k + 4) * (k + 4) * (k + 4) };
		out[i] = entries[i % 4] + 41;
	}
}

/* ------------------------------------------------------------------ scan */

static void scan(struct launch *l)
{
	enum { N = 500, GROUP = 192 };
	launch_shape(l, N, 1, 1, GROUP, 1, 1);
	uint32_t *in = launch_in(l, N * sizeof *in), *out = launch_out(l, N * sizeof *out);
	uint64_t *votes = launch_out(l, N * sizeof *votes);
	for (uint32_t i = 0; i < N; i++)
		in[i] = sample_mix(i);
	for (uint32_t i = 0; i < N; i++) {
		uint32_t group = i / GROUP * GROUP, wave = group + (i - group) / 64 * 64;
		uint32_t end = group + GROUP < N ? group + GROUP : N;
		out[i] = (i == group ? 0 : out[i - 1]) + in[i];
		uint64_t vote = 0;
		for (uint32_t k = wave; k < wave + 64 && k < end; k++)
			vote |= (uint64_t)((in[k] & 3) == 0) << (k - wave);
		/* the number read from the first lane is an int, widened as unsigned */
		votes[i] = vote ^ in[wave];
	}
}

/* ------------------------------------------------------------------ floats */

static uint32_t word(float x)
{
	uint32_t n;
	memcpy(&n, &x, sizeof n);
	return isnan(x) ? 0x7fc00000u : n;
}

static float from_word(uint32_t n)
{
	float x;
	memcpy(&x, &n, sizeof x);
	return x;
}

static uint32_t raw_word(float x)
{
	uint32_t n;
	memcpy(&n, &x, sizeof n);
	return n;
}

/* Every class of number, and random ones. */
static float float_case(uint32_t n)
{
	static const uint32_t special[] = {
		0x00000000, 0x7f800000, 0xff800000, 0x7fc00000, 0x00000001, 0x80000005, 0x007fffff, 0x00800000, 0x7f7fffff, 0xff7fffff,
		0x3f000000, 0xbf000000, 0x3fc00000, 0xc0200000, 0x4b000001, 0xcb7fffff, 0x3f7fffff, 0xbf7fffff, 0x46ea6000, 0x3effffff,
	};
	enum { N = sizeof special / sizeof *special };
	return n % 3 == 0 && n / 3 < N ? from_word(special[n / 3]) : n % 2 ? sample_float(n) : from_word(sample_mix(n) & 0xbfffffff);
}

static void floats(struct launch *l)
{
	enum { N = 500 };
	launch_shape(l, 512, 1, 1, 128, 1, 1);
	float *in = launch_in(l, 2 * N * sizeof *in);
	uint32_t *out = launch_out(l, 16 * N * sizeof *out);
	int64_t *wide = launch_out(l, 2 * N * sizeof *wide);
	launch_text(l, "u32:%u", N);
	for (uint32_t i = 0; i < N; i++) {
		float x = in[2 * i] = float_case(i), y = in[2 * i + 1] = float_case(i * 3 / 2 + 7);
		uint32_t *mine = out + 16 * i;
		mine[0] = word(floorf(x));
		mine[1] = word(ceilf(x));
		mine[2] = word(truncf(x));
		mine[3] = word(rintf(x));
		mine[4] = word(fabsf(x) - copysignf(y, x));
		mine[5] = word(fmaf(x, y, x));
		mine[6] = word(fminf(x, y));
		mine[7] = word(fmaxf(x, y));
		mine[8] = (uint32_t)(x < y) | (uint32_t)(x <= y) << 1 | (uint32_t)(x == y) << 2 | (uint32_t)(x != y) << 3 |
			  (uint32_t)(x > y) << 4 | (isnan(x) || isnan(y) ? 1u << 5 : 0) | (isinf(x) ? 1u << 6 : 0) |
			  (isnormal(x) ? 1u << 7 : 0) | (signbit(x) ? 1u << 8 : 0);
		float small = x > -30000.0f && x < 30000.0f ? x : 12.0f;
		mine[9] = (uint32_t)(int)small;
		mine[10] = (uint32_t)(uint8_t)(int)small | (uint32_t)(uint16_t)(int16_t)small << 16;
		mine[11] = word((float)(int32_t)raw_word(y));
		mine[12] = word((float)raw_word(y));
		mine[13] = word((float)((uint64_t)raw_word(x) << 29 | raw_word(y)));
		mine[14] = word((float)((double)x * (double)y));
		mine[15] = word(x * y + (x - y));
		wide[2 * i] = (int64_t)(small * 65536.0f);
		wide[2 * i + 1] = (int64_t)(uint64_t)((double)fabsf(small) * 1e9);
	}
}

/* ------------------------------------------------------------------ wave */

static void wave(struct launch *l)
{
	enum { N = 150, GRID = 192 };
	launch_shape(l, GRID, 1, 1, 64, 1, 1);
	int32_t *in = launch_in(l, N * sizeof *in), *out = launch_out(l, 6 * GRID * sizeof *out);
	launch_text(l, "u32:%u", N);
	int32_t v[GRID] = { 0 };
	for (uint32_t i = 0; i < N; i++)
		v[i] = in[i] = (int32_t)sample_mix(i);
	for (uint32_t i = 0; i < GRID; i++) {
		uint32_t lane = i % 64, base = i - lane;
		int32_t *mine = out + 6 * i, first = 0;
		for (uint32_t k = 0; k < lane; k++)
			mine[0] += v[base + k] & 1;
		mine[1] = v[base + (lane * 5 + 3) % 64];
		mine[2] = v[base + 17];
		mine[3] = mine[4] = v[base + (lane ^ 1)];
		for (uint32_t k = 64; k-- > 0 && v[i] % 3 == 0;)
			first = v[base + k] % 3 == 0 ? v[base + k] : first;
		mine[5] = (int32_t)((uint32_t)first + lane);
	}
}

/* ------------------------------------------------------------------ pressure */

static void pressure(struct launch *l)
{
	enum { GRID = 512, COUNT = 200 };
	launch_shape(l, GRID, 1, 1, 256, 1, 1);
	uint32_t *in = launch_in(l, 512 * sizeof *in), *out = launch_out(l, 2 * GRID * sizeof *out);
	for (uint32_t i = 0; i < 512; i++)
		in[i] = sample_mix(i);
	for (uint32_t i = 0; i < GRID; i++) {
		uint32_t values[COUNT], sum = 0, shuffled = 0;
		for (uint32_t k = 0; k < COUNT; k++)
			values[k] = in[(i * 7 + k * 13) % 512];
		for (uint32_t round = 0; round < 3; round++)
			for (uint32_t k = 0; k < COUNT; k++)
				values[k] = values[k] * 5 + (values[(k * 77 + 31) % COUNT] >> 7) + round;
		for (uint32_t k = 0; k < COUNT; k++)
			sum = sum * 3 + values[k];
		for (uint32_t k = 0; k < COUNT; k++)
			shuffled += ((values[k] + k) ^ (sum + k)) * (k + 1);
		out[2 * i] = sum;
		out[2 * i + 1] = shuffled;
	}
}

/* ------------------------------------------------------------------ control */

static int find_entry(const int32_t *table, int n, int wanted)
{
	for (int i = 0; i < n; i++) {
		if (table[i] == wanted)
			return i;
		if (table[i] > 900)
			return -i;
	}
	return 9999;
}

static int search(const int32_t *table, int n, int limit)
{
	int tries = 0;
	for (int a = 0; a < n; a++) {
		int b = a;
		do {
			tries++;
			if (table[a] + table[b] > limit && ++tries % 3 == 0)
				return a * 10000 + b * 100 + tries % 100;
			b += 2;
		} while (b < n);
	}
	return -tries;
}

static bool count_up(int *counter, int by)
{
	*counter += by;
	return *counter % 4 != 0;
}

static int wander(int x)
{
	int steps = 0;
	while (x <= 500) {
		int rest = x % 5;
		if (rest == 0) {
			x += 7;
			continue;
		}
		if (rest == 1)
			x += x / 2 + 1;
		else if (rest == 2 && steps > 20)
			break;
		else if (rest == 2)
			x *= 2;
		else
			x += 3;
		steps++;
	}
	return x * 100 + steps;
}

static void control(struct launch *l)
{
	enum { N = 60, GRID = 200 };
	launch_shape(l, GRID, 1, 1, 100, 1, 1);
	int32_t *table = launch_in(l, N * sizeof *table), *out = launch_out(l, 4 * GRID * sizeof *out);
	launch_text(l, "i32:%u", N);
	for (uint32_t i = 0; i < N; i++)
		table[i] = (int32_t)(i < 40 ? sample_mix(i) % 200 * 3 : sample_mix(i) % 1000);
	for (int i = 0; i < GRID; i++) {
		int counter = i;
		out[4 * i] = find_entry(table, N, i * 3);
		out[4 * i + 1] = search(table, N, 1500 + i * 5);
		out[4 * i + 2] = (count_up(&counter, 1) && count_up(&counter, 2)) || count_up(&counter, 3) ? counter : -counter;
		out[4 * i + 3] = wander(i);
	}
}

/* ------------------------------------------------------------------ ldsmix */

static uint32_t cell_hash(uint32_t key)
{
	uint64_t wide = (uint64_t)key * key;
	uint32_t hash = key ^ (uint16_t)(key * 3) ^ (uint32_t)(wide >> 13);
	for (int k = 5; k >= 0; k--)
		hash = hash * 33 + (uint8_t)(key >> (4 * k));
	return hash;
}

static void ldsmix(struct launch *l)
{
	enum { GROUPS = 5, N = 64 * GROUPS };
	launch_shape(l, N, 1, 1, 64, 1, 1);
	uint32_t *in = launch_in(l, N * sizeof *in), *out = launch_out(l, (N + 12 * GROUPS) * sizeof *out);
	for (uint32_t i = 0; i < N; i++)
		in[i] = sample_mix(i) >> (i % 9);
	for (uint32_t g = 0; g < GROUPS; g++) {
		const uint32_t *mine = in + 64 * g;
		uint32_t sum = 0, flips = 0, ors = 0, lows = 0, floats_sum = 0;
		int32_t least = INT_MAX, most = INT_MIN;
		uint64_t wide_sum = 0, widest = 0;
		for (uint32_t k = 0; k < 64; k++) {
			int32_t v = (int32_t)mine[k];
			uint64_t wide = (uint64_t)(mine[k] * (uint64_t)mine[k]);
			sum += mine[k];
			flips ^= mine[k];
			ors |= mine[k] & 0xff00ff;
			lows += mine[k] & 15;
			floats_sum += mine[k] & 1023;
			least = v < least ? v : least;
			most = v > most ? v : most;
			wide_sum += (uint64_t)mine[k] << 16;
			widest = wide > widest ? wide : widest;
			out[64 * g + k] = cell_hash(mine[(k * 29 + 5) % 64]);
		}
		const uint32_t sums[12] = { sum, (uint32_t)least, (uint32_t)most, flips, ors, lows, (uint32_t)wide_sum, (uint32_t)widest,
					    (uint32_t)(wide_sum >> 32), (uint32_t)(widest >> 32), floats_sum, 0 };
		memcpy(out + N + 12 * g, sums, sizeof sums);
	}
}

/* ------------------------------------------------------------------ table */

const struct sample language_samples[] = {
	{ "store-fault", "fault", "store_fault", "memory fault at address 0x1", bad_pointer },
	{ "load-fault", "fault", "load_fault", "memory fault at address 0x1", bad_pointer },
	{ "illegal", "fault", "illegal", "wave illegal instruction", one_buffer },
	{ "abort", "fault", "abort", "wave abort", one_buffer },
	{ "debugtrap", "debugtrap", "debugtrap", NULL, debugtrap },
	{ "structs", "structs", "structs", NULL, structs },
	{ "switches", "switches", "switches", NULL, switches },
	{ "dynlds", "dynlds", "dynlds", NULL, dynlds },
	{ "vectors", "vectors", "vectors", NULL, vectors },
	{ "bits", "bits", "bits", NULL, bits },
	{ "globals", "globals", "globals", NULL, globals },
	{ "scan", "scan", "scan", NULL, scan },
	{ "floats", "floats", "floats", NULL, floats },
	{ "wave", "wave", "wave", NULL, wave },
	{ "pressure", "pressure", "pressure", NULL, pressure },
	{ "control", "control", "control", NULL, control },
	{ "ldsmix", "ldsmix", "ldsmix", NULL, ldsmix },
};
const size_t n_language_samples = sizeof language_samples / sizeof *language_samples;
