#include "src/control/watch_register.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "src/base/log.h"

enum { CAP_WATCH = 0x80, CAP_WATCH_COUNT_SHIFT = 8, CAP_WATCH_COUNT_MASK = 0xf }; /* kfd-debug-interface 7.2 */
enum { PROP_LOW_MASK = 0xf, PROP_HIGH_SHIFT = 4, PROP_HIGH_MASK = 0x3f };         /* 7.3 */
enum { WASTE = 8 }; /* a range this many times larger than its part is cut in two while there are registers */

static bool usable(const struct dbg_agent *a)
{
	return a->family && a->info.capability & CAP_WATCH;
}

static unsigned registers_of(const struct dbg_agent *a)
{
	unsigned n = 1u << (a->info.capability >> CAP_WATCH_COUNT_SHIFT & CAP_WATCH_COUNT_MASK);
	return n < GFX_MAX_WATCHES ? n : GFX_MAX_WATCHES;
}

unsigned watch_limit(const struct dbg_process *p)
{
	unsigned least = 0;
	for (size_t i = 0; i < p->n_agents; i++) {
		if (!usable(&p->agents[i]))
			return 0;
		unsigned n = registers_of(&p->agents[i]);
		least = i == 0 || n < least ? n : least;
	}
	return least;
}

/* Mask bits that every GPU can program. */
static void mask_bits(const struct dbg_process *p, unsigned *low, unsigned *high)
{
	*low = 0;
	*high = 62;
	for (size_t i = 0; i < p->n_agents; i++) {
		const struct dbg_agent *a = &p->agents[i];
		unsigned l = a->info.debug_prop & PROP_LOW_MASK, h = a->info.debug_prop >> PROP_HIGH_SHIFT & PROP_HIGH_MASK;
		if (!h && a->family) {
			l = a->family->watch_mask_low;
			h = a->family->watch_mask_high;
		}
		*low = l > *low ? l : *low;
		*high = h < *high ? h : *high;
	}
}

/* ------------------------------------------------------------------ cutting */

struct cut {
	unsigned low, high, n, most;
	struct gfx_watch *parts;
};

static bool plan(const struct cut *c, uint64_t first, uint64_t last, struct gfx_watch *out)
{
	struct gfx_error why;
	return gfx_watch_plan(c->low, c->high, first, last - first + 1, out, &why) == GFX_OK;
}

/* One register for [first, last], or one for each side of the most aligned address in it. `spare`: registers that others do not need. */
static bool cut(struct cut *c, uint64_t first, uint64_t last, unsigned spare)
{
	struct gfx_watch w;
	if (c->n >= c->most || !plan(c, first, last, &w))
		return false;
	uint64_t bytes = last - first + 1, least = UINT64_C(1) << c->low, end = w.address + (w.size - 1);
	bool whole = end >= last, wasteful = w.size / WASTE >= (bytes > least ? bytes : least);
	if (whole && (!wasteful || spare < 2)) {
		c->parts[c->n++] = w;
		return true;
	}
	if (first == last)
		return false;
	uint64_t differ = first ^ last;
	uint64_t middle = last & ~((UINT64_C(1) << (63 - __builtin_clzll(differ))) - 1);
	unsigned before = c->n;
	if (cut(c, first, middle - 1, spare > 1 ? spare - 1 : 1) && cut(c, middle, last, spare > 1 + c->n - before ? spare - (c->n - before) : 1))
		return true;
	c->n = before;
	if (!whole)
		return false;
	c->parts[c->n++] = w;
	return true;
}

unsigned watch_cut(const struct dbg_process *p, uint64_t first, uint64_t bytes, unsigned most, struct gfx_watch parts[WATCH_MAX_PARTS],
	struct dbg_error *err)
{
	struct cut c = { .most = most < WATCH_MAX_PARTS ? most : WATCH_MAX_PARTS, .parts = parts };
	if (!bytes || first + bytes - 1 < first) {
		dbg_fail(err, DBG_BAD_REQUEST, "nothing to watch: %" PRIu64 " bytes at 0x%" PRIx64, bytes, first);
		return 0;
	}
	mask_bits(p, &c.low, &c.high);
	if (!cut(&c, first, first + bytes - 1, c.most)) {
		dbg_fail(err, DBG_REFUSED, "%" PRIu64 " bytes at 0x%" PRIx64 " need more watch registers than the %u that are free; a GPU has %u", bytes,
			first, c.most, watch_limit(p));
		return 0;
	}
	return c.n;
}

/* ------------------------------------------------------------------ registers */

static void clear(struct dbg_process *p, struct dbg_watch_register *r)
{
	struct dbg_error err;
	for (size_t i = 0; i < r->n_gpus; i++)
		if (kif_clear_watch(p->kif, r->ids[i].gpu_id, r->ids[i].id, &err) < 0 && err.class != DBG_GONE)
			log_warning("watch register %u of GPU 0x%x stays taken: %s", r->ids[i].id, r->ids[i].gpu_id, err.text);
	r->n_gpus = 0;
}

static int set(struct dbg_process *p, struct dbg_watch_register *r, struct dbg_error *err)
{
	for (size_t i = 0; i < p->n_agents; i++) {
		struct dbg_error why;
		struct dbg_watch_id *at = &r->ids[r->n_gpus];
		at->gpu_id = p->agents[i].info.gpu_id;
		if (kif_set_watch(p->kif, at->gpu_id, r->range.address, (uint32_t)r->range.mask, r->mode, &at->id, &why) == 0) {
			r->n_gpus++;
			continue;
		}
		clear(p, r);
		if (why.sys_errno == ENOMEM) /* kfd-debug-interface 1.9 */
			return dbg_fail(err, DBG_REFUSED, "all %u watch registers of agent %u are taken, by this or another process", watch_limit(p),
				p->agents[i].number);
		return dbg_fail(err, why.class, "agent %u: %s", p->agents[i].number, why.text);
	}
	return 0;
}

int watch_register_take(struct dbg_process *p, const struct gfx_watch *range, uint32_t mode, struct dbg_watch_register **out, struct dbg_error *err)
{
	for (struct dbg_watch_register *r = p->watch_registers; r; r = r->next)
		if (r->range.address == range->address && r->range.mask == range->mask && r->mode == mode) {
			r->users++;
			*out = r;
			return 0;
		}
	struct dbg_watch_register *r = calloc(1, sizeof *r);
	struct dbg_watch_id *ids = calloc(p->n_agents ? p->n_agents : 1, sizeof *ids);
	int status = -DBG_INTERNAL;
	if (r && ids) {
		*r = (struct dbg_watch_register){ .next = p->watch_registers, .range = *range, .mode = mode, .users = 1, .ids = ids };
		status = set(p, r, err);
	} else {
		dbg_fail(err, DBG_INTERNAL, "out of memory for a watchpoint");
	}
	if (status < 0) {
		free(ids);
		free(r);
		return status;
	}
	p->watch_registers = *out = r;
	return 0;
}

void watch_register_give(struct dbg_process *p, struct dbg_watch_register *r)
{
	if (--r->users)
		return;
	for (struct dbg_watch_register **at = &p->watch_registers; *at; at = &(*at)->next)
		if (*at == r) {
			*at = r->next;
			break;
		}
	clear(p, r);
	free(r->ids);
	free(r);
}

struct dbg_watch_register *watch_register_by_id(const struct dbg_process *p, const struct dbg_agent *agent, unsigned id)
{
	for (struct dbg_watch_register *r = p->watch_registers; r; r = r->next)
		for (size_t i = 0; i < r->n_gpus; i++)
			if (r->ids[i].gpu_id == agent->info.gpu_id && r->ids[i].id == id)
				return r;
	return NULL;
}
