/* Histogram of bytes: counted in LDS per group, then added to the whole. */
#include "opencl_ids.h"

#define BINS 64
#define ORDER __ATOMIC_RELAXED

kernel void histogram(global const uchar *in, global atomic_uint *bins, uint n)
{
	local atomic_uint part[BINS];
	uint l = get_local_id(0), size = get_local_size(0);
	for (uint k = l; k < BINS; k += size)
		__opencl_atomic_store(&part[k], 0, ORDER, __OPENCL_MEMORY_SCOPE_WORK_GROUP);
	barrier(CLK_LOCAL_MEM_FENCE);
	for (uint i = get_global_id(0); i < n; i += get_global_size(0))
		__opencl_atomic_fetch_add(&part[in[i] % BINS], 1, ORDER, __OPENCL_MEMORY_SCOPE_WORK_GROUP);
	barrier(CLK_LOCAL_MEM_FENCE);
	for (uint k = l; k < BINS; k += size)
		__opencl_atomic_fetch_add(&bins[k], __opencl_atomic_load(&part[k], ORDER, __OPENCL_MEMORY_SCOPE_WORK_GROUP), ORDER,
					  __OPENCL_MEMORY_SCOPE_DEVICE);
}
