/* Which opcode rows a cache has seen executed: every row is decoded at its first execution after a drop. For tests. */
#ifndef SIM_ISA_COVERAGE_H
#define SIM_ISA_COVERAGE_H

#include "sim/isa/wave.h"

size_t sim_isa_slots(void);
/* Mnemonic and encoding class ("VOP3") of a slot; NULL when the number is no opcode. */
const char *sim_isa_slot_name(size_t slot, const char **encoding);
/* How often the slot was decoded for execution since the cache was created. */
uint32_t sim_icache_decoded(const struct sim_icache *ic, size_t slot);

#endif
