/* Double precision: multiplication, division, square root, comparison, conversion, fused multiply-add. */
#include "opencl_ids.h"

#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL FP_CONTRACT OFF

double horner(double x)
{
	const double factors[] = { 1.0, -0.5, 1.0 / 3, -0.25, 0.2, -1.0 / 6 };
	double y = 0;
	for (int k = 5; k >= 0; k--)
		y = y * x + factors[k];
	return y;
}

kernel void doubles(global const double *in, global double *out, global long *whole, uint n)
{
	uint i = get_global_id(0);
	if (i >= n)
		return;
	double x = in[i];
	double root = __builtin_sqrt(x < 0 ? -x : x);
	out[4 * i] = horner(x);
	out[4 * i + 1] = (x + 1.5) / (x * x + 0.25);
	out[4 * i + 2] = root;
	out[4 * i + 3] = __builtin_fma(x, root, -(double)i);
	whole[i] = (long)(x * 1000.0) + (x > root) * 3 + (int)(float)x;
}
