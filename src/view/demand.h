/* How many bits of what a register holds its uses ask for, over all ways through a function. An optimiser that sees that of a number only some bits are
 * wanted may put another number in its place that agrees with it in those, and goes on to call that one by the variable's name: after
 * `t = v + 1000`, of which `t & 1` is all that is wanted, t is said to be where v is. So no other use of the register tells anything about the
 * variable, unless none of them asks for a part. */
#ifndef SRC_VIEW_DEMAND_H
#define SRC_VIEW_DEMAND_H

#include "src/view/loops.h"

struct view_demand_insn;

/* The instructions of the function that was asked about last. All zeros: none. */
struct view_demand {
	uint64_t entry, end;
	struct view_demand_insn *insns;
	size_t n;
};

/* Whether some use asks for a part of what the register (VIEW_LOOP_REGISTERS) holds at the address, or of a copy of it, or of what it is a copy of,
 * or of what is computed from it as a whole; or it is the result of a load of less, which compilers make of wider ones. True also when that cannot be told. */
bool view_demand_in_part(struct view_demand *d, const struct view_loops *l, const struct view_code *code, uint64_t entry, uint64_t end, uint64_t low,
	size_t reg);
/* Of the function asked about last: the first instruction in [from, high) that writes the register and does not end there; *end is where it ends. */
bool view_demand_written(const struct view_demand *d, uint64_t from, uint64_t high, size_t reg, uint64_t *end);
void view_demand_free(struct view_demand *d);

#endif
