/* Which memory vector memory instructions have touched, and what they have stored there (isa 6.13, 6.14, 7.16). The words are clang's. */
#include <string.h>

#include "arch/gfx9_bits.h"
#include "testsuite/unit/area_builder.h"
#include "testsuite/unit/tap.h"

enum { DESCRIPTOR = 8, SOFFSET = 3, ADDRESS = 7, DATA = 2, LANES = 64 };
#define BASE UINT64_C(0x7f1200001000)

static struct built_area a;
static struct gfx_wave w;

static void sgpr(unsigned n, uint32_t value)
{
	put32(a.bytes + w.rec.sgpr + 4 * n, value);
}

static void vgpr(unsigned n, unsigned lane, uint32_t value)
{
	put32(a.bytes + w.rec.vgpr + (n * LANES + lane) * 4, value);
}

/* Lanes 0, 1, 5 are active; v7 is 32 * lane, v2 and v3 tell register and lane. */
static void setup(void)
{
	area_one_wave(&a, &w, 7);
	put32(a.bytes + w.rec.hwreg + 4 * GFX9_SAVE_EXEC_LO, 0x23);
	sgpr(DESCRIPTOR, (uint32_t)BASE);
	sgpr(DESCRIPTOR + 1, (uint32_t)(BASE >> 32));
	sgpr(DESCRIPTOR + 2, 512);
	sgpr(DESCRIPTOR + 3, 0x27000);
	sgpr(SOFFSET, 0x100);
	for (unsigned l = 0; l < LANES; l++) {
		vgpr(ADDRESS, l, 32 * l);
		vgpr(DATA, l, 0x02000000 + l);
		vgpr(DATA + 1, l, 0x03000000 + l);
	}
}

static void teardown(void)
{
	area_free(&a);
}

static int access_of(uint32_t low, uint32_t high, struct gfx_access *out)
{
	uint8_t code[8];
	put32(code, low);
	put32(code + 4, high);
	return gfx_insn_access(&w, code, sizeof code, 0, 0, out);
}

static const struct {
	uint32_t low, high;
	unsigned bytes;
	bool load, store;
	uint64_t lane5; /* address from BASE */
	bool data;
} moves[] = {
	{ 0xe0741010, 0x03020207, 8, false, true, 0x100 + 16 + 160, true },  /* buffer_store_dwordx2 v[2:3], v7, s[8:11], s3 offen offset:16 */
	{ 0xe0700010, 0x80020200, 4, false, true, 16, true },                /* buffer_store_dword v2, off, s[8:11], 0 offset:16 */
	{ 0xe0501000, 0x80020207, 4, true, false, 160, false },              /* buffer_load_dword v2, v7, s[8:11], 0 offen */
	{ 0xe0640000, 0x03020200, 1, false, true, 0x100, true },             /* buffer_store_byte_d16_hi v2, off, s[8:11], s3 */
	{ 0xe1081000, 0x80020207, 4, true, true, 160, false },               /* buffer_atomic_add v2, v7, s[8:11], 0 offen */
	{ 0xea6b1000, 0x03020207, 12, false, true, 0x100 + 160, false },     /* tbuffer_store_format_xyz v[2:4], v7, s[8:11], s3 format:[32_32_32,UINT] offen */
	{ 0xe0141000, 0x80020207, 4, false, true, 160, false },              /* buffer_store_format_xy v[2:3], v7, s[8:11], 0 offen: the descriptor's format */
};

START_TEST(buffers)
{
	struct gfx_access out;
	ck_assert_int_eq(access_of(moves[_i].low, moves[_i].high, &out), GFX_OK);
	ck_assert_uint_eq(out.bytes, moves[_i].bytes);
	ck_assert(out.load == moves[_i].load && out.store == moves[_i].store);
	ck_assert_uint_eq(out.lanes, 0x23);
	ck_assert_uint_eq(out.addr[5], BASE + moves[_i].lane5);
	ck_assert_uint_eq(out.space[5], GFX_SPACE_GLOBAL);
	ck_assert(out.data_known == moves[_i].data);
}
END_TEST

START_TEST(stored)
{
	struct gfx_access out;
	uint8_t data[GFX_MAX_ACCESS];
	ck_assert_int_eq(access_of(0xe0741010, 0x03020207, &out), GFX_OK);
	ck_assert(gfx_access_stored(&w, &out, 5, data));
	ck_assert_uint_eq(get32(data), 0x02000005);
	ck_assert_uint_eq(get32(data + 4), 0x03000005);
	ck_assert_int_eq(access_of(0xe0640000, 0x03020200, &out), GFX_OK); /* the upper half's lower byte */
	vgpr(DATA, 1, 0xaabbccdd);
	ck_assert(gfx_access_stored(&w, &out, 1, data));
	ck_assert_uint_eq(data[0], 0xbb);
	ck_assert_int_eq(access_of(0xdc708000, 0x00080201, &out), GFX_OK); /* global_store_dword v1, v2, s[8:9] */
	ck_assert(gfx_access_stored(&w, &out, 1, data));
	ck_assert_uint_eq(get32(data), 0xaabbccdd);
	ck_assert_int_eq(access_of(0xe1081000, 0x80020207, &out), GFX_OK); /* what an atomic leaves is in no register */
	ck_assert(!gfx_access_stored(&w, &out, 1, data));
	ck_assert_int_eq(access_of(0xe0702010, 0x80820207, &out), GFX_OK); /* buffer_store_dword a2, ...: an accumulator */
	ck_assert(!gfx_access_stored(&w, &out, 1, data));
}
END_TEST

START_TEST(beyond_the_buffer)
{
	struct gfx_access out;
	sgpr(DESCRIPTOR + 2, 100); /* lane 5 lies beyond */
	ck_assert_int_eq(access_of(0xe0501000, 0x80020207, &out), GFX_OK);
	ck_assert_uint_eq(out.lanes, 0x3);
}
END_TEST

START_TEST(structured)
{
	struct gfx_access out;
	sgpr(DESCRIPTOR + 1, (uint32_t)(BASE >> 32) | 24 << 16); /* stride */
	vgpr(ADDRESS, 0, 3);
	vgpr(ADDRESS, 1, 511);
	vgpr(ADDRESS, 5, 512);
	ck_assert_int_eq(access_of(0xe0702010, 0x80020207, &out), GFX_OK); /* buffer_store_dword v2, v7, s[8:11], 0 idxen offset:16 */
	ck_assert_uint_eq(out.lanes, 0x3);
	ck_assert_uint_eq(out.addr[0], BASE + 3 * 24 + 16);
	ck_assert_uint_eq(out.addr[1], BASE + 511 * 24 + 16);
}
END_TEST

START_TEST(not_followed)
{
	struct gfx_access out;
	ck_assert_int_eq(access_of(0xe0501000, 0x80020707, &out), GFX_UNKNOWN); /* buffer_load_dword v7, v7, ...: the address is gone */
	ck_assert_int_eq(access_of(0xe0a00000, 0, &out), GFX_UNSUPPORTED); /* buffer_wbl2 */
	sgpr(DESCRIPTOR + 1, (uint32_t)(BASE >> 32) | UINT32_C(1) << 31);
	ck_assert_int_eq(access_of(0xe0501000, 0x80020207, &out), GFX_UNSUPPORTED); /* swizzled */
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_EACH(buffers, moves), TAP_ONE(stored), TAP_ONE(beyond_the_buffer), TAP_ONE(structured), TAP_ONE(not_followed),
	};
	return TAP_RUN("accesses", tests, setup, teardown);
}
