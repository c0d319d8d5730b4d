/* Lists of what the process has on its GPUs: for people, and the same as JSON for scripts. Numbers of 64 bits are strings in hexadecimal there. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/json.h"
#include "src/control/launch.h"
#include "src/model/wave.h"
#include "src/monitor/monitor.h"
#include "src/monitor/symbols.h"

/* Which rows are wanted; all zero: every one. */
struct filter {
	const char *text; /* part of the row as shown */
	bool by_group, by_wave;
	uint32_t group[3], wave;
};

static bool wanted(const struct filter *f, const char *row)
{
	return !f || !f->text || strcasestr(row, f->text);
}

/* Adds a row to the text or to the array. */
static void give(const struct monitor_call *c, json_t *array, const char *row, json_t *object)
{
	if (c->json)
		json_array_append_new(array, object);
	else
		rsp_buf_printf(c->out, "%s\n", row);
}

static int finish(const struct monitor_call *c, json_t *array, const char *nothing)
{
	if (c->json)
		return monitor_print_json(c, array);
	if (!c->out->len)
		rsp_buf_printf(c->out, "%s\n", nothing);
	return 0;
}

/* ------------------------------------------------------------------ agents */

static json_t *agent_object(const struct dbg_process *p, const struct dbg_agent *a)
{
	return json_pack("{s:i, s:o, s:o, s:s?, s:i, s:i, s:o, s:b}", "number", (int)a->number,
		"name", dbg_json_text(a->info.name), "gpu_id", dbg_json_hex(a->info.gpu_id),
		"family", a->family ? a->family->name : NULL, "simds", (int)a->info.simd_count, "xccs", a->info.num_xcc ? (int)a->info.num_xcc : 1,
		"location", dbg_json_hex(a->info.location_id), "usable", p->runtime.usable);
}

int monitor_agents(const struct monitor_call *c)
{
	struct dbg_process *p;
	int status = target_process(c->d, 0, &p, c->err);
	if (status < 0)
		return status;
	json_t *array = c->json ? json_array() : NULL;
	for (size_t i = 0; i < p->n_agents; i++) {
		const struct kif_agent *a = &p->agents[i].info;
		char row[256];
		snprintf(row, sizeof row, "%u  %s  gpu 0x%x  %s  %u SIMDs  %u XCC  location 0x%x%s", p->agents[i].number, a->name, a->gpu_id,
			p->agents[i].family ? p->agents[i].family->name : "unknown family", a->simd_count, a->num_xcc ? a->num_xcc : 1,
			a->location_id, p->runtime.usable ? "" : "  (runtime not enabled)");
		give(c, array, row, c->json ? agent_object(p, &p->agents[i]) : NULL);
	}
	return finish(c, array, "the process has no GPU");
}

/* ------------------------------------------------------------------ queues */

static const char *queue_type(const struct dbg_queue *q)
{
	static const char *const types[] = { "PM4", "SDMA", "AQL", "SDMA-XGMI" };
	return q->info.type < 4 ? types[q->info.type] : "?";
}

static size_t waves_of(const struct dbg_process *p, const struct dbg_queue *q)
{
	size_t n = 0;
	for (const struct dbg_wave *w = p->waves; w; w = w->hh.next)
		n += w->queue == q;
	return n;
}

static json_t *queue_object(const struct dbg_process *p, const struct dbg_queue *q)
{
	return json_pack("{s:i, s:i, s:i, s:s, s:o, s:i, s:o, s:o, s:i, s:b}", "agent", q->agent ? (int)q->agent->number : 0, "number", (int)q->number,
		"id", (int)q->info.id, "type", queue_type(q), "ring", dbg_json_hex(q->info.ring_base), "ring_bytes", (int)q->info.ring_bytes,
		"read", dbg_json_hex(q->read_id), "write", dbg_json_hex(q->write_id), "waves", (int)waves_of(p, q), "suspended", q->suspended);
}

static int list_queues(const struct monitor_call *c, const struct filter *f)
{
	struct dbg_process *p;
	int status = target_process(c->d, 0, &p, c->err);
	if (status < 0)
		return status;
	json_t *array = c->json ? json_array() : NULL;
	for (const struct dbg_queue *q = p->queues; q; q = q->next) {
		char row[256];
		snprintf(row, sizeof row, "%u:%u  id %u  %s  ring 0x%" PRIx64 "+0x%x  packets %" PRIu64 " to %" PRIu64 "  %zu waves  %s",
			q->agent ? q->agent->number : 0, q->number, q->info.id, queue_type(q), q->info.ring_base,
			q->info.ring_bytes, q->read_id, q->write_id, waves_of(p, q), q->suspended ? "suspended" : "running");
		if (wanted(f, row))
			give(c, array, row, c->json ? queue_object(p, q) : NULL);
	}
	return finish(c, array, f ? "no such queue" : "no queues");
}

int monitor_queues(const struct monitor_call *c)
{
	return list_queues(c, NULL);
}

/* ------------------------------------------------------------------ waves */

/* The live waves of a stopped process; the list is malloc'ed. */
static int stopped_waves(const struct monitor_call *c, struct dbg_process **p, struct dbg_wave ***list, size_t *n)
{
	struct dbg_error why;
	int status = monitor_stopped(c, p);
	if (status < 0)
		return status;
	return wave_list(*p, list, n, &why) < 0 ? target_error(c->err, &why) : 0;
}

static json_t *triple(bool known, const uint32_t v[3])
{
	return known ? json_pack("[I,I,I]", (json_int_t)v[0], (json_int_t)v[1], (json_int_t)v[2]) : json_null();
}

static json_t *wave_object(const struct dbg_wave *w, const char *name, const char *state)
{
	return json_pack("{s:I, s:I, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:i, s:i, s:b, s:b, s:s, s:s}",
		"number", (json_int_t)w->id, "tid", (json_int_t)wave_tid(w),
		"agent", (int)w->queue->agent->number, "queue", (int)w->queue->number, "dispatch", w->dispatch ? json_integer(w->dispatch) : json_null(),
		"group", triple(w->placed, w->place.group), "wave_in_group", w->placed ? json_integer(w->place.wave_in_group) : json_null(),
		"pc", dbg_json_hex(wave_pc(w)), "exec", dbg_json_hex(gfx_wave_exec(&w->g)), "lane", (int)wave_lane(w), "lanes", (int)w->g.rec.lanes,
		"lane_active", wave_lane_active(w, wave_lane(w)), "stopped", w->stopped, "name", name, "state", state);
}

static bool in_group(const struct filter *f, const struct dbg_wave *w)
{
	if (!f || !f->by_group)
		return true;
	return w->placed && memcmp(w->place.group, f->group, sizeof f->group) == 0 && (!f->by_wave || w->place.wave_in_group == f->wave);
}

static int list_waves(const struct monitor_call *c, const struct filter *f)
{
	struct dbg_process *p;
	struct dbg_wave **list;
	size_t n;
	int status = stopped_waves(c, &p, &list, &n);
	if (status < 0)
		return status;
	json_t *array = c->json ? json_array() : NULL;
	for (size_t i = 0; i < n; i++) {
		char name[128], state[256], row[512];
		if (!in_group(f, list[i]))
			continue;
		wave_name(list[i], name, sizeof name);
		wave_describe(list[i], state, sizeof state);
		snprintf(row, sizeof row, "%s  pc 0x%" PRIx64 "  exec 0x%" PRIx64 "  %s", name, wave_pc(list[i]), gfx_wave_exec(&list[i]->g), state);
		give(c, array, row, c->json ? wave_object(list[i], name, state) : NULL);
	}
	free(list);
	return finish(c, array, f ? "no such wave" : "no waves");
}

int monitor_waves(const struct monitor_call *c)
{
	return list_waves(c, NULL);
}

/* ------------------------------------------------------------------ where they are */

static int by_pc(const void *a, const void *b)
{
	uint64_t x = wave_pc(*(struct dbg_wave *const *)a), y = wave_pc(*(struct dbg_wave *const *)b);
	return x < y ? -1 : x > y;
}

struct place {
	char text[512];
	size_t waves;
	uint64_t first; /* PC */
};

/* "vadd.cl:6", else "vadd+0x40", else the address. */
static void describe_pc(const struct dbg_process *p, uint64_t pc, char *text, size_t n)
{
	char file[256];
	unsigned line;
	uint64_t offset;
	if (symbol_line(p, pc, file, sizeof file, &line))
		snprintf(text, n, "%s:%u", file, line);
	else if (symbol_find(p, pc, file, sizeof file, &offset))
		snprintf(text, n, "%s+0x%" PRIx64, file, offset);
	else
		snprintf(text, n, "0x%" PRIx64, pc);
}

static int most_waves(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	return x->waves != y->waves ? (x->waves < y->waves) - (x->waves > y->waves) : (x->first > y->first) - (x->first < y->first);
}

/* Waves in order of their PCs become places; the same line may begin at several PCs. */
static size_t collect(const struct dbg_process *p, struct dbg_wave **list, size_t n, struct place *places)
{
	size_t n_places = 0, at = 0;
	uint64_t last = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t pc = wave_pc(list[i]);
		if (i == 0 || pc != last) {
			struct place *fresh = &places[n_places];
			describe_pc(p, pc, fresh->text, sizeof fresh->text);
			fresh->first = pc;
			for (at = 0; strcmp(places[at].text, fresh->text) != 0; at++)
				;
			n_places += at == n_places;
			last = pc;
		}
		places[at].waves++;
	}
	return n_places;
}

int monitor_where(const struct monitor_call *c)
{
	struct dbg_process *p;
	struct dbg_wave **list;
	size_t n;
	int status = stopped_waves(c, &p, &list, &n);
	if (status < 0)
		return status;
	struct place *places = calloc(n + 1, sizeof *places);
	if (!places) {
		free(list);
		return rsp_fail(c->err, RSP_INTERNAL, "out of memory for the places of %zu waves", n);
	}
	qsort(list, n, sizeof *list, by_pc);
	size_t n_places = collect(p, list, n, places);
	qsort(places, n_places, sizeof *places, most_waves);
	json_t *array = c->json ? json_array() : NULL;
	for (size_t i = 0; i < n_places; i++) {
		char row[600];
		snprintf(row, sizeof row, "%zu wave%s at %s", places[i].waves, places[i].waves == 1 ? "" : "s", places[i].text);
		give(c, array, row, c->json ? json_pack("{s:i, s:o, s:o}", "waves", (int)places[i].waves, "place", dbg_json_text(places[i].text), "pc",
			dbg_json_hex(places[i].first)) : NULL);
	}
	free(places);
	free(list);
	return finish(c, array, "no waves");
}

/* ------------------------------------------------------------------ dispatches */

static json_t *dispatch_object(const struct dbg_wave *w, const char *kernel, size_t waves)
{
	const uint32_t group[3] = { w->packet.group_size[0], w->packet.group_size[1], w->packet.group_size[2] };
	return json_pack("{s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:i}",
		"number", (int)w->dispatch, "agent", (int)w->queue->agent->number, "queue", (int)w->queue->number, "kernel", dbg_json_text(kernel),
		"grid", triple(w->has_packet, w->packet.grid_size), "group", triple(w->has_packet, group),
		"kernarg", w->has_packet ? dbg_json_hex(w->packet.kernarg) : json_null(),
		"kernel_object", w->has_packet ? dbg_json_hex(w->packet.kernel_object) : json_null(), "waves", (int)waves);
}

static void one_dispatch(const struct monitor_call *c, const struct dbg_process *p, const struct dbg_wave *w, size_t waves, const struct filter *f,
	json_t *array)
{
	char kernel[256], row[512];
	const struct gfx_dispatch_packet *k = &w->packet;
	launch_kernel_name(p, w, kernel, sizeof kernel);
	snprintf(row, sizeof row, "%u:%u:%u  %s  grid %u,%u,%u  group %u,%u,%u  kernarg 0x%" PRIx64 "  %zu waves", w->queue->agent->number, w->queue->number,
		w->dispatch, kernel, k->grid_size[0], k->grid_size[1], k->grid_size[2], k->group_size[0], k->group_size[1], k->group_size[2], k->kernarg, waves);
	if (wanted(f, row))
		give(c, array, row, c->json ? dispatch_object(w, kernel, waves) : NULL);
}

static int by_dispatch(const void *a, const void *b)
{
	const struct dbg_wave *x = *(struct dbg_wave *const *)a, *y = *(struct dbg_wave *const *)b;
	if (x->dispatch != y->dispatch)
		return x->dispatch < y->dispatch ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static int list_dispatches(const struct monitor_call *c, const struct filter *f)
{
	struct dbg_process *p;
	struct dbg_wave **list;
	size_t n, next;
	int status = stopped_waves(c, &p, &list, &n);
	if (status < 0)
		return status;
	json_t *array = c->json ? json_array() : NULL;
	qsort(list, n, sizeof *list, by_dispatch);
	for (size_t i = 0; i < n; i = next) {
		for (next = i + 1; next < n && list[next]->dispatch == list[i]->dispatch; next++)
			;
		if (list[i]->dispatch)
			one_dispatch(c, p, list[i], next - i, f, array);
	}
	free(list);
	return finish(c, array, f ? "no such dispatch" : "no dispatches");
}

int monitor_dispatches(const struct monitor_call *c)
{
	return list_dispatches(c, NULL);
}

/* ------------------------------------------------------------------ lanes */

/* A number and what follows it. */
static int number(const struct monitor_call *c, const char **at, const char *what, uint64_t *out)
{
	char *end;
	if (!isdigit((unsigned char)**at))
		return rsp_fail(c->err, RSP_BAD_REQUEST, "%s is missing", what);
	*out = strtoull(*at, &end, 0);
	*at = end + strspn(end, " \t\n");
	return 0;
}

int monitor_find_wave(const struct monitor_call *c, const char **at, struct dbg_wave **out)
{
	struct dbg_process *p;
	uint64_t id;
	int status = monitor_stopped(c, &p);
	if (status == 0)
		status = number(c, at, "the number of a wave", &id);
	if (status < 0)
		return status;
	*out = id <= INT64_MAX - DBG_WAVE_TID ? wave_by_tid(p, DBG_WAVE_TID + (int64_t)id) : NULL;
	return *out ? 0 : rsp_fail(c->err, RSP_GONE, "no wave %" PRIu64, id);
}

int monitor_lanes(const struct monitor_call *c)
{
	struct dbg_wave *w;
	const char *at = c->args;
	int status = monitor_find_wave(c, &at, &w);
	if (status < 0)
		return status;
	if (*at)
		return rsp_fail(c->err, RSP_BAD_REQUEST, "nothing is expected after the number of the wave");
	json_t *array = c->json ? json_array() : NULL;
	for (unsigned lane = 0; lane < w->g.rec.lanes; lane++) {
		uint32_t item[3];
		bool known = wave_workitem(w, lane, item), active = wave_lane_active(w, lane), selected = lane == wave_lane(w);
		char row[128], where[64] = "work-item unknown";
		if (known)
			snprintf(where, sizeof where, "work-item (%u,%u,%u)", item[0], item[1], item[2]);
		snprintf(row, sizeof row, "%c %2u  %-8s  %s", selected ? '*' : ' ', lane, active ? "active" : "inactive", where);
		give(c, array, row, c->json ? json_pack("{s:i, s:b, s:b, s:o}", "number", (int)lane, "active", active, "selected", selected, "item",
			triple(known, item)) : NULL);
	}
	return finish(c, array, "no lanes");
}

int monitor_lane(const struct monitor_call *c)
{
	struct dbg_wave *w;
	const char *at = c->args;
	uint64_t lane;
	int status = monitor_find_wave(c, &at, &w);
	if (status == 0)
		status = number(c, &at, "the number of a lane", &lane);
	if (status < 0)
		return status;
	if (*at || lane >= w->g.rec.lanes)
		return rsp_fail(c->err, RSP_BAD_REQUEST, "the wave has lanes 0 to %u", w->g.rec.lanes - 1u);
	w->lane = (unsigned)lane;
	w->lane_chosen = true;
	rsp_buf_printf(c->out, "lane %u, %s\n", w->lane, wave_lane_active(w, w->lane) ? "active" : "inactive");
	return 0;
}

/* ------------------------------------------------------------------ find */

static int find_group(const struct monitor_call *c, const char *text)
{
	struct filter f = { .by_group = true };
	int end = 0;
	if (sscanf(text, "(%u,%u,%u)%n", &f.group[0], &f.group[1], &f.group[2], &end) != 3 || !end)
		return rsp_fail(c->err, RSP_BAD_REQUEST, "a wave is found by its work-group: find wave (X,Y,Z) or (X,Y,Z)/W");
	text += end;
	if (*text == '/' && sscanf(text, "/%u%n", &f.wave, &end) == 1) {
		f.by_wave = true;
		text += end;
	}
	if (text[strspn(text, " \t\n")])
		return rsp_fail(c->err, RSP_BAD_REQUEST, "nothing is expected after the place of the wave");
	return list_waves(c, &f);
}

int monitor_find(const struct monitor_call *c)
{
	static const struct {
		const char *name;
		int (*list)(const struct monitor_call *c, const struct filter *f);
	} kinds[] = { { "dispatch", list_dispatches }, { "queue", list_queues } };
	size_t n = strcspn(c->args, " \t\n");
	const char *what = c->args + n + strspn(c->args + n, " \t\n");
	if (n == 4 && memcmp(c->args, "wave", 4) == 0)
		return find_group(c, what);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strlen(kinds[i].name) == n && memcmp(kinds[i].name, c->args, n) == 0 && *what)
			return kinds[i].list(c, &(struct filter){ .text = what });
	return rsp_fail(c->err, RSP_BAD_REQUEST, "find wave (X,Y,Z)[/W], find dispatch TEXT, find queue TEXT");
}
