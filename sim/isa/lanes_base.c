/* Lane functions for every x86-64 (and any other host). */
#define LANES sim_lanes_base
#include "sim/isa/lanes.inc"

const struct lane_tables *sim_lanes_select(void)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
		return &sim_lanes_v3;
#endif
	return &sim_lanes_base;
}
