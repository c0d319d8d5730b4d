/* The model over a fake kernel seam: waves of the save-area fixture, one real process that sleeps as the host side. */
#include <inttypes.h>
#include <signal.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/model/breakpoint.h"
#include "src/model/codeobj.h"
#include "src/model/memory.h"
#include "src/model/process.h"
#include "src/model/queue.h"
#include "src/model/runtime.h"
#include "src/model/wave.h"
#include "testsuite/unit/fake_kif.h"
#include "testsuite/unit/tap.h"

struct rig {
	struct fake_kif kernel;
	struct loop *loop;
	struct dbg_process *p;
	struct host *host;
	unsigned n_stops;
	struct dbg_stop stop;
};

static struct rig rig;

static void on_stopped(void *arg, const struct dbg_stop *stop)
{
	struct rig *r = arg;
	r->n_stops++;
	r->stop = *stop;
	loop_quit(r->loop);
}

static uint64_t entry_of(struct host *h)
{
	Elf64_auxv_t *v;
	void *bytes;
	size_t n;
	uint64_t entry = 0;
	struct dbg_error err;
	ck_assert_int_eq(host_auxv(h, &bytes, &n, &err), 0);
	v = bytes;
	for (size_t i = 0; i < n / sizeof *v; i++)
		if (v[i].a_type == AT_ENTRY)
			entry = v[i].a_un.a_val;
	free(bytes);
	return entry;
}

/* A process stopped at its first instruction whose GPU side is the fixture's. */
static void set_up(void)
{
	char *argv[] = { (char *)"/bin/sleep", (char *)"1000", NULL };
	struct dbg_error err;
	bool news;
	memset(&rig, 0, sizeof rig);
	fake_kif_init(&rig.kernel);
	ck_assert_int_eq(loop_create(&rig.loop, &err), 0);
	ck_assert_msg(host_launch(argv, &rig.host, &err) == 0, "%s", err.text);
	uint64_t entry = entry_of(rig.host);
	fake_put(&rig.kernel, FAKE_R_DEBUG + 16, &entry, sizeof entry); /* r_brk: an address of this process */
	struct dbg_process *p = rig.p = calloc(1, sizeof *p);
	p->loop = rig.loop;
	p->hooks = (struct dbg_hooks){ .stopped = on_stopped, .arg = &rig };
	p->host = rig.host;
	p->pid = host_pid(rig.host);
	p->kif = &rig.kernel.kif;
	p->attached = true;
	ck_assert_int_eq(guard_start(p->pid, NULL, &p->guard, &err), 0);
	ck_assert_msg(runtime_open(p, &err) == 0, "%s", err.text);
	ck_assert(p->runtime.usable);
	ck_assert_msg(dbg_stop_queues(p, &news, &err) == 0, "%s", err.text);
}

static void tear_down(void)
{
	host_kill(rig.host);
	dbg_process_free(rig.p);
	loop_destroy(rig.loop);
	fake_kif_deinit(&rig.kernel);
}

static struct dbg_wave *wave_of(const char *name)
{
	for (struct dbg_wave *w = rig.p->waves; w; w = w->hh.next) {
		char text[64];
		fixture_wave_name(&w->g, text, sizeof text);
		if (strcmp(text, name) == 0)
			return w;
	}
	ck_abort_msg("no wave %s", name);
	return NULL;
}

static void choose_go(void *arg, int64_t tid, struct dbg_choice *out)
{
	(void)arg;
	(void)tid;
	out->action = DBG_GO;
}

static void choose_step(void *arg, int64_t tid, struct dbg_choice *out)
{
	out->action = tid == *(int64_t *)arg ? DBG_STEP : DBG_HOLD;
}

static void run_loop(void)
{
	struct dbg_error err;
	ck_assert_int_eq(loop_run(rig.loop, &err), 0);
}

/* Reports every pending stop of the fixture, so that what follows starts from a clean slate. */
static void consume(void)
{
	for (struct dbg_wave *w = rig.p->waves; w; w = w->hh.next)
		w->pending = false;
}

START_TEST(attach_finds_every_wave_by_one_suspend)
{
	ck_assert_uint_eq(HASH_COUNT(rig.p->waves), 15);
	ck_assert_uint_eq(rig.kernel.n_suspends, 1);
	ck_assert_uint_eq(rig.kernel.n_resumes, 0);
	for (struct dbg_wave *w = rig.p->waves; w; w = w->hh.next) {
		ck_assert_uint_ge(w->id, 1);
		ck_assert_uint_le(w->id, 15);
		ck_assert_uint_eq(gfx_wave_id(&w->g), w->id);
	}
}
END_TEST

START_TEST(states_and_reasons_are_those_of_the_facts)
{
	unsigned checked = 0;
	for (size_t i = 0; i < rig.kernel.fixture.n_facts; i++) {
		char name[64];
		unsigned state, reasons;
		if (sscanf(rig.kernel.fixture.facts[i], "I %63s state %u reason %x", name, &state, &reasons) != 3)
			continue;
		struct dbg_wave *w = wave_of(name);
		ck_assert_msg(w->stopped == (state == 3), "%s: stopped %d", name, w->stopped);
		ck_assert_msg(!w->stopped || w->reasons == reasons, "%s: reasons 0x%x, not 0x%x", name, w->reasons, reasons);
		checked++;
	}
	ck_assert_uint_eq(checked, 15);
}
END_TEST

START_TEST(names_tell_agent_queue_dispatch_and_group)
{
	struct dbg_wave *w = wave_of("7,9,11/3");
	char name[128], want[128];
	wave_name(w, name, sizeof name);
	snprintf(want, sizeof want, "AMDGPU Wave 1:1:%u:%" PRIu64 " (7,9,11)/3", w->dispatch, w->id);
	ck_assert_str_eq(name, want);
	ck_assert_uint_ge(w->dispatch, 1);
	ck_assert_uint_le(w->dispatch, 2); /* two dispatches in the fixture */
}
END_TEST

START_TEST(a_second_walk_finds_the_same_waves)
{
	struct dbg_error err;
	bool news;
	uint64_t id = wave_of("7,9,11/3")->id;
	ck_assert_int_eq(queue_write_back(rig.p, &err), 0);
	ck_assert_int_eq(queue_resume_all(rig.p, &err), 0);
	ck_assert_int_eq(dbg_stop_queues(rig.p, &news, &err), 0);
	ck_assert_uint_eq(HASH_COUNT(rig.p->waves), 15);
	ck_assert_uint_eq(wave_of("7,9,11/3")->id, id);
	ck_assert_uint_eq(rig.p->last_wave, 15);
}
END_TEST

START_TEST(pending_stops_are_reported_before_anything_runs)
{
	struct dbg_error err;
	ck_assert_int_eq(dbg_resume(rig.p, choose_go, NULL, &err), 0);
	run_loop();
	ck_assert_uint_eq(rig.n_stops, 1);
	ck_assert_int_eq(rig.stop.kind, DBG_STOP_WAVE);
	ck_assert_uint_ne(rig.stop.reasons, 0);
	ck_assert_uint_eq(rig.kernel.n_resumes, 0);
}
END_TEST

START_TEST(a_continue_is_one_resume_and_starts_every_wave)
{
	struct dbg_error err;
	consume();
	ck_assert_int_eq(dbg_resume(rig.p, choose_go, NULL, &err), 0);
	ck_assert(rig.p->running);
	ck_assert_uint_eq(rig.kernel.n_resumes, 1);
	ck_assert_uint_eq(rig.kernel.n_suspends, 1);
	for (struct dbg_wave *w = rig.p->waves; w; w = w->hh.next)
		ck_assert(!w->stopped);
	/* As the memory has it: decoded again, nobody is stopped by the debugger. */
	struct fixture *f = &rig.kernel.fixture;
	for (size_t i = 0; i < f->n_waves; i++)
		ck_assert(!gfx_wave_stopped(&f->waves[i]));
}
END_TEST

START_TEST(an_interrupt_stops_once_and_names_a_wave)
{
	struct dbg_error err;
	consume();
	ck_assert_int_eq(dbg_resume(rig.p, choose_go, NULL, &err), 0);
	dbg_interrupt(rig.p);
	run_loop();
	ck_assert_uint_eq(rig.n_stops, 1);
	ck_assert_int_eq(rig.stop.kind, DBG_STOP_WAVE);
	ck_assert_int_eq(rig.stop.signal, SIGINT);
	ck_assert_uint_eq(rig.kernel.n_suspends, 2);
	ck_assert_uint_eq(rig.kernel.n_resumes, 1);
}
END_TEST

START_TEST(a_step_moves_one_wave_and_holds_the_others)
{
	struct dbg_error err;
	struct dbg_wave *w = wave_of("0,0,0/1");
	uint32_t nop = w->g.family->nop_insn;
	int64_t tid = wave_tid(w);
	uint64_t text = fixture_piece(&rig.kernel.fixture, "text")->addr;
	consume();
	fake_put(&rig.kernel, text + 0x100, &nop, sizeof nop);
	gfx_wave_set_pc(&w->g, text + 0x100);
	wave_touch_state(w);
	ck_assert_int_eq(dbg_resume(rig.p, choose_step, &tid, &err), 0);
	ck_assert(rig.p->running);
	ck_assert_uint_eq(rig.kernel.n_resumes, 1);
	struct fixture *f = &rig.kernel.fixture;
	unsigned stopped = 0;
	for (size_t i = 0; i < f->n_waves; i++)
		stopped += gfx_wave_stopped(&f->waves[i]);
	ck_assert_uint_eq(stopped, f->n_waves - 1);
}
END_TEST

/* The trap handler stops the wave that the stub has told to step, which has come to pc. */
static void trap_handler_stops(const char *name, uint64_t pc)
{
	struct fixture *f = &rig.kernel.fixture;
	for (size_t i = 0; i < f->n_waves; i++) {
		char text[64];
		fixture_wave_name(&f->waves[i], text, sizeof text);
		if (strcmp(text, name) != 0)
			continue;
		ck_assert(!gfx_wave_stopped(&f->waves[i]));
		gfx_wave_stop(&f->waves[i]);
		gfx_wave_set_pc(&f->waves[i], pc);
	}
	dbg_run_look(rig.p);
}

/* Begins a step of wave 0,0,0/1 over an instruction, on a family that does or does not tell of steps by a status bit. */
static uint64_t begin_step(uint32_t insn, bool has_status, struct gfx_family *family)
{
	struct dbg_error err;
	struct dbg_wave *w = wave_of("0,0,0/1");
	int64_t tid = wave_tid(w);
	uint64_t at = fixture_piece(&rig.kernel.fixture, "text")->addr + 0x100;
	*family = *w->g.family;
	family->has_step_status = has_status;
	rig.p->agents[0].family = family;
	w->g.family = family;
	consume();
	fake_put(&rig.kernel, at, &insn, sizeof insn);
	gfx_wave_set_pc(&w->g, at);
	wave_touch_state(w);
	ck_assert_int_eq(dbg_resume(rig.p, choose_step, &tid, &err), 0);
	ck_assert_uint_eq(rig.kernel.n_resumes, 1);
	return at;
}

START_TEST(without_a_status_bit_a_step_is_inferred_from_the_pc)
{
	struct gfx_family family;
	uint64_t at = begin_step(rig.p->agents[0].family->nop_insn, false, &family);
	trap_handler_stops("0,0,0/1", at + 4);
	run_loop();
	ck_assert_uint_eq(rig.n_stops, 1);
	ck_assert_uint_eq(rig.stop.reasons, GFX_STOP_SINGLE_STEP);
	ck_assert_int_eq(rig.stop.tid, wave_tid(wave_of("0,0,0/1")));
}
END_TEST

START_TEST(a_disturbed_step_is_made_once_more_without_a_word)
{
	struct gfx_family family;
	uint64_t at = begin_step(rig.p->agents[0].family->nop_insn, false, &family);
	trap_handler_stops("0,0,0/1", at);
	ck_assert_uint_eq(rig.n_stops, 0);
	ck_assert(rig.p->running);
	ck_assert_uint_eq(rig.kernel.n_resumes, 2);
	ck_assert(wave_of("0,0,0/1")->stepping);
	trap_handler_stops("0,0,0/1", at + 4);
	run_loop();
	ck_assert_uint_eq(rig.n_stops, 1);
	ck_assert_uint_eq(rig.stop.reasons, GFX_STOP_SINGLE_STEP);
}
END_TEST

START_TEST(an_instruction_that_may_lead_to_itself_is_not_stepped_for_ever)
{
	enum { SLEEP = 0x000e0001 }; /* over s_nop 0: s_sleep 1 */
	struct gfx_family family;
	uint64_t at = begin_step(rig.p->agents[0].family->nop_insn + SLEEP, false, &family);
	trap_handler_stops("0,0,0/1", at);
	run_loop();
	ck_assert_uint_eq(rig.n_stops, 1);
	ck_assert_uint_eq(rig.stop.reasons, GFX_STOP_SINGLE_STEP);
	ck_assert_uint_eq(rig.kernel.n_resumes, 1);
}
END_TEST

START_TEST(with_a_status_bit_nothing_is_inferred)
{
	struct gfx_family family;
	uint64_t at = begin_step(rig.p->agents[0].family->nop_insn, true, &family);
	trap_handler_stops("0,0,0/1", at + 4);
	run_loop();
	ck_assert_uint_eq(rig.n_stops, 1);
	ck_assert_uint_eq(rig.stop.reasons, 0);
}
END_TEST

START_TEST(a_branch_is_stepped_without_the_hardware)
{
	struct dbg_error err;
	struct dbg_wave *w = wave_of("0,0,0/1");
	uint32_t branch = w->g.family->branch_insn + 3;
	int64_t tid = wave_tid(w);
	uint64_t text = fixture_piece(&rig.kernel.fixture, "text")->addr;
	consume();
	fake_put(&rig.kernel, text + 0x100, &branch, sizeof branch);
	gfx_wave_set_pc(&w->g, text + 0x100);
	ck_assert_int_eq(dbg_resume(rig.p, choose_step, &tid, &err), 0);
	run_loop();
	ck_assert_uint_eq(rig.kernel.n_resumes, 0);
	ck_assert_int_eq(rig.stop.tid, tid);
	ck_assert_uint_eq(rig.stop.reasons, GFX_STOP_SINGLE_STEP);
	ck_assert_uint_eq(gfx_wave_pc(&w->g), text + 0x100 + 4 + 12);
}
END_TEST

START_TEST(detach_leaves_no_trace)
{
	struct dbg_process *p = rig.p;
	pid_t pid = p->pid;
	consume();
	dbg_process_detach(p);
	ck_assert_int_eq(kill(pid, SIGKILL), 0); /* it runs, and is nobody's tracee any more */
	ck_assert_uint_eq(rig.kernel.n_disables, 1);
	struct fixture *f = &rig.kernel.fixture;
	for (size_t i = 0; i < f->n_waves; i++) {
		ck_assert_uint_eq(gfx_wave_id(&f->waves[i]), 0);
	}
	/* For tear_down(): a process without a GPU side. */
	rig.p = NULL;
	struct dbg_error err;
	char *argv[] = { (char *)"/bin/true", NULL };
	ck_assert_int_eq(host_launch(argv, &rig.host, &err), 0);
}
END_TEST

START_TEST(a_dead_target_is_no_error)
{
	struct dbg_error err;
	consume();
	ck_assert_int_eq(dbg_resume(rig.p, choose_go, NULL, &err), 0);
	rig.kernel.gone = true;
	dbg_run_look(rig.p);
	ck_assert_uint_eq(HASH_COUNT(rig.p->waves), 0);
	struct host_event e = { .kind = HOST_TERMINATED, .tid = rig.p->pid, .value = SIGKILL };
	dbg_run_host_event(rig.p, &e);
	run_loop();
	ck_assert_uint_eq(rig.n_stops, 1);
	ck_assert_int_eq(rig.stop.kind, DBG_STOP_TERMINATED);
	ck_assert_int_eq(rig.stop.signal, SIGKILL);
}
END_TEST

START_TEST(the_runtime_is_paid_once_per_event)
{
	bool look;
	struct dbg_error err;
	rig.kernel.runtime_state = 0;
	rig.kernel.events[0] = (struct kif_event){ .mask = KIF_EC(KIF_EC_PROCESS_RUNTIME) };
	rig.kernel.n_events = 1;
	ck_assert_int_eq(runtime_pump(rig.p, &look, &err), 0);
	ck_assert_uint_eq(rig.kernel.n_credits, 1);
	ck_assert(!rig.p->runtime.usable);
	ck_assert_uint_eq(HASH_COUNT(rig.p->waves), 0);
	rig.kernel.runtime_state = 1;
	rig.kernel.events[0] = (struct kif_event){ .mask = KIF_EC(KIF_EC_PROCESS_RUNTIME) };
	rig.kernel.n_events = 1;
	ck_assert_int_eq(runtime_pump(rig.p, &look, &err), 0);
	ck_assert_uint_eq(rig.kernel.n_credits, 2);
	ck_assert(rig.p->runtime.usable);
}
END_TEST

START_TEST(local_memory_is_bounded_by_the_group)
{
	struct dbg_wave *w = wave_of("0,0,0/1");
	struct dbg_error err;
	uint32_t word;
	size_t got;
	ck_assert_int_eq(memory_read(rig.p, w, (UINT64_C(1) << 48) + 0x14, &word, 4, &got, &err), 0);
	ck_assert_uint_eq(word, 0x1d000005);
	ck_assert_int_eq(memory_read(rig.p, w, (UINT64_C(1) << 48) + 0x1000, &word, 4, &got, &err), -DBG_REFUSED);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(attach_finds_every_wave_by_one_suspend), TAP_ONE(states_and_reasons_are_those_of_the_facts),
		TAP_ONE(names_tell_agent_queue_dispatch_and_group), TAP_ONE(a_second_walk_finds_the_same_waves),
		TAP_ONE(pending_stops_are_reported_before_anything_runs), TAP_ONE(a_continue_is_one_resume_and_starts_every_wave),
		TAP_ONE(an_interrupt_stops_once_and_names_a_wave), TAP_ONE(a_step_moves_one_wave_and_holds_the_others),
		TAP_ONE(without_a_status_bit_a_step_is_inferred_from_the_pc),
		TAP_ONE(a_disturbed_step_is_made_once_more_without_a_word),
		TAP_ONE(an_instruction_that_may_lead_to_itself_is_not_stepped_for_ever),
		TAP_ONE(with_a_status_bit_nothing_is_inferred), TAP_ONE(a_branch_is_stepped_without_the_hardware),
		TAP_ONE(detach_leaves_no_trace), TAP_ONE(a_dead_target_is_no_error), TAP_ONE(the_runtime_is_paid_once_per_event),
		TAP_ONE(local_memory_is_bounded_by_the_group),
	};
	return TAP_RUN("model", tests, set_up, tear_down);
}
