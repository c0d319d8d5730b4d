/* `monitor` commands about one wave or one dispatch. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/json.h"
#include "src/control/launch.h"
#include "src/control/wave_kill.h"
#include "src/model/memory.h"
#include "src/model/wave.h"
#include "src/monitor/monitor.h"

enum { SIGNAL_VALUE = 8 }; /* of amd_signal_t: what waiters look at, rocr-on-a-simulator 2 */

/* A number and what follows it. */
static bool number(const char **at, uint64_t *out)
{
	char *end;
	if (!isdigit((unsigned char)**at))
		return false;
	*out = strtoull(*at, &end, 0);
	if (*end && !strchr(" \t\n,", *end))
		return false;
	*at = end + strspn(end, " \t\n,");
	return true;
}

/* ------------------------------------------------------------------ wave kill */

static int kill_one(const struct monitor_call *c, struct dbg_process *p, struct dbg_wave *w)
{
	struct dbg_error why;
	char name[128];
	if (wave_kill(p, w, &why) < 0)
		return target_error(c->err, &why);
	wave_name(w, name, sizeof name);
	rsp_buf_printf(c->out, "%s ends when waves run next\n", name);
	return 0;
}

static int kill_all(const struct monitor_call *c, struct dbg_process *p)
{
	int status = 0;
	for (struct dbg_wave *w = p->waves; w && status == 0; w = w->hh.next)
		status = kill_one(c, p, w);
	if (status == 0 && !c->out->len)
		rsp_buf_puts(c->out, "no waves\n");
	return status;
}

int monitor_wave(const struct monitor_call *c)
{
	static const char usage[] = "wave kill WAVE..., or wave kill all; WAVE is the last part of a wave's number";
	struct dbg_process *p;
	const char *at = c->args;
	uint64_t id;
	int status = monitor_stopped(c, &p);
	if (status < 0)
		return status;
	if (strncmp(at, "kill", 4) != 0 || (at[4] && !strchr(" \t\n", at[4])))
		return rsp_fail(c->err, RSP_BAD_REQUEST, usage);
	at += 4 + strspn(at + 4, " \t\n");
	if (strncmp(at, "all", 3) == 0 && !at[3 + strspn(at + 3, " \t\n")])
		return kill_all(c, p);
	if (!*at)
		return rsp_fail(c->err, RSP_BAD_REQUEST, usage);
	while (*at && status == 0) {
		if (!number(&at, &id))
			return rsp_fail(c->err, RSP_BAD_REQUEST, usage);
		struct dbg_wave *w = id <= INT64_MAX - DBG_WAVE_TID ? wave_by_tid(p, DBG_WAVE_TID + (int64_t)id) : NULL;
		status = w ? kill_one(c, p, w) : rsp_fail(c->err, RSP_GONE, "no wave %" PRIu64, id);
	}
	return status;
}

/* ------------------------------------------------------------------ dispatch */

struct dispatch {
	const struct dbg_wave *wave; /* one of it */
	size_t waves;
	char kernel[256];
	bool has_signal;
	int64_t signal;
};

/* With how many waves it is there; false when it is not. */
static bool find_dispatch(struct dbg_process *p, uint64_t number, struct dispatch *out)
{
	*out = (struct dispatch){ .wave = NULL };
	for (const struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->dispatch && w->dispatch == number) {
			out->waves++;
			if (!out->wave || w->id < out->wave->id)
				out->wave = w;
		}
	if (!out->wave)
		return false;
	const struct dbg_wave *w = out->wave;
	launch_kernel_name(p, w, out->kernel, sizeof out->kernel);
	out->has_signal = w->has_packet && w->packet.completion_signal &&
		memory_get(p, w->packet.completion_signal + SIGNAL_VALUE, &out->signal, sizeof out->signal, NULL) == 0;
	return true;
}

static uint64_t groups(const struct gfx_dispatch_packet *k)
{
	uint64_t n = 1;
	for (int d = 0; d < 3; d++)
		n *= k->group_size[d] ? ((uint64_t)k->grid_size[d] + k->group_size[d] - 1) / k->group_size[d] : 1;
	return n;
}

static int dispatch_json(const struct monitor_call *c, const struct dispatch *d)
{
	const struct dbg_wave *w = d->wave;
	const struct gfx_dispatch_packet *k = &w->packet;
	json_t *o = json_pack("{s:i, s:i, s:i, s:o, s:I}", "number", (int)w->dispatch, "agent", (int)w->queue->agent->number, "queue", (int)w->queue->number,
		"kernel", dbg_json_text(d->kernel), "waves", (json_int_t)d->waves);
	if (o && w->has_packet)
		json_object_update_new(o, json_pack("{s:[III], s:[III], s:I, s:o, s:o, s:o, s:o, s:I, s:I}", "grid", (json_int_t)k->grid_size[0],
			(json_int_t)k->grid_size[1], (json_int_t)k->grid_size[2], "group", (json_int_t)k->group_size[0], (json_int_t)k->group_size[1],
			(json_int_t)k->group_size[2], "groups", (json_int_t)groups(k),
			"kernel_object", dbg_json_hex(k->kernel_object), "kernarg", dbg_json_hex(k->kernarg),
			"completion_signal", dbg_json_hex(k->completion_signal), "completion_value", d->has_signal ? json_integer(d->signal) : json_null(),
			"private_bytes", (json_int_t)k->private_bytes, "group_bytes", (json_int_t)k->group_bytes));
	return monitor_print_json(c, o);
}

static void dispatch_text(struct rsp_buf *out, const struct dispatch *d)
{
	const struct dbg_wave *w = d->wave;
	const struct gfx_dispatch_packet *k = &w->packet;
	rsp_buf_printf(out, "dispatch %u:%u:%u  kernel %s\n", w->queue->agent->number, w->queue->number, w->dispatch, d->kernel);
	rsp_buf_printf(out, "  waves              %zu\n", d->waves);
	if (!w->has_packet) {
		rsp_buf_puts(out, "  its packet cannot be read\n");
		return;
	}
	rsp_buf_printf(out, "  grid               %u,%u,%u work-items\n", k->grid_size[0], k->grid_size[1], k->grid_size[2]);
	rsp_buf_printf(out, "  work-group         %u,%u,%u work-items, %" PRIu64 " groups\n", k->group_size[0], k->group_size[1], k->group_size[2],
		groups(k));
	rsp_buf_printf(out, "  kernel descriptor  0x%" PRIx64 "\n", k->kernel_object);
	rsp_buf_printf(out, "  kernel arguments   0x%" PRIx64 "\n", k->kernarg);
	rsp_buf_printf(out, "  completion signal  0x%" PRIx64, k->completion_signal);
	if (d->has_signal)
		rsp_buf_printf(out, ", value %" PRId64, d->signal);
	rsp_buf_printf(out, "\n  private memory     %u bytes of a work-item\n", k->private_bytes);
	rsp_buf_printf(out, "  LDS                %u bytes of a work-group\n", k->group_bytes);
}

int monitor_dispatch(const struct monitor_call *c)
{
	struct dbg_process *p;
	struct dispatch d;
	const char *at = c->args;
	uint64_t id;
	int status = monitor_stopped(c, &p);
	if (status < 0)
		return status;
	if (!number(&at, &id) || *at)
		return rsp_fail(c->err, RSP_BAD_REQUEST, "dispatch NUMBER: the last part of what `monitor dispatches` lists");
	if (!find_dispatch(p, id, &d))
		return rsp_fail(c->err, RSP_GONE, "no dispatch %" PRIu64 " with waves", id);
	if (c->json)
		return dispatch_json(c, &d);
	dispatch_text(c->out, &d);
	return 0;
}
