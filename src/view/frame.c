/* Frames: a wave's chain of calls as windows, numbered from the outermost frame so that one keeps its address while it lives. */
#include <stdio.h>
#include <string.h>

#include "src/model/codeobj.h"
#include "src/model/memory.h"
#include "src/model/wave.h"
#include "src/view/internal.h"
#include "src/view/window.h"

enum { STACK_POINTER = 32 };

static const struct unwind_function *find_function(void *arg, const struct dbg_codeobj *o, uint64_t addr)
{
	const struct view_object *served = view_object_of(arg, o);
	return served ? unwind_table_at(served->elf.table, served->elf.n_table, addr) : NULL;
}

static const struct unwind_cfi *find_cfi(void *arg, const struct dbg_codeobj *o)
{
	const struct view_object *served = view_object_of(arg, o);
	return served ? served->elf.cfi : NULL;
}

void view_frames_drop(struct view *v)
{
	unwind_chain_free(&v->chain);
	v->base_known = v->stored_known = false;
}

void view_frames_free(struct view *v)
{
	view_frames_drop(v);
	unwind_cache_free(v->unwind);
	v->unwind = NULL;
}

void view_frames_forget(struct view *v)
{
	view_frames_drop(v);
	if (v->unwind)
		unwind_cache_clear(v->unwind);
}

/* The chain of the wave asked for last is kept until something changes. */
int view_frames(struct view *v, struct dbg_process *p, struct dbg_wave *w, struct unwind_chain **out, struct dbg_error *err)
{
	uint64_t pc = wave_pc(w);
	*out = &v->chain;
	if (v->chain.frames && v->chain.w == w && v->chain_wave == w->id && v->chain_sweep == p->sweep && v->chain.frames[0].pc == pc)
		return 0;
	view_frames_drop(v);
	if (!v->unwind)
		v->unwind = unwind_cache_new();
	if (!v->unwind)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for frames");
	v->chain_wave = w->id;
	v->chain_sweep = p->sweep;
	struct unwind_source source = { find_function, find_cfi, v };
	return unwind_chain_make(v->unwind, p, w, &source, &v->chain, err);
}

bool view_returns_to(struct view *v, struct dbg_process *p, struct dbg_wave *w, uint64_t addr)
{
	struct unwind_chain *c;
	if (view_frames(v, p, w, &c, NULL) < 0)
		return false;
	for (size_t i = 1; i < c->n; i++)
		if (c->frames[i].pc == addr)
			return true;
	return false;
}

uint64_t view_frame_window(struct view *v, struct dbg_process *p, struct dbg_wave *w, bool registers, unsigned lane)
{
	struct unwind_chain *c;
	unsigned number = view_frames(v, p, w, &c, NULL) == 0 ? (unsigned)c->n - 1 : 0;
	return view_window(w, registers, number, lane);
}

/* What debug information says of a frame's function; *pc is the address in its file. NULL: nothing. */
static const struct view_function *function_of(struct view *v, const struct unwind_chain *c, size_t frame, uint64_t *pc)
{
	uint64_t addr = frame ? c->frames[frame].pc - 4 : c->frames[frame].pc; /* a call may be the last instruction of its function */
	const struct dbg_codeobj *o = codeobj_at(c->p, addr);
	const struct view_object *served = o ? view_object_of(v, o) : NULL;
	if (!served)
		return NULL;
	*pc = addr - o->load_bias;
	return view_elf_function(&served->elf, *pc);
}

int view_frame_stored(struct view *v, const struct unwind_chain *c, size_t frame, struct dbg_error *err)
{
	uint64_t pc;
	bool kept = c == &v->chain;
	if (frame)
		return 0;
	if (!kept || !v->stored_known) {
		const struct view_function *function = function_of(v, c, frame, &pc);
		v->stored = !function || function->optimised || pc >= function->body;
		v->stored_known = kept;
	}
	if (!v->stored)
		return dbg_fail(err, DBG_REFUSED, "the function has not stored its arguments yet");
	return 0;
}

/* Frame pointers count bytes of the lane where scratch is architected, else of the wave, while variables count bytes of the lane (isa 11.2,
 * wave-state 7.5). */
static uint64_t lane_offset(const struct unwind_chain *c, uint32_t pointer)
{
	return c->w->g.family->architected_scratch ? pointer : pointer / c->w->g.rec.lanes;
}

/* Where only frame information is believed: the function has set its frame base up when the CFA counts from it. */
static int told_base(struct unwind_chain *c, size_t frame, unsigned base, uint64_t *out, struct dbg_error *err)
{
	enum { OP_REGX = 0x90, FIRST_SGPR = 32 };
	const struct unwind_rule *cfa = &c->frames[frame].row->cfa;
	bool set = cfa->kind == UNWIND_RULE_PLUS ? cfa->slot == base :
		cfa->kind == UNWIND_RULE_EXPRESSION && cfa->n > 1 && cfa->e[0] == OP_REGX && cfa->e[1] == FIRST_SGPR + base;
	uint32_t value;
	if (!set)
		return dbg_fail(err, DBG_REFUSED, "the function has no frame at this instruction");
	int status = unwind_scalar(c, frame, base, &value, err);
	*out = status < 0 ? 0 : lane_offset(c, value);
	return status;
}

static int find_base(struct view *v, struct unwind_chain *c, size_t frame, uint64_t *out, struct dbg_error *err)
{
	const struct unwind_frame *f = &c->frames[frame];
	uint64_t pc;
	const struct view_function *function = function_of(v, c, frame, &pc);
	uint32_t value;
	if (function && function->kernel && function->base_sgpr < 0) {
		*out = 0; /* where a lane's private memory begins */
		return 0;
	}
	if (!function || function->base_sgpr < 0)
		return dbg_fail(err, DBG_REFUSED, "the function at the PC names no frame base");
	unsigned base = (unsigned)function->base_sgpr;
	if (!f->state && f->row)
		return told_base(c, frame, base, out, err);
	/* The frame pointer is the caller's until the function has set it, and again after it has put the caller's back. */
	/* A function that counts from the stack pointer is given it by its caller, and may have moved it. */
	if (base == STACK_POINTER ? !f->state || f->state->scalars[base].kind != UNWIND_ENTRY :
		(!f->state || f->state->scalars[base].kind == UNWIND_ENTRY || (!f->kernel && f->state->scalars[base].kind == UNWIND_UNKNOWN)))
		return dbg_fail(err, DBG_REFUSED, "the function has no frame at this instruction");
	int status = unwind_scalar(c, frame, base, &value, err);
	if (status == 0)
		*out = lane_offset(c, value);
	return status;
}

/* The same for every lane, which are asked about one after the other. */
int view_frame_base(struct view *v, struct unwind_chain *c, size_t frame, uint64_t *out, struct dbg_error *err)
{
	bool kept = c == &v->chain;
	if (!kept || !v->base_known || v->base_frame != frame) {
		int status = find_base(v, c, frame, &v->base, err);
		if (status < 0)
			return status;
		v->base_frame = frame;
		v->base_known = kept;
	}
	*out = v->base;
	return 0;
}

bool view_frame_lane_doubtful(const struct dbg_wave *w)
{
	return !w->lane_chosen && w->lane_sweep != w->sweep;
}

void view_frame_default_lane(struct view *v, struct dbg_process *p, struct dbg_wave *w)
{
	struct unwind_chain *c;
	if (view_frames(v, p, w, &c, NULL) < 0)
		return;
	unsigned lanes = w->g.rec.lanes, lane = wave_lane(w);
	for (unsigned i = 0; i < 2 * lanes; i++)
		if (unwind_lane_entered(c, 0, i % lanes) == 1 && (i >= lanes || wave_lane_active(w, i))) {
			lane = i % lanes;
			break;
		}
	w->lane_default = lane;
	w->lane_sweep = w->sweep;
}

int view_frame_lane(const struct unwind_chain *c, size_t frame, unsigned lane, struct dbg_error *err)
{
	int entered = unwind_lane_entered(c, frame, lane);
	if (entered == 0)
		return dbg_fail(err, DBG_REFUSED, "lane %u took no part in this call", lane);
	if (entered < 0 && !c->frames[frame].kernel && c->frames[frame].state)
		return dbg_fail(err, DBG_REFUSED, "whether lane %u took part in this call is not known", lane);
	return 0;
}

int view_frame_lane_there(const struct unwind_chain *c, size_t frame, unsigned lane, struct dbg_error *err)
{
	int status = view_frame_lane(c, frame, lane, err);
	if (status < 0)
		return status;
	if (frame)
		return view_frame_lane(c, frame - 1, lane, err);
	return wave_lane_active(c->w, lane) ? 0 : dbg_fail(err, DBG_REFUSED, "lane %u is not active", lane);
}

uint64_t view_frame_told(struct view *v, struct unwind_chain *c, size_t frame, unsigned lane)
{
	uint64_t base;
	bool told = view_frame_lane(c, frame, lane, NULL) == 0 && view_frame_base(v, c, frame, &base, NULL) == 0 &&
		view_frame_stored(v, c, frame, NULL) == 0;
	return told ? view_window(c->w, false, (unsigned)(c->n - 1 - frame), lane) : 0;
}

uint64_t view_frame_window_told(struct view *v, struct dbg_process *p, struct dbg_wave *w, unsigned lane)
{
	struct unwind_chain *c;
	return view_frames(v, p, w, &c, NULL) == 0 ? view_frame_told(v, c, 0, lane) : 0;
}

int view_frame_link(struct view *v, struct unwind_chain *c, size_t frame, unsigned lane, int64_t offset, uint8_t *buf, size_t n,
	struct dbg_error *err)
{
	uint64_t link[VIEW_LINK_BYTES / 8] = { 0 };
	if (offset < -VIEW_LINK_BYTES || (int64_t)n > -offset)
		return dbg_fail(err, DBG_REFUSED, "nothing lies there below a frame window");
	if (frame + 1 < c->n) {
		unsigned number = (unsigned)(c->n - 2 - frame);
		link[0] = offset < -VIEW_LINK_BYTES + 8 ? view_frame_told(v, c, frame + 1, lane) : 0;
		link[1] = view_window(c->w, true, number, lane);
		link[2] = view_window(c->w, false, number, lane);
		link[3] = c->frames[frame + 1].pc;
	} else if (!c->complete) {
		return dbg_fail(err, DBG_REFUSED, "the caller is not known: %s", c->why.text);
	}
	memcpy(buf, (const uint8_t *)link + (offset + VIEW_LINK_BYTES), n);
	return 0;
}

int view_frame_register(struct unwind_chain *c, size_t frame, const struct gfx_reg_row *row, unsigned lane, uint32_t *out, struct dbg_error *err)
{
	switch (row->class) {
	case GFX_CLASS_SCALAR:
		return unwind_scalar(c, frame, row->index, out, err);
	case GFX_CLASS_VECTOR:
		return unwind_vector(c, frame, row->index, lane, out, err);
	case GFX_CLASS_ACC:
		return unwind_vector(c, frame, row->index + GFX_ACC, lane, out, err);
	default:
		return dbg_fail(err, DBG_REFUSED, "%s of outer frames is not known", row->name);
	}
}

int view_callers(struct view *v, struct dbg_process *p, struct dbg_wave *w, void (*emit)(void *arg, const struct view_caller *f), void *arg,
	struct dbg_error *end, struct dbg_error *err)
{
	struct unwind_chain *c;
	int status = view_frames(v, p, w, &c, err);
	if (status < 0)
		return status;
	for (size_t i = 0; i < c->n; i++) {
		struct view_caller f = { .number = (unsigned)i, .pc = c->frames[i].pc };
		for (unsigned lane = 0; lane < c->w->g.rec.lanes; lane++) {
			int entered = unwind_lane_entered(c, i, lane);
			f.lanes |= (uint64_t)(entered == 1) << lane;
			f.told |= (uint64_t)(entered >= 0) << lane;
		}
		emit(arg, &f);
	}
	memset(end, 0, sizeof *end);
	if (!c->complete)
		*end = c->why;
	return 0;
}

int view_caller_register(struct view *v, struct dbg_process *p, struct dbg_wave *w, unsigned frame, const char *name, uint32_t *out,
	struct dbg_error *err)
{
	const struct gfx_family *family = w->g.family;
	int row = gfx_reg_by_name(family, name);
	struct unwind_chain *c;
	int status = view_frames(v, p, w, &c, err);
	if (status < 0)
		return status;
	if (row < 0 || frame >= c->n)
		return dbg_fail(err, DBG_BAD_REQUEST, "no such register or frame");
	if (strcmp(name, "exec") == 0)
		return unwind_scalar(c, frame, GFX_CODE_EXEC, out, err);
	if (strcmp(name, "vcc") == 0)
		return unwind_scalar(c, frame, GFX_CODE_VCC, out, err);
	return view_frame_register(c, frame, &family->regs[row], wave_lane(w), out, err);
}
