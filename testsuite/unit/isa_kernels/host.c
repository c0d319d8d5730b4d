/* All kernels as one translation unit for the host. */
#include "basic.c"
#include "lds.c"
#include "atomics.c"
#include "control.c"
#include "memory.c"
#include "integer.c"
#include "float.c"
#include "generic.c"
