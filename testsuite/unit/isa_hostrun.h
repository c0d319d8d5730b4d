/* Runs a kernel of the differential test on the host: work-items are coroutines, a barrier switches to the next one. */
#ifndef TESTSUITE_UNIT_ISA_HOSTRUN_H
#define TESTSUITE_UNIT_ISA_HOSTRUN_H

#include <stdint.h>

typedef void host_kernel(uint32_t *out, const uint32_t *a, const uint32_t *b, uint32_t n);

void host_run(host_kernel *k, const uint32_t grid[3], const uint32_t group[3], uint32_t *out, const uint32_t *a, const uint32_t *b, uint32_t n);

/* What the kernels see. */
extern unsigned h_lid[3], h_grp[3], h_lsz[3], h_gsz[3];
void h_barrier(void);

#endif
