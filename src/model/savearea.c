#include "src/model/savearea.h"

#include <inttypes.h>
#include <stdlib.h>

#include "src/base/grow.h"
#include "src/base/log.h"
#include "src/model/memory.h"
#include "src/model/wave.h"

enum { SMALL_AREA = 64 << 10 }; /* one read of everything costs less than many of parts */

static int keep(void *arg, const struct gfx_wave_record *rec)
{
	struct dbg_xcc *x = arg;
	struct gfx_wave_record *records = dbg_grow(x->records, x->n_records, &x->max_records, sizeof *records);
	if (!records)
		return -(int)DBG_INTERNAL;
	x->records = records;
	records[x->n_records++] = *rec;
	return 0;
}

static int read_stack(struct dbg_process *p, struct dbg_queue *q, struct dbg_xcc *x, struct dbg_error *err)
{
	uint8_t head[GFX_SAVE_HEADER_BYTES];
	struct gfx_error why;
	int status = memory_get(p, x->addr, head, sizeof head, err);
	if (status < 0)
		return status;
	if (gfx_save_parse_header(head, sizeof head, q->info.save_area_size, &x->header, &why) < 0)
		return dbg_fail(err, DBG_REFUSED, "save area of queue %u: %s", q->info.id, why.text);
	size_t from = x->header.control_stack_offset, to = x->header.wave_state_offset;
	if (to < from || x->header.control_stack_size > to - from)
		return dbg_fail(err, DBG_REFUSED, "save area of queue %u: stack behind the waves", q->info.id);
	if (to > x->capacity) {
		uint8_t *image = realloc(x->image, to);
		if (!image)
			return dbg_fail(err, DBG_INTERNAL, "out of memory for a save area of %zu bytes", to);
		x->image = image;
		x->capacity = to;
	}
	return x->header.control_stack_size ? memory_get(p, x->addr + from, x->image + from, x->header.control_stack_size, err) : 0;
}

static int make_states(struct dbg_xcc *x, size_t n, struct dbg_error *err)
{
	if (n <= x->max_states)
		return 0;
	free(x->states);
	x->max_states = 0;
	x->states = malloc(n * GFX_STATE_BYTES);
	if (!x->states)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for %zu waves", n);
	x->max_states = n;
	return 0;
}

int savearea_walk(struct dbg_process *p, struct dbg_queue *q, unsigned xcc, struct dbg_error *err)
{
	struct dbg_xcc *x = &q->xccs[xcc];
	struct gfx_error why = { .text = "out of memory" };
	x->valid = false;
	x->n_records = 0;
	int status = read_stack(p, q, x, err);
	if (status == 0 && x->header.control_stack_size &&
		gfx_save_walk(q->agent->family, x->image, x->header.wave_state_offset, &x->header, keep, x, &why) < 0)
		status = dbg_fail(err, DBG_REFUSED, "%s", why.text);
	x->whole = status == 0 && x->header.wave_state_offset - (x->header.control_stack_offset + x->header.control_stack_size) <= SMALL_AREA;
	if (status == 0 && !x->whole)
		status = make_states(x, x->n_records, err);
	x->valid = status == 0;
	return status;
}

size_t savearea_ranges(const struct dbg_xcc *x, struct kif_range *out)
{
	uint32_t from = x->header.control_stack_offset + x->header.control_stack_size, to = x->header.wave_state_offset;
	if (x->n_records && x->whole)
		out[0] = (struct kif_range){ .addr = x->addr + from, .buf = x->image + from, .bytes = to - from };
	for (size_t i = 0; !x->whole && i < x->n_records; i++)
		out[i] = (struct kif_range){ .addr = x->addr + x->records[i].hwreg, .buf = x->states + i * GFX_STATE_BYTES, .bytes = GFX_STATE_BYTES };
	return x->n_records && x->whole ? 1 : x->n_records;
}

void savearea_seen(struct dbg_process *p, struct dbg_queue *q, unsigned xcc)
{
	struct dbg_xcc *x = &q->xccs[xcc];
	for (size_t i = 0; x->valid && i < x->n_records; i++)
		wave_seen(p, q, xcc, &x->records[i], x->whole ? NULL : x->states + i * GFX_STATE_BYTES);
}

/* ------------------------------------------------------------------ registers of a wave */

bool savearea_brought(const struct dbg_wave *w, bool vectors)
{
	return w->has_vectors || (w->has_scalars && !vectors) || w->queue->xccs[w->xcc].whole;
}

bool savearea_bring(void *arg, bool vectors)
{
	struct dbg_wave *w = arg;
	struct dbg_xcc *x = &w->queue->xccs[w->xcc];
	const struct gfx_wave_record *rec = &w->g.rec;
	struct dbg_error err;
	size_t got = 0;
	if (savearea_brought(w, vectors))
		return true;
	/* What runs has no saved registers. */
	if (!w->queue->suspended || !x->valid)
		return false;
	/* Scalar registers that are there may have been edited. */
	uint32_t low = vectors ? rec->vgpr : rec->sgpr, high = w->has_scalars ? rec->sgpr : rec->hwreg;
	if (low < high && (kif_mem_read(w->queue->kif, x->addr + low, x->image + low, high - low, &got, &err) < 0 || got != high - low)) {
		log_error("the registers of wave %" PRIu64 " cannot be read", w->id);
		return false;
	}
	w->has_scalars = true;
	w->has_vectors = vectors;
	return true;
}

static bool lacks_scalars(const struct dbg_wave *w)
{
	const struct dbg_xcc *x = &w->queue->xccs[w->xcc];
	return !savearea_brought(w, false) && x->valid && w->queue->suspended && w->g.rec.sgpr < w->g.rec.hwreg;
}

void savearea_bring_scalars(struct dbg_process *p, struct dbg_wave *const *waves, size_t n)
{
	struct kif_range *ranges = n > 1 ? malloc(n * sizeof *ranges) : NULL;
	size_t wanted = 0;
	for (size_t i = 0; ranges && i < n; i++) {
		const struct gfx_wave_record *rec = &waves[i]->g.rec;
		struct dbg_xcc *x = &waves[i]->queue->xccs[waves[i]->xcc];
		if (lacks_scalars(waves[i]))
			ranges[wanted++] = (struct kif_range){ .addr = x->addr + rec->sgpr, .buf = x->image + rec->sgpr, .bytes = rec->hwreg - rec->sgpr };
	}
	bool ok = wanted && kif_mem_read_ranges(p->kif, ranges, wanted, NULL) == 0;
	for (size_t i = 0; ok && i < n; i++)
		waves[i]->has_scalars |= lacks_scalars(waves[i]);
	free(ranges);
}
