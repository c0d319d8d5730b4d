#include "src/control/launch.h"

#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/model/event.h"
#include "src/model/wave.h"
#include "src/monitor/symbols.h"

enum { MODE_NORMAL = 0, MODE_STEP = 3, OVERRIDE_OR = 0 };
#define OVERRIDE_START UINT32_C(0x40000000)
#define OVERRIDE_END UINT32_C(0x80000000)

struct wish {
	bool on, once;
	char *pattern; /* NULL: every kernel */
	regex_t regex; /* when there is a pattern */
	/* The last question: most waves of one look are of one kernel. */
	uint64_t asked_sweep, asked_object;
	bool answer;
};

struct dbg_launch {
	struct wish wishes[DBG_LAUNCH_KINDS];
};

/* ------------------------------------------------------------------ names */

bool launch_kernel_name(const struct dbg_process *p, const struct dbg_wave *w, char *name, size_t n)
{
	uint64_t offset;
	if (!w->has_packet || !symbol_find(p, w->packet.kernel_object, name, n, &offset)) {
		snprintf(name, n, "?");
		return false;
	}
	size_t length = strlen(name);
	if (length > 3 && strcmp(name + length - 3, ".kd") == 0)
		name[length - 3] = 0;
	return true;
}

static bool meant(const struct dbg_process *p, const struct dbg_wave *w, enum dbg_launch_kind kind)
{
	struct wish *wish = p->launch ? &p->launch->wishes[kind] : NULL;
	char name[256];
	if (!wish || !wish->on)
		return false;
	if (!wish->pattern)
		return true;
	if (!w->has_packet)
		return false;
	if (wish->asked_sweep != p->sweep || wish->asked_object != w->packet.kernel_object) {
		wish->asked_sweep = p->sweep;
		wish->asked_object = w->packet.kernel_object;
		wish->answer = launch_kernel_name(p, w, name, sizeof name) && regexec(&wish->regex, name, 0, NULL, 0) == 0;
	}
	return wish->answer;
}

/* ------------------------------------------------------------------ wishes */

static bool is_on(const struct dbg_process *p, enum dbg_launch_kind kind)
{
	return p->launch && p->launch->wishes[kind].on;
}

uint32_t launch_mode(const struct dbg_process *p)
{
	return is_on(p, DBG_LAUNCH_STEP) ? MODE_STEP : MODE_NORMAL;
}

static uint32_t override_of(enum dbg_launch_kind kind)
{
	return kind == DBG_LAUNCH_STOP ? OVERRIDE_START : OVERRIDE_END;
}

/* Tells the kernel about one kind. */
static int put(struct dbg_process *p, enum dbg_launch_kind kind, bool on, struct dbg_error *err)
{
	if (!p->runtime.usable)
		return 0;
	if (kind == DBG_LAUNCH_STEP)
		return p->halt_new ? 0 : kif_launch_mode(p->kif, on ? MODE_STEP : MODE_NORMAL, err);
	uint32_t bit = override_of(kind), enable = on ? bit : 0, request = bit;
	struct dbg_error why;
	if (kif_launch_override(p->kif, OVERRIDE_OR, &enable, &request, &why) == 0)
		return 0;
	return dbg_fail(err, why.class == DBG_GONE ? DBG_GONE : DBG_UNSUPPORTED, "not every GPU of the process can stop waves at their %s: %s",
		kind == DBG_LAUNCH_STOP ? "launch" : "end", why.text);
}

static void clear(struct wish *wish)
{
	if (wish->pattern)
		regfree(&wish->regex);
	free(wish->pattern);
	*wish = (struct wish){ .on = false };
}

static int make(struct wish *wish, bool once, const char *pattern, struct dbg_error *err)
{
	*wish = (struct wish){ .on = true, .once = once };
	if (!pattern)
		return 0;
	int code = regcomp(&wish->regex, pattern, REG_EXTENDED | REG_NOSUB);
	if (code) {
		char text[128];
		regerror(code, &wish->regex, text, sizeof text);
		return dbg_fail(err, DBG_BAD_REQUEST, "\"%.80s\" is not a regular expression: %s", pattern, text);
	}
	wish->pattern = strdup(pattern);
	if (wish->pattern)
		return 0;
	regfree(&wish->regex);
	return dbg_fail(err, DBG_INTERNAL, "out of memory for a pattern");
}

int launch_set(struct dbg_process *p, enum dbg_launch_kind kind, bool on, bool once, const char *pattern, struct dbg_error *err)
{
	struct wish wish = { .on = false };
	if (!p->launch && !on)
		return 0;
	if (!p->launch)
		p->launch = calloc(1, sizeof *p->launch);
	if (!p->launch)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for launch control");
	int status = on ? make(&wish, once, pattern, err) : 0;
	if (status < 0)
		return status;
	if (on != p->launch->wishes[kind].on)
		status = put(p, kind, on, err);
	if (status < 0) {
		clear(&wish);
		return status;
	}
	clear(&p->launch->wishes[kind]);
	p->launch->wishes[kind] = wish;
	return 0;
}

bool launch_get(const struct dbg_process *p, enum dbg_launch_kind kind, bool *once, const char **pattern)
{
	if (!is_on(p, kind))
		return false;
	*once = p->launch->wishes[kind].once;
	*pattern = p->launch->wishes[kind].pattern;
	return true;
}

void launch_runtime_up(struct dbg_process *p)
{
	struct dbg_error err;
	for (int kind = 0; kind < DBG_LAUNCH_KINDS; kind++)
		if (is_on(p, (enum dbg_launch_kind)kind) && put(p, (enum dbg_launch_kind)kind, true, &err) < 0)
			dbg_trouble(p, "launch control: %s", err.text);
}

void launch_apply(struct dbg_process *p)
{
	for (struct dbg_wave *w = p->waves; p->launch && w; w = w->hh.next) {
		bool trap = is_on(p, DBG_LAUNCH_END) && !w->at_end;
		if (w->queue->suspended && gfx_wave_traps_at_end(&w->g) != trap) {
			gfx_wave_set_trap_at_end(&w->g, trap);
			wave_touch_state(w);
		}
	}
}

void launch_forget(struct dbg_process *p)
{
	for (int kind = 0; p->launch && kind < DBG_LAUNCH_KINDS; kind++)
		clear(&p->launch->wishes[kind]);
	launch_apply(p);
	free(p->launch);
	p->launch = NULL;
}

/* ------------------------------------------------------------------ stops */

/* Stopped at its begin or end: told when its kernel is meant. */
static void judge_border(struct dbg_process *p, struct dbg_wave *w, enum dbg_launch_kind kind, enum dbg_launched what)
{
	if (meant(p, w, kind))
		w->launched = (uint8_t)what;
	else
		w->reasons &= ~(unsigned)GFX_STOP_TRAP;
}

void launch_judge(struct dbg_process *p, struct dbg_wave *w)
{
	bool begins = gfx_wave_at_begin(&w->g), ends = gfx_wave_at_end(&w->g);
	bool border = w->reasons & GFX_STOP_TRAP && gfx_wave_trap_id(&w->g) == 0;
	w->launched = DBG_LAUNCHED_NOT;
	if (border && ends)
		judge_border(p, w, DBG_LAUNCH_END, DBG_LAUNCHED_END);
	else if (border && begins)
		judge_border(p, w, DBG_LAUNCH_STOP, DBG_LAUNCHED_BEGIN);
	else if (w->reasons == GFX_STOP_SINGLE_STEP && (w->launch_step || !w->stepping) && meant(p, w, DBG_LAUNCH_STEP))
		w->launched = DBG_LAUNCHED_STEP;
	w->at_end |= border && ends;
	w->launch_step = false;
}

bool launch_adopt(struct dbg_process *p, struct dbg_wave *w)
{
	w->launch_step = meant(p, w, DBG_LAUNCH_STEP);
	if (!meant(p, w, DBG_LAUNCH_STOP))
		return false;
	w->reasons = GFX_STOP_TRAP;
	w->launched = DBG_LAUNCHED_BEGIN;
	return true;
}

void launch_told(struct dbg_process *p, const struct dbg_wave *w)
{
	static const struct {
		enum dbg_launch_kind kind;
		const char *words;
	} rows[] = {
		[DBG_LAUNCHED_BEGIN] = { DBG_LAUNCH_STOP, "is launched: its first instruction comes next" },
		[DBG_LAUNCHED_STEP] = { DBG_LAUNCH_STEP, "is launched: its first instruction is done" },
		[DBG_LAUNCHED_END] = { DBG_LAUNCH_END, "ends" },
	};
	char name[128], kernel[256];
	struct dbg_error err;
	if (w->launched == DBG_LAUNCHED_NOT)
		return;
	wave_name(w, name, sizeof name);
	launch_kernel_name(p, w, kernel, sizeof kernel);
	dbg_note(p, "%s of kernel %s %s", name, kernel, rows[w->launched].words);
	for (struct dbg_wave *other = p->waves; other && !p->nonstop; other = other->hh.next)
		if (other != w && other->pending && other->launched == w->launched && other->dispatch == w->dispatch)
			other->pending = false;
	struct wish *wish = p->launch ? &p->launch->wishes[rows[w->launched].kind] : NULL;
	if (wish && wish->on && wish->once && launch_set(p, rows[w->launched].kind, false, false, NULL, &err) < 0)
		dbg_trouble(p, "launch control: %s", err.text);
}
