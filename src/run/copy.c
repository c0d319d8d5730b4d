#include "src/run/copy.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"
#include "src/model/breakpoint.h"
#include "src/model/codeobj.h"
#include "src/model/memory.h"

enum { CHUNK_BYTES = 32, INSN_BYTES = 4, BRANCH_REACH = 0x7fff };

static void store32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static uint32_t load32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void unlink_copy(struct dbg_process *p, struct dbg_copy *c)
{
	for (struct dbg_copy **at = &p->copies; *at; at = &(*at)->next)
		if (*at == c) {
			*at = c->next;
			break;
		}
	free(c);
}

bool copy_translate(const struct dbg_process *p, uint64_t pc, uint64_t *original, bool *done)
{
	for (const struct dbg_copy *c = p->copies; c; c = c->next) {
		if (pc == c->addr) {
			*original = c->from;
			*done = false;
			return true;
		}
		/* At the branch back, or at (or, r_version <= 11, behind) the guard. */
		if (pc >= c->addr + c->bytes && pc <= c->addr + c->bytes + (c->returns ? 0 : INSN_BYTES)) {
			*original = c->from + c->bytes;
			*done = true;
			return true;
		}
	}
	return false;
}

/* s_branch from `at` to `to`; 0 when out of reach. The encoding is one dword: opcode and signed distance in dwords from behind it. */
static uint32_t branch(const struct gfx_family *family, uint64_t at, uint64_t to)
{
	int64_t dwords = ((int64_t)to - (int64_t)(at + INSN_BYTES)) / 4;
	if (dwords > BRANCH_REACH || dwords < -BRANCH_REACH - 1)
		return 0;
	return family->branch_insn + ((uint32_t)dwords & 0xffff);
}

/* Padding and nothing else: no-ops alone, behind an instruction that nothing falls through. Code without a symbol may lie between functions, too, and
 * it may begin with no-ops. */
static bool gap_is_padding(struct dbg_process *p, const struct gfx_family *family, const struct dbg_gap *g)
{
	enum { BEFORE = 2 * INSN_BYTES }; /* a gap begins one word behind its function (codeobj.c) */
	uint8_t words[1024];
	struct gfx_insn last;
	if (memory_get(p, g->addr - BEFORE, words, BEFORE, NULL) < 0 || gfx_insn_decode(family, words, INSN_BYTES, &last) < 0)
		return false;
	if (last.class != GFX_INSN_ENDPGM && last.class != GFX_INSN_SETPC && last.class != GFX_INSN_BRANCH)
		return false;
	if (load32(words + INSN_BYTES) != family->nop_insn)
		return false;
	for (uint32_t done = 0, part; done < g->bytes; done += part) {
		part = g->bytes - done < sizeof words ? g->bytes - done : sizeof words;
		if (memory_get(p, g->addr + done, words, part, NULL) < 0)
			return false;
		for (uint32_t i = 0; i < part; i += INSN_BYTES)
			if (load32(words + i) != family->nop_insn)
				return false;
	}
	return true;
}

static int gap_copy(struct dbg_process *p, const struct gfx_family *family, struct dbg_copy *c, const uint8_t *code, struct dbg_error *err)
{
	struct dbg_codeobj *o = codeobj_at(p, c->from);
	c->slot_bytes = c->bytes + INSN_BYTES;
	for (size_t i = 0; o && i < o->n_gaps; i++) {
		struct dbg_gap *g = &o->gaps[i];
		uint8_t bytes[sizeof c->saved];
		uint64_t at = g->addr + g->used;
		uint32_t back = branch(family, at + c->bytes, c->from + c->bytes);
		if (!back || g->bytes - g->used < c->slot_bytes || c->slot_bytes > sizeof bytes)
			continue;
		if (!g->used && !gap_is_padding(p, family, g)) {
			g->used = g->bytes;
			continue;
		}
		memcpy(bytes, code, c->bytes);
		store32(bytes + c->bytes, back);
		if (memory_get(p, at, c->saved, c->slot_bytes, err) < 0)
			return -(int)err->class;
		bool clean = true;
		for (uint32_t k = 0; k < c->slot_bytes; k += 4)
			clean &= load32(c->saved + k) == family->nop_insn;
		if (!clean) { /* not what the file says: somebody uses it */
			g->used = g->bytes;
			continue;
		}
		int status = memory_put(p, at, bytes, c->slot_bytes, err);
		if (status < 0)
			return status;
		g->used += c->slot_bytes;
		c->addr = at;
		c->gap = g;
		c->returns = true;
		return 0;
	}
	return dbg_fail(err, DBG_UNSUPPORTED, "no gap within reach of 0x%llx", (unsigned long long)c->from);
}

static int chunk_copy(struct dbg_process *p, const struct gfx_family *family, struct dbg_queue *q, struct dbg_copy *c, const uint8_t *code,
	struct dbg_error *err)
{
	uint8_t bytes[CHUNK_BYTES];
	if (!q->chunk_base)
		return dbg_fail(err, DBG_REFUSED, "the queue has no memory for the debugger");
	if (q->used_chunks == q->n_chunks)
		return dbg_fail(err, DBG_REFUSED, "all %u places for displaced instructions of the queue are in use", q->n_chunks);
	if (c->bytes > CHUNK_BYTES - INSN_BYTES)
		return dbg_fail(err, DBG_REFUSED, "an instruction of %u bytes does not fit", c->bytes);
	uint64_t chunk = q->chunk_base + (uint64_t)q->used_chunks * CHUNK_BYTES;
	c->slot_bytes = c->bytes + INSN_BYTES;
	memcpy(bytes, code, c->bytes);
	store32(bytes + c->bytes, family->trap_insn + 2);
	int status = memory_put(p, chunk + CHUNK_BYTES - c->slot_bytes, bytes, c->slot_bytes, err);
	if (status < 0)
		return status;
	q->used_chunks++;
	c->addr = chunk + CHUNK_BYTES - c->slot_bytes;
	c->queue = q;
	return 0;
}

int copy_get(struct dbg_process *p, struct dbg_queue *q, uint64_t from, const struct gfx_insn *insn, struct dbg_copy **out, struct dbg_error *err)
{
	const struct gfx_family *family = q->agent->family;
	uint8_t code[16];
	size_t got;
	for (struct dbg_copy *c = p->copies; c; c = c->next)
		if (c->from == from && c->bytes == insn->length && (c->gap || c->queue == q)) {
			*out = c;
			return 0;
		}
	if (insn->length > sizeof code - INSN_BYTES)
		return dbg_fail(err, DBG_UNSUPPORTED, "an instruction of %u bytes cannot be copied", insn->length);
	int status = break_read_code(p, from, code, insn->length, &got, err);
	if (status < 0)
		return status;
	if (got != insn->length)
		return dbg_fail(err, DBG_REFUSED, "the instruction at 0x%llx is cut off", (unsigned long long)from);
	struct dbg_copy *c = calloc(1, sizeof *c);
	if (!c)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for a copied instruction");
	c->from = from;
	c->bytes = insn->length;
	status = gap_copy(p, family, c, code, err);
	if (status < 0)
		status = chunk_copy(p, family, q, c, code, err);
	if (status < 0) {
		free(c);
		return status;
	}
	c->next = p->copies;
	p->copies = c;
	log_debug(LOG_CODE, "instruction at 0x%llx copied to 0x%llx (%s)", (unsigned long long)from, (unsigned long long)c->addr,
		c->gap ? "gap" : "debugger memory");
	*out = c;
	return 0;
}

/* Slots are handed out in a row; one is given back for good only when the last in its row goes. */
static void release_slot(struct dbg_copy *c)
{
	if (c->gap && c->gap->addr + c->gap->used == c->addr + c->slot_bytes)
		c->gap->used -= c->slot_bytes;
	if (c->queue && c->queue->used_chunks > 0 &&
		c->addr + c->slot_bytes == c->queue->chunk_base + (uint64_t)c->queue->used_chunks * CHUNK_BYTES)
		c->queue->used_chunks--;
}

void copy_collect(struct dbg_process *p, bool all)
{
	struct dbg_error err;
	for (struct dbg_copy *c = p->copies, *next; c; c = next) {
		next = c->next;
		if (!all && break_inserted_at(p, c->from))
			continue;
		if (c->gap && memory_put(p, c->addr, c->saved, c->slot_bytes, &err) < 0)
			log_warning("copied instruction at 0x%llx stays: %s", (unsigned long long)c->addr, err.text);
		release_slot(c);
		unlink_copy(p, c);
	}
	if (p->copies)
		return;
	/* Nothing is in use any more: what was given back out of order is free again too. */
	for (struct dbg_codeobj *o = p->codeobjs; o; o = o->next)
		for (size_t i = 0; i < o->n_gaps; i++)
			o->gaps[i].used = 0;
	for (struct dbg_queue *q = p->queues; q; q = q->next)
		q->used_chunks = 0;
}

void copy_make_room(struct dbg_process *p, uint64_t addr, uint64_t n)
{
	struct dbg_error err;
	for (struct dbg_copy *c = p->copies, *next; c; c = next) {
		next = c->next;
		if (!c->gap || addr >= c->addr + c->slot_bytes || c->addr >= addr + n)
			continue;
		if (memory_put(p, c->addr, c->saved, c->slot_bytes, &err) < 0)
			log_warning("copied instruction at 0x%llx stays: %s", (unsigned long long)c->addr, err.text);
		c->gap->used = c->gap->bytes;
		unlink_copy(p, c);
	}
}

void copy_forget_range(struct dbg_process *p, uint64_t addr, uint64_t n)
{
	for (struct dbg_copy *c = p->copies, *next; c; c = next) {
		next = c->next;
		if (c->from - addr < n)
			unlink_copy(p, c);
	}
}

void copy_forget_queue(struct dbg_process *p, const struct dbg_queue *q)
{
	for (struct dbg_copy *c = p->copies, *next; c; c = next) {
		next = c->next;
		if (c->queue == q)
			unlink_copy(p, c);
	}
}

void copy_forget_all(struct dbg_process *p)
{
	while (p->copies)
		unlink_copy(p, p->copies);
}
