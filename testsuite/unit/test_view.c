/* The served view of code objects: expressions one by one, whole files against stock gdb, damaged files. */
#include <elf.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/model/codeobj.h"
#include "src/base/log.h"
#include "src/view/expr.h"
#include "src/view/elf.h"
#include "src/view/internal.h"
#include "testsuite/unit/sample.h"
#include "testsuite/unit/tap.h"

/* ------------------------------------------------------------------ expressions */

struct expression {
	const char *what;
	uint8_t in[28], out[64];
	size_t n, n_out;
	bool aggregate, lds;
	unsigned pointer;
	unsigned bytes; /* of the variable; 0: 4 */
	bool in_loop;
};

/* Questions before a location (guard.h): of the frame, which leaves the frame window's base; of n registers side by side, by their first
 * one's byte in the register window; of two registers that are apart. */
#define OF_FRAME 0x7c, 0x00, 0x12, 0x28, 0x02, 0x00, 0x7b, 0x00
#define IF_KNOWN 0x30, 0x29, 0x28, 0x02, 0x00, 0x7b, 0x00
#define OF_REGISTERS(n, low, high) 0x7e, low, high, 0x94, n, IF_KNOWN
#define OF_TWO(low, high, low2, high2) 0x7e, low, high, 0x94, 1, 0x7e, low2, high2, 0x94, 1, 0x21, IF_KNOWN

/* DWARF 5, 7.7.1: the operators; wave-state 7.4: the registers; isa 11.2: what compilers write. */
static const struct expression expressions[] = {
	{ "private variable at a frame offset", { 0x91, 0x08, 0x31, 0x16, 0x18 }, { OF_FRAME, 0x23, 0x08 }, 5, 10, .bytes = 0 },
	{ "frame offset without an address space", { 0x91, 0x88, 0x01 }, { OF_FRAME, 0x23, 0x88, 0x01 }, 3, 11, .bytes = 0 },
	{ "below the frame", { 0x91, 0x78 }, { 0 }, 2, 0, .bytes = 0 },
	{ "promoted variable in v0", { 0x92, 0x80, 0x14, 0x00, 0x31, 0x16, 0x18 }, { OF_REGISTERS(1, 0x90, 0x15), 0x7e, 0x80, 0x04 }, 7, 15, .bytes = 0 },
	{ "an array would be at the address in v0", { 0x92, 0x80, 0x14, 0x00, 0x31, 0x16, 0x18 }, { 0 }, 7, 0, .aggregate = true },
	{ "memory at a register plus an offset", { 0x92, 0x80, 0x14, 0x04, 0x31, 0x16, 0x18 }, { 0 }, 7, 0, .bytes = 0 },
	{ "the value of that sum: nothing says that its upper bits were wanted", { 0x92, 0x80, 0x14, 0x04, 0x31, 0x16, 0x18, 0x9f }, { 0 }, 8, 0, .bytes = 0 },
	{ "the value of a difference", { 0x92, 0x80, 0x14, 0x7c, 0x31, 0x16, 0x18, 0x9f },
		{ OF_REGISTERS(1, 0x90, 0x15), 0x7e, 0x80, 0x04, 0x94, 0x04, 0x11, 0x7c, 0x22, 0x9f }, 8, 21, .bytes = 0 },
	{ "the value of a sum of registers", { 0x92, 0x80, 0x14, 0x00, 0x92, 0x81, 0x14, 0x00, 0x22, 0x9f }, { 0 }, 10, 0, .bytes = 0 },
	{ "a sum of registers under a mask", { 0x92, 0x80, 0x14, 0x00, 0x92, 0x81, 0x14, 0x00, 0x22, 0x3f, 0x1a, 0x9f },
		{ OF_REGISTERS(2, 0x90, 0x15), 0x7e, 0x80, 0x04, 0x94, 0x04, 0x7e, 0x84, 0x04, 0x94, 0x04, 0x22, 0x3f, 0x1a, 0x9f }, 12, 26, .bytes = 0 },
	{ "what a mask left, and a positive number", { 0x92, 0x80, 0x14, 0x00, 0x3f, 0x1a, 0x33, 0x22, 0x9f }, { 0 }, 9, 0, .bytes = 0 },
	{ "v1 of a variable that a loop carries", { 0x90, 0x81, 0x14 }, { 0 }, 3, 0, .in_loop = true },
	{ "v0, told as memory, of a variable that a loop carries", { 0x92, 0x80, 0x14, 0x00, 0x31, 0x16, 0x18 }, { 0 }, 7, 0, .in_loop = true },
	{ "a masked register of a variable that a loop carries", { 0x92, 0x80, 0x14, 0x00, 0x3f, 0x1a, 0x9f }, { 0 }, 7, 0, .in_loop = true },
	{ "the counter of a loop, worked out from another", { 0x92, 0x80, 0x14, 0x00, 0x35, 0x1c, 0x11, 0x7f, 0x1b, 0x31, 0x22, 0x9f },
		{ OF_REGISTERS(1, 0x90, 0x15), 0x7e, 0x80, 0x04, 0x94, 0x04, 0x35, 0x1c, 0x11, 0x7f, 0x13, 0x1f, 0x31, 0x22, 0x9f }, 12, 26, .in_loop = true },
	{ "a constant of a variable that a loop carries", { 0x30, 0x9f }, { OF_REGISTERS(1, 0x90, 0x19), 0x30, 0x9f }, 2, 14, .in_loop = true },
	{ "a sum of registers is known in its lower half only", { 0x92, 0x80, 0x14, 0x00, 0x92, 0x81, 0x14, 0x00, 0x22, 0x9f }, { 0 }, 10, 0, .bytes = 8 },
	{ "under a mask all of it is known", { 0x92, 0x80, 0x14, 0x00, 0x10, 0xff, 0x7f, 0x1a, 0x9f },
		{ OF_REGISTERS(1, 0x90, 0x15), 0x7e, 0x80, 0x04, 0x94, 0x04, 0x11, 0xff, 0xff, 0x00, 0x1a, 0x9f }, 9, 23, .bytes = 8 },
	{ "a shift to the right of what a mask left", { 0x92, 0x80, 0x14, 0x00, 0x3f, 0x1a, 0x32, 0x25, 0x9f },
		{ OF_REGISTERS(1, 0x90, 0x15), 0x7e, 0x80, 0x04, 0x94, 0x04, 0x3f, 0x1a, 0x32, 0x25, 0x9f }, 9, 22, .bytes = 0 },
	{ "a shift of a difference, which may be negative in 32 bits", { 0x92, 0x80, 0x14, 0x00, 0x3f, 0x1a, 0x31, 0x1c, 0x32, 0x25, 0x9f }, { 0 }, 11, 0, .bytes = 0 },
	{ "a quotient by -1 is a change of sign", { 0x92, 0x80, 0x14, 0x00, 0x11, 0x7f, 0x1b, 0x9f },
		{ OF_REGISTERS(1, 0x90, 0x15), 0x7e, 0x80, 0x04, 0x94, 0x04, 0x11, 0x7f, 0x13, 0x1f, 0x9f }, 8, 22, .bytes = 0 },
	{ "a quotient by 3 needs the upper bits", { 0x92, 0x80, 0x14, 0x00, 0x33, 0x1b, 0x9f }, { 0 }, 7, 0, .bytes = 0 },
	{ "a quotient of a masked register", { 0x92, 0x80, 0x14, 0x00, 0x3f, 0x1a, 0x33, 0x1b, 0x9f },
		{ OF_REGISTERS(1, 0x90, 0x15), 0x7e, 0x80, 0x04, 0x94, 0x04, 0x3f, 0x1a, 0x33, 0x1b, 0x9f }, 9, 22, .bytes = 0 },
	{ "a quotient by zero", { 0x92, 0x80, 0x14, 0x00, 0x3f, 0x1a, 0x30, 0x1b, 0x9f }, { 0 }, 9, 0, .bytes = 0 },
	{ "a comparison of registers", { 0x92, 0x80, 0x14, 0x00, 0x33, 0x29, 0x9f }, { 0 }, 7, 0, .bytes = 0 },
	{ "converted to a byte without a sign and on to eight bytes", { 0x92, 0x80, 0x14, 0x00, 0xa8, 0x11, 0xa8, 0x21, 0x9f },
		{ OF_REGISTERS(1, 0x90, 0x15), 0x7e, 0x80, 0x04, 0x94, 0x04, 0x10, 0xff, 0x01, 0x1a, 0x9f }, 9, 22, .bytes = 8 },
	{ "converted to a byte with a sign and on to eight bytes", { 0x92, 0x80, 0x14, 0x00, 0xa8, 0x12, 0xa8, 0x22, 0x9f },
		{ OF_REGISTERS(1, 0x90, 0x15), 0x7e, 0x80, 0x04, 0x94, 0x04, 0x08, 0x38, 0x24, 0x08, 0x38, 0x26, 0x9f }, 9, 24, .bytes = 8 },
	{ "converted to eight bytes before anything said what the upper half is", { 0x92, 0x80, 0x14, 0x00, 0xa8, 0x21, 0x9f }, { 0 }, 7, 0, .bytes = 8 },
	{ "converted to a floating-point number", { 0x92, 0x80, 0x14, 0x00, 0xa8, 0x31, 0x9f }, { 0 }, 7, 0, .bytes = 0 },
	{ "a constant of 64 bits, multiplied", { 0x30, 0x10, 0xbd, 0xfb, 0xc2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x1e, 0x9f },
		{ OF_REGISTERS(1, 0x90, 0x19), 0x30, 0x11, 0xbd, 0xfb, 0x42, 0x1e, 0x9f }, 14, 19, .bytes = 8 },
	{ "operators without operands", { 0x92, 0x80, 0x14, 0x00, 0x22, 0x9f }, { 0 }, 6, 0, .bytes = 0 },
	{ "registers moved about on the stack", { 0x92, 0x80, 0x14, 0x00, 0x92, 0x81, 0x14, 0x00, 0x16, 0x14, 0x1c, 0x1e, 0x3f, 0x1a, 0x9f },
		{ OF_REGISTERS(2, 0x90, 0x15), 0x7e, 0x80, 0x04, 0x94, 0x04, 0x7e, 0x84, 0x04, 0x94, 0x04, 0x16, 0x15, 0x01, 0x1c, 0x1e, 0x3f, 0x1a, 0x9f }, 15, 30, .bytes = 0 },
	{ "a number in pieces, one of them a constant", { 0x31, 0x9f, 0x93, 0x04, 0x90, 0x81, 0x14, 0x93, 0x04 },
		{ OF_REGISTERS(1, 0x91, 0x15), 0x31, 0x10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x1a, 0x7e, 0x84, 0x04, 0x94, 0x04, 0x10, 0xff, 0xff, 0xff, 0xff, 0x0f,
			0x1a, 0x08, 0x20, 0x24, 0x21, 0x9f }, 9, 37, .bytes = 8 },
	{ "a structure of which a part is said to be a constant", { 0x31, 0x9f, 0x93, 0x04, 0x90, 0x81, 0x14, 0x93, 0x04 },
		{ 0x93, 0x04, OF_REGISTERS(1, 0x91, 0x15), 0x7e, 0x84, 0x04, 0x93, 0x04 }, 9, 19, .aggregate = true, .bytes = 8 },
	{ "an argument that is somewhere else in private memory", { 0x91, 0x08, 0x06 }, { OF_FRAME, 0x23, 0x08, 0x94, 0x04, 0x7d, 0x00, 0x22 }, 3, 15, .aggregate = true },
	{ "an argument at an address in a register", { 0x92, 0x80, 0x14, 0x00 }, { 0 }, 4, 0, .aggregate = true },
	{ "promoted variable in v[2:3]", { 0x92, 0x82, 0x14, 0x00, 0x31, 0x16, 0x18, 0x93, 0x04, 0x92, 0x83, 0x14, 0x00, 0x31, 0x16, 0x18, 0x93, 0x04 },
		{ OF_REGISTERS(2, 0x92, 0x15), 0x7e, 0x88, 0x04 }, 18, 15, .bytes = 8 },
	{ "LDS variable at a known place", { 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0x32, 0x16, 0x18 }, { 0x7f, 0x00 }, 12, 2, .lds = true },
	{ "LDS variable nobody knows the place of", { 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0x32, 0x16, 0x18 }, { 0 }, 12, 0, .bytes = 0 },
	{ "pointer to LDS at a frame offset", { 0x91, 0x08, 0x31, 0x16, 0x18 },
		{ OF_FRAME, 0x23, 0x08, 0x93, 0x04, 0x7f, 0x00, 0x08, 0x20, 0x25, 0x9f, 0x93, 0x04 }, 5, 20, .pointer = VIEW_SPACE_LOCAL },
	{ "pointer to private memory in v1", { 0x90, 0x81, 0x14 },
		{ OF_REGISTERS(1, 0x91, 0x15), 0x7e, 0x84, 0x04, 0x93, 0x04, 0x7d, 0x00, 0x08, 0x20, 0x25, 0x9f, 0x93, 0x04 }, 3, 25, .pointer = VIEW_SPACE_PRIVATE },
	{ "v1", { 0x90, 0x81, 0x14 }, { OF_REGISTERS(1, 0x91, 0x15), 0x7e, 0x84, 0x04 }, 3, 15, .bytes = 0 },
	{ "s4", { 0x90, 0x24 }, { OF_REGISTERS(1, 0x84, 0x14), 0x7e, 0x50 }, 2, 14, .bytes = 0 },
	{ "s40", { 0x90, 0x48 }, { OF_REGISTERS(1, 0xa8, 0x14), 0x7e, 0xe0, 0x00 }, 2, 15, .bytes = 0 },
	{ "s64", { 0x90, 0xc0, 0x08 }, { OF_REGISTERS(1, 0xc0, 0x14), 0x7e, 0xc0, 0x01 }, 3, 15, .bytes = 0 },
	{ "a0", { 0x90, 0x80, 0x18 }, { OF_REGISTERS(1, 0x90, 0x17), 0x7e, 0x80, 0x0c }, 3, 15, .bytes = 0 },
	{ "s[4:5]", { 0x90, 0x24, 0x93, 0x04, 0x90, 0x25, 0x93, 0x04 }, { OF_REGISTERS(2, 0x84, 0x14), 0x7e, 0x50 }, 8, 14, .bytes = 8 },
	{ "a structure in s[4:5]", { 0x90, 0x24, 0x93, 0x04, 0x90, 0x25, 0x93, 0x04 }, { OF_REGISTERS(2, 0x84, 0x14), 0x7e, 0x50 }, 8, 14,
		.aggregate = true, .bytes = 8 },
	{ "a number in v0 and v2", { 0x90, 0x80, 0x14, 0x93, 0x04, 0x90, 0x82, 0x14, 0x93, 0x04 },
		{ OF_TWO(0x90, 0x15, 0x92, 0x15), 0x7e, 0x80, 0x04, 0x94, 0x04, 0x10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x1a,
			0x7e, 0x88, 0x04, 0x94, 0x04, 0x10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x1a, 0x08, 0x20, 0x24, 0x21, 0x9f }, 10, 47, .bytes = 8 },
	{ "a structure in v0 and v2", { 0x90, 0x80, 0x14, 0x93, 0x04, 0x90, 0x82, 0x14, 0x93, 0x04 },
		{ OF_REGISTERS(1, 0x90, 0x15), 0x7e, 0x80, 0x04, 0x93, 0x04, OF_REGISTERS(1, 0x92, 0x15), 0x7e, 0x88, 0x04, 0x93, 0x04 }, 10, 34,
		.aggregate = true, .bytes = 8 },
	{ "a piece of eight bytes in a register of four", { 0x90, 0x24, 0x93, 0x08 }, { 0x93, 0x08 }, 4, 2, .bytes = 8 },
	{ "only the second half of a number is known", { 0x93, 0x04, 0x90, 0x25, 0x93, 0x04 }, { 0 }, 6, 0, .bytes = 8 },
	{ "only the second half of a structure is known", { 0x93, 0x04, 0x90, 0x25, 0x93, 0x04 }, { 0x93, 0x04, OF_REGISTERS(1, 0x85, 0x14), 0x7e, 0x54, 0x93, 0x04 }, 6, 18,
		.aggregate = true, .bytes = 8 },
	{ "the third part is not told", { 0x90, 0x24, 0x93, 0x04, 0x90, 0x25, 0x93, 0x04 },
		{ OF_REGISTERS(1, 0x84, 0x14), 0x7e, 0x50, 0x93, 0x04, OF_REGISTERS(1, 0x85, 0x14), 0x7e, 0x54, 0x93, 0x04, 0x93, 0x04 }, 8, 34, .bytes = 12 },
	{ "eight bytes in s4", { 0x90, 0x24 }, { 0 }, 2, 0, .bytes = 8 },
	{ "pieces of more than the variable", { 0x90, 0x24, 0x93, 0x04, 0x90, 0x25, 0x93, 0x04 }, { 0 }, 8, 0, .bytes = 0 },
	{ "constant", { 0x11, 0x7f, 0x9f }, { OF_REGISTERS(1, 0x90, 0x19), 0x11, 0x7f, 0x9f }, 3, 15, .bytes = 0 },
	{ "constant said to be an address", { 0x11, 0x02, 0x31, 0x16, 0x18, 0x9f }, { OF_REGISTERS(1, 0x90, 0x19), 0x32, 0x9f }, 6, 14, .bytes = 0 },
	{ "bytes of a value", { 0x9e, 0x02, 0x31, 0x16 }, { OF_REGISTERS(1, 0x90, 0x19), 0x9e, 0x02, 0x31, 0x16 }, 4, 16, .bytes = 0 },
	{ "a shift to the right sees bits that are not there", { 0x92, 0x80, 0x14, 0x00, 0x33, 0x26, 0x9f }, { 0 }, 7, 0, .bytes = 0 },
	{ "global variable", { 0x03, 0, 0x10, 0, 0, 0, 0, 0, 0, 0 }, { 0x03, 0, 0x10, 0, 0, 0, 0, 0, 0, 0 }, 9, 9, .bytes = 0 },
	{ "global variable that was not linked", { 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, { 0 }, 9, 0, .bytes = 0 },
	{ "address table that is not there", { 0xa1, 0x02 }, { 0 }, 2, 0, .bytes = 0 },
	{ "address of a private object", { 0x91, 0x08, 0x9f }, { 0 }, 3, 0, .bytes = 0 },
	{ "operator of a vendor", { 0xe9, 0x01, 0x02, 0x03 }, { 0 }, 4, 0, .bytes = 0 },
	{ "cut off", { 0x91 }, { 0 }, 1, 0, .bytes = 0 },
	{ "EXEC", { 0x90, 0x11 }, { 0 }, 2, 0, .bytes = 0 },
	{ "xderef in the middle", { 0x91, 0x08, 0x31, 0x16, 0x18, 0x23, 0x04 }, { 0 }, 7, 0, .bytes = 0 },
	{ "nothing", { 0 }, { 0 }, 0, 0, .bytes = 0 },
};

/* Types of conversions above: 0x11 and 0x12 are bytes, 0x21 and 0x22 have eight bytes, the second of each a sign; 0x31 is no integer. */
static struct view_base_type base_type(void *arg, uint64_t type)
{
	(void)arg;
	return type >> 4 == 3 ? (struct view_base_type){ 0 } : (struct view_base_type){ type >> 4 == 1 ? 8 : 64, (type & 15) == 2 };
}

START_TEST(an_expression_is_re_encoded)
{
	const struct expression *e = &expressions[_i];
	struct view_expr_context c = { .aggregate = e->aggregate, .lds_known = e->lds, .pointer = e->pointer, .bytes = e->bytes ? e->bytes : 4,
		.base_type = base_type, .in_loop = e->in_loop };
	struct view_bytes out = { .p = NULL };
	view_expr_location(e->in, e->n, &c, &out);
	for (size_t i = 0; i < out.n && i < e->n_out; i++)
		ck_assert_msg(out.p[i] == e->out[i], "%s: byte %zu is 0x%02x, not 0x%02x", e->what, i, out.p[i], e->out[i]);
	ck_assert_msg(out.n == e->n_out, "%s: %zu bytes, not %zu", e->what, out.n, e->n_out);
	free(out.p);
}
END_TEST

START_TEST(what_is_not_there_is_a_call_before_a_register_that_never_is)
{
	static const uint8_t in[] = { 0x91, 0x08, 0x31, 0x16, 0x18 };
	static const uint8_t wanted[] = { 0x7c, 0x00, 0x12, 0x28, 0x07, 0x00, 0x99, 0x0d, 0x01, 0x00, 0x00, 0x7b, 0x00, 0x23, 0x08 };
	struct view_expr_context c = { .bytes = 4, .absent = 0x10d };
	struct view_bytes out = { .p = NULL };
	view_expr_location(in, sizeof in, &c, &out);
	ck_assert_mem_eq(out.p, wanted, sizeof wanted);
	ck_assert_uint_eq(out.n, sizeof wanted);
	free(out.p);
}
END_TEST

START_TEST(a_frame_base_names_a_scalar_register)
{
	ck_assert_int_eq(view_expr_frame_base((uint8_t[]){ 0x90, 0x41 }, 2), 33);
	ck_assert_int_eq(view_expr_frame_base((uint8_t[]){ 0x90, 0x40 }, 2), 32);
	ck_assert_int_eq(view_expr_frame_base((uint8_t[]){ 0x90, 0x80, 0x14 }, 3), -1);
	ck_assert_int_eq(view_expr_frame_base((uint8_t[]){ 0x9c }, 1), -1);
	ck_assert_int_eq(view_expr_frame_base(NULL, 0), -1);
}
END_TEST

/* ------------------------------------------------------------------ loops */

/* v0 counts down from one round to the next, v1 is each round's own (isa 4). */
static const uint32_t loop_code[] = {
	0x7e000285, /*  0: v_mov_b32 v0, 5 */
	0x7e020300, /*  4: v_mov_b32 v1, v0 */
	0x680000c1, /*  8: v_add_u32 v0, -1, v0 */
	0xbf89fffd, /* 12: s_cbranch_execnz to 4 */
	0xbf810000, /* 16: s_endpgm */
	0xbe9e1e10, /* 20: s_swappc_b64 s[30:31], s[16:17] */
	0xbf810000, /* 24: s_endpgm */
	0xd28b0000, 0x00010100, /* 28: v_bcnt_u32_b32 v0, v0, 0 */
};

static const struct {
	uint64_t low, high, dwarf;
	bool changes;
} loop_cases[] = {
	{ 4, 8, 2560, true }, { 0, 8, 2560, true }, { 0, 4, 2560, false }, { 8, 12, 2560, true }, { 12, 16, 2560, false }, { 16, 20, 2560, false },
	{ 8, 12, 2561, false }, { 4, 8, 2561, true }, { 4, 16, 2562, false }, { 4, 16, 36, false }, { 4, 8, 3072, false }, { 0, 4, 17, true },
};

START_TEST(a_register_that_a_loop_changes)
{
	enum { GFX942 = 0x4c, CODE_AT = 512 };
	_Alignas(8) uint8_t image[CODE_AT + sizeof loop_code] = { 0 };
	Elf64_Ehdr eh = { .e_flags = GFX942, .e_shentsize = sizeof(Elf64_Shdr), .e_shnum = 2, .e_shoff = sizeof eh };
	Elf64_Shdr text = { .sh_type = SHT_PROGBITS, .sh_flags = SHF_EXECINSTR | SHF_ALLOC, .sh_offset = CODE_AT, .sh_size = sizeof loop_code };
	memcpy(image, &eh, sizeof eh);
	memcpy(image + sizeof eh + sizeof text, &text, sizeof text);
	memcpy(image + CODE_AT, loop_code, sizeof loop_code);
	struct view_loops l;
	view_loops_read(image, sizeof image, &l);
	ck_assert(!l.unknown);
	ck_assert_uint_eq(l.n, 1);
	for (size_t i = 0; i < sizeof loop_cases / sizeof *loop_cases; i++)
		ck_assert_msg(view_loop_changes(&l, loop_cases[i].low, loop_cases[i].high, loop_cases[i].dwarf) == loop_cases[i].changes, "case %zu", i);
	ck_assert(view_loops_returns(&l, 24) && !view_loops_returns(&l, 20) && !view_loops_returns(&l, 0));
	/* v1 is a copy of v0 from 8 on; v0 has another value from 12 on. */
	ck_assert(view_loops_stale(&l, 8, 2561, 12, 2560) && view_loops_stale(&l, 8, 2561, 16, 2560));
	ck_assert(!view_loops_stale(&l, 8, 2561, 8, 2560));   /* still the same */
	ck_assert(!view_loops_stale(&l, 8, 2560, 12, 2561));  /* copied the other way */
	ck_assert(!view_loops_stale(&l, 8, 2562, 12, 2560) && !view_loops_stale(&l, 4, 2561, 12, 2560) && !view_loops_stale(&l, 12, 2561, 8, 2560));
	ck_assert(view_loops_counts(&l, 20, 36) && !view_loops_counts(&l, 0, 28) && !view_loops_counts(&l, 32, 36) && !view_loops_counts(NULL, 20, 36));
	ck_assert(!view_loops_stale(&l, 8, 2561, 4096, 2560) && !view_loops_stale(NULL, 8, 2561, 12, 2560));
	view_loops_free(&l);
	ck_assert(!view_loops_returns(&l, 24) && !view_loops_returns(NULL, 24));
	eh.e_flags = 0;
	memcpy(image, &eh, sizeof eh);
	view_loops_read(image, sizeof image, &l); /* of a machine that is not known: anything may be */
	ck_assert(view_loop_changes(&l, 12, 16, 2562));
	view_loops_free(&l);
	ck_assert(view_loop_changes(NULL, 12, 16, 2562));
}
END_TEST

START_TEST(registers_that_calls_keep)
{
	static const struct {
		uint64_t dwarf;
		bool kept;
	} cases[] = { { 61, false }, { 62, true }, { 65, true }, { 2560, false }, { 2599, false }, { 2600, true }, { 2607, true }, { 2608, false },
		{ 2616, true }, { 3072, false }, { 3112, false }, { 17, false } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(view_loops_kept(cases[i].dwarf) == cases[i].kept, "register %u", (unsigned)cases[i].dwarf);
	ck_assert(view_expr_lost_by_calls((uint8_t[]){ 0x90, 0x80, 0x14 }, 3));  /* v0 */
	ck_assert(!view_expr_lost_by_calls((uint8_t[]){ 0x90, 0xa8, 0x14 }, 3)); /* v40 */
	ck_assert(!view_expr_lost_by_calls((uint8_t[]){ 0x91, 0x10 }, 2));       /* in the frame */
}
END_TEST

/* ------------------------------------------------------------------ whole files */

static const char *const kernels[] = { "vadd.O0.co", "vadd.O2.co", "recurse.O0.co", "recurse.O2.co", "matmul.O0.co", "structs.O2.co" };

START_TEST(a_served_file_is_an_x86_file_that_libelf_reads)
{
	size_t n;
	struct view_elf e;
	struct dbg_error err;
	GElf_Ehdr eh;
	uint8_t *image = sample_load(kernels[_i], &n);
	ck_assert_msg(view_elf_rewrite(image, n, &view_x86_64, &e, &err) == 0, "%s", err.text);
	elf_version(EV_CURRENT);
	Elf *elf = elf_memory((char *)e.data, e.n);
	ck_assert_ptr_nonnull(gelf_getehdr(elf, &eh));
	ck_assert_uint_eq(eh.e_machine, EM_X86_64);
	ck_assert_uint_eq(eh.e_flags, 0);
	ck_assert_uint_eq(eh.e_ident[EI_OSABI], ELFOSABI_NONE);
	elf_end(elf);
	view_elf_free(&e);
	free(image);
}
END_TEST

static void run_gdb(const char *commands, const char *path, char *out, size_t n)
{
	char line[1024];
	snprintf(line, sizeof line, "%s -nx -batch %s %s 2>&1 </dev/null", GDB_PROGRAM, commands, path);
	FILE *p = popen(line, "r");
	ck_assert_ptr_nonnull(p);
	size_t got = fread(out, 1, n - 1, p);
	out[got] = 0;
	ck_assert_msg(pclose(p) == 0, "gdb failed: %s", out);
}

/* `change`, if not NULL, is done to the file before it is rewritten. */
static void serve_changed(const char *kernel, void (*change)(uint8_t *image, size_t n), char *path, size_t n)
{
	size_t bytes;
	struct view_elf e;
	struct dbg_error err;
	uint8_t *image = sample_load(kernel, &bytes);
	if (change)
		change(image, bytes);
	ck_assert_msg(view_elf_rewrite(image, bytes, &view_x86_64, &e, &err) == 0, "%s", err.text);
	snprintf(path, n, "served-XXXXXX");
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, e.data, e.n), (ssize_t)e.n);
	close(fd);
	view_elf_free(&e);
	free(image);
}

static void serve(const char *kernel, char *path, size_t n)
{
	serve_changed(kernel, NULL, path, n);
}

START_TEST(stock_gdb_finds_lines_functions_and_variables)
{
	char path[64], out[8192];
	serve("vadd.O0.co", path, sizeof path);
	run_gdb("-ex 'info line add' -ex 'break vadd' -ex 'info scope add' -ex 'list add'", path, out, sizeof out);
	unlink(path);
	ck_assert_msg(strstr(out, "vadd.cl\" starts at address") != NULL, "%s", out);
	ck_assert_msg(strstr(out, "Breakpoint 1 at") != NULL, "%s", out);
	ck_assert_msg(strstr(out, "Symbol sum is") != NULL, "%s", out);
	ck_assert_msg(strstr(out, "float sum = x + y;") != NULL, "%s", out);
	ck_assert_msg(!strstr(out, "Unhandled dwarf") && !strstr(out, "internal-error"), "%s", out);
}
END_TEST

/* The first kernel descriptor gets four bytes of LDS more than its variables need. */
static void grow_lds(uint8_t *image, size_t n)
{
	GElf_Shdr h;
	elf_version(EV_CURRENT);
	Elf *elf = elf_memory((char *)image, n);
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn)) && gelf_getshdr(scn, &h);) {
		GElf_Sym sym;
		Elf_Data *data = h.sh_type == SHT_DYNSYM ? elf_getdata(scn, NULL) : NULL;
		for (int i = 0; data && gelf_getsym(data, i, &sym); i++) {
			GElf_Shdr where;
			const char *name = elf_strptr(elf, h.sh_link, sym.st_name);
			size_t k = name ? strlen(name) : 0;
			if (k < 3 || strcmp(name + k - 3, ".kd") != 0 || !gelf_getshdr(elf_getscn(elf, sym.st_shndx), &where))
				continue;
			image[where.sh_offset + (sym.st_value - where.sh_addr)] += 4;
			elf_end(elf);
			return;
		}
	}
	ck_abort_msg("no kernel descriptor");
}

/* Addresses in LDS as the compiler's own assembly has them: the base address of each variable is an operand of its instructions. */
static const struct {
	const char *kernel, *scope, *variable;
	unsigned at;
} lds_places[] = {
	{ "matmul.O0.co", "matmul", "tile_a", 0 }, { "matmul.O0.co", "matmul", "tile_b", 256 }, { "matmul.O2.co", "matmul", "tile_a", 0 },
	{ "matmul.O2.co", "matmul", "tile_b", 256 }, { "ldsmix.O0.co", "ldsmix", "cells", 0 }, { "ldsmix.O0.co", "ldsmix", "longs", 1536 },
	{ "ldsmix.O0.co", "ldsmix", "total", 1560 }, { "ldsmix.O0.co", "ldsmix", "words", 1568 },
};

static void lds_variable(const char *kernel, const char *scope, const char *variable, void (*change)(uint8_t *, size_t), char *out, size_t n)
{
	char path[64], command[128], all[8192], name[64];
	serve_changed(kernel, change, path, sizeof path);
	snprintf(command, sizeof command, "-ex 'info scope %s'", scope);
	run_gdb(command, path, all, sizeof all);
	unlink(path);
	snprintf(name, sizeof name, "Symbol %s is ", variable);
	const char *at = strstr(all, name);
	ck_assert_msg(at != NULL, "%s", all);
	const char *end = strstr(at + 1, "Symbol ");
	snprintf(out, n, "%.*s", (int)(end ? end - at : (ptrdiff_t)strlen(at)), at);
}

START_TEST(variables_in_lds_are_where_the_compiler_laid_them_out)
{
	char text[8192], wanted[64];
	lds_variable(lds_places[_i].kernel, lds_places[_i].scope, lds_places[_i].variable, NULL, text, sizeof text);
	snprintf(wanted, sizeof wanted, "DW_OP_breg15 %u [$r15]", lds_places[_i].at);
	ck_assert_msg(strstr(text, wanted) != NULL, "%s: %s", lds_places[_i].kernel, text);
}
END_TEST

START_TEST(a_layout_of_lds_that_does_not_fill_it_is_not_believed)
{
	char text[8192];
	lds_variable(lds_places[_i].kernel, lds_places[_i].scope, lds_places[_i].variable, grow_lds, text, sizeof text);
	ck_assert_msg(strstr(text, "optimized out") != NULL, "%s: %s", lds_places[_i].kernel, text);
}
END_TEST

/* Four bytes of the frame, and the aperture's upper half from where LDS begins; other pointers are as they are. */
START_TEST(pointers_to_lds_become_generic)
{
	char path[64], out[8192];
	serve("dynlds.O0.co", path, sizeof path);
	run_gdb("-ex 'info scope dynlds'", path, out, sizeof out);
	unlink(path);
	static const struct {
		const char *name;
		bool small;
	} wanted[] = { { "Symbol words is", true }, { "Symbol shorts is", true }, { "Symbol in is", false }, { "Symbol out is", false } };
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		const char *at = strstr(out, wanted[i].name), *length = at ? strstr(at, "length 8.") : NULL, *r15 = at ? strstr(at, "$r15") : NULL;
		ck_assert_msg(length && wanted[i].small == (r15 && r15 < length), "%s: %s", wanted[i].name, out);
	}
}
END_TEST

/* Where the data are that a pointer of four bytes in a structure leads to: a reference for gdb up to 16, an expression for newer ones. */
START_TEST(places_are_told_as_the_client_reads_them)
{
	static const struct {
		const char *form;
		bool newer;
	} ways[] = { { "DW_AT_data_location: <0x", false }, { "DW_AT_data_location: 12 byte block: 97 ", true } };
	for (size_t i = 0; i < 2; i++) {
		char path[] = "served-XXXXXX", command[128], *out = malloc(1 << 20);
		size_t n, found = 0;
		struct view_elf e;
		struct dbg_error err;
		uint8_t *image = sample_load_path(SRCDIR "/testsuite/fuzz/corpus/view/dwarf5-O0", &n);
		const struct view_carrier *c = ways[i].newer ? view_x86_64.newer : &view_x86_64;
		ck_assert_msg(view_elf_rewrite(image, n, c, &e, &err) == 0, "%s", err.text);
		int fd = mkstemp(path);
		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(write(fd, e.data, e.n), (ssize_t)e.n);
		close(fd);
		snprintf(command, sizeof command, "readelf --debug-dump=info %s 2>&1 | tr -s ' '", path);
		FILE *p = popen(command, "r");
		ck_assert_ptr_nonnull(p);
		out[fread(out, 1, (1 << 20) - 1, p)] = 0;
		ck_assert_int_eq(pclose(p), 0);
		unlink(path);
		for (const char *at = out; (at = strstr(at, "DW_AT_data_location")); at++, found++)
			ck_assert_msg(strncmp(at, ways[i].form, strlen(ways[i].form)) == 0, "%.60s", at);
		/* int, a structure, an enumeration, a vector, an array, a union */
		ck_assert_msg(found >= 6, "%zu in %s", found, out);
		free(out);
		view_elf_free(&e);
		free(image);
	}
}
END_TEST

START_TEST(a_breakpoint_on_a_function_lies_behind_its_prologue)
{
	char path[64], out[4096];
	unsigned long start = 0, place = 0;
	serve("vadd.O0.co", path, sizeof path);
	run_gdb("-ex 'info address add' -ex 'break add'", path, out, sizeof out);
	unlink(path);
	const char *at = strstr(out, "address 0x"), *bp = strstr(out, "Breakpoint 1 at 0x");
	ck_assert_msg(at && bp, "%s", out);
	start = strtoul(at + 8, NULL, 16);
	place = strtoul(bp + 16, NULL, 16);
	ck_assert_uint_gt(place, start);
}
END_TEST

START_TEST(the_frame_base_of_every_function_is_known)
{
	size_t n;
	struct view_elf e;
	struct dbg_error err;
	uint8_t *image = sample_load("vadd.O0.co", &n);
	ck_assert_int_eq(view_elf_rewrite(image, n, &view_x86_64, &e, &err), 0);
	ck_assert_uint_ge(e.n_functions, 2);
	for (size_t i = 0; i < e.n_functions; i++) {
		ck_assert_int_eq(e.functions[i].base_sgpr, 33);
		ck_assert_ptr_eq(view_elf_function(&e, e.functions[i].low), &e.functions[i]);
	}
	ck_assert_ptr_null(view_elf_function(&e, 0));
	view_elf_free(&e);
	free(image);
}
END_TEST

/* Damage must be survived: served in part, without debug information, or refused. */
START_TEST(damaged_files_are_survived)
{
	size_t n;
	uint8_t *image = sample_load("recurse.O2.co", &n), *copy = malloc(n);
	srand(_i);
	for (int round = 0; round < 200; round++) {
		struct view_elf e;
		struct dbg_error err;
		size_t len = round % 4 ? n : (size_t)rand() % n;
		memcpy(copy, image, n);
		for (int k = 0; k < 20; k++)
			copy[(size_t)rand() % n] = (uint8_t)rand();
		uint8_t *exact = malloc(len ? len : 1); /* so that a sanitizer sees a read behind the end */
		memcpy(exact, copy, len);
		if (view_elf_rewrite(exact, len, &view_x86_64, &e, &err) == 0)
			view_elf_free(&e);
		else
			ck_assert(err.text[0]);
		struct dbg_codeobj o = { .image = exact, .image_bytes = len };
		if (codeobj_parse(&o, &err) < 0)
			ck_assert(err.text[0]);
		free(o.segments);
		free(o.gaps);
		free(exact);
	}
	free(copy);
	free(image);
}
END_TEST

/* ------------------------------------------------------------------ code objects */

START_TEST(gaps_lie_between_functions_and_hold_no_ops)
{
	static const uint8_t nop[] = { 0, 0, 0x80, 0xbf };
	struct dbg_codeobj o = { .load_bias = 0 };
	struct dbg_error err;
	o.image = sample_load(kernels[_i], &o.image_bytes);
	ck_assert_msg(codeobj_parse(&o, &err) == 0, "%s", err.text);
	ck_assert_uint_ge(o.n_gaps, 1);
	const Elf64_Ehdr *eh = (const Elf64_Ehdr *)o.image;
	const Elf64_Phdr *ph = (const Elf64_Phdr *)(o.image + eh->e_phoff);
	for (size_t i = 0; i < o.n_gaps; i++)
		for (int k = 0; k < eh->e_phnum; k++) {
			if (ph[k].p_type != PT_LOAD || o.gaps[i].addr - ph[k].p_vaddr >= ph[k].p_filesz)
				continue;
			const uint8_t *bytes = o.image + ph[k].p_offset + (o.gaps[i].addr - ph[k].p_vaddr);
			for (uint32_t b = 0; b < o.gaps[i].bytes; b += 4)
				ck_assert_mem_eq(bytes + b, nop, 4);
		}
	free(o.segments);
	free(o.gaps);
	free(o.image);
}
END_TEST

START_TEST(uris_are_taken_apart)
{
	static const struct {
		const char *uri;
		int status;
		const char *path;
		uint64_t offset, size;
	} cases[] = {
		{ "file:///a/b.co", 0, "/a/b.co", 0, 0 },
		{ "file:///a/b.co#offset=0&size=7752", 0, "/a/b.co", 0, 7752 },
		{ "file:///a%20b/%43?offset=0x10&size=020", 0, "/a b/C", 16, 16 },
		{ "file:///ends%4", -DBG_BAD_REQUEST, NULL, 0, 0 },
		{ "file:///nul%00x", -DBG_BAD_REQUEST, NULL, 0, 0 },
		{ "file://", -DBG_BAD_REQUEST, NULL, 0, 0 },
		{ "file:///a#offset=x", -DBG_BAD_REQUEST, NULL, 0, 0 },
		{ "file:///a#offset=99999999999999999999", -DBG_BAD_REQUEST, NULL, 0, 0 },
		{ "memory://12#offset=0x7f00&size=64", 0, NULL, 0x7f00, 64 },
		{ "memory://12?size=64", -DBG_BAD_REQUEST, NULL, 0, 0 },
		{ "memory://x#offset=1&size=2", -DBG_BAD_REQUEST, NULL, 0, 0 },
		{ "http://x", -DBG_UNSUPPORTED, NULL, 0, 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct codeobj_uri u;
		struct dbg_error err;
		int status = codeobj_parse_uri(cases[i].uri, &u, &err);
		ck_assert_msg(status == cases[i].status, "%s: %d", cases[i].uri, status);
		if (status < 0)
			continue;
		if (cases[i].path)
			ck_assert_str_eq(u.path, cases[i].path);
		ck_assert_uint_eq(u.offset, cases[i].offset);
		ck_assert_uint_eq(u.size, cases[i].size);
		free(u.path);
	}
}
END_TEST

/* ------------------------------------------------------------------ description */

static void no_name_twice(const struct rsp_tdesc *t)
{
	size_t n = rsp_tdesc_n_regs(t);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(rsp_tdesc_reg(t, i)->name, rsp_tdesc_reg(t, k)->name);
}

START_TEST(the_description_begins_with_the_carrier)
{
	struct dbg_agent agent = { .family = gfx_family_by_name("gfx942") };
	struct dbg_process p = { .agents = &agent, .n_agents = 1 };
	struct view *v;
	struct dbg_error err;
	ck_assert_int_eq(view_create(&p, &view_x86_64, &v, &err), 0);
	const struct rsp_tdesc *t = view_tdesc(v);
	ck_assert_str_eq(t->architecture, "i386:x86-64");
	ck_assert_str_eq(t->osabi, "none");
	ck_assert_str_eq(t->features[0].name, "org.gnu.gdb.i386.core");
	ck_assert_uint_eq(t->features[0].n_regs, 42);
	ck_assert_str_eq(rsp_tdesc_reg(t, 16)->name, "rip");
	no_name_twice(t);
	ck_assert_int_eq(view_set_carrier(v, &view_aarch64, &err), 0);
	t = view_tdesc(v);
	ck_assert_str_eq(t->architecture, "aarch64");
	ck_assert_str_eq(rsp_tdesc_reg(t, 32)->name, "pc");
	no_name_twice(t);
	ck_assert_ptr_eq(view_carrier_for("i386", false), &view_x86_64);
	ck_assert_ptr_eq(view_carrier_for("arm", false), &view_aarch64);
	ck_assert_ptr_eq(view_carrier_for("mips,arm,i386", false), &view_x86_64);
	ck_assert_ptr_eq(view_carrier_for("armour", false), &view_x86_64);
	ck_assert_ptr_eq(view_carrier_for("", false), &view_x86_64);
	ck_assert_ptr_eq(view_carrier_for("", true), &view_aarch64);
	ck_assert_ptr_eq(view_carrier_for("i386", true), &view_x86_64);
	ck_assert_ptr_eq(view_carrier_for("mips", true), &view_x86_64);
	view_destroy(v);
}
END_TEST

int main(void)
{
	log_set_categories(0);
	const struct tap_test tests[] = {
		TAP_EACH(an_expression_is_re_encoded, expressions), TAP_ONE(what_is_not_there_is_a_call_before_a_register_that_never_is),
		TAP_ONE(a_frame_base_names_a_scalar_register),
		TAP_ONE(a_register_that_a_loop_changes), TAP_ONE(registers_that_calls_keep),
		TAP_EACH(a_served_file_is_an_x86_file_that_libelf_reads, kernels),
		TAP_ONE(stock_gdb_finds_lines_functions_and_variables),
		TAP_EACH(variables_in_lds_are_where_the_compiler_laid_them_out, lds_places),
		TAP_EACH(a_layout_of_lds_that_does_not_fill_it_is_not_believed, lds_places),
		TAP_ONE(pointers_to_lds_become_generic), TAP_ONE(places_are_told_as_the_client_reads_them),
		 TAP_ONE(a_breakpoint_on_a_function_lies_behind_its_prologue),
		TAP_ONE(the_frame_base_of_every_function_is_known), TAP_TIMES(damaged_files_are_survived, 10),
		TAP_EACH(gaps_lie_between_functions_and_hold_no_ops, kernels), TAP_ONE(uris_are_taken_apart),
		TAP_ONE(the_description_begins_with_the_carrier),
	};
	return TAP_RUN("view", tests, NULL, NULL);
}
