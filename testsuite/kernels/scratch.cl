/* Arrays in private memory with computed indices: a sort per work-item and a table of bytes. */
#include "opencl_ids.h"

#define COUNT 24

void sort(uint *values, int count)
{
	for (int i = 1; i < count; i++) {
		uint v = values[i];
		int k = i - 1;
		while (k >= 0 && values[k] > v) {
			values[k + 1] = values[k];
			k--;
		}
		values[k + 1] = v;
	}
}

kernel void scratch(global const uint *seeds, global uint *out, uint n)
{
	uint i = get_global_id(0);
	if (i >= n)
		return;
	uint values[COUNT];
	uchar seen[64];
	ushort shorts[16];
	uint state = seeds[i];
	for (int k = 0; k < 64; k++)
		seen[k] = 0;
	for (int k = 0; k < 16; k++)
		shorts[k] = (ushort)(k * i);
	for (int k = 0; k < COUNT; k++) {
		state = state * 1664525 + 1013904223;
		values[k] = state >> 8;
		seen[state >> 26]++;
		shorts[state >> 28] ^= (ushort)state;
	}
	sort(values, COUNT);
	uint hash = 0;
	for (int k = 0; k < COUNT; k++)
		hash = hash * 16777619 ^ values[k];
	for (int k = 0; k < 64; k++)
		hash = hash * 31 + seen[(k * 7) % 64];
	for (int k = 0; k < 16; k++)
		hash += (uint)shorts[(k + i) % 16] << (k % 5);
	out[2 * i] = values[COUNT / 2];
	out[2 * i + 1] = hash;
}
