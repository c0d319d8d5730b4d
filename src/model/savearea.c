#include "src/model/savearea.h"

#include <inttypes.h>
#include <stdlib.h>

#include "src/base/log.h"
#include "src/model/memory.h"
#include "src/model/wave.h"

enum {
	STATE_BYTES = 64,       /* of the TTMPs, the last of what is read of every wave */
	SMALL_AREA = 64 << 10,  /* one read of everything costs less than many of parts */
};

struct records {
	struct gfx_wave_record *list;
	size_t n, max;
};

static int keep(void *arg, const struct gfx_wave_record *rec)
{
	struct records *r = arg;
	if (r->n == r->max) {
		size_t max = r->max ? 2 * r->max : 64;
		struct gfx_wave_record *list = realloc(r->list, max * sizeof *list);
		if (!list)
			return -(int)DBG_INTERNAL;
		r->list = list;
		r->max = max;
	}
	r->list[r->n++] = *rec;
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

static int read_waves(struct dbg_process *p, struct dbg_xcc *x, const struct records *r, struct dbg_error *err)
{
	size_t from = x->header.control_stack_offset + x->header.control_stack_size, to = x->header.wave_state_offset;
	x->whole = to - from <= SMALL_AREA;
	if (x->whole)
		return memory_get(p, x->addr + from, x->image + from, to - from, err);
	struct kif_range *ranges = calloc(r->n, sizeof *ranges);
	if (!ranges)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for %zu waves", r->n);
	for (size_t i = 0; i < r->n; i++) {
		const struct gfx_wave_record *rec = &r->list[i];
		ranges[i] = (struct kif_range){ .addr = x->addr + rec->sgpr, .buf = x->image + rec->sgpr, .bytes = rec->ttmp + STATE_BYTES - rec->sgpr };
	}
	int status = kif_mem_read_ranges(p->kif, ranges, r->n, err);
	free(ranges);
	return status;
}

int savearea_read(struct dbg_process *p, struct dbg_queue *q, unsigned xcc, struct dbg_error *err)
{
	struct dbg_xcc *x = &q->xccs[xcc];
	struct records r = { NULL, 0, 0 };
	struct gfx_error why = { .text = "out of memory" };
	x->valid = false;
	int status = read_stack(p, q, x, err);
	if (status < 0 || !x->header.control_stack_size) {
		x->valid = status == 0;
		return status;
	}
	if (gfx_save_walk(q->agent->family, x->image, x->header.wave_state_offset, &x->header, keep, &r, &why) < 0)
		status = dbg_fail(err, DBG_REFUSED, "%s", why.text);
	if (status == 0 && r.n)
		status = read_waves(p, x, &r, err);
	x->valid = status == 0;
	for (size_t i = 0; status == 0 && i < r.n; i++)
		wave_seen(p, q, xcc, &r.list[i]);
	free(r.list);
	return status;
}

bool savearea_vectors(void *arg)
{
	struct dbg_wave *w = arg;
	struct dbg_xcc *x = &w->queue->xccs[w->xcc];
	const struct gfx_wave_record *rec = &w->g.rec;
	struct dbg_error err;
	size_t got;
	if (w->has_vectors || x->whole || rec->sgpr == rec->vgpr)
		return true;
	/* What runs has no saved registers. */
	if (!w->queue->suspended || !x->valid)
		return false;
	if (kif_mem_read(w->queue->kif, x->addr + rec->vgpr, x->image + rec->vgpr, rec->sgpr - rec->vgpr, &got, &err) == 0 && got == rec->sgpr - rec->vgpr)
		w->has_vectors = true;
	else
		log_error("the vector registers of wave %" PRIu64 " cannot be read", w->id);
	return w->has_vectors;
}
