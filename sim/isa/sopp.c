/* Program control: SOPP. */
#include "sim/isa/scalar.h"

#define SPX(OP, NAME, RUN)
#define SPB(OP, NAME, COND) \
	static enum run_status NAME(struct exec *x, const struct insn *i) \
	{ \
		if (COND) \
			x->next += (uint64_t)(int64_t)i->offset * 4; \
		return RUN_NEXT; \
	}
#include "sim/isa/sopp.def"
#undef SPX
#undef SPB

static enum run_status stop_with(struct exec *x, enum sim_stop why, uint32_t info, enum run_status status)
{
	x->res.why = why;
	x->res.info = info;
	return status;
}

static enum run_status run_nothing(struct exec *x, const struct insn *i)
{
	(void)x;
	(void)i;
	return RUN_NEXT;
}

static enum run_status run_endpgm(struct exec *x, const struct insn *i)
{
	(void)i;
	return stop_with(x, SIM_ENDPGM, 0, RUN_AT);
}

static enum run_status run_barrier(struct exec *x, const struct insn *i)
{
	(void)i;
	return stop_with(x, SIM_BARRIER, 0, RUN_STOP);
}

static enum run_status run_sleep(struct exec *x, const struct insn *i)
{
	(void)i;
	return stop_with(x, SIM_YIELD, 0, RUN_STOP);
}

static enum run_status run_sethalt(struct exec *x, const struct insn *i)
{
	if (!(i->offset & 1)) {
		x->w->status &= ~(uint32_t)STATUS_HALT;
		return RUN_NEXT;
	}
	x->w->status |= STATUS_HALT;
	return stop_with(x, SIM_HALTED, 0, RUN_STOP);
}

/* Messages 1 (interrupt) and 10 (doorbell) do nothing outside trap code; the rest is the caller's business. */
static enum run_status run_sendmsg(struct exec *x, const struct insn *i)
{
	unsigned message = (unsigned)i->offset & 15;
	if ((message == 1 || message == 10) && !(x->w->status & STATUS_PRIV))
		return RUN_NEXT;
	return stop_with(x, SIM_SENDMSG, message, RUN_STOP);
}

static enum run_status run_sendmsghalt(struct exec *x, const struct insn *i)
{
	enum run_status s = run_sendmsg(x, i);
	x->w->status |= STATUS_HALT;
	return s == RUN_NEXT ? stop_with(x, SIM_HALTED, 0, RUN_STOP) : s;
}

static enum run_status run_trap(struct exec *x, const struct insn *i)
{
	return stop_with(x, SIM_TRAP, (uint32_t)i->offset & 0xff, RUN_AT);
}

static enum run_status run_icache_inv(struct exec *x, const struct insn *i)
{
	(void)i;
	sim_icache_drop(x->env->icache);
	x->page = NULL;
	return RUN_NEXT;
}

static enum run_status run_set_gpr_idx_off(struct exec *x, const struct insn *i)
{
	(void)i;
	x->w->mode &= ~(uint32_t)MODE_GPR_IDX_EN;
	exec_mode_changed(x);
	return RUN_NEXT;
}

static enum run_status run_set_gpr_idx_mode(struct exec *x, const struct insn *i)
{
	uint32_t *m0 = &x->w->s[SIM_S_M0];
	*m0 = (*m0 & ~0xf000u) | ((uint32_t)i->offset & 0xf) << 12;
	return RUN_NEXT;
}

const struct isa_row sim_rows_sopp[N_SOPP] = {
#define SPX(OP, NAME, RUN) [OP] = { .name = #NAME, .run = RUN, .d = 'n', .a = 'n', .b = 'n', .c = 'n' },
#define SPB(OP, NAME, COND) [OP] = { .name = #NAME, .run = NAME, .d = 'n', .a = 'n', .b = 'n', .c = 'n' },
#include "sim/isa/sopp.def"
};
