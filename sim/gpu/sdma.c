/* Copy engines: the packets that runtimes put into SDMA queues (rocr-on-a-simulator.md 2.7), executed in order as soon as they are rung.
 * Positions are bytes that only grow; the doorbell holds the write position. */
#include "sim/gpu/gpu.h"

#include <stdlib.h>

#include "sim/driver/exceptions.h"

enum {
	OP_NOP = 0,
	OP_COPY = 1,
	OP_WRITE = 2,
	OP_FENCE = 5,
	OP_TRAP = 6,
	OP_POLL = 8,
	OP_ATOMIC = 10,
	OP_FILL = 11,
	OP_TIMESTAMP = 13,
	N_OPS,
	SUB_LINEAR = 0,
	SUB_GLOBAL_TIME = 2,
	MAX_WORDS = 8,
	COPY_COUNT_MASK = 0x3fffffff,
	POLL_IS_FLUSH = 1 << 26,
	POLL_FUNC_SHIFT = 28,
	ATOMIC_OP_SHIFT = 25,
	ATOMIC_ADD64 = 47,
	CHUNK_BYTES = 65536,
	WORDS_PER_STEP = 4096,
};
#define POLL_MEMORY 0x80000000u

enum outcome { DONE, WAIT, BAD };

struct packet {
	struct sim_queue *q;
	uint64_t at;             /* byte position */
	uint32_t w[MAX_WORDS];
	uint32_t words;          /* length; an op may lengthen it */
};

static uint32_t ring_word(const struct packet *p, uint32_t index)
{
	return gpu_read32(p->q, p->q->ring_base + (p->at + 4ull * index) % p->q->ring_bytes);
}

static uint64_t pair(const uint32_t *w)
{
	return w[0] | (uint64_t)w[1] << 32;
}

static bool gpu_store(struct sim_queue *q, uint64_t addr, const void *data, size_t n)
{
	const struct sim_vm *vm = &q->process->vm;
	if (vm->write(vm->ctx, addr, data, n))
		return true;
	sim_exception_vm_fault(q->pdd, addr, sim_memory_mapped(q->process, q->pdd->device, addr, 1), true);
	return false;
}

static bool gpu_load(struct sim_queue *q, uint64_t addr, void *data, size_t n)
{
	const struct sim_vm *vm = &q->process->vm;
	if (vm->read(vm->ctx, addr, data, n))
		return true;
	sim_exception_vm_fault(q->pdd, addr, false, false);
	return false;
}

static enum outcome op_nop(struct packet *p)
{
	p->words += p->w[0] >> 16 & 0x3fff;
	return DONE;
}

static enum outcome op_copy(struct packet *p)
{
	uint64_t left = (uint64_t)(p->w[1] & COPY_COUNT_MASK) + 1, from = pair(p->w + 3), to = pair(p->w + 5);
	uint8_t *chunk = malloc(CHUNK_BYTES);
	if ((p->w[0] >> 8 & 0xff) != SUB_LINEAR || !chunk) {
		free(chunk);
		return BAD;
	}
	while (left) {
		size_t n = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
		if (!gpu_load(p->q, from, chunk, n) || !gpu_store(p->q, to, chunk, n))
			break;
		from += n;
		to += n;
		left -= n;
	}
	free(chunk);
	return DONE; /* a fault has been told; the engine goes on */
}

static enum outcome op_write(struct packet *p)
{
	uint32_t n = (p->w[3] & 0xfffff) + 1;
	if ((p->w[0] >> 8 & 0xff) != SUB_LINEAR)
		return BAD;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t word = ring_word(p, 4 + i);
		if (!gpu_store(p->q, pair(p->w + 1) + 4ull * i, &word, sizeof(word)))
			break;
	}
	p->words += n;
	return DONE;
}

static enum outcome op_fence(struct packet *p)
{
	gpu_store(p->q, pair(p->w + 1), &p->w[3], sizeof(p->w[3]));
	return DONE;
}

static enum outcome op_trap(struct packet *p)
{
	sim_event_signal(p->q->process, p->w[1] & 0xfffffff);
	return DONE;
}

static bool compare(unsigned func, uint32_t value, uint32_t reference)
{
	switch (func) {
	case 1: return value < reference;
	case 2: return value <= reference;
	case 3: return value == reference;
	case 4: return value != reference;
	case 5: return value >= reference;
	case 6: return value > reference;
	default: return true;
	}
}

static enum outcome op_poll(struct packet *p)
{
	uint32_t value;
	if (p->w[0] & POLL_IS_FLUSH || !(p->w[0] & POLL_MEMORY))
		return DONE; /* a register that says a flush is over */
	if (!gpu_load(p->q, pair(p->w + 1), &value, sizeof(value)))
		return DONE;
	return compare(p->w[0] >> POLL_FUNC_SHIFT & 7, value & p->w[4], p->w[3]) ? DONE : WAIT;
}

static enum outcome op_atomic(struct packet *p)
{
	if (p->w[0] >> ATOMIC_OP_SHIFT != ATOMIC_ADD64)
		return BAD;
	if (!gpu_atomic_add64(p->q, pair(p->w + 1), pair(p->w + 3)))
		sim_exception_vm_fault(p->q->pdd, pair(p->w + 1), false, true);
	return DONE;
}

/* Fill with bytes or dwords; the count is in bytes less one (dwords: of the last dword's last byte but three). */
static enum outcome op_fill(struct packet *p)
{
	uint32_t size = p->w[0] >> 30 == 2 ? 4 : 1;
	uint64_t to = pair(p->w + 1), left = (uint64_t)(p->w[4] & COPY_COUNT_MASK) + size;
	uint8_t *chunk = malloc(CHUNK_BYTES);
	if (!chunk)
		return BAD;
	for (size_t i = 0; i < CHUNK_BYTES; i++)
		chunk[i] = (uint8_t)(p->w[3] >> 8 * (i % size));
	left -= size == 4 ? left % 4 : 0;
	while (left) {
		size_t n = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
		if (!gpu_store(p->q, to, chunk, n))
			break;
		to += n;
		left -= n;
	}
	free(chunk);
	return DONE;
}

static enum outcome op_timestamp(struct packet *p)
{
	uint64_t now = sim_gpu_clock();
	if ((p->w[0] >> 8 & 0xff) != SUB_GLOBAL_TIME)
		return BAD;
	gpu_store(p->q, pair(p->w + 1), &now, sizeof(now));
	return DONE;
}

static const struct {
	uint32_t words;
	enum outcome (*run)(struct packet *p);
} ops[N_OPS] = {
	[OP_NOP] = { 1, op_nop },
	[OP_COPY] = { 7, op_copy },
	[OP_WRITE] = { 4, op_write },
	[OP_FENCE] = { 4, op_fence },
	[OP_TRAP] = { 2, op_trap },
	[OP_POLL] = { 6, op_poll },
	[OP_ATOMIC] = { 8, op_atomic },
	[OP_FILL] = { 5, op_fill },
	[OP_TIMESTAMP] = { 3, op_timestamp },
};

static enum outcome run_packet(struct packet *p)
{
	p->w[0] = ring_word(p, 0);
	unsigned op = p->w[0] & 0xff;
	if (op >= N_OPS || !ops[op].run)
		return BAD;
	p->words = ops[op].words;
	for (uint32_t i = 1; i < p->words; i++)
		p->w[i] = ring_word(p, i);
	return ops[op].run(p);
}

static void look_at_doorbell(struct sim_queue_hw *hw)
{
	uint64_t rung = __atomic_load_n(hw->doorbell, __ATOMIC_ACQUIRE);
	if (rung != UINT64_MAX)
		hw->doorbell_seen = rung;
}

bool gpu_sdma_step(struct sim_queue *q)
{
	struct sim_queue_hw *hw = q->hw;
	bool progress = false;
	look_at_doorbell(hw);
	for (uint32_t budget = WORDS_PER_STEP; budget && !hw->stalled && hw->mapped;) {
		struct packet p = { .q = q, .at = hw->next_packet };
		if (hw->doorbell_seen == UINT64_MAX || hw->doorbell_seen <= hw->next_packet)
			break;
		enum outcome outcome = run_packet(&p);
		if (outcome == WAIT)
			break;
		if (outcome == BAD) {
			sim_log(q->process->driver, 0, "SDMA queue %u: unknown packet %#x; the queue stops", q->id, p.w[0]);
			hw->stalled = true;
			break;
		}
		hw->next_packet += 4ull * p.words;
		gpu_write64(q, q->read_ptr, hw->next_packet);
		budget -= p.words < budget ? p.words : budget;
		progress = true;
	}
	return progress;
}
