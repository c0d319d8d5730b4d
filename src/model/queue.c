#include "src/model/queue.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"
#include "src/kernel/smi.h"
#include "src/model/memory.h"
#include "src/model/savearea.h"
#include "src/model/wave.h"
#include "src/run/copy.h"

enum { QUEUE_PM4 = 0, QUEUE_AQL = 2, CHUNK_BYTES = 32, MAX_CHUNKS = 0xffff };

const struct dbg_agent *agent_by_gpu(const struct dbg_process *p, uint32_t gpu_id)
{
	for (size_t i = 0; i < p->n_agents; i++)
		if (p->agents[i].info.gpu_id == gpu_id)
			return &p->agents[i];
	return NULL;
}

struct dbg_queue *queue_by_id(const struct dbg_process *p, uint32_t id)
{
	for (struct dbg_queue *q = p->queues; q; q = q->next)
		if (q->info.id == id)
			return q;
	return NULL;
}

static bool has_waves(const struct dbg_queue *q)
{
	return (q->info.type == QUEUE_PM4 || q->info.type == QUEUE_AQL) && q->agent && q->agent->family;
}

static void forget(struct dbg_process *p, struct dbg_queue *q)
{
	for (struct dbg_queue **at = &p->queues; *at; at = &(*at)->next)
		if (*at == q) {
			*at = q->next;
			break;
		}
	dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_QUEUE_DESTROYED, .queue = q });
	wave_forget_queue(p, q);
	copy_forget_queue(p, q);
	for (unsigned i = 0; i < q->n_xccs; i++) {
		free(q->xccs[i].image);
		free(q->xccs[i].states);
		free(q->xccs[i].records);
	}
	free(q->xccs);
	free(q);
}

void queue_forget_all(struct dbg_process *p)
{
	while (p->queues)
		forget(p, p->queues);
}

/* ------------------------------------------------------------------ snapshot */

static int learn(struct dbg_process *p, const struct kif_queue *info, struct dbg_error *err)
{
	struct dbg_queue *q = calloc(1, sizeof *q);
	if (!q)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for a queue");
	q->info = *info;
	q->kif = p->kif;
	q->agent = agent_by_gpu(p, info->gpu_id);
	if (!q->agent)
		log_warning("queue %u is on GPU 0x%x, which is not in the device snapshot: its waves are not shown", info->id, info->gpu_id);
	q->n_xccs = has_waves(q) && q->agent->info.num_xcc > 1 ? q->agent->info.num_xcc : 1;
	q->xccs = calloc(q->n_xccs, sizeof *q->xccs);
	if (!q->xccs) {
		free(q);
		return dbg_fail(err, DBG_INTERNAL, "out of memory for a queue");
	}
	for (unsigned i = 0; i < q->n_xccs; i++)
		q->xccs[i].addr = info->save_area + (uint64_t)i * info->save_area_size;
	q->number = ++p->last_queue;
	q->listed = true;
	struct dbg_queue **at = &p->queues; /* oldest first */
	while (*at)
		at = &(*at)->next;
	*at = q;
	log_debug(LOG_WAVE, "queue %u (kernel's id %u) on agent %u", q->number, info->id, q->agent ? q->agent->number : 0);
	dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_QUEUE_CREATED, .queue = q });
	return 0;
}

/* (id, QUEUE_NEW) is the identity: ids are used again at once (kfd-debug-interface 9, item 15). */
static bool same_queue(const struct dbg_queue *q, const struct kif_queue *now)
{
	return !(now->exception_status & KIF_EC(KIF_EC_QUEUE_NEW)) && q->info.save_area == now->save_area && q->info.ring_base == now->ring_base;
}

int queue_snapshot(struct dbg_process *p, struct dbg_error *err)
{
	struct kif_queue *now;
	size_t n;
	int status = kif_queues(p->kif, KIF_EC(KIF_EC_QUEUE_NEW), &now, &n, err);
	if (status < 0)
		return status;
	for (struct dbg_queue *q = p->queues; q; q = q->next)
		q->listed = false;
	for (size_t i = n; i-- > 0;) { /* newest first in the snapshot */
		struct dbg_queue *q = queue_by_id(p, now[i].id);
		if (q && !same_queue(q, &now[i])) {
			forget(p, q);
			q = NULL;
		}
		if (q) {
			q->listed = true;
			q->info.exception_status = now[i].exception_status;
		} else if (learn(p, &now[i], err) < 0)
			status = -(int)err->class;
	}
	free(now);
	for (struct dbg_queue *q = p->queues, *next; q; q = next) {
		next = q->next;
		if (!q->listed)
			forget(p, q);
	}
	return status;
}

/* ------------------------------------------------------------------ suspend and walk */

/* Debugger memory is named by XCC 0's header, wave-state 1.3, 4.4. */
static void find_chunks(struct dbg_queue *q)
{
	const struct gfx_save_header *h = &q->xccs[0].header;
	if (q->chunk_base || !h->debug_offset || !h->debug_size)
		return;
	uint64_t from = q->xccs[0].addr + h->debug_offset, end = from + h->debug_size;
	from = (from + CHUNK_BYTES - 1) / CHUNK_BYTES * CHUNK_BYTES;
	if (from + CHUNK_BYTES > end)
		return;
	uint64_t n = (end - from) / CHUNK_BYTES;
	q->chunk_base = from;
	q->n_chunks = n > MAX_CHUNKS ? MAX_CHUNKS : (unsigned)n;
}

static void cannot_read(const struct dbg_process *p, struct dbg_queue *q, unsigned xcc, const struct dbg_error *err)
{
	dbg_trouble(p, "queue %u, XCC %u: %s", q->number, xcc, err->text);
	q->xccs[xcc].n_records = 0;
	q->xccs[xcc].valid = false;
}

static void walk_queue(struct dbg_process *p, struct dbg_queue *q)
{
	struct dbg_error err;
	uint64_t ids;
	q->walked = true;
	if (memory_get(p, q->info.read_ptr_addr, &ids, sizeof ids, NULL) == 0)
		q->read_id = ids;
	if (memory_get(p, q->info.write_ptr_addr, &ids, sizeof ids, NULL) == 0)
		q->write_id = ids;
	for (unsigned i = 0; i < q->n_xccs; i++) {
		if (savearea_walk(p, q, i, &err) < 0)
			cannot_read(p, q, i, &err);
		else if (i == 0)
			find_chunks(q);
	}
}

/* One by one: some of it cannot be read. */
static void read_each(struct dbg_process *p, struct dbg_queue *q, struct kif_range *ranges)
{
	struct dbg_error err;
	for (unsigned i = 0; i < q->n_xccs; i++) {
		size_t n = savearea_ranges(&q->xccs[i], ranges);
		if (n && kif_mem_read_ranges(p->kif, ranges, n, &err) < 0)
			cannot_read(p, q, i, &err);
	}
}

/* The waves of all queues that were walked. */
static void read_waves(struct dbg_process *p)
{
	size_t n = 0, max = 0;
	for (const struct dbg_queue *q = p->queues; q; q = q->next)
		for (unsigned i = 0; q->walked && i < q->n_xccs; i++)
			max += q->xccs[i].n_records;
	struct kif_range *ranges = malloc((max + 1) * sizeof *ranges);
	if (!ranges) {
		dbg_trouble(p, "out of memory for %zu waves", max);
		return;
	}
	for (const struct dbg_queue *q = p->queues; q; q = q->next)
		for (unsigned i = 0; q->walked && i < q->n_xccs; i++)
			n += savearea_ranges(&q->xccs[i], ranges + n);
	bool ok = !n || kif_mem_read_ranges(p->kif, ranges, n, NULL) == 0;
	for (struct dbg_queue *q = p->queues; q; q = q->next) {
		if (q->walked && !ok)
			read_each(p, q, ranges);
		for (unsigned i = 0; q->walked && i < q->n_xccs; i++)
			savearea_seen(p, q, i);
	}
	free(ranges);
}

static struct kif_queue_ref *refs_of(const struct dbg_process *p, bool suspended, size_t *n)
{
	size_t count = 0;
	for (const struct dbg_queue *q = p->queues; q; q = q->next)
		count += q->suspended == suspended;
	struct kif_queue_ref *refs = calloc(count ? count : 1, sizeof *refs);
	*n = 0;
	for (const struct dbg_queue *q = p->queues; refs && q; q = q->next)
		if (q->suspended == suspended)
			refs[(*n)++].id = q->info.id;
	return refs;
}

bool queue_any_running(const struct dbg_process *p)
{
	for (const struct dbg_queue *q = p->queues; q; q = q->next)
		if (!q->suspended)
			return true;
	return false;
}

int queue_suspend_all(struct dbg_process *p, struct dbg_error *err)
{
	size_t n;
	unsigned done;
	int status = 0;
	if (!p->runtime.usable)
		return 0;
	struct kif_queue_ref *refs = refs_of(p, false, &n);
	if (!refs)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for %zu queue ids", n);
	uint64_t began = loop_now_us();
	if (n)
		status = kif_suspend(p->kif, KIF_WAVE_EVENTS, refs, n, &done, err);
	p->sweep++;
	if (p->smi)
		smi_pump(p->smi); /* a reset makes what the suspend has left meaningless */
	p->walked_us = loop_now_us();
	for (struct dbg_queue *q = p->queues; q; q = q->next) {
		q->asked = !q->suspended;
		q->walked = false;
	}
	for (size_t i = 0; status == 0 && i < n; i++) {
		struct dbg_queue *q = queue_by_id(p, refs[i].id);
		if (refs[i].result == KIF_QUEUE_ERROR)
			dbg_trouble(p, "queue %u of agent %u cannot be taken off the hardware: its waves keep running", q ? q->number : 0,
				q && q->agent ? q->agent->number : 0);
		if (!q || refs[i].result != KIF_QUEUE_DONE)
			continue;
		q->suspended = true;
		if (has_waves(q) && !q->lost)
			walk_queue(p, q);
	}
	read_waves(p);
	/* Waves of queues that were suspended before are as they were. */
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (!w->queue->asked)
			w->sweep = p->sweep;
	if (status == 0) {
		wave_sweep(p);
		if (n)
			p->stale_ids = false;
	}
	p->timing.decode_us += loop_now_us() - p->walked_us;
	p->timing.suspend_us = loop_now_us() - began;
	free(refs);
	return status;
}

/* ------------------------------------------------------------------ edits go back */

enum { WAVE_RANGES = 2 }; /* registers, and the state, which may be kept apart */

/* What was edited of a wave, for writing; how many ranges that makes. */
static size_t edited(const struct dbg_wave *w, struct kif_range out[WAVE_RANGES])
{
	const struct dbg_xcc *x = &w->queue->xccs[w->xcc];
	uint32_t low = w->dirty_low, high = w->dirty_high, state = w->g.state ? w->g.rec.hwreg : high;
	size_t n = 0;
	if (low < high && low < state)
		out[n++] = (struct kif_range){ .addr = x->addr + low, .buf = x->image + low, .bytes = (high < state ? high : state) - low };
	if (low < state)
		low = state;
	if (low < high)
		out[n++] = (struct kif_range){ .addr = x->addr + low, .buf = w->g.state + (low - state), .bytes = high - low };
	return n;
}

static int put_one_by_one(struct dbg_process *p, struct dbg_error *err)
{
	int status = 0;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		struct kif_range ranges[WAVE_RANGES];
		struct dbg_error why;
		size_t n = edited(w, ranges);
		for (size_t i = 0; i < n; i++)
			if (memory_put(p, ranges[i].addr, ranges[i].buf, ranges[i].bytes, &why) < 0 && status == 0)
				status = dbg_fail(err, why.class, "wave %" PRIu64 ": %s", w->id, why.text);
	}
	return status;
}

int queue_write_back(struct dbg_process *p, struct dbg_error *err)
{
	struct kif_range *ranges = malloc((HASH_COUNT(p->waves) + 1) * WAVE_RANGES * sizeof *ranges);
	size_t n = 0;
	int status = 0;
	for (struct dbg_wave *w = p->waves; ranges && w; w = w->hh.next)
		n += edited(w, ranges + n);
	/* Whose it is that cannot be written shows when they are written one by one. */
	if (!ranges || (n && memory_put_ranges(p, ranges, n, NULL) < 0))
		status = put_one_by_one(p, err);
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next)
		w->dirty_low = w->dirty_high = 0;
	free(ranges);
	return status;
}

int queue_resume_all(struct dbg_process *p, struct dbg_error *err)
{
	size_t n;
	unsigned done;
	int status = 0;
	struct kif_queue_ref *refs = refs_of(p, true, &n);
	if (!refs)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for %zu queue ids", n);
	uint64_t began = loop_now_us();
	if (n)
		status = kif_resume(p->kif, refs, n, &done, err);
	for (size_t i = 0; status == 0 && i < n; i++) {
		struct dbg_queue *q = queue_by_id(p, refs[i].id);
		if (refs[i].result == KIF_QUEUE_ERROR)
			dbg_trouble(p, "queue %u of agent %u does not come back onto the hardware", q ? q->number : 0,
				q && q->agent ? q->agent->number : 0);
		if (q)
			q->suspended = false;
	}
	p->timing.resume_us = loop_now_us() - began;
	free(refs);
	return status;
}
