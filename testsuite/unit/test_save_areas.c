/* Every fact of the saved waves in testsuite/data, wave by wave and kind by kind. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/unit/save_fixture.h"
#include "testsuite/unit/tap.h"

enum { N_WAVES = 15, SE_COUNT = 4 };

static const uint64_t shared_base = UINT64_C(1) << 48, private_base = UINT64_C(2) << 48;

static struct fixture fixture;

static void setup(void)
{
	fixture_load(&fixture, "gfx942");
}

static void teardown(void)
{
	fixture_free(&fixture);
}

static uint32_t load32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t load64(const uint8_t *p)
{
	return load32(p) | (uint64_t)load32(p + 4) << 32;
}

/* Calls `one` with the rest of each line "KIND wave rest" of a wave; answers how many there were. */
static unsigned each_fact(struct gfx_wave *w, char kind, void (*one)(struct gfx_wave *, const char *line, const char *rest))
{
	char name[64], prefix[80];
	fixture_wave_name(w, name, sizeof name);
	int n = snprintf(prefix, sizeof prefix, "%c %s ", kind, name);
	unsigned count = 0;
	for (size_t i = 0; i < fixture.n_facts; i++)
		if (strncmp(fixture.facts[i], prefix, (size_t)n) == 0) {
			one(w, fixture.facts[i], fixture.facts[i] + n);
			count++;
		}
	return count;
}

/* What a debugger does at its first stop: every running wave is stopped. */
static void stop_all(void)
{
	for (size_t i = 0; i < fixture.n_waves; i++) {
		struct gfx_wave *w = &fixture.waves[i];
		gfx_wave_set_id(w, i + 1);
		gfx_wave_stop(w);
	}
}

static uint64_t packet_of(const struct gfx_wave *w)
{
	struct gfx_wave_place place;
	ck_assert_int_eq(gfx_wave_place(w, &place), GFX_OK);
	const struct fixture_piece *ring = fixture_piece(&fixture, "ring"), *queue = fixture_piece(&fixture, "amd-queue");
	const uint8_t *read_id = fixture_memory(&fixture, queue->addr + 128, 8), *write_id = fixture_memory(&fixture, queue->addr + 56, 8);
	uint64_t id = 0;
	ck_assert_int_eq(gfx_packet_id(place.packet_index, ring->length / 64, load64(read_id), load64(write_id), &id), GFX_OK);
	return id;
}

/* ------------------------------------------------------------------ state */

static void one_initial(struct gfx_wave *w, const char *line, const char *rest)
{
	unsigned state, reason;
	ck_assert_int_eq(sscanf(rest, "state %u reason %x", &state, &reason), 2);
	ck_assert_msg(gfx_wave_stopped(w) == (state == 3), "%s: we say %s", line, gfx_wave_stopped(w) ? "stopped" : "running");
	unsigned ours = gfx_wave_stopped(w) ? gfx_wave_stop_reasons(w) : 0;
	ck_assert_msg(ours == reason, "%s: we say reason %x", line, ours);
	ck_assert_int_eq(gfx_wave_check(w, NULL, NULL), GFX_OK);
}

START_TEST(initial_state)
{
	ck_assert_uint_eq(each_fact(&fixture.waves[_i], 'I', one_initial), 1);
}
END_TEST

/* The fact of the state before the stop that a running wave was stopped by. */
static bool was_running[N_WAVES];

static void one_stopped(struct gfx_wave *w, const char *line, const char *rest)
{
	unsigned state, reason, lanes;
	uint64_t pc, exec, packet;
	ck_assert_int_eq(sscanf(rest, "state %u reason %x pc %" SCNx64 " exec %" SCNx64 " lanes %u packet %" SCNu64, &state, &reason, &pc,
		&exec, &lanes, &packet), 6);
	ck_assert_msg(gfx_wave_stopped(w), "%s: we say running", line);
	unsigned ours = was_running[w - fixture.waves] ? 0 : gfx_wave_stop_reasons(w);
	ck_assert_msg(ours == reason, "%s: we say reason %x", line, ours);
	ck_assert_msg(gfx_wave_pc(w) == pc, "%s: we say pc %" PRIx64, line, gfx_wave_pc(w));
	ck_assert_msg(gfx_wave_exec(w) == exec, "%s: we say exec %" PRIx64, line, gfx_wave_exec(w));
	ck_assert_msg(w->rec.lanes == lanes, "%s: we say lanes %u", line, w->rec.lanes);
	ck_assert_msg(packet_of(w) == packet, "%s: we say packet %" PRIu64, line, packet_of(w));
}

START_TEST(stopped_state)
{
	for (size_t i = 0; i < fixture.n_waves; i++)
		was_running[i] = !gfx_wave_stopped(&fixture.waves[i]);
	stop_all();
	ck_assert_uint_eq(each_fact(&fixture.waves[_i], 'W', one_stopped), 1);
}
END_TEST

/* ------------------------------------------------------------------ registers */

static uint64_t fnv1a(const uint8_t *p, size_t n)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325);
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * UINT64_C(0x100000001B3);
	return hash;
}

static void one_register(struct gfx_wave *w, const char *line, const char *rest)
{
	char name[32];
	unsigned bytes;
	int used;
	ck_assert_int_eq(sscanf(rest, "%31s %u %n", name, &bytes, &used), 2);
	int regno = gfx_reg_by_name(w->family, name);
	ck_assert_msg(regno >= 0, "%s: no such register", line);
	const struct gfx_reg_row *row = &w->family->regs[regno];
	ck_assert_msg(row->bytes == bytes, "%s: we say %u bytes", line, row->bytes);

	uint8_t value[256];
	struct gfx_error err;
	ck_assert_msg(gfx_reg_read(w, (size_t)regno, value, &err) == GFX_OK, "%s: %s", line, err.text);
	if (bytes <= 8) {
		uint64_t expected = strtoull(rest + used, NULL, 16), ours = bytes == 4 ? load32(value) : load64(value);
		ck_assert_msg(ours == expected, "%s: we say %" PRIx64, line, ours);
		return;
	}
	uint32_t first, second, last;
	uint64_t hash;
	ck_assert_int_eq(sscanf(rest + used, "%" SCNx32 " %" SCNx32 " %" SCNx32 " %" SCNx64, &first, &second, &last, &hash), 4);
	ck_assert_msg(load32(value) == first && load32(value + 4) == second && load32(value + bytes - 4) == last, "%s: we say %x %x %x", line,
		load32(value), load32(value + 4), load32(value + bytes - 4));
	ck_assert_msg(fnv1a(value, bytes) == hash, "%s: we say hash %" PRIx64, line, fnv1a(value, bytes));
}

START_TEST(registers)
{
	stop_all();
	struct gfx_wave *w = &fixture.waves[_i];
	unsigned facts = each_fact(w, 'R', one_register), present = 0;
	for (size_t i = 0; i < w->family->n_regs; i++)
		present += gfx_reg_present(w, i);
	/* Each present register has its fact and no fact is left over; ttmp4 and ttmp5, the wave id, are the debugger's own. */
	ck_assert_uint_eq(facts + 2, present);
}
END_TEST

/* ------------------------------------------------------------------ memory */

/* Compares with "VALUE" or "fail"; p NULL: outside. */
static void compare_dword(const char *line, const char *expected, const uint8_t *p)
{
	if (strcmp(expected, "fail") == 0) {
		ck_assert_msg(!p, "%s: we find %x", line, p ? load32(p) : 0);
		return;
	}
	ck_assert_msg(p, "%s: we say outside", line);
	ck_assert_msg(load32(p) == strtoul(expected, NULL, 16), "%s: we say %x", line, load32(p));
}

static const uint8_t *lds(const struct gfx_wave *w, uint64_t offset)
{
	return offset + 4 <= w->rec.lds_bytes ? w->area + w->rec.lds + offset : NULL;
}

static void one_lds(struct gfx_wave *w, const char *line, const char *rest)
{
	unsigned offset;
	char value[16];
	ck_assert_int_eq(sscanf(rest, "%x = %15s", &offset, value), 2);
	compare_dword(line, value, lds(w, offset));
}

START_TEST(lds_by_offset)
{
	ck_assert_uint_ge(each_fact(&fixture.waves[_i], 'L', one_lds), 1);
}
END_TEST

static void one_generic(struct gfx_wave *w, const char *line, const char *rest)
{
	unsigned at;
	char value[16];
	ck_assert_int_eq(sscanf(rest, "shared %x = %15s", &at, value), 2);
	uint64_t offset;
	ck_assert_int_eq(gfx_generic_space(shared_base + at, shared_base, private_base, &offset), GFX_SPACE_LOCAL);
	compare_dword(line, value, lds(w, offset));
}

START_TEST(lds_by_generic_address)
{
	/* A work-group without LDS has no such fact. */
	unsigned n = each_fact(&fixture.waves[_i], 'G', one_generic);
	ck_assert_uint_eq(n, fixture.waves[_i].rec.lds_bytes ? 1 : 0);
}
END_TEST

static struct gfx_scratch scratch_of(const struct gfx_wave *w)
{
	const struct fixture_piece *queue = fixture_piece(&fixture, "amd-queue");
	const uint8_t *fields = fixture_memory(&fixture, queue->addr + 128, 64);
	struct gfx_scratch_config config = {
		.tmpring = load32(fields + 12),
		.backing = load64(fields + 32),
		.backing_per_xcc = load64(fields + 40),
		.se_count = SE_COUNT,
	};
	struct gfx_scratch scratch;
	struct gfx_error err;
	ck_assert_msg(gfx_wave_scratch(w, &config, 0, &scratch, &err) == GFX_OK, "%s", err.text);
	return scratch;
}

static const uint8_t *scratch_at(const struct gfx_wave *w, uint32_t offset)
{
	struct gfx_scratch scratch = scratch_of(w);
	return offset + 4 <= scratch.bytes ? fixture_memory(&fixture, scratch.base + offset, 4) : NULL;
}

static void one_private_lane(struct gfx_wave *w, const char *line, const char *rest)
{
	unsigned lane, at;
	char value[16];
	uint32_t run;
	ck_assert_int_eq(sscanf(rest, "lane %u at %x = %15s", &lane, &at, value), 3);
	compare_dword(line, value, scratch_at(w, gfx_swizzle(w->rec.lanes, lane, at, &run)));
	ck_assert_uint_eq(run, 4);
}

START_TEST(private_of_a_lane)
{
	ck_assert_uint_eq(each_fact(&fixture.waves[_i], 'P', one_private_lane), 3);
}
END_TEST

static void one_private_wave(struct gfx_wave *w, const char *line, const char *rest)
{
	unsigned at;
	char value[16];
	ck_assert_int_eq(sscanf(rest, "at %x = %15s", &at, value), 2);
	compare_dword(line, value, scratch_at(w, at));
}

START_TEST(private_of_a_wave)
{
	ck_assert_uint_eq(each_fact(&fixture.waves[_i], 'Q', one_private_wave), 2);
}
END_TEST

/* ------------------------------------------------------------------ the rest */

START_TEST(dispatches)
{
	const struct fixture_piece *ring = fixture_piece(&fixture, "ring");
	unsigned count = 0;
	for (size_t i = 0; i < fixture.n_facts; i++) {
		uint64_t id, kd;
		uint32_t grid[3], priv, group;
		unsigned wg[3];
		if (sscanf(fixture.facts[i], "D %" SCNu64 " grid %" SCNu32 ",%" SCNu32 ",%" SCNu32 " wg %u,%u,%u priv %" SCNu32 " group %" SCNu32
			" kd %" SCNx64, &id, &grid[0], &grid[1], &grid[2], &wg[0], &wg[1], &wg[2], &priv, &group, &kd) != 10)
			continue;
		struct gfx_dispatch_packet p;
		gfx_packet_parse(fixture_memory(&fixture, ring->addr + id % (ring->length / GFX_PACKET_BYTES) * GFX_PACKET_BYTES,
			GFX_PACKET_BYTES), &p);
		for (unsigned k = 0; k < 3; k++) {
			ck_assert_msg(p.grid_size[k] == grid[k], "%s: we say %u", fixture.facts[i], p.grid_size[k]);
			ck_assert_msg(p.group_size[k] == wg[k], "%s: we say %u", fixture.facts[i], p.group_size[k]);
		}
		ck_assert_msg(p.private_bytes == priv && p.group_bytes == group && p.kernel_object == kd, "%s: we say %u %u %" PRIx64,
			fixture.facts[i], p.private_bytes, p.group_bytes, p.kernel_object);
		ck_assert_uint_eq(p.type, GFX_PACKET_KERNEL_DISPATCH);
		count++;
	}
	ck_assert_uint_eq(count, 2);
}
END_TEST

START_TEST(wave_order)
{
	/* Records lie one below the other; groups are contiguous; every fact names a wave that is there. */
	ck_assert_uint_eq(fixture.n_waves, N_WAVES);
	uint32_t top = fixture.header.wave_state_offset;
	const struct gfx_wave *leader = NULL;
	for (size_t i = 0; i < fixture.n_waves; i++) {
		const struct gfx_wave *w = &fixture.waves[i];
		ck_assert_uint_eq(w->rec.base + w->rec.size, top);
		top = w->rec.base;
		if (w->rec.first)
			leader = w;
		struct gfx_error err = { 0 };
		ck_assert_msg(gfx_wave_check(w, leader, &err) == GFX_OK, "%s", err.text);
	}
	ck_assert_uint_eq(top, fixture.header.control_stack_offset + fixture.header.control_stack_size);
	for (size_t i = 0; i < fixture.n_facts; i++) {
		char name[64], ours[64];
		bool found = false;
		if (!strchr("IWRLGPQ", fixture.facts[i][0]) || fixture.facts[i][1] != ' ')
			continue;
		ck_assert_int_eq(sscanf(fixture.facts[i] + 2, "%63s", name), 1);
		for (size_t k = 0; k < fixture.n_waves && !found; k++) {
			fixture_wave_name(&fixture.waves[k], ours, sizeof ours);
			found = strcmp(ours, name) == 0;
		}
		ck_assert_msg(found, "%s: no such wave", fixture.facts[i]);
	}
}
END_TEST

START_TEST(queue_line)
{
	const struct fixture_piece *ring = fixture_piece(&fixture, "ring"), *queue = fixture_piece(&fixture, "amd-queue");
	char line[128];
	snprintf(line, sizeof line, "queue os_id 7 type 1 ring %" PRIx64 " size %" PRIu64 " packets %" PRIu64 "..%" PRIu64, ring->addr,
		ring->length, load64(fixture_memory(&fixture, queue->addr + 128, 8)), load64(fixture_memory(&fixture, queue->addr + 56, 8)));
	bool found = false;
	for (size_t i = 0; i < fixture.n_facts; i++)
		found |= strcmp(fixture.facts[i], line) == 0;
	ck_assert_msg(found, "no fact: %s", line);
}
END_TEST

static void add_loop(Suite *s, const char *name, const TTest *test, int n)
{
	TCase *tc = tcase_create(name);
	tcase_add_unchecked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test, 0, n);
	suite_add_tcase(s, tc);
}

static Suite *suite(void)
{
	Suite *s = suite_create("saved waves");
	add_loop(s, "gfx942: wave as found", initial_state, N_WAVES);
	add_loop(s, "gfx942: wave after a stop request", stopped_state, N_WAVES);
	add_loop(s, "gfx942: registers of a wave", registers, N_WAVES);
	add_loop(s, "gfx942: LDS of a wave", lds_by_offset, N_WAVES);
	add_loop(s, "gfx942: LDS of a wave by generic address", lds_by_generic_address, N_WAVES);
	add_loop(s, "gfx942: private memory of lanes", private_of_a_lane, N_WAVES);
	add_loop(s, "gfx942: private memory of a wave", private_of_a_wave, N_WAVES);
	add_loop(s, "gfx942: order of waves", wave_order, 1);
	add_loop(s, "gfx942: dispatch packets", dispatches, 1);
	add_loop(s, "gfx942: queue", queue_line, 1);
	return s;
}

int main(void)
{
	return tap_run(suite());
}
