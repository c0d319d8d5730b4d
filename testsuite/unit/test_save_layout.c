/* Header and control stack: worked examples, what is accepted although odd, every deviation that must be refused. */
#include <stdio.h>
#include <string.h>

#include "testsuite/unit/area_builder.h"
#include "testsuite/unit/tap.h"

/* STATE: 40 VGPRs + 24 ACC VGPRs, 112 SGPR slots, 4 KiB of LDS. */
#define STATE 0x890011C7
#define FIRST 0x00028000
#define LAST 0x00018001
#define BOTH 0x00038000
#define EVENT 0x40000000

enum { SIZE_FIRST = 0x5280, SIZE_OTHER = 0x4280 };

static const struct gfx_family *family(void)
{
	return gfx_family_by_name("gfx942");
}

/* ------------------------------------------------------------------ the worked example */

static const uint32_t example[] = { STATE, FIRST, LAST };

struct expected_record {
	const char *what;
	size_t field;
	uint32_t first, last;
};

#define FIELD(name, first, last) { #name, offsetof(struct gfx_wave_record, name), first, last }

static const struct expected_record expected_records[] = {
	FIELD(base, 0x7280, 0x3000),
	FIELD(size, 0x5280, 0x4280),
	FIELD(vgpr, 0x7280, 0x3000),
	FIELD(acc, 0x9A80, 0x5800),
	FIELD(shared, 0xB280, 0x7000),
	FIELD(sgpr, 0xB280, 0x7000),
	FIELD(hwreg, 0xB440, 0x71C0),
	FIELD(ttmp, 0xB480, 0x7200),
	FIELD(lds, 0xB4C0, 0xB4C0),
	FIELD(lds_bytes, 4096, 4096),
};

START_TEST(worked_example)
{
	const struct expected_record *e = &expected_records[_i];
	struct built_area a;
	struct gfx_error err;
	area_build(&a, example, 3, 0x9500);
	ck_assert_uint_eq(get32(a.bytes), 0x2FEC);
	ck_assert_uint_eq(get32(a.bytes + 8), 0xC500);
	ck_assert_int_eq(area_decode(&a, family(), &err), GFX_OK);
	ck_assert_uint_eq(a.n_recs, 2);
	uint32_t ours[2];
	for (int i = 0; i < 2; i++)
		memcpy(&ours[i], (const char *)&a.recs[i] + e->field, 4);
	ck_assert_msg(ours[0] == e->first && ours[1] == e->last, "%s: 0x%x and 0x%x", e->what, ours[0], ours[1]);
	area_free(&a);
}
END_TEST

START_TEST(worked_example_counts)
{
	struct built_area a;
	area_build(&a, example, 3, 0x9500);
	ck_assert_int_eq(area_decode(&a, family(), NULL), GFX_OK);
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_eq(a.recs[i].n_vgprs, 40);
		ck_assert_uint_eq(a.recs[i].n_acc, 24);
		ck_assert_uint_eq(a.recs[i].n_shared, 0);
		ck_assert_uint_eq(a.recs[i].n_sgpr_slots, 112);
		ck_assert_uint_eq(a.recs[i].lanes, 64);
		ck_assert_uint_eq(a.recs[i].scoreboard, i);
		ck_assert(a.recs[i].scratch_enabled);
		ck_assert_uint_eq(a.recs[i].se, 0);
		ck_assert(a.recs[i].first == (i == 0) && a.recs[i].last == (i == 1));
	}
	area_free(&a);
}
END_TEST

START_TEST(worked_example_registers)
{
	static const struct {
		const char *name;
		uint32_t offset, bytes;
	} slots[] = {
		{ "pc", 0xB444, 8 }, { "status", 0xB454, 4 }, { "trapsts", 0xB458, 4 }, { "mode", 0xB464, 4 },
		{ "ttmp6", 0xB498, 4 }, { "ttmp11", 0xB4AC, 4 }, { "vcc", 0xB428, 8 }, { "exec", 0xB44C, 8 },
		{ "m0", 0xB440, 4 }, { "s0", 0xB280, 4 }, { "v1", 0x7380, 256 }, { "a23", 0xB180, 256 },
	};
	struct built_area a;
	area_build(&a, example, 3, 0x9500);
	ck_assert_int_eq(area_decode(&a, family(), NULL), GFX_OK);
	struct gfx_wave w = { .family = family(), .area = a.bytes, .rec = a.recs[0], .ttmps_setup = true };
	for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++) {
		uint32_t offset = 0, bytes = 0;
		int regno = gfx_reg_by_name(w.family, slots[i].name);
		ck_assert_int_ge(regno, 0);
		ck_assert_int_eq(gfx_reg_slot(&w, (size_t)regno, &offset, &bytes, NULL), GFX_OK);
		ck_assert_msg(offset == slots[i].offset && bytes == slots[i].bytes, "%s at 0x%x, %u bytes", slots[i].name, offset, bytes);
	}
	area_free(&a);
}
END_TEST

/* ------------------------------------------------------------------ fields, one at a time */

struct field_case {
	uint32_t state, wave;
	uint16_t n_vgprs, n_acc, n_sgpr_slots, scoreboard;
	uint32_t lds_bytes;
	uint8_t se;
	bool scratch;
};

static const struct field_case field_cases[] = {
	{ 0x800001C0, 0x00030000, 4, 4, 112, 0, 0, 0, false },
	{ 0xBF0001FF, 0x000301FF, 256, 256, 112, 0x1FF, 0, 0, false },
	{ 0x81000001, 0x00030000, 8, 8, 0, 0, 0, 0, false },
	{ 0x83000181, 0x00030200, 16, 0, 96, 0, 0, 1, false },
	{ 0x80000041, 0x00030600, 4, 12, 16, 0, 0, 3, false },
	{ 0x80000040 | 4 << 9, 0x00038000, 4, 4, 16, 0, 2048, 0, true },
	{ 0x80000040 | 128 << 9, 0x00030400, 4, 4, 16, 0, 65536, 2, false },
};

START_TEST(fields)
{
	const struct field_case *c = &field_cases[_i];
	uint32_t entries[] = { c->state, c->wave };
	struct built_area a;
	struct gfx_error err = { 0 };
	uint32_t size = 64 + 128 + c->lds_bytes + c->n_sgpr_slots * 4u + (c->n_vgprs + c->n_acc) * 256u;
	area_build(&a, entries, 2, size);
	ck_assert_msg(area_decode(&a, family(), &err) == GFX_OK, "%s", err.text);
	ck_assert_uint_eq(a.n_recs, 1);
	const struct gfx_wave_record *r = &a.recs[0];
	ck_assert_uint_eq(r->n_vgprs, c->n_vgprs);
	ck_assert_uint_eq(r->n_acc, c->n_acc);
	ck_assert_uint_eq(r->n_sgpr_slots, c->n_sgpr_slots);
	ck_assert_uint_eq(r->scoreboard, c->scoreboard);
	ck_assert_uint_eq(r->lds_bytes, c->lds_bytes);
	ck_assert_uint_eq(r->se, c->se);
	ck_assert(r->scratch_enabled == c->scratch);
	ck_assert_uint_eq(r->size, size);
	area_free(&a);
}
END_TEST

/* ------------------------------------------------------------------ stacks */

struct stack_case {
	const char *what;
	uint32_t entries[8];
	unsigned n;
	uint32_t wave_bytes;
	unsigned waves;     /* of a good one */
	const char *refusal; /* a part of the text; NULL: accepted */
};

static const struct stack_case stack_cases[] = {
	{ "one group of two", { STATE, FIRST, LAST }, 3, SIZE_FIRST + SIZE_OTHER, 2, NULL },
	{ "events anywhere", { EVENT, STATE, EVENT | 7, FIRST, 0xFFFFFFFF, LAST, EVENT }, 7, SIZE_FIRST + SIZE_OTHER, 2, NULL },
	{ "an event that looks like a state", { 0xC0000000, STATE, BOTH }, 3, SIZE_FIRST, 1, NULL },
	{ "two groups of one", { STATE, BOTH, BOTH }, 3, 2 * SIZE_FIRST, 2, NULL },
	{ "a state for each wave", { STATE, FIRST, STATE, LAST }, 4, SIZE_FIRST + SIZE_OTHER, 2, NULL },
	{ "states without waves", { STATE, STATE }, 2, 0, 0, NULL },
	{ "no entries", { 0 }, 0, 0, 0, NULL },
	{ "geometry changes", { STATE, BOTH, 0x80000040, BOTH }, 4, SIZE_FIRST + 64 + 128 + 64 + 8 * 256, 2, NULL },
	{ "wave before state", { BOTH, STATE }, 2, SIZE_FIRST, 0, "before any state entry" },
	{ "group without the first flag", { STATE, LAST }, 2, SIZE_OTHER, 0, "without the first-wave flag" },
	{ "second group without the first flag", { STATE, BOTH, LAST }, 3, SIZE_FIRST + SIZE_OTHER, 0, "without the first-wave flag" },
	{ "records end too high", { STATE, BOTH }, 2, SIZE_FIRST + 4, 0, "records end at" },
	{ "records end too low", { STATE, FIRST, LAST }, 3, SIZE_FIRST + SIZE_OTHER - 4, 0, "left of the wave area" },
	{ "waves without room", { STATE, BOTH }, 2, 0, 0, "left of the wave area" },
	{ "room without waves", { STATE }, 1, SIZE_FIRST, 0, "records end at" },
	{ "LDS grows", { STATE + (1 << 9), FIRST, LAST }, 3, SIZE_FIRST + SIZE_OTHER, 0, "left of the wave area" },
	{ "VGPR split beyond the sum", { 0xBF0001C7, BOTH }, 2, SIZE_FIRST, 0, "VGPRs of" },
};

START_TEST(stacks)
{
	const struct stack_case *c = &stack_cases[_i];
	struct built_area a;
	struct gfx_error err = { 0 };
	area_build(&a, c->entries, c->n, c->wave_bytes);
	int status = area_decode(&a, family(), &err);
	if (c->refusal) {
		ck_assert_msg(status == GFX_CORRUPT && err.status == GFX_CORRUPT, "%s: status %d", c->what, status);
		ck_assert_msg(strstr(err.text, c->refusal), "%s: text is \"%s\"", c->what, err.text);
		ck_assert_msg(a.n_recs == 0, "%s: %zu waves of a corrupt stack were shown", c->what, a.n_recs);
	} else {
		ck_assert_msg(status == GFX_OK, "%s: %s", c->what, err.text);
		ck_assert_msg(a.n_recs == c->waves, "%s: %zu waves", c->what, a.n_recs);
	}
	area_free(&a);
}
END_TEST

static int refuse(void *arg, const struct gfx_wave_record *rec)
{
	(void)rec;
	++*(int *)arg;
	return 77;
}

START_TEST(emit_ends_the_walk)
{
	struct built_area a;
	int calls = 0;
	area_build(&a, example, 3, 0x9500);
	ck_assert_int_eq(area_decode(&a, family(), NULL), GFX_OK);
	ck_assert_int_eq(gfx_save_walk(family(), a.bytes, BUILT_AREA_BYTES, &a.header, refuse, &calls, NULL), 77);
	ck_assert_int_eq(calls, 1);
	area_free(&a);
}
END_TEST

/* ------------------------------------------------------------------ headers */

struct header_case {
	const char *what;
	uint32_t stack_offset, stack_size, wave_end, wave_size;
	size_t area_size;
	const char *refusal;
};

static const struct header_case header_cases[] = {
	{ "the example", 0x2FEC, 0x14, 0xC500, 0x9500, 0x10000, NULL },
	{ "stack right behind the header", 0x28, 0x8, 0x30, 0, 0x10000, NULL },
	{ "stack far below its usual place", 0x100, 0x14, 0x9614, 0x9500, 0x10000, NULL },
	{ "area just large enough", 0x2FEC, 0x14, 0xC500, 0x9500, 0xC500, NULL },
	{ "nothing saved", 0, 0, 0, 0, 0x10000, NULL },
	{ "nothing saved, pointers at rest", 0x3000, 0, 0x3000, 0, 0x10000, NULL },
	{ "gap between stack and waves", 0x2FE8, 0x14, 0xC500, 0x9500, 0x10000, "wave area begins at" },
	{ "stack and waves overlap", 0x2FF0, 0x14, 0xC500, 0x9500, 0x10000, "wave area begins at" },
	{ "stack size not a multiple of 4", 0x2FED, 0x13, 0xC500, 0x9500, 0x10000, "not a multiple of 4" },
	{ "wave size not a multiple of 4", 0x2FEB, 0x14, 0xC4FF, 0x9500, 0x10000, "not aligned" },
	{ "wave area larger than its end", 0x2FEC, 0x14, 0x9500, 0xC500, 0x10000, "ends at offset" },
	{ "sums that wrap", 0xFFFFFFF0, 0x20, 0xC500, 0xC4F0, 0x10000, "wave area begins at" },
	{ "wave area beyond the area", 0x2FEC, 0x14, 0xC500, 0x9500, 0xC4FC, "the save area at" },
	{ "stack in the header", 0x10, 0x14, 0x9524, 0x9500, 0x10000, "inside the header" },
	{ "stack of one dword", 0x2FFC, 4, 0xC500, 0x9500, 0x10000, "shorter than its own header" },
	{ "waves without stack", 0x3000, 0, 0xC500, 0x9500, 0x10000, "without a control stack" },
};

START_TEST(headers)
{
	const struct header_case *c = &header_cases[_i];
	uint8_t bytes[GFX_SAVE_HEADER_BYTES] = { 0 };
	struct gfx_save_header h;
	struct gfx_error err = { 0 };
	put32(bytes, c->stack_offset);
	put32(bytes + 4, c->stack_size);
	put32(bytes + 8, c->wave_end);
	put32(bytes + 12, c->wave_size);
	int status = gfx_save_parse_header(bytes, sizeof bytes, c->area_size, &h, &err);
	if (c->refusal) {
		ck_assert_msg(status == GFX_CORRUPT, "%s: status %d", c->what, status);
		ck_assert_msg(strstr(err.text, c->refusal), "%s: text is \"%s\"", c->what, err.text);
		return;
	}
	ck_assert_msg(status == GFX_OK, "%s: %s", c->what, err.text);
	ck_assert_uint_eq(h.control_stack_offset, c->stack_offset);
	ck_assert_uint_eq(h.control_stack_size, c->stack_size);
	ck_assert_uint_eq(h.wave_state_offset, c->wave_end);
	ck_assert_uint_eq(h.wave_state_size, c->wave_size);
}
END_TEST

START_TEST(header_user_fields)
{
	uint8_t bytes[GFX_SAVE_HEADER_BYTES] = { 0 };
	struct gfx_save_header h;
	put32(bytes + 16, 0x12340000);
	put32(bytes + 20, 0xBE00);
	put32(bytes + 24, 0x89ABCDEF);
	put32(bytes + 28, 0x01234567);
	put32(bytes + 32, 42);
	ck_assert_int_eq(gfx_save_parse_header(bytes, sizeof bytes, 0x1000, &h, NULL), GFX_OK);
	ck_assert_uint_eq(h.debug_offset, 0x12340000);
	ck_assert_uint_eq(h.debug_size, 0xBE00);
	ck_assert_uint_eq(h.err_payload_addr, UINT64_C(0x0123456789ABCDEF));
	ck_assert_uint_eq(h.err_event_id, 42);
}
END_TEST

START_TEST(header_truncated)
{
	uint8_t bytes[GFX_SAVE_HEADER_BYTES] = { 0 };
	struct gfx_save_header h = { .debug_size = 7 };
	struct gfx_error err;
	for (size_t n = 0; n < sizeof bytes; n++) {
		ck_assert_int_eq(gfx_save_parse_header(bytes, n, 0x1000, &h, &err), GFX_CORRUPT);
		ck_assert_int_eq(gfx_save_parse_header(bytes, sizeof bytes, n, &h, &err), GFX_CORRUPT);
	}
	/* The result is touched only on success. */
	ck_assert_uint_eq(h.debug_size, 7);
}
END_TEST

START_TEST(area_truncated)
{
	/* A header that was believed for a larger area does not make the walk read beyond a smaller one. */
	struct built_area a;
	struct gfx_error err;
	int calls = 0;
	area_build(&a, example, 3, 0x9500);
	ck_assert_int_eq(area_decode(&a, family(), NULL), GFX_OK);
	for (size_t size = 0; size < 0xC500; size += 0x500)
		ck_assert_int_eq(gfx_save_walk(family(), a.bytes, size, &a.header, refuse, &calls, &err), GFX_CORRUPT);
	ck_assert_int_eq(calls, 0);
	area_free(&a);
}
END_TEST

/* ------------------------------------------------------------------ what only the record shows */

START_TEST(misaligned_pc)
{
	struct built_area a;
	struct gfx_wave w;
	struct gfx_error err = { 0 };
	area_one_wave(&a, &w, 7);
	ck_assert_int_eq(gfx_wave_check(&w, &w, &err), GFX_OK);
	put32(a.bytes + w.rec.hwreg + 4, 0x1002);
	ck_assert_int_eq(gfx_wave_check(&w, &w, &err), GFX_CORRUPT);
	ck_assert_msg(strstr(err.text, "misaligned PC 0x1002"), "%s", err.text);
	area_free(&a);
}
END_TEST

START_TEST(other_group)
{
	struct built_area a;
	struct gfx_error err = { 0 };
	area_build(&a, example, 3, 0x9500);
	ck_assert_int_eq(area_decode(&a, family(), NULL), GFX_OK);
	struct gfx_wave leader = { .family = family(), .area = a.bytes, .rec = a.recs[0], .ttmps_setup = true }, w = leader;
	w.rec = a.recs[1];
	ck_assert_int_eq(gfx_wave_check(&w, &leader, &err), GFX_OK);
	put32(a.bytes + w.rec.ttmp + 4 * 9, 3);
	ck_assert_int_eq(gfx_wave_check(&w, &leader, &err), GFX_CORRUPT);
	ck_assert_msg(strstr(err.text, "work-group 0,3,0 is not its first wave's (0,0,0)"), "%s", err.text);
	/* Without setup these TTMPs mean nothing. */
	w.ttmps_setup = leader.ttmps_setup = false;
	ck_assert_int_eq(gfx_wave_check(&w, &leader, &err), GFX_OK);
	area_free(&a);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		{ "worked example: a field of both records", worked_example, TAP_COUNT(expected_records) },
		{ "worked example: counts and flags", worked_example_counts, 1 },
		{ "worked example: register slots", worked_example_registers, 1 },
		{ "fields of state and wave words", fields, TAP_COUNT(field_cases) },
		{ "control stacks", stacks, TAP_COUNT(stack_cases) },
		{ "callback ends the walk", emit_ends_the_walk, 1 },
		{ "headers", headers, TAP_COUNT(header_cases) },
		{ "header fields of the runtime", header_user_fields, 1 },
		{ "truncated header", header_truncated, 1 },
		{ "truncated area", area_truncated, 1 },
		{ "misaligned PC", misaligned_pc, 1 },
		{ "groups that differ within a group", other_group, 1 },
	};
	return TAP_RUN("save area layout", tests, NULL, NULL);
}
