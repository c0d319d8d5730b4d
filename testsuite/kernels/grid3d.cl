/* Everything a work-item can ask about its place in a grid of three dimensions. */
#include "opencl_ids.h"

kernel void grid3d(global uint *out)
{
	uint index = 0;
	for (int d = 2; d >= 0; d--)
		index = index * (uint)get_global_size(d) + (uint)get_global_id(d);
	global uint *mine = out + 12 * index;
	for (int d = 0; d < 3; d++) {
		mine[4 * d] = (uint)get_local_id(d) | (uint)get_group_id(d) << 16;
		mine[4 * d + 1] = (uint)get_local_size(d) | (uint)get_enqueued_local_size(d) << 16;
		mine[4 * d + 2] = (uint)get_num_groups(d);
		mine[4 * d + 3] = (uint)get_global_size(d) * 1000 + (uint)get_global_id(d);
	}
}
