#include "dialect.h"

K(f32ops)
{
	uint i = gid(0);
	float x = as_f(a[i]), y = as_f(b[i]);
	float r = x + y;
	r = __builtin_fmaf(r, x, -y);
	out[4 * i] = as_u(r);
	out[4 * i + 1] = as_u(x * y - x);
	out[4 * i + 2] = as_u(x / y);
	out[4 * i + 3] = as_u(__builtin_sqrtf(__builtin_fabsf(x)));
}

K(f32cmp)
{
	uint i = gid(0), r = 0;
	float x = as_f(a[i]), y = as_f(b[i]);
	r |= (uint)(x < y) << 0 | (uint)(x <= y) << 1 | (uint)(x == y) << 2 | (uint)(x != y) << 3 | (uint)(x > y) << 4 | (uint)(x >= y) << 5;
	r |= (uint)__builtin_isunordered(x, y) << 6 | (uint)__builtin_islessgreater(x, y) << 7 | (uint)!(x < y) << 8 | (uint)!(x >= y) << 9;
	r |= (uint)!(x > y) << 10 | (uint)!(x <= y) << 11 | (uint)(__builtin_fabsf(x) < 1.0f) << 12 | (uint)!__builtin_isunordered(x, y) << 13;
	r |= (uint)!__builtin_islessgreater(x, y) << 14;
	r |= (uint)__builtin_isnan(x) << 16 | (uint)__builtin_isinf(x) << 17 | (uint)__builtin_isfinite(x) << 18;
	out[i] = r;
}

K(f32cvt)
{
	uint i = gid(0), u = a[i];
	int s = (int)u;
	float f = (float)((int)(b[i] & 0xffffff) - 0x800000) / 16.0f;
	out[8 * i] = as_u((float)u);
	out[8 * i + 1] = as_u((float)s);
	out[8 * i + 2] = (uint)(int)f;
	out[8 * i + 3] = (uint)__builtin_fabsf(f);
	out[8 * i + 4] = as_u(__builtin_floorf(f));
	out[8 * i + 5] = as_u(__builtin_ceilf(f) + __builtin_truncf(f));
	out[8 * i + 6] = as_u(__builtin_rintf(f));
	out[8 * i + 7] = as_u((float)(uchar)u + (float)(uchar)(u >> 8) * 2.0f + (float)(ushort)u + (float)((ulong)u << 20 | 1));
}

K(f32minmax)
{
	uint i = gid(0);
	float x = as_f(a[i]), y = as_f(b[i]), z = x * 0.5f + 1.0f;
	float lo = __builtin_fminf(x, y), hi = __builtin_fmaxf(x, y);
	out[2 * i] = as_u(__builtin_fminf(lo, z));
	out[2 * i + 1] = as_u(__builtin_fmaxf(__builtin_fabsf(hi), -z));
}

K(f64ops)
{
	uint i = gid(0);
	double x = as_d(get64(a, i)), y = as_d(get64(b, i));
	put64(out, 4 * i, as_q(x + y));
	put64(out, 4 * i + 1, as_q(x * y - x));
	put64(out, 4 * i + 2, as_q(x / y));
	put64(out, 4 * i + 3, as_q(__builtin_fma(x, y, -x)));
}

K(f64sqrt)
{
	uint i = gid(0);
	put64(out, i, as_q(__builtin_sqrt(as_d(get64(a, i)))));
}

K(f64cmp)
{
	uint i = gid(0), r = 0;
	double x = as_d(get64(a, i)), y = as_d(get64(b, i));
	r |= (uint)(x < y) << 0 | (uint)(x <= y) << 1 | (uint)(x == y) << 2 | (uint)(x != y) << 3 | (uint)(x > y) << 4 | (uint)(x >= y) << 5;
	r |= (uint)__builtin_isunordered(x, y) << 6 | (uint)__builtin_islessgreater(x, y) << 7 | (uint)!(x < y) << 8 | (uint)!(x >= y) << 9;
	r |= (uint)!(x > y) << 10 | (uint)!(x <= y) << 11 | (uint)(__builtin_fabs(x) < 1.0) << 12 | (uint)!__builtin_isunordered(x, y) << 13;
	r |= (uint)__builtin_isnan(x) << 16 | (uint)__builtin_isinf(x) << 17 | (uint)__builtin_isfinite(x) << 18;
	out[i] = r;
}

K(f64cvt)
{
	uint i = gid(0), u = a[i];
	ulong q = (ulong)u << 32 | b[i];
	double d = (double)(int)u / 7.0;
	put64(out, 8 * i, as_q((double)u));
	put64(out, 8 * i + 1, as_q((double)(int)u));
	put64(out, 8 * i + 2, as_q((double)q));
	put64(out, 8 * i + 3, as_q((double)(long)q));
	put64(out, 8 * i + 4, (ulong)(long)d ^ (ulong)(d < 0 ? -d : d) << 8);
	put64(out, 8 * i + 5, (uint)(int)d | (ulong)as_u((float)d) << 32);
	put64(out, 8 * i + 6, as_q(__builtin_floor(d) + __builtin_ceil(d * 0.5)));
	put64(out, 8 * i + 7, as_q(__builtin_trunc(d) + __builtin_rint(d * 3.0) + (double)as_f(b[i] & 0x7fffff | 0x40000000)));
}

K(pi)
{
	uint i = gid(0);
	double s = 0;
	for (uint k = i; k < 2000; k += n) {
		double x = ((double)k + 0.5) / 2000.0;
		s += 4.0 / (1.0 + x * x);
	}
	put64(out, i, as_q(s / 2000.0));
}

K(half_s)
{
	uint i = gid(0);
	f16 x = (f16)((float)(int)(a[i] & 0x7fff) / 64.0f - 250.0f), y = (f16)((float)(b[i] & 0xfff) / 512.0f + 0.25f);
	f16 r = x + y;
	f16 s = r * y - x;
	union { f16 h; ushort u; } v = { s }, w = { x < y ? r : y };
	out[i] = v.u | (uint)w.u << 16;
}

/* Packed halves (written as vectors of two). */
typedef f16 f16x2 __attribute__((ext_vector_type(2)));
K(half_p)
{
	uint i = gid(0);
	union { uint u; f16x2 h; } x = { a[i] & 0x4fff4fff }, y = { (b[i] & 0x4fff4fff) | 0x04000400 }, r;
	r.h = x.h * y.h + x.h;
	r.h = r.h - y.h;
	out[i] = r.u;
}

K(fdiv32)
{
	uint i = gid(0);
	out[2 * i] = as_u(as_f(a[i]) / as_f(b[i]));
	out[2 * i + 1] = as_u(__builtin_sqrtf(as_f(a[i])));
}

K(fdiv64)
{
	uint i = gid(0);
	double x = as_d(get64(a, i)), y = as_d(get64(b, i));
	put64(out, 2 * i, as_q(x / y));
	put64(out, 2 * i + 1, as_q(__builtin_sqrt(x)));
}
