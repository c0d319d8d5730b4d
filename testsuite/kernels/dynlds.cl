/* Two pieces of LDS whose sizes the host chooses: a reversal within the group and a running sum. */
#include "opencl_ids.h"

kernel void dynlds(global const uint *in, global uint *out, local uint *words, local ushort *shorts, uint n)
{
	uint l = get_local_id(0), size = get_local_size(0), i = get_global_id(0);
	words[l] = in[i];
	shorts[l] = (ushort)(in[i] >> 16);
	barrier(CLK_LOCAL_MEM_FENCE);
	uint value = words[size - 1 - l] + shorts[(l + 1) % size];
	for (uint distance = 1; distance < size; distance *= 2) {
		uint below = l >= distance ? words[l - distance] : 0;
		barrier(CLK_LOCAL_MEM_FENCE);
		words[l] += below;
		barrier(CLK_LOCAL_MEM_FENCE);
	}
	if (i < n)
		out[i] = value ^ words[l];
}
