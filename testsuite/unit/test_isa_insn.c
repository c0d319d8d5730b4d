/* Instructions one by one against values worked out independently of the engine's rows: scalar ones, arithmetic of the lanes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/unit/isa_snippet.h"
#include "testsuite/unit/tap.h"

/* ------------------------------------------------------------------ scalar */

struct scalar_case {
	const uint32_t *code;
	uint64_t a, b;       /* s[8:9], s[12:13] */
	uint32_t scc;        /* before */
	uint64_t d;          /* s[16:17] afterwards; the high half starts as 0 */
	uint32_t scc_after;
};

static void check_scalar(const struct scalar_case *c, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		struct snippet *s = snippet_new();
		snippet_set_s64(s, 8, c[k].a);
		snippet_set_s64(s, 12, c[k].b);
		s->mw.w.scc = c[k].scc;
		snippet_one(s, c[k].code);
		ck_assert_msg(snippet_s64(s, 16) == c[k].d && s->mw.w.scc == c[k].scc_after, "case %zu: %#llx, SCC %u", k,
			(unsigned long long)snippet_s64(s, 16), s->mw.w.scc);
		snippet_free(s);
	}
}
#define CHECK_SCALAR(table) check_scalar(table, sizeof(table) / sizeof *(table))

START_TEST(test_sop2)
{
	const struct scalar_case cases[] = {
		{ ASM("s_add_u32 s16, s8, s12", 0x80100c08), 0xffffffff, 1, 0, 0, 1 },
		{ ASM("s_add_u32 s16, s8, s12", 0x80100c08), 0x7fffffff, 1, 1, 0x80000000, 0 },
		{ ASM("s_add_i32 s16, s8, s12", 0x81100c08), 0x7fffffff, 1, 0, 0x80000000, 1 },
		{ ASM("s_add_i32 s16, s8, s12", 0x81100c08), 0xffffffff, 1, 1, 0, 0 },
		{ ASM("s_sub_u32 s16, s8, s12", 0x80900c08), 3, 5, 0, 0xfffffffe, 1 },
		{ ASM("s_sub_i32 s16, s8, s12", 0x81900c08), 0x80000000, 1, 0, 0x7fffffff, 1 },
		{ ASM("s_addc_u32 s16, s8, s12", 0x82100c08), 0xffffffff, 0, 1, 0, 1 },
		{ ASM("s_addc_u32 s16, s8, s12", 0x82100c08), 5, 6, 1, 12, 0 },
		{ ASM("s_subb_u32 s16, s8, s12", 0x82900c08), 0, 0xffffffff, 1, 0, 1 },
		{ ASM("s_subb_u32 s16, s8, s12", 0x82900c08), 7, 3, 1, 3, 0 },
		{ ASM("s_min_i32 s16, s8, s12", 0x83100c08), 0xfffffff0, 5, 0, 0xfffffff0, 1 },
		{ ASM("s_max_u32 s16, s8, s12", 0x84900c08), 0xfffffff0, 5, 0, 0xfffffff0, 1 },
		{ ASM("s_lshl_b32 s16, s8, s12", 0x8e100c08), 3, 31, 0, 0x80000000, 1 },
		{ ASM("s_lshl_b32 s16, s8, s12", 0x8e100c08), 3, 32, 0, 3, 1 },
		{ ASM("s_lshl_b64 s[16:17], s[8:9], s12", 0x8e900c08), 1, 63, 0, 1ull << 63, 1 },
		{ ASM("s_lshr_b64 s[16:17], s[8:9], s12", 0x8f900c08), 1ull << 63, 64, 0, 1ull << 63, 1 },
		{ ASM("s_ashr_i32 s16, s8, s12", 0x90100c08), 0x80000000, 31, 0, 0xffffffff, 1 },
		{ ASM("s_ashr_i64 s[16:17], s[8:9], s12", 0x90900c08), 0x8000000000000000, 60, 0, 0xfffffffffffffff8, 1 },
		{ ASM("s_bfm_b32 s16, s8, s12", 0x91100c08), 5, 4, 1, 0x1f0, 1 },
		{ ASM("s_bfm_b64 s[16:17], s8, s12", 0x91900c08), 40, 8, 0, 0xffffffffffull << 8, 0 },
		{ ASM("s_bfe_u32 s16, s8, s12", 0x92900c08), 0x12345678, 8 | 12 << 16, 0, 0x456, 1 },
		{ ASM("s_bfe_i32 s16, s8, s12", 0x93100c08), 0x00000f00, 8 | 4 << 16, 0, 0xffffffff, 1 },
		{ ASM("s_bfe_i32 s16, s8, s12", 0x93100c08), 0x00000f00, 8, 0, 0, 0 },
		{ ASM("s_bfe_u64 s[16:17], s[8:9], s12", 0x93900c08), 0x123456789abcdef0, 32 | 16 << 16, 0, 0x5678, 1 },
		{ ASM("s_bfe_i64 s[16:17], s[8:9], s12", 0x94100c08), 0x0000f00000000000, 40 | 8 << 16, 0, 0xfffffffffffffff0, 1 },
		{ ASM("s_absdiff_i32 s16, s8, s12", 0x95100c08), 3, 10, 0, 7, 1 },
		{ ASM("s_mul_hi_u32 s16, s8, s12", 0x96100c08), 0xffffffff, 0xffffffff, 1, 0xfffffffe, 1 },
		{ ASM("s_mul_hi_i32 s16, s8, s12", 0x96900c08), 0xffffffff, 2, 0, 0xffffffff, 0 },
		{ ASM("s_lshl3_add_u32 s16, s8, s12", 0x98100c08), 0x40000000, 9, 0, 9, 1 },
		{ ASM("s_pack_lh_b32_b16 s16, s8, s12", 0x99900c08), 0x11112222, 0x33334444, 0, 0x33332222, 0 },
		{ ASM("s_pack_hh_b32_b16 s16, s8, s12", 0x9a100c08), 0x11112222, 0x33334444, 0, 0x33331111, 0 },
		{ ASM("s_nand_b64 s[16:17], s[8:9], s[12:13]", 0x8b900c08), ~0ull, ~0ull, 1, 0, 0 },
		{ ASM("s_orn2_b32 s16, s8, s12", 0x8a100c08), 0x0f, 0xfffffff0, 0, 0x0f, 1 },
		{ ASM("s_xnor_b32 s16, s8, s12", 0x8d100c08), 0xff00, 0x0ff0, 0, 0xffff0f0f, 1 },
		{ ASM("s_cselect_b64 s[16:17], s[8:9], s[12:13]", 0x85900c08), 1, 2, 0, 2, 0 },
	};
	CHECK_SCALAR(cases);
}
END_TEST

START_TEST(test_sop1)
{
	const struct scalar_case cases[] = {
		{ ASM("s_brev_b32 s16, s8", 0xbe900808), 0x12345678, 0, 0, 0x1e6a2c48, 0 },
		{ ASM("s_brev_b64 s[16:17], s[8:9]", 0xbe900908), 1, 0, 0, 1ull << 63, 0 },
		{ ASM("s_bcnt0_i32_b32 s16, s8", 0xbe900a08), 0xff, 0, 0, 24, 1 },
		{ ASM("s_bcnt1_i32_b64 s16, s[8:9]", 0xbe900d08), 0xff00000000000001, 0, 0, 9, 1 },
		{ ASM("s_ff0_i32_b32 s16, s8", 0xbe900e08), 0x7, 0, 0, 3, 0 },
		{ ASM("s_ff1_i32_b64 s16, s[8:9]", 0xbe901108), 0, 0, 0, 0xffffffff, 0 },
		{ ASM("s_ff1_i32_b64 s16, s[8:9]", 0xbe901108), 1ull << 40, 0, 1, 40, 1 },
		{ ASM("s_flbit_i32_b32 s16, s8", 0xbe901208), 0x00010000, 0, 0, 15, 0 },
		{ ASM("s_flbit_i32_b64 s16, s[8:9]", 0xbe901308), 1, 0, 0, 63, 0 },
		{ ASM("s_flbit_i32 s16, s8", 0xbe901408), 0xffff0000, 0, 0, 16, 0 },
		{ ASM("s_flbit_i32 s16, s8", 0xbe901408), 0xffffffff, 0, 0, 0xffffffff, 0 },
		{ ASM("s_flbit_i32_i64 s16, s[8:9]", 0xbe901508), 0x0000000100000000, 0, 0, 31, 0 },
		{ ASM("s_sext_i32_i8 s16, s8", 0xbe901608), 0x80, 0, 0, 0xffffff80, 0 },
		{ ASM("s_sext_i32_i16 s16, s8", 0xbe901708), 0x18000, 0, 0, 0xffff8000, 0 },
		{ ASM("s_bitset1_b64 s[16:17], s8", 0xbe901b08), 36, 0, 0, 1ull << 36, 0 },
		{ ASM("s_abs_i32 s16, s8", 0xbe903008), 0x80000000, 0, 0, 0x80000000, 1 },
		{ ASM("s_abs_i32 s16, s8", 0xbe903008), 0xfffffffb, 0, 0, 5, 1 },
		{ ASM("s_bitreplicate_b64_b32 s[16:17], s8", 0xbe903708), 0x80000005, 0, 0, 0xc000000000000033, 0 },
		{ ASM("s_quadmask_b32 s16, s8", 0xbe902808), 0x10000ff0, 0, 0, 0x86, 1 },
		{ ASM("s_wqm_b32 s16, s8", 0xbe900608), 0x00100001, 0, 0, 0x00f0000f, 1 },
		{ ASM("s_mov_b64 s[16:17], 0.5", 0xbe9001f0), 0, 0, 0, 0x3fe0000000000000, 0 },
		{ ASM("s_mov_b64 s[16:17], -1", 0xbe9001c1), 0, 0, 0, ~0ull, 0 },
		{ ASM("s_mov_b32 s16, 0.15915494", 0xbe9000f8), 0, 0, 0, 0x3e22f983, 0 },
		{ ASM("s_mov_b64 s[16:17], 0x89abcdef", 0xbe9001ff, 0x89abcdef), 0, 0, 0, 0x89abcdef, 0 },
		{ ASM("s_mov_b64 s[16:17], src_shared_base", 0xbe9001eb), 0, 0, 0, 1ull << 48, 0 },
		{ ASM("s_mov_b64 s[16:17], src_private_limit", 0xbe9001ee), 0, 0, 0, 0x00020000ffffffff, 0 },
		{ ASM("s_cmov_b32 s16, s8", 0xbe900208), 9, 0, 1, 9, 1 },
		{ ASM("s_cmov_b32 s16, s8", 0xbe900208), 9, 0, 0, 0, 0 },
	};
	CHECK_SCALAR(cases);
}
END_TEST

START_TEST(test_sopk_sopc)
{
	const struct scalar_case cases[] = {
		{ ASM("s_movk_i32 s16, 0x8000", 0xb0108000), 0, 0, 0, 0xffff8000, 0 },
		{ ASM("s_addk_i32 s16, 0xffff", 0xb710ffff), 0, 0, 0, 0xffffffff, 0 },
		{ ASM("s_cmpk_gt_u32 s8, 0xfff0", 0xb508fff0), 0xfff1, 0, 0, 0, 1 },
		{ ASM("s_cmpk_lt_i32 s8, 0xfff0", 0xb308fff0), 0xffffff00, 0, 0, 0, 1 },
		{ ASM("s_cmp_lt_i32 s8, s12", 0xbf040c08), 0xffffffff, 0, 0, 0, 1 },
		{ ASM("s_cmp_lt_u32 s8, s12", 0xbf0a0c08), 0xffffffff, 0, 1, 0, 0 },
		{ ASM("s_bitcmp1_b32 s8, s12", 0xbf0d0c08), 0x100, 40, 0, 0, 1 },
		{ ASM("s_bitcmp0_b64 s[8:9], s12", 0xbf0e0c08), 1ull << 40, 40, 1, 0, 0 },
		{ ASM("s_cmp_lg_u64 s[8:9], s[12:13]", 0xbf130c08), 1ull << 40, 1ull << 41, 0, 0, 1 },
		{ ASM("s_cmp_eq_u64 s[8:9], 1", 0xbf128108), 1, 0, 0, 0, 1 },
		{ ASM("s_getreg_b32 s16, hwreg(HW_REG_MODE, 4, 6)", 0xb8902901), 0, 0, 0, 0x3f, 0 },
		{ ASM("s_getreg_b32 s16, hwreg(HW_REG_SH_MEM_BASES)", 0xb890f80f), 0, 0, 0, 0x00010002, 0 },
	};
	CHECK_SCALAR(cases);
}
END_TEST

START_TEST(test_saveexec)
{
	const struct { const uint32_t *code; uint64_t exec, d; } cases[] = {
		{ ASM("s_and_saveexec_b64 s[16:17], s[8:9]", 0xbe902008), 0x0030, 0x00f0 },
		{ ASM("s_or_saveexec_b64 s[16:17], s[8:9]", 0xbe902108), 0x3ff0, 0x00f0 },
		{ ASM("s_xor_saveexec_b64 s[16:17], s[8:9]", 0xbe902208), 0x3fc0, 0x00f0 },
		{ ASM("s_andn2_saveexec_b64 s[16:17], s[8:9]", 0xbe902308), 0x3f00, 0x00f0 },
		{ ASM("s_andn1_saveexec_b64 s[16:17], s[8:9]", 0xbe903308), 0x00c0, 0x00f0 },
		{ ASM("s_orn2_saveexec_b64 s[16:17], s[8:9]", 0xbe902408), 0xffffffffffffff3f, 0x00f0 },
		{ ASM("s_nor_saveexec_b64 s[16:17], s[8:9]", 0xbe902608), ~0x3ff0ull, 0x00f0 },
		{ ASM("s_andn2_wrexec_b64 s[16:17], s[8:9]", 0xbe903608), 0x3f00, 0x3f00 },
		{ ASM("s_and_saveexec_b64 s[8:9], s[8:9]", 0xbe882008), 0x0030, 0 },
	};
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		struct snippet *s = snippet_new();
		snippet_set_s64(s, 8, 0x3f30);
		snippet_set_s64(s, SIM_S_EXEC, 0x00f0);
		snippet_one(s, cases[k].code);
		ck_assert_uint_eq(snippet_s64(s, SIM_S_EXEC), cases[k].exec);
		ck_assert_uint_eq(snippet_s64(s, 16), cases[k].d);
		ck_assert_uint_eq(s->mw.w.scc, cases[k].exec != 0);
		snippet_free(s);
	}
	struct snippet *s = snippet_new(); /* the destination is the source: the old EXEC arrives */
	snippet_set_s64(s, 8, 0x3f30);
	snippet_one(s, ASM("s_or_saveexec_b64 s[8:9], s[8:9]", 0xbe882108));
	ck_assert_uint_eq(snippet_s64(s, 8), ~0ull);
	snippet_free(s);
}
END_TEST

/* ------------------------------------------------------------------ lanes */

static const uint32_t odd32[] = { 0, 1, 2, 31, 32, 33, 63, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 0x8000, 0x7fff, 0xffff, 0x00ff00ff,
	0x12345678, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 0x3f800000, 0xbf800000, 0x00000100, 0x807fffff, 0x4f000000, 0xcf000000,
	0x4f800000, 0x3fc00000, 0x40200000, 0xc0200000, 0x42c80000, 0x00800000 };

/* v0, v1, v2 take pairs and triples of odd values, v3 is filled. */
static void fill_lanes(struct snippet *s, unsigned round)
{
	enum { N = sizeof odd32 / sizeof *odd32 };
	for (unsigned l = 0; l < SIM_LANES; l++) {
		s->mw.v[0][l] = odd32[(l + round) % N];
		s->mw.v[1][l] = odd32[(l * 7 + l / 32 + round * 3) % N];
		s->mw.v[2][l] = odd32[(l * 5 + round * 11 + 3) % N];
		s->mw.v[3][l] = 0xeeee0000 + l;
	}
}

typedef uint32_t reference32(uint32_t a, uint32_t b, uint32_t c);

static uint32_t r_mul_hi_i24(uint32_t a, uint32_t b, uint32_t c)
{
	(void)c;
	int64_t x = (int32_t)(a << 8) / 256, y = (int32_t)(b << 8) / 256;
	return (uint32_t)((uint64_t)(x * y) >> 32);
}

static uint32_t r_bfe_u(uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t r = 0;
	for (unsigned k = 0; k < (c & 31) && (b & 31) + k < 32; k++)
		r |= (a >> ((b & 31) + k) & 1) << k;
	return r;
}

static uint32_t r_bfe_i(uint32_t a, uint32_t b, uint32_t c)
{
	unsigned o = b & 31, w = c & 31;
	uint32_t r = 0;
	for (unsigned k = 0; w && k < 32; k++) {
		unsigned from = o + (k < w ? k : w - 1);
		r |= (a >> (from < 32 ? from : 31) & 1) << k;
	}
	return r;
}

static uint32_t r_alignbyte(uint32_t a, uint32_t b, uint32_t c)
{
	uint8_t bytes[8];
	memcpy(bytes, &b, 4);
	memcpy(bytes + 4, &a, 4);
	uint32_t r;
	memcpy(&r, bytes + (c & 3), 4);
	return r;
}

static uint32_t r_sad_u8(uint32_t a, uint32_t b, uint32_t c)
{
	for (unsigned k = 0; k < 4; k++)
		c += (uint32_t)abs((int)(a >> 8 * k & 0xff) - (int)(b >> 8 * k & 0xff));
	return c;
}

static uint32_t r_perm(uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t r = 0;
	for (unsigned k = 0; k < 4; k++) {
		unsigned sel = c >> 8 * k & 0xff, byte;
		const uint32_t word[2] = { b, a };
		if (sel <= 7)
			byte = word[sel / 4] >> sel % 4 * 8 & 0xff;
		else if (sel <= 11)
			byte = word[(sel - 8) / 2] >> (sel % 2 ? 31 : 15) & 1 ? 0xff : 0;
		else
			byte = sel == 12 ? 0 : 0xff;
		r |= byte << 8 * k;
	}
	return r;
}

static uint32_t r_med3_i(uint32_t a, uint32_t b, uint32_t c)
{
	int32_t v[3] = { (int32_t)a, (int32_t)b, (int32_t)c };
	for (int pass = 0; pass < 2; pass++)
		for (int k = 0; k < 2; k++)
			if (v[k] > v[k + 1]) {
				int32_t t = v[k];
				v[k] = v[k + 1];
				v[k + 1] = t;
			}
	return (uint32_t)v[1];
}

static bool nan32(uint32_t u)
{
	return (u & 0x7fffffff) > 0x7f800000;
}

static uint32_t r_max_f32(uint32_t a, uint32_t b, uint32_t c)
{
	(void)c;
	float x, y;
	if (nan32(a) && !(a & 0x400000))
		return a | 0x400000;
	if (nan32(b) && !(b & 0x400000))
		return b | 0x400000;
	if (nan32(a))
		return b;
	if (nan32(b))
		return a;
	memcpy(&x, &a, 4);
	memcpy(&y, &b, 4);
	if (x == 0 && y == 0)
		return a & b;
	return x > y ? a : b;
}

static uint32_t r_min_f32(uint32_t a, uint32_t b, uint32_t c)
{
	if (nan32(a) || nan32(b))
		return r_max_f32(a, b, c);
	if (!(a & 0x7fffffff) && !(b & 0x7fffffff))
		return a | b;
	return r_max_f32(a, b, c) == a ? b : a;
}

static uint32_t r_cvt_i32(uint32_t a, uint32_t b, uint32_t c)
{
	(void)b, (void)c;
	float f;
	memcpy(&f, &a, 4);
	if (nan32(a))
		return 0;
	return f <= -2147483648.0f ? 0x80000000 : f >= 2147483648.0f ? 0x7fffffff : (uint32_t)(int32_t)f;
}

static uint32_t r_cvt_u32(uint32_t a, uint32_t b, uint32_t c)
{
	(void)b, (void)c;
	float f;
	memcpy(&f, &a, 4);
	return nan32(a) || f <= 0 ? 0 : f >= 4294967296.0f ? 0xffffffff : (uint32_t)f;
}

static uint32_t r_cvt_pk_i16(uint32_t a, uint32_t b, uint32_t c)
{
	(void)c;
	int32_t x = (int32_t)a, y = (int32_t)b;
	x = x > 32767 ? 32767 : x < -32768 ? -32768 : x;
	y = y > 32767 ? 32767 : y < -32768 ? -32768 : y;
	return ((uint32_t)x & 0xffff) | (uint32_t)y << 16;
}

static uint32_t r_ffbh_i32(uint32_t a, uint32_t b, uint32_t c)
{
	(void)b, (void)c;
	for (unsigned k = 1; k < 32; k++)
		if ((a >> (31 - k) & 1) != a >> 31)
			return k;
	return 0xffffffff;
}

#define SIMPLE(NAME, EXPR) \
	static uint32_t NAME(uint32_t a, uint32_t b, uint32_t c) \
	{ \
		(void)a, (void)b, (void)c; \
		return EXPR; \
	}
SIMPLE(r_lshl, b << (a % 32))
SIMPLE(r_ashr, b >> 31 ? ~(~b >> (a % 32)) : b >> (a % 32))
SIMPLE(r_bfi, (a & b) | (c & ~a))
SIMPLE(r_bfm, (uint32_t)(((1ull << (a & 31)) - 1) << (b & 31)))
SIMPLE(r_sub_u16, (uint16_t)(a - b))
SIMPLE(r_mul_lo_u16, (uint16_t)((uint64_t)(uint16_t)a * (uint16_t)b))
SIMPLE(r_ashr_i16, (uint16_t)((int16_t)b >> (a & 15)))
SIMPLE(r_min_i16, (uint16_t)((int16_t)a < (int16_t)b ? a : b))
SIMPLE(r_mad_u16, (uint16_t)(a * b + c))
SIMPLE(r_mad_i32_i16, (uint32_t)((int16_t)a * (int16_t)b) + c)
SIMPLE(r_mul_hi_i32, (uint32_t)((uint64_t)((int64_t)(int32_t)a * (int32_t)b) >> 32))
SIMPLE(r_add3, a + b + c)
SIMPLE(r_xad, (a ^ b) + c)
SIMPLE(r_lshl_or, a << (b & 31) | c)
SIMPLE(r_add_lshl, (a + b) << (c & 31))
SIMPLE(r_bcnt, (uint32_t)__builtin_popcount(a) + b)
SIMPLE(r_ffbl, a ? (uint32_t)__builtin_ctz(a) : 0xffffffff)
SIMPLE(r_alignbit, c % 32 ? a << (32 - c % 32) | b >> c % 32 : b)
SIMPLE(r_pk_add, ((a + b) & 0xffff) | ((a & 0xffff0000) + (b & 0xffff0000)))
SIMPLE(r_pk_max_i16, (uint16_t)((int16_t)a > (int16_t)b ? a : b) | (uint32_t)(uint16_t)((int16_t)(a >> 16) > (int16_t)(b >> 16) ? a >> 16 : b >> 16) << 16)
SIMPLE(r_sdwa_add, (a >> 8 & 0xff) + (uint32_t)(int16_t)(b >> 16))
SIMPLE(r_sat_add, a > ~b ? 0xffffffff : a + b)
SIMPLE(r_sat_sub, a > b ? a - b : 0)

START_TEST(test_lanes)
{
	const struct { const uint32_t *code; reference32 *want; } cases[] = {
		{ ASM("v_lshlrev_b32_e32 v3, v0, v1", 0x24060300), r_lshl }, { ASM("v_ashrrev_i32_e32 v3, v0, v1", 0x22060300), r_ashr },
		{ ASM("v_mul_hi_i32_i24_e32 v3, v0, v1", 0x0e060300), r_mul_hi_i24 }, { ASM("v_bfe_u32 v3, v0, v1, v2", 0xd1c80003, 0x040a0300), r_bfe_u },
		{ ASM("v_bfe_i32 v3, v0, v1, v2", 0xd1c90003, 0x040a0300), r_bfe_i },
		{ ASM("v_bfi_b32 v3, v0, v1, v2", 0xd1ca0003, 0x040a0300), r_bfi },
		{ ASM("v_bfm_b32 v3, v0, v1", 0xd2930003, 0x00020300), r_bfm },
		{ ASM("v_alignbyte_b32 v3, v0, v1, v2", 0xd1cf0003, 0x040a0300), r_alignbyte },
		{ ASM("v_alignbit_b32 v3, v0, v1, v2", 0xd1ce0003, 0x040a0300), r_alignbit },
		{ ASM("v_sad_u8 v3, v0, v1, v2", 0xd1d90003, 0x040a0300), r_sad_u8 }, { ASM("v_perm_b32 v3, v0, v1, v2", 0xd1ed0003, 0x040a0300), r_perm },
		{ ASM("v_med3_i32 v3, v0, v1, v2", 0xd1d70003, 0x040a0300), r_med3_i }, { ASM("v_max_f32_e32 v3, v0, v1", 0x16060300), r_max_f32 },
		{ ASM("v_min_f32_e32 v3, v0, v1", 0x14060300), r_min_f32 }, { ASM("v_cvt_i32_f32_e32 v3, v0", 0x7e061100), r_cvt_i32 },
		{ ASM("v_cvt_u32_f32_e32 v3, v0", 0x7e060f00), r_cvt_u32 }, { ASM("v_cvt_pk_i16_i32 v3, v0, v1", 0xd2980003, 0x00020300), r_cvt_pk_i16 },
		{ ASM("v_ffbh_i32_e32 v3, v0", 0x7e065f00), r_ffbh_i32 }, { ASM("v_ffbl_b32_e32 v3, v0", 0x7e065d00), r_ffbl },
		{ ASM("v_sub_u16_e32 v3, v0, v1", 0x4e060300), r_sub_u16 },
		{ ASM("v_mul_lo_u16_e32 v3, v0, v1", 0x52060300), r_mul_lo_u16 }, { ASM("v_ashrrev_i16_e32 v3, v0, v1", 0x58060300), r_ashr_i16 },
		{ ASM("v_min_i16_e32 v3, v0, v1", 0x64060300), r_min_i16 }, { ASM("v_mad_u16 v3, v0, v1, v2", 0xd2040003, 0x040a0300), r_mad_u16 },
		{ ASM("v_mad_i32_i16 v3, v0, v1, v2", 0xd1f20003, 0x040a0300), r_mad_i32_i16 },
		{ ASM("v_mul_hi_i32 v3, v0, v1", 0xd2870003, 0x00020300), r_mul_hi_i32 },
		{ ASM("v_add3_u32 v3, v0, v1, v2", 0xd1ff0003, 0x040a0300), r_add3 }, { ASM("v_xad_u32 v3, v0, v1, v2", 0xd1f30003, 0x040a0300), r_xad },
		{ ASM("v_lshl_or_b32 v3, v0, v1, v2", 0xd2000003, 0x040a0300), r_lshl_or },
		{ ASM("v_add_lshl_u32 v3, v0, v1, v2", 0xd1fe0003, 0x040a0300), r_add_lshl },
		{ ASM("v_bcnt_u32_b32 v3, v0, v1", 0xd28b0003, 0x00020300), r_bcnt }, { ASM("v_pk_add_u16 v3, v0, v1", 0xd38a4003, 0x18020300), r_pk_add },
		{ ASM("v_pk_max_i16 v3, v0, v1", 0xd3874003, 0x18020300), r_pk_max_i16 },
		{ ASM("v_add_u32_sdwa v3, v0, sext(v1) dst_sel:DWORD dst_unused:UNUSED_PAD src0_sel:BYTE_1 src1_sel:WORD_1", 0x680602f9, 0x0d010600), r_sdwa_add },
		{ ASM("v_add_u32_e64 v3, v0, v1 clamp", 0xd1348003, 0x00020300), r_sat_add },
		{ ASM("v_sub_u32_e64 v3, v0, v1 clamp", 0xd1358003, 0x00020300), r_sat_sub },
	};
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		struct snippet *s = snippet_new();
		for (unsigned round = 0; round < 12; round++) {
			/* Every other round has holes in EXEC; their lanes keep v3. */
			uint64_t exec = round % 2 ? 0x8000f00ff0f00001 >> round | 1ull << 62 : ~0ull;
			snippet_set_s64(s, SIM_S_EXEC, exec);
			fill_lanes(s, round);
			snippet_one(s, cases[k].code);
			for (unsigned l = 0; l < SIM_LANES; l++) {
				uint32_t a = s->mw.v[0][l], b = s->mw.v[1][l], c = s->mw.v[2][l];
				uint32_t want = exec >> l & 1 ? cases[k].want(a, b, c) : 0xeeee0000 + l;
				ck_assert_msg(s->mw.v[3][l] == want, "case %zu lane %u (%#x, %#x, %#x): %#x instead of %#x", k, l, a, b, c, s->mw.v[3][l],
					want);
			}
		}
		snippet_free(s);
	}
}
END_TEST

/* A 64-bit sum by two carry instructions, and its difference; inactive lanes give no carry. */
START_TEST(test_carry)
{
	struct snippet *s = snippet_new();
	const uint64_t exec = 0xf0f0f0f0f0f0f0f0;
	for (unsigned l = 0; l < SIM_LANES; l++) {
		snippet_set_v64(s, 0, l, 0xffffffff00000000ull + l * 0x0123456789ull);
		snippet_set_v64(s, 2, l, 0x00000000fffffff0ull * (l + 1));
	}
	snippet_set_s64(s, SIM_S_EXEC, exec);
	snippet_set_s64(s, SIM_S_VCC, ~0ull);
	const uint32_t *const code[] = { ASM("v_add_co_u32_e32 v4, vcc, v0, v2", 0x32080500), ASM("v_addc_co_u32_e32 v5, vcc, v1, v3, vcc", 0x380a0701),
		ASM("v_sub_co_u32_e64 v6, s[8:9], v0, v2", 0xd11a0806, 0x00020500), ASM("v_subb_co_u32_e64 v7, s[10:11], v1, v3, s[8:9]", 0xd11d0a07, 0x00220701) };
	snippet_run(s, code, 4);
	uint64_t borrow = 0;
	for (unsigned l = 0; l < SIM_LANES; l++) {
		uint64_t a = snippet_v64(s, 0, l), b = snippet_v64(s, 2, l), on = exec >> l & 1;
		ck_assert_uint_eq(snippet_v64(s, 4, l), on ? a + b : 0);
		ck_assert_uint_eq(snippet_v64(s, 6, l), on ? a - b : 0);
		borrow |= (on && b > a) * (1ull << l);
	}
	ck_assert_uint_eq(snippet_s64(s, 10), borrow);
	snippet_free(s);
}
END_TEST

START_TEST(test_masks)
{
	struct snippet *s = snippet_new();
	for (unsigned l = 0; l < SIM_LANES; l++)
		s->mw.v[0][l] = l;
	snippet_set_s64(s, SIM_S_VCC, ~0ull);
	snippet_set_s64(s, SIM_S_EXEC, 0xffff0000ffff0000);
	snippet_one(s, ASM("v_cmp_gt_u32_e32 vcc, 40, v0", 0x7d9800a8));
	ck_assert_uint_eq(snippet_s64(s, SIM_S_VCC), 0x000000ffffffffffull & 0xffff0000ffff0000ull);
	snippet_one(s, ASM("v_cmpx_lt_u32_e64 s[8:9], v0, 20", 0xd0d90008, 0x00012900));
	ck_assert_uint_eq(snippet_s64(s, 8), 0xf0000);
	ck_assert_uint_eq(snippet_s64(s, SIM_S_EXEC), 0xf0000);
	/* No lane at all: masks become 0, registers stay, readfirstlane reads lane 0. */
	snippet_set_s64(s, SIM_S_EXEC, 0);
	snippet_set_s64(s, 8, 5);
	s->mw.v[1][0] = 77;
	const uint32_t *const code[] = {
		ASM("v_cmp_eq_u32_e64 s[8:9], v0, v0", 0xd0ca0008, 0x00020100), ASM("v_mov_b32_e32 v1, 3", 0x7e020283),
		ASM("v_readfirstlane_b32 s12, v1", 0x7e180501),
		ASM("v_add_co_u32_e32 v1, vcc, v0, v0", 0x32020100) };
	snippet_set_s64(s, SIM_S_VCC, 9);
	snippet_run(s, code, 4);
	ck_assert_uint_eq(snippet_s64(s, 8), 0);
	ck_assert_uint_eq(snippet_s64(s, SIM_S_VCC), 0);
	ck_assert_uint_eq(s->mw.w.s[12], 77);
	ck_assert_uint_eq(s->mw.v[1][0], 77);
	snippet_free(s);
}
END_TEST

START_TEST(test_class)
{
	static const uint32_t values[10] = { 0x7f800001, 0x7fc00000, 0xff800000, 0xbf800000, 0x80000001, 0x80000000, 0, 1, 0x3f800000, 0x7f800000 };
	struct snippet *s = snippet_new();
	for (unsigned l = 0; l < SIM_LANES; l++) {
		s->mw.v[0][l] = values[l % 10];
		s->mw.v[1][l] = 1u << l / 10;
		double d = l < 50 ? 1.0 : -0.0;
		uint64_t q;
		memcpy(&q, &d, 8);
		snippet_set_v64(s, 2, l, q);
	}
	snippet_one(s, ASM("v_cmp_class_f32_e64 s[8:9], v0, v1", 0xd0100008, 0x00020300));
	uint64_t want = 0;
	for (unsigned l = 0; l < SIM_LANES; l++)
		want |= (uint64_t)(l % 10 == l / 10) << l;
	ck_assert_uint_eq(snippet_s64(s, 8), want);
	s->mw.w.s[12] = 1 << 8;
	snippet_one(s, ASM("v_cmp_class_f64_e64 s[8:9], v[2:3], s12", 0xd0120008, 0x00001902));
	ck_assert_uint_eq(snippet_s64(s, 8), (1ull << 50) - 1);
	snippet_free(s);
}
END_TEST

/* 64-bit results whose destination overlaps the sources. */
START_TEST(test_overlap)
{
	struct snippet *s = snippet_new();
	for (unsigned l = 0; l < SIM_LANES; l++) {
		snippet_set_v64(s, 0, l, 0x100000001ull * (l + 1));
		s->mw.v[2][l] = l % 64;
	}
	snippet_one(s, ASM("v_lshlrev_b64 v[2:3], v2, v[0:1]", 0xd28f0002, 0x00020102));
	for (unsigned l = 0; l < SIM_LANES; l++)
		ck_assert_uint_eq(snippet_v64(s, 2, l), (0x100000001ull * (l + 1)) << l);
	for (unsigned l = 0; l < SIM_LANES; l++) {
		s->mw.v[4][l] = 0xfffffff0 + l;
		s->mw.v[5][l] = 0x80000001 * (l + 1);
		snippet_set_v64(s, 6, l, ~0ull - l);
	}
	uint32_t a[SIM_LANES], b[SIM_LANES];
	memcpy(a, s->mw.v[4], sizeof a);
	memcpy(b, s->mw.v[5], sizeof b);
	snippet_one(s, ASM("v_mad_u64_u32 v[4:5], s[8:9], v4, v5, v[6:7]", 0xd1e80804, 0x041a0b04));
	for (unsigned l = 0; l < SIM_LANES; l++) {
		unsigned __int128 t = (unsigned __int128)a[l] * b[l] + (~0ull - l);
		ck_assert_uint_eq(snippet_v64(s, 4, l), (uint64_t)t);
		ck_assert_uint_eq(snippet_s64(s, 8) >> l & 1, (uint64_t)(t >> 64));
	}
	snippet_free(s);
}
END_TEST

static uint32_t bits(float f)
{
	uint32_t u;
	memcpy(&u, &f, 4);
	return u;
}

START_TEST(test_modifiers)
{
	struct snippet *s = snippet_new();
	for (unsigned l = 0; l < SIM_LANES; l++) {
		s->mw.v[0][l] = bits((float)l - 20.0f);
		s->mw.v[1][l] = bits(0.125f * (float)l);
	}
	s->mw.v[1][9] = 0x7fc00000;
	const uint32_t *const code[] = {
		ASM("v_add_f32_e64 v2, |v0|, -v1", 0xd1010102, 0x40020300), ASM("v_mul_f32_e64 v3, v0, v1 mul:4", 0xd1050003, 0x10020300),
		ASM("v_add_f32_e64 v4, v1, 0 clamp", 0xd1018004, 0x00010101),
		ASM("v_mul_f32_e64 v5, v0, v1 div:2", 0xd1050005, 0x18020300),
		ASM("v_cndmask_b32_e64 v6, -v0, |v0|, s[8:9]", 0xd1000206, 0x20220100),
		ASM("v_fma_f32 v7, -|v0|, v1, 1.0", 0xd1cb0107, 0x23ca0300),
	};
	snippet_set_s64(s, 8, 0xaaaaaaaaaaaaaaaa);
	snippet_run(s, code, 6);
	for (unsigned l = 0; l < SIM_LANES; l++) {
		if (l == 9)
			continue;
		float a = (float)l - 20.0f, b = 0.125f * (float)l;
		ck_assert_uint_eq(s->mw.v[2][l], bits(fabsf(a) - b));
		ck_assert_uint_eq(s->mw.v[3][l], bits(a * b * 4));
		ck_assert_uint_eq(s->mw.v[4][l], bits(b > 1 ? 1.0f : b));
		ck_assert_uint_eq(s->mw.v[5][l], bits(a * b / 2));
		ck_assert_uint_eq(s->mw.v[6][l], l % 2 ? bits(a) & 0x7fffffff : bits(a) ^ 0x80000000);
		ck_assert_uint_eq(s->mw.v[7][l], bits(fmaf(-fabsf(a), b, 1.0f)));
	}
	ck_assert_uint_eq(s->mw.v[4][9], 0); /* DX10_CLAMP: NaN becomes 0 */
	snippet_free(s);
}
END_TEST

/* MODE's rounding and flushing. */
START_TEST(test_mode)
{
	struct snippet *s = snippet_new();
	for (unsigned l = 0; l < SIM_LANES; l++) {
		s->mw.v[0][l] = bits(1.0f);
		s->mw.v[1][l] = bits(0x1p-30f);
		s->mw.v[2][l] = 0x00000100;
	}
	const uint32_t *const code[] = {
		ASM("s_setreg_imm32_b32 hwreg(HW_REG_MODE, 0, 2), 1", 0xba000801, 0x00000001), ASM("v_add_f32_e32 v3, v0, v1", 0x02060300),
		ASM("s_setreg_imm32_b32 hwreg(HW_REG_MODE, 0, 2), 3", 0xba000801, 0x00000003), ASM("v_sub_f32_e32 v4, v0, v1", 0x04080300),
		ASM("s_setreg_imm32_b32 hwreg(HW_REG_MODE, 0, 2), 0", 0xba000801, 0x00000000), ASM("v_sub_f32_e32 v5, v0, v1", 0x040a0300),
		ASM("v_mul_f32_e32 v6, v0, v2", 0x0a0c0500),
		ASM("s_setreg_imm32_b32 hwreg(HW_REG_MODE, 4, 2), 0", 0xba000901, 0x00000000), ASM("v_mul_f32_e32 v7, v0, v2", 0x0a0e0500) };
	snippet_run(s, code, 9);
	ck_assert_uint_eq(s->mw.v[3][17], bits(1.0f) + 1);
	ck_assert_uint_eq(s->mw.v[4][17], bits(1.0f) - 1);
	ck_assert_uint_eq(s->mw.v[5][17], bits(1.0f));
	ck_assert_uint_eq(s->mw.v[6][17], 0x100);
	ck_assert_uint_eq(s->mw.v[7][17], 0);
	snippet_free(s);
}
END_TEST

START_TEST(test_half)
{
	struct snippet *s = snippet_new();
	for (unsigned l = 0; l < SIM_LANES; l++) {
		s->mw.v[0][l] = 0x3c004000; /* 1, 2 */
		s->mw.v[1][l] = 0x44004200; /* 4, 3 */
		s->mw.v[2][l] = bits(0.5f);
		s->mw.v[6][l] = 0xaaaabbbb;
		s->mw.v[8][l] = 0x7bff7bff; /* 65504 */
	}
	const uint32_t *const code[] = {
		ASM("v_add_f16_e32 v3, v0, v1", 0x3e060300),
		ASM("v_pk_fma_f16 v4, v0, v1, v0 op_sel:[0,1,0] op_sel_hi:[0,0,1] neg_lo:[0,0,1]", 0xd38e5004, 0x84020300),
		ASM("v_fma_mix_f32 v5, v0, v1, v2 op_sel:[1,0,0] op_sel_hi:[1,1,0]", 0xd3a00805, 0x1c0a0300),
		ASM("v_fma_mixhi_f16 v6, v0, v1, v2 op_sel_hi:[1,1,0]", 0xd3a20006, 0x1c0a0300),
		ASM("v_mad_f16 v7, v0, v1, v0 op_sel:[0,0,0,0]", 0xd2030007, 0x04020300), ASM("v_add_f16_e32 v9, v8, v8", 0x3e121108),
		ASM("v_cvt_f16_f32_e32 v10, v2", 0x7e141502),
		ASM("v_cvt_pkrtz_f16_f32 v11, v2, 1.0", 0xd296000b, 0x0001e502),
		ASM("v_pack_b32_f16 v12, v0, v1 op_sel:[1,0,0]", 0xd2a0080c, 0x00020300), ASM("v_cvt_f32_f16_e32 v13, v0", 0x7e1a1700) };
	snippet_run(s, code, 10);
	ck_assert_uint_eq(s->mw.v[3][5], 0x4500);     /* 2 + 3 */
	ck_assert_uint_eq(s->mw.v[4][5], 0x47004600); /* low 2 * 4 - 2, high 2 * 3 + 1 */
	ck_assert_uint_eq(s->mw.v[5][5], bits(1.0f * 3.0f + 0.5f));
	ck_assert_uint_eq(s->mw.v[6][5], 0x4680bbbb); /* 2 * 3 + 0.5, low half kept */
	ck_assert_uint_eq(s->mw.v[7][5], 0x4800);     /* 2 * 3 + 2 */
	ck_assert_uint_eq(s->mw.v[9][5], 0x7c00);
	ck_assert_uint_eq(s->mw.v[10][5], 0x3800);
	ck_assert_uint_eq(s->mw.v[11][5], 0x3c003800);
	ck_assert_uint_eq(s->mw.v[12][5], 0x42003c00);
	ck_assert_uint_eq(s->mw.v[13][5], bits(2.0f));
	snippet_free(s);
}
END_TEST

START_TEST(test_packed_f32)
{
	struct snippet *s = snippet_new();
	for (unsigned l = 0; l < SIM_LANES; l++)
		for (unsigned r = 0; r < 6; r++)
			s->mw.v[r][l] = bits((float)(r + 1) * 0.5f + (float)l);
	const uint32_t *const code[] = {
		ASM("v_pk_fma_f32 v[6:7], v[0:1], v[2:3], v[4:5] op_sel:[1,0,0] op_sel_hi:[0,1,1] neg_hi:[1,0,0]", 0xd3b04906, 0x14120500),
		ASM("v_pk_mov_b32 v[8:9], v[0:1], v[2:3] op_sel:[1,0]", 0xd3b34808, 0x18020500),
		ASM("v_pk_mul_f32 v[10:11], v[0:1], 2.0 op_sel_hi:[1,0]", 0xd3b1400a, 0x0801e900) };
	snippet_run(s, code, 3);
	float x[6];
	memcpy(x, (uint32_t[]){ s->mw.v[0][7], s->mw.v[1][7], s->mw.v[2][7], s->mw.v[3][7], s->mw.v[4][7], s->mw.v[5][7] }, sizeof x);
	ck_assert_uint_eq(s->mw.v[6][7], bits(fmaf(x[1], x[2], x[4])));
	ck_assert_uint_eq(s->mw.v[7][7], bits(fmaf(-x[0], x[3], x[5])));
	ck_assert_uint_eq(s->mw.v[8][7], bits(x[1]));
	ck_assert_uint_eq(s->mw.v[9][7], bits(x[2]));
	ck_assert_uint_eq(s->mw.v[10][7], bits(2 * x[0]));
	ck_assert_uint_eq(s->mw.v[11][7], bits(2 * x[1]));
	snippet_free(s);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		{ "scalar arithmetic with two sources", test_sop2, 1 },
		{ "scalar arithmetic with one source", test_sop1, 1 },
		{ "scalar comparisons and immediates", test_sopk_sopc, 1 },
		{ "saveexec", test_saveexec, 1 },
		{ "lane arithmetic with and without holes in EXEC", test_lanes, 1 },
		{ "carry chains", test_carry, 1 },
		{ "mask results", test_masks, 1 },
		{ "float classes", test_class, 1 },
		{ "destination overlaps sources", test_overlap, 1 },
		{ "float modifiers", test_modifiers, 1 },
		{ "rounding and denormal modes", test_mode, 1 },
		{ "half precision", test_half, 1 },
		{ "packed f32", test_packed_f32, 1 },
	};
	return TAP_RUN("isa_insn", tests, NULL, NULL);
}
