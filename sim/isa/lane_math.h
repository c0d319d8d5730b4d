/* Scalar pieces of the lane functions, written so that loops over them can be vectorised. */
#ifndef SIM_ISA_LANE_MATH_H
#define SIM_ISA_LANE_MATH_H

#include <math.h>

#include "sim/isa/divide.h"
#include "sim/isa/f16.h"
#include "sim/isa/float_bits.h"
#include "sim/isa/insn.h"

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MED(a, b, c) MAX(MIN(a, b), MIN(MAX(a, b), c))

#define I24(v) ((int64_t)((int32_t)((v) << 8) >> 8))
#define U24(v) ((uint64_t)((v) & 0xffffff))

/* all ones or none */
static inline uint32_t mask32(bool condition)
{
	return -(uint32_t)condition;
}

static inline uint32_t pick32(uint32_t mask, uint32_t yes, uint32_t no)
{
	return (yes & mask) | (no & ~mask);
}

/* NaN and zero rules of isa-simulator.md 7.4: the number beats the NaN, a signalling NaN wins (quieted) when IEEE is set, -0 < +0.
 * Without branches. */
static inline float minmax_f32(float a, float b, uint32_t mode, bool want_max)
{
	uint32_t ua = f32_bits(a), ub = f32_bits(b), quiet = (mode & MODE_IEEE) << (22 - 9);
	/* As integers, with the order of negative numbers reversed. */
	int32_t ka = (int32_t)(ua ^ ((uint32_t)((int32_t)ua >> 31) >> 1)), kb = (int32_t)(ub ^ ((uint32_t)((int32_t)ub >> 31) >> 1));
	uint32_t nan_a = mask32((int32_t)(ua & 0x7fffffff) > 0x7f800000), nan_b = mask32((int32_t)(ub & 0x7fffffff) > 0x7f800000);
	uint32_t r = pick32(want_max ? mask32(ka > kb) : mask32(ka < kb), ua, ub);
	r = pick32(nan_b, ua, r);
	r = pick32(nan_a, ub, r);
	r = pick32(nan_b & mask32((~ub & quiet) != 0), ub | 0x00400000, r);
	r = pick32(nan_a & mask32((~ua & quiet) != 0), ua | 0x00400000, r);
	return f32_of(r);
}

static inline float min_f32(float a, float b, uint32_t mode)
{
	return minmax_f32(a, b, mode, false);
}

static inline float max_f32(float a, float b, uint32_t mode)
{
	return minmax_f32(a, b, mode, true);
}

static inline double minmax_f64(double a, double b, uint32_t mode, bool want_max)
{
	uint64_t ua = f64_bits(a), ub = f64_bits(b);
	const uint64_t inf = 0x7ff0000000000000, quiet = 0x0008000000000000;
	int64_t ka = (int64_t)(ua ^ ((uint64_t)((int64_t)ua >> 63) >> 1)), kb = (int64_t)(ub ^ ((uint64_t)((int64_t)ub >> 63) >> 1));
	bool nan_a = (ua & ~(1ull << 63)) > inf, nan_b = (ub & ~(1ull << 63)) > inf;
	uint64_t r = (want_max ? ka > kb : ka < kb) ? ua : ub;
	r = nan_b ? ua : r;
	r = nan_a ? ub : r;
	if (mode & MODE_IEEE) {
		r = nan_b && !(ub & quiet) ? ub | quiet : r;
		r = nan_a && !(ua & quiet) ? ua | quiet : r;
	}
	return f64_of(r);
}

static inline double min_f64(double a, double b, uint32_t mode)
{
	return minmax_f64(a, b, mode, false);
}

static inline double max_f64(double a, double b, uint32_t mode)
{
	return minmax_f64(a, b, mode, true);
}

static inline float med3_f32(float a, float b, float c, uint32_t mode)
{
	if (isnan(a) || isnan(b) || isnan(c))
		return min_f32(min_f32(a, b, mode), c, mode);
	return max_f32(min_f32(a, b, mode), min_f32(max_f32(a, b, mode), c, mode), mode);
}

/* Conversions round toward zero, saturate, and take NaN to 0 (7.6). */
static inline int32_t i32_from_f64(double v)
{
	if (!(v > -2147483649.0))
		return isnan(v) ? 0 : INT32_MIN;
	return v >= 2147483648.0 ? INT32_MAX : (int32_t)v;
}

static inline uint32_t u32_from_f64(double v)
{
	if (!(v > -1.0))
		return 0;
	return v >= 4294967296.0 ? UINT32_MAX : (uint32_t)(int64_t)v;
}

static inline int16_t i16_from_f64(double v)
{
	int32_t i = i32_from_f64(v);
	return (int16_t)MAX(MIN(i, 32767), -32768);
}

static inline uint16_t u16_from_f64(double v)
{
	return (uint16_t)MIN(u32_from_f64(v), 65535u);
}

static inline int16_t sat_i16(int32_t v)
{
	return (int16_t)MAX(MIN(v, 32767), -32768);
}

static inline uint32_t sat_u8(int16_t v)
{
	return (uint32_t)MAX(MIN(v, 255), 0);
}

static inline double rndne(double v)
{
	return roundeven(v);
}

static inline int16_t snorm16(double v)
{
	return i16_from_f64(rndne(MAX(MIN(v, 1.0), -1.0) * 32767.0));
}

static inline uint16_t unorm16(double v)
{
	return u16_from_f64(rndne(MAX(MIN(v, 1.0), 0.0) * 65535.0));
}

static inline float fract_f32(float v)
{
	float f = v - floorf(v);
	return f >= 1.0f ? f32_of(0x3f7fffff) : f;
}

static inline double fract_f64(double v)
{
	double f = v - floor(v);
	return f >= 1.0 ? f64_of(0x3fefffffffffffff) : f;
}

/* sin and cos of v turns; the whole turns go first, exactly. */
static inline double sin_turns(double v)
{
	return sin((v - trunc(v)) * 6.283185307179586477);
}

static inline double cos_turns(double v)
{
	return cos((v - trunc(v)) * 6.283185307179586477);
}

static inline int32_t frexp_exp(double v)
{
	int e = 0;
	if (isfinite(v))
		(void)frexp(v, &e);
	return e;
}

static inline double frexp_mant(double v)
{
	int e;
	return isfinite(v) ? frexp(v, &e) : v;
}

static inline uint32_t reverse32(uint32_t v)
{
	v = (v >> 1 & 0x55555555) | (v & 0x55555555) << 1;
	v = (v >> 2 & 0x33333333) | (v & 0x33333333) << 2;
	v = (v >> 4 & 0x0f0f0f0f) | (v & 0x0f0f0f0f) << 4;
	return __builtin_bswap32(v);
}

static inline uint32_t bfe_i32(int32_t v, unsigned offset, unsigned width)
{
	if (width == 0)
		return 0;
	if (offset + width >= 32)
		return (uint32_t)(v >> offset);
	return (uint32_t)((int32_t)((uint32_t)v << (32 - offset - width)) >> (32 - width));
}

static inline uint32_t absdiff(uint32_t a, uint32_t b)
{
	return a > b ? a - b : b - a;
}

static inline uint32_t sad_bytes(uint32_t a, uint32_t b)
{
	uint32_t sum = 0;
	for (unsigned k = 0; k < 32; k += 8)
		sum += absdiff(a >> k & 0xff, b >> k & 0xff);
	return sum;
}

static inline uint32_t lerp_u8(uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t r = 0;
	for (unsigned k = 0; k < 32; k += 8)
		r |= ((a >> k & 0xff) + (b >> k & 0xff) + (c >> k & 1)) >> 1 << k;
	return r;
}

/* 7.9 */
static inline uint32_t perm_b32(uint32_t a, uint32_t b, uint32_t c)
{
	uint64_t bytes = (uint64_t)a << 32 | b;
	uint32_t r = 0;
	for (unsigned k = 0; k < 32; k += 8) {
		uint32_t sel = c >> k & 0xff, byte;
		if (sel < 8)
			byte = bytes >> 8 * sel & 0xff;
		else if (sel < 12)
			byte = bytes >> (16 * (sel - 8) + 15) & 1 ? 0xff : 0;
		else
			byte = sel == 12 ? 0 : 0xff;
		r |= byte << k;
	}
	return r;
}

/* Lanes below lane l, low and high half of the wave. */
static inline uint32_t below_lo(unsigned l)
{
	return l >= 32 ? ~0u : (1u << l) - 1;
}

static inline uint32_t below_hi(unsigned l)
{
	return l < 32 ? 0 : (1u << (l - 32)) - 1;
}

/* Class bit (7.9) from magnitude, sign and the format's landmarks. */
static inline uint32_t class_bit(uint64_t mag, bool negative, uint64_t inf, uint64_t quiet, uint64_t smallest_normal)
{
	if (mag > inf)
		return mag & quiet ? 1 << 1 : 1 << 0;
	if (mag == inf)
		return negative ? 1 << 2 : 1 << 9;
	if (mag == 0)
		return negative ? 1 << 5 : 1 << 6;
	if (mag < smallest_normal)
		return negative ? 1 << 4 : 1 << 7;
	return negative ? 1 << 3 : 1 << 8;
}

static inline uint32_t class_of_f32(float v)
{
	uint32_t u = f32_bits(v);
	return class_bit(u & 0x7fffffff, u >> 31, 0x7f800000, 0x00400000, 0x00800000);
}

static inline uint32_t class_of_f64(double v)
{
	uint64_t u = f64_bits(v);
	return class_bit(u & ~(1ull << 63), u >> 63, 0x7ff0000000000000, 0x0008000000000000, 0x0010000000000000);
}

static inline uint32_t class_of_f16(uint16_t h)
{
	return class_bit(h & 0x7fff, h >> 15, 0x7c00, 0x0200, 0x0400);
}

#endif
