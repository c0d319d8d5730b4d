#include "src/model/wave.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"
#include "src/model/memory.h"
#include "src/model/process.h"
#include "src/model/savearea.h"
#include "src/run/copy.h"

void wave_touch(struct dbg_wave *w, uint32_t offset, uint32_t bytes)
{
	if (!bytes)
		return;
	if (w->dirty_low >= w->dirty_high) {
		w->dirty_low = offset;
		w->dirty_high = offset + bytes;
		return;
	}
	if (offset < w->dirty_low)
		w->dirty_low = offset;
	if (offset + bytes > w->dirty_high)
		w->dirty_high = offset + bytes;
}

void wave_touch_state(struct dbg_wave *w)
{
	wave_touch(w, w->g.rec.hwreg, GFX_STATE_BYTES);
}

/* ------------------------------------------------------------------ identity */

static unsigned dispatch_number(struct dbg_process *p, const struct dbg_queue *q, uint64_t packet)
{
	struct dbg_dispatch *d;
	struct dbg_dispatch probe;
	memset(&probe, 0, sizeof probe);
	probe.key.queue = q->number;
	probe.key.packet = packet;
	HASH_FIND(hh, p->dispatches, &probe.key, sizeof probe.key, d);
	if (d)
		return d->number;
	d = malloc(sizeof *d);
	if (!d)
		return 0;
	*d = probe;
	d->number = ++p->last_dispatch;
	HASH_ADD(hh, p->dispatches, key, sizeof d->key, d);
	return d->number;
}

/* Where a new wave comes from: its group, its dispatch, the packet. Each may be unknown. */
static void place(struct dbg_process *p, struct dbg_wave *w)
{
	struct dbg_queue *q = w->queue;
	uint64_t packet, ring_packets = q->info.ring_bytes / GFX_PACKET_BYTES;
	uint8_t bytes[GFX_PACKET_BYTES];
	w->placed = gfx_wave_place(&w->g, &w->place) == GFX_OK;
	if (!w->placed || !ring_packets)
		return;
	if (gfx_packet_id(w->place.packet_index, ring_packets, q->read_id, q->write_id, &packet) < 0) {
		log_warning("wave %" PRIu64 ": packet index %u is not between read %" PRIu64 " and write %" PRIu64 " of queue %u", w->id,
			w->place.packet_index, q->read_id, q->write_id, q->info.id);
		return;
	}
	w->dispatch = dispatch_number(p, q, packet);
	if (memory_get(p, q->info.ring_base + (packet % ring_packets) * GFX_PACKET_BYTES, bytes, sizeof bytes, NULL) == 0) {
		gfx_packet_parse(bytes, &w->packet);
		w->has_packet = true;
	}
}

static struct dbg_wave *by_id(const struct dbg_process *p, uint64_t id)
{
	struct dbg_wave *w = p->n_wave_slots ? p->wave_slots[id % p->n_wave_slots] : NULL;
	while (w && w->id != id)
		w = w->next_in_slot;
	return w;
}

static void put_in_slot(struct dbg_process *p, struct dbg_wave *w)
{
	struct dbg_wave **slot = &p->wave_slots[w->id % p->n_wave_slots];
	w->next_in_slot = *slot;
	*slot = w;
}

static void take_from_slot(struct dbg_process *p, struct dbg_wave *w)
{
	struct dbg_wave **at = &p->wave_slots[w->id % p->n_wave_slots];
	while (*at != w)
		at = &(*at)->next_in_slot;
	*at = w->next_in_slot;
}

/* False without memory. */
static bool add(struct dbg_process *p, struct dbg_wave *w)
{
	enum { FIRST_SLOTS = 256 };
	if (HASH_COUNT(p->waves) >= p->n_wave_slots) {
		size_t n = p->n_wave_slots ? 4 * p->n_wave_slots : FIRST_SLOTS;
		struct dbg_wave **slots = calloc(n, sizeof *slots);
		if (!slots)
			return false;
		free(p->wave_slots);
		p->wave_slots = slots;
		p->n_wave_slots = n;
		for (struct dbg_wave *other = p->waves; other; other = other->hh.next)
			put_in_slot(p, other);
	}
	put_in_slot(p, w);
	HASH_ADD(hh, p->waves, id, sizeof w->id, w);
	return true;
}

struct dbg_wave *wave_by_tid(const struct dbg_process *p, int64_t tid)
{
	return tid > DBG_WAVE_TID ? by_id(p, (uint64_t)(tid - DBG_WAVE_TID)) : NULL;
}

static struct dbg_wave *known(struct dbg_process *p, const struct dbg_queue *q, const struct gfx_wave *g)
{
	uint64_t id = gfx_wave_id(g);
	struct dbg_wave *w = id ? by_id(p, id) : NULL;
	if (!id || (w && w->queue == q && w->sweep != p->sweep))
		return w;
	if (!p->stale_ids)
		log_warning("queue %u holds a wave with id 0x%" PRIx64 " that nobody gave it: taken as new", q->info.id, id);
	return NULL;
}

/* Of a wave met for the first time (wave-state 2.4): the device always does it, the runtime has asked for it, or a debugger was there
 * before the wave: the program is our own, or all waves that are older than we are were met in the first walk. */
static bool launched_with_ttmps(const struct dbg_process *p, const struct dbg_queue *q)
{
	return (q->agent->info.debug_prop & KIF_PROP_TTMPS_ALWAYS_VALID) || p->runtime.info.ttmp_setup || !p->attached || p->sweep > 1;
}

/* What a record cannot hold when it is read as it was written (wave-state 13.2). */
static void warn_of_oddities(const struct dbg_wave *w)
{
	struct gfx_error why;
	if (gfx_wave_check(&w->g, NULL, &why) < 0)
		log_warning("wave %" PRIu64 " may be misread: %s", w->id, why.text);
}

void wave_seen(struct dbg_process *p, struct dbg_queue *q, unsigned xcc, const struct gfx_wave_record *rec, uint8_t *state)
{
	struct gfx_wave g = {
		.family = q->agent->family,
		.area = q->xccs[xcc].image,
		.state = state,
		.rec = *rec,
		.ttmps_setup = launched_with_ttmps(p, q), /* of older waves the id alone is asked, which they have been given */
		.r_version = (uint8_t)p->runtime.r_version,
	};
	struct dbg_wave *w = p->stale_ids ? NULL : known(p, q, &g);
	bool fresh = !w;
	if (fresh) {
		w = calloc(1, sizeof *w);
		if (!w) {
			log_error("out of memory for a wave of queue %u", q->info.id);
			return;
		}
		w->id = ++p->last_wave;
		w->queue = q;
		/* To a client in non-stop a thread that appears is one that runs. */
		w->action = p->new_go || p->nonstop ? DBG_GO : DBG_HOLD;
		w->newborn = p->nonstop && !p->new_go;
		if (!add(p, w)) {
			log_error("out of memory for a wave of queue %u", q->info.id);
			free(w);
			return;
		}
	}
	if (fresh)
		w->ttmps_setup = g.ttmps_setup;
	w->xcc = xcc;
	w->g = g;
	w->g.ttmps_setup = w->ttmps_setup;
	w->g.bring = savearea_bring;
	w->g.bring_arg = w;
	w->has_scalars = w->has_vectors = false;
	w->sweep = p->sweep;
	w->dirty_low = w->dirty_high = 0;
	if (fresh) {
		warn_of_oddities(w);
		gfx_wave_set_id(&w->g, w->id);
		wave_touch_state(w);
		place(p, w);
	}
	/* Nobody is to be seen inside a copy. */
	uint64_t original;
	bool done;
	if (p->copies && copy_translate(p, gfx_wave_pc(&w->g), &original, &done)) {
		gfx_wave_set_pc(&w->g, original);
		wave_touch_state(w);
		w->passed = done ? 0 : original;
	} else if (w->passed && (!w->stopped || gfx_wave_pc(&w->g) != w->passed)) /* it has run: being there again is another visit */
		w->passed = 0;
}

static void drop(struct dbg_process *p, struct dbg_wave *w)
{
	take_from_slot(p, w);
	HASH_DEL(p->waves, w);
	free(w);
}

void wave_sweep(struct dbg_process *p)
{
	struct dbg_wave *w, *next;
	HASH_ITER(hh, p->waves, w, next) {
		if (w->sweep == p->sweep || !w->queue->suspended)
			continue;
		if (w->stopped)
			log_warning("wave %" PRIu64 " has vanished while it was stopped", w->id);
		dbg_wave_ended(p, w);
		drop(p, w);
	}
}

void wave_forget_queue(struct dbg_process *p, const struct dbg_queue *q)
{
	struct dbg_wave *w, *next;
	HASH_ITER(hh, p->waves, w, next)
		if (w->queue == q) {
			dbg_wave_ended(p, w);
			drop(p, w);
		}
}

void wave_forget_all(struct dbg_process *p)
{
	struct dbg_wave *w, *next;
	struct dbg_dispatch *d, *next_d;
	HASH_ITER(hh, p->waves, w, next)
		drop(p, w);
	HASH_ITER(hh, p->dispatches, d, next_d) {
		HASH_DEL(p->dispatches, d);
		free(d);
	}
}

static int order(const void *a, const void *b)
{
	uint64_t x = (*(struct dbg_wave *const *)a)->id, y = (*(struct dbg_wave *const *)b)->id;
	return x < y ? -1 : x > y;
}

int wave_list(const struct dbg_process *p, struct dbg_wave ***out, size_t *n, struct dbg_error *err)
{
	size_t count = HASH_COUNT(p->waves), i = 0;
	struct dbg_wave **list = malloc((count ? count : 1) * sizeof *list);
	if (!list)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for a list of %zu waves", count);
	bool sorted = true; /* as ids are handed out in turn */
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		sorted &= !i || list[i - 1]->id < w->id;
		list[i++] = w;
	}
	if (!sorted)
		qsort(list, count, sizeof *list, order);
	*out = list;
	*n = count;
	return 0;
}

/* ------------------------------------------------------------------ for people */

/* Lists of thousands are made of these names: without a format. */
struct words {
	char *at, *end; /* of the buffer; the last byte is for the NUL */
};

static void say(struct words *to, const char *text)
{
	while (*text && to->at < to->end)
		*to->at++ = *text++;
}

static void say_number(struct words *to, uint64_t n)
{
	char digits[24], *first = digits + sizeof digits - 1;
	*first = '\0';
	do
		*--first = (char)('0' + n % 10);
	while (n /= 10);
	say(to, first);
}

void wave_name(const struct dbg_wave *w, char *buf, size_t n)
{
	struct words to = { buf, buf + n - 1 };
	if (!n)
		return;
	say(&to, "AMDGPU Wave ");
	say_number(&to, w->queue->agent->number);
	say(&to, ":");
	say_number(&to, w->queue->number);
	say(&to, ":");
	if (w->dispatch)
		say_number(&to, w->dispatch);
	else
		say(&to, "?");
	say(&to, ":");
	say_number(&to, w->id);
	say(&to, " (");
	for (unsigned d = 0; d < 3; d++) {
		if (w->placed)
			say_number(&to, w->place.group[d]);
		else
			say(&to, "?");
		say(&to, d < 2 ? "," : ")/");
	}
	if (w->placed)
		say_number(&to, w->place.wave_in_group);
	else
		say(&to, "?");
	*to.at = '\0';
}

/* What is known of a stop beyond its reason. */
static int describe_more(const struct dbg_wave *w, unsigned reason, char *buf, size_t n)
{
	static const char *const launched[] = { "trap", "at its launch", "behind its first instruction", "at its end" };
	if (w->launched != DBG_LAUNCHED_NOT && (reason == GFX_STOP_TRAP || reason == GFX_STOP_SINGLE_STEP))
		return snprintf(buf, n, "%s", launched[w->launched]);
	if (reason != GFX_STOP_WATCHPOINT || !w->watch_number)
		return 0;
	if (w->watch_lane < 0)
		return snprintf(buf, n, "watchpoint 0x%" PRIx64, w->watch_addr);
	return snprintf(buf, n, "watchpoint 0x%" PRIx64 " by lane %d", w->watch_addr, w->watch_lane);
}

void wave_describe(const struct dbg_wave *w, char *buf, size_t n)
{
	static const struct {
		unsigned bit;
		const char *text;
	} reasons[] = {
		{ GFX_STOP_BREAKPOINT, "breakpoint" },
		{ GFX_STOP_WATCHPOINT, "watchpoint" },
		{ GFX_STOP_SINGLE_STEP, "single step" },
		{ GFX_STOP_FP_DENORM, "denormal operand" },
		{ GFX_STOP_FP_DIV0, "floating-point division by zero" },
		{ GFX_STOP_FP_OVERFLOW, "floating-point overflow" },
		{ GFX_STOP_FP_UNDERFLOW, "floating-point underflow" },
		{ GFX_STOP_FP_INEXACT, "floating-point inexact" },
		{ GFX_STOP_FP_INVALID, "floating-point invalid" },
		{ GFX_STOP_INT_DIV0, "integer division by zero" },
		{ GFX_STOP_DEBUG_TRAP, "debug trap" },
		{ GFX_STOP_ASSERT_TRAP, "abort" },
		{ GFX_STOP_TRAP, "trap" },
		{ GFX_STOP_MEMORY_VIOLATION, "memory violation" },
		{ GFX_STOP_ADDRESS_ERROR, "address error" },
		{ GFX_STOP_ILLEGAL_INSTRUCTION, "illegal instruction" },
	};
	struct words to = { buf, buf + n - 1 };
	if (!n)
		return;
	for (size_t i = 0; w->reasons && i < sizeof reasons / sizeof *reasons; i++)
		if (w->reasons & reasons[i].bit) {
			char more[96];
			bool known = describe_more(w, reasons[i].bit, more, sizeof more) > 0;
			say(&to, to.at > buf ? ", " : "");
			say(&to, known ? more : reasons[i].text);
		}
	if (gfx_wave_in_barrier(&w->g))
		say(&to, to.at > buf ? ", waits at a barrier" : "waits at a barrier");
	if (w->killed)
		say(&to, to.at > buf ? ", killed" : "killed");
	if (to.at == buf)
		say(&to, w->stopped ? "stopped" : gfx_wave_halted(&w->g) ? "halted" : "active");
	if (w->lane_chosen && !wave_lane_active(w, w->lane)) {
		say(&to, ", lane ");
		say_number(&to, w->lane);
		say(&to, " inactive");
	}
	*to.at = '\0';
}

/* ------------------------------------------------------------------ lanes and scratch */

unsigned wave_lane(const struct dbg_wave *w)
{
	if (w->lane_chosen)
		return w->lane;
	if (w->lane_sweep && w->lane_sweep == w->sweep)
		return w->lane_default;
	uint64_t exec = gfx_wave_exec(&w->g);
	return exec ? (unsigned)__builtin_ctzll(exec) : 0;
}

bool wave_lane_active(const struct dbg_wave *w, unsigned lane)
{
	return lane < 64 && gfx_wave_exec(&w->g) >> lane & 1;
}

bool wave_workitem(const struct dbg_wave *w, unsigned lane, uint32_t id[3])
{
	uint64_t size[3], flat = (uint64_t)w->place.wave_in_group * w->g.rec.lanes + lane;
	if (!w->placed || !w->has_packet)
		return false;
	for (unsigned d = 0; d < 3; d++) {
		uint64_t group = w->packet.group_size[d], first = w->place.group[d] * group;
		if (!group || first >= w->packet.grid_size[d])
			return false;
		uint64_t rest = w->packet.grid_size[d] - first;
		size[d] = rest < group ? rest : group;
	}
	if (flat >= size[0] * size[1] * size[2])
		return false;
	id[0] = (uint32_t)(flat % size[0]);
	id[1] = (uint32_t)(flat / size[0] % size[1]);
	id[2] = (uint32_t)(flat / size[0] / size[1]);
	return true;
}

/* Offsets of amd_queue_t fields from read_dispatch_id, wave-state 6.3. */
enum { FROM_READ_TMPRING = 12, FROM_READ_BACKING = 32, FROM_READ_BYTES = 40, SCRATCH_FIELDS = 48 };

int wave_scratch(struct dbg_process *p, const struct dbg_wave *w, struct gfx_scratch *out, struct dbg_error *err)
{
	const struct kif_agent *a = &w->queue->agent->info;
	uint8_t fields[SCRATCH_FIELDS];
	struct gfx_scratch_config config;
	struct gfx_error why;
	if (!dbg_thread_stopped(p, wave_tid(w)))
		return dbg_fail(err, DBG_REFUSED, "private memory is only visible while the wave is stopped");
	int status = memory_get(p, w->queue->info.read_ptr_addr, fields, sizeof fields, err);
	if (status < 0)
		return status;
	memset(&config, 0, sizeof config);
	memcpy(&config.tmpring, fields + FROM_READ_TMPRING, 4);
	memcpy(&config.backing, fields + FROM_READ_BACKING, 8);
	memcpy(&config.backing_per_xcc, fields + FROM_READ_BYTES, 8);
	config.se_count = a->simd_arrays_per_engine ? a->array_count / a->simd_arrays_per_engine : 0;
	if (!config.se_count)
		return dbg_fail(err, DBG_REFUSED, "the agent does not say how many shader engines it has");
	if (gfx_wave_scratch(&w->g, &config, w->xcc, out, &why) < 0)
		return dbg_fail(err, DBG_REFUSED, "no private memory: %s", why.text);
	return 0;
}
