#include "src/run/range_step.h"

#include <stdlib.h>

#include "src/base/log.h"
#include "src/model/breakpoint.h"
#include "src/model/wave.h"
#include "src/run/range.h"
#include "src/run/run.h"
#include "src/run/step.h"

/* Branches carried out on the image in a row: a loop of nothing else must not hold the stub. */
enum { MAX_SIMULATED = 64 };

static bool steps_range(const struct dbg_wave *w)
{
	return w->action == DBG_RANGE && w->queue->suspended;
}

/* The step has led out of the range, or to a breakpoint of the client that it has not been stopped by. */
static bool over(const struct dbg_process *p, const struct dbg_wave *w)
{
	uint64_t pc = gfx_wave_pc(&w->g);
	return !w->range_begins && (!range_holds(w, pc) || (break_wanted_at(p, pc) && w->passed != pc));
}

/* Original bytes of the range, or of its part from pc on when it is long. */
static int read_range(struct dbg_process *p, const struct dbg_wave *w, uint64_t pc, uint8_t **code, uint64_t *start, size_t *n, struct dbg_error *err)
{
	*start = w->range_end - w->range_start <= RANGE_MAX_BYTES ? w->range_start : pc;
	uint64_t want = w->range_end - *start;
	*n = want < RANGE_MAX_BYTES ? (size_t)want : RANGE_MAX_BYTES;
	*code = malloc(*n);
	if (!*code)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for %zu bytes of code", *n);
	int status = break_read_code(p, *start, *code, *n, n, err);
	if (status < 0)
		free(*code);
	return status;
}

static int plant(struct dbg_process *p, const struct dbg_wave *w, struct dbg_error *err)
{
	struct range_exits exits;
	uint64_t pc = gfx_wave_pc(&w->g), start;
	uint8_t *code;
	size_t n;
	int status = read_range(p, w, pc, &code, &start, &n, err);
	if (status < 0)
		return status;
	if (range_exits(w->g.family, code, start, n, pc, &exits) < 0)
		status = dbg_fail(err, DBG_REFUSED, "its control flow is not known");
	free(code);
	for (size_t i = 0; status == 0 && i < exits.n; i++)
		status = break_plant(p, exits.at[i], err);
	if (status == 0)
		log_debug(LOG_CODE, "range 0x%llx..0x%llx has %zu exits", (unsigned long long)w->range_start, (unsigned long long)w->range_end, exits.n);
	return status;
}

/* True: its step is over. */
static bool plan_wave(struct dbg_process *p, struct dbg_wave *w)
{
	struct dbg_error err;
	struct gfx_insn insn;
	w->range_planned = false;
	if (w->owed_from || w->catches_up)
		return false; /* first that */
	if (!w->stopped && w->stepping)
		return false; /* its step is under way: it may wait, at a barrier behind which the next instruction stands */
	for (int i = 0;; i++) {
		uint64_t pc = gfx_wave_pc(&w->g);
		if (over(p, w)) {
			step_hold(w);
			w->reasons = GFX_STOP_SINGLE_STEP;
			return true;
		}
		if (step_decode(p, w, pc, &insn, &err) < 0)
			return false;
		if (w->waits_at || i == MAX_SIMULATED || !step_simulate(w, &insn))
			break;
		w->range_begins = false;
		w->passed = 0;
		w->reasons = GFX_STOP_SINGLE_STEP;
	}
	if (range_must_step(insn.class))
		return false;
	if (plant(p, w, &err) < 0) {
		log_debug(LOG_CODE, "range 0x%llx..0x%llx is stepped: %s", (unsigned long long)w->range_start, (unsigned long long)w->range_end, err.text);
		return false;
	}
	w->range_planned = true;
	if (w->range_begins && break_inserted_at(p, gfx_wave_pc(&w->g)))
		w->passed = gfx_wave_pc(&w->g); /* it is to leave it, not to meet it */
	return false;
}

static bool all_in(const struct dbg_process *p)
{
	for (const struct dbg_break *b = p->breaks; b; b = b->hh.next)
		if (b->planted && !b->inserted)
			return false;
	return true;
}

struct dbg_wave *range_plan(struct dbg_process *p, bool held)
{
	break_unplant_all(p);
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		if (!steps_range(w))
			continue; /* one that is held may have met a breakpoint that is only lifted for the moment: it is told when that is back */
		if (w->pending && !run_still_valid(p, w))
			w->pending = false;
		if (w->pending || !plan_wave(p, w))
			continue;
		if (!p->nonstop)
			return w;
		w->pending = true;
	}
	if (!range_running(p))
		return NULL;
	if (held)
		break_apply_held(p);
	else
		break_apply(p);
	if (all_in(p))
		return NULL;
	/* A wave must not run where it would not be stopped. */
	break_unplant_all(p);
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next)
		w->range_planned = false;
	return NULL;
}

void range_withdraw(struct dbg_process *p)
{
	break_unplant_all(p);
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next)
		w->range_planned = false;
}

bool range_stopped(struct dbg_process *p, struct dbg_wave *w)
{
	uint64_t pc = gfx_wave_pc(&w->g);
	w->range_begins = false;
	if (break_wanted_at(p, pc))
		return true;
	if (range_holds(w, pc))
		return false;
	w->reasons = GFX_STOP_SINGLE_STEP;
	return true;
}

bool range_running(const struct dbg_process *p)
{
	for (const struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (steps_range(w) && w->range_planned)
			return true;
	return false;
}
