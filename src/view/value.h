/* Computed values of location expressions, as the carrier's debugger computes them: on a stack of 64-bit numbers without types. */
#ifndef SRC_VIEW_VALUE_H
#define SRC_VIEW_VALUE_H

#include "src/view/bytes.h"
#include "src/view/guard.h"
#include "src/view/op.h"

/* Base type of a conversion. bits 0: not an integer, or not known. */
struct view_base_type {
	unsigned bits;
	bool is_signed;
};

enum view_exact { VIEW_NOTHING_EXACT, VIEW_LOW_EXACT, VIEW_ALL_EXACT };

/* Appends operators that leave the value on the stack, and says how much of it is right: nothing (what was appended must be dropped), its lower
 * 32 bits, or all 64. base_type: what DW_OP_convert to a type means. in_loop: of a variable that a loop carries from one round to the next, for
 * which registers are believed only as counters that the compiler worked out. Registers are added to *guard. */
enum view_exact view_value_put(struct view_bytes *b, struct view_guard *guard, const struct view_op *ops, size_t n, bool in_loop,
	struct view_base_type (*base_type)(void *arg, uint64_t type), void *arg);

/* Where a register's four bytes of the selected lane are, from the base of the register window (view/window.h), by its DWARF number
 * (wave-state 7.4). False: no register that a variable can be in. */
bool view_register_at(uint64_t dwarf, int64_t *out);
void view_put_breg(struct view_bytes *b, unsigned carrier_register, int64_t offset);

/* Registers of the carrier that lead to a frame's memory and registers (view/carrier.h). */
enum {
	VIEW_BREG_FRAME = 6,
	VIEW_BREG_NEVER = 11,
	VIEW_BREG_TOLD = 12,
	VIEW_BREG_PRIVATE = 13,
	VIEW_BREG_REGISTERS = 14,
	VIEW_BREG_LDS = 15,
	VIEW_REGISTER_BYTES = 4,
};

#endif
