/* Structures: passed to the kernel by value, in arrays, nested, copied, with members of every size. */
#include "opencl_ids.h"

struct point {
	short x, y;
	uchar color[3];
};

struct box {
	struct point corner[2];
	ulong id;
	float scale;
};

uint area(struct box b)
{
	int w = b.corner[1].x - b.corner[0].x, h = b.corner[1].y - b.corner[0].y;
	return (uint)(w * h);
}

struct box move(struct box b, int by)
{
	for (int k = 0; k < 2; k++) {
		b.corner[k].x += (short)by;
		b.corner[k].y -= (short)(2 * by);
		b.corner[k].color[k] ^= (uchar)by;
	}
	b.id = b.id << 8 | (uint)(by & 255);
	b.scale *= 0.5f;
	return b;
}

kernel void structs(struct box base, uchar small, short middle, global struct box *out, global uint *areas, uint n)
{
	uint i = get_global_id(0);
	if (i >= n)
		return;
	struct box boxes[3];
	boxes[0] = base;
	boxes[0].corner[1].x += (short)i;
	boxes[1] = move(boxes[0], small);
	boxes[2] = move(boxes[1], middle);
	out[i] = boxes[i % 3];
	areas[i] = area(boxes[(i + 1) % 3]) + boxes[2].corner[1].color[1];
}
