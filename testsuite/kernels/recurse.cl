/* Calls: nested, recursive with a different depth in each lane, and mutually recursive. */
#include "opencl_ids.h"

struct node {
	int depth;
	uint sum;
	uchar tag[5];
};

__attribute__((noinline)) uint fibonacci(uint n)
{
	if (n < 2)
		return n;
	return fibonacci(n - 1) + fibonacci(n - 2);
}

uint odd_steps(struct node *node, uint value);

__attribute__((noinline)) uint even_steps(struct node *node, uint value)
{
	node->depth++;
	node->sum += value;
	node->tag[node->depth % 5] = (uchar)value;
	if (value < 4)
		return value;
	return odd_steps(node, value / 2);
}

__attribute__((noinline)) uint odd_steps(struct node *node, uint value)
{
	node->depth += 2;
	node->sum ^= value << 3;
	node->tag[node->depth % 5] += (uchar)(value >> 1);
	if (value < 5)
		return value + 100;
	return even_steps(node, value - 1) + 1;
}

kernel void recurse(global const uint *in, global uint *out, uint n)
{
	uint i = get_global_id(0);
	if (i >= n)
		return;
	struct node node = { 0, 0, { 1, 2, 3, 4, 5 } };
	uint last = even_steps(&node, in[i]);
	uint tags = 0;
	for (int k = 0; k < 5; k++)
		tags = tags * 31 + node.tag[k];
	out[4 * i] = last;
	out[4 * i + 1] = (uint)node.depth;
	out[4 * i + 2] = node.sum ^ tags;
	out[4 * i + 3] = fibonacci(in[i] % 9);
}
