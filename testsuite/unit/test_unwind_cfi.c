/* Frame information as bytes: rows at addresses, extensions, both sections, damage. Bytes as an assembler writes them. */
#include <stdlib.h>
#include <string.h>

#include "src/unwind/cfi.h"
#include "src/unwind/expr.h"
#include "testsuite/unit/tap.h"

enum { LOW = 0x1000 };

/* One common entry and one function of 0x40 bytes at LOW: CFA s32 + 0 in space 6; from 4 on s33 at CFA + 8; from 8 on v40 at CFA + 256, the return
 * address in s40, s41, the state kept; from 0x10 on s33 undefined; from 0x20 on as it was kept. */
static const uint8_t debug_frame[] = {
	0x10, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 4, 0, 8, 0, 4, 4, 16, 0x30, 0x40, 0x00, 0x06, 0x00,
	0x3b, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0,
	0x10, 0x10, 0x08, 0x90, 0x3e, 0x93, 0x04, 0x90, 0x3f, 0x93, 0x04, /* return address: s30, s31 */
	0x41, 0x05, 0x41, 0x02,             /* after 4: s33 at 8 */
	0x41, 0x05, 0xa8, 0x14, 0x40,       /* after 4: v40 at 256 */
	0x10, 0x10, 0x08, 0x90, 0x48, 0x93, 0x04, 0x90, 0x49, 0x93, 0x04,
	0x0a, 0x42, 0x07, 0x41, 0x44, 0x0b, /* kept; after 8 undefined s33; after 16 back */
	0, 0,
};

static struct unwind_cfi *read_bytes(const uint8_t *bytes, size_t n, bool eh, unsigned *damaged)
{
	/* exactly as long as it is, so that a sanitizer sees every byte too far */
	uint8_t *copy = malloc(n ? n : 1);
	memcpy(copy, bytes, n);
	struct unwind_cfi_section here = { copy, n, 0 }, none = { NULL, 0, 0 };
	struct unwind_cfi *cfi = unwind_cfi_read(eh ? none : here, eh ? here : none, damaged);
	free(copy);
	return cfi;
}

START_TEST(rows)
{
	unsigned damaged;
	struct unwind_row *r = malloc(sizeof *r);
	struct unwind_cfi *cfi = read_bytes(debug_frame, sizeof debug_frame, false, &damaged);
	const struct unwind_rule *s33 = &r->rules[33], *v40 = &r->rules[UNWIND_SLOT_VECTOR + 40];
	struct dbg_error err;
	uint64_t low = 0;
	ck_assert_ptr_nonnull(cfi);
	ck_assert_uint_eq(damaged, 0);
	ck_assert(unwind_cfi_start(cfi, LOW + 0x3f, &low) && low == LOW);
	ck_assert(!unwind_cfi_start(cfi, LOW - 1, &low) && !unwind_cfi_start(cfi, LOW + 0x40, &low));
	ck_assert_int_eq(unwind_cfi_row(cfi, LOW + 0x40, r, &err), -DBG_REFUSED);
	ck_assert_int_eq(unwind_cfi_row(cfi, LOW, r, &err), 0);
	ck_assert(r->cfa.kind == UNWIND_RULE_PLUS && r->cfa.slot == 32 && r->cfa.offset == 0 && r->cfa.space == 6);
	ck_assert(s33->kind == UNWIND_RULE_SAME && unwind_expr_returns_by(r, 30) && !unwind_expr_returns_by(r, 40));
	ck_assert_int_eq(unwind_cfi_row(cfi, LOW + 4, r, &err), 0);
	ck_assert(s33->kind == UNWIND_RULE_OFFSET && s33->offset == 8 && v40->kind == UNWIND_RULE_SAME);
	for (unsigned at = 8; at < 0x40; at += 4) {
		ck_assert_int_eq(unwind_cfi_row(cfi, LOW + at, r, &err), 0);
		ck_assert(v40->kind == UNWIND_RULE_OFFSET && v40->offset == 256 && unwind_expr_returns_by(r, 40));
		ck_assert_int_eq(s33->kind, at >= 0x10 && at < 0x20 ? UNWIND_RULE_UNDEFINED : UNWIND_RULE_OFFSET);
	}
	unwind_cfi_free(cfi);
	free(r);
}
END_TEST

/* .eh_frame counts from itself: the function begins 0x1000 behind the field. An entry of length 0 ends it. */
START_TEST(counted_from_itself)
{
	static const uint8_t eh_frame[] = {
		0x14, 0, 0, 0, 0, 0, 0, 0, 1, 'z', 'R', 0, 4, 4, 16, 1, 0x1b, 0x0c, 0x20, 0x00, 0, 0, 0, 0,
		0x14, 0, 0, 0, 0x1c, 0, 0, 0, 0, 0x10, 0, 0, 0x20, 0, 0, 0, 0, 0x09, 0x10, 0x2a, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	uint8_t *copy = malloc(sizeof eh_frame);
	memcpy(copy, eh_frame, sizeof eh_frame);
	struct unwind_cfi_section here = { copy, sizeof eh_frame, 0x500 }, none = { NULL, 0, 0 };
	unsigned damaged;
	struct unwind_cfi *cfi = unwind_cfi_read(none, here, &damaged);
	struct unwind_row *r = malloc(sizeof *r);
	uint64_t low = 0, wanted = 0x500 + 32 + 0x1000;
	ck_assert_ptr_nonnull(cfi);
	ck_assert_uint_eq(damaged, 0);
	ck_assert(unwind_cfi_start(cfi, wanted + 0x1f, &low) && low == wanted);
	ck_assert_int_eq(unwind_cfi_row(cfi, wanted, r, NULL), 0);
	ck_assert(r->rules[UNWIND_SLOT_PC].kind == UNWIND_RULE_REGISTER && r->rules[UNWIND_SLOT_PC].slot == 10);
	unwind_cfi_free(cfi);
	free(r);
	free(copy);
}
END_TEST

/* Entries without a rule, as compilers for this machine write them, are as good as none. */
START_TEST(empty_entries)
{
	static const uint8_t bytes[] = {
		0x0c, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 4, 0, 8, 0, 4, 4, 16, 0,
		0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0,
	};
	unsigned damaged;
	ck_assert_ptr_null(read_bytes(bytes, sizeof bytes, false, &damaged));
	ck_assert_uint_eq(damaged, 0);
}
END_TEST

/* Whatever the bytes are: an answer or a refusal. */
START_TEST(damage)
{
	uint8_t bytes[sizeof debug_frame];
	struct unwind_row *r = malloc(sizeof *r);
	unsigned damaged, seed = 99;
	for (size_t cut = 0; cut < sizeof bytes; cut++) {
		struct unwind_cfi *cfi = read_bytes(debug_frame, cut, false, &damaged);
		ck_assert(!cfi || cut == sizeof bytes);
		unwind_cfi_free(cfi);
	}
	for (unsigned round = 0; round < 20000; round++) {
		memcpy(bytes, debug_frame, sizeof bytes);
		for (unsigned i = 0; i <= round % 3; i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[(seed >> 8) % sizeof bytes] = (uint8_t)(seed >> 24);
		}
		struct unwind_cfi *cfi = read_bytes(bytes, sizeof bytes, round & 1, &damaged);
		for (unsigned at = 0; cfi && at < 0x40; at += 4)
			if (unwind_cfi_row(cfi, LOW + at, r, NULL) == 0)
				(void)unwind_expr_returns_by(r, 30);
		unwind_cfi_free(cfi);
	}
	free(r);
}
END_TEST

START_TEST(register_numbers)
{
	static const struct {
		unsigned dwarf;
		int slot;
	} numbers[] = {
		{ 0, -1 }, { 1, GFX_CODE_EXEC }, { 16, UNWIND_SLOT_PC }, { 17, GFX_CODE_EXEC }, { 32, 0 }, { 95, 63 }, { 96, -1 },
		{ 768, GFX_CODE_VCC }, { 1088, 64 }, { 1129, 105 }, { 1130, -1 },
		{ 2560, UNWIND_SLOT_VECTOR }, { 2815, UNWIND_SLOT_VECTOR + 255 }, { 3072, UNWIND_SLOT_VECTOR + 256 },
		{ 3327, UNWIND_SLOT_VECTOR + 511 }, { 3328, -1 },
	};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		ck_assert_int_eq(unwind_cfi_slot(numbers[i].dwarf), numbers[i].slot);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		{ "rows", rows, 1 },
		{ "counted from itself", counted_from_itself, 1 },
		{ "empty entries", empty_entries, 1 },
		{ "damage", damage, 1 },
		{ "register numbers", register_numbers, 1 },
	};
	return TAP_RUN("frame information", tests, NULL, NULL);
}
