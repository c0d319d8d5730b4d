/* Carries out control flow on a saved wave (wave-state 4.7): what must not be executed displaced, because it reads or writes the PC. */
#include "arch/arch.h"

#include "arch/layout.h"

static bool condition_holds(const struct gfx_wave *w, enum gfx_condition condition)
{
	const struct gfx_layout *l = w->family->layout;
	switch (condition) {
	case GFX_ALWAYS:
		return true;
	case GFX_IF_SCC0:
		return !gfx_hw_bit(w, l->scc);
	case GFX_IF_SCC1:
		return gfx_hw_bit(w, l->scc);
	case GFX_IF_VCCZ:
		return gfx_hw_bit(w, l->vccz);
	case GFX_IF_VCCNZ:
		return !gfx_hw_bit(w, l->vccz);
	case GFX_IF_EXECZ:
		return gfx_hw_bit(w, l->execz);
	case GFX_IF_EXECNZ:
		return !gfx_hw_bit(w, l->execz);
	case GFX_IF_CDBG_SYS:
		return gfx_hw_bit(w, l->cond_sys);
	case GFX_IF_CDBG_USER:
		return gfx_hw_bit(w, l->cond_user);
	case GFX_IF_CDBG_SYS_OR_USER:
		return gfx_hw_bit(w, l->cond_sys) || gfx_hw_bit(w, l->cond_user);
	case GFX_IF_CDBG_SYS_AND_USER:
		return gfx_hw_bit(w, l->cond_sys) && gfx_hw_bit(w, l->cond_user);
	}
	return false;
}

/* SOPP holds all conditional branches; the opcode stands in [22:16] on every family. */
static const struct gfx_flow_row *branch_row(const struct gfx_layout *l, const struct gfx_insn *insn)
{
	unsigned op = insn->word >> 16 & 0x7F;
	for (const struct gfx_flow_row *r = l->sopp; r->class != GFX_INSN_SEQUENTIAL; r++)
		if (r->op == op && r->class == insn->class)
			return r;
	return NULL;
}

static uint64_t branch_target(uint64_t next, const struct gfx_insn *insn)
{
	return (next + (uint64_t)((int64_t)insn->simm16 * 4)) & ~UINT64_C(3);
}

bool gfx_insn_can_simulate(const struct gfx_wave *w, const struct gfx_insn *insn)
{
	uint64_t value;
	/* A wave that the program has halted executes nothing. */
	if (gfx_wave_program_halted(w))
		return false;
	switch (insn->class) {
	case GFX_INSN_BRANCH:
	case GFX_INSN_COND_BRANCH:
		return branch_row(w->family->layout, insn) != NULL;
	case GFX_INSN_CALL:
	case GFX_INSN_GETPC:
		return gfx_operand_read64(w, insn->sdst, &value) == GFX_OK;
	case GFX_INSN_SETPC:
		return gfx_operand_read64(w, insn->ssrc0, &value) == GFX_OK;
	case GFX_INSN_SWAPPC:
		return gfx_operand_read64(w, insn->ssrc0, &value) == GFX_OK && gfx_operand_read64(w, insn->sdst, &value) == GFX_OK;
	default:
		return false;
	}
}

int gfx_insn_simulate(struct gfx_wave *w, const struct gfx_insn *insn)
{
	if (!gfx_insn_can_simulate(w, insn))
		return GFX_UNSUPPORTED;

	uint64_t next = gfx_wave_pc(w) + insn->length, target = next;
	switch (insn->class) {
	case GFX_INSN_BRANCH:
	case GFX_INSN_COND_BRANCH:
		if (condition_holds(w, branch_row(w->family->layout, insn)->condition))
			target = branch_target(next, insn);
		break;
	case GFX_INSN_CALL:
		target = branch_target(next, insn);
		gfx_operand_write64(w, insn->sdst, next);
		break;
	case GFX_INSN_GETPC:
		gfx_operand_write64(w, insn->sdst, next);
		break;
	case GFX_INSN_SWAPPC:
		/* Source and destination may be the same pair. */
		gfx_operand_read64(w, insn->ssrc0, &target);
		gfx_operand_write64(w, insn->sdst, next);
		break;
	default:
		gfx_operand_read64(w, insn->ssrc0, &target);
		break;
	}
	gfx_wave_set_pc(w, target);
	return GFX_OK;
}
