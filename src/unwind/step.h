/* One instruction's effect on what is known of the registers. */
#ifndef SRC_UNWIND_STEP_H
#define SRC_UNWIND_STEP_H

#include "src/unwind/code.h"

void unwind_enter(struct unwind_state *s);
/* Keeps of *s what *other knows too; true when *s changed. */
bool unwind_join(struct unwind_state *s, const struct unwind_state *other);
/* Where a call leads to, from the function's first instruction; false: not known. */
bool unwind_target(const struct unwind_state *s, const struct gfx_insn *insn, size_t at, int64_t *target);
/* The instruction at offset `at` of n bytes of a function's code. callees: may be NULL. in_call: the instruction is a call that has not
 * returned yet; what the callee changes is then not counted. */
void unwind_step(const struct gfx_family *family, const uint8_t *code, size_t n, size_t at, const struct gfx_insn *insn, bool in_call,
	const struct unwind_callees *callees, struct unwind_state *s);

#endif
