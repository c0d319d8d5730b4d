/* Single precision: rounding, classes, extremes, conversions between all the sizes, infinities and not-a-numbers. */
#include "opencl_ids.h"

#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL FP_CONTRACT OFF

uint word(float x)
{
	return __builtin_isnan(x) ? 0x7fc00000u : as_uint(x);
}

kernel void floats(global const float *in, global uint *out, global long *wide, uint n)
{
	uint i = get_global_id(0);
	if (i >= n)
		return;
	float x = in[2 * i], y = in[2 * i + 1];
	global uint *mine = out + 16 * i;
	mine[0] = word(__builtin_floorf(x));
	mine[1] = word(__builtin_ceilf(x));
	mine[2] = word(__builtin_truncf(x));
	mine[3] = word(__builtin_rintf(x));
	mine[4] = word(__builtin_fabsf(x) - __builtin_copysignf(y, x));
	mine[5] = word(__builtin_fmaf(x, y, x));
	mine[6] = word(__builtin_fminf(x, y));
	mine[7] = word(__builtin_fmaxf(x, y));
	mine[8] = (uint)(x < y) | (uint)(x <= y) << 1 | (uint)(x == y) << 2 | (uint)(x != y) << 3 | (uint)(x > y) << 4 |
		  (uint)__builtin_isunordered(x, y) << 5 | (uint)__builtin_isinf(x) << 6 | (uint)__builtin_isnormal(x) << 7 |
		  (uint)__builtin_signbit(x) << 8;
	float small = x > -30000.0f && x < 30000.0f ? x : 12.0f; /* conversions of what does not fit are undefined */
	mine[9] = (uint)(int)small;
	mine[10] = (uint)(uchar)(int)small | (uint)(ushort)(short)small << 16;
	mine[11] = word((float)(int)as_uint(y));
	mine[12] = word((float)as_uint(y));
	mine[13] = word((float)((ulong)as_uint(x) << 29 | as_uint(y)));
	mine[14] = word((float)((double)x * (double)y));
	mine[15] = word(x * y + (x - y));
	wide[2 * i] = (long)(small * 65536.0f);
	wide[2 * i + 1] = (long)(ulong)((double)__builtin_fabsf(small) * 1e9);
}
