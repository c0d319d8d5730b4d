/* `monitor` commands that change how waves run. */
#include <inttypes.h>
#include <string.h>

#include "src/base/json.h"
#include "src/control/launch.h"
#include "src/control/precise.h"
#include "src/control/watch.h"
#include "src/model/wave.h"
#include "src/monitor/monitor.h"

/* ------------------------------------------------------------------ precise memory and ALU */

static const char *precise_state(const struct dbg_process *p, uint32_t flag)
{
	if (p->flags & flag)
		return "on";
	return p->flags_wanted & flag ? "on when the GPU runtime comes" : "off";
}

static int precise(const struct monitor_call *c, uint32_t flag, const char *what)
{
	struct dbg_process *p;
	struct dbg_error why;
	int status = target_process(c->d, 0, &p, c->err);
	if (status < 0)
		return status;
	bool on = strcmp(c->args, "on") == 0;
	if (*c->args && !on && strcmp(c->args, "off") != 0)
		return rsp_fail(c->err, RSP_BAD_REQUEST, "%s on, %s off, or %s alone to see which", what, what, what);
	if (*c->args && precise_set(p, flag, on, &why) < 0)
		return target_error(c->err, &why);
	rsp_buf_printf(c->out, "%s: %s\n", what, precise_state(p, flag));
	return 0;
}

int monitor_precise_memory(const struct monitor_call *c)
{
	return precise(c, KIF_FLAG_PRECISE_MEMORY, "precise-memory");
}

int monitor_precise_alu(const struct monitor_call *c)
{
	return precise(c, KIF_FLAG_PRECISE_ALU, "precise-alu");
}

/* ------------------------------------------------------------------ launch control */

static const struct {
	const char *name, *what;
} launch_kinds[DBG_LAUNCH_KINDS] = {
	[DBG_LAUNCH_STOP] = { "stop", "new waves stop at their first instruction" },
	[DBG_LAUNCH_STEP] = { "step", "new waves stop behind their first instruction" },
	[DBG_LAUNCH_END] = { "end", "waves stop at their end" },
};

/* Takes one word off; answers its length, 0 at the end. */
static size_t word(const char **at, const char **text)
{
	*at += strspn(*at, " \t\n");
	*text = *at;
	size_t n = strcspn(*at, " \t\n");
	*at += n;
	return n;
}

static bool is(const char *text, size_t n, const char *name)
{
	return strlen(name) == n && memcmp(text, name, n) == 0;
}

static int launch_kind(const char *text, size_t n)
{
	for (int k = 0; k < DBG_LAUNCH_KINDS; k++)
		if (is(text, n, launch_kinds[k].name))
			return k;
	return -1;
}

static int show_launch(const struct monitor_call *c, const struct dbg_process *p)
{
	bool any = false;
	for (int k = 0; k < DBG_LAUNCH_KINDS; k++) {
		const char *pattern;
		bool once;
		if (!launch_get(p, (enum dbg_launch_kind)k, &once, &pattern))
			continue;
		any = true;
		rsp_buf_printf(c->out, "launch %s: %s", launch_kinds[k].name, launch_kinds[k].what);
		if (pattern)
			rsp_buf_printf(c->out, ", of kernels that match \"%s\"", pattern);
		rsp_buf_puts(c->out, once ? ", once\n" : "\n");
	}
	if (!any)
		rsp_buf_puts(c->out, "launch: waves come and go freely\n");
	return 0;
}

static int launch_off(const struct monitor_call *c, struct dbg_process *p, const char *at)
{
	const char *text;
	struct dbg_error why;
	size_t n = word(&at, &text);
	int only = n ? launch_kind(text, n) : -1;
	if (n && (only < 0 || *at))
		return rsp_fail(c->err, RSP_BAD_REQUEST, "launch off [stop|step|end]");
	for (int k = 0; k < DBG_LAUNCH_KINDS; k++)
		if ((only < 0 || only == k) && launch_set(p, (enum dbg_launch_kind)k, false, false, NULL, &why) < 0)
			return target_error(c->err, &why);
	return show_launch(c, p);
}

int monitor_launch(const struct monitor_call *c)
{
	struct dbg_process *p;
	struct dbg_error why;
	const char *at = c->args, *text;
	int status = target_process(c->d, 0, &p, c->err);
	if (status < 0)
		return status;
	size_t n = word(&at, &text);
	if (!n)
		return show_launch(c, p);
	if (is(text, n, "off"))
		return launch_off(c, p, at);
	int kind = launch_kind(text, n);
	if (kind < 0)
		return rsp_fail(c->err, RSP_BAD_REQUEST, "launch [stop|step|end [once] [REGEX]], or launch off [stop|step|end]");
	const char *rest = at;
	n = word(&rest, &text);
	bool once = is(text, n, "once");
	if (once)
		at = rest;
	at += strspn(at, " \t\n");
	char pattern[256];
	if (strlen(at) >= sizeof pattern)
		return rsp_fail(c->err, RSP_BAD_REQUEST, "the pattern is too long");
	strcpy(pattern, at);
	for (size_t end = strlen(pattern); end && strchr(" \t\n", pattern[end - 1]); end--)
		pattern[end - 1] = 0;
	if (launch_set(p, (enum dbg_launch_kind)kind, true, once, *pattern ? pattern : NULL, &why) < 0)
		return target_error(c->err, &why);
	return show_launch(c, p);
}

/* ------------------------------------------------------------------ watchpoints */

static json_t *registers_array(const struct dbg_watch *w)
{
	json_t *array = json_array();
	for (size_t i = 0; i < w->n_registers; i++)
		for (size_t k = 0; k < w->registers[i]->n_gpus; k++)
			json_array_append_new(array, json_pack("{s:I, s:i, s:o, s:o}", "gpu_id", (json_int_t)w->registers[i]->ids[k].gpu_id, "id",
				(int)w->registers[i]->ids[k].id, "address", dbg_json_hex(w->registers[i]->range.address),
				"bytes", dbg_json_hex(w->registers[i]->range.size)));
	return array;
}

static json_t *watch_object(const struct dbg_watch *w)
{
	return json_pack("{s:i, s:s, s:o, s:o, s:I, s:b, s:o}", "number", (int)w->number, "kind", watch_kind_name(w->kind), "address",
		dbg_json_hex(w->addr), "bytes", dbg_json_hex(w->bytes), "wave", (json_int_t)w->wave, "in_force", w->n_registers != 0,
		"registers", registers_array(w));
}

static void print_watch(struct rsp_buf *out, const struct dbg_watch *w)
{
	rsp_buf_printf(out, "%u  %s  0x%" PRIx64 "  %" PRIu64 " bytes", w->number, watch_kind_name(w->kind), w->addr, w->bytes);
	if (w->wave)
		rsp_buf_printf(out, "  private memory of wave %" PRIu64 ", lane %u", w->wave, w->lane);
	if (!w->n_registers)
		rsp_buf_puts(out, "  waits for the GPU runtime");
	for (size_t i = 0; i < w->n_registers; i++)
		rsp_buf_printf(out, "  register for 0x%" PRIx64 "..0x%" PRIx64, w->registers[i]->range.address,
			w->registers[i]->range.address + (w->registers[i]->range.size - 1));
	rsp_buf_puts(out, "\n");
}

static void print_use(const struct monitor_call *c, const struct dbg_process *p)
{
	unsigned used = 0;
	for (const struct dbg_watch_register *r = p->watch_registers; r; r = r->next)
		used++;
	rsp_buf_printf(c->out, "%u of %u watch registers of a GPU in use; precise-memory: %s\n", used, watch_limit(p),
		precise_state(p, KIF_FLAG_PRECISE_MEMORY));
	rsp_buf_puts(c->out, "not seen: LDS, scalar loads, accesses of the CPU and of copy engines\n");
	if (*watch_last_refusal(p))
		rsp_buf_printf(c->out, "refused: %s\n", watch_last_refusal(p));
}

int monitor_watchpoints(const struct monitor_call *c)
{
	struct dbg_process *p;
	int status = target_process(c->d, 0, &p, c->err);
	if (status < 0)
		return status;
	json_t *array = c->json ? json_array() : NULL;
	for (const struct dbg_watch *w = p->watches; w; w = w->next) {
		if (c->json)
			json_array_append_new(array, watch_object(w));
		else
			print_watch(c->out, w);
	}
	if (c->json)
		return monitor_print_json(c, array);
	print_use(c, p);
	return 0;
}
