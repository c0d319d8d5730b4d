/* Stop, run, step, reasons, identity: edits of one saved wave (wave-state 2.4, 3.7, 3.9, 4.2, 12.2). */
#include <stdio.h>
#include <string.h>

#include "arch/gfx9_bits.h"
#include "testsuite/unit/area_builder.h"
#include "testsuite/unit/tap.h"

#define BIT(n) (UINT32_C(1) << (n))
#define HALT BIT(GFX9_STATUS_HALT_BIT)
#define SKIP_EXPORT BIT(GFX9_STATUS_SKIP_EXPORT_BIT)
#define DEBUG_EN BIT(GFX9_MODE_DEBUG_EN_BIT)
#define TRAP_AFTER_INST BIT(GFX940_TRAPSTS_TRAP_AFTER_INST_BIT)

static struct built_area a;
static struct gfx_wave w;

static void setup(void)
{
	area_one_wave(&a, &w, 7);
}

static void teardown(void)
{
	area_free(&a);
}

static uint8_t *hwreg(unsigned n)
{
	return a.bytes + w.rec.hwreg + 4 * n;
}

static uint8_t *ttmp(unsigned n)
{
	return a.bytes + w.rec.ttmp + 4 * n;
}

struct image {
	uint32_t status, mode, trapsts, ttmp6;
};

static void expect(const char *row, struct image want)
{
	struct image got = { get32(hwreg(5)), get32(hwreg(9)), get32(hwreg(6)), get32(ttmp(6)) };
	ck_assert_msg(memcmp(&want, &got, sizeof want) == 0, "%s: STATUS %08x MODE %08x TRAPSTS %08x ttmp6 %08x, not %08x %08x %08x %08x", row,
		got.status, got.mode, got.trapsts, got.ttmp6, want.status, want.mode, want.trapsts, want.ttmp6);
}

/* ------------------------------------------------------------------ the life of a wave, row by row of 12.2 */

enum { WAVE_ID = 0x77 };
static const uint64_t X = UINT64_C(0x7F0000001000), COPY = UINT64_C(0x7F0000002018);

START_TEST(trace)
{
	/* launched: the trap TTMPs are undefined */
	put32(ttmp(4), 0xDEADBEEF);
	put32(ttmp(6), 0xFFFFFFFF);
	put32(ttmp(11), 5 << 6);
	gfx_wave_set_pc(&w, X);
	ck_assert(!gfx_wave_stopped(&w));
	ck_assert_uint_eq(gfx_wave_id(&w), 0);

	gfx_wave_set_id(&w, WAVE_ID);
	expect("first walk", (struct image){ 0, 0, 0, 0 });
	ck_assert_uint_eq(get32(ttmp(11)), 0x80000000 | 5 << 6);
	ck_assert_uint_eq(gfx_wave_id(&w), WAVE_ID);

	/* hits s_trap 1 at X: what the handler leaves */
	gfx_wave_set_pc(&w, X + 4);
	put32(hwreg(5), HALT | SKIP_EXPORT);
	put32(ttmp(6), 0x42000000);
	ck_assert(gfx_wave_stopped(&w));
	ck_assert_uint_eq(gfx_wave_stop_reasons(&w), GFX_STOP_BREAKPOINT);
	ck_assert_uint_eq(gfx_wave_break_pc(&w, 0, 0xBF920001), X);

	/* displaced step */
	gfx_wave_set_pc(&w, COPY);
	gfx_wave_resume(&w, GFX_STEP, GFX_STOP_BREAKPOINT);
	expect("stepping", (struct image){ 0, DEBUG_EN, 0, 0x02000000 });
	ck_assert(!gfx_wave_stopped(&w));
	ck_assert_uint_eq(gfx_wave_pc(&w), COPY);

	/* step finished */
	put32(hwreg(5), HALT);
	put32(hwreg(6), TRAP_AFTER_INST);
	put32(ttmp(6), 0x40000000);
	ck_assert_uint_eq(gfx_wave_stop_reasons(&w), GFX_STOP_SINGLE_STEP);

	gfx_wave_set_pc(&w, X + 8);
	gfx_wave_resume(&w, GFX_RUN, GFX_STOP_SINGLE_STEP);
	expect("continue", (struct image){ 0, 0, 0, 0 });
	ck_assert_uint_eq(gfx_wave_pc(&w), X + 8);

	gfx_wave_stop(&w);
	expect("stop request", (struct image){ HALT | SKIP_EXPORT, 0, 0, 0x40000000 });
	ck_assert_uint_eq(gfx_wave_stop_reasons(&w), 0);

	/* memory fault */
	gfx_wave_resume(&w, GFX_RUN, 0);
	put32(hwreg(5), HALT);
	put32(hwreg(6), BIT(8) | BIT(28));
	put32(ttmp(6), 0x40000000);
	ck_assert_uint_eq(gfx_wave_stop_reasons(&w), GFX_STOP_MEMORY_VIOLATION);
	ck_assert_uint_eq(gfx_wave_id(&w), WAVE_ID);
}
END_TEST

/* ------------------------------------------------------------------ reasons */

struct reason_case {
	uint32_t trapsts, mode, ttmp6;
	unsigned reasons;
	uint32_t cleared; /* TRAPSTS after a resume that reported them */
};

static const struct reason_case reason_cases[] = {
	{ 0, 0, 0, 0, 0 },
	{ 0, 0, 1 << 25, GFX_STOP_BREAKPOINT, 0 },
	{ 0, 0, 2 << 25, GFX_STOP_ASSERT_TRAP, 0 },
	{ 0, 0, 3 << 25, GFX_STOP_DEBUG_TRAP, 0 },
	{ 0, 0, 4 << 25, GFX_STOP_TRAP, 0 },
	{ 0, 0, 9 << 25, GFX_STOP_TRAP, 0 },
	{ 0, 0, 15 << 25, GFX_STOP_TRAP, 0 },
	{ BIT(0), BIT(12), 0, GFX_STOP_FP_INVALID, 0 },
	{ BIT(1), BIT(13), 0, GFX_STOP_FP_DENORM, 0 },
	{ BIT(2), BIT(14), 0, GFX_STOP_FP_DIV0, 0 },
	{ BIT(3), BIT(15), 0, GFX_STOP_FP_OVERFLOW, 0 },
	{ BIT(4), BIT(16), 0, GFX_STOP_FP_UNDERFLOW, 0 },
	{ BIT(5), BIT(17), 0, GFX_STOP_FP_INEXACT, 0 },
	{ BIT(6), BIT(18), 0, GFX_STOP_INT_DIV0, 0 },
	/* present but not enabled: not a reason, and it stays */
	{ BIT(2) | BIT(5), BIT(14), 0, GFX_STOP_FP_DIV0, BIT(5) },
	{ 0x7F, 0, 0, 0, 0x7F },
	{ BIT(2), 0x7F000 & ~BIT(14), 0, 0, BIT(2) },
	{ BIT(28), 0, 0, GFX_STOP_MEMORY_VIOLATION, 0 },
	{ BIT(28) | BIT(8), 0, 0, GFX_STOP_MEMORY_VIOLATION, 0 },
	{ BIT(8), 0, 0, GFX_STOP_ADDRESS_ERROR, 0 },
	{ BIT(11), 0, 0, GFX_STOP_ILLEGAL_INSTRUCTION, 0 },
	{ BIT(7), BIT(19), 0, GFX_STOP_WATCHPOINT, 0 },
	{ BIT(12), BIT(19), 0, GFX_STOP_WATCHPOINT, 0 },
	{ BIT(13), BIT(19), 0, GFX_STOP_WATCHPOINT, 0 },
	{ BIT(14) | BIT(7), BIT(19), 0, GFX_STOP_WATCHPOINT, 0 },
	{ BIT(13), 0, 0, 0, BIT(13) },
	{ BIT(25), 0, 0, GFX_STOP_SINGLE_STEP, 0 },
	{ BIT(23), 0, 0, GFX_STOP_TRAP, 0 },
	{ BIT(24), 0, 0, GFX_STOP_TRAP, 0 },
	/* several at once; dividing rates and cycle counts are no reasons and stay */
	{ BIT(11) | BIT(1), BIT(13), 1 << 25, GFX_STOP_ILLEGAL_INSTRUCTION | GFX_STOP_FP_DENORM | GFX_STOP_BREAKPOINT, 0 },
	{ 0x203F0000 | BIT(8), 0, 0, GFX_STOP_ADDRESS_ERROR, 0x203F0000 },
};

START_TEST(reasons)
{
	const struct reason_case *c = &reason_cases[_i];
	put32(hwreg(6), c->trapsts);
	put32(hwreg(9), c->mode);
	put32(hwreg(5), HALT);
	put32(ttmp(6), c->ttmp6 | 0x40000000);
	unsigned got = gfx_wave_stop_reasons(&w);
	ck_assert_msg(got == c->reasons, "TRAPSTS %08x MODE %08x ttmp6 %08x: reasons %x, not %x", c->trapsts, c->mode, c->ttmp6, got, c->reasons);
	ck_assert_uint_eq(gfx_wave_trap_id(&w), c->ttmp6 >> 25);
	gfx_wave_resume(&w, GFX_RUN, got);
	/* The saved trap id survives; MODE is the program's. */
	expect("resumed", (struct image){ 0, c->mode, c->cleared, c->ttmp6 });
}
END_TEST

START_TEST(unreported_stays)
{
	put32(hwreg(6), BIT(11) | BIT(28) | BIT(8) | BIT(25));
	put32(ttmp(6), 0x40000000);
	gfx_wave_resume(&w, GFX_RUN, GFX_STOP_SINGLE_STEP);
	ck_assert_uint_eq(get32(hwreg(6)), BIT(11) | BIT(28) | BIT(8));
}
END_TEST

START_TEST(running_has_no_trap_id)
{
	put32(ttmp(6), 0x02000000);
	ck_assert_uint_eq(gfx_wave_trap_id(&w), 0);
	ck_assert(!gfx_wave_stopped(&w));
}
END_TEST

/* ------------------------------------------------------------------ halt, stop twice, step enable */

START_TEST(program_halt_survives)
{
	put32(hwreg(5), HALT);
	ck_assert(gfx_wave_halted(&w) && !gfx_wave_stopped(&w) && gfx_wave_program_halted(&w));
	gfx_wave_stop(&w);
	expect("stopped", (struct image){ HALT | SKIP_EXPORT, 0, 0, 0x60000000 });
	ck_assert(gfx_wave_program_halted(&w));
	gfx_wave_resume(&w, GFX_RUN, 0);
	expect("running", (struct image){ HALT, 0, 0, 0 });
}
END_TEST

START_TEST(halt_at_launch)
{
	put32(hwreg(5), HALT);
	gfx_wave_set_program_halt(&w, false);
	gfx_wave_stop(&w);
	expect("stopped", (struct image){ HALT | SKIP_EXPORT, 0, 0, 0x40000000 });
	gfx_wave_set_program_halt(&w, true);
	expect("to be halted", (struct image){ HALT | SKIP_EXPORT, 0, 0, 0x60000000 });
}
END_TEST

START_TEST(stop_is_idempotent)
{
	put32(ttmp(6), 0x42000000);
	put32(hwreg(5), HALT | SKIP_EXPORT);
	gfx_wave_stop(&w);
	expect("again", (struct image){ HALT | SKIP_EXPORT, 0, 0, 0x42000000 });
}
END_TEST

START_TEST(resume_of_a_running_wave)
{
	/* Only the step enable changes: an s_sethalt of the program stays. */
	put32(hwreg(5), HALT);
	put32(hwreg(6), BIT(2));
	put32(ttmp(6), 0x20000000);
	gfx_wave_resume(&w, GFX_STEP, GFX_STOP_FP_DIV0);
	expect("stepping", (struct image){ HALT, DEBUG_EN, BIT(2), 0x20000000 });
	gfx_wave_resume(&w, GFX_RUN, 0);
	expect("running", (struct image){ HALT, 0, BIT(2), 0x20000000 });
}
END_TEST

/* ------------------------------------------------------------------ identity */

START_TEST(setup_off)
{
	/* Garbage everywhere; a running wave. */
	w.ttmps_setup = false;
	for (unsigned n = 0; n < 16; n++)
		put32(ttmp(n), 0xFFFFFFFF);
	struct gfx_wave_place place;
	ck_assert(!gfx_wave_stopped(&w));
	ck_assert_int_eq(gfx_wave_place(&w, &place), GFX_UNKNOWN);
	put32(ttmp(6), 0x7FFFFFFF);
	ck_assert_uint_eq(gfx_wave_id(&w), 0);
	gfx_wave_set_id(&w, 9);
	ck_assert_uint_eq(get32(ttmp(6)), 0x80000000);
	ck_assert_uint_eq(get32(ttmp(8)), 0);
	ck_assert_uint_eq(get32(ttmp(10)), 0);
	ck_assert_uint_eq(get32(ttmp(11)), 0x80000000);
	ck_assert_uint_eq(gfx_wave_id(&w), 9);
	ck_assert_int_eq(gfx_wave_place(&w, &place), GFX_UNKNOWN);
	/* It stays without a place when the process sets its TTMPs up later. */
	w.ttmps_setup = true;
	ck_assert_int_eq(gfx_wave_place(&w, &place), GFX_UNKNOWN);
	ck_assert_uint_eq(gfx_wave_id(&w), 9);
}
END_TEST

START_TEST(setup_off_stopped)
{
	w.ttmps_setup = false;
	put32(ttmp(6), 0x46001234);
	put32(ttmp(11), 0x00000FFF);
	put32(hwreg(5), HALT | SKIP_EXPORT);
	ck_assert(gfx_wave_stopped(&w));
	ck_assert_uint_eq(gfx_wave_stop_reasons(&w), GFX_STOP_DEBUG_TRAP);
	gfx_wave_set_id(&w, 10);
	ck_assert_uint_eq(get32(ttmp(6)), 0xC6000000);
	ck_assert(gfx_wave_stopped(&w));
	gfx_wave_resume(&w, GFX_RUN, GFX_STOP_DEBUG_TRAP);
	expect("running", (struct image){ 0, 0, 0, 0x86000000 });
	gfx_wave_stop(&w);
	expect("stopped", (struct image){ HALT | SKIP_EXPORT, 0, 0, 0xC6000000 });
	ck_assert_uint_eq(gfx_wave_id(&w), 10);
}
END_TEST

START_TEST(stop_before_the_first_id)
{
	put32(ttmp(4), 0x1234);
	put32(ttmp(6), 0xFFFFFFFF);
	put32(ttmp(11), 5 << 6);
	gfx_wave_stop(&w);
	expect("stopped", (struct image){ HALT | SKIP_EXPORT, 0, 0, 0x40000000 });
	ck_assert_uint_eq(gfx_wave_id(&w), 0);
}
END_TEST

START_TEST(place)
{
	struct gfx_wave_place p;
	put32(ttmp(8), 60000);
	put32(ttmp(9), 2);
	put32(ttmp(10), 1);
	put32(ttmp(11), 0x80000000 | 0x1FFFFFF << 6 | 13);
	ck_assert_int_eq(gfx_wave_place(&w, &p), GFX_OK);
	ck_assert_uint_eq(p.group[0], 60000);
	ck_assert_uint_eq(p.group[1], 2);
	ck_assert_uint_eq(p.group[2], 1);
	ck_assert_uint_eq(p.wave_in_group, 13);
	ck_assert_uint_eq(p.packet_index, 0x1FFFFFF);
}
END_TEST

START_TEST(wide_ids)
{
	gfx_wave_set_id(&w, UINT64_C(0x0123456789ABCDEF));
	ck_assert_uint_eq(get32(ttmp(4)), 0x89ABCDEF);
	ck_assert_uint_eq(get32(ttmp(5)), 0x01234567);
	ck_assert_uint_eq(gfx_wave_id(&w), UINT64_C(0x0123456789ABCDEF));
	ck_assert_uint_eq(get32(ttmp(11)), 0x80000000 | 5 << 6);
}
END_TEST

/* ------------------------------------------------------------------ where the breakpoint is */

struct break_case {
	unsigned id, r_version;
	uint32_t at, before;
	int distance; /* of the answer from the saved PC */
};

static const struct break_case break_cases[] = {
	{ 1, 10, 0x7E000280, 0xBF920001, -4 },  /* after the trap */
	{ 1, 10, 0xBF920001, 0x7E000280, 0 },   /* at it */
	{ 2, 10, 0xBF920002, 0xBF810000, 0 },   /* abort, newer handlers */
	{ 2, 10, 0xBF810000, 0xBF920002, -4 },  /* abort, older ones */
	{ 1, 11, 0xBF920001, 0xBF920001, -4 },  /* both: by version */
	{ 1, 12, 0xBF920001, 0xBF920001, 0 },
	{ 1, 12, 0x7E000280, 0xBF920001, -4 },  /* what is there goes before the version */
	{ 1, 10, 0xBF920003, 0xBF920002, 0 },   /* other traps are not the one */
	{ 1, 10, 0, 0, 0 },
	{ 15, 10, 0, 0xBF9200FE, -4 },          /* the saved id is cut at 15 */
	{ 15, 10, 0, 0xBF92000E, 0 },
	{ 0, 10, 0, 0xBF920000, 0 },
};

START_TEST(break_pc)
{
	const struct break_case *c = &break_cases[_i];
	gfx_wave_set_pc(&w, X);
	put32(ttmp(6), 0x40000000 | c->id << 25);
	w.r_version = c->r_version;
	ck_assert_uint_eq(gfx_wave_break_pc(&w, c->at, c->before), X + (uint64_t)(int64_t)c->distance);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		{ "life of a wave", trace, 1 },
		{ "stop reasons and what a resume clears", reasons, TAP_COUNT(reason_cases) },
		{ "exceptions that were not reported stay", unreported_stays, 1 },
		{ "a running wave has no trap id", running_has_no_trap_id, 1 },
		{ "the program's halt survives", program_halt_survives, 1 },
		{ "halt at launch is cleared", halt_at_launch, 1 },
		{ "stop of a stopped wave", stop_is_idempotent, 1 },
		{ "resume of a running wave", resume_of_a_running_wave, 1 },
		{ "launched without TTMP setup", setup_off, 1 },
		{ "launched without TTMP setup, stopped", setup_off_stopped, 1 },
		{ "stop before the first id", stop_before_the_first_id, 1 },
		{ "place in the grid", place, 1 },
		{ "64-bit ids", wide_ids, 1 },
		{ "PC of the trap instruction", break_pc, TAP_COUNT(break_cases) },
	};
	return TAP_RUN("wave state", tests, setup, teardown);
}
