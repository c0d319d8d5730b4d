/* The wave that the client is busy with. A client that steps over a call, or out of one, puts a breakpoint where the wave will come back to and lets
 * everything run. All other waves of the dispatch that come by would be stops that it passes over one by one. So that wave runs ahead, alone and for
 * a bounded time; mostly it is there before anybody else moves. Which wave runs first is nobody's promise. */
#include "src/run/run.h"

#include "src/model/breakpoint.h"
#include "src/model/wave.h"

static bool all_go(const struct dbg_process *p)
{
	for (const struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->action != DBG_GO)
			return false;
	return p->new_go;
}

static struct dbg_wave *only_stepper(const struct dbg_process *p)
{
	struct dbg_wave *only = NULL;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		if (w->action != DBG_STEP && w->action != DBG_RANGE)
			continue;
		if (only)
			return NULL;
		only = w;
	}
	return only;
}

/* The client only gets it off a breakpoint. */
static bool steps_off(const struct dbg_process *p, const struct dbg_wave *w)
{
	return w->action == DBG_STEP && !p->new_go && break_inserted_at(p, gfx_wave_pc(&w->g));
}

/* Its step has just ended, and the client has not shown that to anybody: it goes on with what it does. */
static bool goes_on_at_once(const struct dbg_process *p)
{
	return !p->looked_round && p->focus && p->last.kind == DBG_STOP_WAVE && p->last.tid == DBG_WAVE_TID + (int64_t)p->focus &&
		p->last.reasons == GFX_STOP_SINGLE_STEP && !p->off_breakpoint;
}

void run_choose_focus(struct dbg_process *p)
{
	struct dbg_wave *w = only_stepper(p);
	p->ahead = 0;
	if (p->returning) {
		p->focus = p->returning;
		p->ahead = all_go(p) ? p->focus : 0;
	} else if (goes_on_at_once(p) && all_go(p))
		p->ahead = p->focus;
	p->returning = 0;
	p->off_breakpoint = w && steps_off(p, w);
	if (w && !p->off_breakpoint)
		p->focus = w->id;
	if (p->ahead && !wave_by_tid(p, DBG_WAVE_TID + (int64_t)p->ahead))
		p->ahead = 0;
}

void dbg_expect_return(struct dbg_process *p, int64_t tid)
{
	const struct dbg_wave *w = wave_by_tid(p, tid);
	p->returning = w ? w->id : 0;
}
