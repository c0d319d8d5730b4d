/* Memory as a wave sees it: global addresses through the process's mappings, LDS, and the swizzled scratch. */
#ifndef SIM_ISA_MEM_H
#define SIM_ISA_MEM_H

#include "sim/isa/insn.h"

enum { MEM_RANGES = 8 };

/* The last ranges met; lives in the instruction cache so that it survives a run. */
struct mem_cache {
	const void *ctx;
	uint64_t generation;
	unsigned n, next;
	struct sim_range r[MEM_RANGES];
};

/* Forgets the ranges when they belong to another process or the mappings changed. */
void mem_cache_check(struct mem_cache *mc, const struct sim_vm *vm);

/* The range that covers addr, NULL when nothing is mapped there. Valid until the next call. */
const struct sim_range *mem_range_miss(struct exec *x, uint64_t addr);

static inline const struct sim_range *mem_range(struct exec *x, uint64_t addr)
{
	struct mem_cache *mc = x->mem;
	for (unsigned k = 0; k < mc->n; k++)
		if (addr - mc->r[k].lo < mc->r[k].hi - mc->r[k].lo)
			return &mc->r[k];
	return mem_range_miss(x, addr);
}

/* Host address of n bytes that lie in one range with host memory, else NULL (which says nothing about being mapped). */
static inline uint8_t *mem_host(struct exec *x, uint64_t addr, size_t n, bool write)
{
	const struct sim_range *r = mem_range(x, addr);
	if (!r || !r->host || (write && !r->writable) || r->hi - addr < n)
		return NULL;
	return r->host + (addr - r->lo);
}

/* Global memory. False: a byte is not mapped (or not writable); nothing is written then and the fault is recorded in x->res. */
bool mem_read(struct exec *x, uint64_t addr, void *buf, size_t n);
bool mem_write(struct exec *x, uint64_t addr, const void *buf, size_t n);

/* Records a fault; unmapped faults carry XNACK_ERROR. Answers RUN_FAULT. */
enum run_status mem_fault(struct exec *x, uint64_t addr, bool write, bool unmapped);

/* Where a lane's access goes. */
enum space { SPACE_GLOBAL, SPACE_LDS, SPACE_PRIVATE };

/* One lane's bytes in a space. probe records the fault and answers false when the access must not happen; read and write need a
 * successful probe. LDS accesses beyond the allocation are legal: reads give 0, writes vanish (isa-simulator.md 7.15). */
bool lane_probe(struct exec *x, enum space space, unsigned lane, uint64_t addr, size_t n, bool write);
void lane_read(struct exec *x, enum space space, unsigned lane, uint64_t addr, void *buf, size_t n);
void lane_write(struct exec *x, enum space space, unsigned lane, uint64_t addr, const void *buf, size_t n);

/* Global address of byte p of a lane's private memory (isa-simulator.md 7.14). */
static inline uint64_t scratch_addr(const struct sim_wave *w, unsigned lane, uint32_t p)
{
	return w->scratch_base + (uint64_t)(p / 4) * 256 + lane * 4 + p % 4;
}

/* Address watches: sets TRAPSTS bits for the accesses of the active lanes. kind is a MEM_WATCH value. */
enum mem_access { MEM_READ, MEM_WRITE, MEM_ATOMIC };
void mem_watch(struct exec *x, uint64_t addr, size_t n, enum mem_access kind);
/* RUN_WATCH when an enabled watch was hit since `before` (TRAPSTS), else RUN_NEXT. */
enum run_status mem_watch_status(const struct exec *x, uint32_t before);

/* ------------------------------------------------------------------ atomics */

enum atomic_op {
	AT_SWAP, AT_CMPSWAP, AT_ADD, AT_SUB, AT_RSUB, AT_SMIN, AT_UMIN, AT_SMAX, AT_UMAX, AT_AND, AT_OR, AT_XOR, AT_INC, AT_DEC, AT_MSKOR,
	AT_FADD, AT_FMIN, AT_FMAX, AT_FCMPSWAP, AT_PK_ADD_F16, AT_PK_ADD_BF16, AT_WRAP,
};

/* New memory value of an operation on old. data2 is the new value of compare-swaps (data the expected one), the or-mask of MSKOR,
 * the second operand of WRAP. bytes is 4 or 8. */
uint64_t atomic_apply(enum atomic_op op, unsigned bytes, uint64_t old, uint64_t data, uint64_t data2);

/* Performs it at host memory, indivisibly against other threads of the target when the address is aligned. Answers the old value. */
uint64_t atomic_host(enum atomic_op op, unsigned bytes, uint8_t *host, uint64_t data, uint64_t data2);

/* aux of memory rows. */
#define AUX_MOVE(bytes, flags) ((uint32_t)(bytes) | (uint32_t)(flags))
#define AUX_ATOMIC(op, bytes, flags) ((uint32_t)(bytes) | AUX_RMW | (uint32_t)(flags) | (uint32_t)(op) << 24)
#define AUX_BYTES(aux) ((aux) & 0xff)
#define AUX_OP(aux) ((enum atomic_op)((aux) >> 24))
enum {
	AUX_LOAD = 1 << 8, AUX_STORE = 1 << 9, AUX_RMW = 1 << 10, AUX_SIGNED = 1 << 11, AUX_D16 = 1 << 12, AUX_HI = 1 << 13,
	AUX_TO_LDS = 1 << 14, AUX_RTN = 1 << 15, AUX_TWO = 1 << 16, AUX_ST64 = 1 << 17,
};

/* A loaded value as it lands in a register: extension, d16 halves. */
uint32_t mem_extend(uint32_t aux, uint32_t raw, uint32_t old);
/* The bytes a store takes from a register. */
static inline uint32_t mem_store_value(uint32_t aux, uint32_t reg)
{
	return aux & AUX_HI ? reg >> 16 : reg;
}

#endif
