/* Operators of location expressions (DWARF 5, 7.7.1), cut from their bytes. */
#ifndef SRC_VIEW_OP_H
#define SRC_VIEW_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OP_ADDR = 0x03, OP_DEREF = 0x06, OP_CONST1U = 0x08, OP_CONST1S = 0x09, OP_CONST2U = 0x0a, OP_CONST2S = 0x0b, OP_CONST4U = 0x0c,
	OP_CONST4S = 0x0d, OP_CONST8U = 0x0e, OP_CONST8S = 0x0f, OP_CONSTU = 0x10, OP_CONSTS = 0x11, OP_DUP = 0x12, OP_DROP = 0x13, OP_OVER = 0x14,
	OP_PICK = 0x15, OP_SWAP = 0x16, OP_ROT = 0x17, OP_XDEREF = 0x18, OP_ABS = 0x19, OP_AND = 0x1a, OP_DIV = 0x1b, OP_MINUS = 0x1c, OP_MOD = 0x1d,
	OP_MUL = 0x1e, OP_NEG = 0x1f, OP_NOT = 0x20, OP_OR = 0x21, OP_PLUS = 0x22, OP_PLUS_UCONST = 0x23, OP_SHL = 0x24, OP_SHR = 0x25, OP_SHRA = 0x26,
	OP_XOR = 0x27, OP_BRA = 0x28, OP_EQ = 0x29, OP_GE = 0x2a, OP_GT = 0x2b, OP_LE = 0x2c, OP_LT = 0x2d, OP_NE = 0x2e, OP_SKIP = 0x2f, OP_LIT0 = 0x30,
	OP_LIT31 = 0x4f, OP_REG0 = 0x50, OP_REG31 = 0x6f, OP_BREG0 = 0x70, OP_BREG31 = 0x8f, OP_REGX = 0x90, OP_FBREG = 0x91, OP_BREGX = 0x92,
	OP_PIECE = 0x93, OP_DEREF_SIZE = 0x94, OP_XDEREF_SIZE = 0x95, OP_NOP = 0x96, OP_PUSH_OBJECT_ADDRESS = 0x97, OP_CALL4 = 0x99,
	OP_CALL_FRAME_CFA = 0x9c,
	OP_BIT_PIECE = 0x9d, OP_IMPLICIT_VALUE = 0x9e, OP_STACK_VALUE = 0x9f, OP_ADDRX = 0xa1, OP_CONSTX = 0xa2, OP_ENTRY_VALUE = 0xa3,
	OP_REGVAL_TYPE = 0xa5, OP_DEREF_TYPE = 0xa6, OP_CONVERT = 0xa8, OP_REINTERPRET = 0xa9,
	VIEW_MAX_OPS = 128,
};

struct view_op {
	uint8_t code;
	size_t at, n;      /* bytes of the expression */
	uint64_t a;        /* first unsigned operand: a register's number, a constant's bits */
	int64_t b;         /* signed operand */
};

/* Cuts an expression into at most VIEW_MAX_OPS; false: damaged, too long, or with an operator that is not known here. */
bool view_ops(const uint8_t *e, size_t n, struct view_op *ops, size_t *n_ops);
/* The number that an operator pushes, whatever the registers are. */
bool view_op_constant(const struct view_op *op, uint64_t *out);

#endif
