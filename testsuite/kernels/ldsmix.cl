/* LDS as structures, bytes and words at once, with atomic operations of every kind on it, 64-bit and floating-point ones too. */
#include "opencl_ids.h"

#define ORDER __ATOMIC_RELAXED
#define SCOPE __OPENCL_MEMORY_SCOPE_WORK_GROUP

struct cell {
	uint key;
	uchar bytes[6];
	ushort half_word;
	ulong wide;
};

kernel void ldsmix(global const uint *in, global uint *out)
{
	local struct cell cells[64];
	local atomic_int words[6];
	local atomic_ulong longs[3];
	local float total;
	uint l = get_local_id(0), i = get_global_id(0), g = get_group_id(0);
	if (l < 6)
		__opencl_atomic_store(&words[l], l == 1 ? INT_MAX : l == 2 ? INT_MIN : 0, ORDER, SCOPE);
	if (l < 3)
		__opencl_atomic_store(&longs[l], 0, ORDER, SCOPE);
	if (l == 0)
		total = 0;
	struct cell c;
	c.key = in[i];
	for (int k = 0; k < 6; k++)
		c.bytes[k] = (uchar)(in[i] >> (4 * k));
	c.half_word = (ushort)(in[i] * 3);
	c.wide = (ulong)in[i] * in[i];
	cells[l] = c;
	barrier(CLK_LOCAL_MEM_FENCE);
	int v = (int)in[i];
	__opencl_atomic_fetch_add(&words[0], v, ORDER, SCOPE);
	__opencl_atomic_fetch_min(&words[1], v, ORDER, SCOPE);
	__opencl_atomic_fetch_max(&words[2], v, ORDER, SCOPE);
	__opencl_atomic_fetch_xor(&words[3], v, ORDER, SCOPE);
	__opencl_atomic_fetch_or(&words[4], v & 0xff00ff, ORDER, SCOPE);
	__opencl_atomic_fetch_add(&longs[0], (ulong)(uint)v << 16, ORDER, SCOPE);
	__opencl_atomic_fetch_max(&longs[1], c.wide, ORDER, SCOPE);
	__builtin_amdgcn_ds_faddf(&total, (float)(v & 1023), 0, 0, false);
	int old = __opencl_atomic_load(&words[5], ORDER, SCOPE);
	while (!__opencl_atomic_compare_exchange_strong(&words[5], &old, old * 1 + (v & 15), ORDER, ORDER, SCOPE))
		;
	barrier(CLK_LOCAL_MEM_FENCE);
	struct cell other = cells[(l * 29 + 5) % 64];
	uint hash = other.key ^ other.half_word ^ (uint)(other.wide >> 13);
	for (int k = 5; k >= 0; k--)
		hash = hash * 33 + other.bytes[k];
	out[i] = hash;
	global uint *sums = out + get_global_size(0) + 12 * g;
	if (l < 6)
		sums[l] = (uint)__opencl_atomic_load(&words[l], ORDER, SCOPE);
	else if (l < 8)
		sums[l] = (uint)__opencl_atomic_load(&longs[l - 6], ORDER, SCOPE);
	else if (l < 10)
		sums[l] = (uint)(__opencl_atomic_load(&longs[l - 8], ORDER, SCOPE) >> 32);
	else if (l == 10)
		sums[l] = (uint)total;
}
