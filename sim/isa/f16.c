#include "sim/isa/f16.h"

#include <math.h>
#include <stdbool.h>

#include "sim/isa/float_bits.h"

enum { ROUND_EVEN, ROUND_UP, ROUND_DOWN, ROUND_ZERO };
enum { F16_SIGN = 0x8000, F16_INF = 0x7c00, F16_QUIET = 0x0200, F16_MAX = 0x7bff };

static bool is_nan(uint16_t h)
{
	return (h & 0x7fff) > F16_INF;
}

float f16_to_f32(uint16_t h)
{
	uint32_t sign = (uint32_t)(h & F16_SIGN) << 16, exponent = h >> 10 & 31, mantissa = h & 0x3ff, bits;
	if (exponent == 31) {
		bits = sign | 0x7f800000 | mantissa << 13;
	} else if (exponent) {
		bits = sign | (exponent + 112) << 23 | mantissa << 13;
	} else if (mantissa) {
		unsigned shift = (unsigned)__builtin_clz(mantissa) - 21;
		bits = sign | (113 - shift) << 23 | (mantissa << shift & 0x3ff) << 13;
	} else {
		bits = sign;
	}
	return f32_of(bits);
}

/* Rounds the discarded part: value is kept << drop | discarded. */
static uint64_t round_bits(uint64_t value, unsigned drop, bool negative, unsigned rounding)
{
	if (drop > 63)
		return value && ((rounding == ROUND_UP && !negative) || (rounding == ROUND_DOWN && negative));
	uint64_t kept = value >> drop, rest = value & ((1ull << drop) - 1), half = drop ? 1ull << (drop - 1) : 0;
	bool up = false;
	if (rest) {
		switch (rounding) {
		case ROUND_EVEN: up = rest > half || (rest == half && (kept & 1)); break;
		case ROUND_UP: up = !negative; break;
		case ROUND_DOWN: up = negative; break;
		default: break;
		}
	}
	return kept + up;
}

static uint16_t overflow(uint16_t sign, unsigned rounding, bool clamp)
{
	bool to_max = rounding == ROUND_ZERO || (rounding == ROUND_UP && sign) || (rounding == ROUND_DOWN && !sign);
	return sign | (clamp || to_max ? F16_MAX : F16_INF);
}

static uint16_t convert(double v, unsigned rounding, bool clamp)
{
	uint64_t bits = f64_bits(v);
	uint16_t sign = (uint16_t)(bits >> 48 & F16_SIGN);
	int exponent = (int)(bits >> 52 & 0x7ff) - 1023;
	uint64_t mantissa = bits & 0xfffffffffffffull;
	if (exponent == 1024)
		return mantissa ? (uint16_t)(sign | F16_INF | F16_QUIET | mantissa >> 42) : (uint16_t)(sign | F16_INF);
	if (exponent > 15)
		return overflow(sign, rounding, clamp);
	if (exponent == -1023)
		return (uint16_t)(sign | round_bits(mantissa, 64, sign, rounding));
	mantissa |= 1ull << 52;
	unsigned drop = exponent < -14 ? 42 + (unsigned)(-14 - exponent) : 42;
	uint64_t kept = round_bits(mantissa, drop, sign, rounding);
	/* A normal number's hidden bit adds 1 to the exponent field; a carry out of the mantissa does so once more. */
	uint64_t h = exponent < -14 ? kept : ((uint64_t)(exponent + 14) << 10) + kept;
	return h >= F16_INF ? overflow(sign, rounding, clamp) : (uint16_t)(sign | h);
}

uint16_t f16_from_f64(double v, uint32_t mode)
{
	return convert(v, mode >> 2 & 3, mode >> 23 & 1 && !isinf(v));
}

uint16_t f16_from_f64_rtz(double v)
{
	return convert(v, ROUND_ZERO, false);
}

/* Sums and products of halves are exact in double, and so is every fused sum that could be a rounding tie. */
uint16_t f16_add(uint16_t a, uint16_t b, uint32_t mode)
{
	return f16_from_f64((double)f16_to_f32(a) + (double)f16_to_f32(b), mode);
}

uint16_t f16_sub(uint16_t a, uint16_t b, uint32_t mode)
{
	return f16_from_f64((double)f16_to_f32(a) - (double)f16_to_f32(b), mode);
}

uint16_t f16_mul(uint16_t a, uint16_t b, uint32_t mode)
{
	return f16_from_f64((double)f16_to_f32(a) * (double)f16_to_f32(b), mode);
}

uint16_t f16_fma(uint16_t a, uint16_t b, uint16_t c, uint32_t mode)
{
	return f16_from_f64((double)f16_to_f32(a) * (double)f16_to_f32(b) + (double)f16_to_f32(c), mode);
}

/* NaN and zero rules of isa-simulator.md 7.4. */
static uint16_t select(uint16_t a, uint16_t b, uint32_t mode, bool want_max)
{
	bool ieee = mode >> 9 & 1;
	if (ieee && is_nan(a) && !(a & F16_QUIET))
		return a | F16_QUIET;
	if (ieee && is_nan(b) && !(b & F16_QUIET))
		return b | F16_QUIET;
	if (is_nan(a))
		return b;
	if (is_nan(b))
		return a;
	float fa = f16_to_f32(a), fb = f16_to_f32(b);
	bool less = fa < fb || (fa == fb && (a & F16_SIGN) > (b & F16_SIGN));
	return less != want_max ? a : b;
}

uint16_t f16_min(uint16_t a, uint16_t b, uint32_t mode)
{
	return select(a, b, mode, false);
}

uint16_t f16_max(uint16_t a, uint16_t b, uint32_t mode)
{
	return select(a, b, mode, true);
}

uint16_t f16_med3(uint16_t a, uint16_t b, uint16_t c, uint32_t mode)
{
	if (is_nan(a) || is_nan(b) || is_nan(c))
		return f16_min(f16_min(a, b, mode), c, mode);
	return f16_max(f16_min(a, b, mode), f16_min(f16_max(a, b, mode), c, mode), mode);
}

uint16_t f16_ldexp(uint16_t a, int16_t e, uint32_t mode)
{
	return f16_from_f64(scalbn((double)f16_to_f32(a), e), mode);
}

uint16_t f16_fract(uint16_t a, uint32_t mode)
{
	double v = f16_to_f32(a);
	uint16_t h = f16_from_f64(v - floor(v), mode);
	return h == 0x3c00 ? 0x3bff : h;
}

uint16_t f16_div_fixup(uint16_t q, uint16_t d, uint16_t n)
{
	uint16_t sign = (n ^ d) & F16_SIGN, mag_d = d & 0x7fff, mag_n = n & 0x7fff;
	if (is_nan(n))
		return n | F16_QUIET;
	if (is_nan(d))
		return d | F16_QUIET;
	if ((mag_n == 0 && mag_d == 0) || (mag_n == F16_INF && mag_d == F16_INF))
		return 0xfe00;
	if (mag_d == 0 || mag_n == F16_INF)
		return sign | F16_INF;
	if (mag_d == F16_INF || mag_n == 0)
		return sign;
	return sign | (q & 0x7fff);
}
