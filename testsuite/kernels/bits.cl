/* Integer arithmetic: counting and moving bits, 64-bit products, quotients and remainders, saturation. */
#include "opencl_ids.h"

/* "long long" has 128 bits in OpenCL; the builtins for "long" are the ones of 64. */
kernel void bits(global const ulong *in, global ulong *out, uint n)
{
	uint i = get_global_id(0);
	if (i >= n)
		return;
	ulong a = in[2 * i], b = in[2 * i + 1];
	uint low = (uint)a;
	long sa = (long)a, sb = (long)b;
	global ulong *mine = out + 8 * i;
	mine[0] = (ulong)__builtin_popcountl(a) | (ulong)__builtin_popcount(low) << 32;
	mine[1] = (a ? (ulong)__builtin_clzl(a) : 64) | (ulong)(b ? __builtin_ctzl(b) : 64) << 32;
	mine[2] = a * b;
	mine[3] = a / (b | 1);
	mine[4] = (ulong)(sa % (sb | 1));
	mine[5] = a << (b & 63) | a >> (63 - (b & 63));
	mine[6] = (ulong)(sa >> (b & 31)) ^ (ulong)((int)low >> (b & 15));
	mine[7] = (ulong)(uint)__builtin_bitreverse32(low) << 32 | __builtin_bswap32(low);
}
