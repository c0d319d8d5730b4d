/* The simulated GPU: traps, exceptions, halts and steps as wave-state.md 12 has them. */
#include <string.h>

#include "testsuite/unit/gpu_kernels.h"
#include "testsuite/unit/gpu_rig.h"
#include "testsuite/unit/tap.h"

/* Hardware registers by their slots in the save area (wave-state.md 1.8), and bits of STATUS and MODE (2.3). */
enum { PC = 1, STATUS = 5, TRAPSTS = 6, MODE = 9 };
enum { HALT = 0x2000, SKIP_EXPORT = 0x40000, DEBUG_EN = 0x800 };

#define LAUNCH(code, items, out) rig_launch(code, TAP_COUNT(code), 8, 4, items, 0, out)

/* The only wave, suspended when it has run for so long. */
static const struct gfx_wave_record *wave_after(unsigned microseconds)
{
	fake_run_us(rig.driver, microseconds);
	return rig_only_wave();
}

static void change(const struct gfx_wave_record *r, unsigned n, uint32_t clear, uint32_t set)
{
	rig_set_hwreg(r, n, (rig_hwreg(r, n) & ~clear) | set);
}

static void attach_debugger(void)
{
	rig.process->debug.enabled = true;
	rig.process->debug.runtime_state = 1;
	rig.process->debug.enable_mask = 0x3f;
}

/* Rows of wave-state.md 12.2. */
START_TEST(breakpoint_then_step_then_run)
{
	uint32_t code[] = { S_TRAP + 1, S_NOP, S_NOP, S_SPIN };
	struct fake_kernel shape = { .vgprs = 8, .accum = 4 };
	struct fake_dispatch d = { .kernel = fake_kernel(rig.driver, &shape, code, TAP_COUNT(code)), .grid = { 64 }, .group = { 64 } };
	uint32_t x = (uint32_t)d.kernel + 256;
	attach_debugger();
	rig.process->pdds[0].launch_mode = 1; /* halted at launch: TTMPs as the hardware leaves them */
	fake_dispatch(rig.driver, &rig.fq, &d);
	const struct gfx_wave_record *r = wave_after(200);
	ck_assert_uint_eq(rig_hwreg(r, PC), x);
	ck_assert_uint_eq(rig_hwreg(r, STATUS) & (SKIP_EXPORT | HALT), HALT);
	ck_assert_uint_eq(rig_ttmp(r, 11) >> 31, 0);
	/* first walk: id W, initialised, running */
	rig_set_ttmp(r, 4, 77);
	rig_set_ttmp(r, 5, 0);
	rig_set_ttmp(r, 6, 0);
	rig_set_ttmp(r, 11, rig_ttmp(r, 11) | 0x80000000u);
	change(r, STATUS, HALT, 0);
	rig_resume();
	r = wave_after(200);
	ck_assert_uint_eq(rig_hwreg(r, PC), x + 4);
	ck_assert_uint_eq(rig_hwreg(r, STATUS) & (SKIP_EXPORT | HALT), SKIP_EXPORT | HALT);
	ck_assert_uint_eq(rig_hwreg(r, TRAPSTS), 0);
	ck_assert_uint_eq(rig_ttmp(r, 6), 0x42000000);
	ck_assert_uint_eq(rig_ttmp(r, 4), 77);
	ck_assert_uint_eq(rig_queue()->exception_status & 0x3f, 2);
	/* step */
	change(r, STATUS, SKIP_EXPORT | HALT, 0);
	change(r, MODE, 0, DEBUG_EN);
	rig_set_ttmp(r, 6, 0x02000000);
	rig_resume();
	r = wave_after(200);
	ck_assert_uint_eq(rig_hwreg(r, PC), x + 8);
	ck_assert_uint_eq(rig_hwreg(r, STATUS) & HALT, HALT);
	ck_assert_uint_eq(rig_hwreg(r, TRAPSTS), 1u << 25);
	ck_assert_uint_eq(rig_ttmp(r, 6), 0x40000000);
	/* run */
	change(r, STATUS, SKIP_EXPORT | HALT, 0);
	rig_set_hwreg(r, TRAPSTS, 0);
	change(r, MODE, DEBUG_EN, 0);
	rig_set_ttmp(r, 6, 0);
	rig_resume();
	r = wave_after(200);
	ck_assert_uint_eq(rig_hwreg(r, PC), x + 12);
	ck_assert_uint_eq(rig_hwreg(r, STATUS) & HALT, 0);
	ck_assert_uint_eq(rig_ttmp(r, 6), 0);
	ck_assert_uint_eq(rig_ttmp(r, 4), 77);
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
	rig.process->debug.runtime_state = 1;
	if (c->debugger)
		attach_debugger();
	if (!c->handler)
		rig.process->pdds[0].tba = 0;
	LAUNCH(code, 64, NULL);
	const struct gfx_wave_record *r = wave_after(300);
	ck_assert_uint_eq(rig_hwreg(r, STATUS) >> 13 & 1, c->halted);
	ck_assert_uint_eq(*rig.fq.payload, c->payload);
	ck_assert_uint_eq(rig.driver->event_count[FAKE_ERROR_EVENT], c->payload != 0);
	if (c->halted)
		ck_assert_uint_eq(rig_ttmp(r, 6) & 0x7e000000, c->ttmp6);
	ck_assert_uint_eq(rig_hwreg(r, PC) & 0xff, 4);
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
	rig.driver->options.trap2_pc_at = true;
	LAUNCH(code, 64, NULL);
	fake_run_us(rig.driver, 300);
	ck_assert_uint_eq(rig_hwreg(rig_only_wave(), PC) & 0xff, 0);
}
END_TEST

START_TEST(fault_without_debugger_evicts)
{
	rig.process->debug.runtime_state = 1;
	LAUNCH(code_fault, 64, NULL);
	fake_run_us(rig.driver, 300);
	uint64_t va;
	memcpy(&va, rig.driver->memory_record + 16, 8);
	ck_assert_uint_eq(rig.driver->memory_events, 1);
	ck_assert_uint_eq(va, 0x1000);
	ck_assert_uint_eq(rig_u32(rig.driver->memory_record, 0), 1);
	ck_assert_uint_eq(rig_u32(rig.driver->memory_record, 24), rig.driver->device.gpu_id);
	ck_assert_uint_eq(*rig.fq.payload, 0x10);
	ck_assert(rig_queue()->evicted && !sim_queue_active(rig_queue()));
	ck_assert_uint_eq(rig.driver->smi_events, 1);
}
END_TEST

START_TEST(fault_with_debugger_stays_on_the_device)
{
	attach_debugger();
	rig.process->debug.enable_mask |= UINT64_C(1) << 32;
	LAUNCH(code_fault, 64, NULL);
	fake_run_us(rig.driver, 300);
	ck_assert(!rig_queue()->evicted);
	ck_assert_uint_eq(rig.driver->memory_events, 0);
	ck_assert_uint_eq(rig.process->pdds[0].exception_status, UINT64_C(1) << 32);
	ck_assert_uint_eq(rig_queue()->exception_status & 0x3f, 0x10);
	const struct gfx_wave_record *r = rig_only_wave();
	ck_assert_uint_eq(rig_hwreg(r, TRAPSTS), 1u << 28 | 1u << 8);
	ck_assert_uint_eq(rig_ttmp(r, 6) & 0x7e000000, 0x40000000);
}
END_TEST

START_TEST(illegal_instruction)
{
	uint32_t code[] = { 0xbfff0000, S_SPIN };
	attach_debugger();
	LAUNCH(code, 64, NULL);
	fake_run_us(rig.driver, 300);
	ck_assert_uint_eq(rig_queue()->exception_status & 0x3f, 8);
	const struct gfx_wave_record *r = rig_only_wave();
	ck_assert_uint_eq(rig_hwreg(r, TRAPSTS), 1 << 11);
	ck_assert_uint_eq(rig_hwreg(r, PC) & 0xff, 0);
}
END_TEST

START_TEST(sethalt_is_not_a_stop)
{
	uint32_t code[] = { S_SETHALT, S_SPIN };
	attach_debugger();
	LAUNCH(code, 64, NULL);
	const struct gfx_wave_record *r = wave_after(300);
	ck_assert_uint_eq(rig_hwreg(r, STATUS) >> 13 & 1, 1);
	ck_assert_uint_eq(rig_hwreg(r, STATUS) >> 18 & 1, 0);
	ck_assert_uint_eq(rig_queue()->exception_status & 0x3f, 0);
}
END_TEST

START_TEST(launch_in_step_mode_and_wave_start_trap)
{
	attach_debugger();
	rig.process->pdds[0].launch_mode = 3;
	LAUNCH(code_step, 64, NULL);
	const struct gfx_wave_record *r = wave_after(300);
	ck_assert_uint_eq(rig_hwreg(r, PC) & 0xff, 4);
	ck_assert_uint_eq(rig_hwreg(r, TRAPSTS), 1 << 25);
	fake_driver_free(rig.driver);
	rig_setup();
	attach_debugger();
	rig.process->pdds[0].trap_override = 0x40000000;
	LAUNCH(code_step, 64, NULL);
	r = wave_after(300);
	ck_assert_uint_eq(rig_hwreg(r, PC) & 0xff, 0);
	ck_assert_uint_eq(rig_hwreg(r, TRAPSTS), 1 << 23);
	ck_assert_uint_eq(rig_queue()->exception_status & 0x3f, 2);
}
END_TEST

START_TEST(wave_end_trap_then_end)
{
	uint32_t code[] = { S_NOP, S_ENDPGM };
	attach_debugger();
	rig.process->pdds[0].trap_override = 0x80000000;
	int64_t *value = LAUNCH(code, 64, NULL);
	const struct gfx_wave_record *r = wave_after(300);
	ck_assert_uint_eq(rig_hwreg(r, PC) & 0xff, 4);
	ck_assert_uint_eq(rig_hwreg(r, TRAPSTS), 1 << 24);
	change(r, STATUS, SKIP_EXPORT | HALT, 0);
	rig_set_hwreg(r, TRAPSTS, 0);
	rig_set_ttmp(r, 6, 0);
	rig_resume();
	ck_assert(fake_run_until_zero(rig.driver, value, 1000));
}
END_TEST

START_TEST(watch_point_hits_once_enabled)
{
	uint32_t *out = fake_alloc(rig.driver, 4096);
	attach_debugger();
	rig.process->debug.flags = 1; /* precise */
	rig.process->pdds[0].trap_override = 0x80;
	rig.process->pdds[0].watch[1] = (struct sim_watch){ .valid = true, .mode = 1, .addr = (uint64_t)(uintptr_t)out & 0xffffffffff80,
		.mask = 0xffffffffff80 };
	LAUNCH(code_store, 64, out);
	const struct gfx_wave_record *r = wave_after(300);
	ck_assert_uint_eq(rig_hwreg(r, TRAPSTS), 1 << 12);
	ck_assert_uint_eq(rig_hwreg(r, PC) & 0xff, 4 * 9);
	ck_assert_uint_eq(rig_queue()->exception_status & 0x3f, 2);
	ck_assert_uint_eq(out[3], 1);
}
END_TEST

START_TEST(pending_exception_traps_again)
{
	uint32_t code[] = { S_TRAP + 1, S_SPIN };
	attach_debugger();
	LAUNCH(code, 64, NULL);
	const struct gfx_wave_record *r = wave_after(300);
	change(r, STATUS, SKIP_EXPORT | HALT, 0);
	rig_set_hwreg(r, TRAPSTS, 1 << 8); /* MEM_VIOL, as if not cleared */
	rig_set_ttmp(r, 6, 0);
	rig_queue()->exception_status = 0;
	rig_resume();
	fake_run_us(rig.driver, 300);
	ck_assert_uint_eq(rig_queue()->exception_status, 0x20);
	r = rig_only_wave();
	ck_assert_uint_eq(rig_hwreg(r, PC) & 0xff, 4);
	ck_assert_uint_eq(rig_ttmp(r, 6) & 0x7e000000, 0x40000000);
}
END_TEST

START_TEST(stepping_over_a_barrier_waits_for_the_group)
{
	LAUNCH(code_barrier, 128, NULL);
	attach_debugger();
	rig.process->pdds[0].launch_mode = 1;
	fake_run_us(rig.driver, 300);
	rig_suspend();
	struct rig_waves w = rig_decode(0);
	ck_assert_uint_eq(w.n, 2);
	/* wave 0 steps, wave 1 stays halted */
	change(&w.record[0], STATUS, HALT, 0);
	change(&w.record[0], MODE, 0, DEBUG_EN);
	rig_resume();
	fake_run_us(rig.driver, 300);
	ck_assert_uint_eq(rig_queue()->exception_status & 0x3f, 0);
	rig_suspend();
	w = rig_decode(0);
	ck_assert_uint_eq(rig_hwreg(&w.record[0], PC) & 0xff, 4);
	change(&w.record[1], STATUS, HALT, 0);
	rig_resume();
	fake_run_us(rig.driver, 300);
	ck_assert_uint_eq(rig_queue()->exception_status & 0x3f, 2);
	rig_suspend();
	w = rig_decode(0);
	ck_assert_uint_eq(rig_hwreg(&w.record[0], PC) & 0xff, 4);
	ck_assert_uint_eq(rig_hwreg(&w.record[0], TRAPSTS), 1 << 25);
	ck_assert_uint_eq(rig_hwreg(&w.record[1], STATUS) >> 13 & 1, 0);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(breakpoint_then_step_then_run), TAP_EACH(traps, trap_cases), TAP_EACH(interrupt_words, messages),
		TAP_ONE(abort_may_leave_the_pc_at_the_trap), TAP_ONE(fault_without_debugger_evicts),
		TAP_ONE(fault_with_debugger_stays_on_the_device), TAP_ONE(illegal_instruction), TAP_ONE(sethalt_is_not_a_stop),
		TAP_ONE(launch_in_step_mode_and_wave_start_trap), TAP_ONE(wave_end_trap_then_end),
		TAP_ONE(watch_point_hits_once_enabled), TAP_ONE(pending_exception_traps_again),
		TAP_ONE(stepping_over_a_barrier_waits_for_the_group),
	};
	return TAP_RUN("gpu traps", tests, rig_setup, rig_teardown);
}
