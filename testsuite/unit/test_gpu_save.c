/* The simulated GPU: scratch, save areas, and the instruction cache across a suspend. */
#include <string.h>

#include "testsuite/unit/gpu_kernels.h"
#include "testsuite/unit/gpu_rig.h"
#include "testsuite/unit/tap.h"

/* ------------------------------------------------------------------ scratch */

START_TEST(scratch_is_asked_for)
{
	uint32_t *out = fake_alloc(rig.driver, 4096);
	int64_t *inactive = (int64_t *)fake_signal(rig.driver) + 1;
	uint64_t address = (uint64_t)(uintptr_t)inactive - 8;
	*inactive = 0;
	memcpy(rig.fq.amd_queue + 192, &address, 8);
	int64_t *value = rig_launch_mix(1, out);
	fake_run_us(rig.driver, 500);
	ck_assert_int_eq(*inactive, 1);
	ck_assert_uint_ge(rig.driver->event_count[FAKE_SIGNAL_EVENT], 1);
	ck_assert_int_eq(*value, 1);
	fake_queue_scratch(rig.driver, &rig.fq, 64, 1024);
	*inactive = 0;
	ck_assert(fake_run_until_zero(rig.driver, value, 1000));
	rig_check_mix(out, 1);
}
END_TEST

/* FLAT_SCRATCH of each wave is the slot that a debugger computes from control stack and ring size (wave-state.md 6.4). */
START_TEST(scratch_slots_match_the_control_stack)
{
	unsigned engines = rig.driver->device.model->engines_per_xcc, waves = 64, wave_bytes = 4096;
	uint8_t used[64] = { 0 };
	uint32_t *out = fake_alloc(rig.driver, 40 * 1024);
	fake_queue_scratch(rig.driver, &rig.fq, waves, wave_bytes);
	rig_launch_mix(40, out);
	sim_gpu_run(rig.driver->device.gpu, 100);
	rig_suspend();
	struct rig_waves w = rig_decode(0);
	ck_assert_uint_eq(w.n, waves); /* more groups than slots: the rest waits */
	for (size_t i = 0; i < w.n; i++) {
		const struct gfx_wave_record *r = &w.record[i];
		uint64_t flat;
		memcpy(&flat, rig.fq.save + r->sgpr + 102 * 4, 8);
		unsigned slot = waves / engines * r->se + r->scoreboard;
		ck_assert(r->scratch_enabled);
		ck_assert_uint_lt(slot, waves);
		ck_assert_uint_eq(used[slot], 0);
		used[slot] = 1;
		ck_assert_uint_eq(flat, (uint64_t)(uintptr_t)rig.fq.scratch + (uint64_t)slot * wave_bytes);
	}
}
END_TEST

/* ------------------------------------------------------------------ save area */

/* wave-state.md 1.12, gfx942: two waves, 40 + 24 registers, 4 KiB of LDS, scratch. */
START_TEST(documented_layout)
{
	struct fake_kernel shape = { .vgprs = 64, .accum = 40, .scratch = true };
	struct fake_dispatch d = { .kernel = fake_kernel(rig.driver, &shape, code_spin, 1), .grid = { 128 }, .group = { 128 }, .lds = 4096,
		.private_bytes = 16 };
	static const uint32_t header[] = { 0x2fec, 0x14, 0xc500, 0x9500 };
	static const uint32_t stack[] = { 0x890011c7, 0x00028000, 0x00018001 };
	fake_queue_scratch(rig.driver, &rig.fq, 64, 4096);
	rig.process->debug.ttmp_setup = 1;
	fake_dispatch(rig.driver, &rig.fq, &d);
	fake_run_us(rig.driver, 300);
	uint8_t user_part[24];
	memcpy(user_part, rig.fq.save + 16, sizeof(user_part));
	rig_suspend();
	ck_assert_mem_eq(rig.fq.save, header, sizeof(header));
	ck_assert_mem_eq(rig.fq.save + 16, user_part, sizeof(user_part));
	ck_assert_mem_eq(rig.fq.save + 0x2fec + 8, stack, sizeof(stack));
	ck_assert_uint_eq(rig_u32(rig.fq.save, 0xb444), (uint32_t)d.kernel + 256);
	ck_assert_uint_eq(rig_u32(rig.fq.save, 0xb448), (uint32_t)((d.kernel + 256) >> 32));
	ck_assert_uint_eq(rig_u32(rig.fq.save, 0xb44c), 0xffffffff);
	ck_assert_uint_eq(rig_u32(rig.fq.save, 0xb454) & 0x2000, 0);
	ck_assert_uint_eq(rig_u32(rig.fq.save, 0xb4ac), 0); /* ttmp11: wave 0 of packet 0 */
	ck_assert_uint_eq(rig_u32(rig.fq.save, 0x7200 + 44), 1); /* ttmp11 of wave 1 */
	ck_assert_uint_eq(rig_u32(rig.fq.save, 0x7280 + 5 * 4), 5); /* v0 */
	ck_assert_uint_eq(rig_u32(rig.fq.save, 0x3000 + 5 * 4), 69);
	ck_assert_uint_eq(rig_u32(rig.fq.save, 0xb280 + 2 * 4), 0); /* s2: group */
	ck_assert_uint_eq(rig.fq.save[0xb4c0], 0xa5); /* LDS begins, undefined contents */
	ck_assert_uint_eq(rig.fq.save[0xb4bf], 0);
}
END_TEST

/* The device says that dispatch information is always valid (debug_prop 0x400): then it is, whatever the runtime asked for. What belongs to
 * the handlers is still garbage, and marked so. */
START_TEST(dispatch_information_is_always_valid)
{
	ck_assert_uint_eq(rig.driver->device.model->debug_prop & 0x400, 0x400);
	rig.process->debug.ttmp_setup = 0;
	rig_launch(code_spin, 1, 8, 4, 64, 0, NULL);
	rig_launch(code_spin, 1, 8, 4, 256 * 3, 0, NULL);
	fake_run_us(rig.driver, 300);
	rig_suspend();
	struct rig_waves w = rig_decode(0);
	ck_assert_uint_eq(w.n, 1 + 4 * 3);
	for (unsigned i = 0; i < w.n; i++) {
		unsigned group = i ? (i - 1) / 4 : 0, wave = i ? (i - 1) % 4 : 0;
		const uint8_t *ttmps = rig.fq.save + w.record[i].ttmp;
		ck_assert_uint_eq(rig_u32(ttmps, 4 * 8), group);
		ck_assert_uint_eq(rig_u32(ttmps, 4 * 9), 0);
		ck_assert_uint_eq(rig_u32(ttmps, 4 * 10), 0);
		ck_assert_uint_eq(rig_u32(ttmps, 4 * 11), wave | (i ? 1u << 6 : 0)); /* packet 0 or 1; bit 31 clear: no handler has run */
	}
}
END_TEST

START_TEST(idle_queue_saves_nothing)
{
	rig_suspend();
	ck_assert_uint_eq(rig_u32(rig.fq.save, 0), rig.fq.stack_bytes);
	ck_assert_uint_eq(rig_u32(rig.fq.save, 4), 0);
	ck_assert_uint_eq(rig_u32(rig.fq.save, 8), rig.fq.stack_bytes);
	ck_assert_uint_eq(rig_u32(rig.fq.save, 12), 0);
}
END_TEST

START_TEST(edits_are_honoured)
{
	uint32_t *out = fake_alloc(rig.driver, 4096);
	int64_t *value = rig_launch(code_gate, TAP_COUNT(code_gate), 8, 4, 64, 0, out);
	fake_run_us(rig.driver, 500);
	rig_suspend();
	struct rig_waves w = rig_decode(0);
	ck_assert_uint_eq(w.n, 1);
	const struct gfx_wave_record *r = &w.record[0];
	rig_set_u32(rig.fq.save, r->sgpr + 8 * 4, 1);
	rig_set_u32(rig.fq.save, r->vgpr + 2 * 256 + 5 * 4, 0xcafe);
	rig_set_hwreg(r, 3, 0xffffff7f); /* EXEC: without lane 7 */
	rig_set_ttmp(r, 4, 0x1234);
	rig_resume();
	rig_suspend(); /* the queue need not have run: what was edited is what is saved */
	w = rig_decode(0);
	ck_assert_uint_eq(rig_ttmp(r, 4), 0x1234);
	rig_resume();
	ck_assert(fake_run_until_zero(rig.driver, value, 1000));
	for (unsigned i = 0; i < 64; i++)
		ck_assert_uint_eq(out[i], i == 5 ? 0xcafe : i == 7 ? 0 : i);
}
END_TEST

/* Every item that a debugger may edit survives a round trip through the device. */
START_TEST(round_trip_keeps_every_register)
{
	rig_launch(code_spin, 1, 16, 8, 128, 2048, NULL);
	fake_run_us(rig.driver, 300);
	rig_suspend();
	struct rig_waves w = rig_decode(0);
	static uint8_t before[1 << 16];
	for (size_t i = 0; i < w.n; i++) {
		const struct gfx_wave_record *r = &w.record[i];
		for (uint32_t at = r->vgpr; at < r->sgpr + 108 * 4; at += 4)
			if (at < r->sgpr + 104 * 4 || at >= r->sgpr + 106 * 4) /* not the XNACK slots: hwreg 7 and 8 count */
				rig_set_u32(rig.fq.save, at, at * 2654435761u);
		rig_set_hwreg(r, 0, 0x1357);
		rig_set_hwreg(r, 7, 0xabcd);
		rig_set_hwreg(r, 5, (rig_hwreg(r, 5) | 0x2000) & ~0x600u); /* halted; EXECZ, VCCZ derived */
		for (unsigned t = 4; t < 14; t++)
			if (t != 12)
				rig_set_ttmp(r, t, 0x7000 + t);
		if (r->first)
			memset(rig.fq.save + r->lds, 0x3c, 2048);
	}
	uint32_t base = w.header.wave_state_offset - w.header.wave_state_size;
	memcpy(before, rig.fq.save + base, w.header.wave_state_size);
	rig_resume();
	fake_run_us(rig.driver, 300);
	memset(rig.fq.save + base, 0xee, w.header.wave_state_size);
	rig_suspend();
	for (size_t i = 0; i < w.n; i++) {
		const struct gfx_wave_record *r = &w.record[i];
		ck_assert_mem_eq(rig.fq.save + r->vgpr, before + r->vgpr - base, r->sgpr - r->vgpr + 104 * 4);
		ck_assert_mem_eq(rig.fq.save + r->sgpr + 106 * 4, before + r->sgpr + 106 * 4 - base, 8);
		ck_assert_mem_eq(rig.fq.save + r->hwreg, before + r->hwreg - base, 64);
		ck_assert_mem_eq(rig.fq.save + r->ttmp + 16, before + r->ttmp + 16 - base, 32);
		ck_assert_mem_eq(rig.fq.save + r->ttmp + 52, before + r->ttmp + 52 - base, 4);
		if (r->first)
			ck_assert_mem_eq(rig.fq.save + r->lds, before + r->lds - base, 2048);
	}
}
END_TEST

START_TEST(code_changes_are_seen_only_after_a_suspend)
{
	struct fake_kernel shape = { .vgprs = 8, .accum = 4 };
	struct fake_dispatch d = { .kernel = fake_kernel(rig.driver, &shape, code_spin, 1), .grid = { 64 }, .group = { 64 } };
	int64_t *value = fake_dispatch(rig.driver, &rig.fq, &d);
	fake_run_us(rig.driver, 300);
	*(uint32_t *)(uintptr_t)(d.kernel + 256) = S_ENDPGM;
	fake_run_us(rig.driver, 300);
	ck_assert_int_eq(*value, 1);
	rig_suspend();
	rig_resume();
	ck_assert(fake_run_until_zero(rig.driver, value, 1000));
}
END_TEST

START_TEST(vendor_packet_drops_the_instruction_cache)
{
	struct fake_kernel shape = { .vgprs = 8, .accum = 4 };
	struct fake_dispatch d = { .kernel = fake_kernel(rig.driver, &shape, code_spin, 1), .grid = { 64 }, .group = { 64 } };
	int64_t *value = fake_dispatch(rig.driver, &rig.fq, &d), *flushed = (int64_t *)fake_signal(rig.driver) + 1;
	uint32_t *ib = fake_alloc(rig.driver, 64);
	uint64_t ib_address = (uint64_t)(uintptr_t)ib, completion = (uint64_t)(uintptr_t)flushed - 8;
	fake_run_us(rig.driver, 300);
	*(uint32_t *)(uintptr_t)(d.kernel + 256) = S_ENDPGM;
	ib[0] = 0xc0055800; /* ACQUIRE_MEM, 7 words */
	uint8_t packet[64] = { 0, 0, 1, 0 };
	memcpy(packet + 8, &ib_address, 8);
	packet[16] = 7;
	memcpy(packet + 56, &completion, 8);
	fake_packet(&rig.fq, packet);
	ck_assert(fake_run_until_zero(rig.driver, flushed, 1000));
	ck_assert(fake_run_until_zero(rig.driver, value, 1000));
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(scratch_is_asked_for), TAP_ONE(scratch_slots_match_the_control_stack), TAP_ONE(documented_layout),
		TAP_ONE(dispatch_information_is_always_valid), TAP_ONE(idle_queue_saves_nothing), TAP_ONE(edits_are_honoured),
		TAP_ONE(round_trip_keeps_every_register), TAP_ONE(code_changes_are_seen_only_after_a_suspend),
		TAP_ONE(vendor_packet_drops_the_instruction_cache),
	};
	return TAP_RUN("gpu save areas", tests, rig_setup, rig_teardown);
}
