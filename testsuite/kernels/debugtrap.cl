/* A debug trap stops the wave for a debugger, and is nothing without one. */
#include "opencl_ids.h"

kernel void debugtrap(global uint *out)
{
	uint i = get_global_id(0);
	out[i] = i + 1;
	__builtin_debugtrap();
	out[i] += 1000;
}
