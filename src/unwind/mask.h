/* Masks of lanes as values: EXEC at a function's entry, parts of it, and how parts make up what they were cut from. A part has a code, by the
 * instruction that made it, and names the mask that it is a part of; with UNWIND_REST it is what the part leaves of that. So the entry's
 * EXEC is known also where no register holds it whole: in an `else`, say, it is the lanes there and those that wait. */
#ifndef SRC_UNWIND_MASK_H
#define SRC_UNWIND_MASK_H

#include "src/unwind/code.h"

/* A value of a kind that says all; UNWIND_PART: of which no more is known. */
struct unwind_value unwind_plain(enum unwind_kind kind, int32_t n);
bool unwind_same(struct unwind_value a, struct unwind_value b);
/* Only lanes that were active at the entry. */
bool unwind_partial(struct unwind_value v);
/* What is true of both. */
struct unwind_value unwind_join_values(struct unwind_value a, struct unwind_value b);
uint16_t unwind_mask_code(struct unwind_value v); /* UNWIND_NO_MASK: not one that is told apart */

/* Code of a mask made by the instruction at an offset; masks that it made before are not told apart any more. */
uint16_t unwind_new_mask(struct unwind_state *s, size_t at);
/* Half `half` of such a mask: some of the lanes of `of`. */
struct unwind_value unwind_part_of(uint16_t mask, struct unwind_value of, unsigned half);
/* op(a, b), dword by dword; `mask` is the code of what cannot be said otherwise. */
struct unwind_value unwind_logic(const struct unwind_state *s, enum gfx_logic op, struct unwind_value a, struct unwind_value b,
	unsigned half, uint16_t mask);

#endif
