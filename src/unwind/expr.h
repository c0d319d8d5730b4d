/* DWARF expressions of call frame information, with LLVM's extensions: locations are values on the stack, memory has address spaces, a vector
 * register may be here for some lanes and there for others. Facts: LLVM's description of DWARF for heterogeneous machines (operators in both of their
 * encodings); address spaces: 0 and 1 generic, 5 private memory of a lane, 6 private memory of the wave, as it lies. */
#ifndef SRC_UNWIND_EXPR_H
#define SRC_UNWIND_EXPR_H

#include "src/unwind/cfi.h"
#include "src/unwind/unwind.h"

/* What an expression is asked about: the callee of a frame, its rules, a lane. */
struct unwind_asked {
	const struct unwind_chain *c;
	size_t frame; /* whose registers are there */
	const struct unwind_row *row;
	unsigned lane;
};

/* `bytes` (at most 8) of what the caller of the asked frame had in a slot, from byte `at` on. DBG_REFUSED: not known. */
int unwind_expr_read(const struct unwind_asked *q, unsigned slot, unsigned at, unsigned bytes, uint64_t *out, struct dbg_error *err);
/* The CFA as an offset in the wave's private memory. */
int unwind_expr_cfa(const struct unwind_asked *q, uint64_t *out, struct dbg_error *err);
/* Whether the rules keep the return address in this pair of scalar registers. */
bool unwind_expr_returns_by(const struct unwind_row *row, unsigned scalar);

#endif
