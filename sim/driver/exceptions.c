#include "sim/driver/exceptions.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/gpu/queue.h"

enum {
	RUNTIME_ENABLED = 1,
	PAGE_SHIFT = 12,
	DOORBELL_MASK = 0x3ff,
	CODES_SHIFT = 10,
	CODES_MASK = 0x1ff,
	HEADER_ERR_PAYLOAD = 24,
	HEADER_ERR_EVENT = 32,
	SMI_VMFAULT = 1,
};

/* kfd_hsa_memory_exception_data. */
struct memory_record {
	uint32_t not_present, read_only, no_execute, imprecise;
	uint64_t va;
	uint32_t gpu_id, error_type;
};
_Static_assert(sizeof(struct memory_record) == 32, "kfd-debug-interface.md 1.9");

void sim_exception_notify(struct sim_process *process)
{
	/* The descriptor is the debugger's pipe: full or gone is its own business. */
	ssize_t n = process->debug.event_fd < 0 ? 0 : write(process->debug.event_fd, ".", 1);
	(void)n;
}

bool sim_exception_raise(struct sim_process *process, uint64_t mask, struct sim_pdd *pdd, struct sim_queue *q)
{
	struct sim_debug *debug = &process->debug;
	if (!debug->enabled)
		return false;
	if (mask & SIM_EC_DEVICE_CLASS)
		pdd->exception_status |= mask & SIM_EC_DEVICE_CLASS;
	else if (mask & SIM_EC_PROCESS_CLASS)
		debug->exception_status |= mask & SIM_EC_PROCESS_CLASS;
	else if (q)
		q->exception_status |= mask;
	if (!(mask & debug->enable_mask))
		return false;
	sim_exception_notify(process);
	return true;
}

static struct sim_queue *queue_of_doorbell(struct sim_pdd *pdd, unsigned doorbell)
{
	struct sim_queue *q = pdd->queues;
	while (q && q->doorbell != doorbell)
		q = q->next_in_pdd;
	return q;
}

/* Queue-class bits that the debugger did not ask for go to the runtime, when it is enabled. */
bool sim_exception_queue_interrupt(struct sim_pdd *pdd, struct sim_queue *q, uint64_t mask)
{
	struct sim_process *process = pdd->process;
	if (sim_exception_raise(process, mask, pdd, q))
		return true;
	if (q && process->debug.runtime_state == RUNTIME_ENABLED)
		sim_exception_to_runtime(q, mask);
	return false;
}

void sim_exception_wave_interrupt(struct sim_pdd *pdd, uint32_t word)
{
	struct sim_queue *q = queue_of_doorbell(pdd, word & DOORBELL_MASK);
	uint64_t mask = word >> CODES_SHIFT & CODES_MASK;
	sim_log(pdd->process->driver, 1, "wave interrupt %#x: process %d, queue %d, exceptions %#llx", word, (int)pdd->process->pid,
		q ? (int)q->id : -1, (unsigned long long)mask);
	sim_exception_queue_interrupt(pdd, q, mask);
}

void sim_exception_bad_packet(struct sim_queue *q, unsigned code)
{
	if (code >= SIM_EC_PACKET_FIRST && code <= SIM_EC_PACKET_LAST)
		sim_exception_queue_interrupt(q->pdd, q, SIM_EC_BIT(code));
}

void sim_exception_to_runtime(struct sim_queue *q, uint64_t mask)
{
	uint64_t payload_addr, payload;
	uint32_t event;
	if (!q->save_base || !sim_process_read(q->process, q->save_base + HEADER_ERR_PAYLOAD, &payload_addr, sizeof(payload_addr))
	    || !sim_process_read(q->process, q->save_base + HEADER_ERR_EVENT, &event, sizeof(event))
	    || !sim_process_read(q->process, payload_addr, &payload, sizeof(payload)))
		return;
	payload |= mask;
	if (sim_process_write(q->process, payload_addr, &payload, sizeof(payload)))
		sim_event_signal(q->process, event);
}

static void evict_queues(struct sim_pdd *pdd)
{
	for (struct sim_queue *q = pdd->queues; q; q = q->next_in_pdd) {
		q->evicted = true;
		sim_queue_update(q);
	}
}

static void emit_vmfault(struct sim_pdd *pdd)
{
	char path[40], comm[32] = "", text[64];
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pdd->process->pid);
	FILE *f = fopen(path, "re");
	if (f) {
		if (!fgets(comm, sizeof(comm), f))
			comm[0] = '\0';
		comm[strcspn(comm, "\n")] = '\0';
		fclose(f);
	}
	snprintf(text, sizeof(text), "%x:%s", (unsigned)pdd->process->pid, comm);
	sim_smi_emit(pdd->device, SMI_VMFAULT, pdd->process->pid, text);
}

/* VM_L2_PROTECTION_FAULT_STATUS, as the kernel's documentation of GPU page faults reads it. */
static uint32_t fault_status(bool read_only, bool write)
{
	enum { NOT_VALID = 1, READ = 2, WRITE = 4, PERMISSION_SHIFT = 4, CLIENT_SHIFT = 9, CLIENT_TCP = 8, RW_SHIFT = 18, VMID_SHIFT = 20,
		VMID = 8 /* the first of those for compute */ };
	uint32_t permission = read_only ? WRITE : NOT_VALID | (write ? WRITE : READ);
	return permission << PERMISSION_SHIFT | CLIENT_TCP << CLIENT_SHIFT | (uint32_t)write << RW_SHIFT | VMID << VMID_SHIFT;
}

void sim_exception_vm_fault(struct sim_pdd *pdd, uint64_t addr, bool read_only, bool write)
{
	struct sim_process *process = pdd->process;
	struct memory_record record = {
		.not_present = !read_only,
		.read_only = read_only,
		.va = addr >> PAGE_SHIFT << PAGE_SHIFT,
		.gpu_id = pdd->device->gpu_id,
	};
	emit_vmfault(pdd);
	pdd->last_fault_addr = record.va;
	pdd->last_fault_status = fault_status(read_only, write);
	if (process->debug.enabled && !pdd->has_memory_exception) {
		memcpy(pdd->memory_exception, &record, sizeof(record));
		pdd->has_memory_exception = true;
	}
	if (sim_exception_raise(process, SIM_EC_BIT(SIM_EC_DEVICE_MEMORY_VIOLATION), pdd, NULL))
		return;
	evict_queues(pdd);
	uint8_t bytes[sizeof(record)];
	memcpy(bytes, &record, sizeof(record));
	sim_event_signal_memory(process, bytes);
}

void sim_exception_memory_to_runtime(struct sim_pdd *pdd)
{
	struct memory_record bare = { .imprecise = 1, .gpu_id = pdd->device->gpu_id };
	uint8_t bytes[sizeof(bare)];
	memcpy(bytes, &bare, sizeof(bare));
	if (pdd->has_memory_exception)
		memcpy(bytes, pdd->memory_exception, sizeof(bytes));
	evict_queues(pdd);
	sim_event_signal_memory(pdd->process, bytes);
}
