/* The instruction cache: code words as they were first read, and what they decode to. Private to sim/isa. */
#ifndef SIM_ISA_ICACHE_H
#define SIM_ISA_ICACHE_H

#include "sim/isa/insn.h"
#include "sim/isa/mem.h"

enum {
	PAGE_SHIFT = 12, PAGE_WORDS = 1 << (PAGE_SHIFT - 2), LINE_WORDS = 16,
	MAX_PAGES = 128, /* beyond that everything is dropped: capacity misses, as in hardware */
	N_BUCKETS = 256,
};

struct icache_page {
	uint64_t number;
	struct icache_page *chain;
	uint64_t valid[PAGE_WORDS / 64];
	uint32_t word[PAGE_WORDS];
	struct insn insn[PAGE_WORDS];
};

enum { N_SLOTS = N_SOP2 + N_SOPK + N_SOP1 + N_SOPC + N_SOPP + N_SMEM + N_VOP2 + N_VOP1 + N_VOPC + N_VOP3 + N_VOP3P + N_DS + 3 * N_FLAT +
	N_MUBUF };

struct sim_icache {
	const struct lane_tables *lanes;
	struct icache_page *bucket[N_BUCKETS];
	unsigned n_pages;
	struct mem_cache mem;
	uint32_t decoded[N_SLOTS]; /* how often each row was decoded for execution */
};

/* Decoded instruction at x->w->pc, or NULL when it cannot be fetched; *bad is then the address of the missing word. */
const struct insn *icache_fetch_miss(struct exec *x, uint64_t pc, uint64_t *bad);

static inline const struct insn *icache_fetch(struct exec *x, uint64_t pc, uint64_t *bad)
{
	if (SIM_LIKELY(pc >> PAGE_SHIFT == x->page_no && x->page)) {
		const struct insn *i = &x->page->insn[pc / 4 % PAGE_WORDS];
		if (SIM_LIKELY(i->run != NULL))
			return i;
	}
	return icache_fetch_miss(x, pc, bad);
}

#endif
