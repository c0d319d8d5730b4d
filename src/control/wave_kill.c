#include "src/control/wave_kill.h"

#include <string.h>

#include "src/model/breakpoint.h"
#include "src/model/codeobj.h"
#include "src/model/memory.h"
#include "src/model/wave.h"

enum { CHUNK_BYTES = 32, WORD = 4 };

static void store32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < WORD; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* The last chunk of the queue's debugger memory becomes [s_endpgm][guard], once and for the life of the queue. */
static int terminate_chunk(struct dbg_process *p, struct dbg_queue *q, const struct gfx_family *family, uint64_t *out, struct dbg_error *err)
{
	uint8_t bytes[2 * WORD];
	if (q->end_chunk) {
		*out = q->end_chunk;
		return 0;
	}
	if (!q->chunk_base || q->used_chunks >= q->n_chunks)
		return dbg_fail(err, DBG_REFUSED, "the queue has no memory left for the debugger");
	uint64_t at = q->chunk_base + (uint64_t)q->n_chunks * CHUNK_BYTES - sizeof bytes;
	store32(bytes, family->endpgm_insn);
	store32(bytes + WORD, family->trap_insn + 2);
	int status = memory_put(p, at, bytes, sizeof bytes, err);
	if (status < 0)
		return status;
	q->n_chunks--;
	*out = q->end_chunk = at;
	return 0;
}

/* A dword of the wave's own code that means s_endpgm when a wave is sent there, whatever it means in its place. */
static bool in_code(struct dbg_process *p, const struct dbg_wave *w, uint64_t *out)
{
	const struct dbg_codeobj *o = codeobj_at(p, gfx_wave_pc(&w->g));
	uint8_t wanted[WORD];
	store32(wanted, w->g.family->endpgm_insn);
	for (size_t i = 0; o && i < o->n_segments; i++) {
		const struct dbg_segment *s = &o->segments[i];
		for (uint64_t at = 0; s->exec && at + WORD <= s->bytes; at += WORD) {
			uint8_t word[WORD];
			uint64_t addr = s->addr + at;
			if (!break_inserted_at(p, addr) && memory_get(p, addr, word, sizeof word, NULL) == 0 &&
				memcmp(word, wanted, sizeof word) == 0) {
				*out = addr;
				return true;
			}
		}
	}
	return false;
}

int wave_kill(struct dbg_process *p, struct dbg_wave *w, struct dbg_error *err)
{
	uint64_t to = 0;
	if (w->killed)
		return 0;
	if (!w->queue->suspended)
		return dbg_fail(err, DBG_REFUSED, "the wave's queue is on the hardware");
	if (terminate_chunk(p, w->queue, w->g.family, &to, err) < 0 && !in_code(p, w, &to))
		return -(int)err->class;
	gfx_wave_set_pc(&w->g, to);
	gfx_wave_set_program_halt(&w->g, false);
	wave_touch_state(w);
	w->killed = w->at_end = true;
	w->pending = w->internal_step = w->launch_step = false;
	w->passed = 0;
	w->forward = 0;
	return 0;
}

void wave_release_killed(struct dbg_process *p)
{
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->killed)
			w->action = DBG_GO;
}
