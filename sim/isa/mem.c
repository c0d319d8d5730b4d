#include "sim/isa/mem.h"

#include <string.h>

/* ------------------------------------------------------------------ global */

void mem_cache_check(struct mem_cache *mc, const struct sim_vm *vm)
{
	uint64_t generation = vm->generation ? *vm->generation : 0;
	if (mc->ctx != vm->ctx || mc->generation != generation || !vm->generation)
		mc->n = mc->next = 0;
	mc->ctx = vm->ctx;
	mc->generation = generation;
}

const struct sim_range *mem_range_miss(struct exec *x, uint64_t addr)
{
	struct mem_cache *mc = x->mem;
	struct sim_range r;
	if (!x->env->vm.lookup(x->env->vm.ctx, addr, &r) || addr < r.lo || addr >= r.hi)
		return NULL;
	unsigned slot = mc->n < MEM_RANGES ? mc->n++ : mc->next++ % MEM_RANGES;
	mc->r[slot] = r;
	return &mc->r[slot];
}

enum run_status mem_fault(struct exec *x, uint64_t addr, bool write, bool unmapped)
{
	x->res.fault_addr = addr;
	x->res.fault_write = write;
	x->res.fault_unmapped = unmapped;
	return RUN_FAULT;
}

/* GPU addresses have 48 bits, sign-extended; the hole between is an address error, not a page fault. */
static bool canonical(uint64_t addr)
{
	uint64_t top = addr >> 47;
	return top == 0 || top == 0x1ffff;
}

static bool probe(struct exec *x, uint64_t addr, size_t n, bool write)
{
	while (n) {
		if (!canonical(addr)) {
			mem_fault(x, addr, write, false);
			return false;
		}
		const struct sim_range *r = mem_range(x, addr);
		if (!r || (write && !r->writable)) {
			mem_fault(x, addr, write, true);
			return false;
		}
		size_t here = r->hi - addr < n ? r->hi - addr : n;
		addr += here;
		n -= here;
	}
	return true;
}

static bool copy_out(struct exec *x, uint64_t addr, uint8_t *buf, size_t n)
{
	while (n) {
		const struct sim_range *r = mem_range(x, addr);
		if (!r)
			return false;
		size_t here = r->hi - addr < n ? r->hi - addr : n;
		if (r->host)
			memcpy(buf, r->host + (addr - r->lo), here);
		else if (!x->env->vm.read(x->env->vm.ctx, addr, buf, here))
			return false;
		addr += here;
		buf += here;
		n -= here;
	}
	return true;
}

static bool copy_in(struct exec *x, uint64_t addr, const uint8_t *buf, size_t n)
{
	while (n) {
		const struct sim_range *r = mem_range(x, addr);
		if (!r || !r->writable)
			return false;
		size_t here = r->hi - addr < n ? r->hi - addr : n;
		if (r->host)
			memcpy(r->host + (addr - r->lo), buf, here);
		else if (!x->env->vm.write(x->env->vm.ctx, addr, buf, here))
			return false;
		addr += here;
		buf += here;
		n -= here;
	}
	return true;
}

bool mem_read(struct exec *x, uint64_t addr, void *buf, size_t n)
{
	const uint8_t *host = mem_host(x, addr, n, false);
	if (SIM_LIKELY(host != NULL)) {
		memcpy(buf, host, n);
		return true;
	}
	if (!probe(x, addr, n, false))
		return false;
	if (!copy_out(x, addr, buf, n)) {
		mem_fault(x, addr, false, true);
		return false;
	}
	return true;
}

bool mem_write(struct exec *x, uint64_t addr, const void *buf, size_t n)
{
	uint8_t *host = mem_host(x, addr, n, true);
	if (SIM_LIKELY(host != NULL)) {
		memcpy(host, buf, n);
		return true;
	}
	if (!probe(x, addr, n, true))
		return false;
	if (!copy_in(x, addr, buf, n)) {
		mem_fault(x, addr, true, true);
		return false;
	}
	return true;
}

/* ------------------------------------------------------------------ spaces */

bool lane_probe(struct exec *x, enum space space, unsigned lane, uint64_t addr, size_t n, bool write)
{
	const struct sim_wave *w = x->w;
	if (space == SPACE_GLOBAL)
		return mem_host(x, addr, n, write) || probe(x, addr, n, write);
	if (space == SPACE_LDS)
		return true;
	if (addr > w->scratch_lane_bytes || w->scratch_lane_bytes - addr < n) {
		mem_fault(x, scratch_addr(w, lane, (uint32_t)addr), write, false);
		return false;
	}
	for (uint64_t p = addr & ~3ull; p < addr + n; p += 4) {
		uint64_t a = scratch_addr(w, lane, (uint32_t)p);
		if (!mem_host(x, a, 4, write) && !probe(x, a, 4, write))
			return false;
	}
	return true;
}

/* Private memory in runs of at most one dword. */
static void private_copy(struct exec *x, unsigned lane, uint32_t p, uint8_t *buf, size_t n, bool write)
{
	while (n) {
		size_t here = 4 - p % 4;
		if (here > n)
			here = n;
		if (write)
			mem_write(x, scratch_addr(x->w, lane, p), buf, here);
		else
			mem_read(x, scratch_addr(x->w, lane, p), buf, here);
		p += here;
		buf += here;
		n -= here;
	}
}

static uint8_t *lds_host(const struct exec *x, uint64_t addr, size_t n)
{
	const struct sim_group *g = x->w->group;
	if (!g || !g->lds || addr > g->lds_bytes || g->lds_bytes - addr < n)
		return NULL;
	return g->lds + addr;
}

void lane_read(struct exec *x, enum space space, unsigned lane, uint64_t addr, void *buf, size_t n)
{
	if (space == SPACE_GLOBAL) {
		if (!mem_read(x, addr, buf, n))
			memset(buf, 0, n);
	} else if (space == SPACE_PRIVATE) {
		private_copy(x, lane, (uint32_t)addr, buf, n, false);
	} else {
		const uint8_t *host = lds_host(x, addr, n);
		if (host)
			memcpy(buf, host, n);
		else
			memset(buf, 0, n);
	}
}

void lane_write(struct exec *x, enum space space, unsigned lane, uint64_t addr, const void *buf, size_t n)
{
	if (space == SPACE_GLOBAL) {
		mem_write(x, addr, buf, n);
	} else if (space == SPACE_PRIVATE) {
		uint8_t copy[16];
		memcpy(copy, buf, n);
		private_copy(x, lane, (uint32_t)addr, copy, n, true);
	} else {
		uint8_t *host = lds_host(x, addr, n);
		if (host)
			memcpy(host, buf, n);
	}
}

uint32_t mem_extend(uint32_t aux, uint32_t raw, uint32_t old)
{
	unsigned bytes = AUX_BYTES(aux);
	if (bytes >= 4)
		return raw;
	uint32_t value = bytes == 1 ? (aux & AUX_SIGNED ? (uint32_t)(int8_t)raw : (uint8_t)raw)
	                            : (aux & AUX_SIGNED ? (uint32_t)(int16_t)raw : (uint16_t)raw);
	if (aux & AUX_HI)
		return value << 16 | (old & 0xffff);
	if (aux & AUX_D16)
		return (value & 0xffff) | (old & 0xffff0000);
	return value;
}

/* ------------------------------------------------------------------ address watch (wave-state.md 8.1) */

void mem_watch(struct exec *x, uint64_t addr, size_t n, enum mem_access kind)
{
	for (unsigned k = 0; k < 4; k++) {
		const struct sim_watch *watch = &x->env->watches[k];
		bool match = watch->mode == 3 || (watch->mode == 0 && kind == MEM_READ) || (watch->mode == 1 && kind != MEM_READ) ||
			(watch->mode == 2 && kind == MEM_ATOMIC);
		if (watch->valid && match && ((addr & watch->mask) == watch->addr || ((addr + n - 1) & watch->mask) == watch->addr))
			x->w->trapsts |= k ? (uint32_t)TRAPSTS_WATCH1 << (k - 1) : (uint32_t)TRAPSTS_WATCH0;
	}
}

enum run_status mem_watch_status(const struct exec *x, uint32_t before)
{
	bool hit = x->w->trapsts & ~before & TRAPSTS_WATCHES;
	return hit && (x->w->mode & MODE_EXCP_WATCH) ? RUN_WATCH : RUN_NEXT;
}
