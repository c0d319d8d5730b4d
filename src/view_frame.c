/* Frames: where the variables of the function at the PC are. */
#include <stdio.h>

#include "src/breakpoint.h"
#include "src/codeobj.h"
#include "src/view_internal.h"

enum { CODE_WINDOW = 4096, MAX_FUNCTION = 1 << 20, S_MOV_B32 = 0xBE800000, STACK_POINTER = 32 };

/* True for `s_mov_b32 s<n>, anything` (SOP1 opcode 0; the same bits on every gfx9). */
static bool sets(const struct gfx_insn *insn, unsigned n)
{
	return (insn->word & 0xffffff00) == (S_MOV_B32 | n << 16);
}

/* The frame pointer belongs to the caller until the function has set it, and again after it has put the caller's back. In between it is
 * written nowhere. Counting the writes before the PC in the order of addresses errs towards "no frame" where a function has
 * several ends. The stack pointer is set before a function begins. */
static bool is_set_up(struct dbg_process *p, const struct dbg_wave *w, uint64_t low, unsigned sgpr)
{
	uint64_t pc = gfx_wave_pc(&w->g);
	uint8_t code[CODE_WINDOW];
	unsigned writes = 0;
	if (sgpr == STACK_POINTER)
		return true;
	if (pc - low > MAX_FUNCTION)
		return false;
	for (uint64_t at = low; at < pc;) {
		size_t got, used = 0, want = pc - at < sizeof code ? (size_t)(pc - at) : sizeof code;
		if (break_read_code(p, at, code, want, &got, NULL) < 0)
			return false;
		while (used < got) {
			struct gfx_insn insn;
			if (gfx_insn_decode(w->g.family, code + used, got - used, &insn) < 0)
				break; /* cut off at the end of the window: again from here */
			writes += sets(&insn, sgpr);
			used += insn.length;
		}
		if (!used)
			return false;
		at += used;
	}
	return writes == 1;
}

/* Base of the variables of the function at the PC: the value of the scalar register its frame base names. */
int view_frame_base(struct view *v, struct dbg_process *p, struct dbg_wave *w, uint64_t *out, struct dbg_error *err)
{
	uint64_t pc = gfx_wave_pc(&w->g);
	const struct dbg_codeobj *o = codeobj_at(p, pc);
	const struct view_object *served = o ? view_object_of(v, o) : NULL;
	const struct view_function *f = served ? view_elf_function(&served->elf, pc - o->load_bias) : NULL;
	char name[16];
	uint32_t value;
	if (!f || f->base_sgpr < 0)
		return dbg_fail(err, DBG_REFUSED, "the function at the PC names no frame base");
	snprintf(name, sizeof name, "s%d", f->base_sgpr);
	if (!is_set_up(p, w, o->load_bias + f->low, (unsigned)f->base_sgpr))
		return dbg_fail(err, DBG_REFUSED, "the function has no frame at this instruction");
	int row = gfx_reg_by_name(w->g.family, name);
	if (row < 0 || gfx_reg_read(&w->g, (size_t)row, &value, NULL) < 0)
		return dbg_fail(err, DBG_REFUSED, "%s, the frame base, is not there", name);
	*out = value;
	return 0;
}
