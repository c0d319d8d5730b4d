/* Instructions that move data between lanes and to memory: SDWA, DPP, permutes, VGPR indexing, LDS, FLAT, SCRATCH, atomics. */
#include <stdlib.h>
#include <string.h>

#include "testsuite/unit/isa_snippet.h"
#include "testsuite/unit/tap.h"

/* v0 = lane, v1 = 1000 + lane, v2 = 0xeeee0000. */
static struct snippet *lanes_new(void)
{
	struct snippet *s = snippet_new();
	for (unsigned l = 0; l < SIM_LANES; l++) {
		s->mw.v[0][l] = l;
		s->mw.v[1][l] = 1000 + l;
		s->mw.v[2][l] = 0xeeee0000;
	}
	return s;
}

/* Source lane, -1 invalid, -2 not written. */
typedef int source_lane(int l);

static int quad(int l)
{
	static const int from[] = { 3, 0, 2, 2 };
	return l / 4 * 4 + from[l % 4];
}

static int shl(int l)
{
	return l % 16 + 3 < 16 ? l + 3 : -1;
}

static int shr(int l)
{
	return l % 16 >= 5 ? l - 5 : -1;
}

static int ror(int l)
{
	return l / 16 * 16 + (l % 16 + 16 - 6) % 16;
}

static int mirror(int l)
{
	return l / 16 * 16 + 15 - l % 16;
}

static int half_mirror(int l)
{
	return l / 8 * 8 + 7 - l % 8;
}

static int wave_shl(int l)
{
	return l < 63 ? l + 1 : -1;
}

static int wave_rol(int l)
{
	return (l + 1) % 64;
}

static int wave_shr(int l)
{
	return l - 1;
}

static int bcast15(int l)
{
	return l / 16 == 1 || l / 16 == 3 ? l / 16 * 16 - 1 : -2;
}

static int bcast31(int l)
{
	return l >= 32 ? 31 : -2;
}

static int newbcast(int l)
{
	return l / 16 * 16 + 4;
}

static int banks(int l)
{
	return l / 4 % 4 == 1 ? l : -2;
}

START_TEST(test_dpp)
{
	const struct { const uint32_t *code; source_lane *from; bool zero; } cases[] = {
		{ ASM("v_mov_b32_dpp v2, v1 quad_perm:[3,0,2,2] row_mask:0xf bank_mask:0xf", 0x7e0402fa, 0xff00a301), quad, false },
		{ ASM("v_mov_b32_dpp v2, v1 row_shl:3 row_mask:0xf bank_mask:0xf", 0x7e0402fa, 0xff010301), shl, false },
		{ ASM("v_mov_b32_dpp v2, v1 row_shr:5 row_mask:0xf bank_mask:0xf bound_ctrl:1", 0x7e0402fa, 0xff091501), shr, true },
		{ ASM("v_mov_b32_dpp v2, v1 row_ror:6 row_mask:0xf bank_mask:0xf", 0x7e0402fa, 0xff012601), ror, false },
		{ ASM("v_mov_b32_dpp v2, v1 row_mirror row_mask:0xf bank_mask:0xf", 0x7e0402fa, 0xff014001), mirror, false },
		{ ASM("v_mov_b32_dpp v2, v1 row_half_mirror row_mask:0xf bank_mask:0xf", 0x7e0402fa, 0xff014101), half_mirror, false },
		{ ASM("v_mov_b32_dpp v2, v1 wave_shl:1 row_mask:0xf bank_mask:0xf", 0x7e0402fa, 0xff013001), wave_shl, false },
		{ ASM("v_mov_b32_dpp v2, v1 wave_rol:1 row_mask:0xf bank_mask:0xf", 0x7e0402fa, 0xff013401), wave_rol, false },
		{ ASM("v_mov_b32_dpp v2, v1 wave_shr:1 row_mask:0xf bank_mask:0xf bound_ctrl:1", 0x7e0402fa, 0xff093801), wave_shr, true },
		{ ASM("v_mov_b32_dpp v2, v1 row_bcast:15 row_mask:0xa bank_mask:0xf", 0x7e0402fa, 0xaf014201), bcast15, false },
		{ ASM("v_mov_b32_dpp v2, v1 row_bcast:31 row_mask:0xc bank_mask:0xf", 0x7e0402fa, 0xcf014301), bcast31, false },
		{ ASM("v_mov_b32_dpp v2, v1 row_newbcast:4 row_mask:0xf bank_mask:0xf", 0x7e0402fa, 0xff015401), newbcast, false },
		{ ASM("v_mov_b32_dpp v2, v1 quad_perm:[0,1,2,3] row_mask:0xf bank_mask:0x2", 0x7e0402fa, 0xf200e401), banks, false },
	};
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
		for (unsigned holes = 0; holes < 2; holes++) {
			struct snippet *s = lanes_new();
			uint64_t exec = holes ? 0xfffffff7ff0fffefull : ~0ull;
			snippet_set_s64(s, SIM_S_EXEC, exec);
			snippet_one(s, cases[k].code);
			for (int l = 0; l < SIM_LANES; l++) {
				int from = cases[k].from(l);
				bool valid = from >= 0 && exec >> from & 1;
				uint32_t want = valid ? 1000 + (uint32_t)from : cases[k].zero && from != -2 ? 0 : 0xeeee0000;
				if (!(exec >> l & 1))
					want = 0xeeee0000;
				ck_assert_msg(s->mw.v[2][l] == want, "case %zu lane %d: %#x instead of %#x", k, l, s->mw.v[2][l], want);
			}
			snippet_free(s);
		}
}
END_TEST

START_TEST(test_sdwa)
{
	struct snippet *s = lanes_new();
	for (unsigned l = 0; l < SIM_LANES; l++) {
		s->mw.v[0][l] = 0x8192a3b4;
		s->mw.v[1][l] = 0x00f01005;
		s->mw.v[2][l] = s->mw.v[3][l] = s->mw.v[4][l] = 0x11223344;
		s->mw.v[5][l] = 0x3c00c000; /* 1, -2 */
	}
	s->mw.w.s[8] = 0x00070009;
	const uint32_t *const code[] = {
		ASM("v_and_b32_sdwa v2, v0, v1 dst_sel:BYTE_1 dst_unused:UNUSED_PRESERVE src0_sel:BYTE_3 src1_sel:WORD_1", 0x260402f9, 0x05031100),
		ASM("v_add_u32_sdwa v3, sext(v0), v1 dst_sel:WORD_1 dst_unused:UNUSED_PAD src0_sel:BYTE_2 src1_sel:BYTE_0", 0x680602f9, 0x000a0500),
		ASM("v_or_b32_sdwa v4, v0, v1 dst_sel:BYTE_0 dst_unused:UNUSED_SEXT src0_sel:BYTE_3 src1_sel:BYTE_0", 0x280802f9, 0x00030800),
		ASM("v_add_f16_sdwa v6, |v5|, -v5 dst_sel:WORD_1 dst_unused:UNUSED_PAD src0_sel:WORD_0 src1_sel:WORD_1", 0x3e0c0af9, 0x15240505),
		ASM("v_cmp_eq_u32_sdwa s[10:11], v1, v1 src0_sel:BYTE_0 src1_sel:WORD_0", 0x7d9402f9, 0x04008a01),
		ASM("v_mul_u32_u24_sdwa v7, s8, v1 dst_sel:DWORD dst_unused:UNUSED_PAD src0_sel:WORD_1 src1_sel:BYTE_0", 0x100e02f9, 0x00850608),
		ASM("v_mov_b32_sdwa v8, v0 dst_sel:DWORD dst_unused:UNUSED_PAD src0_sel:WORD_1", 0x7e1002f9, 0x00050600),
	};
	snippet_run(s, code, 7);
	ck_assert_uint_eq(s->mw.v[2][9], 0x11228044);
	ck_assert_uint_eq(s->mw.v[3][9], (0xffffff92u + 5) << 16);
	ck_assert_uint_eq(s->mw.v[4][9], 0xffffff85);
	ck_assert_uint_eq(s->mw.v[6][9], 0x3c000000); /* 2 - 1 */
	ck_assert_uint_eq(snippet_s64(s, 10), 0);
	ck_assert_uint_eq(s->mw.v[7][9], 35);
	ck_assert_uint_eq(s->mw.v[8][9], 0x8192);
	snippet_free(s);
}
END_TEST

START_TEST(test_permutes)
{
	struct snippet *s = lanes_new();
	for (unsigned l = 0; l < SIM_LANES; l++) {
		s->mw.v[3][l] = 4 * (63 - l); /* byte addresses */
		s->mw.v[4][l] = 4 * (l / 2);
	}
	snippet_set_s64(s, SIM_S_EXEC, ~(1ull << 5));
	const uint32_t *const code[] = {
		ASM("ds_bpermute_b32 v5, v3, v1", 0xd87e0000, 0x05000103), ASM("ds_permute_b32 v6, v4, v1", 0xd87c0000, 0x06000104),
		ASM("ds_permute_b32 v7, v3, v1 offset:4", 0xd87c0004, 0x07000103),
		ASM("ds_swizzle_b32 v8, v1 offset:swizzle(QUAD_PERM,1,0,3,2)", 0xd87a80b1, 0x08000001),
		ASM("ds_swizzle_b32 v9, v1 offset:swizzle(SWAP,8)", 0xd87a201f, 0x09000001),
		ASM("v_readlane_b32 s8, v1, 5", 0xd2890008, 0x00010b01), ASM("v_writelane_b32 v1, 7, 5", 0xd28a0001, 0x00010a87),
		ASM("v_readfirstlane_b32 s9, v0", 0x7e120500) };
	snippet_run(s, code, 8);
	ck_assert_uint_eq(s->mw.v[5][3], 1060);
	ck_assert_uint_eq(s->mw.v[5][58], 0);                /* lane 5 is off */
	ck_assert_uint_eq(s->mw.v[6][2], 1004);              /* 4 and 5 sent there, 5 is off */
	ck_assert_uint_eq(s->mw.v[6][3], 1007);              /* the highest sender */
	ck_assert_uint_eq(s->mw.v[6][40], 0);
	ck_assert_uint_eq(s->mw.v[7][0], 1000);              /* wraps round */
	ck_assert_uint_eq(s->mw.v[8][12], 1013);
	ck_assert_uint_eq(s->mw.v[8][4], 0);
	ck_assert_uint_eq(s->mw.v[9][33], 1041);
	ck_assert_uint_eq(s->mw.w.s[8], 1005);
	ck_assert_uint_eq(s->mw.v[1][5], 7);
	ck_assert_uint_eq(s->mw.w.s[9], 0);
	snippet_free(s);
}
END_TEST

START_TEST(test_gpr_index)
{
	struct snippet *s = lanes_new();
	for (unsigned r = 0; r < 40; r++)
		for (unsigned l = 0; l < SIM_LANES; l++)
			s->mw.v[r][l] = r * 100;
	s->mw.w.s[8] = 7;
	const uint32_t *const code[] = {
		ASM("s_set_gpr_idx_on s8, gpr_idx(SRC0)", 0xbf110108), ASM("v_mov_b32_e32 v30, v3", 0x7e3c0303),
		ASM("s_set_gpr_idx_mode gpr_idx(DST)", 0xbf9d0008),
		ASM("v_mov_b32_e32 v30, v3", 0x7e3c0303), ASM("s_set_gpr_idx_off", 0xbf9c0000), ASM("v_mov_b32_e32 v38, v5", 0x7e4c0305) };
	snippet_run(s, code, 6);
	ck_assert_uint_eq(s->mw.v[30][0], 1000); /* v10 */
	ck_assert_uint_eq(s->mw.v[37][63], 300);
	ck_assert_uint_eq(s->mw.v[38][63], 500);
	snippet_free(s);
}
END_TEST

START_TEST(test_accumulators)
{
	struct snippet *s = lanes_new();
	snippet_set_s64(s, SIM_S_EXEC, 0xffffffff);
	const uint32_t *const code[] = {
		ASM("v_accvgpr_write_b32 a3, v1", 0xd3d94003, 0x18000101), ASM("v_accvgpr_mov_b32 a4, a3", 0x7e08a503),
		ASM("v_accvgpr_read_b32 v2, a4", 0xd3d84002, 0x18000104),
		ASM("v_accvgpr_write_b32 a5, 9", 0xd3d94005, 0x18000089) };
	snippet_run(s, code, 4);
	ck_assert_uint_eq(s->mw.a[3][3], 1003);
	ck_assert_uint_eq(s->mw.v[2][3], 1003);
	ck_assert_uint_eq(s->mw.v[2][40], 0xeeee0000);
	ck_assert_uint_eq(s->mw.a[5][0], 9);
	snippet_free(s);
}
END_TEST

/* ------------------------------------------------------------------ memory */

START_TEST(test_lds)
{
	struct snippet *s = lanes_new();
	s->mw.group.lds_bytes = 1024;
	for (unsigned l = 0; l < SIM_LANES; l++) {
		s->mw.v[3][l] = 8 * l;
		s->mw.v[4][l] = 1024 - 4 + (l & 1) * 2; /* the last dword, and half beyond */
		s->mw.v[5][l] = 0x80ff0000 + l;
		s->mw.v[6][l] = 8 * l - 64;             /* wraps for low lanes */
	}
	const uint32_t *const code[] = {
		ASM("ds_write2_b32 v3, v0, v1 offset0:0 offset1:1", 0xd81c0100, 0x00010003),
		ASM("ds_read_b64 v[8:9], v3", 0xd8ec0000, 0x08000003),
		ASM("ds_read2_b32 v[10:11], v3 offset0:1 offset1:0", 0xd86e0001, 0x0a000003),
		ASM("ds_write_b32 v4, v1", 0xd81a0000, 0x00000104), ASM("ds_read_b32 v12, v4", 0xd86c0000, 0x0c000004),
		ASM("ds_write_b8_d16_hi v3, v5", 0xd8a80000, 0x00000503), ASM("ds_read_i8 v13, v3", 0xd8720000, 0x0d000003),
		ASM("ds_read_u8_d16_hi v2, v3", 0xd8ae0000, 0x02000003), ASM("ds_read_b32 v14, v6 offset:64", 0xd86c0040, 0x0e000006),
		ASM("ds_add_rtn_u32 v15, v3, v0 offset:4", 0xd8400004, 0x0f000003),
		ASM("ds_read_u16 v16, v3 offset:4", 0xd8780004, 0x10000003),
	};
	snippet_run(s, code, 11);
	for (unsigned l = 0; l < SIM_LANES; l++) {
		ck_assert_uint_eq(snippet_v64(s, 8, l), l | (uint64_t)(1000 + l) << 32);
		ck_assert_uint_eq(s->mw.v[10][l], 1000 + l);
		ck_assert_uint_eq(s->mw.v[11][l], l);
		ck_assert_uint_eq(s->mw.v[12][l], l & 1 ? 0 : 1062); /* beyond: dropped, reads 0 */
		ck_assert_uint_eq(s->mw.v[13][l], 0xffffffff);
		ck_assert_uint_eq(s->mw.v[2][l], 0x00ff0000);
		ck_assert_uint_eq(s->mw.v[14][l], 0xff);
		ck_assert_uint_eq(s->mw.v[15][l], 1000 + l);
		ck_assert_uint_eq(s->mw.v[16][l], 1000 + 2 * l);
	}
	snippet_free(s);
}
END_TEST

START_TEST(test_lds_atomics)
{
	struct snippet *s = lanes_new();
	memset(s->mw.lds, 0, 64);
	for (unsigned l = 0; l < SIM_LANES; l++)
		s->mw.v[3][l] = 0;
	float one = 1.5f;
	for (unsigned l = 0; l < SIM_LANES; l++)
		memcpy(&s->mw.v[4][l], &one, 4);
	const uint32_t *const code[] = {
		ASM("ds_inc_rtn_u32 v8, v3, v1", 0xd8460000, 0x08000103), ASM("ds_max_u32 v3, v1 offset:4", 0xd8100004, 0x00000103),
		ASM("ds_add_f32 v3, v4 offset:8", 0xd82a0008, 0x00000403),
		ASM("ds_cmpst_rtn_b32 v9, v3, v0, v1 offset:12", 0xd860000c, 0x09010003), ASM("ds_wrxchg_rtn_b32 v10, v3, v0 offset:16", 0xd85a0010, 0x0a000003),
		ASM("ds_mskor_b32 v3, v0, v1 offset:20", 0xd8180014, 0x00010003), ASM("ds_sub_u64 v3, v[0:1] offset:24", 0xd8820018, 0x00000003) };
	snippet_run(s, code, 7);
	uint32_t word[8];
	memcpy(word, s->mw.lds, sizeof word);
	float sum;
	memcpy(&sum, &word[2], 4);
	for (unsigned l = 0; l < SIM_LANES; l++)
		ck_assert_uint_eq(s->mw.v[8][l], l);
	ck_assert_uint_eq(word[0], 64);
	ck_assert_uint_eq(word[1], 1063);
	ck_assert(sum == 96.0f);
	ck_assert_uint_eq(word[3], 1000);          /* lane 0 expected 0 and put 1000; nobody expects that */
	ck_assert_uint_eq(s->mw.v[9][0], 0);
	ck_assert_uint_eq(s->mw.v[9][1], 1000);
	ck_assert_uint_eq(s->mw.v[10][7], 6);
	ck_assert_uint_eq(word[4], 63);
	snippet_free(s);
}
END_TEST

/* FLAT: lanes of one instruction in LDS, private and global memory. */
START_TEST(test_flat)
{
	struct snippet *s = lanes_new();
	uint64_t base = machine_map(&s->m, 4096, 0);
	uint8_t *host = machine_host(&s->m, base);
	for (unsigned l = 0; l < SIM_LANES; l++) {
		uint64_t a = l % 3 == 0 ? base + 4 * l : l % 3 == 1 ? (1ull << 48) + 4 * l : (2ull << 48) + 16 + l % 4;
		snippet_set_v64(s, 4, l, a);
	}
	const uint32_t *const code[] = {
		ASM("flat_store_dword v[4:5], v1 offset:8", 0xdc700008, 0x00000104),
		ASM("flat_load_dword v6, v[4:5] offset:8", 0xdc500008, 0x06000004),
		ASM("flat_atomic_add v7, v[4:5], v0 offset:8 sc0", 0xdd090008, 0x07000004), ASM("flat_load_ushort v8, v[4:5] offset:9", 0xdc480009, 0x08000004) };
	/* Atomics need alignment: only the aligned private lanes take part. */
	snippet_run(s, code, 2);
	for (unsigned l = 0; l < SIM_LANES; l++) {
		ck_assert_uint_eq(s->mw.v[6][l], 1000 + l);
		const uint8_t *at = l % 3 == 0 ? host + 4 * l + 8 : s->mw.lds + 4 * l + 8;
		uint32_t there;
		memcpy(&there, at, 4);
		if (l % 3 != 2)
			ck_assert_uint_eq(there, 1000 + l);
	}
	/* Lane 14's private byte 26: dword 6 of the swizzled scratch, byte 2, then dword 7. */
	const uint8_t *scratch = machine_host(&s->m, s->mw.w.scratch_base);
	ck_assert_uint_eq(scratch[6 * 256 + 14 * 4 + 2], 1014 & 0xff);
	ck_assert_uint_eq(scratch[6 * 256 + 14 * 4 + 3], 1014 >> 8);
	ck_assert_uint_eq(scratch[7 * 256 + 14 * 4], 0);
	uint64_t aligned = 0;
	for (unsigned l = 0; l < SIM_LANES; l++)
		aligned |= (uint64_t)(l % 3 != 2 || l % 4 == 0) << l;
	snippet_set_s64(s, SIM_S_EXEC, aligned);
	snippet_run(s, code + 2, 2);
	for (unsigned l = 0; l < SIM_LANES; l++)
		if (aligned >> l & 1) {
			ck_assert_uint_eq(s->mw.v[7][l], 1000 + l);
			ck_assert_uint_eq(s->mw.v[8][l], (1000 + 2 * l) >> 8);
		}
	snippet_free(s);
}
END_TEST

START_TEST(test_global)
{
	struct snippet *s = lanes_new();
	uint64_t first = machine_map(&s->m, 4096, 0);
	machine_map_at(&s->m, first + 4096, 4096, MACHINE_INDIRECT); /* adjacent, without host pointer */
	for (unsigned l = 0; l < SIM_LANES; l++) {
		snippet_set_v64(s, 4, l, first + 4096 - 66 + 2 * l); /* unaligned, straddling the two */
		s->mw.v[6][l] = 4 * l;
	}
	snippet_set_s64(s, 8, first + 2048);
	const uint32_t *const code[] = {
		ASM("global_store_short v[4:5], v1, off", 0xdc688000, 0x007f0104),
		ASM("global_load_dword v7, v[4:5], off offset:-2", 0xdc509ffe, 0x077f0004),
		ASM("global_store_dwordx2 v6, v[0:1], s[8:9] offset:16", 0xdc748010, 0x00080006),
		ASM("global_load_dwordx4 v[12:15], v6, s[8:9] offset:16", 0xdc5c8010, 0x0c080006),
		ASM("global_atomic_cmpswap v16, v6, v[0:1], s[8:9] offset:1024 sc0", 0xdd058400, 0x10080006),
		ASM("s_load_dwordx4 s[20:23], s[8:9], 0x10", 0xc00a0504, 0x00000010),
		ASM("global_load_sbyte_d16_hi v2, v6, s[8:9] offset:16", 0xdc8c8010, 0x02080006) };
	snippet_run(s, code, 7);
	for (unsigned l = 1; l < SIM_LANES; l++)
		ck_assert_uint_eq(s->mw.v[7][l], (1000 + l - 1) | (1000 + l) << 16);
	ck_assert_uint_eq(s->mw.v[12][0], 0);
	ck_assert_uint_eq(s->mw.v[12][5], 5);       /* lane 5 stored last at its own place */
	ck_assert_uint_eq(s->mw.w.s[20], 0);
	ck_assert_uint_eq(s->mw.w.s[21], 1);
	ck_assert_uint_eq(s->mw.v[13][63], 1063);
	ck_assert_uint_eq(s->mw.v[2][9], 9u << 16);
	snippet_free(s);
}
END_TEST

START_TEST(test_scratch)
{
	struct snippet *s = lanes_new();
	const uint8_t *scratch = machine_host(&s->m, s->mw.w.scratch_base);
	s->mw.w.s[32] = 32;
	for (unsigned l = 0; l < SIM_LANES; l++)
		s->mw.v[3][l] = l;
	snippet_set_s64(s, SIM_S_EXEC, 0xffffffff0fffffff);
	const uint32_t *const code[] = {
		ASM("scratch_store_dwordx2 off, v[0:1], s32 offset:8", 0xdc744008, 0x00200000),
		ASM("scratch_load_dword v4, off, s32 offset:12", 0xdc50400c, 0x04200000),
		ASM("scratch_store_byte v3, v1, s32 offset:64", 0xdc606040, 0x00200103),
		ASM("scratch_load_ubyte v5, v3, s32 offset:64", 0xdc406040, 0x05200003),
		ASM("scratch_load_dwordx2 v[6:7], off, s32 offset:8", 0xdc544008, 0x06200000),
		ASM("scratch_load_dword v8, v3, off offset:40", 0xdc506028, 0x087f0003) };
	snippet_run(s, code, 6);
	uint32_t word;
	memcpy(&word, scratch + 40 / 4 * 256 + 17 * 4, 4);
	ck_assert_uint_eq(word, 17);
	ck_assert_uint_eq(s->mw.v[4][17], 1017);
	ck_assert_uint_eq(s->mw.v[4][29], 0);
	ck_assert_uint_eq(scratch[(96 + 17) / 4 * 256 + 17 * 4 + (96 + 17) % 4], 1017 & 0xff);
	ck_assert_uint_eq(s->mw.v[5][63], 1063 & 0xff);
	ck_assert_uint_eq(snippet_v64(s, 6, 40), 40 | 1040ull << 32);
	ck_assert_uint_eq(s->mw.v[8][2], 1002u << 16); /* bytes 42..45: high half of 2, low half of 1002 */
	snippet_free(s);
}
END_TEST

START_TEST(test_global_atomics)
{
	struct snippet *s = lanes_new();
	uint64_t base = machine_map(&s->m, 4096, 0);
	uint32_t *host = (void *)machine_host(&s->m, base);
	double half = 0.5;
	host[4] = 0x3c003c00;
	for (unsigned l = 0; l < SIM_LANES; l++) {
		s->mw.v[3][l] = 0;
		uint64_t q;
		memcpy(&q, &half, 8);
		snippet_set_v64(s, 6, l, q);
		s->mw.v[8][l] = 0x00003800; /* 0.5 in the low half */
		s->mw.v[9][l] = 0x3f800000;
	}
	snippet_set_s64(s, 8, base);
	const uint32_t *const code[] = {
		ASM("global_atomic_add_f64 v3, v[6:7], s[8:9]", 0xdd3c8000, 0x00080603),
		ASM("global_atomic_add v10, v3, v0, s[8:9] offset:8 sc0", 0xdd098008, 0x0a080003),
		ASM("global_atomic_pk_add_f16 v3, v8, s[8:9] offset:16", 0xdd388010, 0x00080803),
		ASM("global_atomic_add_f32 v3, v9, s[8:9] offset:20", 0xdd348014, 0x00080903),
		ASM("global_atomic_dec v3, v1, s[8:9] offset:24", 0xdd308018, 0x00080103),
		ASM("global_atomic_smax_x2 v3, v[0:1], s[8:9] offset:32", 0xdd988020, 0x00080003) };
	snippet_run(s, code, 6);
	double sum;
	float fsum;
	memcpy(&sum, host, 8);
	memcpy(&fsum, host + 5, 4);
	ck_assert(sum == 32.0);
	ck_assert_uint_eq(host[2], 63 * 32);
	ck_assert_uint_eq(s->mw.v[10][3], 0 + 1 + 2);
	ck_assert_uint_eq(host[4], 0x3c005020); /* 1 + 64 * 0.5 = 33 */
	ck_assert(fsum == 64.0f);
	ck_assert_uint_eq(host[6], 1000 - 63);
	ck_assert_uint_eq(host[8], 63);
	ck_assert_uint_eq(host[9], 1063);
	snippet_free(s);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		{ "data parallel primitives", test_dpp, 1 },
		{ "sub-dword addressing", test_sdwa, 1 },
		{ "permutes and lane access", test_permutes, 1 },
		{ "VGPR indexing", test_gpr_index, 1 },
		{ "accumulation registers", test_accumulators, 1 },
		{ "LDS moves", test_lds, 1 },
		{ "LDS atomics", test_lds_atomics, 1 },
		{ "FLAT in three spaces", test_flat, 1 },
		{ "GLOBAL across ranges", test_global, 1 },
		{ "SCRATCH swizzle", test_scratch, 1 },
		{ "GLOBAL atomics", test_global_atomics, 1 },
	};
	return TAP_RUN("isa_lanes", tests, NULL, NULL);
}
