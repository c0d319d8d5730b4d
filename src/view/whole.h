/* Whether a register that a variable is said to be in holds all of the number. Where only some bits of a number are wanted, optimisers
 * leave the others as they please: masks go, constants shrink. Debug information does not say so. But what comes from memory or from
 * outside of the function was not computed, and of what is stored, compared, converted or multiplied whole all bits are wanted. Neither helps
 * where some use asks for a part of it: the number may be another one's then (demand.h). */
#ifndef SRC_VIEW_WHOLE_H
#define SRC_VIEW_WHOLE_H

#include "src/view/demand.h"

/* Where each register is first written in the function asked about last, and its instructions. */
struct view_first_writes {
	bool known;
	uint64_t entry, end;
	uint64_t at[VIEW_LOOP_REGISTERS]; /* UINT64_MAX: nowhere */
	struct view_demand demand; /* to be freed */
};

/* Of a register (by its DWARF number) from `low` on, in a function of [entry, end). False also when nothing is known. */
bool view_whole(const struct view_loops *l, struct view_first_writes *first, uint64_t entry, uint64_t end, uint64_t low, uint64_t dwarf);

#endif
