/* Whether a register that a variable is said to be in holds all of the number. Where only some bits of a number are wanted, optimisers
 * leave the others as they please: masks go, constants shrink. Debug information does not say so. But what comes from memory or from
 * outside of the function was not computed, and of what is stored, compared, converted or multiplied whole all bits are wanted. Neither helps
 * where some use asks for a part of it: the number may be another one's then (demand.h). */
#ifndef SRC_VIEW_WHOLE_H
#define SRC_VIEW_WHOLE_H

#include "src/unwind/table.h"
#include "src/view/demand.h"

/* Where each register is first written in the function asked about last, and its instructions. */
struct view_first_writes {
	bool known;
	uint64_t entry, end;
	uint64_t at[VIEW_LOOP_REGISTERS]; /* UINT64_MAX: nowhere */
	struct view_demand demand; /* to be freed */
};

/* Whether a register may hold at `low` what a variable is said to be from there on. Schedulers move instructions past the marks from which debug
 * information is made, and a mark stays behind the instruction that it came behind: the register is not written yet, or has been written again.
 * So it must have been written by the instruction in front, or that one must have read it; or no other instruction of the block has written it
 * before; or it was never written before the one that did. Also true when nothing is known. */
bool view_settled(const struct view_loops *l, struct view_first_writes *first, const struct unwind_function *f, uint64_t low, uint64_t dwarf);
/* Of a register (by its DWARF number) that a variable is said to be in, in [low, high) of a function, also behind each write to it in between. False
 * also when nothing is known. */
bool view_whole(const struct view_loops *l, struct view_first_writes *first, const struct unwind_function *f, uint64_t low, uint64_t high, uint64_t dwarf);

#endif
