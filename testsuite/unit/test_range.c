/* Exits of a range of instructions: where a wave that runs from a place in it must be stopped. Words as LLVM's assembler writes them. */
#include <stdlib.h>
#include <string.h>

#include "src/run/range.h"
#include "testsuite/unit/area_builder.h"
#include "testsuite/unit/tap.h"

enum { NOP = (int)0xBF800000, ENDPGM = (int)0xBF810000, BARRIER = (int)0xBF8A0000, TRAP_2 = (int)0xBF920002, SLEEP = (int)0xBF8E0001 };
#define BRANCH(d) (0xBF820000u | ((uint32_t)(d) & 0xffff))
#define IF_SCC0(d) (0xBF840000u | ((uint32_t)(d) & 0xffff))
#define EXECZ(d) (0xBF880000u | ((uint32_t)(d) & 0xffff))
#define CALL(d) (0xBA9E0000u | ((uint32_t)(d) & 0xffff)) /* s_call_b64 s[30:31] */
#define SWAPPC 0xBE9E1E10u  /* s_swappc_b64 s[30:31], s[16:17] */
#define SETPC 0xBE801D1Eu   /* s_setpc_b64 s[30:31] */
#define GETPC 0xBE841C00u   /* s_getpc_b64 s[4:5] */
#define MOV_LITERAL 0xBE8000FFu /* s_mov_b32 s0, LITERAL */

/* Addresses in words from the range's start; exits in any order. */
static const struct {
	const char *what;
	uint32_t code[12];
	int n, pc;
	int exits[6], n_exits;
} ranges[] = {
	{ "straight", { NOP, NOP, NOP }, 3, 0, { 3 }, 1 },
	{ "from its middle", { NOP, NOP, NOP }, 3, 2, { 3 }, 1 },
	{ "what is not reached does not count", { BRANCH(1), ENDPGM, NOP }, 3, 0, { 3 }, 1 },
	{ "forward out", { BRANCH(20), NOP }, 2, 0, { 21 }, 1 },
	{ "backward out", { NOP, BRANCH(-10) }, 2, 0, { -8 }, 1 },
	{ "both ways", { IF_SCC0(20), NOP }, 2, 0, { 2, 21 }, 2 },
	{ "a branch to just behind the end", { EXECZ(1), NOP }, 2, 0, { 2 }, 1 },
	{ "a loop", { NOP, IF_SCC0(-2), NOP }, 3, 0, { 3 }, 1 },
	{ "an endless loop has no exit", { NOP, BRANCH(-2), NOP }, 3, 0, { 0 }, 0 },
	{ "to itself", { BRANCH(-1) }, 1, 0, { 0 }, 0 },
	{ "a diamond", { EXECZ(2), NOP, BRANCH(1), NOP, NOP }, 5, 0, { 5 }, 1 },
	{ "a call of a known function", { NOP, CALL(100), NOP }, 3, 0, { 102 }, 1 },
	{ "behind that call", { NOP, CALL(100), NOP }, 3, 2, { 3 }, 1 },
	{ "a call by register", { NOP, SWAPPC, NOP }, 3, 0, { 1 }, 1 },
	{ "a return", { NOP, SETPC, NOP }, 3, 0, { 1 }, 1 },
	{ "the end of the wave", { IF_SCC0(1), ENDPGM, NOP }, 3, 0, { 1, 3 }, 2 },
	{ "a barrier", { NOP, (uint32_t)BARRIER, NOP }, 3, 0, { 1 }, 1 },
	{ "a trap of the program is passed", { NOP, TRAP_2, SLEEP, NOP }, 4, 0, { 4 }, 1 },
	{ "reading the PC is no branch", { GETPC, NOP }, 2, 0, { 2 }, 1 },
	{ "a literal that looks like a branch", { MOV_LITERAL, BRANCH(50), NOP }, 3, 0, { 3 }, 1 },
	{ "cut off by the end", { NOP, MOV_LITERAL }, 2, 0, { 1 }, 1 },
	{ "an unknown instruction", { NOP, 0xFFFFFFFF, 0, NOP }, 4, 0, { 1 }, 1 },
	{ "a loop with a call and a way out",
		{ NOP, IF_SCC0(3), NOP, SWAPPC, BRANCH(-4), NOP, EXECZ(-7), NOP }, 8, 0, { 3, 8 }, 2 },
};

static const struct gfx_family *family(void)
{
	const struct gfx_family *f = gfx_family_by_name("gfx942");
	ck_assert_ptr_nonnull(f);
	return f;
}

/* Just n words: reading more is seen under the sanitizers. */
static uint8_t *bytes_of(const uint32_t *code, int n)
{
	uint8_t *bytes = malloc((size_t)n * 4);
	ck_assert_ptr_nonnull(bytes);
	for (int i = 0; i < n; i++)
		put32(bytes + 4 * i, code[i]);
	return bytes;
}

START_TEST(exits)
{
	struct range_exits out;
	uint64_t start = 0x7000001000;
	uint8_t *code = bytes_of(ranges[_i].code, ranges[_i].n);
	ck_assert_msg(range_exits(family(), code, start, (size_t)ranges[_i].n * 4, start + 4u * (unsigned)ranges[_i].pc, &out) == GFX_OK,
		"%s: refused", ranges[_i].what);
	free(code);
	ck_assert_msg((int)out.n == ranges[_i].n_exits, "%s: %zu exits", ranges[_i].what, out.n);
	for (int i = 0; i < ranges[_i].n_exits; i++) {
		bool found = false;
		for (size_t k = 0; k < out.n; k++)
			found |= out.at[k] == start + 4 * (uint64_t)(int64_t)ranges[_i].exits[i];
		ck_assert_msg(found, "%s: no exit at word %d", ranges[_i].what, ranges[_i].exits[i]);
	}
}
END_TEST

/* Every place of a compiled kernel's code, in ranges of any size: from each, a wave that follows the instructions leaves through an exit and never
 * through anything else. Ways are chosen by a generator with a fixed start. */
START_TEST(walks_end_at_exits)
{
	enum { WORDS = 96, WALKS = 300, STEPS = 400 };
	uint32_t words[WORDS], seed = 12345u + (uint32_t)_i;
	for (int i = 0; i < WORDS; i++) {
		seed = seed * 1664525u + 1013904223u;
		unsigned pick = seed >> 24;
		int distance = (int)(seed >> 16 & 0x3f) - 32;
		words[i] = pick < 150 ? (uint32_t)NOP : pick < 170 ? BRANCH(distance) : pick < 215 ? IF_SCC0(distance) : pick < 225 ? EXECZ(distance) :
			pick < 232 ? SWAPPC : pick < 238 ? CALL(distance) : pick < 242 ? (uint32_t)BARRIER : pick < 245 ? SETPC : (uint32_t)SLEEP;
	}
	uint8_t *code = bytes_of(words, WORDS);
	for (int walk = 0; walk < WALKS; walk++) {
		seed = seed * 1664525u + 1013904223u;
		int from = (int)(seed >> 8 & 0x3f), size = 1 + (int)(seed >> 20 & 0x1f), at = from + (int)(seed >> 16 & 0xf) % size;
		struct range_exits out;
		uint64_t start = 4 * (uint64_t)from;
		struct gfx_insn insn;
		ck_assert_int_eq(gfx_insn_decode(family(), code + 4 * at, 4, &insn), GFX_OK);
		if (range_must_step(insn.class))
			continue;
		ck_assert_int_eq(range_exits(family(), code + start, start, 4 * (size_t)size, 4 * (uint64_t)at, &out), GFX_OK);
		bool stopped = false;
		for (int step = 0; step < STEPS && !stopped; step++) {
			gfx_insn_decode(family(), code + 4 * at, 4, &insn);
			bool jumps = insn.class == GFX_INSN_BRANCH || insn.class == GFX_INSN_CALL;
			seed = seed * 1664525u + 1013904223u;
			if (insn.class == GFX_INSN_COND_BRANCH)
				jumps = seed >> 31;
			at += 1 + (jumps ? insn.simm16 : 0);
			for (size_t k = 0; k < out.n; k++)
				stopped |= out.at[k] == 4 * (uint64_t)(int64_t)at;
			bool inside = at >= from && at < from + size;
			if (inside)
				gfx_insn_decode(family(), code + 4 * at, 4, &insn);
			ck_assert_msg(stopped || inside, "walk %d left its range at word %d unseen", walk, at);
			ck_assert_msg(stopped || !range_must_step(insn.class), "walk %d ran over word %d", walk, at);
		}
	}
	free(code);
}
END_TEST

START_TEST(refused)
{
	static const uint32_t overlap[] = { IF_SCC0(1), MOV_LITERAL, (uint32_t)NOP, (uint32_t)NOP };
	static const uint32_t into_literal[] = { MOV_LITERAL, (uint32_t)NOP, BRANCH(-2) };
	struct range_exits out;
	uint8_t *code = bytes_of(overlap, TAP_COUNT(overlap));
	ck_assert_int_eq(range_exits(family(), code, 0, sizeof overlap, 0, &out), GFX_UNSUPPORTED);
	ck_assert_int_eq(range_exits(family(), code, 0, sizeof overlap, sizeof overlap, &out), GFX_RANGE);
	ck_assert_int_eq(range_exits(family(), code, 0x100, sizeof overlap, 0xfc, &out), GFX_RANGE);
	ck_assert_int_eq(range_exits(family(), code, 0, sizeof overlap, 2, &out), GFX_RANGE);
	free(code);
	code = bytes_of(into_literal, TAP_COUNT(into_literal));
	ck_assert_int_eq(range_exits(family(), code, 0, sizeof into_literal, 0, &out), GFX_UNSUPPORTED);
	free(code);
}
END_TEST

START_TEST(many_exits)
{
	enum { WORDS = RANGE_MAX_EXITS + 8 };
	uint32_t *words = calloc(WORDS, sizeof *words);
	struct range_exits out;
	ck_assert_ptr_nonnull(words);
	for (int i = 0; i < WORDS; i++)
		words[i] = IF_SCC0(1000 + i);
	uint8_t *code = bytes_of(words, WORDS);
	ck_assert_int_eq(range_exits(family(), code, 0, 4 * (RANGE_MAX_EXITS - 1), 0, &out), GFX_OK);
	ck_assert_int_eq((int)out.n, RANGE_MAX_EXITS);
	ck_assert_int_eq(range_exits(family(), code, 0, 4 * (size_t)WORDS, 0, &out), GFX_UNSUPPORTED);
	free(code);
	free(words);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_EACH(exits, ranges), TAP_TIMES(walks_end_at_exits, 20), TAP_ONE(refused), TAP_ONE(many_exits),
	};
	return TAP_RUN("range", tests, NULL, NULL);
}
