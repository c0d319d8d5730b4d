#include "sim/isa/vmem.h"

#include <string.h>

enum { MAX_BYTES = 16 };

/* Visits the active lanes. */
#define EACH_ACTIVE(l, exec) \
	for (uint64_t left_ = (exec); left_; left_ &= left_ - 1) \
		for (unsigned l = (unsigned)__builtin_ctzll(left_), once_ = 1; once_; once_ = 0)

static enum space space_of(const struct access *acc, unsigned l)
{
	return acc->global ? SPACE_GLOBAL : (enum space)acc->space[l];
}

/* When all active lanes lie in one range with host memory: host address of GPU address 0, so that base + addr works. */
static bool one_range(struct exec *x, const struct access *acc, size_t bytes, bool write, uint8_t **base)
{
	uint64_t lo = ~0ull, hi = 0;
	if (!acc->global || !acc->exec)
		return false;
	if (acc->exec == ~0ull) {
		for (unsigned l = 0; l < SIM_LANES; l++) {
			lo = acc->addr[l] < lo ? acc->addr[l] : lo;
			hi = acc->addr[l] > hi ? acc->addr[l] : hi;
		}
	} else {
		EACH_ACTIVE(l, acc->exec) {
			lo = acc->addr[l] < lo ? acc->addr[l] : lo;
			hi = acc->addr[l] > hi ? acc->addr[l] : hi;
		}
	}
	const struct sim_range *r = mem_range(x, lo);
	if (!r || !r->host || (write && !r->writable) || hi >= r->hi || r->hi - hi < bytes)
		return false;
	*base = (uint8_t *)((uintptr_t)r->host - (uintptr_t)r->lo);
	return true;
}

static inline uint8_t *at(uint8_t *base, uint64_t addr)
{
	return (uint8_t *)((uintptr_t)base + (uintptr_t)addr);
}

static bool probe_all(struct exec *x, const struct access *acc, size_t bytes, bool write, bool aligned)
{
	EACH_ACTIVE(l, acc->exec) {
		if (aligned && acc->addr[l] % bytes) {
			mem_fault(x, acc->addr[l], write, false);
			return false;
		}
		if (!lane_probe(x, space_of(acc, l), l, acc->addr[l], bytes, write))
			return false;
	}
	return true;
}

static enum run_status watch_all(struct exec *x, const struct access *acc, size_t bytes, enum mem_access kind)
{
	if (!x->watching)
		return RUN_NEXT;
	uint32_t before = x->w->trapsts;
	EACH_ACTIVE(l, acc->exec) {
		enum space s = space_of(acc, l);
		if (s == SPACE_GLOBAL)
			mem_watch(x, acc->addr[l], bytes, kind);
		for (uint64_t p = acc->addr[l]; s == SPACE_PRIVATE && p < acc->addr[l] + bytes; p = (p | 3) + 1)
			mem_watch(x, scratch_addr(x->w, l, (uint32_t)p), 1, kind); /* dwords of a lane lie apart */
	}
	return mem_watch_status(x, before);
}

/* ------------------------------------------------------------------ loads */

static void load_direct(struct exec *x, const struct insn *i, const struct access *acc, uint8_t *base, unsigned bytes)
{
	for (unsigned k = 0; k < bytes / 4; k++) {
		uint32_t *d = data_reg_out(x, i, i->dst + k);
		if (acc->exec == ~0ull) {
			for (unsigned l = 0; l < SIM_LANES; l++)
				memcpy(&d[l], at(base, acc->addr[l] + 4 * k), 4);
		} else {
			EACH_ACTIVE(l, acc->exec)
				memcpy(&d[l], at(base, acc->addr[l] + 4 * k), 4);
		}
	}
}

static void load_lane(struct exec *x, const struct insn *i, unsigned l, const uint32_t *raw, unsigned bytes)
{
	for (unsigned k = 0; k < (bytes + 3) / 4; k++) {
		uint32_t *d = data_reg_out(x, i, i->dst + k);
		d[l] = mem_extend(i->row->aux, raw[k], d[l]);
	}
}

static enum run_status run_load(struct exec *x, const struct insn *i, const struct access *acc)
{
	unsigned bytes = AUX_BYTES(i->row->aux);
	uint8_t *base;
	if (one_range(x, acc, bytes, false, &base) && bytes >= 4) {
		load_direct(x, i, acc, base, bytes);
		return watch_all(x, acc, bytes, MEM_READ);
	}
	if (!probe_all(x, acc, bytes, false, false))
		return RUN_FAULT;
	EACH_ACTIVE(l, acc->exec) {
		uint32_t raw[MAX_BYTES / 4] = { 0 };
		lane_read(x, space_of(acc, l), l, acc->addr[l], raw, bytes);
		load_lane(x, i, l, raw, bytes);
	}
	return watch_all(x, acc, bytes, MEM_READ);
}

/* Loads into LDS: M0 plus the offset, one dword per lane (isa-simulator.md 6.13, 38..42). */
static enum run_status run_load_lds(struct exec *x, const struct insn *i, const struct access *acc)
{
	unsigned bytes = AUX_BYTES(i->row->aux);
	if (!probe_all(x, acc, bytes, false, false))
		return RUN_FAULT;
	EACH_ACTIVE(l, acc->exec) {
		uint32_t raw = 0;
		lane_read(x, space_of(acc, l), l, acc->addr[l], &raw, bytes);
		raw = mem_extend(i->row->aux, raw, 0);
		lane_write(x, SPACE_LDS, l, (x->w->s[SIM_S_M0] & 0xffff) + (uint64_t)(uint32_t)i->offset + 4 * l, &raw, 4);
	}
	return watch_all(x, acc, bytes, MEM_READ);
}

/* ------------------------------------------------------------------ stores */

static void store_direct(struct exec *x, const struct insn *i, const struct access *acc, uint8_t *base, unsigned bytes)
{
	/* Lane by lane: where lanes collide the highest one wins in every dword. */
	const uint32_t *d[MAX_BYTES / 4];
	unsigned dwords = bytes / 4;
	for (unsigned k = 0; k < dwords; k++)
		d[k] = data_reg(x, i, i->data + k);
	if (dwords == 1) {
		EACH_ACTIVE(l, acc->exec)
			memcpy(at(base, acc->addr[l]), &d[0][l], 4);
		return;
	}
	EACH_ACTIVE(l, acc->exec)
		for (unsigned k = 0; k < dwords; k++)
			memcpy(at(base, acc->addr[l] + 4 * k), &d[k][l], 4);
}

static enum run_status run_store(struct exec *x, const struct insn *i, const struct access *acc)
{
	unsigned bytes = AUX_BYTES(i->row->aux);
	uint8_t *base;
	if (one_range(x, acc, bytes, true, &base) && bytes >= 4) {
		store_direct(x, i, acc, base, bytes);
		return watch_all(x, acc, bytes, MEM_WRITE);
	}
	if (!probe_all(x, acc, bytes, true, false))
		return RUN_FAULT;
	EACH_ACTIVE(l, acc->exec) {
		uint32_t raw[MAX_BYTES / 4];
		for (unsigned k = 0; k < (bytes + 3) / 4; k++)
			raw[k] = mem_store_value(i->row->aux, data_reg(x, i, i->data + k)[l]);
		lane_write(x, space_of(acc, l), l, acc->addr[l], raw, bytes);
	}
	return watch_all(x, acc, bytes, MEM_WRITE);
}

/* ------------------------------------------------------------------ atomics */

static uint64_t rmw(struct exec *x, enum space space, unsigned l, uint64_t addr, const struct insn *i, uint64_t data, uint64_t data2)
{
	unsigned bytes = AUX_BYTES(i->row->aux);
	enum atomic_op op = AUX_OP(i->row->aux);
	uint8_t *host = space == SPACE_GLOBAL ? mem_host(x, addr, bytes, true) : NULL;
	if (host)
		return atomic_host(op, bytes, host, data, data2);
	uint64_t old = 0;
	lane_read(x, space, l, addr, &old, bytes);
	uint64_t value = atomic_apply(op, bytes, old, data, data2);
	lane_write(x, space, l, addr, &value, bytes);
	return old;
}

static uint64_t data_value(const struct exec *x, const struct insn *i, unsigned reg, unsigned l, unsigned bytes)
{
	uint64_t v = data_reg(x, i, reg)[l];
	return bytes == 8 ? v | (uint64_t)data_reg(x, i, reg + 1)[l] << 32 : v;
}

static enum run_status run_atomic(struct exec *x, const struct insn *i, const struct access *acc)
{
	unsigned bytes = AUX_BYTES(i->row->aux);
	bool compare = AUX_OP(i->row->aux) == AT_CMPSWAP, returns = i->mem & MEM_GLC;
	uint64_t old[SIM_LANES];
	if (!probe_all(x, acc, bytes, true, true))
		return RUN_FAULT;
	EACH_ACTIVE(l, acc->exec) {
		/* Compare-swap data: new value first, then the expected one (6.13). */
		uint64_t first = data_value(x, i, i->data, l, bytes);
		uint64_t second = compare ? data_value(x, i, i->data + bytes / 4, l, bytes) : 0;
		old[l] = rmw(x, space_of(acc, l), l, acc->addr[l], i, compare ? second : first, first);
	}
	if (returns) {
		uint32_t *lo = data_reg_out(x, i, i->dst), *hi = bytes == 8 ? data_reg_out(x, i, i->dst + 1u) : NULL;
		EACH_ACTIVE(l, acc->exec) {
			lo[l] = (uint32_t)old[l];
			if (hi)
				hi[l] = (uint32_t)(old[l] >> 32);
		}
	}
	return watch_all(x, acc, bytes, MEM_ATOMIC);
}

enum run_status vmem_run(struct exec *x, const struct insn *i, const struct access *acc)
{
	uint32_t aux = i->row->aux;
	if (!acc->exec)
		return RUN_NEXT;
	if (aux & AUX_RMW)
		return run_atomic(x, i, acc);
	if (aux & AUX_TO_LDS)
		return run_load_lds(x, i, acc);
	return aux & AUX_LOAD ? run_load(x, i, acc) : run_store(x, i, acc);
}
