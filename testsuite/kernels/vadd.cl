/* Vector addition: one work-item per element. */
#include "opencl_ids.h"

__attribute__((noinline)) float add(float x, float y)
{
	float sum = x + y;
	return sum;
}

kernel void vadd(global const float *a, global const float *b, global float *c, uint n)
{
	uint i = get_global_id(0);
	if (i < n) {
		float x = a[i];
		float y = b[i];
		c[i] = add(x, y);
	}
}
