/* Matrix product of n x n floats, in tiles that a work-group shares through LDS. n is a multiple of the tile, groups are TILE x TILE. */
#include "opencl_ids.h"

#pragma OPENCL FP_CONTRACT OFF

#define TILE 8

kernel void matmul(global const float *a, global const float *b, global float *c, uint n)
{
	local float tile_a[TILE][TILE];
	local float tile_b[TILE][TILE];
	uint column = get_global_id(0), row = get_global_id(1);
	uint x = get_local_id(0), y = get_local_id(1);
	float sum = 0;
	for (uint t = 0; t < n; t += TILE) {
		tile_a[y][x] = a[row * n + t + x];
		tile_b[y][x] = b[(t + y) * n + column];
		barrier(CLK_LOCAL_MEM_FENCE);
		for (uint k = 0; k < TILE; k++)
			sum += tile_a[y][k] * tile_b[k][x];
		barrier(CLK_LOCAL_MEM_FENCE);
	}
	c[row * n + column] = sum;
}
