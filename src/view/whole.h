/* Whether a register that a variable is said to be in holds all of the number. Where only some bits of a number are wanted, optimisers
 * leave the others as they please: masks go, constants shrink. Debug information does not say so. But what comes from memory or from
 * outside of the function was not computed, and of what is stored, compared, converted or multiplied whole all bits are wanted. */
#ifndef SRC_VIEW_WHOLE_H
#define SRC_VIEW_WHOLE_H

#include "src/view/loops.h"

/* Where each register is first written in the function asked about last. */
struct view_first_writes {
	bool known;
	uint64_t entry, end;
	uint64_t at[VIEW_LOOP_REGISTERS]; /* UINT64_MAX: nowhere */
};

/* Of a register (by its DWARF number) from `low` on, in a function of [entry, end). False also when nothing is known. */
bool view_whole(const struct view_loops *l, struct view_first_writes *first, uint64_t entry, uint64_t end, uint64_t low, uint64_t dwarf);

#endif
