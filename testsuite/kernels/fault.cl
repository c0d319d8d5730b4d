/* Kernels that end in a fault: one lane of each wave goes wrong. */
#include "opencl_ids.h"

kernel void store_fault(global uint *out, global uint *bad)
{
	uint i = get_global_id(0);
	out[i] = i;
	if (get_local_id(0) % 64 == 3)
		bad[i] = 7;
}

kernel void load_fault(global uint *out, global const uint *bad)
{
	uint i = get_global_id(0);
	uint v = i;
	if (get_local_id(0) % 64 == 5)
		v = bad[i];
	out[i] = v;
}

kernel void illegal(global uint *out)
{
	out[get_global_id(0)] = 1;
	__asm__ volatile(".long 0xbfff0000"); /* a scalar instruction that does not exist */
	out[get_global_id(0)] = 2;
}

kernel void abort(global uint *out)
{
	uint i = get_global_id(0);
	out[i] = 1;
	if (out[i] == 1)
		__builtin_trap();
	out[i] = 2;
}
