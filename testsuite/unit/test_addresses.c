/* Swizzle, scratch slots, generic addresses, packet ids, watch ranges: arithmetic with known answers (wave-state 6, 8.1, 12.1). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "testsuite/unit/area_builder.h"
#include "testsuite/unit/tap.h"

/* ------------------------------------------------------------------ swizzle */

static const struct {
	unsigned lanes, lane;
	uint32_t addr, offset, run;
} swizzles[] = {
	{ 64, 0, 4, 0x100, 4 }, { 64, 3, 5, 0x10D, 3 }, { 64, 63, 0x70, 0x1CFC, 4 }, { 32, 0, 4, 0x80, 4 }, { 32, 3, 5, 0x8D, 3 },
	{ 64, 0, 0, 0, 4 }, { 64, 63, 3, 0xFF, 1 }, { 64, 1, 2, 6, 2 },
};

START_TEST(swizzle)
{
	uint32_t run = 0;
	uint32_t offset = gfx_swizzle(swizzles[_i].lanes, swizzles[_i].lane, swizzles[_i].addr, &run);
	ck_assert_msg(offset == swizzles[_i].offset && run == swizzles[_i].run, "0x%x, %u bytes", offset, run);
	ck_assert_uint_eq(gfx_swizzle(swizzles[_i].lanes, swizzles[_i].lane, swizzles[_i].addr, NULL), offset);
}
END_TEST

START_TEST(swizzle_is_a_bijection)
{
	/* Every byte of every lane has its own place. */
	static uint8_t taken[64 * 256];
	for (unsigned lane = 0; lane < 64; lane++)
		for (uint32_t addr = 0; addr < 256; addr++) {
			uint32_t at = gfx_swizzle(64, lane, addr, NULL);
			ck_assert_uint_lt(at, sizeof taken);
			ck_assert_msg(!taken[at]++, "0x%x twice", at);
		}
}
END_TEST

/* ------------------------------------------------------------------ scratch */

struct scratch_case {
	uint32_t tmpring;
	unsigned se_count, xcc, se, scoreboard;
	uint64_t backing_per_xcc, offset; /* from backing */
	uint32_t bytes;
	int status;
};

#define RING(waves, kib) ((waves) | (kib) << 12)

static const struct scratch_case scratch_cases[] = {
	{ RING(64, 4), 4, 0, 0, 0, 0x100000, 0, 4096, GFX_OK },
	{ RING(64, 4), 4, 0, 0, 5, 0x100000, 5 * 4096, 4096, GFX_OK },
	{ RING(64, 4), 4, 0, 3, 15, 0x100000, (16 * 3 + 15) * 4096, 4096, GFX_OK },
	{ RING(64, 4), 4, 2, 1, 1, 0x100000, 0x200000 + 17 * 4096, 4096, GFX_OK },
	{ RING(64, 4), 4, 2, 1, 1, 0, 2 * 64 * 4096 + 17 * 4096, 4096, GFX_OK },
	{ RING(4095, 8191), 1, 0, 0, 511, 0, UINT64_C(511) * 8191 * 1024, 8191 * 1024, GFX_OK },
	{ RING(0, 4), 4, 0, 0, 0, 0, 0, 0, GFX_RANGE },
	{ RING(64, 0), 4, 0, 0, 0, 0, 0, 0, GFX_RANGE },
	{ RING(66, 4), 4, 0, 0, 0, 0, 0, 0, GFX_CORRUPT },
	{ RING(64, 4), 0, 0, 0, 0, 0, 0, 0, GFX_CORRUPT },
};

START_TEST(scratch)
{
	const struct scratch_case *c = &scratch_cases[_i];
	const uint64_t backing = UINT64_C(0x7F0012340000);
	struct gfx_scratch_config config = { c->tmpring, backing, c->backing_per_xcc, c->se_count };
	struct built_area a;
	struct gfx_wave w;
	struct gfx_scratch out;
	struct gfx_error err = { 0 };
	area_one_wave(&a, &w, 7);
	w.rec.se = (uint8_t)c->se;
	w.rec.scoreboard = (uint16_t)c->scoreboard;
	uint8_t *flat = a.bytes + w.rec.sgpr + 4 * 102;
	put32(flat, (uint32_t)(backing + c->offset));
	put32(flat + 4, (uint32_t)((backing + c->offset) >> 32));
	int status = gfx_wave_scratch(&w, &config, c->xcc, &out, &err);
	ck_assert_msg(status == c->status, "status %d: %s", status, err.text);
	if (status == GFX_OK) {
		ck_assert_uint_eq(out.base, backing + c->offset);
		ck_assert_uint_eq(out.bytes, c->bytes);
		/* The wave's own idea must agree. */
		put32(flat, (uint32_t)(backing + c->offset) + 0x400);
		ck_assert_int_eq(gfx_wave_scratch(&w, &config, c->xcc, &out, &err), GFX_CORRUPT);
		ck_assert_msg(strstr(err.text, "FLAT_SCRATCH"), "%s", err.text);
	}
	area_free(&a);
}
END_TEST

/* ------------------------------------------------------------------ generic addresses */

static const struct {
	uint64_t addr, offset;
	enum gfx_space space;
} generics[] = {
	{ 0, 0, GFX_SPACE_GLOBAL },
	{ UINT64_C(0x7F0000001234), UINT64_C(0x7F0000001234), GFX_SPACE_GLOBAL },
	{ UINT64_C(0x0001000000000014), 0x14, GFX_SPACE_LOCAL },
	{ UINT64_C(0x0001000100000014), 0x14, GFX_SPACE_LOCAL },
	{ UINT64_C(0x0002000000000070), 0x70, GFX_SPACE_PRIVATE },
	{ UINT64_C(0x00020000FFFFFFFF), 0xFFFFFFFF, GFX_SPACE_PRIVATE },
	{ UINT64_C(0x0003000000000000), UINT64_C(0x0003000000000000), GFX_SPACE_GLOBAL },
};

START_TEST(generic)
{
	uint64_t offset = 1;
	ck_assert_int_eq(gfx_generic_space(generics[_i].addr, UINT64_C(1) << 48, UINT64_C(2) << 48, &offset), generics[_i].space);
	ck_assert_uint_eq(offset, generics[_i].offset);
}
END_TEST

START_TEST(generic_without_apertures)
{
	uint64_t offset;
	ck_assert_int_eq(gfx_generic_space(0x1000, 0, 0, &offset), GFX_SPACE_GLOBAL);
}
END_TEST

/* ------------------------------------------------------------------ packets */

static const struct {
	uint64_t index, ring, read, write, id;
	int status;
} packets[] = {
	{ 3, 64, 0, 5, 3, GFX_OK },
	{ 1, 64, 126, 131, 129, GFX_OK },
	{ 62, 64, 126, 131, 126, GFX_OK },
	{ 5, 64, 64, 70, 69, GFX_OK },
	{ 0, 64, 128, 129, 128, GFX_OK },
	{ 63, 64, 64, 128, 127, GFX_OK },
	{ 5, 64, 0, 5, 0, GFX_CORRUPT },
	{ 3, 64, 126, 131, 0, GFX_CORRUPT },
	{ 61, 64, 126, 131, 0, GFX_CORRUPT },
	{ 4, 64, 5, 10, 0, GFX_CORRUPT },
	{ 0, 64, 0, 0, 0, GFX_CORRUPT },
	{ 64, 64, 0, 100, 0, GFX_CORRUPT },
	{ UINT64_MAX, 64, 126, 131, 0, GFX_CORRUPT },
	{ 0, 0, 0, 1, 0, GFX_CORRUPT },
};

START_TEST(packet_id)
{
	uint64_t id = 0;
	ck_assert_int_eq(gfx_packet_id(packets[_i].index, packets[_i].ring, packets[_i].read, packets[_i].write, &id), packets[_i].status);
	ck_assert_uint_eq(id, packets[_i].id);
}
END_TEST

START_TEST(packet_fields)
{
	uint8_t bytes[GFX_PACKET_BYTES];
	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i + 1);
	struct gfx_dispatch_packet p;
	gfx_packet_parse(bytes, &p);
	ck_assert_uint_eq(p.header, 0x0201);
	ck_assert_uint_eq(p.type, 1);
	ck_assert_uint_eq(p.dimensions, 3);
	ck_assert_uint_eq(p.group_size[0], 0x0605);
	ck_assert_uint_eq(p.group_size[1], 0x0807);
	ck_assert_uint_eq(p.group_size[2], 0x0A09);
	ck_assert_uint_eq(p.grid_size[0], 0x100F0E0D);
	ck_assert_uint_eq(p.grid_size[1], 0x14131211);
	ck_assert_uint_eq(p.grid_size[2], 0x18171615);
	ck_assert_uint_eq(p.private_bytes, 0x1C1B1A19);
	ck_assert_uint_eq(p.group_bytes, 0x201F1E1D);
	ck_assert_uint_eq(p.kernel_object, UINT64_C(0x2827262524232221));
	ck_assert_uint_eq(p.kernarg, UINT64_C(0x302F2E2D2C2B2A29));
	ck_assert_uint_eq(p.completion_signal, UINT64_C(0x403F3E3D3C3B3A39));
}
END_TEST

/* ------------------------------------------------------------------ watch */

static const struct {
	unsigned low, high;
	uint64_t first, size, address, mask, covered;
} watches[] = {
	{ 6, 29, UINT64_C(0x7F1200001044), 4, UINT64_C(0x7F1200001040), UINT64_C(0xFFFFFFFFFFFFFFC0), 64 },
	{ 7, 29, UINT64_C(0x7F1200001044), 4, UINT64_C(0x7F1200001000), UINT64_C(0xFFFFFFFFFFFFFF80), 128 },
	{ 7, 30, UINT64_C(0x7F1200001044), 4, UINT64_C(0x7F1200001000), UINT64_C(0xFFFFFFFFFFFFFF80), 128 },
	{ 6, 29, UINT64_C(0x7F1200001078), 16, UINT64_C(0x7F1200001000), UINT64_C(0xFFFFFFFFFFFFFF00), 256 },
	{ 7, 30, UINT64_C(0x7F1200001078), 16, UINT64_C(0x7F1200001000), UINT64_C(0xFFFFFFFFFFFFFF00), 256 },
	{ 6, 29, UINT64_C(0x7F123FFFFFF8), 16, UINT64_C(0x7F123FFFFFC0), UINT64_C(0xFFFFFFFFFFFFFFC0), 64 },
	{ 7, 30, 0, 1, 0, UINT64_C(0xFFFFFFFFFFFFFF80), 128 },
	{ 7, 30, 0, UINT64_C(0x80000000), 0, UINT64_C(0xFFFFFFFF80000000), UINT64_C(0x80000000) },
	{ 7, 30, 0, UINT64_C(0x80000001), 0, UINT64_C(0xFFFFFFFF80000000), UINT64_C(0x80000000) },
	{ 6, 29, UINT64_C(0xFFFFFFFFFFFFFFF0), 16, UINT64_C(0xFFFFFFFFFFFFFFC0), UINT64_C(0xFFFFFFFFFFFFFFC0), 64 },
};

START_TEST(watch)
{
	struct gfx_watch plan;
	struct gfx_error err = { 0 };
	ck_assert_msg(gfx_watch_plan(watches[_i].low, watches[_i].high, watches[_i].first, watches[_i].size, &plan, &err) == GFX_OK, "%s",
		err.text);
	ck_assert_msg(plan.address == watches[_i].address && plan.mask == watches[_i].mask && plan.size == watches[_i].covered,
		"address 0x%" PRIx64 " mask 0x%" PRIx64 " size 0x%" PRIx64, plan.address, plan.mask, plan.size);
	ck_assert((watches[_i].first & plan.mask) == plan.address);
}
END_TEST

START_TEST(watch_in_two_parts)
{
	/* Going on at the end of what was covered covers the rest. */
	const uint64_t first = UINT64_C(0x7F123FFFFFF8), end = first + 16;
	struct gfx_watch plan;
	uint64_t at = first;
	unsigned parts = 0;
	while (at < end) {
		ck_assert_int_eq(gfx_watch_plan(6, 29, at, end - at, &plan, NULL), GFX_OK);
		ck_assert(plan.address <= at && plan.address + plan.size > at);
		at = plan.address + plan.size;
		parts++;
	}
	ck_assert_uint_eq(parts, 2);
}
END_TEST

static const struct {
	unsigned low, high;
	uint64_t first, size;
} bad_watches[] = {
	{ 6, 29, 0x1000, 0 }, { 6, 29, UINT64_MAX, 2 }, { 30, 29, 0x1000, 4 }, { 6, 64, 0x1000, 4 }, { 0, 63, 0, UINT64_MAX },
};

START_TEST(watch_refused)
{
	struct gfx_watch plan;
	struct gfx_error err = { 0 };
	ck_assert_int_eq(gfx_watch_plan(bad_watches[_i].low, bad_watches[_i].high, bad_watches[_i].first, bad_watches[_i].size, &plan, &err),
		GFX_RANGE);
	ck_assert_uint_gt(strlen(err.text), 0);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		{ "private swizzle", swizzle, TAP_COUNT(swizzles) },
		{ "private swizzle has no collisions", swizzle_is_a_bijection, 1 },
		{ "scratch slots", scratch, TAP_COUNT(scratch_cases) },
		{ "generic addresses", generic, TAP_COUNT(generics) },
		{ "generic address without apertures", generic_without_apertures, 1 },
		{ "packet ids", packet_id, TAP_COUNT(packets) },
		{ "packet fields", packet_fields, 1 },
		{ "watch ranges", watch, TAP_COUNT(watches) },
		{ "watch in two parts", watch_in_two_parts, 1 },
		{ "watch refused", watch_refused, TAP_COUNT(bad_watches) },
	};
	return TAP_RUN("addresses", tests, NULL, NULL);
}
