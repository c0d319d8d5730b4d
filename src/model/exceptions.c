#include "src/model/exceptions.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "src/base/log.h"
#include "src/model/queue.h"
#include "src/model/runtime.h"

#define NO_ID UINT32_MAX

static const struct exception table[] = {
	{ 1, EXCEPTION_OF_WAVE, "queue_wave_abort", "a wave aborted" },
	{ 2, EXCEPTION_OF_WAVE, "queue_wave_trap", "a wave trapped" },
	{ 3, EXCEPTION_OF_WAVE, "queue_wave_math_error", "an arithmetic exception of a wave" },
	{ 4, EXCEPTION_OF_WAVE, "queue_wave_illegal_instruction", "an illegal instruction of a wave" },
	{ 5, EXCEPTION_OF_WAVE, "queue_wave_memory_violation", "a memory violation of a wave" },
	{ 6, EXCEPTION_OF_WAVE, "queue_wave_aperture_violation", "an address error of a wave" },
	{ 16, EXCEPTION_OF_PACKET, "queue_packet_dispatch_dim_invalid", "a dispatch packet with an invalid number of dimensions" },
	{ 17, EXCEPTION_OF_PACKET, "queue_packet_dispatch_group_segment_size_invalid", "a dispatch packet that asks for more LDS than there is" },
	{ 18, EXCEPTION_OF_PACKET, "queue_packet_dispatch_code_invalid", "a dispatch packet with an invalid kernel object" },
	{ 19, EXCEPTION_OF_PACKET, "queue_packet_reserved", "a packet with reserved bits set" },
	{ 20, EXCEPTION_OF_PACKET, "queue_packet_unsupported", "a packet of an unsupported type" },
	{ 21, EXCEPTION_OF_PACKET, "queue_packet_dispatch_work_group_size_invalid", "a dispatch packet with an invalid work-group size" },
	{ 22, EXCEPTION_OF_PACKET, "queue_packet_dispatch_register_invalid", "a dispatch packet whose kernel asks for more registers than there are" },
	{ 23, EXCEPTION_OF_PACKET, "queue_packet_vendor_unsupported", "a vendor's packet that is not supported" },
	{ 30, EXCEPTION_OF_QUEUE, "queue_preemption_error", "the queue could not be taken off the hardware" },
	{ 31, EXCEPTION_OF_QUEUE, "queue_new", "a new queue" },
	{ 32, EXCEPTION_OF_DEVICE, "device_queue_delete", "a queue was destroyed" },
	{ 33, EXCEPTION_OF_DEVICE, "device_memory_violation", "memory violation" },
	{ 34, EXCEPTION_OF_DEVICE, "device_ras_error", "a hardware error that could not be corrected" },
	{ 35, EXCEPTION_OF_DEVICE, "device_fatal_halt", "the device has halted for good" },
	{ 36, EXCEPTION_OF_DEVICE, "device_new", "a new device" },
	{ 48, EXCEPTION_OF_PROCESS, "process_runtime", "the GPU runtime came or went" },
	{ 49, EXCEPTION_OF_PROCESS, "process_device_remove", "a GPU of the process was removed" },
};
enum { N_EXCEPTIONS = sizeof table / sizeof *table, LAST_CODE = 64 };

const struct exception *exception_by_code(unsigned code)
{
	for (size_t i = 0; i < N_EXCEPTIONS; i++)
		if (table[i].code == code)
			return &table[i];
	return NULL;
}

/* wave-state 4.10. The traps are those that the runtime gets when there is no debugger. */
static const struct {
	unsigned reasons;
	unsigned code;
} wave_reasons[] = {
	{ GFX_STOP_ASSERT_TRAP, KIF_EC_QUEUE_WAVE_ABORT },
	{ GFX_STOP_BREAKPOINT | GFX_STOP_WATCHPOINT | GFX_STOP_SINGLE_STEP | GFX_STOP_DEBUG_TRAP | GFX_STOP_TRAP, KIF_EC_QUEUE_WAVE_TRAP },
	{ GFX_STOP_FP_DENORM | GFX_STOP_FP_DIV0 | GFX_STOP_FP_OVERFLOW | GFX_STOP_FP_UNDERFLOW | GFX_STOP_FP_INEXACT | GFX_STOP_FP_INVALID |
		  GFX_STOP_INT_DIV0, KIF_EC_QUEUE_WAVE_MATH_ERROR },
	{ GFX_STOP_ILLEGAL_INSTRUCTION, KIF_EC_QUEUE_WAVE_ILLEGAL_INSTRUCTION },
	{ GFX_STOP_MEMORY_VIOLATION, KIF_EC_QUEUE_WAVE_MEMORY_VIOLATION },
	{ GFX_STOP_ADDRESS_ERROR, KIF_EC_QUEUE_WAVE_APERTURE_VIOLATION },
};
enum { N_WAVE_REASONS = sizeof wave_reasons / sizeof *wave_reasons };

uint64_t exceptions_of_reasons(unsigned reasons)
{
	uint64_t mask = 0;
	for (size_t i = 0; i < N_WAVE_REASONS; i++)
		if (reasons & wave_reasons[i].reasons)
			mask |= KIF_EC(wave_reasons[i].code);
	return mask;
}

uint64_t exceptions_to_clear(const struct dbg_process *p)
{
	/* The runtime's is cleared by asking for its state, the violation after its record was read, and a new queue must stay one until it is
	 * learned, which needs the runtime. */
	uint64_t keep = KIF_EC(KIF_EC_PROCESS_RUNTIME) | KIF_EC(KIF_EC_DEVICE_MEMORY_VIOLATION);
	return ~(p->runtime.usable ? keep : keep | KIF_EC(KIF_EC_QUEUE_NEW));
}

/* ------------------------------------------------------------------ where memory was refused */

/* kfd_hsa_memory_exception_data, kfd-debug-interface 1.9 */
struct memory_record {
	uint32_t not_present, read_only, no_execute, imprecise;
	uint64_t va;
	uint32_t gpu_id, error_type;
};
_Static_assert(sizeof(struct memory_record) == 32, "kfd-debug-interface 1.9");

static bool fault_from_record(struct dbg_process *p, uint32_t gpu_id, struct dbg_fault *out)
{
	struct memory_record r;
	uint32_t size = sizeof r;
	struct dbg_error err;
	memset(&r, 0, sizeof r);
	/* Not cleared: the runtime is given the record when the exception is handed on. Kernels up to 6.12 at least answer size 0. */
	if (kif_query_info(p->kif, KIF_EC_DEVICE_MEMORY_VIOLATION, gpu_id, false, &r, &size, &err) < 0 || size < sizeof r)
		return false;
	*out = (struct dbg_fault){ .valid = true, .gpu_id = gpu_id, .page = r.va, .not_present = r.not_present, .read_only = r.read_only,
		.no_execute = r.no_execute, .imprecise = r.imprecise };
	return true;
}

static bool fault_from_node(struct dbg_process *p, const struct dbg_agent *a, struct dbg_fault *out)
{
	struct kif_vm_fault raw;
	struct gfx_vm_fault parsed;
	if (!a || kif_vm_fault(p->kif, a->info.drm_render_minor, &raw, NULL) < 0 || !gfx_vm_fault_parse(raw.status, &parsed))
		return false;
	*out = (struct dbg_fault){ .valid = true, .gpu_id = a->info.gpu_id, .page = raw.addr, .not_present = parsed.not_present,
		.read_only = !parsed.not_present && parsed.write && parsed.no_write, .no_execute = !parsed.not_present && parsed.no_execute,
		.access_known = true, .write = parsed.write };
	return true;
}

static bool same_fault(const struct dbg_fault *a, const struct dbg_fault *b)
{
	return a->valid && b->valid && a->gpu_id == b->gpu_id && a->page == b->page && a->not_present == b->not_present &&
		a->read_only == b->read_only && a->access_known == b->access_known && a->write == b->write;
}

static struct dbg_fault read_fault(struct dbg_process *p, uint32_t gpu_id)
{
	struct dbg_fault fault = { .valid = false }, node;
	bool record = fault_from_record(p, gpu_id, &fault);
	if (fault_from_node(p, agent_by_gpu(p, gpu_id), &node)) {
		if (!record)
			fault = node;
		else if (fault.page == node.page) {
			fault.access_known = node.access_known;
			fault.write = node.write;
		}
	}
	return fault;
}

void exceptions_begin(struct dbg_process *p)
{
	for (size_t i = 0; i < p->n_agents; i++) {
		struct dbg_fault old;
		if (fault_from_node(p, &p->agents[i], &old))
			p->agents[i].fault = old;
	}
}

static const char *fault_words(const struct dbg_fault *f, char *buf, size_t n)
{
	const char *access = !f->access_known ? "access" : f->write ? "write" : "read";
	const char *why = "refused";
	if (f->not_present)
		why = "nothing is mapped there";
	else if (f->read_only)
		why = "the page is read-only";
	else if (f->no_execute)
		why = "the page is not for code";
	snprintf(buf, n, "%s of page 0x%" PRIx64 "%s: %s", access, f->page, f->imprecise ? " (or another)" : "", why);
	return buf;
}

/* ------------------------------------------------------------------ telling */

static void hand_on(struct dbg_process *p, uint64_t mask, uint32_t gpu_id, uint32_t queue_id)
{
	struct dbg_error err;
	if (runtime_send(p, mask, gpu_id, queue_id, &err) < 0)
		dbg_trouble(p, "an exception cannot be handed on to the runtime: %s", err.text);
}

static void tell(const struct dbg_process *p, unsigned code, const struct dbg_agent *a, const struct dbg_queue *q, bool forwarded)
{
	const struct dbg_event e = { .kind = DBG_EVENT_EXCEPTION, .code = code, .agent = a, .queue = q, .forwarded = forwarded };
	dbg_tell(p, &e);
}

static void queue_words(const struct kif_event *e, const struct dbg_queue *q, char *buf, size_t n)
{
	if (q)
		snprintf(buf, n, "queue %u of agent %u", q->number, q->agent ? q->agent->number : 0);
	else
		snprintf(buf, n, "the queue with id %u on GPU 0x%x", e->queue_id, e->gpu_id);
}

static void agent_words(const struct dbg_agent *a, uint32_t gpu_id, char *buf, size_t n)
{
	if (a)
		snprintf(buf, n, "agent %u (%s)", a->number, a->info.name);
	else
		snprintf(buf, n, "GPU 0x%x", gpu_id);
}

/* ------------------------------------------------------------------ one of each kind */

typedef void take_fn(struct dbg_process *p, const struct exception *x, const struct kif_event *e, bool *look);

/* The waves are looked at; who has stopped for it explains it. */
static void take_wave(struct dbg_process *p, const struct exception *x, const struct kif_event *e, bool *look)
{
	struct dbg_queue *q = queue_by_id(p, e->queue_id);
	*look = true;
	if (q)
		q->raised |= KIF_EC(x->code);
	else
		tell(p, x->code, agent_by_gpu(p, e->gpu_id), NULL, false);
}

/* Nothing of it can be seen in waves. The runtime puts the queue into error and tells the program. */
static void take_queue(struct dbg_process *p, const struct exception *x, const struct kif_event *e, bool *look)
{
	char where[96];
	const struct dbg_queue *q = queue_by_id(p, e->queue_id);
	(void)look;
	queue_words(e, q, where, sizeof where);
	dbg_say(p, "%s: %s", where, x->text);
	tell(p, x->code, agent_by_gpu(p, e->gpu_id), q, true);
	hand_on(p, KIF_EC(x->code), e->gpu_id, e->queue_id);
}

static void take_new_queue(struct dbg_process *p, const struct exception *x, const struct kif_event *e, bool *look)
{
	struct dbg_error err;
	(void)x;
	if (!p->runtime.usable)
		return;
	/* This query has just cleared the bit: an older queue of this id is gone, and the snapshot will not say so. */
	struct dbg_queue *q = queue_by_id(p, e->queue_id);
	if (q)
		q->info.save_area = 0;
	if (queue_snapshot(p, &err) < 0)
		dbg_trouble(p, "the list of queues: %s", err.text);
	if (!p->running)
		*look = true; /* its waves are to stand still like all others */
}

static unsigned count_queues(const struct dbg_process *p)
{
	unsigned n = 0;
	for (const struct dbg_queue *q = p->queues; q; q = q->next)
		n++;
	return n;
}

static void take_queue_gone(struct dbg_process *p, const struct exception *x, const struct kif_event *e, bool *look)
{
	struct dbg_error err;
	unsigned before = HASH_COUNT(p->waves), queues = count_queues(p);
	if (p->runtime.usable && queue_snapshot(p, &err) < 0)
		dbg_trouble(p, "the list of queues: %s", err.text);
	if (count_queues(p) == queues) /* an earlier snapshot has told of it, or nobody can say which it was */
		tell(p, x->code, agent_by_gpu(p, e->gpu_id), NULL, false);
	*look |= HASH_COUNT(p->waves) < before; /* somebody may be waiting for one of them */
}

static void take_device(struct dbg_process *p, const struct exception *x, const struct kif_event *e, bool *look)
{
	char who[96];
	const struct dbg_agent *a = agent_by_gpu(p, e->gpu_id);
	agent_words(a, e->gpu_id, who, sizeof who);
	dbg_say(p, "%s: %s", who, x->text);
	const struct dbg_event event = { .kind = DBG_EVENT_EXCEPTION, .code = x->code, .agent = a, .gpu_id = e->gpu_id };
	dbg_tell(p, &event);
	*look = true;
}

static void take_violation(struct dbg_process *p, const struct exception *x, const struct kif_event *e, bool *look)
{
	const struct dbg_agent *known = agent_by_gpu(p, e->gpu_id);
	*look = true;
	if (!known) {
		take_device(p, x, e, look);
		hand_on(p, KIF_EC(x->code), e->gpu_id, NO_ID);
		return;
	}
	struct dbg_agent *a = &p->agents[known - p->agents];
	struct dbg_fault now = read_fault(p, e->gpu_id);
	/* The record stays as it is until it is handed on, and the node remembers for ever: the same once more may be the old one. */
	now.sole = now.valid && !same_fault(&now, &a->fault);
	a->fault = now;
	a->violation = a->fault_due = true;
}

static void take_devices_changed(struct dbg_process *p, const struct exception *x, const struct kif_event *e, bool *look)
{
	struct dbg_error err;
	(void)look;
	dbg_say(p, e->gpu_id ? "%s: GPU 0x%x" : "%s", x->text, e->gpu_id);
	const struct dbg_event event = { .kind = DBG_EVENT_EXCEPTION, .code = x->code, .agent = agent_by_gpu(p, e->gpu_id), .gpu_id = e->gpu_id };
	dbg_tell(p, &event);
	if (runtime_read_agents(p, &err) < 0)
		dbg_trouble(p, "the list of GPUs: %s", err.text);
}

static take_fn *taker(const struct exception *x)
{
	switch (x->code) {
	case KIF_EC_QUEUE_NEW: return take_new_queue;
	case KIF_EC_DEVICE_QUEUE_DELETE: return take_queue_gone;
	case KIF_EC_DEVICE_MEMORY_VIOLATION: return take_violation;
	case KIF_EC_DEVICE_NEW:
	case KIF_EC_PROCESS_DEVICE_REMOVE: return take_devices_changed;
	default: break;
	}
	return x->source == EXCEPTION_OF_WAVE ? take_wave : x->source == EXCEPTION_OF_DEVICE ? take_device : take_queue;
}

void exceptions_take(struct dbg_process *p, const struct kif_event *e, bool *look)
{
	for (unsigned code = 1; code <= LAST_CODE; code++) {
		if (!(e->mask & KIF_EC(code)) || code == KIF_EC_PROCESS_RUNTIME)
			continue;
		const struct exception *x = exception_by_code(code);
		if (x) {
			taker(x)(p, x, e, look);
			continue;
		}
		log_warning("the kernel raises an exception with code %u, which is not known", code);
		const struct dbg_event event = { .kind = DBG_EVENT_EXCEPTION, .code = code, .agent = agent_by_gpu(p, e->gpu_id), .gpu_id = e->gpu_id };
		dbg_tell(p, &event);
		*look = true;
	}
	if (e->mask & KIF_EC(KIF_EC_DEVICE_MEMORY_VIOLATION)) {
		/* Its record has been read; only a snapshot clears the bit and leaves the record for the runtime. */
		struct dbg_error err;
		if (runtime_clear_device(p, KIF_EC(KIF_EC_DEVICE_MEMORY_VIOLATION), &err) < 0)
			dbg_trouble(p, "an exception cannot be cleared: %s", err.text);
	}
}

/* ------------------------------------------------------------------ waves */

void exceptions_of_wave(struct dbg_process *p, struct dbg_wave *w)
{
	w->fault.valid = false;
	for (uint64_t rest = exceptions_of_reasons(w->reasons); rest; rest &= rest - 1) {
		const struct dbg_event e = { .kind = DBG_EVENT_EXCEPTION, .code = (unsigned)__builtin_ctzll(rest) + 1, .agent = w->queue->agent,
			.queue = w->queue, .wave = w };
		dbg_tell(p, &e);
	}
}

/* Waves that stand for a memory violation on the GPU; *only: one of them. */
static unsigned violators(struct dbg_process *p, uint32_t gpu_id, struct dbg_wave **only)
{
	unsigned n = 0;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->stopped && (w->to_clear & GFX_STOP_MEMORY_VIOLATION) && w->queue->info.gpu_id == gpu_id) {
			n++;
			*only = w;
		}
	return n;
}

/* A violation goes to the runtime with the wave's own, when that is resumed with the signal; one that no wave owns up to goes at once
 * (kfd-debug-interface 11.1, wave-state 4.10). */
static void settle_violation(struct dbg_process *p, struct dbg_agent *a)
{
	char who[96], where[128];
	struct dbg_wave *w = NULL;
	a->fault_due = false;
	unsigned n = violators(p, a->info.gpu_id, &w);
	agent_words(a, a->info.gpu_id, who, sizeof who);
	a->fault.sole &= n == 1;
	if (a->fault.valid)
		dbg_say(p, "%s: memory violation, %s", who, fault_words(&a->fault, where, sizeof where));
	else if (!n)
		dbg_say(p, "%s: memory violation that no stopped wave explains", who);
	if (a->fault.sole)
		w->fault = a->fault;
	const struct dbg_event e = { .kind = DBG_EVENT_EXCEPTION, .code = KIF_EC_DEVICE_MEMORY_VIOLATION, .agent = a,
		.fault = a->fault.valid ? &a->fault : NULL, .wave = a->fault.sole ? w : NULL, .forwarded = !n };
	dbg_tell(p, &e);
	if (n)
		return;
	a->violation = false;
	hand_on(p, KIF_EC(KIF_EC_DEVICE_MEMORY_VIOLATION), a->info.gpu_id, NO_ID);
}

static uint64_t explained(const struct dbg_process *p, const struct dbg_queue *q)
{
	uint64_t mask = 0;
	for (const struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->queue == q && w->stopped)
			mask |= exceptions_of_reasons(w->to_clear);
	return mask;
}

void exceptions_settle(struct dbg_process *p)
{
	for (size_t i = 0; i < p->n_agents; i++)
		if (p->agents[i].fault_due)
			settle_violation(p, &p->agents[i]);
	for (struct dbg_queue *q = p->queues; q; q = q->next) {
		if (!q->raised || !q->suspended)
			continue;
		uint64_t left = q->raised & ~explained(p, q);
		q->raised = 0;
		for (; left; left &= left - 1) {
			unsigned code = (unsigned)__builtin_ctzll(left) + 1;
			/* A wave may have been seen, told and let go before its interrupt came through; of a trap nobody need hear twice. */
			if (code != KIF_EC_QUEUE_WAVE_TRAP)
				log_warning("queue %u: %s, which none of its waves shows any more", q->number, exception_by_code(code)->text);
			tell(p, code, q->agent, q, false);
		}
	}
}
