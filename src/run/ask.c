/* Waves that have met a breakpoint of the client: does anybody want to hear of it? All of one suspend are asked about at once; those
 * that nobody wants go on with the others at the same resume. */
#include <stdlib.h>

#include "src/base/log.h"
#include "src/model/breakpoint.h"
#include "src/model/memory_cache.h"
#include "src/run/run.h"

static void ask(struct dbg_process *p, struct dbg_wave **waves, size_t n)
{
	p->passing = false;
	if (!n || !p->hooks.hits)
		return;
	p->asking = true;
	memory_cache_open(p);
	p->hooks.hits(p->hooks.arg, waves, n);
	memory_cache_close(p);
	p->asking = false;
	for (size_t i = 0; i < n && !p->passing; i++)
		p->passing = !waves[i]->pending;
}

static bool is_hit(const struct dbg_process *p, const struct dbg_wave *w)
{
	return w->pending && w->passed && w->action == DBG_GO && !(w->reasons & RUN_FATAL) && (w->reasons & GFX_STOP_BREAKPOINT) &&
		break_wanted_at(p, w->passed);
}

/* Still stands where it was asked about: it passed then, or was not told yet. */
static bool stands(const struct dbg_process *p, const struct dbg_wave *w)
{
	return w->judged && w->stopped && w->action == DBG_GO && w->passed && w->passed == gfx_wave_pc(&w->g) && break_wanted_at(p, w->passed);
}

static struct dbg_wave **room(const struct dbg_process *p)
{
	struct dbg_wave **waves = HASH_COUNT(p->waves) ? malloc(HASH_COUNT(p->waves) * sizeof *waves) : NULL;
	if (!waves && HASH_COUNT(p->waves))
		log_error("out of memory for conditions: waves stop at their breakpoints");
	return waves;
}

void run_ask(struct dbg_process *p)
{
	struct dbg_wave **waves = p->asking ? NULL : room(p);
	size_t n = 0;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		if (waves && w->unasked && is_hit(p, w))
			waves[n++] = w;
		w->unasked = false;
	}
	ask(p, waves, n);
	free(waves);
}

void run_ask_again(struct dbg_process *p)
{
	struct dbg_wave **waves = room(p);
	size_t n = 0, judged;
	for (struct dbg_wave *w = p->waves; w && waves; w = w->hh.next)
		if (stands(p, w))
			waves[n++] = w;
	judged = n;
	for (struct dbg_wave *w = p->waves; w && waves; w = w->hh.next)
		if (!stands(p, w) && is_hit(p, w))
			waves[n++] = w;
	for (size_t i = 0; i < judged; i++) {
		waves[i]->pending = true;
		waves[i]->reasons |= GFX_STOP_BREAKPOINT;
		waves[i]->judged = false;
	}
	ask(p, waves, n);
	/* A breakpoint that is for everybody now: one stop has shown all that stood there. */
	for (size_t i = 0; i < judged; i++)
		if (!waves[i]->judged)
			waves[i]->pending = false;
	free(waves);
}

/* ------------------------------------------------------------------ waves that come one after the other */

static void on_gather(void *arg)
{
	struct dbg_process *p = arg;
	loop_remove(p->gather_source);
	p->gather_source = NULL;
	if (p->running)
		dbg_run_look(p);
}

void run_gather(struct dbg_process *p, uint64_t us)
{
	enum { MOST_US = 20000 };
	p->gather_us = p->passing && p->running ? us < MOST_US ? us : MOST_US : 0;
}

/* Waves that pass a condition seldom come alone. Each look takes all queues off the hardware: the next one waits as long as the last one
 * took, so that at most half of the time goes into looking and whoever comes meanwhile is asked together. */
void dbg_run_event(struct dbg_process *p)
{
	struct dbg_error err;
	if (!p->running || p->nonstop || !p->gather_us) {
		dbg_run_look(p);
		return;
	}
	if (!p->gather_source && loop_add_timer(p->loop, p->gather_us, on_gather, p, &p->gather_source, &err) < 0)
		dbg_run_look(p);
}
