#include "sim/isa/icache.h"

#include <stdlib.h>
#include <string.h>

#include "sim/isa/coverage.h"

struct sim_icache *sim_icache_create(void)
{
	struct sim_icache *ic = calloc(1, sizeof *ic);
	if (ic)
		ic->lanes = sim_lanes_select();
	return ic;
}

void sim_icache_drop(struct sim_icache *ic)
{
	for (unsigned b = 0; b < N_BUCKETS; b++) {
		struct icache_page *p = ic->bucket[b];
		while (p) {
			struct icache_page *chain = p->chain;
			free(p);
			p = chain;
		}
		ic->bucket[b] = NULL;
	}
	ic->n_pages = 0;
}

void sim_icache_destroy(struct sim_icache *ic)
{
	if (!ic)
		return;
	sim_icache_drop(ic);
	free(ic);
}

static struct icache_page *page_of(struct sim_icache *ic, uint64_t number)
{
	struct icache_page **bucket = &ic->bucket[number % N_BUCKETS];
	for (struct icache_page *p = *bucket; p; p = p->chain)
		if (p->number == number)
			return p;
	if (ic->n_pages >= MAX_PAGES)
		sim_icache_drop(ic);
	struct icache_page *p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	p->number = number;
	p->chain = *bucket;
	*bucket = p;
	ic->n_pages++;
	return p;
}

/* Reads the words of the cache line of `pc` that are not there yet and can be executed. */
static void fill_line(struct exec *x, struct icache_page *page, uint64_t pc)
{
	uint64_t line = pc & ~(uint64_t)(LINE_WORDS * 4 - 1);
	for (unsigned k = 0; k < LINE_WORDS; k++) {
		uint64_t addr = line + k * 4;
		unsigned n = addr / 4 % PAGE_WORDS;
		if (page->valid[n / 64] >> n % 64 & 1)
			continue;
		const struct sim_range *r = mem_range(x, addr);
		if (!r || !r->executable || r->hi - addr < 4)
			continue;
		if (r->host)
			memcpy(&page->word[n], r->host + (addr - r->lo), 4);
		else if (!x->env->vm.read(x->env->vm.ctx, addr, &page->word[n], 4))
			continue;
		page->valid[n / 64] |= 1ull << n % 64;
	}
}

static bool word_at(struct exec *x, struct icache_page *page, uint64_t addr, uint32_t *word)
{
	unsigned n = addr / 4 % PAGE_WORDS;
	if (!(page->valid[n / 64] >> n % 64 & 1))
		fill_line(x, page, addr);
	*word = page->word[n];
	return page->valid[n / 64] >> n % 64 & 1;
}

static unsigned slot_of(const struct insn *i);

/* The word after the last one of a page belongs to the next page; getting that one may drop the first. */
static struct icache_page *fetch_words(struct exec *x, uint64_t pc, uint32_t words[2], bool second, uint64_t *bad)
{
	struct sim_icache *ic = x->env->icache;
	uint64_t addr = pc + 4;
	*bad = addr;
	if (second && addr >> PAGE_SHIFT != pc >> PAGE_SHIFT) {
		struct icache_page *after = page_of(ic, addr >> PAGE_SHIFT);
		if (!after || !word_at(x, after, addr, &words[1]))
			return NULL;
	}
	struct icache_page *page = page_of(ic, pc >> PAGE_SHIFT);
	x->page = page;
	x->page_no = pc >> PAGE_SHIFT;
	if (page && second && addr >> PAGE_SHIFT == pc >> PAGE_SHIFT && !word_at(x, page, addr, &words[1]))
		return NULL;
	*bad = pc;
	return page && word_at(x, page, pc, &words[0]) ? page : NULL;
}

const struct insn *icache_fetch_miss(struct exec *x, uint64_t pc, uint64_t *bad)
{
	struct sim_icache *ic = x->env->icache;
	uint32_t words[2] = { 0 };
	const char *why = NULL;
	unsigned n = 1;
	struct icache_page *page = fetch_words(x, pc, words, false, bad);
	if (!page)
		return NULL;
	struct insn *i = &page->insn[pc / 4 % PAGE_WORDS];
	if (i->run)
		return i;
	struct insn fresh;
	enum decode_status s = isa_decode(&fresh, words, 1, ic->lanes, &why);
	if (s == DECODE_SHORT) {
		n = 2;
		page = fetch_words(x, pc, words, true, bad);
		if (!page)
			return NULL;
		i = &page->insn[pc / 4 % PAGE_WORDS];
		s = isa_decode(&fresh, words, 2, ic->lanes, &why);
	}
	if (s != DECODE_OK) {
		memset(&fresh, 0, sizeof fresh);
		fresh.run = run_undecodable;
		fresh.cls = CLS_SOPP; /* ends a run-on */
		fresh.size = 4 * n;
		fresh.nsrc = n;
		fresh.lit = words[0];
		fresh.ext = words[1];
		fresh.k[0] = (uintptr_t)why;
	} else {
		ic->decoded[slot_of(&fresh)]++;
	}
	*i = fresh;
	return i;
}

/* ------------------------------------------------------------------ coverage */

static const struct {
	const char *name;
	const struct isa_row *rows;
	unsigned n;
} classes[N_CLASSES] = {
	[CLS_SOP2] = { "SOP2", sim_rows_sop2, N_SOP2 }, [CLS_SOPK] = { "SOPK", sim_rows_sopk, N_SOPK },
	[CLS_SOP1] = { "SOP1", sim_rows_sop1, N_SOP1 }, [CLS_SOPC] = { "SOPC", sim_rows_sopc, N_SOPC },
	[CLS_SOPP] = { "SOPP", sim_rows_sopp, N_SOPP }, [CLS_SMEM] = { "SMEM", sim_rows_smem, N_SMEM },
	[CLS_VOP2] = { "VOP2", sim_rows_vop2, N_VOP2 }, [CLS_VOP1] = { "VOP1", sim_rows_vop1, N_VOP1 },
	[CLS_VOPC] = { "VOPC", sim_rows_vopc, N_VOPC }, [CLS_VOP3] = { "VOP3", sim_rows_vop3, N_VOP3 },
	[CLS_VOP3P] = { "VOP3P", sim_rows_vop3p, N_VOP3P }, [CLS_DS] = { "DS", sim_rows_ds, N_DS },
	[CLS_FLAT] = { "FLAT", sim_rows_flat, N_FLAT }, [CLS_SCRATCH] = { "SCRATCH", sim_rows_scratch, N_FLAT },
	[CLS_GLOBAL] = { "GLOBAL", sim_rows_global, N_FLAT }, [CLS_MUBUF] = { "MUBUF", sim_rows_mubuf, N_MUBUF },
};

const struct isa_row *isa_row(enum isa_class cls, unsigned op)
{
	const struct isa_row *row = NULL;
	if (cls == CLS_VOP3 && op < 448)
		row = op < 256 ? &sim_rows_vopc[op] : op < 320 ? &sim_rows_vop2[op - 256] : &sim_rows_vop1[op - 320];
	else if (op < classes[cls].n)
		row = &classes[cls].rows[op];
	/* These have no VOP3 form (isa-simulator.md 4). */
	static const uint16_t short_only[] = { 256 + 23, 256 + 24, 320 + 2, 320 + 81, 320 + 82 };
	for (unsigned k = 0; cls == CLS_VOP3 && k < sizeof short_only / sizeof *short_only; k++)
		if (op == short_only[k])
			return NULL;
	return row && row->name ? row : NULL;
}

static unsigned slot_of(const struct insn *i)
{
	unsigned base = 0;
	for (unsigned c = 0; c < i->cls; c++)
		base += classes[c].n;
	return base + i->op;
}

size_t sim_isa_slots(void)
{
	return N_SLOTS;
}

const char *sim_isa_slot_name(size_t slot, const char **encoding)
{
	for (unsigned c = 0; c < N_CLASSES; c++) {
		if (slot < classes[c].n) {
			const struct isa_row *row = isa_row(c, slot);
			*encoding = classes[c].name;
			return row ? row->name : NULL;
		}
		slot -= classes[c].n;
	}
	return NULL;
}

uint32_t sim_icache_decoded(const struct sim_icache *ic, size_t slot)
{
	return slot < N_SLOTS ? ic->decoded[slot] : 0;
}

const char *sim_insn_name(const uint32_t *words, size_t n)
{
	struct insn i;
	const char *why;
	if (n == 0 || isa_decode(&i, words, n, &sim_lanes_base, &why) != DECODE_OK)
		return "unknown";
	return i.row->name;
}
