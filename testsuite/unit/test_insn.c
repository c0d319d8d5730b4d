/* Instructions: lengths and classes of a stored list, what is refused, control flow carried out on a saved wave (wave-state 4.6 to 4.9). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/unit/area_builder.h"
#include "testsuite/unit/tap.h"

static const struct {
	uint32_t word[2];
	unsigned length;
	int class;
} known[] = {
#include "testsuite/data/insns/gfx942.inc"
};

static const struct gfx_family *family(void)
{
	return gfx_family_by_name("gfx942");
}

static int decode(uint32_t word, uint32_t second, size_t n, struct gfx_insn *insn)
{
	/* Just n bytes: reading more is seen under the sanitizers. */
	uint8_t both[8], *bytes = malloc(n + !n);
	put32(both, word);
	put32(both + 4, second);
	memcpy(bytes, both, n);
	int status = gfx_insn_decode(family(), bytes, n, insn);
	free(bytes);
	return status;
}

START_TEST(stored_list)
{
	/* In slices, so that a failure names its neighbourhood. */
	int from = _i * TAP_COUNT(known) / 16, to = (_i + 1) * TAP_COUNT(known) / 16;
	for (int i = from; i < to; i++) {
		struct gfx_insn insn;
		ck_assert_int_eq(decode(known[i].word[0], known[i].word[1], 8, &insn), GFX_OK);
		ck_assert_msg(insn.length == known[i].length && (int)insn.class == known[i].class, "%08" PRIx32 " %08" PRIx32
			": length %u class %d, not %u %d", known[i].word[0], known[i].word[1], insn.length, (int)insn.class, known[i].length,
			known[i].class);
		ck_assert_uint_eq(insn.word, known[i].word[0]);
		/* With less than its length it is truncated; with just its length it is not. */
		ck_assert_int_eq(decode(known[i].word[0], known[i].word[1], insn.length, &insn), GFX_OK);
		ck_assert_int_eq(decode(known[i].word[0], known[i].word[1], insn.length - 1u, &insn), GFX_RANGE);
	}
}
END_TEST

START_TEST(stored_list_is_large)
{
	bool classes[GFX_INSN_UNKNOWN + 1] = { false };
	ck_assert_int_ge(TAP_COUNT(known), 400);
	for (int i = 0; i < TAP_COUNT(known); i++)
		classes[known[i].class] = true;
	for (int c = GFX_INSN_SEQUENTIAL; c < GFX_INSN_UNKNOWN; c++)
		ck_assert_msg(classes[c], "no instruction of class %d", c);
}
END_TEST

/* ------------------------------------------------------------------ single words */

static const struct {
	const char *text;
	uint32_t word, second;
	unsigned length;
	enum gfx_insn_class class;
	int32_t simm16;
} words[] = {
	{ "s_nop 0", 0xBF800000, 0, 4, GFX_INSN_SEQUENTIAL, 0 },
	{ "s_endpgm", 0xBF810000, 0, 4, GFX_INSN_ENDPGM, 0 },
	{ "s_endpgm_saved", 0xBF9B0000, 0, 4, GFX_INSN_ENDPGM, 0 },
	{ "s_branch -1", 0xBF82FFFF, 0, 4, GFX_INSN_BRANCH, -1 },
	{ "s_trap 1", 0xBF920001, 0, 4, GFX_INSN_TRAP, 1 },
	{ "s_sethalt 1", 0xBF8D0001, 0, 4, GFX_INSN_SETHALT, 1 },
	{ "s_sleep 1", 0xBF8E0001, 0, 4, GFX_INSN_SLEEP, 1 },
	{ "s_sendmsg 1", 0xBF900001, 0, 4, GFX_INSN_SENDMSG, 1 },
	{ "s_barrier", 0xBF8A0000, 0, 4, GFX_INSN_BARRIER, 0 },
	{ "s_icache_inv", 0xBF930000, 0, 4, GFX_INSN_SEQUENTIAL, 0 },
	{ "s_mov_b32 s0, literal", 0xBE8000FF, 0x12345678, 8, GFX_INSN_SEQUENTIAL, 0 },
	{ "v_mov_b32 v0, literal", 0x7E0002FF, 0x12345678, 8, GFX_INSN_SEQUENTIAL, 0 },
	{ "s_call_b64 s[30:31], 2", 0xBA9E0002, 0, 4, GFX_INSN_CALL, 2 },
	{ "s_rfe_b64 s[0:1]", 0xBE801F00, 0, 4, GFX_INSN_UNKNOWN, 0 },
	{ "a SOPP opcode that does not exist", 0xBFFF0000, 0, 4, GFX_INSN_UNKNOWN, 0 },
	{ "a VOP3 opcode that does not exist", 0xD3FF0000 & ~UINT32_C(0x00800000), 0, 8, GFX_INSN_UNKNOWN, 0 },
	{ "FLAT of no segment", 0xDC50C000, 0, 8, GFX_INSN_UNKNOWN, 0 },
	{ "interpolation", 0xD4000000, 0, 8, GFX_INSN_UNKNOWN, 0 },
	{ "export", 0xC4000000, 0, 8, GFX_INSN_UNKNOWN, 0 },
	{ "all ones", 0xFFFFFFFF, 0xFFFFFFFF, 8, GFX_INSN_UNKNOWN, 0 },
};

START_TEST(single_words)
{
	struct gfx_insn insn;
	ck_assert_int_eq(decode(words[_i].word, words[_i].second, 8, &insn), GFX_OK);
	ck_assert_msg(insn.length == words[_i].length && insn.class == words[_i].class && insn.simm16 == words[_i].simm16,
		"%s: length %u class %d immediate %d", words[_i].text, insn.length, (int)insn.class, insn.simm16);
}
END_TEST

START_TEST(constants)
{
	struct gfx_insn insn;
	const struct gfx_family *f = family();
	const struct {
		uint32_t word;
		enum gfx_insn_class class;
	} of_family[] = {
		{ f->trap_insn + 1, GFX_INSN_TRAP }, { f->endpgm_insn, GFX_INSN_ENDPGM }, { f->nop_insn, GFX_INSN_SEQUENTIAL },
		{ f->branch_insn, GFX_INSN_BRANCH },
	};
	for (size_t i = 0; i < sizeof of_family / sizeof of_family[0]; i++) {
		ck_assert_int_eq(decode(of_family[i].word, 0, 4, &insn), GFX_OK);
		ck_assert_int_eq(insn.class, of_family[i].class);
	}
	ck_assert_uint_eq(f->max_insn_bytes, 8);
}
END_TEST

START_TEST(truncated)
{
	struct gfx_insn insn = { .length = 99 };
	for (size_t n = 0; n < 4; n++)
		ck_assert_int_eq(decode(0xBF800000, 0, n, &insn), GFX_RANGE);
	for (size_t n = 0; n < 8; n++)
		ck_assert_int_eq(decode(0xBE8000FF, 0, n, &insn), GFX_RANGE);
	ck_assert_uint_eq(insn.length, 99);
}
END_TEST

/* ------------------------------------------------------------------ simulation */

static struct built_area a;
static struct gfx_wave w;
static const uint64_t PC = UINT64_C(0x7F0000001000), S30 = UINT64_C(0x7F0000005550), S4 = UINT64_C(0x7FAA00006660);

static uint8_t *sgpr(unsigned n)
{
	return a.bytes + w.rec.sgpr + 4 * n;
}

static void put64(uint8_t *p, uint64_t v)
{
	put32(p, (uint32_t)v);
	put32(p + 4, (uint32_t)(v >> 32));
}

static void setup(void)
{
	area_one_wave(&a, &w, 7);
	gfx_wave_set_pc(&w, PC);
	put64(sgpr(30), S30);
	put64(sgpr(4), S4);
	gfx_wave_stop(&w);
}

static void teardown(void)
{
	area_free(&a);
}

static int simulate(uint32_t word)
{
	struct gfx_insn insn;
	ck_assert_int_eq(decode(word, 0, 8, &insn), GFX_OK);
	return gfx_insn_simulate(&w, &insn);
}

/* SCC 0, EXECZ 9, VCCZ 10, COND_DBG_USER 20, COND_DBG_SYS 21 */
#define USER (1u << 20)
#define SYS (1u << 21)

static const struct {
	uint32_t op, status;
	bool taken;
} branches[] = {
	{ 2, 0, true },
	{ 4, 0, true }, { 4, 1, false }, { 5, 0, false }, { 5, 1, true },
	{ 6, 0, false }, { 6, 1 << 10, true }, { 7, 0, true }, { 7, 1 << 10, false },
	{ 8, 0, false }, { 8, 1 << 9, true }, { 9, 0, true }, { 9, 1 << 9, false },
	{ 23, 0, false }, { 23, USER, false }, { 23, SYS, true },
	{ 24, 0, false }, { 24, USER, true }, { 24, SYS, false },
	{ 25, 0, false }, { 25, USER, true }, { 25, SYS, true },
	{ 26, USER, false }, { 26, SYS, false }, { 26, USER | SYS, true },
};

START_TEST(branch)
{
	uint8_t *status = a.bytes + w.rec.hwreg + 20;
	put32(status, get32(status) | branches[_i].status);
	uint32_t word = 0xBF800000 | branches[_i].op << 16;
	ck_assert_int_eq(simulate(word | 0x0010), GFX_OK);
	ck_assert_uint_eq(gfx_wave_pc(&w), branches[_i].taken ? PC + 4 + 0x40 : PC + 4);
	gfx_wave_set_pc(&w, PC);
	ck_assert_int_eq(simulate(word | 0x8000), GFX_OK);
	ck_assert_uint_eq(gfx_wave_pc(&w), branches[_i].taken ? PC + 4 - 0x20000 : PC + 4);
	/* Nothing else changed. */
	ck_assert_uint_eq(get32(status), 0x00042000 | branches[_i].status);
}
END_TEST

START_TEST(jump_to_self)
{
	ck_assert_int_eq(simulate(0xBF82FFFF), GFX_OK);
	ck_assert_uint_eq(gfx_wave_pc(&w), PC);
}
END_TEST

static const struct {
	const char *text;
	uint32_t word;
	uint64_t pc;
	unsigned link; /* SGPR pair that gets PC + 4; 0: none */
} jumps[] = {
	{ "s_getpc_b64 s[10:11]", 0xBE8A1C00, UINT64_C(0x7F0000001004), 10 },
	{ "s_setpc_b64 s[30:31]", 0xBE801D1E, UINT64_C(0x7F0000005550), 0 },
	{ "s_swappc_b64 s[10:11], s[4:5]", 0xBE8A1E04, UINT64_C(0x7FAA00006660), 10 },
	{ "s_swappc_b64 s[30:31], s[30:31]", 0xBE9E1E1E, UINT64_C(0x7F0000005550), 30 },
	{ "s_call_b64 s[30:31], 0x100", 0xBA9E0100, UINT64_C(0x7F0000001404), 30 },
	{ "s_call_b64 s[100:101], -1", 0xBAE4FFFF, UINT64_C(0x7F0000001000), 100 },
	{ "s_getpc_b64 vcc", 0xBEEA1C00, UINT64_C(0x7F0000001004), 106 },
	{ "s_swappc_b64 flat_scratch, s[4:5]", 0xBEE61E04, UINT64_C(0x7FAA00006660), 102 },
};

START_TEST(jump)
{
	ck_assert_msg(simulate(jumps[_i].word) == GFX_OK, "%s", jumps[_i].text);
	ck_assert_msg(gfx_wave_pc(&w) == jumps[_i].pc, "%s: PC 0x%" PRIx64, jumps[_i].text, gfx_wave_pc(&w));
	if (jumps[_i].link)
		ck_assert_msg(get64(sgpr(jumps[_i].link)) == PC + 4, "%s: link 0x%" PRIx64, jumps[_i].text, get64(sgpr(jumps[_i].link)));
}
END_TEST

static const struct {
	const char *text;
	uint32_t word;
} refused[] = {
	{ "s_nop", 0xBF800000 },
	{ "s_endpgm", 0xBF810000 },
	{ "s_trap", 0xBF920001 },
	{ "s_barrier", 0xBF8A0000 },
	{ "s_cbranch_join s0", 0xBE802E00 },
	{ "s_cbranch_i_fork", 0xB8040001 },
	{ "s_setpc_b64 of a literal", 0xBE801DFF },
	{ "s_setpc_b64 0", 0xBE801D80 },
	{ "s_setpc_b64 ttmp[0:1]", 0xBE801D6C },
	{ "s_setpc_b64 of an odd pair", 0xBE801D05 },
	{ "s_getpc_b64 ttmp[0:1]", 0xBEEC1C00 },
	{ "s_swappc_b64 ttmp[0:1], s[4:5]", 0xBEEC1E04 },
	{ "s_call_b64 of an odd pair", 0xBA850001 },
};

START_TEST(not_simulated)
{
	uint8_t before[8];
	memcpy(before, sgpr(4), 8);
	ck_assert_msg(simulate(refused[_i].word) == GFX_UNSUPPORTED, "%s", refused[_i].text);
	ck_assert_uint_eq(gfx_wave_pc(&w), PC);
	ck_assert_mem_eq(before, sgpr(4), 8);
}
END_TEST

START_TEST(halted_by_the_program)
{
	gfx_wave_set_program_halt(&w, true);
	ck_assert_int_eq(simulate(0xBF820010), GFX_UNSUPPORTED);
	ck_assert_uint_eq(gfx_wave_pc(&w), PC);
}
END_TEST

START_TEST(unallocated_pair)
{
	/* With 16 slots the pair s[30:31] is not there. */
	area_free(&a);
	area_one_wave(&a, &w, 1);
	gfx_wave_set_pc(&w, PC);
	gfx_wave_stop(&w);
	ck_assert_int_eq(simulate(0xBE801D1E), GFX_UNSUPPORTED);
	ck_assert_int_eq(simulate(0xBA9E0100), GFX_UNSUPPORTED);
	ck_assert_uint_eq(gfx_wave_pc(&w), PC);
	/* Code 106 is VCC wherever its slots are: 14 and 15. */
	ck_assert_int_eq(simulate(0xBEEA1C00), GFX_OK);
	ck_assert_uint_eq(get64(sgpr(14)), PC + 4);
}
END_TEST

START_TEST(vccz_follows_a_link)
{
	uint8_t *status = a.bytes + w.rec.hwreg + 20;
	put32(status, get32(status) | 1 << 10);
	ck_assert_int_eq(simulate(0xBEEA1C00), GFX_OK);
	ck_assert_uint_eq(get32(status) >> 10 & 1, 0);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		{ "stored list, a sixteenth", stored_list, 16 },
		{ "stored list has all classes", stored_list_is_large, 1 },
		{ "single words", single_words, TAP_COUNT(words) },
		{ "constants of the family", constants, 1 },
		{ "truncated", truncated, 1 },
		{ "branch", branch, TAP_COUNT(branches) },
		{ "jump to self", jump_to_self, 1 },
		{ "jump, call, link", jump, TAP_COUNT(jumps) },
		{ "not simulated", not_simulated, TAP_COUNT(refused) },
		{ "not simulated: halted by the program", halted_by_the_program, 1 },
		{ "pairs that are not allocated", unallocated_pair, 1 },
		{ "VCCZ follows a link in VCC", vccz_follows_a_link, 1 },
	};
	return TAP_RUN("instructions", tests, setup, teardown);
}
