/* Decisions: a switch with holes and falling through, and calls through a table of function pointers. */
#include "opencl_ids.h"

#pragma OPENCL EXTENSION __cl_clang_function_pointers : enable

typedef uint (*operation)(uint, uint);

uint op_add(uint a, uint b) { return a + b; }
uint op_multiply(uint a, uint b) { return a * b; }
uint op_shift(uint a, uint b) { return a << (b & 31) | a >> (31 - (b & 31)); }
uint op_divide(uint a, uint b) { return a / (b | 1); }

constant operation operations[] = { op_add, op_multiply, op_shift, op_divide };

uint decide(uint code, uint value)
{
	uint result = value;
	switch (code) {
	case 0:
		return 17;
	case 1:
		result += 3;
	case 2:
		result *= 5;
		break;
	case 7:
		result ^= 0xff00ff;
		break;
	case 8:
	case 9:
		result = ~result;
		break;
	case 100:
		return value - 1;
	default:
		result = code << 20 | (value & 0xfffff);
	}
	return result + code;
}

kernel void switches(global const uint *in, global uint *out, uint n)
{
	uint i = get_global_id(0);
	if (i >= n)
		return;
	uint a = in[2 * i], b = in[2 * i + 1];
	out[2 * i] = decide(a % 13 == 12 ? 100 : a % 13, b);
	out[2 * i + 1] = operations[b % 4](a, b);
}
