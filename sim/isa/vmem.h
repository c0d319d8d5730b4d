/* Vector memory accesses once their addresses are known. */
#ifndef SIM_ISA_VMEM_H
#define SIM_ISA_VMEM_H

#include "sim/isa/mem.h"

/* Where every active lane goes. */
struct access {
	uint64_t exec;
	bool global;              /* all of it is global memory: space[] is not filled */
	uint8_t space[SIM_LANES]; /* enum space */
	uint64_t addr[SIM_LANES]; /* address, LDS offset or private offset */
};

/* Moves what i->row->aux says between memory and the data registers (dst for loads, data for stores). All or nothing: a fault in one lane
 * leaves registers and memory alone. Answers RUN_NEXT, RUN_FAULT or RUN_WATCH. */
enum run_status vmem_run(struct exec *x, const struct insn *i, const struct access *acc);

#endif
