#include "src/model/memory.h"

#include <string.h>

#include "src/model/breakpoint.h"
#include "src/model/memory_cache.h"
#include "src/model/process.h"
#include "src/model/queue.h"
#include "src/model/wave.h"

int memory_get(struct dbg_process *p, uint64_t addr, void *buf, size_t n, struct dbg_error *err)
{
	size_t got;
	int status = memory_cache_read(p, addr, buf, n, &got, err);
	if (status < 0)
		return status;
	if (got != n)
		return dbg_fail(err, DBG_REFUSED, "only %zu of %zu bytes at 0x%llx can be read", got, n, (unsigned long long)addr);
	return 0;
}

int memory_put(struct dbg_process *p, uint64_t addr, const void *buf, size_t n, struct dbg_error *err)
{
	size_t put;
	memory_cache_drop(p);
	int status = kif_mem_write(p->kif, addr, buf, n, &put, err);
	if (status < 0)
		return status;
	if (put != n)
		return dbg_fail(err, DBG_REFUSED, "only %zu of %zu bytes at 0x%llx can be written", put, n, (unsigned long long)addr);
	return 0;
}

int memory_put_ranges(struct dbg_process *p, const struct kif_range *ranges, size_t n, struct dbg_error *err)
{
	memory_cache_drop(p);
	return kif_mem_write_ranges(p->kif, ranges, n, err);
}

/* Copies the part of [addr, addr+n) that lies over [from, from+len) between buf and saved. */
static void overlay(uint64_t addr, uint8_t *buf, size_t n, uint64_t from, uint8_t *saved, size_t len, bool into_saved)
{
	uint64_t lo = addr > from ? addr : from;
	uint64_t hi = addr + n < from + len ? addr + n : from + len;
	if (lo >= hi)
		return;
	if (into_saved)
		memcpy(saved + (lo - from), buf + (lo - addr), hi - lo);
	else
		memcpy(buf + (lo - addr), saved + (lo - from), hi - lo);
}

static void shadow(struct dbg_process *p, uint64_t addr, uint8_t *buf, size_t n, bool into_saved)
{
	for (struct dbg_copy *c = p->copies; c; c = c->next)
		if (c->gap)
			overlay(addr, buf, n, c->addr, c->saved, c->slot_bytes, into_saved);
	for (struct dbg_break *b = p->breaks; b; b = b->hh.next)
		if (b->inserted && !b->host)
			overlay(addr, buf, n, b->addr, b->saved, sizeof b->saved, into_saved);
	if (p->host && !into_saved)
		host_break_hide(p->host, addr, buf, n);
}

static int global_read(struct dbg_process *p, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err)
{
	int status = memory_cache_read(p, addr, buf, n, got, err);
	if (status < 0)
		return status;
	if (*got == 0)
		return dbg_fail(err, DBG_REFUSED, "no memory at 0x%llx", (unsigned long long)addr);
	shadow(p, addr, buf, *got, false);
	return 0;
}

/* What lies under a trap changes in the saved bytes; the trap stays. The rest goes to memory around it. */
static int global_write(struct dbg_process *p, uint64_t addr, const void *buf, size_t n, struct dbg_error *err)
{
	uint8_t bytes[4096];
	const uint8_t *src = buf;
	while (n > 0) {
		size_t part = n < sizeof bytes ? n : sizeof bytes;
		memcpy(bytes, src, part);
		shadow(p, addr, bytes, part, true);
		for (struct dbg_copy *c = p->copies; c; c = c->next) {
			uint8_t now[sizeof c->saved];
			if (c->gap && addr < c->addr + c->slot_bytes && addr + part > c->addr &&
				memory_get(p, c->addr, now, c->slot_bytes, NULL) == 0)
				overlay(addr, bytes, part, c->addr, now, c->slot_bytes, false);
		}
		for (struct dbg_break *b = p->breaks; b; b = b->hh.next) {
			uint8_t now[4];
			size_t len = b->host ? 1 : sizeof now;
			if (b->inserted && addr < b->addr + len && addr + part > b->addr && memory_get(p, b->addr, now, len, NULL) == 0)
				overlay(addr, bytes, part, b->addr, now, len, false);
		}
		int status = memory_put(p, addr, bytes, part, err);
		if (status < 0)
			return status;
		addr += part;
		src += part;
		n -= part;
	}
	return 0;
}

int break_read_code(struct dbg_process *p, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err)
{
	return global_read(p, addr, buf, n, got, err);
}

/* ------------------------------------------------------------------ LDS and private memory */

static int local_memory(struct dbg_process *p, struct dbg_wave *w, uint64_t offset, void *buf, size_t n, bool write, struct dbg_error *err)
{
	int64_t tid = wave_tid(w);
	int status = dbg_access(p, err); /* others of the work-group may be writing to it */
	if (status < 0)
		return status;
	if (p->running || wave_by_tid(p, tid) != w)
		return dbg_fail(err, DBG_REFUSED, "LDS is only visible while the wave's queue is suspended");
	if (!w->g.rec.lds_bytes)
		return dbg_fail(err, DBG_REFUSED, "the wave's work-group has no LDS");
	if (offset >= w->g.rec.lds_bytes || n > w->g.rec.lds_bytes - offset)
		return dbg_fail(err, DBG_REFUSED, "LDS ends at 0x%x", w->g.rec.lds_bytes);
	/* The block belongs to another wave's record, maybe: no image holds it, and edits go out at once. */
	uint64_t at = w->queue->xccs[w->xcc].addr + w->g.rec.lds + offset;
	return write ? memory_put(p, at, buf, n, err) : memory_get(p, at, buf, n, err);
}

int memory_private(struct dbg_process *p, struct dbg_wave *w, unsigned lane, uint64_t offset, void *buf, size_t n, bool write, struct dbg_error *err)
{
	struct gfx_scratch scratch;
	unsigned lanes = w->g.rec.lanes;
	uint8_t *bytes = buf;
	int status = memory_cache_scratch(p, w, &scratch, err);
	if (status < 0)
		return status;
	if (lane >= lanes)
		return dbg_fail(err, DBG_BAD_REQUEST, "the wave has no lane %u", lane);
	uint64_t limit = scratch.bytes / lanes;
	if (offset >= limit || n > limit - offset)
		return dbg_fail(err, DBG_REFUSED, "private memory of a lane ends at 0x%llx", (unsigned long long)limit);
	while (n > 0) {
		uint32_t run;
		uint32_t at = gfx_swizzle(lanes, lane, (uint32_t)offset, &run);
		size_t part = n < run ? n : run;
		status = write ? memory_put(p, scratch.base + at, bytes, part, err) : memory_get(p, scratch.base + at, bytes, part, err);
		if (status < 0)
			return status;
		bytes += part;
		offset += part;
		n -= part;
	}
	return 0;
}

/* Generic addresses of a wave: which space, by the agent's apertures. */
static enum gfx_space space_of(const struct dbg_wave *w, uint64_t addr, uint64_t *offset)
{
	*offset = addr;
	if (!w)
		return GFX_SPACE_GLOBAL;
	const struct kif_agent *a = &w->queue->agent->info;
	return gfx_generic_space(addr, a->lds_base, a->scratch_base, offset);
}

bool memory_is_private(const struct dbg_wave *w, uint64_t addr)
{
	uint64_t offset;
	return space_of(w, addr, &offset) == GFX_SPACE_PRIVATE;
}

int memory_read(struct dbg_process *p, struct dbg_wave *w, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err)
{
	uint64_t offset;
	int status;
	switch (space_of(w, addr, &offset)) {
	case GFX_SPACE_LOCAL:
		status = local_memory(p, w, offset, buf, n, false, err);
		break;
	case GFX_SPACE_PRIVATE:
		status = memory_private(p, w, wave_lane(w), offset, buf, n, false, err);
		break;
	default:
		return global_read(p, addr, buf, n, got, err);
	}
	if (status == 0)
		*got = n;
	return status;
}

int memory_write(struct dbg_process *p, struct dbg_wave *w, uint64_t addr, const void *buf, size_t n, struct dbg_error *err)
{
	uint64_t offset;
	switch (space_of(w, addr, &offset)) {
	case GFX_SPACE_LOCAL:
		return local_memory(p, w, offset, (void *)buf, n, true, err);
	case GFX_SPACE_PRIVATE:
		return memory_private(p, w, wave_lane(w), offset, (void *)buf, n, true, err);
	default:
		return global_write(p, addr, buf, n, err);
	}
}
