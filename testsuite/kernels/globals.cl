/* Variables of the program: tables of constants, pointers that the loader relocates, memory that starts as zero. */
#include "opencl_ids.h"

constant uint squares[16] = { 0, 1, 4, 9, 16, 25, 36, 49, 64, 81, 100, 121, 144, 169, 196, 225 };
constant uint cubes[16] = { 0, 1, 8, 27, 64, 125, 216, 343, 512, 729, 1000, 1331, 1728, 2197, 2744, 3375 };
constant uint *constant tables[4] = { squares, cubes, squares + 8, cubes + 4 };

global uint zeros[1024];
global uint counter = 41;
global uint *global where = &counter;

kernel void globals(global uint *out, uint n)
{
	uint i = get_global_id(0);
	if (i >= n)
		return;
	zeros[i % 1024] += tables[i % 4][i % 8];
	out[i] = zeros[i % 1024] + *where;
}
