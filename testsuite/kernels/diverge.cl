/* Loops whose trip counts differ from lane to lane: lengths of Collatz sequences, and greatest common divisors with early exits. */
#include "opencl_ids.h"

uint collatz(ulong n)
{
	uint steps = 0;
	while (n != 1) {
		if (n & 1)
			n = 3 * n + 1;
		else
			n /= 2;
		if (++steps == 200)
			break;
	}
	return steps;
}

uint gcd(uint a, uint b)
{
	for (;;) {
		if (b == 0)
			return a;
		uint rest = a % b;
		a = b;
		b = rest;
	}
}

kernel void diverge(global uint *out, uint n)
{
	uint i = get_global_id(0);
	if (i >= n)
		return;
	uint value = collatz(i + 1) << 16;
	for (uint k = 1; k <= i % 7; k++) {
		if ((i + k) % 3 == 0)
			continue;
		value += gcd(i * 12, k * 18 + 6);
		if (value % 11 == 5)
			break;
	}
	out[i] = value;
}
