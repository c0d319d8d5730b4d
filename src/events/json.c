/* Events as lines of JSON; doc/EVENTS.md describes every member. Numbers that may not fit the 53 bits of common readers are strings in
 * hexadecimal. */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include <jansson.h>

#include "config.h"

#include "src/base/json.h"
#include "src/events/events.h"
#include "src/model/exceptions.h"
#include "src/model/model.h"
#include "src/model/wave.h"

static void set(json_t *object, const char *name, json_t *value)
{
	json_object_set_new(object, name, value);
}

static void set_number(json_t *object, const char *name, uint64_t value)
{
	set(object, name, json_integer((json_int_t)value));
}

static json_t *line(uint64_t serial, const char *name)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	json_t *o = json_object();
	set_number(o, "v", EVENTS_VERSION);
	set_number(o, "serial", serial);
	set_number(o, "time_us", (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
	set(o, "event", json_string(name));
	return o;
}

static char *text_of(json_t *o)
{
	char *text = o ? json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	json_decref(o);
	return text;
}

/* ------------------------------------------------------------------ parts */

static json_t *agent(const struct dbg_agent *a)
{
	json_t *o = json_object();
	set_number(o, "number", a->number);
	set(o, "gpu_id", dbg_json_hex(a->info.gpu_id));
	set(o, "name", dbg_json_text(a->info.name));
	return o;
}

static json_t *queue(const struct dbg_queue *q)
{
	static const char *const types[] = { "pm4", "sdma", "aql", "sdma-xgmi" };
	json_t *o = json_object();
	set_number(o, "number", q->number);
	set_number(o, "id", q->info.id);
	set(o, "type", q->info.type < sizeof types / sizeof *types ? json_string(types[q->info.type]) : json_null());
	set(o, "ring", dbg_json_hex(q->info.ring_base));
	set_number(o, "ring_bytes", q->info.ring_bytes);
	return o;
}

static json_t *wave(const struct dbg_wave *w)
{
	char name[128], state[256];
	json_t *o = json_object();
	wave_name(w, name, sizeof name);
	wave_describe(w, state, sizeof state);
	set_number(o, "number", w->id);
	set(o, "thread", dbg_json_hex((uint64_t)wave_tid(w)));
	set(o, "name", json_string(name));
	set(o, "state", json_string(state));
	set(o, "pc", dbg_json_hex(wave_pc(w)));
	set(o, "exec", dbg_json_hex(gfx_wave_exec(&w->g)));
	if (w->dispatch)
		set_number(o, "dispatch", w->dispatch);
	if (w->placed) {
		set(o, "work_group", json_pack("[I,I,I]", (json_int_t)w->place.group[0], (json_int_t)w->place.group[1], (json_int_t)w->place.group[2]));
		set_number(o, "wave_in_group", w->place.wave_in_group);
	}
	return o;
}

static json_t *fault(const struct dbg_fault *f)
{
	json_t *o = json_object();
	set(o, "page", dbg_json_hex(f->page));
	set(o, "not_present", json_boolean(f->not_present));
	set(o, "read_only", json_boolean(f->read_only));
	set(o, "no_execute", json_boolean(f->no_execute));
	set(o, "imprecise", json_boolean(f->imprecise));
	if (f->access_known)
		set(o, "access", json_string(f->write ? "write" : "read"));
	return o;
}

static json_t *object(const struct dbg_codeobj *c)
{
	json_t *o = json_object();
	set_number(o, "number", c->number);
	set(o, "name", dbg_json_text(c->name));
	set(o, "uri", dbg_json_text(c->uri));
	set(o, "load_bias", dbg_json_hex(c->load_bias));
	set(o, "readable", json_boolean(c->image != NULL));
	return o;
}

static const char *const sources[] = {
	[EXCEPTION_OF_WAVE] = "wave", [EXCEPTION_OF_PACKET] = "packet", [EXCEPTION_OF_QUEUE] = "queue", [EXCEPTION_OF_DEVICE] = "device",
	[EXCEPTION_OF_PROCESS] = "process",
};

static void add_exception(json_t *o, const struct dbg_event *e)
{
	const struct exception *x = exception_by_code(e->code);
	set_number(o, "code", e->code);
	set(o, "name", x ? json_string(x->name) : json_null());
	set(o, "source", x ? json_string(sources[x->source]) : json_null());
	set(o, "text", x ? json_string(x->text) : json_null());
	set(o, "handed_on", json_boolean(e->forwarded));
}

static void add_stop(json_t *o, const struct dbg_stop *s)
{
	static const char *const kinds[] = {
		[DBG_STOP_NONE] = "none", [DBG_STOP_WAVE] = "wave", [DBG_STOP_HOST] = "thread", [DBG_STOP_EXITED] = "exited",
		[DBG_STOP_TERMINATED] = "terminated", [DBG_STOP_NOTHING_RUNS] = "nothing-runs",
	};
	set(o, "kind", json_string(kinds[s->kind]));
	if (s->kind == DBG_STOP_EXITED)
		set_number(o, "status", (uint64_t)s->status);
	if (s->kind == DBG_STOP_TERMINATED || ((s->kind == DBG_STOP_HOST || s->kind == DBG_STOP_WAVE) && s->signal))
		set_number(o, "signal", (uint64_t)s->signal);
	if (s->kind == DBG_STOP_HOST)
		set_number(o, "thread", (uint64_t)s->tid);
	if (s->libraries)
		set(o, "code_changed", json_true());
}

/* ------------------------------------------------------------------ the lines */

static const char *const names[] = {
	[DBG_EVENT_ATTACHED] = "attached", [DBG_EVENT_DETACHED] = "detached", [DBG_EVENT_ENDED] = "ended", [DBG_EVENT_EXECUTED] = "executed",
	[DBG_EVENT_RUNTIME] = "runtime", [DBG_EVENT_CODE_LOADED] = "code_loaded", [DBG_EVENT_CODE_UNLOADED] = "code_unloaded",
	[DBG_EVENT_QUEUE_CREATED] = "queue_created", [DBG_EVENT_QUEUE_DESTROYED] = "queue_destroyed", [DBG_EVENT_EXCEPTION] = "exception",
	[DBG_EVENT_STOPPED] = "stopped", [DBG_EVENT_RESUMED] = "resumed", [DBG_EVENT_RESET_BEGUN] = "reset_begun",
	[DBG_EVENT_RESET_DONE] = "reset_done", [DBG_EVENT_TROUBLE] = "trouble",
};

char *events_json(const struct dbg_process *p, const struct dbg_event *e, uint64_t serial)
{
	static const char *const runtime_states[] = { "disabled", "enabled", "busy", "error" };
	json_t *o = line(serial, names[e->kind]);
	set_number(o, "pid", (uint64_t)p->pid);
	if (e->kind == DBG_EVENT_EXCEPTION)
		add_exception(o, e);
	if (e->kind == DBG_EVENT_ATTACHED)
		set(o, "launched", json_boolean(!p->attached));
	if (e->kind == DBG_EVENT_RUNTIME)
		set(o, "state", e->value < 4 ? json_string(runtime_states[e->value]) : json_null());
	if (e->stop)
		add_stop(o, e->stop);
	const struct dbg_queue *q = e->queue ? e->queue : e->wave ? e->wave->queue : NULL;
	const struct dbg_agent *a = e->agent ? e->agent : q ? q->agent : NULL;
	if (a)
		set(o, "agent", agent(a));
	else if (e->gpu_id)
		set(o, "gpu_id", dbg_json_hex(e->gpu_id));
	if (q)
		set(o, "queue", queue(q));
	if (e->wave)
		set(o, "wave", wave(e->wave));
	if (e->fault)
		set(o, "fault", fault(e->fault));
	if (e->object)
		set(o, "code", object(e->object));
	if (e->text)
		set(o, "text", dbg_json_text(e->text));
	return text_of(o);
}

char *events_json_start(uint64_t serial)
{
	json_t *o = line(serial, "start");
	set(o, "program", json_string(PACKAGE_NAME));
	set(o, "version", json_string(PACKAGE_VERSION));
	return text_of(o);
}

char *events_json_dropped(uint64_t serial, uint64_t count)
{
	json_t *o = line(serial, "dropped");
	set_number(o, "count", count);
	return text_of(o);
}
