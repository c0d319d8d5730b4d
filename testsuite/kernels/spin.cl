/* Turns until somebody changes the flag: a debugger, or the host. Each work-item counts its turns. */
#include "opencl_ids.h"

kernel void spin(global volatile uint *flag, global ulong *turns)
{
	uint i = get_global_id(0);
	ulong n = 0;
	while (flag[0] == 0)
		n++;
	turns[i] = n + 1;
}
