/* Atomic operations on global memory, 32 and 64 bits wide; results do not depend on the order. */
#include "opencl_ids.h"

#define ORDER __ATOMIC_RELAXED
#define SCOPE __OPENCL_MEMORY_SCOPE_DEVICE

kernel void atomics(global atomic_int *words, global atomic_ulong *longs, global uint *slots, uint n)
{
	uint i = get_global_id(0);
	if (i >= n)
		return;
	int v = (int)(i * 2654435761u) >> 8;
	__opencl_atomic_fetch_add(&words[0], v, ORDER, SCOPE);
	__opencl_atomic_fetch_sub(&words[1], v ^ 5, ORDER, SCOPE);
	__opencl_atomic_fetch_min(&words[2], v, ORDER, SCOPE);
	__opencl_atomic_fetch_max(&words[3], v, ORDER, SCOPE);
	__opencl_atomic_fetch_or(&words[4], 1 << (i % 31), ORDER, SCOPE);
	__opencl_atomic_fetch_and(&words[5], ~(1 << (i % 17)), ORDER, SCOPE);
	__opencl_atomic_fetch_xor(&words[6], v, ORDER, SCOPE);
	__opencl_atomic_fetch_add(&longs[0], (ulong)i << 30, ORDER, SCOPE);
	__opencl_atomic_fetch_max(&longs[1], (ulong)i * i * i * 77777, ORDER, SCOPE);
	__opencl_atomic_fetch_xor(&longs[2], (ulong)v << 20, ORDER, SCOPE);

	/* A number drawn by each work-item: every slot is taken exactly once. */
	uint ticket = (uint)__opencl_atomic_fetch_add(&words[7], 1, ORDER, SCOPE);
	slots[ticket] = 1;

	/* A sum by compare and exchange. */
	ulong old = __opencl_atomic_load(&longs[3], ORDER, SCOPE);
	while (!__opencl_atomic_compare_exchange_weak(&longs[3], &old, old + 3 * i + 1, ORDER, ORDER, SCOPE))
		;
}
