/* The packet processor's way to memory: what it reads and writes lies in the process's own memory, shared with its CPU threads. */
#include "sim/gpu/gpu.h"

enum { SIGNAL_VALUE = 8, SIGNAL_MAILBOX = 16, SIGNAL_EVENT = 24, SIGNAL_START = 32, SIGNAL_END = 40 };

uint64_t gpu_read64(struct sim_queue *q, uint64_t addr)
{
	uint64_t value;
	return sim_process_read(q->process, addr, &value, sizeof(value)) ? value : 0;
}

uint32_t gpu_read32(struct sim_queue *q, uint64_t addr)
{
	uint32_t value;
	return sim_process_read(q->process, addr, &value, sizeof(value)) ? value : 0;
}

bool gpu_write64(struct sim_queue *q, uint64_t addr, uint64_t value)
{
	uint64_t *shared = addr % 8 ? NULL : sim_process_pointer(q->process, addr, sizeof(value));
	if (shared) {
		__atomic_store_n(shared, value, __ATOMIC_RELEASE);
		return true;
	}
	return sim_process_write(q->process, addr, &value, sizeof(value));
}

bool gpu_atomic_add64(struct sim_queue *q, uint64_t addr, uint64_t delta)
{
	uint64_t *shared = addr % 8 ? NULL : sim_process_pointer(q->process, addr, sizeof(delta));
	uint64_t value;
	if (shared) {
		__atomic_fetch_add(shared, delta, __ATOMIC_ACQ_REL);
		return true;
	}
	if (!sim_process_read(q->process, addr, &value, sizeof(value)))
		return false;
	value += delta;
	return sim_process_write(q->process, addr, &value, sizeof(value));
}

/* The interrupt side of a signal: its event id goes to the mailbox, and the event is signalled. */
static void wake(struct sim_queue *q, uint64_t signal)
{
	uint64_t mailbox = gpu_read64(q, signal + SIGNAL_MAILBOX);
	uint32_t event = gpu_read32(q, signal + SIGNAL_EVENT);
	if (!mailbox)
		return;
	gpu_write64(q, mailbox, event);
	sim_event_signal(q->process, event);
}

void gpu_signal_store(struct sim_queue *q, uint64_t signal, int64_t value)
{
	gpu_write64(q, signal + SIGNAL_VALUE, (uint64_t)value);
	wake(q, signal);
}

void gpu_signal_complete(struct sim_queue *q, uint64_t signal, uint64_t start, uint64_t end)
{
	if (!signal)
		return;
	/* Read what the wake-up needs first: with the value at 0 the program may free the signal. */
	uint64_t mailbox = gpu_read64(q, signal + SIGNAL_MAILBOX);
	uint32_t event = gpu_read32(q, signal + SIGNAL_EVENT);
	gpu_write64(q, signal + SIGNAL_START, start);
	gpu_write64(q, signal + SIGNAL_END, end);
	gpu_atomic_add64(q, signal + SIGNAL_VALUE, UINT64_MAX);
	if (mailbox) {
		gpu_write64(q, mailbox, event);
		sim_event_signal(q->process, event);
	}
}
