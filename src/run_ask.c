/* Waves that have met a breakpoint of the client: does anybody want to hear of it? All of one suspend are asked about at once; those that nobody wants go on with the others
 * at the same resume. */
#include <stdlib.h>

#include "src/breakpoint.h"
#include "src/log.h"
#include "src/memory_cache.h"
#include "src/run.h"

static void ask(struct dbg_process *p, struct dbg_wave **waves, size_t n)
{
	if (!n || !p->hooks.hits)
		return;
	p->asking = true;
	memory_cache_open(p);
	p->hooks.hits(p->hooks.arg, waves, n);
	memory_cache_close(p);
	p->asking = false;
}

static bool is_hit(const struct dbg_process *p, const struct dbg_wave *w)
{
	return w->pending && w->passed && w->action == DBG_GO && !(w->reasons & RUN_FATAL) && (w->reasons & GFX_STOP_BREAKPOINT) &&
		break_wanted_at(p, w->passed);
}

static void ask_some(struct dbg_process *p, bool again)
{
	struct dbg_wave **waves;
	size_t n = 0;
	if (!HASH_COUNT(p->waves) || p->asking)
		return;
	waves = malloc(HASH_COUNT(p->waves) * sizeof *waves);
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		if (waves && (again || w->unasked) && is_hit(p, w))
			waves[n++] = w;
		w->unasked = false;
	}
	if (waves)
		ask(p, waves, n);
	else
		log_error("out of memory for conditions: waves stop at their breakpoints");
	free(waves);
}

void run_ask(struct dbg_process *p)
{
	ask_some(p, false);
}

void run_ask_again(struct dbg_process *p)
{
	ask_some(p, true);
}
