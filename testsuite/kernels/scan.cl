/* Running sums over groups of several waves, the last one partial; lanes talk through LDS and through the ballot of a wave. */
#include "opencl_ids.h"

#define GROUP 192

kernel void scan(global const uint *in, global uint *out, global ulong *votes)
{
	local uint a[GROUP];
	uint l = get_local_id(0), size = get_local_size(0), i = get_global_id(0);
	a[l] = in[i];
	barrier(CLK_LOCAL_MEM_FENCE);
	for (uint d = 1; d < size; d <<= 1) {
		uint v = l >= d ? a[l - d] : 0;
		barrier(CLK_LOCAL_MEM_FENCE);
		a[l] += v;
		barrier(CLK_LOCAL_MEM_FENCE);
	}
	out[i] = a[l];
	ulong vote = __builtin_amdgcn_ballot_w64((in[i] & 3) == 0);
	uint lane0 = (uint)__builtin_amdgcn_readfirstlane((int)in[i]);
	votes[i] = vote ^ lane0;
}
