/* More live values than registers: they go to accumulation registers or to scratch, and come back. */
#include "opencl_ids.h"

#define COUNT 200

__attribute__((noinline)) uint shuffle(uint *values, uint seed)
{
	uint sum = 0;
	for (int k = 0; k < COUNT; k++) {
		values[k] ^= seed + (uint)k;
		sum += values[k] * (uint)(k + 1);
	}
	return sum;
}

__attribute__((amdgpu_flat_work_group_size(256, 256), amdgpu_waves_per_eu(4, 4)))
kernel void pressure(global const uint *in, global uint *out)
{
	uint i = get_global_id(0);
	uint values[COUNT];
#pragma unroll
	for (int k = 0; k < COUNT; k++)
		values[k] = in[(i * 7 + k * 13) % 512];
	uint sum = 0;
#pragma unroll
	for (int round = 0; round < 3; round++) {
#pragma unroll
		for (int k = 0; k < COUNT; k++)
			values[k] = values[k] * 5 + (values[(k * 77 + 31) % COUNT] >> 7) + (uint)round;
	}
#pragma unroll
	for (int k = 0; k < COUNT; k++)
		sum = sum * 3 + values[k];
	out[2 * i] = sum;
	uint copy[COUNT];
#pragma unroll
	for (int k = 0; k < COUNT; k++)
		copy[k] = values[k] + (uint)k;
	out[2 * i + 1] = shuffle(copy, sum);
}
