/* The same lane functions for machines with AVX2 and FMA. */
#ifdef __x86_64__
/* Headers first: their inline functions need no other target. */
#include <math.h>
#include <string.h>
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)
#else
#pragma GCC target("avx2,fma,bmi,bmi2,lzcnt,popcnt")
#endif
#define LANES sim_lanes_v3
#include "sim/isa/lanes.inc"
#ifdef __clang__
#pragma clang attribute pop
#endif
#else
typedef int sim_lanes_v3_unused;
#endif
