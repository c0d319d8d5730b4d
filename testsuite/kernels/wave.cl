/* What the lanes of a wave can do together: ballots, counting below, reading other lanes, permutation. */
#include "opencl_ids.h"

kernel void wave(global const int *in, global int *out, uint n)
{
	uint i = get_global_id(0);
	uint lane = __builtin_amdgcn_mbcnt_hi(~0u, __builtin_amdgcn_mbcnt_lo(~0u, 0));
	int v = i < n ? in[i] : 0;
	global int *mine = out + 6 * i;
	ulong odd = __builtin_amdgcn_ballot_w64(v & 1);
	mine[0] = (int)__builtin_amdgcn_mbcnt_hi((uint)(odd >> 32), __builtin_amdgcn_mbcnt_lo((uint)odd, 0));
	mine[1] = __builtin_amdgcn_ds_bpermute((int)((lane * 5 + 3) % 64 * 4), v);
	mine[2] = __builtin_amdgcn_readlane(v, 17);
	mine[3] = __builtin_amdgcn_mov_dpp(v, 0xb1, 0xf, 0xf, false); /* neighbours of a pair swapped */
	mine[4] = __builtin_amdgcn_ds_swizzle(v, 0x041f);             /* lane xor 1 */
	int first = 0;
	if (v % 3 == 0)
		first = __builtin_amdgcn_readfirstlane(v); /* of those that came here */
	mine[5] = first + (int)lane;
}
