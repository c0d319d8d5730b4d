/* The simulated GPU: dispatch, placement of work-groups, packets. */
#include <string.h>
#include <unistd.h>

#include "sim/driver/handlers.h"
#include "testsuite/unit/gpu_kernels.h"
#include "testsuite/unit/gpu_rig.h"
#include "testsuite/unit/tap.h"

START_TEST(endpgm_completes_the_dispatch)
{
	static const uint32_t code[] = { S_ENDPGM };
	int64_t *value = rig_launch(code, 1, 8, 4, 64, 0, NULL);
	ck_assert(fake_run_until_zero(rig.driver, value, 1000));
	uint64_t read, start, end;
	memcpy(&read, rig.fq.amd_queue + 128, 8);
	memcpy(&start, (uint8_t *)value + 24, 8);
	memcpy(&end, (uint8_t *)value + 32, 8);
	ck_assert_uint_eq(read, 1);
	ck_assert_uint_ne(start, 0);
	ck_assert_uint_ge(end, start);
	ck_assert_uint_eq(rig.fq.ring[0], 1);
	ck_assert_uint_eq(rig.driver->event_count[FAKE_SIGNAL_EVENT], 1);
}
END_TEST

START_TEST(lds_scratch_accumulators_and_barriers)
{
	uint32_t *out = fake_alloc(rig.driver, 40 * 1024);
	fake_queue_scratch(rig.driver, &rig.fq, 128, 4096);
	int64_t *value = rig_launch_mix(40, out);
	ck_assert(fake_run_until_zero(rig.driver, value, 5000));
	rig_check_mix(out, 40);
}
END_TEST

/* The same results when the queue is suspended and resumed all the time. _i: 0 shared save area, 1 through copies. */
START_TEST(suspending_does_not_change_results)
{
	uint32_t *out = fake_alloc(rig.driver, 8 * 1024);
	unsigned cycles = 0;
	rig.driver->indirect = _i;
	fake_queue_scratch(rig.driver, &rig.fq, 128, 4096);
	int64_t *value = rig_launch_mix(8, out);
	while (*value && cycles < 20000) {
		sim_gpu_run(rig.driver->device.gpu, 20);
		rig_suspend();
		if (cycles % 16 == 0)
			rig_decode(0);
		rig_resume();
		cycles++;
	}
	ck_assert_int_eq(*value, 0);
	ck_assert_uint_gt(cycles, 20);
	rig_check_mix(out, 8);
}
END_TEST

START_TEST(groups_spread_over_xccs)
{
	uint32_t *out = fake_alloc(rig.driver, 40 * 1024);
	unsigned waves = 0, busy = 0;
	fake_driver_free(rig.driver);
	rig_start(32, 4);
	out = fake_alloc(rig.driver, 40 * 1024);
	fake_queue_scratch(rig.driver, &rig.fq, 64, 4096);
	int64_t *value = rig_launch_mix(40, out);
	sim_gpu_run(rig.driver->device.gpu, 200);
	rig_suspend();
	for (unsigned x = 0; x < 4; x++) {
		struct rig_waves w = rig_decode(x);
		waves += (unsigned)w.n;
		busy += w.n > 0;
	}
	ck_assert_uint_eq(busy, 4);
	ck_assert_uint_eq(waves, sim_queue_wave_count(rig_queue()));
	rig_resume();
	ck_assert(fake_run_until_zero(rig.driver, value, 5000));
	rig_check_mix(out, 40);
}
END_TEST

START_TEST(partial_group_has_partial_exec)
{
	rig_launch(code_spin, 1, 8, 4, 256 + 100, 0, NULL);
	fake_run_us(rig.driver, 500);
	rig_suspend();
	struct rig_waves w = rig_decode(0);
	ck_assert_uint_eq(w.n, 6);
	const struct gfx_wave_record *r = &w.record[5];
	ck_assert_uint_eq(rig_hwreg(r, 3), 0xffffffff);
	ck_assert_uint_eq(rig_hwreg(r, 4), 0xf); /* 100 items: 36 in the second wave */
	ck_assert_uint_eq(rig_u32(rig.fq.save, r->vgpr + 35 * 4), 99);
	ck_assert(w.record[4].first && !w.record[4].last && !r->first && r->last);
}
END_TEST

START_TEST(occupancy_is_bounded)
{
	/* 256 registers a lane: 2 waves a SIMD, 8 a compute unit, 2 groups of 4. */
	fake_driver_free(rig.driver);
	rig_start(4, 1);
	rig_launch(code_spin, 1, 256, 128, 256 * 100, 0, NULL);
	fake_run_us(rig.driver, 2000);
	ck_assert_uint_eq(sim_queue_wave_count(rig_queue()), 4 * 8);
	fake_driver_free(rig.driver);
	/* LDS: 24 KiB a group, two groups a compute unit. */
	rig_start(4, 1);
	rig_launch(code_spin, 1, 8, 4, 256 * 100, 24 << 10, NULL);
	fake_run_us(rig.driver, 2000);
	ck_assert_uint_eq(sim_queue_wave_count(rig_queue()), 4 * 2 * 4);
}
END_TEST

START_TEST(engines_hold_512_waves)
{
	/* More compute units than one XCC can fill: what is resident still fits the control stack. */
	fake_driver_free(rig.driver);
	rig_start(320, 1);
	rig_launch(code_spin, 1, 8, 4, 256 * 2600, 0, NULL);
	fake_run_us(rig.driver, 20000);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_uint_eq(sim_queue_wave_count(rig_queue()), 4 * 512);
		rig_suspend();
		ck_assert_uint_eq(rig_decode(0).n, 4 * 512);
		rig_resume();
		fake_run_us(rig.driver, 2000);
	}
}
END_TEST

START_TEST(saved_groups_come_before_new_ones)
{
	fake_driver_free(rig.driver);
	rig_start(4, 1);
	struct sim_queue *first = rig_queue();
	struct fake_queue fq1 = rig.fq;
	/* Fills all registers; the second dispatch waits. */
	rig_launch(code_spin, 1, 256, 128, 256 * 8, 0, NULL);
	rig_launch(code_spin, 1, 8, 4, 256 * 100, 0, NULL);
	fake_run_us(rig.driver, 2000);
	ck_assert_uint_eq(sim_queue_wave_count(first), 32);
	rig_suspend();
	/* Another queue takes most registers meanwhile: now only waves of the second dispatch would fit. */
	rig.fq = fake_queue_create(rig.driver, rig.process);
	rig_launch(code_spin, 1, 240, 120, 256 * 8, 0, NULL);
	fake_run_us(rig.driver, 2000);
	first->suspended = false;
	sim_queue_update(first);
	fake_run_us(rig.driver, 2000);
	ck_assert_uint_eq(sim_queue_wave_count(first), 32);
	first->suspended = true;
	sim_queue_update(first);
	sim_queue_write_headers(first, first->save_base);
	rig.fq = fq1;
	ck_assert_uint_eq(rig_decode(0).n, 32);
}
END_TEST

START_TEST(cu_mask_confines_the_queue)
{
	uint32_t mask = 0x3;
	struct { uint32_t id, bits; uint64_t ptr; } args = { rig.fq.id, 32, (uint64_t)(uintptr_t)&mask };
	ck_assert_int_eq(fake_ioctl(NULL, rig.process, getpid(), sim_ioctl_set_cu_mask, &args, 16, -1), 0);
	rig_launch(code_spin, 1, 256, 128, 256 * 100, 0, NULL);
	fake_run_us(rig.driver, 2000);
	ck_assert_uint_eq(sim_queue_wave_count(rig_queue()), 2 * 8);
	args.bits = 31;
	ck_assert_int_eq(fake_ioctl(NULL, rig.process, getpid(), sim_ioctl_set_cu_mask, &args, 16, -1), -22);
}
END_TEST

START_TEST(ten_thousand_waves)
{
	fake_driver_free(rig.driver);
	rig_start(320, 8);
	rig_launch(code_spin, 1, 16, 8, 256 * 2600, 0, NULL);
	for (unsigned i = 0; i < 200 && sim_queue_wave_count(rig_queue()) < 320 * 32; i++)
		sim_gpu_run(rig.driver->device.gpu, 5000);
	ck_assert_uint_eq(sim_queue_wave_count(rig_queue()), 320 * 32);
	rig_suspend();
	unsigned n = 0;
	for (unsigned x = 0; x < 8; x++)
		n += (unsigned)rig_decode(x).n;
	ck_assert_uint_eq(n, 320 * 32);
	rig_resume();
	ck_assert_uint_eq(sim_queue_wave_count(rig_queue()), 320 * 32);
}
END_TEST

/* ------------------------------------------------------------------ packets */

static void expect_refused(const uint8_t packet[64], unsigned code)
{
	rig.process->debug.runtime_state = 1;
	fake_packet(&rig.fq, packet);
	fake_run_us(rig.driver, 300);
	ck_assert_uint_eq(*rig.fq.payload, UINT64_C(1) << (code - 1));
	ck_assert_uint_eq(rig.driver->event_count[FAKE_ERROR_EVENT], 1);
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
	uint64_t kernel = fake_kernel(rig.driver, &shape, code, 1);
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
	uint64_t kernel = fake_kernel(rig.driver, &shape, code_spin, 1);
	uint8_t packet[64] = { 2, 0, 1, 0, 0, 4 }; /* 1024 items: 4 waves a SIMD */
	packet[13] = 4;
	memcpy(packet + 32, &kernel, 8);
	expect_refused(packet, 22);
}
END_TEST

START_TEST(barrier_packets_wait_for_signals)
{
	int64_t *dependency = (int64_t *)fake_signal(rig.driver) + 1, *done = (int64_t *)fake_signal(rig.driver) + 1;
	uint64_t address = (uint64_t)(uintptr_t)dependency - 8, completion = (uint64_t)(uintptr_t)done - 8;
	uint8_t packet[64] = { _i ? 5 : 3 };
	memcpy(packet + 8, &address, 8);
	memcpy(packet + 56, &completion, 8);
	fake_packet(&rig.fq, packet);
	fake_run_us(rig.driver, 500);
	ck_assert_int_eq(*done, 1);
	*dependency = 0;
	ck_assert(fake_run_until_zero(rig.driver, done, 1000));
}
END_TEST

START_TEST(barrier_bit_waits_for_earlier_packets)
{
	uint32_t *out = fake_alloc(rig.driver, 4096);
	rig_launch(code_gate, TAP_COUNT(code_gate), 8, 4, 64, 0, out);
	static const uint32_t code[] = { S_ENDPGM };
	struct fake_kernel shape = { .vgprs = 8, .accum = 4 };
	struct fake_dispatch d = { .kernel = fake_kernel(rig.driver, &shape, code, 1), .grid = { 64 }, .group = { 64 } };
	int64_t *free_one = fake_dispatch(rig.driver, &rig.fq, &d);
	d.barrier = true;
	int64_t *held = fake_dispatch(rig.driver, &rig.fq, &d);
	fake_run_us(rig.driver, 1000);
	uint64_t read;
	memcpy(&read, rig.fq.amd_queue + 128, 8);
	ck_assert_int_eq(*free_one, 0);
	ck_assert_int_eq(*held, 1);
	ck_assert_uint_eq(read, 0); /* retired in order: the first still runs */
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(endpgm_completes_the_dispatch), TAP_ONE(lds_scratch_accumulators_and_barriers),
		TAP_TIMES(suspending_does_not_change_results, 2), TAP_ONE(groups_spread_over_xccs),
		TAP_ONE(partial_group_has_partial_exec), TAP_ONE(occupancy_is_bounded), TAP_ONE(engines_hold_512_waves),
		TAP_ONE(saved_groups_come_before_new_ones), TAP_ONE(cu_mask_confines_the_queue), TAP_ONE(ten_thousand_waves),
		TAP_EACH(bad_packet_is_reported, bad_packets), TAP_ONE(too_many_registers_are_reported),
		TAP_TIMES(barrier_packets_wait_for_signals, 2), TAP_ONE(barrier_bit_waits_for_earlier_packets),
	};
	return TAP_RUN("gpu dispatch", tests, rig_setup, rig_teardown);
}
