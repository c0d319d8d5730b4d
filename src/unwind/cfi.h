/* Call frame information (DWARF 6.4) of a code object, with LLVM's extensions for GPUs: address spaces of the CFA. Pure functions on bytes.
 * Facts: wave-state 7.4, 7.5; LLVM's description of DWARF for heterogeneous machines. */
#ifndef SRC_UNWIND_CFI_H
#define SRC_UNWIND_CFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/arch.h"
#include "src/base/err.h"

/* Registers by slot: scalars by operand code (VCC and EXEC as pairs), the PC, vector registers with accumulation registers behind them. */
enum { UNWIND_SLOT_PC = 128, UNWIND_SLOT_VECTOR = 129, UNWIND_N_SLOTS = UNWIND_SLOT_VECTOR + 512 };
/* Slot of a DWARF register number; -1: a register that is not followed. */
int unwind_cfi_slot(uint64_t dwarf);

enum unwind_rule_kind {
	UNWIND_RULE_SAME, /* also when nothing is said (wave-state 7.5) */
	UNWIND_RULE_UNDEFINED,
	UNWIND_RULE_OFFSET,     /* at CFA + offset */
	UNWIND_RULE_VALUE,      /* is CFA + offset */
	UNWIND_RULE_REGISTER,   /* in register `slot` */
	UNWIND_RULE_EXPRESSION, /* at the location that the expression says, from the CFA */
	UNWIND_RULE_VALUE_EXPRESSION,
	UNWIND_RULE_PLUS, /* of the CFA: register `slot` + offset, in `space` */
};
struct unwind_rule {
	uint8_t kind, space;
	uint16_t slot;
	int64_t offset;
	const uint8_t *e; /* lent by the information */
	size_t n;
};
struct unwind_row {
	struct unwind_rule cfa; /* SAME: not said */
	struct unwind_rule rules[UNWIND_N_SLOTS];
};

struct unwind_cfi_section {
	const uint8_t *data; /* NULL: not in the file */
	size_t n;
	uint64_t addr; /* in the file; of .eh_frame, whose pointers count from themselves */
};

struct unwind_cfi;
/* Entries that say something; NULL: there are none, or no memory. The bytes are copied. *damaged: entries left out because they
 * contradict themselves. */
struct unwind_cfi *unwind_cfi_read(struct unwind_cfi_section debug, struct unwind_cfi_section eh, unsigned *damaged);
void unwind_cfi_free(struct unwind_cfi *cfi); /* takes NULL */
/* The rules at an address of the file. -DBG_REFUSED: no entry covers it, or its instructions are damaged. */
int unwind_cfi_row(const struct unwind_cfi *cfi, uint64_t addr, struct unwind_row *out, struct dbg_error *err);
/* First address of the entry that covers one; false none. */
bool unwind_cfi_start(const struct unwind_cfi *cfi, uint64_t addr, uint64_t *low);

#endif
