/* Injected faults of the device: exceptions, queues that do not leave the hardware, reset, removal. What a kernel does at each, and what it leaves
 * out, is kfd-debug-interface.md 3.4 and 4. */
#include "sim/driver/inject.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/driver/debug.h"
#include "sim/driver/exceptions.h"
#include "sim/driver/topology.h"
#include "sim/gpu/queue.h"

enum { SMI_PRE_RESET = 3, SMI_POST_RESET = 4, MAX_PID = 1 << 22 };

/* Names of the exceptions (kfd-debug-interface.md 1.7). */
static const struct { unsigned code; const char *name; } exceptions[] = {
	{ 1, "wave-abort" }, { 2, "wave-trap" }, { 3, "wave-math-error" }, { 4, "wave-illegal-instruction" }, { 5, "wave-memory-violation" },
	{ 6, "wave-aperture-violation" }, { 16, "packet-dispatch-dim-invalid" }, { 17, "packet-group-segment-size-invalid" },
	{ 18, "packet-dispatch-code-invalid" }, { 19, "packet-reserved" }, { 20, "packet-unsupported" },
	{ 21, "packet-work-group-size-invalid" }, { 22, "packet-register-invalid" }, { 23, "packet-vendor-unsupported" },
	{ 30, "queue-preemption-error" }, { 31, "queue-new" }, { 32, "device-queue-delete" }, { 33, "device-memory-violation" },
	{ 34, "device-ras-error" }, { 35, "device-fatal-halt" }, { 36, "device-new" }, { 48, "process-runtime" },
	{ 49, "process-device-remove" },
};

static unsigned code_of(const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
		if (!strcmp(exceptions[i].name, text) || (!*end && exceptions[i].code == number))
			return exceptions[i].code;
	return 0;
}

/* ------------------------------------------------------------------ which process, device, queue */

/* pid=N, or the only process that is debugged or has queues. */
static struct sim_process *find_process(struct sim_driver *driver, const struct sim_words *w)
{
	uint64_t pid;
	struct sim_process *found = NULL;
	if (!sim_words_number(w, "pid", 0, MAX_PID, &pid))
		return NULL;
	for (struct sim_process *p = sim_process_first(driver); p; p = p->next) {
		if (pid ? (uint64_t)p->pid != pid : !p->debug.enabled && !p->queues)
			continue;
		if (found) {
			sim_words_bad(w, "several processes use the GPU: say which, by pid=");
			return NULL;
		}
		found = p;
	}
	if (!found && pid)
		sim_words_bad(w, "process %" PRIu64 " does not use the GPU", pid);
	else if (!found)
		sim_words_bad(w, "no process uses the GPU");
	return found;
}

static struct sim_device *find_device(struct sim_driver *driver, const struct sim_words *w)
{
	uint64_t index;
	if (!sim_words_number(w, "gpu", 0, driver->n_devices - 1, &index))
		return NULL;
	return &driver->devices[index];
}

/* queue=N, or the only queue of the process with waves (not of a copy engine); gpu=N narrows the search. */
static struct sim_queue *find_queue(const struct sim_words *w, struct sim_process *process)
{
	const struct sim_device *device = sim_words_value(w, "gpu") ? find_device(process->driver, w) : NULL;
	uint64_t id;
	struct sim_queue *found = NULL;
	if ((sim_words_value(w, "gpu") && !device) || !sim_words_number(w, "queue", UINT32_MAX, UINT32_MAX, &id))
		return NULL;
	for (struct sim_queue *q = process->queues; q; q = q->next_in_process) {
		if (id == UINT32_MAX ? sim_queue_is_sdma(q) : q->id != id)
			continue;
		if (device && q->pdd->device != device)
			continue;
		if (found) {
			sim_words_bad(w, "process %d has several queues: say which, by queue=", (int)process->pid);
			return NULL;
		}
		found = q;
	}
	if (!found)
		sim_words_bad(w, "process %d has no such queue", (int)process->pid);
	return found;
}

/* ------------------------------------------------------------------ exceptions */

static bool raise_device(struct sim_driver *driver, const struct sim_words *w, struct sim_process *process, unsigned code, bool *subscribed)
{
	struct sim_device *device = find_device(driver, w);
	const char *kind = sim_words_value(w, "kind");
	uint64_t addr;
	if (!device || !sim_words_number(w, "addr", 0, UINT64_MAX, &addr))
		return false;
	if (kind && strcmp(kind, "missing") && strcmp(kind, "read-only"))
		return sim_words_bad(w, "kind=%s is neither missing nor read-only", kind);
	struct sim_pdd *pdd = sim_process_pdd(process, device->gpu_id);
	*subscribed = process->debug.enabled && process->debug.enable_mask & SIM_EC_BIT(code);
	if (code == SIM_EC_DEVICE_MEMORY_VIOLATION)
		sim_exception_vm_fault(pdd, addr, kind && *kind == 'r', kind && *kind == 'r');
	else
		sim_exception_raise(process, SIM_EC_BIT(code), pdd, NULL);
	return true;
}

bool sim_inject_raise(struct sim_driver *driver, const struct sim_words *w)
{
	struct sim_process *process = find_process(driver, w);
	unsigned code = code_of(w->plain[1]);
	bool subscribed = false;
	if (!process)
		return false;
	if (!code)
		return sim_words_bad(w, "no exception \"%s\"", w->plain[1]);
	uint64_t bit = SIM_EC_BIT(code);
	if (bit & SIM_EC_DEVICE_CLASS) {
		if (!raise_device(driver, w, process, code, &subscribed))
			return false;
	} else if (bit & SIM_EC_PROCESS_CLASS) {
		subscribed = sim_exception_raise(process, bit, NULL, NULL);
	} else {
		struct sim_queue *q = find_queue(w, process);
		if (!q)
			return false;
		subscribed = sim_exception_queue_interrupt(q->pdd, q, bit);
	}
	fputs(subscribed ? "subscribed\n" : process->debug.enabled ? "not subscribed\n" : "not debugged\n", w->out);
	return true;
}

bool sim_inject_stuck(struct sim_driver *driver, const struct sim_words *w)
{
	struct sim_process *process = find_process(driver, w);
	struct sim_queue *q = process ? find_queue(w, process) : NULL;
	const char *times = sim_words_value(w, "count");
	uint64_t count = UINT32_MAX;
	if (!q || ((!times || strcmp(times, "all")) && !sim_words_number(w, "count", 1, UINT32_MAX - 1, &count)))
		return false;
	q->stuck = (uint32_t)count;
	return true;
}

/* ------------------------------------------------------------------ reset and removal */

/* The scheduler is stopped: every queue leaves the hardware; those of `device` without a chance to save anything. */
static void evict_all(struct sim_driver *driver, const struct sim_device *device, bool others)
{
	for (struct sim_process *p = sim_process_first(driver); p; p = p->next)
		for (struct sim_queue *q = p->queues; q; q = q->next_in_process) {
			bool lost = q->pdd->device == device;
			if (!lost && !others)
				continue;
			q->evicted = true;
			if (lost)
				sim_queue_lose(q);
			else
				sim_queue_update(q);
		}
}

/* kfd_hsa_hw_exception_data: a reset of the whole GPU. */
static void signal_reset(struct sim_driver *driver, const struct sim_device *device, uint32_t cause)
{
	const struct { uint32_t type, cause, memory_lost, gpu_id; } data = { 0, cause, 1, device->gpu_id };
	uint8_t record[16];
	memcpy(record, &data, sizeof(record));
	for (struct sim_process *p = sim_process_first(driver); p; p = p->next)
		sim_event_signal_hw_exception(p, record);
}

bool sim_inject_reset(struct sim_driver *driver, const struct sim_words *w)
{
	struct sim_device *device = find_device(driver, w);
	const char *cause = sim_words_value(w, "cause");
	bool ecc = cause && !strcmp(cause, "ecc");
	char text[64];
	if (!device)
		return false;
	if (cause && !ecc && strcmp(cause, "hang"))
		return sim_words_bad(w, "cause=%s is neither hang nor ecc", cause);
	if (device->resetting || device->removed)
		return sim_words_bad(w, "the GPU is %s already", device->removed ? "gone" : "being reset");
	snprintf(text, sizeof(text), "%u %s", ++device->resets, ecc ? "RAS error" : "job hang");
	sim_smi_emit(device, SMI_PRE_RESET, 0, text);
	device->resetting = true;
	evict_all(driver, device, true);
	signal_reset(driver, device, ecc);
	return true;
}

bool sim_inject_reset_done(struct sim_driver *driver, const struct sim_words *w)
{
	struct sim_device *device = find_device(driver, w);
	char text[64];
	if (!device)
		return false;
	if (!device->resetting)
		return sim_words_bad(w, "the GPU is not being reset");
	device->resetting = false; /* the processes' queues stay evicted: they are expected to end */
	snprintf(text, sizeof(text), "%u", device->resets);
	sim_smi_emit(device, SMI_POST_RESET, 0, text);
	return true;
}

bool sim_inject_unplug(struct sim_driver *driver, const struct sim_words *w)
{
	struct sim_device *device = find_device(driver, w);
	const char *hide = sim_words_value(w, "hide");
	if (!device)
		return false;
	if (hide && strcmp(hide, "yes") && strcmp(hide, "no"))
		return sim_words_bad(w, "hide=%s is neither yes nor no", hide);
	device->hidden = hide && !strcmp(hide, "yes");
	if (device->removed)
		return true;
	device->removed = true;
	device->resetting = false;
	evict_all(driver, device, false);
	sim_topology_device_removed(driver, device);
	return true;
}

bool sim_inject_smi(struct sim_driver *driver, const struct sim_words *w)
{
	struct sim_device *device = find_device(driver, w);
	const char *text = sim_words_value(w, "text");
	char *end;
	uint64_t pid;
	unsigned long event = strtoul(w->plain[1], &end, 0);
	if (!device || !sim_words_number(w, "pid", 0, MAX_PID, &pid))
		return false;
	if (*end || event < 1 || event > 63)
		return sim_words_bad(w, "\"%s\" is not an event from 1 to 63", w->plain[1]);
	sim_smi_emit(device, (unsigned)event, (pid_t)pid, text ? text : "");
	return true;
}

/* ------------------------------------------------------------------ status */

static unsigned device_index(const struct sim_driver *driver, const struct sim_device *device)
{
	return (unsigned)(device - driver->devices);
}

static void print_queue(const struct sim_driver *driver, const struct sim_queue *q, FILE *out)
{
	static const char *const types[] = { "pm4", "sdma", "aql", "sdma-xgmi" };
	fprintf(out, "queue %u: process %d gpu %u %s waves %u status %#" PRIx64 "%s%s%s%s\n", q->id, (int)q->process->pid,
		device_index(driver, q->pdd->device), types[q->type], sim_queue_wave_count(q), q->exception_status,
		q->suspended ? " suspended" : "", q->evicted ? " evicted" : "", q->being_destroyed ? " being-destroyed" : "",
		q->stuck ? " stuck" : "");
}

static void print_process(const struct sim_driver *driver, const struct sim_process *p, FILE *out)
{
	fprintf(out, "process %d: runtime %u debugged %s enabled %#" PRIx64 " status %#" PRIx64 " flags %#x\n", (int)p->pid,
		p->debug.runtime_state, p->debug.enabled ? "yes" : "no", p->debug.enable_mask, p->debug.exception_status, p->debug.flags);
	for (unsigned i = 0; i < p->n_pdds; i++) {
		const struct sim_pdd *pdd = &p->pdds[i];
		fprintf(out, "device %u: process %d status %#" PRIx64 " launch-mode %u override %#x\n", i, (int)p->pid, pdd->exception_status,
			pdd->launch_mode, pdd->trap_override);
		for (unsigned k = 0; k < sizeof(pdd->watch) / sizeof(pdd->watch[0]); k++)
			if (pdd->watch[k].valid)
				fprintf(out, "watch %u: process %d gpu %u addr %#" PRIx64 " mask %#" PRIx64 " mode %u\n", k, (int)p->pid, i,
					pdd->watch[k].addr, pdd->watch[k].mask, pdd->watch[k].mode);
	}
	for (const struct sim_queue *q = p->queues; q; q = q->next_in_process)
		print_queue(driver, q, out);
}

bool sim_inject_status(struct sim_driver *driver, const struct sim_words *w)
{
	for (unsigned i = 0; i < driver->n_devices; i++) {
		const struct sim_device *d = &driver->devices[i];
		fprintf(w->out, "gpu %u: id %u node %u %s\n", i, d->gpu_id, d->node,
			d->removed ? "removed" : d->resetting ? "resetting" : "running");
	}
	for (const struct sim_process *p = sim_process_first(driver); p; p = p->next)
		print_process(driver, p, w->out);
	return true;
}
