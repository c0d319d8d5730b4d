/* Values followed through machine code: single instructions, every instruction of compiled functions, damaged code, and what goes with it in
 * served files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/unwind/code.h"
#include "src/unwind/table.h"
#include "testsuite/unit/sample.h"
#include "testsuite/unit/tap.h"

static const struct gfx_family *family(void)
{
	const struct gfx_family *f = gfx_family_by_name("gfx942");
	ck_assert_ptr_nonnull(f);
	return f;
}

/* ------------------------------------------------------------------ effects; words as LLVM's assembler writes them */

static const struct {
	const char *text;
	uint32_t word[2];
	enum gfx_effect_kind kind;
	unsigned a, scalar, n_scalars, vector, n_vectors;
	int32_t value;
} effects[] = {
	{ "s_mov_b32 s33, s32", { 0xBEA10020, 0 }, GFX_EFFECT_COPY, 32, 33, 1, 0, 0, 0 },
	{ "s_mov_b64 exec, -1", { 0xBEFE01C1, 0 }, GFX_EFFECT_COPY, 193, 126, 2, 0, 0, -1 },
	{ "s_add_i32 s32, s32, 48", { 0x8120B020, 0 }, GFX_EFFECT_ADD, 32, 32, 1, 0, 0, 48 },
	{ "s_add_i32 s32, s32, -16", { 0x8120D020, 0 }, GFX_EFFECT_ADD, 32, 32, 1, 0, 0, -16 },
	{ "s_xor_saveexec_b64 s[2:3], -1", { 0xBE8222C1, 0 }, GFX_EFFECT_SAVE_EXEC, 193, 2, 2, 0, 0, -1 },
	{ "s_or_b64 exec, exec, s[34:35]", { 0x87FE227E, 0 }, GFX_EFFECT_LOGIC, 126, 126, 2, 0, 0, 0 },
	{ "v_writelane_b32 v40, s30, 0", { 0xD28A0028, 0x0001001E }, GFX_EFFECT_WRITE_LANE, 30, 0, 0, 40, 0, 0 },
	{ "v_writelane_b32 v1, s31, 1", { 0xD28A0001, 0x0001021F }, GFX_EFFECT_WRITE_LANE, 31, 0, 0, 1, 0, 1 },
	{ "v_readlane_b32 s31, v1, 1", { 0xD289001F, 0x00010301 }, GFX_EFFECT_READ_LANE, 257, 31, 1, 1, 0, 1 },
	{ "scratch_store_dword off, v40, s33 offset:8", { 0xDC704008, 0x00212800 }, GFX_EFFECT_STORE, 33, 0, 0, 40, 1, 8 },
	{ "scratch_load_dword v1, off, s33", { 0xDC504000, 0x01210000 }, GFX_EFFECT_LOAD, 33, 0, 0, 1, 1, 0 },
	{ "v_mov_b32_e32 v40, v0", { 0x7E500300, 0 }, GFX_EFFECT_MOVE, 0, 0, 0, 40, 1, 0 },
	{ "v_cmp_gt_u32_e64 s[0:1], v1, s0", { 0xD0CC0000, 0x00000101 }, GFX_EFFECT_OTHER, 0, 0, 2, 0, 0, 0 },
	{ "v_lshl_add_u64 v[4:5], v[0:1], 0, v[4:5]", { 0xD2080004, 0x04110100 }, GFX_EFFECT_OTHER, 0, 0, 0, 4, 2, 0 },
	{ "flat_load_dwordx2 v[4:5], v[0:1]", { 0xDC540000, 0x04000000 }, GFX_EFFECT_OTHER, 0, 0, 0, 4, 2, 0 },
	{ "s_getpc_b64 s[0:1]", { 0xBE801C00, 0 }, GFX_EFFECT_OTHER, 0, 0, 2, 0, 0, 0 },
	{ "s_nop 0", { 0xBF800000, 0 }, GFX_EFFECT_OTHER, 0, 0, 0, 0, 0, 0 },
};

START_TEST(effect)
{
	struct gfx_effect e;
	ck_assert_int_eq(gfx_insn_effect(family(), effects[_i].word, 8, &e), GFX_OK);
	ck_assert_msg(e.kind == effects[_i].kind && e.scalars[0].n == effects[_i].n_scalars && e.n_vectors == effects[_i].n_vectors,
		"%s: kind %d, %u scalars, %u vectors", effects[_i].text, (int)e.kind, e.scalars[0].n, e.n_vectors);
	if (effects[_i].n_scalars)
		ck_assert_uint_eq(e.scalars[0].first, effects[_i].scalar);
	if (effects[_i].n_vectors || effects[_i].kind == GFX_EFFECT_WRITE_LANE || effects[_i].kind == GFX_EFFECT_READ_LANE)
		ck_assert_uint_eq(e.vector, effects[_i].vector);
	if (effects[_i].kind != GFX_EFFECT_OTHER && effects[_i].kind != GFX_EFFECT_MOVE) {
		ck_assert_uint_eq(e.a, effects[_i].a);
		ck_assert_int_eq(e.value, effects[_i].value);
	}
}
END_TEST

/* ------------------------------------------------------------------ uses: registers by operand codes, vector ones from 256 on */

static const struct {
	const char *text;
	uint32_t word[2];
	uint16_t whole[4];
	unsigned n_whole;
	uint16_t through[4];
	unsigned n_through, to;
	bool exact, item;
} uses[] = {
	{ "v_cvt_f32_i32_e32 v3, v7", { 0x7E060B07, 0 }, { 263 }, 1, { 0 }, 0, 0, false, false },
	{ "v_cmp_gt_u32_e32 vcc, s4, v9", { 0x7D981204, 0 }, { 4, 265 }, 2, { 0 }, 0, 0, false, false },
	{ "v_cmp_eq_u32_e32 vcc, 5, v9", { 0x7D941285, 0 }, { 265 }, 1, { 0 }, 0, 0, false, false },
	{ "v_cmp_gt_i32_e32 vcc, 0, v9", { 0x7D881280, 0 }, { 0 }, 0, { 0 }, 0, 0, false, false },
	{ "v_cmp_lt_i64_e64 s[0:1], v[2:3], v[4:5]", { 0xD0E10000, 0x00020902 }, { 258, 259, 260, 261 }, 4, { 0 }, 0, 0, false, false },
	{ "v_add_u32_e32 v1, v2, v3", { 0x68020702, 0 }, { 0 }, 0, { 258, 259 }, 2, 257, false, false },
	{ "v_and_b32_e32 v1, v2, v3", { 0x26020702, 0 }, { 0 }, 0, { 0 }, 0, 0, false, false },
	{ "v_mul_hi_u32 v1, v2, s3", { 0xD2860001, 0x00000702 }, { 258, 3 }, 2, { 0 }, 0, 0, false, false },
	{ "v_add3_u32 v1, v2, v3, v4", { 0xD1FF0001, 0x04120702 }, { 0 }, 0, { 258, 259, 260 }, 3, 257, false, false },
	{ "v_lshl_add_u32 v1, v2, 2, v4", { 0xD1FD0001, 0x04110502 }, { 0 }, 0, { 260 }, 1, 257, false, false },
	{ "global_store_dwordx2 v[0:1], v[6:7], off", { 0xDC748000, 0x007F0600 }, { 262, 263 }, 2, { 0 }, 0, 0, false, false },
	{ "ds_write_b32 v1, v2", { 0xD81A0000, 0x00000201 }, { 258 }, 1, { 0 }, 0, 0, false, false },
	{ "global_load_ubyte v2, v[0:1], off", { 0xDC408000, 0x027F0000 }, { 0 }, 0, { 0 }, 0, 0, true, false },
	{ "s_load_dwordx2 s[0:1], s[4:5], 0x0", { 0xC0060002, 0 }, { 0 }, 0, { 0 }, 0, 0, true, false },
	{ "v_cvt_u32_f32_e32 v1, v2", { 0x7E020F02, 0 }, { 0 }, 0, { 0 }, 0, 0, true, false },
	{ "v_and_b32_e32 v1, 0x3ff, v0", { 0x260200FF, 0x000003FF }, { 0 }, 0, { 0 }, 0, 0, false, true },
	{ "v_and_b32_e32 v1, 0x3fff, v0", { 0x260200FF, 0x00003FFF }, { 0 }, 0, { 0 }, 0, 0, false, false },
	{ "v_bfe_u32 v2, v0, 10, 10", { 0xD1C80002, 0x02291500 }, { 0 }, 0, { 0 }, 0, 0, false, true },
	{ "s_cmp_lg_u32 s3, 0", { 0xBF078003, 0 }, { 3 }, 1, { 0 }, 0, 0, false, false },
	{ "s_mul_i32 s1, s2, s3", { 0x92010302, 0 }, { 0 }, 0, { 2, 3 }, 2, 1, false, false },
	{ "v_mov_b32_e32 v4, v9", { 0x7E080309, 0 }, { 0 }, 0, { 265 }, 1, 260, false, false },
	{ "v_add_u32_dpp v1, v2, v3 row_shl:1 row_mask:0xf bank_mask:0xf", { 0x680206FA, 0xFF010102 }, { 0 }, 0, { 0 }, 0, 0, false, false },
};

START_TEST(use)
{
	struct gfx_use u;
	ck_assert_int_eq(gfx_insn_use(family(), uses[_i].word, 8, &u), GFX_OK);
	ck_assert_msg(u.n_whole == uses[_i].n_whole && u.n_through == uses[_i].n_through && u.exact == uses[_i].exact && u.item == uses[_i].item,
		"%s: %u whole, %u through, %d, %d", uses[_i].text, u.n_whole, u.n_through, u.exact, u.item);
	ck_assert_mem_eq(u.whole, uses[_i].whole, u.n_whole * sizeof *u.whole);
	ck_assert_mem_eq(u.through, uses[_i].through, u.n_through * sizeof *u.through);
	if (u.n_through)
		ck_assert_uint_eq(u.to, uses[_i].to);
}
END_TEST

static const struct {
	const char *text;
	uint32_t word[2];
	uint16_t part[4];
	unsigned n_part;
	bool copy;
} parts[] = {
	{ "v_and_b32_e32 v1, 1, v40", { 0x26025081, 0 }, { 296 }, 1, false },
	{ "v_or_b32_e32 v1, v2, v3", { 0x28020702, 0 }, { 258, 259 }, 2, false },
	{ "v_xor_b32_e32 v1, v2, v3", { 0x2A020702, 0 }, { 0 }, 0, false },
	{ "v_lshrrev_b32_e32 v1, 3, v9", { 0x20021283, 0 }, { 265 }, 1, false },
	{ "v_lshlrev_b32_e32 v1, 2, v9", { 0x24021282, 0 }, { 0 }, 0, false },
	{ "v_lshlrev_b32_e32 v1, 5, v9", { 0x24021285, 0 }, { 265 }, 1, false },
	{ "v_ashrrev_i32_e32 v1, 31, v0", { 0x2202009F, 0 }, { 0 }, 0, false },
	{ "v_ashrrev_i32_e32 v3, 31, v0", { 0x2206009F, 0 }, { 256 }, 1, false },
	{ "v_cmp_gt_i32_e32 vcc, 0, v9", { 0x7D881280, 0 }, { 265 }, 1, false },
	{ "v_cmp_gt_i32_e32 vcc, 5, v9", { 0x7D881285, 0 }, { 0 }, 0, false },
	{ "v_bfe_u32 v2, v0, 10, 10", { 0xD1C80002, 0x02291500 }, { 256 }, 1, false },
	{ "v_lshrrev_b64 v[0:1], 3, v[4:5]", { 0xD2900000, 0x00020883 }, { 260, 261 }, 2, false },
	{ "v_and_or_b32 v1, v2, v3, v4", { 0xD2010001, 0x04120702 }, { 258, 259, 260 }, 3, false },
	{ "global_store_byte v[0:1], v6, off", { 0xDC608000, 0x007F0600 }, { 262 }, 1, false },
	{ "ds_write_b16 v1, v2", { 0xD83E0000, 0x00000201 }, { 258 }, 1, false },
	{ "s_and_b32 s1, s2, 7", { 0x86018702, 0 }, { 2 }, 1, false },
	{ "s_lshr_b32 s1, s2, s3", { 0x8F010302, 0 }, { 3, 2 }, 2, false },
	{ "s_bitcmp1_b32 s2, 0", { 0xBF0D8002, 0 }, { 2 }, 1, false },
	{ "s_cmp_lt_i32 s2, 0", { 0xBF048002, 0 }, { 2 }, 1, false },
	{ "s_add_i32 s1, s2, s3", { 0x81010302, 0 }, { 0 }, 0, false },
	{ "v_mov_b32_e32 v4, v9", { 0x7E080309, 0 }, { 0 }, 0, true },
	{ "s_mov_b32 s4, s9", { 0xBE840009, 0 }, { 0 }, 0, true },
};

START_TEST(used_in_part)
{
	struct gfx_use u;
	ck_assert_int_eq(gfx_insn_use(family(), parts[_i].word, 8, &u), GFX_OK);
	ck_assert_msg(u.n_part == parts[_i].n_part && u.copy == parts[_i].copy, "%s: %u in part, %d", parts[_i].text, u.n_part, u.copy);
	ck_assert_mem_eq(u.part, parts[_i].part, u.n_part * sizeof *u.part);
}
END_TEST

/* One state of a function that nobody else knows. */
static int code_state(const uint8_t *code, size_t n, size_t at, bool after_call, const struct unwind_callees *callees, struct unwind_state *out,
	struct dbg_error *err)
{
	struct unwind_code *u;
	int status = unwind_code_open(family(), code, n, callees, &u, err);
	if (status < 0)
		return status;
	status = unwind_code_state(u, at, after_call, callees, out, err);
	unwind_code_close(u);
	return status;
}

/* ------------------------------------------------------------------ whole functions of the samples */

static const char *const objects[] = { "recurse.O0.co", "recurse.O1.co", "recurse.O2.co" };

/* Bytes at an address of the file: these samples' .text lies one page of addresses behind its place in the file. */
static const uint8_t *code_at(const uint8_t *image, size_t n, const struct unwind_function *f)
{
	uint64_t phoff, vaddr, offset, bytes;
	uint16_t count;
	memcpy(&phoff, image + 32, 8);
	memcpy(&count, image + 56, 2);
	for (unsigned i = 0; i < count; i++) {
		const uint8_t *ph = image + phoff + i * 56;
		memcpy(&offset, ph + 8, 8);
		memcpy(&vaddr, ph + 16, 8);
		memcpy(&bytes, ph + 32, 8);
		if (ph[0] == 1 && f->low >= vaddr && f->high <= vaddr + bytes && offset + bytes <= n)
			return image + offset + (f->low - vaddr);
	}
	ck_abort_msg("the function lies in no segment");
	return NULL;
}

static bool has_home(const struct unwind_state *s, enum unwind_kind kind, int32_t n)
{
	for (int i = 0; i < UNWIND_SCALARS; i++)
		if (s->scalars[i].kind == kind && (kind == UNWIND_STACK || s->scalars[i].n == n))
			return true;
	for (int i = 0; i < s->n_lanes; i++)
		if (s->lanes[i].value.kind == kind && s->lanes[i].value.n == n)
			return true;
	return false;
}

/* Wherever a wave may stand in a function, its way back is known: prologue, body, behind calls, epilogue, the return itself. */
START_TEST(every_instruction)
{
	struct unwind_state *s = malloc(sizeof *s);
	struct unwind_function *table;
	struct dbg_error err;
	size_t n, n_table, checked = 0, functions = 0, after = 0;
	uint8_t *image = sample_load(objects[_i], &n);
	unwind_table_read(image, n, &table, &n_table);
	for (size_t k = 0; k < n_table; k++) {
		const struct unwind_function *f = &table[k];
		const uint8_t *code = code_at(image, n, f);
		struct gfx_insn insn;
		functions += !f->kernel;
		for (size_t at = 0; !f->kernel && at < f->high - f->low; at += insn.length) {
			ck_assert_int_eq(gfx_insn_decode(family(), code + at, f->high - f->low - at, &insn), GFX_OK);
			ck_assert_msg(code_state( code, f->high - f->low, at, false, NULL, s, &err) == 0, "0x%zx: %s", at, err.text);
			ck_assert_msg(has_home(s, UNWIND_ENTRY, 30) && has_home(s, UNWIND_ENTRY, 31), "return address at +0x%zx of function %zu", at, k);
			ck_assert_msg(has_home(s, UNWIND_STACK, 0), "stack pointer at +0x%zx", at);
			ck_assert_msg(has_home(s, UNWIND_ENTRY, 33), "frame pointer at +0x%zx", at);
			if (insn.class == GFX_INSN_SETPC) { /* the registers themselves have it again */
				ck_assert_int_eq(s->scalars[30].kind, UNWIND_ENTRY);
				ck_assert_int_eq(s->scalars[32].n, 0);
				ck_assert_int_eq(s->scalars[33].n, 33);
				ck_assert_int_ne(s->vectors[40].lanes, UNWIND_NO_LANES);
				ck_assert_int_eq(s->vectors[40].origin, 40);
			}
			bool call = insn.class == GFX_INSN_SWAPPC;
			ck_assert_int_eq(code_state( code, f->high - f->low, at + insn.length, true, NULL, s, &err), call ? 0 : -DBG_REFUSED);
			after += call;
			checked++;
		}
	}
	ck_assert_uint_eq(functions, 3);
	ck_assert_uint_gt(checked, 150);
	ck_assert_uint_ge(after, 3);
	free(table);
	free(image);
	free(s);
}
END_TEST

START_TEST(kernels_are_told)
{
	struct unwind_function *table;
	size_t n, n_table, kernels = 0;
	uint8_t *image = sample_load("recurse.O0.co", &n);
	unwind_table_read(image, n, &table, &n_table);
	for (size_t k = 0; k < n_table; k++) {
		kernels += table[k].kernel;
		ck_assert_ptr_eq(unwind_table_at(table, n_table, table[k].low), &table[k]);
		ck_assert_ptr_eq(unwind_table_at(table, n_table, table[k].high - 1), &table[k]);
	}
	ck_assert_uint_eq(kernels, 1);
	ck_assert_ptr_null(unwind_table_at(table, n_table, 0));
	ck_assert_ptr_null(unwind_table_at(table, n_table, UINT64_MAX));
	free(table);
	for (size_t cut = 0; cut < n; cut += 37) { /* truncated: fewer or none, never a crash */
		uint8_t *part = malloc(cut ? cut : 1);
		memcpy(part, image, cut);
		unwind_table_read(part, cut, &table, &n_table);
		free(table);
		free(part);
	}
	free(image);
}
END_TEST

/* A function that destroys its return address has no caller that could be told. */
START_TEST(lost_return_address)
{
	static const uint32_t code[] = { 0xBE9E0180 /* s_mov_b64 s[30:31], 0 */, 0xBF800000, 0xBE801D1E };
	struct unwind_state *s = malloc(sizeof *s);
	struct dbg_error err;
	ck_assert_int_eq(code_state( (const uint8_t *)code, sizeof code, 0, false, NULL, s, &err), 0);
	ck_assert(has_home(s, UNWIND_ENTRY, 30));
	ck_assert_int_eq(code_state( (const uint8_t *)code, sizeof code, 4, false, NULL, s, &err), 0);
	ck_assert(!has_home(s, UNWIND_ENTRY, 30) && !has_home(s, UNWIND_ENTRY, 31));
	free(s);
}
END_TEST

/* Two paths that put it to different places: unknown where they meet. A place that nothing leads to: refused. */
START_TEST(paths_meet)
{
	static const uint32_t code[] = {
		0xBF840002, /* s_cbranch_scc0 +2 */
		0xBE84001E, /* s_mov_b32 s4, s30 */
		0xBF820001, /* s_branch +1 */
		0xBE85001E, /* s_mov_b32 s5, s30 */
		0xBE9E0080, /* s_mov_b32 s30, 0: the paths meet here */
		0xBF800000, 0xBF810000, 0xBF800000,
	};
	struct unwind_state *s = malloc(sizeof *s);
	struct dbg_error err;
	ck_assert_int_eq(code_state( (const uint8_t *)code, sizeof code, 16, false, NULL, s, &err), 0);
	ck_assert(has_home(s, UNWIND_ENTRY, 30));
	ck_assert_int_eq(code_state( (const uint8_t *)code, sizeof code, 20, false, NULL, s, &err), 0);
	ck_assert(!has_home(s, UNWIND_ENTRY, 30));
	ck_assert_int_eq(code_state( (const uint8_t *)code, sizeof code, 28, false, NULL, s, &err), -DBG_REFUSED);
	ck_assert_int_eq(code_state( (const uint8_t *)code, sizeof code, 2, false, NULL, s, &err), -DBG_REFUSED);
	ck_assert_int_eq(code_state( (const uint8_t *)code, sizeof code, 64, false, NULL, s, &err), -DBG_REFUSED);
	free(s);
}
END_TEST

START_TEST(random_code)
{
	struct unwind_state *s = malloc(sizeof *s);
	struct dbg_error err;
	uint32_t seed = 12345, code[64];
	for (int round = 0; round < 2000; round++) {
		for (int i = 0; i < TAP_COUNT(code); i++)
			code[i] = seed = seed * 1664525 + 1013904223;
		int status = code_state( (const uint8_t *)code, sizeof code, (size_t)(round % 64) * 4, round & 64, NULL, s, &err);
		ck_assert(status == 0 || status == -DBG_REFUSED);
	}
	free(s);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		{ "effects", effect, TAP_COUNT(effects) },
		{ "uses", use, TAP_COUNT(uses) },
		{ "used_in_part", used_in_part, TAP_COUNT(parts) },
		{ "every instruction of the samples' functions", every_instruction, TAP_COUNT(objects) },
		{ "kernels are told from functions", kernels_are_told, 1 },
		{ "a lost return address", lost_return_address, 1 },
		{ "paths that meet", paths_meet, 1 },
		{ "random code", random_code, 1 },
	};
	return TAP_RUN("unwinding", tests, NULL, NULL);
}
