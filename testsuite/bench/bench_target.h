#ifndef TESTSUITE_BENCH_TARGET_H
#define TESTSUITE_BENCH_TARGET_H

#include <stdint.h>

#define BENCH_ADDRESS UINT64_C(0x200000000000)
#define BENCH_BYTES (UINT64_C(64) << 20)

/* What stands at the i-th word of eight bytes. */
static inline uint64_t bench_word(uint64_t i)
{
	uint64_t x = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
	x ^= x >> 29;
	return x * UINT64_C(0xbf58476d1ce4e5b9);
}

#endif
