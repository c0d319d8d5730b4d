/* The simulated GPU in one process with its tests: dispatch, placement, scratch, barriers, traps, save and restore. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <string.h>
#include <unistd.h>

#include "arch/arch.h"
#include "sim/driver/handlers.h"
#include "sim/gpu/gpu.h"
#include "testsuite/unit/gpu_fake.h"
#include "testsuite/unit/gpu_kernels.h"
#include "testsuite/unit/tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct sim_driver *driver;
static struct sim_process *process;
static struct fake_queue fq;

static void start(unsigned cus, unsigned xccs)
{
	driver = fake_driver(cus, xccs);
	process = sim_process_get(driver, getpid());
	process->pdds[0].tba = 0x1000; /* there is a second-level handler */
	fq = fake_queue_create(driver, process);
}

static void setup(void)
{
	start(38, 1);
}

static void teardown(void)
{
	fake_driver_free(driver);
}

static uint32_t u32_at(const uint8_t *base, uint32_t offset)
{
	uint32_t value;
	memcpy(&value, base + offset, 4);
	return value;
}

static void set_u32(uint8_t *base, uint32_t offset, uint32_t value)
{
	memcpy(base + offset, &value, 4);
}

static struct sim_queue *queue(void)
{
	return process->queues;
}

/* What the debug ops do, without their checks (those have tests of their own). */
static void suspend(void)
{
	queue()->suspended = true;
	sim_queue_update(queue());
	sim_queue_write_headers(queue(), queue()->save_base);
}

static void resume(void)
{
	queue()->suspended = false;
	sim_queue_update(queue());
}

static int64_t *launch(const uint32_t *code, unsigned words, unsigned vgprs, unsigned accum, unsigned items, unsigned lds, void *out)
{
	struct fake_kernel shape = { .vgprs = vgprs, .accum = accum };
	uint64_t *kernarg = fake_alloc(driver, 8);
	*kernarg = (uint64_t)(uintptr_t)out;
	struct fake_dispatch d = { .kernel = fake_kernel(driver, &shape, code, words), .grid = { items }, .group = { 256 }, .lds = lds,
		.kernarg = kernarg };
	return fake_dispatch(driver, &fq, &d);
}

/* Control stack and records of one XCC through the independent decoder. */
struct waves {
	struct gfx_save_header header;
	struct gfx_wave_record record[2048];
	size_t n;
};

static int collect(void *arg, const struct gfx_wave_record *rec)
{
	struct waves *w = arg;
	if (w->n == COUNT(w->record))
		return 1;
	w->record[w->n++] = *rec;
	return 0;
}

static struct waves decode(unsigned xcc)
{
	static struct waves w;
	w.n = 0;
	struct gfx_error err;
	const struct gfx_family *family = gfx_family_by_name("gfx942");
	const uint8_t *area = fq.save + (size_t)xcc * fq.save_bytes;
	ck_assert_int_eq(gfx_save_parse_header(area, 40, fq.save_bytes, &w.header, &err), GFX_OK);
	int r = gfx_save_walk(family, area, fq.save_bytes, &w.header, collect, &w, &err);
	ck_assert_msg(r == GFX_OK, "walk: %s", err.text);
	return w;
}

/* ------------------------------------------------------------------ dispatch */

START_TEST(endpgm_completes_the_dispatch)
{
	static const uint32_t code[] = { S_ENDPGM };
	int64_t *value = launch(code, 1, 8, 4, 64, 0, NULL);
	ck_assert(fake_run_until_zero(driver, value, 1000));
	uint64_t read, start, end;
	memcpy(&read, fq.amd_queue + 128, 8);
	memcpy(&start, (uint8_t *)value + 24, 8);
	memcpy(&end, (uint8_t *)value + 32, 8);
	ck_assert_uint_eq(read, 1);
	ck_assert_uint_ne(start, 0);
	ck_assert_uint_ge(end, start);
	ck_assert_uint_eq(fq.ring[0], 1);
	ck_assert_uint_eq(driver->event_count[FAKE_SIGNAL_EVENT], 1);
}
END_TEST

static uint32_t mix_expected[256];

static void make_mix_expected(void)
{
	uint32_t v[256], n[256];
	for (unsigned i = 0; i < 256; i++)
		v[i] = i;
	for (unsigned r = 0; r < 64; r++) {
		for (unsigned i = 0; i < 256; i++)
			v[i] = v[i] * 0x19660d + r;
		for (unsigned i = 0; i < 256; i++)
			n[i] = v[i] ^ v[(i + 1) % 256];
		memcpy(v, n, sizeof(v));
	}
	memcpy(mix_expected, v, sizeof(v));
}

static int64_t *launch_mix(unsigned groups, uint32_t *out)
{
	struct fake_kernel shape = { .vgprs = 16, .accum = 8, .scratch = true };
	uint64_t *kernarg = fake_alloc(driver, 8);
	*kernarg = (uint64_t)(uintptr_t)out;
	struct fake_dispatch d = { .kernel = fake_kernel(driver, &shape, code_mix, COUNT(code_mix)), .grid = { groups * 256 },
		.group = { 256 }, .lds = 1024, .private_bytes = 16, .kernarg = kernarg };
	return fake_dispatch(driver, &fq, &d);
}

static void check_mix(const uint32_t *out, unsigned groups)
{
	make_mix_expected();
	for (unsigned i = 0; i < groups * 256; i++)
		ck_assert_msg(out[i] == mix_expected[i % 256], "item %u: %#x, expected %#x", i, out[i], mix_expected[i % 256]);
}

START_TEST(lds_scratch_accumulators_and_barriers)
{
	uint32_t *out = fake_alloc(driver, 40 * 1024);
	fake_queue_scratch(driver, &fq, 128, 4096);
	int64_t *value = launch_mix(40, out);
	ck_assert(fake_run_until_zero(driver, value, 5000));
	check_mix(out, 40);
}
END_TEST

/* The same results when the queue is suspended and resumed all the time. _i: 0 shared save area, 1 through copies. */
START_TEST(suspending_does_not_change_results)
{
	uint32_t *out = fake_alloc(driver, 8 * 1024);
	unsigned cycles = 0;
	driver->indirect = _i;
	fake_queue_scratch(driver, &fq, 128, 4096);
	int64_t *value = launch_mix(8, out);
	while (*value && cycles < 20000) {
		sim_gpu_run(driver->device.gpu, 20);
		suspend();
		if (cycles % 16 == 0)
			decode(0);
		resume();
		cycles++;
	}
	ck_assert_int_eq(*value, 0);
	ck_assert_uint_gt(cycles, 20);
	check_mix(out, 8);
}
END_TEST

START_TEST(groups_spread_over_xccs)
{
	uint32_t *out = fake_alloc(driver, 40 * 1024);
	unsigned waves = 0, busy = 0;
	fake_driver_free(driver);
	start(32, 4);
	out = fake_alloc(driver, 40 * 1024);
	fake_queue_scratch(driver, &fq, 64, 4096);
	int64_t *value = launch_mix(40, out);
	sim_gpu_run(driver->device.gpu, 200);
	suspend();
	for (unsigned x = 0; x < 4; x++) {
		struct waves w = decode(x);
		waves += (unsigned)w.n;
		busy += w.n > 0;
	}
	ck_assert_uint_eq(busy, 4);
	ck_assert_uint_eq(waves, sim_queue_wave_count(queue()));
	resume();
	ck_assert(fake_run_until_zero(driver, value, 5000));
	check_mix(out, 40);
}
END_TEST

START_TEST(partial_group_has_partial_exec)
{
	launch(code_spin, 1, 8, 4, 256 + 100, 0, NULL);
	fake_run_us(driver, 500);
	suspend();
	struct waves w = decode(0);
	ck_assert_uint_eq(w.n, 6);
	const struct gfx_wave_record *r = &w.record[5];
	ck_assert_uint_eq(u32_at(fq.save, r->hwreg + 12), 0xffffffff);
	ck_assert_uint_eq(u32_at(fq.save, r->hwreg + 16), 0xf); /* 100 items: 36 in the second wave */
	ck_assert_uint_eq(u32_at(fq.save, r->vgpr + 35 * 4), 99);
	ck_assert(w.record[4].first && !w.record[4].last && !r->first && r->last);
}
END_TEST

START_TEST(occupancy_is_bounded)
{
	/* 256 registers a lane: 2 waves a SIMD, 8 a compute unit, 2 groups of 4. */
	fake_driver_free(driver);
	start(4, 1);
	launch(code_spin, 1, 256, 128, 256 * 100, 0, NULL);
	fake_run_us(driver, 2000);
	ck_assert_uint_eq(sim_queue_wave_count(queue()), 4 * 8);
	fake_driver_free(driver);
	/* LDS: 24 KiB a group, two groups a compute unit. */
	start(4, 1);
	launch(code_spin, 1, 8, 4, 256 * 100, 24 << 10, NULL);
	fake_run_us(driver, 2000);
	ck_assert_uint_eq(sim_queue_wave_count(queue()), 4 * 2 * 4);
}
END_TEST

START_TEST(engines_hold_512_waves)
{
	/* More compute units than one XCC can fill: what is resident still fits the control stack. */
	fake_driver_free(driver);
	start(320, 1);
	launch(code_spin, 1, 8, 4, 256 * 2600, 0, NULL);
	fake_run_us(driver, 20000);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_uint_eq(sim_queue_wave_count(queue()), 4 * 512);
		suspend();
		ck_assert_uint_eq(decode(0).n, 4 * 512);
		resume();
		fake_run_us(driver, 2000);
	}
}
END_TEST

START_TEST(saved_groups_come_before_new_ones)
{
	fake_driver_free(driver);
	start(4, 1);
	struct sim_queue *first = queue();
	struct fake_queue fq1 = fq;
	/* Fills all registers; the second dispatch waits. */
	launch(code_spin, 1, 256, 128, 256 * 8, 0, NULL);
	launch(code_spin, 1, 8, 4, 256 * 100, 0, NULL);
	fake_run_us(driver, 2000);
	ck_assert_uint_eq(sim_queue_wave_count(first), 32);
	suspend();
	/* Another queue takes most registers meanwhile: now only waves of the second dispatch would fit. */
	fq = fake_queue_create(driver, process);
	launch(code_spin, 1, 240, 120, 256 * 8, 0, NULL);
	fake_run_us(driver, 2000);
	first->suspended = false;
	sim_queue_update(first);
	fake_run_us(driver, 2000);
	ck_assert_uint_eq(sim_queue_wave_count(first), 32);
	first->suspended = true;
	sim_queue_update(first);
	sim_queue_write_headers(first, first->save_base);
	fq = fq1;
	ck_assert_uint_eq(decode(0).n, 32);
}
END_TEST

START_TEST(cu_mask_confines_the_queue)
{
	uint32_t mask = 0x3;
	struct { uint32_t id, bits; uint64_t ptr; } args = { fq.id, 32, (uint64_t)(uintptr_t)&mask };
	ck_assert_int_eq(fake_ioctl(NULL, process, getpid(), sim_ioctl_set_cu_mask, &args, 16, -1), 0);
	launch(code_spin, 1, 256, 128, 256 * 100, 0, NULL);
	fake_run_us(driver, 2000);
	ck_assert_uint_eq(sim_queue_wave_count(queue()), 2 * 8);
	args.bits = 31;
	ck_assert_int_eq(fake_ioctl(NULL, process, getpid(), sim_ioctl_set_cu_mask, &args, 16, -1), -22);
}
END_TEST

/* ------------------------------------------------------------------ packets */

static void expect_refused(const uint8_t packet[64], unsigned code)
{
	process->debug.runtime_state = 1;
	fake_packet(&fq, packet);
	fake_run_us(driver, 300);
	ck_assert_uint_eq(*fq.payload, UINT64_C(1) << (code - 1));
	ck_assert_uint_eq(driver->event_count[FAKE_ERROR_EVENT], 1);
}

static const struct bad_packet {
	unsigned offset, bytes;
	uint64_t value;
	unsigned code;
} bad_packets[] = {
	{ 2, 2, 0, 16 },              /* no dimensions */
	{ 12, 4, 0, 16 },             /* empty grid */
	{ 28, 4, 65537, 17 },         /* too much LDS */
	{ 32, 8, 0, 18 },             /* no kernel */
	{ 32, 8, 0x1000, 18 },        /* kernel not mapped */
	{ 0, 1, 6, 19 },              /* reserved type */
	{ 0, 1, 4, 20 },              /* agent dispatch */
	{ 4, 2, 1025, 21 },           /* work-group too large */
	{ 4, 2, 0, 21 },
	{ 0, 4, 0, 23 },              /* vendor packet of kind 0 */
};

START_TEST(bad_packet_is_reported)
{
	const struct bad_packet *bad = &bad_packets[_i];
	struct fake_kernel shape = { .vgprs = 8, .accum = 4 };
	static const uint32_t code[] = { S_ENDPGM };
	uint64_t kernel = fake_kernel(driver, &shape, code, 1);
	uint8_t packet[64] = { 2, 0, 1, 0, 64 };
	packet[12] = 64;
	memcpy(packet + 32, &kernel, 8);
	memcpy(packet + bad->offset, &bad->value, bad->bytes);
	expect_refused(packet, bad->code);
}
END_TEST

START_TEST(too_many_registers_are_reported)
{
	struct fake_kernel shape = { .vgprs = 512, .accum = 256 };
	uint64_t kernel = fake_kernel(driver, &shape, code_spin, 1);
	uint8_t packet[64] = { 2, 0, 1, 0, 0, 4 }; /* 1024 items: 4 waves a SIMD */
	packet[13] = 4;
	memcpy(packet + 32, &kernel, 8);
	expect_refused(packet, 22);
}
END_TEST

START_TEST(barrier_packets_wait_for_signals)
{
	int64_t *dependency = (int64_t *)fake_signal(driver) + 1, *done = (int64_t *)fake_signal(driver) + 1;
	uint64_t address = (uint64_t)(uintptr_t)dependency - 8, completion = (uint64_t)(uintptr_t)done - 8;
	uint8_t packet[64] = { _i ? 5 : 3 };
	memcpy(packet + 8, &address, 8);
	memcpy(packet + 56, &completion, 8);
	fake_packet(&fq, packet);
	fake_run_us(driver, 500);
	ck_assert_int_eq(*done, 1);
	*dependency = 0;
	ck_assert(fake_run_until_zero(driver, done, 1000));
}
END_TEST

START_TEST(barrier_bit_waits_for_earlier_packets)
{
	uint32_t *out = fake_alloc(driver, 4096);
	launch(code_gate, COUNT(code_gate), 8, 4, 64, 0, out);
	static const uint32_t code[] = { S_ENDPGM };
	struct fake_kernel shape = { .vgprs = 8, .accum = 4 };
	struct fake_dispatch d = { .kernel = fake_kernel(driver, &shape, code, 1), .grid = { 64 }, .group = { 64 } };
	int64_t *free_one = fake_dispatch(driver, &fq, &d);
	d.barrier = true;
	int64_t *held = fake_dispatch(driver, &fq, &d);
	fake_run_us(driver, 1000);
	uint64_t read;
	memcpy(&read, fq.amd_queue + 128, 8);
	ck_assert_int_eq(*free_one, 0);
	ck_assert_int_eq(*held, 1);
	ck_assert_uint_eq(read, 0); /* retired in order: the first still runs */
}
END_TEST

/* ------------------------------------------------------------------ scratch */

START_TEST(scratch_is_asked_for)
{
	uint32_t *out = fake_alloc(driver, 4096);
	int64_t *inactive = (int64_t *)fake_signal(driver) + 1;
	uint64_t address = (uint64_t)(uintptr_t)inactive - 8;
	*inactive = 0;
	memcpy(fq.amd_queue + 192, &address, 8);
	int64_t *value = launch_mix(1, out);
	fake_run_us(driver, 500);
	ck_assert_int_eq(*inactive, 1);
	ck_assert_uint_ge(driver->event_count[FAKE_SIGNAL_EVENT], 1);
	ck_assert_int_eq(*value, 1);
	fake_queue_scratch(driver, &fq, 64, 1024);
	*inactive = 0;
	ck_assert(fake_run_until_zero(driver, value, 1000));
	check_mix(out, 1);
}
END_TEST

/* FLAT_SCRATCH of each wave is the slot that a debugger computes from control stack and ring size (wave-state.md 6.4). */
START_TEST(scratch_slots_match_the_control_stack)
{
	unsigned engines = driver->device.model->engines_per_xcc, waves = 64, wave_bytes = 4096;
	uint8_t used[64] = { 0 };
	uint32_t *out = fake_alloc(driver, 40 * 1024);
	fake_queue_scratch(driver, &fq, waves, wave_bytes);
	launch_mix(40, out);
	sim_gpu_run(driver->device.gpu, 100);
	suspend();
	struct waves w = decode(0);
	ck_assert_uint_eq(w.n, waves); /* more groups than slots: the rest waits */
	for (size_t i = 0; i < w.n; i++) {
		const struct gfx_wave_record *r = &w.record[i];
		uint64_t flat;
		memcpy(&flat, fq.save + r->sgpr + 102 * 4, 8);
		unsigned slot = waves / engines * r->se + r->scoreboard;
		ck_assert(r->scratch_enabled);
		ck_assert_uint_lt(slot, waves);
		ck_assert_uint_eq(used[slot], 0);
		used[slot] = 1;
		ck_assert_uint_eq(flat, (uint64_t)(uintptr_t)fq.scratch + (uint64_t)slot * wave_bytes);
	}
}
END_TEST

/* ------------------------------------------------------------------ save area */

/* wave-state.md 1.12, gfx942: two waves, 40 + 24 registers, 4 KiB of LDS, scratch. */
START_TEST(documented_layout)
{
	struct fake_kernel shape = { .vgprs = 64, .accum = 40, .scratch = true };
	struct fake_dispatch d = { .kernel = fake_kernel(driver, &shape, code_spin, 1), .grid = { 128 }, .group = { 128 }, .lds = 4096,
		.private_bytes = 16 };
	static const uint32_t header[] = { 0x2fec, 0x14, 0xc500, 0x9500 };
	static const uint32_t stack[] = { 0x890011c7, 0x00028000, 0x00018001 };
	fake_queue_scratch(driver, &fq, 64, 4096);
	process->debug.ttmp_setup = 1;
	fake_dispatch(driver, &fq, &d);
	fake_run_us(driver, 300);
	uint8_t user_part[24];
	memcpy(user_part, fq.save + 16, sizeof(user_part));
	suspend();
	ck_assert_mem_eq(fq.save, header, sizeof(header));
	ck_assert_mem_eq(fq.save + 16, user_part, sizeof(user_part));
	ck_assert_mem_eq(fq.save + 0x2fec + 8, stack, sizeof(stack));
	ck_assert_uint_eq(u32_at(fq.save, 0xb444), (uint32_t)d.kernel + 256);
	ck_assert_uint_eq(u32_at(fq.save, 0xb448), (uint32_t)((d.kernel + 256) >> 32));
	ck_assert_uint_eq(u32_at(fq.save, 0xb44c), 0xffffffff);
	ck_assert_uint_eq(u32_at(fq.save, 0xb454) & 0x2000, 0);
	ck_assert_uint_eq(u32_at(fq.save, 0xb4ac), 0); /* ttmp11: wave 0 of packet 0 */
	ck_assert_uint_eq(u32_at(fq.save, 0x7200 + 44), 1); /* ttmp11 of wave 1 */
	ck_assert_uint_eq(u32_at(fq.save, 0x7280 + 5 * 4), 5); /* v0 */
	ck_assert_uint_eq(u32_at(fq.save, 0x3000 + 5 * 4), 69);
	ck_assert_uint_eq(u32_at(fq.save, 0xb280 + 2 * 4), 0); /* s2: group */
	ck_assert_uint_eq(fq.save[0xb4c0], 0xa5); /* LDS begins, undefined contents */
	ck_assert_uint_eq(fq.save[0xb4bf], 0);
}
END_TEST

/* The device says that dispatch information is always valid (debug_prop 0x400): then it is, whatever the runtime asked for. What belongs to
 * the handlers is still garbage, and marked so. */
START_TEST(dispatch_information_is_always_valid)
{
	ck_assert_uint_eq(driver->device.model->debug_prop & 0x400, 0x400);
	process->debug.ttmp_setup = 0;
	launch(code_spin, 1, 8, 4, 64, 0, NULL);
	launch(code_spin, 1, 8, 4, 256 * 3, 0, NULL);
	fake_run_us(driver, 300);
	suspend();
	struct waves w = decode(0);
	ck_assert_uint_eq(w.n, 1 + 4 * 3);
	for (unsigned i = 0; i < w.n; i++) {
		unsigned group = i ? (i - 1) / 4 : 0, wave = i ? (i - 1) % 4 : 0;
		const uint8_t *ttmps = fq.save + w.record[i].ttmp;
		ck_assert_uint_eq(u32_at(ttmps, 4 * 8), group);
		ck_assert_uint_eq(u32_at(ttmps, 4 * 9), 0);
		ck_assert_uint_eq(u32_at(ttmps, 4 * 10), 0);
		ck_assert_uint_eq(u32_at(ttmps, 4 * 11), wave | (i ? 1u << 6 : 0)); /* packet 0 or 1; bit 31 clear: no handler has run */
	}
}
END_TEST

START_TEST(idle_queue_saves_nothing)
{
	suspend();
	ck_assert_uint_eq(u32_at(fq.save, 0), fq.stack_bytes);
	ck_assert_uint_eq(u32_at(fq.save, 4), 0);
	ck_assert_uint_eq(u32_at(fq.save, 8), fq.stack_bytes);
	ck_assert_uint_eq(u32_at(fq.save, 12), 0);
}
END_TEST

START_TEST(edits_are_honoured)
{
	uint32_t *out = fake_alloc(driver, 4096);
	int64_t *value = launch(code_gate, COUNT(code_gate), 8, 4, 64, 0, out);
	fake_run_us(driver, 500);
	suspend();
	struct waves w = decode(0);
	ck_assert_uint_eq(w.n, 1);
	const struct gfx_wave_record *r = &w.record[0];
	set_u32(fq.save, r->sgpr + 8 * 4, 1);
	set_u32(fq.save, r->vgpr + 2 * 256 + 5 * 4, 0xcafe);
	set_u32(fq.save, r->hwreg + 12, 0xffffff7f); /* EXEC: without lane 7 */
	set_u32(fq.save, r->ttmp + 16, 0x1234);
	resume();
	suspend(); /* the queue need not have run: what was edited is what is saved */
	r = &decode(0).record[0];
	ck_assert_uint_eq(u32_at(fq.save, r->ttmp + 16), 0x1234);
	resume();
	ck_assert(fake_run_until_zero(driver, value, 1000));
	for (unsigned i = 0; i < 64; i++)
		ck_assert_uint_eq(out[i], i == 5 ? 0xcafe : i == 7 ? 0 : i);
}
END_TEST

/* Every item that a debugger may edit survives a round trip through the device. */
START_TEST(round_trip_keeps_every_register)
{
	launch(code_spin, 1, 16, 8, 128, 2048, NULL);
	fake_run_us(driver, 300);
	suspend();
	struct waves w = decode(0);
	static uint8_t before[1 << 16];
	for (size_t i = 0; i < w.n; i++) {
		const struct gfx_wave_record *r = &w.record[i];
		for (uint32_t at = r->vgpr; at < r->sgpr + 108 * 4; at += 4)
			if (at < r->sgpr + 104 * 4 || at >= r->sgpr + 106 * 4) /* not the XNACK slots: hwreg 7 and 8 count */
				set_u32(fq.save, at, at * 2654435761u);
		set_u32(fq.save, r->hwreg, 0x1357);
		set_u32(fq.save, r->hwreg + 7 * 4, 0xabcd);
		set_u32(fq.save, r->hwreg + 5 * 4, (u32_at(fq.save, r->hwreg + 5 * 4) | 0x2000) & ~0x600u); /* halted; EXECZ, VCCZ derived */
		for (unsigned t = 4; t < 14; t++)
			if (t != 12)
				set_u32(fq.save, r->ttmp + t * 4, 0x7000 + t);
		if (r->first)
			memset(fq.save + r->lds, 0x3c, 2048);
	}
	uint32_t base = w.header.wave_state_offset - w.header.wave_state_size;
	memcpy(before, fq.save + base, w.header.wave_state_size);
	resume();
	fake_run_us(driver, 300);
	memset(fq.save + base, 0xee, w.header.wave_state_size);
	suspend();
	for (size_t i = 0; i < w.n; i++) {
		const struct gfx_wave_record *r = &w.record[i];
		ck_assert_mem_eq(fq.save + r->vgpr, before + r->vgpr - base, r->sgpr - r->vgpr + 104 * 4);
		ck_assert_mem_eq(fq.save + r->sgpr + 106 * 4, before + r->sgpr + 106 * 4 - base, 8);
		ck_assert_mem_eq(fq.save + r->hwreg, before + r->hwreg - base, 64);
		ck_assert_mem_eq(fq.save + r->ttmp + 16, before + r->ttmp + 16 - base, 32);
		ck_assert_mem_eq(fq.save + r->ttmp + 52, before + r->ttmp + 52 - base, 4);
		if (r->first)
			ck_assert_mem_eq(fq.save + r->lds, before + r->lds - base, 2048);
	}
}
END_TEST

START_TEST(code_changes_are_seen_only_after_a_suspend)
{
	uint32_t *out = fake_alloc(driver, 4096);
	struct fake_kernel shape = { .vgprs = 8, .accum = 4 };
	struct fake_dispatch d = { .kernel = fake_kernel(driver, &shape, code_spin, 1), .grid = { 64 }, .group = { 64 } };
	int64_t *value = fake_dispatch(driver, &fq, &d);
	(void)out;
	fake_run_us(driver, 300);
	*(uint32_t *)(uintptr_t)(d.kernel + 256) = S_ENDPGM;
	fake_run_us(driver, 300);
	ck_assert_int_eq(*value, 1);
	suspend();
	resume();
	ck_assert(fake_run_until_zero(driver, value, 1000));
}
END_TEST

START_TEST(vendor_packet_drops_the_instruction_cache)
{
	struct fake_kernel shape = { .vgprs = 8, .accum = 4 };
	struct fake_dispatch d = { .kernel = fake_kernel(driver, &shape, code_spin, 1), .grid = { 64 }, .group = { 64 } };
	int64_t *value = fake_dispatch(driver, &fq, &d), *flushed = (int64_t *)fake_signal(driver) + 1;
	uint32_t *ib = fake_alloc(driver, 64);
	uint64_t ib_address = (uint64_t)(uintptr_t)ib, completion = (uint64_t)(uintptr_t)flushed - 8;
	fake_run_us(driver, 300);
	*(uint32_t *)(uintptr_t)(d.kernel + 256) = S_ENDPGM;
	ib[0] = 0xc0055800; /* ACQUIRE_MEM, 7 words */
	uint8_t packet[64] = { 0, 0, 1, 0 };
	memcpy(packet + 8, &ib_address, 8);
	packet[16] = 7;
	memcpy(packet + 56, &completion, 8);
	fake_packet(&fq, packet);
	ck_assert(fake_run_until_zero(driver, flushed, 1000));
	ck_assert(fake_run_until_zero(driver, value, 1000));
}
END_TEST

/* ------------------------------------------------------------------ traps */

/* The state of the only wave after a suspend. */
static const struct gfx_wave_record *only_wave(void)
{
	static struct waves w;
	suspend();
	w = decode(0);
	ck_assert_uint_eq(w.n, 1);
	return &w.record[0];
}

static uint32_t hwreg(const struct gfx_wave_record *r, unsigned n)
{
	return u32_at(fq.save, r->hwreg + 4 * n);
}

static uint32_t ttmp(const struct gfx_wave_record *r, unsigned n)
{
	return u32_at(fq.save, r->ttmp + 4 * n);
}

static void attach_debugger(void)
{
	process->debug.enabled = true;
	process->debug.runtime_state = 1;
	process->debug.enable_mask = 0x3f;
}

/* Rows of wave-state.md 12.2. */
START_TEST(breakpoint_then_step_then_run)
{
	uint32_t code[] = { S_TRAP + 1, S_NOP, S_NOP, S_SPIN };
	struct fake_kernel shape = { .vgprs = 8, .accum = 4 };
	struct fake_dispatch d = { .kernel = fake_kernel(driver, &shape, code, COUNT(code)), .grid = { 64 }, .group = { 64 } };
	uint32_t x = (uint32_t)d.kernel + 256;
	attach_debugger();
	process->pdds[0].launch_mode = 1; /* halted at launch: TTMPs as the hardware leaves them */
	fake_dispatch(driver, &fq, &d);
	fake_run_us(driver, 200);
	const struct gfx_wave_record *r = only_wave();
	ck_assert_uint_eq(hwreg(r, 1), x);
	ck_assert_uint_eq(hwreg(r, 5) & 0x42000, 0x2000);
	ck_assert_uint_eq(ttmp(r, 11) >> 31, 0);
	/* first walk: id W, initialised, running */
	set_u32(fq.save, r->ttmp + 16, 77);
	set_u32(fq.save, r->ttmp + 20, 0);
	set_u32(fq.save, r->ttmp + 24, 0);
	set_u32(fq.save, r->ttmp + 44, ttmp(r, 11) | 0x80000000u);
	set_u32(fq.save, r->hwreg + 20, hwreg(r, 5) & ~0x2000u);
	resume();
	fake_run_us(driver, 200);
	r = only_wave();
	ck_assert_uint_eq(hwreg(r, 1), x + 4);
	ck_assert_uint_eq(hwreg(r, 5) & 0x42000, 0x42000);
	ck_assert_uint_eq(hwreg(r, 6), 0);
	ck_assert_uint_eq(ttmp(r, 6), 0x42000000);
	ck_assert_uint_eq(ttmp(r, 4), 77);
	ck_assert_uint_eq(queue()->exception_status & 0x3f, 2);
	/* step */
	set_u32(fq.save, r->hwreg + 20, hwreg(r, 5) & ~0x42000u);
	set_u32(fq.save, r->hwreg + 36, hwreg(r, 9) | 0x800);
	set_u32(fq.save, r->ttmp + 24, 0x02000000);
	resume();
	fake_run_us(driver, 200);
	r = only_wave();
	ck_assert_uint_eq(hwreg(r, 1), x + 8);
	ck_assert_uint_eq(hwreg(r, 5) & 0x2000, 0x2000);
	ck_assert_uint_eq(hwreg(r, 6), 1u << 25);
	ck_assert_uint_eq(ttmp(r, 6), 0x40000000);
	/* run */
	set_u32(fq.save, r->hwreg + 20, hwreg(r, 5) & ~0x42000u);
	set_u32(fq.save, r->hwreg + 24, 0);
	set_u32(fq.save, r->hwreg + 36, hwreg(r, 9) & ~0x800u);
	set_u32(fq.save, r->ttmp + 24, 0);
	resume();
	fake_run_us(driver, 200);
	r = only_wave();
	ck_assert_uint_eq(hwreg(r, 1), x + 12);
	ck_assert_uint_eq(hwreg(r, 5) & 0x2000, 0);
	ck_assert_uint_eq(ttmp(r, 6), 0);
	ck_assert_uint_eq(ttmp(r, 4), 77);
}
END_TEST

static const struct trap_case {
	uint32_t id;
	bool debugger, handler;
	unsigned payload;     /* bits for the runtime without a debugger */
	bool halted;
	uint32_t ttmp6;
} trap_cases[] = {
	{ 1, false, true, 2, true, 0x42000000 },
	{ 2, false, true, 1, true, 0x44000000 },
	{ 3, false, true, 0, false, 0 },        /* no debugger: nothing happens */
	{ 3, true, true, 0, true, 0x46000000 },
	{ 9, true, true, 0, true, 0x52000000 },
	{ 200, true, true, 0, true, 0x5e000000 },
	{ 1, false, false, 0, false, 0 },       /* no second-level handler: skipped */
};

START_TEST(traps)
{
	const struct trap_case *c = &trap_cases[_i];
	uint32_t code[] = { S_TRAP + c->id, S_SPIN };
	process->debug.runtime_state = 1;
	if (c->debugger)
		attach_debugger();
	if (!c->handler)
		process->pdds[0].tba = 0;
	launch(code, COUNT(code), 8, 4, 64, 0, NULL);
	fake_run_us(driver, 300);
	const struct gfx_wave_record *r = only_wave();
	ck_assert_uint_eq(hwreg(r, 5) >> 13 & 1, c->halted);
	ck_assert_uint_eq(*fq.payload, c->payload);
	ck_assert_uint_eq(driver->event_count[FAKE_ERROR_EVENT], c->payload != 0);
	if (c->halted)
		ck_assert_uint_eq(ttmp(r, 6) & 0x7e000000, c->ttmp6);
	ck_assert_uint_eq(hwreg(r, 1) & 0xff, 4);
}
END_TEST

/* wave-state.md 12.3. */
static const struct { uint32_t trapsts, mode; int id; uint32_t word; } messages[] = {
	{ 0, 0, 1, 0x812 },
	{ 0, 0, 2, 0x412 },
	{ 1u << 28 | 1 << 8, 0, -1, 0x4012 },
	{ 1 << 8, 0, -1, 0x8012 },
	{ 1 << 11, 0, -1, 0x2012 },
	{ 1 << 2, 1 << 14, 2, 0x1412 },
	{ 1 << 2, 1 << 15, -1, 0x812 }, /* recorded, but another one is enabled */
	{ 1 << 25, 0, -1, 0x812 },
};

START_TEST(interrupt_words)
{
	struct sim_wave w = { .trapsts = messages[_i].trapsts, .mode = messages[_i].mode };
	ck_assert_uint_eq(gpu_trap_message(&w, 0x12, messages[_i].id), messages[_i].word);
}
END_TEST

START_TEST(abort_may_leave_the_pc_at_the_trap)
{
	uint32_t code[] = { S_TRAP + 2, S_SPIN };
	driver->options.trap2_pc_at = true;
	launch(code, COUNT(code), 8, 4, 64, 0, NULL);
	fake_run_us(driver, 300);
	ck_assert_uint_eq(hwreg(only_wave(), 1) & 0xff, 0);
}
END_TEST

START_TEST(fault_without_debugger_evicts)
{
	process->debug.runtime_state = 1;
	launch(code_fault, COUNT(code_fault), 8, 4, 64, 0, NULL);
	fake_run_us(driver, 300);
	uint64_t va;
	memcpy(&va, driver->memory_record + 16, 8);
	ck_assert_uint_eq(driver->memory_events, 1);
	ck_assert_uint_eq(va, 0x1000);
	ck_assert_uint_eq(u32_at(driver->memory_record, 0), 1);
	ck_assert_uint_eq(u32_at(driver->memory_record, 24), driver->device.gpu_id);
	ck_assert_uint_eq(*fq.payload, 0x10);
	ck_assert(queue()->evicted && !sim_queue_active(queue()));
	ck_assert_uint_eq(driver->smi_events, 1);
}
END_TEST

START_TEST(fault_with_debugger_stays_on_the_device)
{
	attach_debugger();
	process->debug.enable_mask |= UINT64_C(1) << 32;
	launch(code_fault, COUNT(code_fault), 8, 4, 64, 0, NULL);
	fake_run_us(driver, 300);
	ck_assert(!queue()->evicted);
	ck_assert_uint_eq(driver->memory_events, 0);
	ck_assert_uint_eq(process->pdds[0].exception_status, UINT64_C(1) << 32);
	ck_assert_uint_eq(queue()->exception_status & 0x3f, 0x10);
	const struct gfx_wave_record *r = only_wave();
	ck_assert_uint_eq(hwreg(r, 6), 1u << 28 | 1u << 8);
	ck_assert_uint_eq(ttmp(r, 6) & 0x7e000000, 0x40000000);
}
END_TEST

START_TEST(illegal_instruction)
{
	uint32_t code[] = { 0xbfff0000, S_SPIN };
	attach_debugger();
	launch(code, COUNT(code), 8, 4, 64, 0, NULL);
	fake_run_us(driver, 300);
	ck_assert_uint_eq(queue()->exception_status & 0x3f, 8);
	const struct gfx_wave_record *r = only_wave();
	ck_assert_uint_eq(hwreg(r, 6), 1 << 11);
	ck_assert_uint_eq(hwreg(r, 1) & 0xff, 0);
}
END_TEST

START_TEST(sethalt_is_not_a_stop)
{
	uint32_t code[] = { S_SETHALT, S_SPIN };
	attach_debugger();
	launch(code, COUNT(code), 8, 4, 64, 0, NULL);
	fake_run_us(driver, 300);
	const struct gfx_wave_record *r = only_wave();
	ck_assert_uint_eq(hwreg(r, 5) >> 13 & 1, 1);
	ck_assert_uint_eq(hwreg(r, 5) >> 18 & 1, 0);
	ck_assert_uint_eq(queue()->exception_status & 0x3f, 0);
}
END_TEST

START_TEST(launch_in_step_mode_and_wave_start_trap)
{
	attach_debugger();
	process->pdds[0].launch_mode = 3;
	launch(code_step, COUNT(code_step), 8, 4, 64, 0, NULL);
	fake_run_us(driver, 300);
	const struct gfx_wave_record *r = only_wave();
	ck_assert_uint_eq(hwreg(r, 1) & 0xff, 4);
	ck_assert_uint_eq(hwreg(r, 6), 1 << 25);
	fake_driver_free(driver);
	setup();
	attach_debugger();
	process->pdds[0].trap_override = 0x40000000;
	launch(code_step, COUNT(code_step), 8, 4, 64, 0, NULL);
	fake_run_us(driver, 300);
	r = only_wave();
	ck_assert_uint_eq(hwreg(r, 1) & 0xff, 0);
	ck_assert_uint_eq(hwreg(r, 6), 1 << 23);
	ck_assert_uint_eq(queue()->exception_status & 0x3f, 2);
}
END_TEST

START_TEST(wave_end_trap_then_end)
{
	uint32_t code[] = { S_NOP, S_ENDPGM };
	attach_debugger();
	process->pdds[0].trap_override = 0x80000000;
	int64_t *value = launch(code, COUNT(code), 8, 4, 64, 0, NULL);
	fake_run_us(driver, 300);
	const struct gfx_wave_record *r = only_wave();
	ck_assert_uint_eq(hwreg(r, 1) & 0xff, 4);
	ck_assert_uint_eq(hwreg(r, 6), 1 << 24);
	set_u32(fq.save, r->hwreg + 20, hwreg(r, 5) & ~0x42000u);
	set_u32(fq.save, r->hwreg + 24, 0);
	set_u32(fq.save, r->ttmp + 24, 0);
	resume();
	ck_assert(fake_run_until_zero(driver, value, 1000));
}
END_TEST

START_TEST(watch_point_hits_once_enabled)
{
	uint32_t *out = fake_alloc(driver, 4096);
	attach_debugger();
	process->debug.flags = 1; /* precise */
	process->pdds[0].trap_override = 0x80;
	process->pdds[0].watch[1] = (struct sim_watch){ .valid = true, .mode = 1, .addr = (uint64_t)(uintptr_t)out & 0xffffffffff80,
		.mask = 0xffffffffff80 };
	launch(code_store, COUNT(code_store), 8, 4, 64, 0, out);
	fake_run_us(driver, 300);
	const struct gfx_wave_record *r = only_wave();
	ck_assert_uint_eq(hwreg(r, 6), 1 << 12);
	ck_assert_uint_eq(hwreg(r, 1) & 0xff, 4 * 9);
	ck_assert_uint_eq(queue()->exception_status & 0x3f, 2);
	ck_assert_uint_eq(out[3], 1);
}
END_TEST

START_TEST(pending_exception_traps_again)
{
	uint32_t code[] = { S_TRAP + 1, S_SPIN };
	attach_debugger();
	launch(code, COUNT(code), 8, 4, 64, 0, NULL);
	fake_run_us(driver, 300);
	const struct gfx_wave_record *r = only_wave();
	set_u32(fq.save, r->hwreg + 20, hwreg(r, 5) & ~0x42000u);
	set_u32(fq.save, r->hwreg + 24, 1 << 8); /* MEM_VIOL, as if not cleared */
	set_u32(fq.save, r->ttmp + 24, 0);
	queue()->exception_status = 0;
	resume();
	fake_run_us(driver, 300);
	ck_assert_uint_eq(queue()->exception_status, 0x20);
	r = only_wave();
	ck_assert_uint_eq(hwreg(r, 1) & 0xff, 4);
	ck_assert_uint_eq(ttmp(r, 6) & 0x7e000000, 0x40000000);
}
END_TEST

START_TEST(stepping_over_a_barrier_waits_for_the_group)
{
	launch(code_barrier, COUNT(code_barrier), 8, 4, 128, 0, NULL);
	attach_debugger();
	process->pdds[0].launch_mode = 1;
	fake_run_us(driver, 300);
	suspend();
	struct waves w = decode(0);
	ck_assert_uint_eq(w.n, 2);
	/* wave 0 steps, wave 1 stays halted */
	set_u32(fq.save, w.record[0].hwreg + 20, hwreg(&w.record[0], 5) & ~0x2000u);
	set_u32(fq.save, w.record[0].hwreg + 36, hwreg(&w.record[0], 9) | 0x800);
	resume();
	fake_run_us(driver, 300);
	ck_assert_uint_eq(queue()->exception_status & 0x3f, 0);
	suspend();
	w = decode(0);
	ck_assert_uint_eq(hwreg(&w.record[0], 1) & 0xff, 4);
	set_u32(fq.save, w.record[1].hwreg + 20, hwreg(&w.record[1], 5) & ~0x2000u);
	resume();
	fake_run_us(driver, 300);
	ck_assert_uint_eq(queue()->exception_status & 0x3f, 2);
	suspend();
	w = decode(0);
	ck_assert_uint_eq(hwreg(&w.record[0], 1) & 0xff, 4);
	ck_assert_uint_eq(hwreg(&w.record[0], 6), 1 << 25);
	ck_assert_uint_eq(hwreg(&w.record[1], 5) >> 13 & 1, 0);
}
END_TEST

START_TEST(ten_thousand_waves)
{
	fake_driver_free(driver);
	start(320, 8);
	launch(code_spin, 1, 16, 8, 256 * 2600, 0, NULL);
	for (unsigned i = 0; i < 200 && sim_queue_wave_count(queue()) < 320 * 32; i++)
		sim_gpu_run(driver->device.gpu, 5000);
	ck_assert_uint_eq(sim_queue_wave_count(queue()), 320 * 32);
	suspend();
	unsigned n = 0;
	for (unsigned x = 0; x < 8; x++)
		n += (unsigned)decode(x).n;
	ck_assert_uint_eq(n, 320 * 32);
	resume();
	ck_assert_uint_eq(sim_queue_wave_count(queue()), 320 * 32);
}
END_TEST

/* One test case a test, so that the report names it. */
#define ADD(test, n) add(s, #test, test, n)

static void add(Suite *s, const char *name, const TTest *test, int n)
{
	TCase *t = tcase_create(name);
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, test, 0, n);
	suite_add_tcase(s, t);
}

static Suite *suite(void)
{
	Suite *s = suite_create("gpu");
	ADD(endpgm_completes_the_dispatch, 1);
	ADD(lds_scratch_accumulators_and_barriers, 1);
	ADD(suspending_does_not_change_results, 2);
	ADD(groups_spread_over_xccs, 1);
	ADD(partial_group_has_partial_exec, 1);
	ADD(occupancy_is_bounded, 1);
	ADD(engines_hold_512_waves, 1);
	ADD(saved_groups_come_before_new_ones, 1);
	ADD(cu_mask_confines_the_queue, 1);
	ADD(bad_packet_is_reported, COUNT(bad_packets));
	ADD(too_many_registers_are_reported, 1);
	ADD(barrier_packets_wait_for_signals, 2);
	ADD(barrier_bit_waits_for_earlier_packets, 1);
	ADD(scratch_is_asked_for, 1);
	ADD(scratch_slots_match_the_control_stack, 1);
	ADD(documented_layout, 1);
	ADD(dispatch_information_is_always_valid, 1);
	ADD(idle_queue_saves_nothing, 1);
	ADD(edits_are_honoured, 1);
	ADD(round_trip_keeps_every_register, 1);
	ADD(code_changes_are_seen_only_after_a_suspend, 1);
	ADD(vendor_packet_drops_the_instruction_cache, 1);
	ADD(breakpoint_then_step_then_run, 1);
	ADD(traps, COUNT(trap_cases));
	ADD(interrupt_words, COUNT(messages));
	ADD(abort_may_leave_the_pc_at_the_trap, 1);
	ADD(fault_without_debugger_evicts, 1);
	ADD(fault_with_debugger_stays_on_the_device, 1);
	ADD(illegal_instruction, 1);
	ADD(sethalt_is_not_a_stop, 1);
	ADD(launch_in_step_mode_and_wave_start_trap, 1);
	ADD(wave_end_trap_then_end, 1);
	ADD(watch_point_hits_once_enabled, 1);
	ADD(pending_exception_traps_again, 1);
	ADD(stepping_over_a_barrier_waits_for_the_group, 1);
	ADD(ten_thousand_waves, 1);
	return s;
}

int main(void)
{
	return tap_run(suite());
}
