/* `monitor` commands: one table. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

#include "src/settle.h"
#include "src/target.h"
#include "src/wave.h"

struct command {
	const char *name, *text;
	int (*run)(struct dbg_target *d, struct rsp_buf *out, struct rsp_error *err);
};

static int help(struct dbg_target *d, struct rsp_buf *out, struct rsp_error *err);

static int end_session(struct dbg_target *d, struct rsp_buf *out, struct rsp_error *err)
{
	(void)out;
	if (!d->session)
		return rsp_fail(err, RSP_INTERNAL, "there is no session to end");
	rsp_session_end(d->session, RSP_ENDED_EXIT);
	return 0;
}

static int version(struct dbg_target *d, struct rsp_buf *out, struct rsp_error *err)
{
	(void)d;
	(void)err;
	rsp_buf_puts(out, PACKAGE_STRING "\n");
	return 0;
}

static int agents(struct dbg_target *d, struct rsp_buf *out, struct rsp_error *err)
{
	struct dbg_process *p;
	int status = target_process(d, 0, &p, err);
	for (size_t i = 0; status == 0 && i < p->n_agents; i++) {
		const struct kif_agent *a = &p->agents[i].info;
		rsp_buf_printf(out, "%u  %s  gpu 0x%x  %s  %u SIMDs  %u XCC  location 0x%x%s\n", p->agents[i].number, a->name, a->gpu_id,
			p->agents[i].family ? p->agents[i].family->name : "unknown family", a->simd_count, a->num_xcc ? a->num_xcc : 1,
			a->location_id, p->runtime.usable ? "" : "  (runtime not enabled)");
	}
	return status;
}

static int queues(struct dbg_target *d, struct rsp_buf *out, struct rsp_error *err)
{
	static const char *const types[] = { "PM4", "SDMA", "AQL", "SDMA-XGMI" };
	struct dbg_process *p;
	int status = target_process(d, 0, &p, err);
	for (const struct dbg_queue *q = status == 0 ? p->queues : NULL; q; q = q->next) {
		size_t waves = 0;
		for (const struct dbg_wave *w = p->waves; w; w = w->hh.next)
			waves += w->queue == q;
		rsp_buf_printf(out, "%u:%u  id %u  %s  ring 0x%" PRIx64 "+0x%x  packets %" PRIu64 " to %" PRIu64 "  %zu waves  %s\n",
			q->agent ? q->agent->number : 0, q->number, q->info.id, q->info.type < 4 ? types[q->info.type] : "?", q->info.ring_base,
			q->info.ring_bytes, q->read_id, q->write_id, waves, q->suspended ? "suspended" : "running");
	}
	return status;
}

static int waves(struct dbg_target *d, struct rsp_buf *out, struct rsp_error *err)
{
	struct dbg_process *p;
	struct dbg_wave **list;
	struct dbg_error why;
	size_t n;
	int status = target_process(d, 0, &p, err);
	if (status < 0)
		return status;
	if (p->running)
		return rsp_fail(err, RSP_REFUSED, "the waves are running");
	if (settle_now(p, &why) < 0)
		return target_error(err, &why);
	if (wave_list(p, &list, &n, &why) < 0)
		return target_error(err, &why);
	for (size_t i = 0; i < n; i++) {
		char name[128], state[256];
		wave_name(list[i], name, sizeof name);
		wave_describe(list[i], state, sizeof state);
		rsp_buf_printf(out, "%s  pc 0x%" PRIx64 "  exec 0x%" PRIx64 "  %s\n", name, gfx_wave_pc(&list[i]->g), gfx_wave_exec(&list[i]->g), state);
	}
	free(list);
	return 0;
}

static const struct command commands[] = {
	{ "agents", "GPUs of the process", agents },
	{ "exit", "end wavestub", end_session },
	{ "help", "this list", help },
	{ "queues", "queues, their packets and their waves", queues },
	{ "version", "version of wavestub", version },
	{ "waves", "every wave with its PC, EXEC and state", waves },
};

static int help(struct dbg_target *d, struct rsp_buf *out, struct rsp_error *err)
{
	(void)d;
	(void)err;
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		rsp_buf_printf(out, "%-8s  %s\n", commands[i].name, commands[i].text);
	return 0;
}

int target_monitor(void *t, const char *command, struct rsp_buf *out, struct rsp_error *err)
{
	command += strspn(command, " \t");
	size_t n = strcspn(command, " \t\n");
	if (!n)
		return help(t, out, err);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strlen(commands[i].name) == n && memcmp(commands[i].name, command, n) == 0)
			return commands[i].run(t, out, err);
	return rsp_fail(err, RSP_BAD_REQUEST, "unknown monitor command \"%.40s\"; \"monitor help\" lists them", command);
}
