#include "sim/isa/divide.h"

#include <math.h>

#include "sim/isa/float_bits.h"
#include "sim/isa/insn.h"

static int exponent32(float f)
{
	return f32_bits(f) >> 23 & 0xff;
}

static int exponent64(double f)
{
	return f64_bits(f) >> 52 & 0x7ff;
}

/* Which power of two a scale step applies: -1, 0 or 1 times K. */
struct scale {
	bool nan, vcc;
	int by;
};

/* The common decision; s_is_d and s_is_n tell which operand is asked for. */
static struct scale decide(bool zero, bool big, bool d_denormal, bool rcp_denormal, bool q_denormal, bool tiny, bool s_is_d, bool s_is_n)
{
	if (zero)
		return (struct scale){ .nan = true };
	if (big)
		return (struct scale){ .vcc = true, .by = s_is_d };
	if (d_denormal)
		return (struct scale){ .by = 1 };
	if (rcp_denormal && q_denormal)
		return (struct scale){ .vcc = true, .by = s_is_d ? -1 : 0 };
	if (rcp_denormal)
		return (struct scale){ .by = -1 };
	if (q_denormal)
		return (struct scale){ .vcc = true, .by = s_is_n };
	return (struct scale){ .by = tiny };
}

/* A quotient that vanishes altogether counts: -150 is still within reach of a rounding to the smallest denormal. */
static bool denormal32(float f)
{
	return exponent32(f) == 0;
}

static bool denormal64(double f)
{
	return exponent64(f) == 0;
}

float sim_div_scale_f32(float s, float d, float n, bool *vcc)
{
	struct scale r = decide(n == 0 || d == 0, exponent32(n) - exponent32(d) >= 96, denormal32(d), denormal32(1.0f / d),
		denormal32(n / d), exponent32(n) <= 23, f32_bits(s) == f32_bits(d), f32_bits(s) == f32_bits(n));
	*vcc = r.vcc;
	if (r.nan)
		return f32_of(0x7fc00000);
	return r.by ? scalbnf(s, r.by * 64) : s;
}

double sim_div_scale_f64(double s, double d, double n, bool *vcc)
{
	struct scale r = decide(n == 0 || d == 0, exponent64(n) - exponent64(d) >= 768, denormal64(d), denormal64(1.0 / d),
		denormal64(n / d), exponent64(n) <= 53, f64_bits(s) == f64_bits(d), f64_bits(s) == f64_bits(n));
	*vcc = r.vcc;
	if (r.nan)
		return f64_of(0x7ff8000000000000);
	return r.by ? scalbn(s, r.by * 128) : s;
}

/* One rounding: the product is exact in the wider type, and its sum keeps enough bits below the result's. */
float sim_div_fmas_f32(float a, float b, float c, bool vcc)
{
	if (!vcc)
		return fmaf(a, b, c);
	return (float)(fma(a, b, c) * (exponent32(c) > 127 ? 0x1p64 : 0x1p-64));
}

double sim_div_fmas_f64(double a, double b, double c, bool vcc)
{
	if (!vcc)
		return fma(a, b, c);
	__float128 t = (__float128)a * b + c;
	return (double)(t * (exponent64(c) > 1023 ? 0x1p128 : 0x1p-128));
}

float sim_div_fixup_f32(float q, float d, float n)
{
	uint32_t sign = (f32_bits(n) ^ f32_bits(d)) & 0x80000000;
	if (isnan(n))
		return f32_of(f32_bits(n) | 0x00400000);
	if (isnan(d))
		return f32_of(f32_bits(d) | 0x00400000);
	if ((n == 0 && d == 0) || (isinf(n) && isinf(d)))
		return f32_of(0xffc00000);
	if (d == 0 || isinf(n) || (isnan(q) && !isinf(d) && n != 0 && exponent32(n) - exponent32(d) >= -150))
		return f32_of(sign | 0x7f800000);
	if (isinf(d) || n == 0 || exponent32(n) - exponent32(d) < -150)
		return f32_of(sign);
	return f32_of((f32_bits(q) & 0x7fffffff) | sign);
}

double sim_div_fixup_f64(double q, double d, double n)
{
	uint64_t sign = (f64_bits(n) ^ f64_bits(d)) & 0x8000000000000000ull;
	if (isnan(n))
		return f64_of(f64_bits(n) | 0x0008000000000000);
	if (isnan(d))
		return f64_of(f64_bits(d) | 0x0008000000000000);
	if ((n == 0 && d == 0) || (isinf(n) && isinf(d)))
		return f64_of(0xfff8000000000000);
	if (d == 0 || isinf(n) || (isnan(q) && !isinf(d) && n != 0 && exponent64(n) - exponent64(d) >= -1075))
		return f64_of(sign | 0x7ff0000000000000);
	if (isinf(d) || n == 0 || exponent64(n) - exponent64(d) < -1075)
		return f64_of(sign);
	return f64_of((f64_bits(q) & 0x7fffffffffffffffull) | sign);
}

unsigned sim_div_exceptions(double d, double n)
{
	if (isnan(d) || isnan(n))
		return 0;
	if ((n == 0 && d == 0) || (isinf(n) && isinf(d)))
		return EXCP_INVALID;
	return d == 0 && !isinf(n) ? EXCP_DIV0 : 0;
}

/* Binary fraction of 2/pi, most significant bit first. */
static const uint8_t two_over_pi[160] = {
	0xa2, 0xf9, 0x83, 0x6e, 0x4e, 0x44, 0x15, 0x29, 0xfc, 0x27, 0x57, 0xd1, 0xf5, 0x34, 0xdd, 0xc0,
	0xdb, 0x62, 0x95, 0x99, 0x3c, 0x43, 0x90, 0x41, 0xfe, 0x51, 0x63, 0xab, 0xde, 0xbb, 0xc5, 0x61,
	0xb7, 0x24, 0x6e, 0x3a, 0x42, 0x4d, 0xd2, 0xe0, 0x06, 0x49, 0x2e, 0xea, 0x09, 0xd1, 0x92, 0x1c,
	0xfe, 0x1d, 0xeb, 0x1c, 0xb1, 0x29, 0xa7, 0x3e, 0xe8, 0x82, 0x35, 0xf5, 0x2e, 0xbb, 0x44, 0x84,
	0xe9, 0x9c, 0x70, 0x26, 0xb4, 0x5f, 0x7e, 0x41, 0x39, 0x91, 0xd6, 0x39, 0x83, 0x53, 0x39, 0xf4,
	0x9c, 0x84, 0x5f, 0x8b, 0xbd, 0xf9, 0x28, 0x3b, 0x1f, 0xf8, 0x97, 0xff, 0xde, 0x05, 0x98, 0x0f,
	0xef, 0x2f, 0x11, 0x8b, 0x5a, 0x0a, 0x6d, 0x1f, 0x6d, 0x36, 0x7e, 0xcf, 0x27, 0xcb, 0x09, 0xb7,
	0x4f, 0x46, 0x3f, 0x66, 0x9e, 0x5f, 0xea, 0x2d, 0x75, 0x27, 0xba, 0xc7, 0xeb, 0xe5, 0xf1, 0x7b,
	0x3d, 0x07, 0x39, 0xf7, 0x8a, 0x52, 0x92, 0xea, 0x6b, 0xfb, 0x5f, 0xb1, 0x1f, 0x8d, 0x5d, 0x08,
	0x56, 0x03, 0x30, 0x46, 0xfc, 0x7b, 0x6b, 0xab, 0xf0, 0xcf, 0xbc, 0x20, 0x9a, 0xf4, 0x36, 0x1d,
};

double sim_trig_preop(double a, uint32_t segment)
{
	int e = exponent64(a);
	int shift = 53 * (int)(segment & 31) + (e > 1077 ? e - 1077 : 0);
	uint64_t m = 0;
	for (int k = shift; k < shift + 53; k++) {
		unsigned bit = k < 1201 ? two_over_pi[k / 8] >> (7 - k % 8) & 1 : 0;
		m = m << 1 | bit;
	}
	return ldexp((double)m, -53 - shift + (e >= 1968 ? 128 : 0));
}
