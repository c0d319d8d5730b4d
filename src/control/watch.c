#include "src/control/watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"
#include "src/control/watch_register.h"
#include "src/model/breakpoint.h"
#include "src/model/event.h"
#include "src/model/memory.h"
#include "src/model/wave.h"

enum { OVERRIDE_OR = 0, OVERRIDE_WATCH = 0x80 }; /* kfd-debug-interface 1.9, op 4 */
enum { MAX_BYTES = 4096 };

const char *watch_kind_name(enum dbg_watch_kind kind)
{
	static const char *const names[] = { "write", "read", "access" };
	return names[kind];
}

static uint32_t mode_of(enum dbg_watch_kind kind)
{
	static const uint32_t modes[] = { [DBG_WATCH_WRITE] = 1, [DBG_WATCH_READ] = 0, [DBG_WATCH_ACCESS] = 3 };
	return modes[kind];
}

const char *watch_last_refusal(const struct dbg_process *p)
{
	return p->watch_refusal;
}

/* ------------------------------------------------------------------ registers of one watchpoint */

static void give_registers(struct dbg_process *p, struct dbg_watch *w)
{
	for (size_t i = 0; i < w->n_registers; i++)
		watch_register_give(p, w->registers[i]);
	free(w->registers);
	w->registers = NULL;
	w->n_registers = 0;
	w->armed = false;
}

static void drop(struct dbg_process *p, struct dbg_watch *w)
{
	for (struct dbg_watch **at = &p->watches; *at; at = &(*at)->next)
		if (*at == w) {
			*at = w->next;
			break;
		}
	give_registers(p, w);
	free(w->old);
	free(w);
}

/* Gives back what nobody wants. True when there was something. */
static bool collect(struct dbg_process *p)
{
	bool any = false;
	for (struct dbg_watch *w = p->watches, *next; w; w = next) {
		next = w->next;
		if (!w->wanted) {
			any |= w->n_registers != 0;
			drop(p, w);
		}
	}
	return any;
}

static unsigned registers_free(const struct dbg_process *p)
{
	unsigned limit = watch_limit(p), used = 0;
	for (const struct dbg_watch_register *r = p->watch_registers; r; r = r->next)
		used++;
	return used < limit ? limit - used : 0;
}

/* Addresses of the memory: of private memory those of its dwords, which lie apart (wave-state 6.4). */
static int span_of(struct dbg_process *p, const struct dbg_watch *w, uint64_t *first, uint64_t *bytes, struct dbg_error *err)
{
	struct gfx_scratch scratch;
	*first = w->addr;
	*bytes = w->bytes;
	if (!w->wave)
		return 0;
	struct dbg_wave *wave = wave_by_tid(p, DBG_WAVE_TID + (int64_t)w->wave);
	if (!wave)
		return dbg_fail(err, DBG_GONE, "the wave whose private memory is meant has ended");
	int status = wave_scratch(p, wave, &scratch, err);
	if (status < 0)
		return status;
	unsigned lanes = wave->g.rec.lanes;
	uint64_t limit = scratch.bytes / lanes;
	if (w->offset >= limit || w->bytes > limit - w->offset)
		return dbg_fail(err, DBG_REFUSED, "private memory of a lane ends at 0x%" PRIx64, limit);
	uint32_t run;
	uint32_t low = gfx_swizzle(lanes, w->lane, (uint32_t)w->offset, &run);
	uint32_t high = gfx_swizzle(lanes, w->lane, (uint32_t)(w->offset + w->bytes - 1), &run);
	*first = scratch.base + low;
	*bytes = (uint64_t)high - low + 1;
	return 0;
}

static int take_parts(struct dbg_process *p, struct dbg_watch *w, const struct gfx_watch *parts, unsigned n, struct dbg_error *err)
{
	int status = 0;
	w->registers = calloc(n, sizeof *w->registers);
	if (!w->registers)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for a watchpoint");
	for (w->n_registers = 0; w->n_registers < n && status == 0;) {
		status = watch_register_take(p, &parts[w->n_registers], mode_of(w->kind), &w->registers[w->n_registers], err);
		w->n_registers += status == 0;
	}
	if (status < 0)
		give_registers(p, w);
	return status;
}

static int take_registers(struct dbg_process *p, struct dbg_watch *w, struct dbg_error *err)
{
	struct gfx_watch parts[WATCH_MAX_PARTS];
	uint64_t first, bytes;
	int status = span_of(p, w, &first, &bytes, err);
	if (status < 0)
		return status;
	/* One that is shared with another watchpoint needs none that is free: so one at least is tried. */
	unsigned spare = registers_free(p), n = watch_cut(p, first, bytes, spare ? spare : 1, parts, err);
	status = n ? take_parts(p, w, parts, n, err) : -(int)err->class;
	if (status == -DBG_REFUSED && collect(p)) {
		n = watch_cut(p, first, bytes, registers_free(p), parts, err);
		status = n ? take_parts(p, w, parts, n, err) : -(int)err->class;
	}
	return status;
}

/* ------------------------------------------------------------------ the client's wishes */

static struct dbg_watch *find(const struct dbg_process *p, enum dbg_watch_kind kind, uint64_t addr, uint64_t bytes)
{
	struct dbg_watch *w = p->watches;
	while (w && (w->kind != kind || w->addr != addr || w->bytes != bytes))
		w = w->next;
	return w;
}

static int check(struct dbg_process *p, const struct dbg_watch_place *place, struct dbg_error *err)
{
	uint64_t offset;
	if (!p->n_agents || !watch_limit(p))
		return dbg_fail(err, DBG_REFUSED, "not every GPU of the process has watch registers");
	if (!place->bytes || place->bytes > MAX_BYTES)
		return dbg_fail(err, DBG_REFUSED, "a watchpoint of %" PRIu64 " bytes; 1 to %d can be watched", place->bytes, MAX_BYTES);
	if (place->wave)
		return 0;
	for (size_t i = 0; i < p->n_agents; i++) {
		const struct kif_agent *a = &p->agents[i].info;
		switch (gfx_generic_space(place->addr, a->lds_base, a->scratch_base, &offset)) {
		case GFX_SPACE_LOCAL:
			return dbg_fail(err, DBG_REFUSED, "LDS cannot be watched by hardware: `set can-use-hw-watchpoints 0` watches it by single steps");
		case GFX_SPACE_PRIVATE:
			return dbg_fail(err, DBG_REFUSED, "an address of private memory does not say of which wave it is: watch the variable itself");
		default:
			break;
		}
	}
	return 0;
}

static struct dbg_watch *add(struct dbg_process *p, enum dbg_watch_kind kind, const struct dbg_watch_place *place)
{
	struct dbg_watch *w = calloc(1, sizeof *w), **end = &p->watches;
	uint8_t *old = malloc(place->bytes);
	if (!w || !old) {
		free(w);
		free(old);
		return NULL;
	}
	*w = (struct dbg_watch){ .number = ++p->last_watch, .kind = kind, .addr = place->addr, .bytes = place->bytes,
		.wave = place->wave ? place->wave->id : 0, .lane = place->lane, .offset = place->offset, .wanted = true, .fresh = true, .old = old };
	while (*end)
		end = &(*end)->next;
	*end = w;
	return w;
}

static int insert(struct dbg_process *p, enum dbg_watch_kind kind, const struct dbg_watch_place *place, struct dbg_error *err)
{
	struct dbg_watch *w = find(p, kind, place->addr, place->bytes);
	if (w && w->wave == (place->wave ? place->wave->id : 0) && w->offset == place->offset) {
		w->fresh |= !w->wanted;
		w->wanted = true;
		return 0;
	}
	int status = check(p, place, err);
	if (status < 0)
		return status;
	w = add(p, kind, place);
	if (!w)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for a watchpoint");
	status = p->runtime.usable ? take_registers(p, w, err) : 0;
	if (status < 0)
		drop(p, w);
	return status;
}

int watch_refused(struct dbg_process *p, uint64_t addr, const struct dbg_error *err)
{
	snprintf(p->watch_refusal, sizeof p->watch_refusal, "%s", err->text);
	dbg_say(p, "watchpoint at 0x%" PRIx64 ": %s", addr, err->text);
	return -(int)err->class;
}

int watch_insert(struct dbg_process *p, enum dbg_watch_kind kind, const struct dbg_watch_place *place, struct dbg_error *err)
{
	int status = insert(p, kind, place, err);
	p->watch_refusal[0] = 0;
	return status < 0 ? watch_refused(p, place->addr, err) : 0;
}

void watch_remove(struct dbg_process *p, enum dbg_watch_kind kind, uint64_t addr, uint64_t bytes)
{
	struct dbg_watch *w = find(p, kind, addr, bytes);
	if (!w)
		return;
	w->wanted = false;
	if (!w->n_registers)
		drop(p, w);
}

/* ------------------------------------------------------------------ into force */

static bool any_wanted(const struct dbg_process *p)
{
	for (const struct dbg_watch *w = p->watches; w; w = w->next)
		if (w->wanted && w->n_registers)
			return true;
	return false;
}

bool watch_work_pending(const struct dbg_process *p)
{
	for (const struct dbg_watch *w = p->watches; w; w = w->next)
		if (w->n_registers && (w->wanted != w->armed || (w->wanted && w->fresh)))
			return true;
	return false;
}

static void set_override(struct dbg_process *p, bool on)
{
	struct dbg_error err;
	uint32_t enable = on ? OVERRIDE_WATCH : 0, request = OVERRIDE_WATCH;
	if (kif_launch_override(p->kif, OVERRIDE_OR, &enable, &request, &err) < 0)
		dbg_trouble(p, "waves to come %s stop at watchpoints: %s", on ? "will not" : "will still", err.text);
}

static void set_waves(struct dbg_process *p, bool on)
{
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->queue->suspended && gfx_wave_watching(&w->g) != on) {
			gfx_wave_set_watching(&w->g, on);
			wave_touch_state(w);
		}
}

static bool read_now(struct dbg_process *p, const struct dbg_watch *w, uint8_t *buf)
{
	struct dbg_error err;
	if (!w->wave)
		return memory_get(p, w->addr, buf, w->bytes, &err) == 0;
	struct dbg_wave *wave = wave_by_tid(p, DBG_WAVE_TID + (int64_t)w->wave);
	return wave && memory_private(p, wave, w->lane, w->offset, buf, w->bytes, false, &err) == 0;
}

void watch_apply(struct dbg_process *p, bool release)
{
	if (release)
		collect(p);
	bool on = any_wanted(p);
	if (!on && !p->watching)
		return;
	if (on != p->watching && (on || release)) {
		set_override(p, on);
		p->watching = on;
	}
	set_waves(p, p->watching);
	for (struct dbg_watch *w = p->watches; w; w = w->next) {
		if (!w->wanted || !w->n_registers)
			continue;
		w->armed = true;
		if (w->fresh) {
			bool running = p->running; /* nothing runs yet, whatever has been said to the client */
			p->running = false;
			w->old_known = read_now(p, w, w->old);
			p->running = running;
			w->fresh = false;
		}
	}
}

void watch_runtime_up(struct dbg_process *p)
{
	struct dbg_error err;
	for (struct dbg_watch *w = p->watches, *next; w; w = next) {
		next = w->next;
		if (w->n_registers || take_registers(p, w, &err) == 0)
			continue;
		dbg_trouble(p, "the watchpoint at 0x%" PRIx64 " is not in force: %s", w->addr, err.text);
		snprintf(p->watch_refusal, sizeof p->watch_refusal, "%s", err.text);
		drop(p, w);
	}
}

/* ------------------------------------------------------------------ hits */

static bool fits(enum dbg_watch_kind kind, const struct gfx_access *a)
{
	return kind == DBG_WATCH_ACCESS || (kind == DBG_WATCH_WRITE ? a->store : a->load);
}

static uint64_t watched_from(const struct dbg_watch *w)
{
	return w->wave ? w->offset : w->addr;
}

static bool lane_met(const struct dbg_watch *w, const struct gfx_access *a, unsigned lane)
{
	uint64_t from = watched_from(w);
	enum gfx_space space = w->wave ? GFX_SPACE_PRIVATE : GFX_SPACE_GLOBAL;
	if (!(a->lanes >> lane & 1) || a->space[lane] != space || (w->wave && lane != w->lane))
		return false;
	return a->addr[lane] < from + w->bytes && from < a->addr[lane] + a->bytes;
}

/* What the lane has stored is what is in memory now. */
static bool left_its_value(const struct dbg_watch *w, const struct dbg_wave *wave, const struct gfx_access *a, unsigned lane, const uint8_t *now)
{
	uint8_t data[GFX_MAX_ACCESS];
	uint64_t from = watched_from(w), low = a->addr[lane] > from ? a->addr[lane] : from;
	uint64_t end = a->addr[lane] + a->bytes < from + w->bytes ? a->addr[lane] + a->bytes : from + w->bytes;
	return gfx_access_stored(&wave->g, a, lane, data) && memcmp(data + (low - a->addr[lane]), now + (low - from), end - low) == 0;
}

/* The lane whose access met the watched bytes, -1 none: of several that have stored there the first whose value is the one in memory
 * (*left), else the first. now: the value in memory, NULL when it is not known. */
static int lane_that_hit(const struct dbg_watch *w, const struct dbg_wave *wave, const struct gfx_access *a, const uint8_t *now, bool *left)
{
	int first = -1;
	*left = false;
	if (!fits(w->kind, a) || (w->wave && w->wave != wave->id))
		return -1;
	for (unsigned lane = 0; lane < GFX_MAX_LANES; lane++) {
		if (!lane_met(w, a, lane))
			continue;
		if (first < 0)
			first = (int)lane;
		if (now && left_its_value(w, wave, a, lane, now)) {
			*left = true;
			return (int)lane;
		}
	}
	return first;
}

/* The instruction in front of the PC, if it is a memory access that can be followed. Vector memory instructions have 8 bytes. */
static int access_before(struct dbg_process *p, const struct dbg_wave *wave, struct gfx_access *out)
{
	enum { BYTES = 8 };
	const struct kif_agent *a = &wave->queue->agent->info;
	uint8_t code[BYTES];
	size_t got;
	if (break_read_code(p, gfx_wave_pc(&wave->g) - BYTES, code, sizeof code, &got, NULL) < 0)
		return GFX_RANGE;
	return gfx_insn_access(&wave->g, code, got, a->lds_base, a->scratch_base, out);
}

static bool uses(const struct dbg_watch *w, const struct dbg_watch_register *r)
{
	for (size_t i = 0; i < w->n_registers; i++)
		if (w->registers[i] == r)
			return true;
	return false;
}

static bool was_hit(const struct dbg_process *p, const struct dbg_watch *w, const struct dbg_wave *wave)
{
	unsigned hits = gfx_wave_watch_hits(&wave->g);
	for (unsigned id = 0; id < GFX_MAX_WATCHES; id++) {
		const struct dbg_watch_register *r = hits >> id & 1 ? watch_register_by_id(p, wave->queue->agent, id) : NULL;
		if (r && uses(w, r))
			return true;
	}
	return false;
}

static bool ours(const struct dbg_process *p, const struct dbg_wave *wave)
{
	unsigned hits = gfx_wave_watch_hits(&wave->g);
	for (unsigned id = 0; id < GFX_MAX_WATCHES; id++)
		if (hits >> id & 1 && watch_register_by_id(p, wave->queue->agent, id))
			return true;
	return p->watching; /* a register that was given back in this moment */
}

/* A write is news when the value is not the one that the client knows. now: the one in memory, NULL not known. */
static bool is_news(const struct dbg_watch *w, const uint8_t *now)
{
	return w->kind != DBG_WATCH_WRITE || !w->old_known || !now || memcmp(now, w->old, w->bytes) != 0;
}

/* How sure it is that this wave's access is what the client is told of: of several waves that wrote the surest is told. */
static void note(struct dbg_wave *wave, const struct dbg_watch *w, int lane, bool left)
{
	wave->watch_kind = (uint8_t)w->kind;
	wave->watch_addr = w->addr;
	wave->watch_number = w->number;
	wave->watch_lane = lane;
	wave->watch_sure = lane < 0 ? WATCH_MAYBE : left ? WATCH_SURE : WATCH_MET;
}

/* Which accesses are told when the instruction in front of the PC does not meet the watched bytes: with precise memory it is the access, and the hit
 * came from its neighbours in the register's range; without, the access may lie further back. */
static bool maybe(const struct dbg_process *p, const struct dbg_watch *w, const struct dbg_wave *wave, int status)
{
	if (w->wave && w->wave != wave->id)
		return false;
	return status != GFX_OK || !(p->flags & KIF_FLAG_PRECISE_MEMORY);
}

void watch_judge(struct dbg_process *p, struct dbg_wave *wave)
{
	struct gfx_access access;
	int status = access_before(p, wave, &access);
	const struct dbg_watch *best = NULL;
	uint8_t buf[MAX_BYTES];
	int best_lane = -1;
	bool best_left = false, left;
	for (const struct dbg_watch *w = p->watches; w; w = w->next) {
		if (!w->wanted || !w->armed || !was_hit(p, w, wave))
			continue;
		const uint8_t *now = w->kind == DBG_WATCH_WRITE && read_now(p, w, buf) ? buf : NULL;
		left = false;
		int lane = status == GFX_OK ? lane_that_hit(w, wave, &access, now, &left) : -1;
		if ((lane < 0 && !maybe(p, w, wave, status)) || (best && lane < 0) || !is_news(w, now))
			continue;
		if (!best || best_lane < 0) {
			best = w;
			best_lane = lane;
			best_left = left;
		}
	}
	wave->watch_number = 0;
	if (best)
		note(wave, best, best_lane, best_left);
	else if (ours(p, wave)) /* a register of nobody: what an earlier debugger has left behind is shown as it is */
		wave->reasons &= ~(unsigned)GFX_STOP_WATCHPOINT;
}

bool watch_is_wanted(const struct dbg_process *p, unsigned number)
{
	for (const struct dbg_watch *w = p->watches; w; w = w->next)
		if (w->number == number)
			return w->wanted;
	return false;
}

bool watch_owes_news(const struct dbg_wave *w)
{
	return w->reasons & GFX_STOP_WATCHPOINT && w->watch_number && w->watch_kind == DBG_WATCH_WRITE;
}

/* Stopped by a write to the same watchpoint, and not told yet. */
static bool same_write(const struct dbg_wave *wave, const struct dbg_wave *other)
{
	return other != wave && other->pending && other->reasons == GFX_STOP_WATCHPOINT && other->watch_number == wave->watch_number &&
		wave->watch_kind == DBG_WATCH_WRITE;
}

bool watch_outdone(const struct dbg_process *p, const struct dbg_wave *wave)
{
	if (wave->reasons != GFX_STOP_WATCHPOINT || wave->watch_sure == WATCH_SURE)
		return false;
	for (const struct dbg_wave *other = p->waves; other; other = other->hh.next)
		if (same_write(wave, other) && other->watch_sure > wave->watch_sure)
			return true;
	return false;
}

static void say_hit(struct dbg_process *p, const struct dbg_wave *wave)
{
	char name[128], more[64] = "";
	unsigned others = 0;
	wave_name(wave, name, sizeof name);
	for (const struct dbg_wave *other = p->waves; other; other = other->hh.next)
		others += same_write(wave, other);
	if (others)
		snprintf(more, sizeof more, "; %u more wrote there at the same time", others);
	if (wave->watch_lane >= 0)
		dbg_note(p, "%s watchpoint at 0x%" PRIx64 ": lane %d of %s%s", watch_kind_name((enum dbg_watch_kind)wave->watch_kind), wave->watch_addr,
			wave->watch_lane, name, more);
	else
		dbg_note(p, "%s watchpoint at 0x%" PRIx64 ": %s, by an instruction further back, of a lane that is not known",
			watch_kind_name((enum dbg_watch_kind)wave->watch_kind), wave->watch_addr, name);
}

void watch_told(struct dbg_process *p, const struct dbg_wave *wave)
{
	if (!(wave->reasons & GFX_STOP_WATCHPOINT) || !wave->watch_number)
		return;
	say_hit(p, wave);
	if (wave->watch_kind != DBG_WATCH_WRITE)
		return;
	for (struct dbg_watch *w = p->watches; w; w = w->next)
		if (w->number == wave->watch_number)
			w->old_known = read_now(p, w, w->old);
	for (struct dbg_wave *other = p->waves; other; other = other->hh.next)
		if (same_write(wave, other))
			other->pending = false;
}

/* ------------------------------------------------------------------ the end */

void watch_forget_registers(struct dbg_process *p)
{
	for (struct dbg_watch *w = p->watches; w; w = w->next) {
		free(w->registers);
		w->registers = NULL;
		w->n_registers = 0;
		w->armed = false;
		w->fresh = true;
	}
	while (p->watch_registers) {
		struct dbg_watch_register *next = p->watch_registers->next;
		free(p->watch_registers->ids);
		free(p->watch_registers);
		p->watch_registers = next;
	}
	p->watching = false;
}

void watch_remove_all(struct dbg_process *p)
{
	for (struct dbg_watch *w = p->watches; w; w = w->next)
		w->wanted = false;
	watch_apply(p, true);
}

void watch_forget_all(struct dbg_process *p)
{
	watch_forget_registers(p);
	while (p->watches)
		drop(p, p->watches);
}
