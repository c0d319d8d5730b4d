/* Vector types, swizzles, conversions, small integers and half precision. */
#include "opencl_ids.h"

#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#pragma OPENCL FP_CONTRACT OFF

kernel void vectors(global const float4 *in, global float4 *out, global uchar4 *bytes, global half *halves, global short2 *pairs, uint n)
{
	uint i = get_global_id(0);
	if (i >= n)
		return;
	float4 v = in[i];
	float4 turned = v.wzyx * 2.0f + v;
	out[i] = v.x > v.y ? turned : turned - (float4)(1, 2, 3, 4);
	uchar4 b = (uchar4)((uchar)(int)v.x, (uchar)i, (uchar)((int)v.y * 3), 255);
	b += (uchar4)(1, 250, 3, 1);
	bytes[i] = b;
	half h = (half)v.z;
	half g = (half)v.w;
	halves[2 * i] = h * g + (half)1;
	halves[2 * i + 1] = h > g ? h - g : g;
	short2 s = (short2)((short)i, (short)(int)v.x);
	pairs[i] = s * (short2)(300, -5) >> (short2)(1, 2);
}
