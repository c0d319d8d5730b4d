#include "src/model/runtime.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/log.h"
#include "src/control/launch.h"
#include "src/control/precise.h"
#include "src/control/watch.h"
#include "src/model/breakpoint.h"
#include "src/model/codeobj.h"
#include "src/model/exceptions.h"
#include "src/model/memory.h"
#include "src/model/process.h"
#include "src/model/queue.h"
#include "src/model/wave.h"

enum {
	STATE_DISABLED = 0, STATE_ENABLED = 1,
	R_VERSION_LEAST = 8, /* wave-state 9.1 */
	R_VERSION_SURE = 12, /* the last one the reference describes */
	R_BRK = 16, R_BYTES = 40,
	MAX_EVENTS = 4096, /* of one pump: a source that never runs dry must not hold the stub */
};

#define EVENTS_RUNTIME KIF_EC(KIF_EC_PROCESS_RUNTIME)
#define NO_ID UINT32_MAX

static struct dbg_agent *listed(struct dbg_agent *agents, size_t n, uint32_t gpu_id)
{
	for (size_t i = 0; i < n; i++)
		if (agents[i].info.gpu_id == gpu_id)
			return &agents[i];
	return NULL;
}

static void learn_agent(struct dbg_agent *a, const struct kif_agent *info, unsigned number)
{
	*a = (struct dbg_agent){ .info = *info, .number = number, .family = gfx_family_by_version(info->gfx_target_version) };
	if (!a->family)
		log_warning("agent %u (GPU 0x%x, gfx version %u) is of a family that is not known: its waves are not shown", number, info->gpu_id,
			info->gfx_target_version);
}

/* Agents keep their numbers, and those that are gone their places: queues and people refer to them. */
int runtime_read_agents(struct dbg_process *p, struct dbg_error *err)
{
	struct kif_agent *list;
	size_t n, count = p->n_agents;
	int status = kif_agents(p->kif, 0, &list, &n, err);
	if (status < 0)
		return status;
	struct dbg_agent *agents = realloc(p->agents, (count + n ? count + n : 1) * sizeof *agents);
	if (!agents) {
		free(list);
		return dbg_fail(err, DBG_INTERNAL, "out of memory for %zu agents", n);
	}
	for (size_t i = 0; i < count; i++)
		agents[i].gone = true;
	for (size_t i = 0; i < n; i++) {
		struct dbg_agent *known = listed(agents, p->n_agents, list[i].gpu_id);
		if (known)
			known->gone = false;
		else {
			learn_agent(&agents[count], &list[i], (unsigned)count + 1);
			count++;
		}
	}
	free(list);
	p->agents = agents;
	p->n_agents = count;
	for (struct dbg_queue *q = p->queues; q; q = q->next)
		q->agent = listed(agents, count, q->info.gpu_id);
	return 0;
}

int runtime_clear_device(struct dbg_process *p, uint64_t mask, struct dbg_error *err)
{
	struct kif_agent *list;
	size_t n;
	int status = kif_agents(p->kif, mask, &list, &n, err);
	if (status == 0)
		free(list);
	return status;
}

/* Everything that needs the runtime enabled, in the order of kfd-debug-interface 11.1. */
static int set_up(struct dbg_process *p, struct dbg_error *err)
{
	uint8_t head[R_BYTES];
	uint32_t version, enable, request;
	bool changed;
	int status = memory_get(p, p->runtime.info.r_debug, head, sizeof head, err);
	if (status < 0)
		return status;
	memcpy(&version, head, sizeof version);
	memcpy(&p->runtime.r_brk, head + R_BRK, sizeof p->runtime.r_brk);
	p->runtime.r_version = version;
	if (version < R_VERSION_LEAST || version > 255)
		return dbg_fail(err, DBG_UNSUPPORTED, "the runtime's debug list has version %u; 8 and up are understood", version);
	if (version > R_VERSION_SURE)
		log_warning("the runtime's debug list has version %u, newer than %u: its waves may be misread", version, R_VERSION_SURE);
	status = kif_subscribe(p->kif, EXCEPTIONS_ALL, err);
	if (status < 0)
		return status;
	p->runtime.usable = true;
	status = host_break_insert(p->host, p->runtime.r_brk, err);
	if (status < 0)
		return status;
	status = queue_snapshot(p, err);
	if (status == 0)
		status = kif_launch_mode(p->kif, 0, err);
	enable = request = 0;
	if (status == 0)
		status = kif_launch_override(p->kif, 0, &enable, &request, err);
	enable = 0;
	if (status == 0)
		status = kif_launch_override(p->kif, 0, &enable, &request, err);
	if (status == 0)
		status = codeobj_update(p, &changed, err);
	return status;
}

void runtime_forget(struct dbg_process *p)
{
	p->runtime.usable = false;
	p->runtime.r_brk = 0;
	wave_forget_all(p);
	queue_forget_all(p);
	codeobj_forget_all(p);
	break_forget_gpu(p);
	watch_forget_registers(p);
	precise_runtime_gone(p);
}

static void drop_gpu(struct dbg_process *p)
{
	if (p->runtime.usable && p->runtime.r_brk)
		host_break_remove(p->host, p->runtime.r_brk, NULL);
	runtime_forget(p);
}

/* Set-up that fails leaves a process that can be debugged on the CPU side only. */
static void try_set_up(struct dbg_process *p)
{
	struct dbg_error err;
	if (p->runtime.info.state != STATE_ENABLED) {
		log_warning("GPU debugging is not available: the kernel could not activate it for this process (runtime state %u)",
			p->runtime.info.state);
		return;
	}
	if (set_up(p, &err) == 0) {
		precise_runtime_up(p);
		watch_runtime_up(p);
		launch_runtime_up(p);
		return;
	}
	log_error("GPU debugging is not available: %s", err.text);
	drop_gpu(p);
	kif_subscribe(p->kif, EVENTS_RUNTIME, NULL);
}

int runtime_open(struct dbg_process *p, struct dbg_error *err)
{
	int status = kif_enable(p->kif, EVENTS_RUNTIME, &p->runtime.info, err);
	if (status < 0)
		return status;
	status = runtime_read_agents(p, err);
	if (status < 0) {
		kif_disable(p->kif, NULL);
		return status;
	}
	if (p->runtime.info.state != STATE_DISABLED) {
		p->stale_ids = true;
		dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_RUNTIME, .value = p->runtime.info.state });
		exceptions_begin(p);
		try_set_up(p);
	}
	return 0;
}

int runtime_send(struct dbg_process *p, uint64_t mask, uint32_t gpu_id, uint32_t queue_id, struct dbg_error *err)
{
	enum { TRIES = 6, FIRST_WAIT_US = 1000 };
	for (unsigned i = 1;; i++) {
		int status = kif_send_runtime_event(p->kif, mask, gpu_id, queue_id, err);
		if (status == 0 || status == -DBG_GONE || i == TRIES)
			return status;
		usleep(FIRST_WAIT_US << (i - 1));
	}
}

void runtime_pay(struct dbg_process *p)
{
	struct dbg_error err;
	if (!p->runtime.handshake_owed)
		return;
	p->runtime.handshake_owed = false; /* once: a second credit would let the next handshake pass unseen */
	if (runtime_send(p, EVENTS_RUNTIME, NO_ID, NO_ID, &err) < 0)
		log_error("the runtime waits for an answer that cannot be sent: %s", err.text);
}

/* The runtime came or went; its thread sleeps until it is paid, whatever happens here. */
static void runtime_changed(struct dbg_process *p)
{
	struct kif_runtime_info info;
	struct dbg_error err;
	uint32_t size = sizeof info, before = p->runtime.info.state;
	p->runtime.handshake_owed = true;
	memset(&info, 0, sizeof info);
	if (kif_query_info(p->kif, KIF_EC_PROCESS_RUNTIME, 0, true, &info, &size, &err) < 0) {
		log_error("runtime event: %s", err.text);
	} else if ((info.state == STATE_DISABLED) == (before == STATE_DISABLED)) {
		log_warning("the kernel announces a runtime state %u that was so before", info.state);
		dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_EXCEPTION, .code = KIF_EC_PROCESS_RUNTIME });
	} else {
		p->runtime.info = info;
		dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_RUNTIME, .value = info.state });
		if (info.state == STATE_DISABLED) {
			drop_gpu(p);
			kif_subscribe(p->kif, EVENTS_RUNTIME, NULL);
		} else
			try_set_up(p);
	}
	runtime_pay(p);
}

static void take(struct dbg_process *p, const struct kif_event *e, bool *look)
{
	if (e->mask & EVENTS_RUNTIME)
		runtime_changed(p);
	exceptions_take(p, e, look);
}

int runtime_pump(struct dbg_process *p, bool *look, struct dbg_error *err)
{
	struct kif_event e;
	int status;
	*look = false;
	kif_drain(p->kif);
	for (unsigned i = 0; i < MAX_EVENTS; i++) {
		status = kif_query_event(p->kif, exceptions_to_clear(p), &e, err);
		if (status == -DBG_AGAIN)
			return 0;
		if (status < 0)
			return status;
		take(p, &e, look);
	}
	return dbg_fail(err, DBG_INTERNAL, "the kernel's events do not run dry");
}
