/* The loop: fetch, execute, stop reasons. */
#include "sim/isa/wave.h"

#include <string.h>

#include "sim/isa/icache.h"
#include "sim/isa/insn.h"
#include "sim/isa/mem.h"

enum { STATUS_DERIVED = STATUS_SCC | STATUS_EXECZ | STATUS_VCCZ };
static const uint64_t PC_MASK = 0xfffffffffffcull;

uint32_t sim_wave_status(const struct sim_wave *w)
{
	uint32_t status = w->status & ~(uint32_t)STATUS_DERIVED;
	if (w->scc)
		status |= STATUS_SCC;
	if (!pair_get(&w->s[SIM_S_EXEC]))
		status |= STATUS_EXECZ;
	if (!pair_get(&w->s[SIM_S_VCC]))
		status |= STATUS_VCCZ;
	return status;
}

void sim_wave_set_status(struct sim_wave *w, uint32_t status)
{
	w->scc = status & STATUS_SCC ? 1 : 0;
	w->status = status & ~(uint32_t)STATUS_DERIVED;
}

uint64_t exec_special(const struct exec *x, unsigned code)
{
	switch (code) {
	case 235: return x->env->shared_base;
	case 236: return x->env->shared_base | 0xffffffffu;
	case 237: return x->env->private_base;
	case 238: return x->env->private_base | 0xffffffffu;
	case 251: return !pair_get(&x->w->s[SIM_S_VCC]);
	case 252: return !exec_mask(x);
	case 253: return x->w->scc;
	default: return 0;
	}
}

void exec_mode_changed(struct exec *x)
{
	uint32_t mode = x->w->mode;
	/* Fast: round to nearest even, denormals kept, no exception enabled, no VGPR indexing. */
	x->slow = (mode & (0x0f | MODE_EXCP_MASK | MODE_GPR_IDX_EN)) != 0 || (mode & 0xf0) != 0xf0;
}

const uint32_t *exec_lane_mask(struct exec *x, uint64_t mask)
{
	if (x->lane_mask_exec != mask) {
		x->lane_mask_exec = mask;
		lanes_expand(x->lane_mask, mask);
	}
	return x->lane_mask;
}

enum run_status exec_illegal(struct exec *x, uint32_t word0, uint32_t word1, unsigned n, const char *why)
{
	uint32_t words[2] = { word0, word1 };
	x->w->trapsts |= TRAPSTS_ILLEGAL;
	x->res.why = SIM_EXCEPTION;
	if (x->env->unknown)
		x->env->unknown(x->env->unknown_ctx, x->w->pc, words, n, why);
	return RUN_AT;
}

enum run_status run_undecodable(struct exec *x, const struct insn *i)
{
	return exec_illegal(x, i->lit, i->ext, i->nsrc, (const char *)(uintptr_t)i->k[0]);
}

/* A wave whose TRAPSTS still holds something reportable enters its trap handler again at once (wave-state.md 3.5). */
static bool pending_at_entry(const struct sim_wave *w, struct sim_result *res)
{
	uint32_t excp = w->trapsts & TRAPSTS_EXCP;
	bool watch = (w->trapsts & TRAPSTS_WATCHES) && (w->mode & MODE_EXCP_WATCH);
	if (w->status & STATUS_HALT) {
		res->why = SIM_HALTED;
		return true;
	}
	if ((w->trapsts & (TRAPSTS_MEM_VIOL | TRAPSTS_ILLEGAL)) || (excp << MODE_EXCP_SHIFT & w->mode) || watch) {
		res->why = SIM_EXCEPTION;
		return true;
	}
	if (w->trapsts & TRAPSTS_AFTER_INST) {
		res->why = SIM_STEPPED;
		return true;
	}
	return false;
}

static void init(struct exec *x, struct sim_wave *w, struct sim_env *env)
{
	x->w = w;
	x->env = env;
	x->page = NULL;
	x->page_no = 0;
	x->mem = &env->icache->mem;
	x->lane_mask_exec = 0;
	memset(x->lane_mask, 0, sizeof x->lane_mask);
	memset(&x->zero, 0, sizeof x->zero);
	memset(&x->res, 0, sizeof x->res);
	x->watching = false;
	for (unsigned k = 0; env->watches && k < 4; k++)
		x->watching |= env->watches[k].valid;
	mem_cache_check(x->mem, &env->vm);
	exec_mode_changed(x);
	w->pc &= PC_MASK;
}

/* An instruction of imprecise stops' tail must not be seen: whatever waits, branches or ends. */
static bool sequential(const struct insn *i)
{
	switch (i->cls) {
	case CLS_SOPP: return false;
	case CLS_SOP1: return i->op < 28 || i->op > 31;
	case CLS_SOPK: return i->op != 21;
	default: return true;
	}
}

/* After an imprecise fault or watch hit: runs on over up to imprecise_by sequential instructions (PC is past the culprit). */
static void run_on(struct exec *x, unsigned limit)
{
	struct sim_wave *w = x->w;
	struct sim_result keep = x->res;
	for (; limit; limit--) {
		uint64_t bad;
		const struct insn *i = icache_fetch(x, w->pc, &bad);
		if (!i || !sequential(i))
			break;
		x->next = (w->pc + i->size) & PC_MASK;
		uint32_t before = w->trapsts;
		enum run_status s = i->run(x, i);
		if (s == RUN_FAULT || s == RUN_AT) { /* a second one: it will happen again when the wave resumes */
			w->trapsts = before;
			break;
		}
		w->pc = x->next;
		w->instructions++;
		if (s != RUN_NEXT && s != RUN_WATCH)
			break;
	}
	x->res = keep;
}

static unsigned run_on_limit(const struct exec *x)
{
	return x->env->precise_memory || (x->w->mode & MODE_DEBUG_EN) ? 0 : x->env->imprecise_by;
}

/* Turns a handler's status into the result; PC and TRAPSTS as hardware leaves them. */
static struct sim_result stop(struct exec *x, enum run_status s)
{
	struct sim_wave *w = x->w;
	if (s == RUN_AT)
		return x->res;
	if (s == RUN_FAULT) {
		unsigned limit = run_on_limit(x);
		if (limit) {
			w->pc = x->next;
			w->instructions++;
			run_on(x, limit);
		}
		w->trapsts |= TRAPSTS_MEM_VIOL | (x->res.fault_unmapped ? TRAPSTS_XNACK_ERROR : 0);
		x->res.why = SIM_EXCEPTION;
		return x->res;
	}
	w->pc = x->next;
	w->instructions++;
	if (s == RUN_EXCEPT || s == RUN_WATCH) {
		x->res.why = SIM_EXCEPTION;
		if (s == RUN_WATCH)
			run_on(x, run_on_limit(x));
	}
	if (w->mode & MODE_DEBUG_EN) {
		w->trapsts |= TRAPSTS_AFTER_INST;
		if (x->res.why == SIM_YIELD || x->res.why == SIM_HALTED)
			x->res.why = SIM_STEPPED;
	}
	return x->res;
}

static struct sim_result fetch_fault(struct exec *x, uint64_t bad)
{
	x->w->trapsts |= TRAPSTS_MEM_VIOL;
	x->res.why = SIM_EXCEPTION;
	x->res.fault_addr = bad;
	return x->res;
}

struct sim_result sim_wave_run(struct sim_wave *w, struct sim_env *env, uint64_t budget)
{
	struct exec x;
	init(&x, w, env);
	if (pending_at_entry(w, &x.res))
		return x.res;
	bool stepping = w->mode & MODE_DEBUG_EN;
	for (; budget; budget--) {
		uint64_t bad;
		const struct insn *i = icache_fetch(&x, w->pc, &bad);
		if (SIM_UNLIKELY(!i))
			return fetch_fault(&x, bad);
		x.next = w->pc + i->size;
		enum run_status s = i->run(&x, i);
		x.next &= PC_MASK;
		if (SIM_UNLIKELY(s != RUN_NEXT))
			return stop(&x, s);
		w->pc = x.next;
		w->instructions++;
		if (SIM_UNLIKELY(stepping)) {
			w->trapsts |= TRAPSTS_AFTER_INST;
			x.res.why = SIM_STEPPED;
			return x.res;
		}
	}
	x.res.why = SIM_BUDGET;
	return x.res;
}
