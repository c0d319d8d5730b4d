/* The packet processor of AQL queues (rocr-on-a-simulator.md 2.7, 4.3): packets are taken up in order, may overlap unless a barrier bit
 * forbids it, and are retired in order. */
#include "sim/gpu/gpu.h"

#include <stdlib.h>

#include "sim/driver/exceptions.h"

enum {
	PACKET_VENDOR = 0,
	PACKET_INVALID = 1,
	PACKET_DISPATCH = 2,
	PACKET_BARRIER_AND = 3,
	PACKET_AGENT_DISPATCH = 4,
	PACKET_BARRIER_OR = 5,
	HEADER_BARRIER = 1 << 8,
	BARRIER_SIGNALS = 5,
	SIGNAL_OFFSET = 56,
	VENDOR_IB = 1,
	IB_MAX_WORDS = 1024,
	PM4_TYPE3 = 3,
	PM4_NOP = 0x10,
	PM4_ACQUIRE_MEM = 0x58,
};

enum { /* kfd-debug-interface.md 1.7 */
	BAD_RESERVED = 19,
	BAD_UNSUPPORTED = 20,
	BAD_VENDOR = 23,
};

enum taken { TAKEN, LATER };

static uint64_t slot_address(const struct sim_queue *q, uint64_t id)
{
	return q->ring_base + id % (q->ring_bytes / AQL_PACKET_BYTES) * AQL_PACKET_BYTES;
}

static uint64_t packet64(const uint8_t *bytes, unsigned offset)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < 8; i++)
		value |= (uint64_t)bytes[offset + i] << 8 * i;
	return value;
}

/* ------------------------------------------------------------------ retiring */

static void retire(struct sim_queue *q)
{
	struct sim_queue_hw *hw = q->hw;
	while (hw->packets && hw->packets->done) {
		struct gpu_packet *p = hw->packets;
		uint16_t invalid = PACKET_INVALID;
		sim_process_write(q->process, slot_address(q, p->id), &invalid, sizeof(invalid));
		gpu_write64(q, q->read_ptr, p->id + 1);
		hw->packets = p->next;
		if (!hw->packets)
			hw->packets_end = &hw->packets;
		gpu_packet_free(p);
	}
}

void gpu_packet_finish(struct gpu_packet *packet)
{
	struct sim_queue *q = packet->queue;
	uint64_t signal = packet->signal, start = packet->start_time;
	if (q->hw->launching == packet)
		q->hw->launching = NULL;
	packet->done = true;
	retire(q);
	gpu_signal_complete(q, signal, start, sim_gpu_clock());
}

static void take_up(struct sim_queue *q, struct gpu_packet *p, const uint8_t *bytes)
{
	struct sim_queue_hw *hw = q->hw;
	p->queue = q;
	p->id = hw->next_packet++;
	p->signal = packet64(bytes, SIGNAL_OFFSET);
	p->start_time = sim_gpu_clock();
	*hw->packets_end = p;
	hw->packets_end = &p->next;
}

static enum taken refuse(struct sim_queue *q, unsigned code, const char *why)
{
	sim_log(q->process->driver, 1, "queue %u: packet %llu refused (code %u): %s", q->id, (unsigned long long)q->hw->next_packet, code, why);
	q->hw->stalled = true;
	sim_exception_bad_packet(q, code);
	return LATER;
}

/* A packet without waves: done as soon as it is taken up. */
static enum taken complete_at_once(struct sim_queue *q, const uint8_t *bytes)
{
	struct gpu_packet *p = calloc(1, sizeof(*p));
	if (!p)
		return LATER;
	take_up(q, p, bytes);
	gpu_packet_finish(p);
	return TAKEN;
}

/* ------------------------------------------------------------------ kinds of packets */

static enum taken take_dispatch(struct sim_queue *q, const uint8_t *bytes)
{
	struct gpu_packet *p;
	const char *why = "";
	int code = gpu_dispatch_take(q, bytes, &p, &why);
	if (code == GPU_TAKE_LATER)
		return LATER;
	if (code)
		return refuse(q, (unsigned)code, why);
	take_up(q, p, bytes);
	q->hw->launching = p;
	sim_log(q->process->driver, 2, "queue %u: dispatch %llu, %llu groups, entry %#llx", q->id, (unsigned long long)p->id,
		(unsigned long long)p->n_groups, (unsigned long long)p->kernel.entry);
	return TAKEN;
}

static enum taken take_barrier(struct sim_queue *q, const uint8_t *bytes, bool any)
{
	unsigned present = 0, zero = 0;
	for (unsigned i = 0; i < BARRIER_SIGNALS; i++) {
		uint64_t signal = packet64(bytes, 8 + 8 * i);
		if (!signal)
			continue;
		present++;
		zero += gpu_read64(q, signal + 8) == 0;
	}
	if (any ? present && !zero : zero < present)
		return LATER;
	return complete_at_once(q, bytes);
}

/* The runtime's indirect buffer: command words of which only the cache invalidation means something here. 0 when one is not known. */
static bool run_indirect_buffer(struct sim_queue *q, uint64_t addr, uint32_t words)
{
	for (uint32_t at = 0; at < words;) {
		uint32_t header = gpu_read32(q, addr + 4 * at), op = header >> 8 & 0xff;
		if (header >> 30 != PM4_TYPE3 || (op != PM4_NOP && op != PM4_ACQUIRE_MEM))
			return false;
		if (op == PM4_ACQUIRE_MEM)
			sim_icache_drop(q->pdd->gpu->icache);
		at += (header >> 16 & 0x3fff) + 2;
	}
	return true;
}

static enum taken take_vendor(struct sim_queue *q, const uint8_t *bytes)
{
	unsigned kind = bytes[2] | bytes[3] << 8;
	uint64_t addr = packet64(bytes, 8);
	uint32_t words = (uint32_t)packet64(bytes, 16) & 0xfffff;
	if (kind != VENDOR_IB || words > IB_MAX_WORDS)
		return refuse(q, BAD_VENDOR, "vendor packet of unknown kind");
	if (!run_indirect_buffer(q, addr, words))
		return refuse(q, BAD_VENDOR, "vendor packet with an unknown command");
	return complete_at_once(q, bytes);
}

static enum taken take_packet(struct sim_queue *q)
{
	uint8_t bytes[AQL_PACKET_BYTES];
	uint64_t addr = slot_address(q, q->hw->next_packet);
	if (!sim_process_read(q->process, addr, bytes, sizeof(bytes)))
		return refuse(q, BAD_RESERVED, "the ring is not readable");
	unsigned type = bytes[0];
	if (type == PACKET_INVALID || (bytes[1] & HEADER_BARRIER >> 8 && q->hw->packets))
		return LATER;
	switch (type) {
	case PACKET_DISPATCH:
		return take_dispatch(q, bytes);
	case PACKET_BARRIER_AND:
	case PACKET_BARRIER_OR:
		return take_barrier(q, bytes, type == PACKET_BARRIER_OR);
	case PACKET_VENDOR:
		return take_vendor(q, bytes);
	case PACKET_AGENT_DISPATCH:
		return refuse(q, BAD_UNSUPPORTED, "agent dispatch on a kernel queue");
	default:
		return refuse(q, BAD_RESERVED, "reserved packet type");
	}
}

static void look_at_doorbell(struct sim_queue *q)
{
	struct sim_queue_hw *hw = q->hw;
	uint64_t rung = __atomic_load_n(hw->doorbell, __ATOMIC_ACQUIRE);
	if (rung != UINT64_MAX && (hw->doorbell_seen == UINT64_MAX || (int64_t)(rung - hw->doorbell_seen) > 0))
		hw->doorbell_seen = rung; /* producers may ring out of order */
}

bool gpu_aql_step(struct sim_queue *q)
{
	struct sim_queue_hw *hw = q->hw;
	bool progress = false;
	look_at_doorbell(q);
	for (;;) {
		if (hw->launching && !gpu_dispatch_launch(hw->launching, &progress))
			return progress;
		hw->launching = NULL;
		if (hw->stalled || hw->doorbell_seen == UINT64_MAX || (int64_t)(hw->doorbell_seen - hw->next_packet) < 0)
			return progress;
		if (take_packet(q) == LATER)
			return progress;
		progress = true;
	}
}
