#include "src/view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/model/codeobj.h"
#include "src/model/memory.h"
#include "src/model/process.h"
#include "src/model/savearea.h"
#include "src/run/settle.h"
#include "src/view/internal.h"
#include "src/view/window.h"
#include "src/control/watch.h"
#include "src/model/wave.h"

int view_create(const struct dbg_process *p, const struct view_carrier *carrier, struct view **out, struct dbg_error *err)
{
	struct view *v = calloc(1, sizeof *v);
	if (!v)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for the view");
	v->carrier = carrier;
	for (size_t i = 0; p && i < p->n_agents && !v->family; i++)
		v->family = p->agents[i].family;
	int status = view_tdesc_build(v, err);
	if (status < 0) {
		view_destroy(v);
		return status;
	}
	*out = v;
	return 0;
}

void view_destroy(struct view *v)
{
	if (!v)
		return;
	view_frames_free(v);
	view_objects_free(v);
	view_tdesc_free(v);
	free(v);
}

int view_set_carrier(struct view *v, const struct view_carrier *carrier, struct dbg_error *err)
{
	if (v->carrier == carrier)
		return 0;
	view_frames_forget(v);
	view_objects_free(v);
	view_tdesc_free(v);
	v->carrier = carrier;
	return view_tdesc_build(v, err);
}

const struct rsp_tdesc *view_tdesc(const struct view *v)
{
	return &v->tdesc;
}

/* ------------------------------------------------------------------ registers of waves */

static bool carrier_value(struct view *v, struct dbg_process *p, struct dbg_wave *w, unsigned index, uint64_t *out)
{
	unsigned lane = wave_lane(w);
	switch (v->carrier->roles[index]) {
	case VIEW_PC:
		*out = w->owed_shown ? w->owed_shown : gfx_wave_pc(&w->g);
		return true;
	case VIEW_FRAME: /* served variables count from it */
		*out = view_frame_window(v, p, w, false, lane);
		return true;
	case VIEW_TOLD:
		*out = view_frame_window_told(v, p, w, lane);
		return true;
	case VIEW_REGISTERS: /* of the lane as memory: served locations point there */
		*out = view_frame_window(v, p, w, true, lane);
		return true;
	case VIEW_PRIVATE:
		*out = w->queue->agent->info.scratch_base;
		return true;
	case VIEW_WAVE:
		*out = w->id;
		return true;
	case VIEW_ARGUMENTS:
		*out = w->packet.kernarg;
		return w->has_packet;
	case VIEW_LDS: /* where it begins for generic pointers */
		*out = w->queue->agent->info.lds_base;
		return true;
	default:
		return false;
	}
}

bool view_reg_of_lane(const struct view *v, size_t regno)
{
	if (regno >= v->n_regs)
		return false;
	switch (v->regs[regno].kind) {
	case VIEW_CORE:
		switch (v->carrier->roles[v->regs[regno].index]) {
		case VIEW_FRAME:
		case VIEW_TOLD:
		case VIEW_REGISTERS:
		case VIEW_RESULT:
			return true;
		default:
			return false;
		}
	case VIEW_PLACE:
		return view_place_of_lane(v->regs[regno].index);
	case VIEW_LANE:
		return true;
	case VIEW_GPU:
		return false;
	}
	return true;
}

/* Carries out what a wave is shown to have done already, if it still lives then. */
static int settle_wave(struct dbg_process *p, const struct dbg_wave *w, struct dbg_error *err)
{
	int64_t tid = wave_tid(w);
	int status = settle_now(p, err);
	if (status == 0 && !wave_by_tid(p, tid))
		return dbg_fail(err, DBG_GONE, "the wave has ended");
	return status;
}

/* In non-stop the queues of a stopped wave may be back on the hardware: what was not brought while they were off needs them off once more. */
static int at_hand(struct dbg_process *p, const struct dbg_wave *w, struct dbg_error *err)
{
	int64_t tid = wave_tid(w);
	if (!p->nonstop || w->queue->suspended || savearea_brought(w, true))
		return 0;
	int status = dbg_access(p, err);
	if (status == 0 && wave_by_tid(p, tid) != w)
		return dbg_fail(err, DBG_GONE, "the wave has ended");
	return status;
}

static int behind(const struct dbg_wave *w, struct dbg_error *err)
{
	return dbg_fail(err, DBG_REFUSED, "wave %llu waits at a barrier: the instruction in front of its PC is executed when the others have come",
		(unsigned long long)w->id);
}

static int result_read(struct dbg_process *p, const struct dbg_wave *w, unsigned index, uint8_t *buf, bool *available, struct dbg_error *err)
{
	int status = settle_wave(p, w, err);
	return status < 0 || wave_behind(w) ? status : view_result_read(p, w, index, buf, available, err);
}

int view_wave_read(struct view *v, struct dbg_process *p, struct dbg_wave *w, size_t regno, uint8_t *buf, bool *available, struct dbg_error *err)
{
	const struct rsp_reg *reg = rsp_tdesc_reg(&v->tdesc, regno);
	uint64_t value;
	uint32_t lane;
	struct gfx_error why;
	if (!reg || regno >= v->n_regs)
		return dbg_fail(err, DBG_BAD_REQUEST, "no register %zu", regno);
	if (!dbg_thread_stopped(p, wave_tid(w)))
		return dbg_fail(err, DBG_REFUSED, "the wave is running");
	*available = false;
	enum view_reg_kind kind = v->regs[regno].kind;
	bool pc = kind == VIEW_CORE && v->carrier->roles[v->regs[regno].index] == VIEW_PC;
	int status = (kind == VIEW_CORE && !pc) || kind == VIEW_GPU ? at_hand(p, w, err) : 0;
	if (status == 0 && view_reg_of_lane(v, regno) && view_frame_lane_doubtful(w)) {
		status = at_hand(p, w, err);
		if (status == 0)
			view_frame_default_lane(v, p, w);
	}
	if (status < 0)
		return status;
	switch (kind) {
	case VIEW_CORE:
		if (carrier_value(v, p, w, v->regs[regno].index, &value)) {
			memcpy(buf, &value, sizeof value);
			*available = true;
			return 0;
		}
		return v->carrier->roles[v->regs[regno].index] == VIEW_RESULT ? result_read(p, w, v->regs[regno].index, buf, available, err) : 0;
	case VIEW_LANE:
		lane = wave_lane(w);
		memcpy(buf, &lane, sizeof lane);
		*available = true;
		return 0;
	case VIEW_PLACE:
		*available = view_place_read(w, v->regs[regno].index, &lane);
		if (*available)
			memcpy(buf, &lane, sizeof lane);
		return 0;
	case VIEW_GPU:
		if (w->g.family != v->family)
			return 0; /* of another family than the one described */
		status = settle_wave(p, w, err);
		if (status < 0 || wave_behind(w))
			return status;
		status = gfx_reg_read(&w->g, v->regs[regno].index, buf, &why);
		if (status < 0 && status != GFX_UNKNOWN && status != GFX_RANGE)
			return dbg_fail(err, DBG_REFUSED, "%s", why.text);
		*available = status == GFX_OK;
		return 0;
	}
	return 0;
}

static int write_lane(struct dbg_wave *w, uint32_t lane, struct dbg_error *err)
{
	if (lane >= w->g.rec.lanes)
		return dbg_fail(err, DBG_BAD_REQUEST, "the wave has lanes 0 to %u", w->g.rec.lanes - 1u);
	w->lane = lane;
	w->lane_chosen = true;
	return 0;
}

static int write_gpu(struct dbg_wave *w, size_t row, const uint8_t *buf, struct dbg_error *err)
{
	struct gfx_error why;
	uint32_t offset, bytes;
	if (gfx_reg_write(&w->g, row, buf, &why) < 0)
		return dbg_fail(err, DBG_REFUSED, "%s", why.text);
	if (gfx_reg_slot(&w->g, row, &offset, &bytes, NULL) == GFX_OK)
		wave_touch(w, offset, bytes);
	wave_touch_state(w); /* EXECZ, VCCZ and the saved HALT follow some registers */
	return 0;
}

int view_wave_write(struct view *v, struct dbg_process *p, struct dbg_wave *w, size_t regno, const uint8_t *buf, struct dbg_error *err)
{
	uint64_t value;
	uint32_t lane;
	if (regno >= v->n_regs)
		return dbg_fail(err, DBG_BAD_REQUEST, "no register %zu", regno);
	if (!dbg_thread_stopped(p, wave_tid(w)))
		return dbg_fail(err, DBG_REFUSED, "the wave is running");
	int status = settle_wave(p, w, err);
	if (status == 0 && wave_behind(w) && v->regs[regno].kind != VIEW_LANE)
		status = behind(w, err);
	if (status < 0)
		return status;
	view_frames_drop(v);
	w->lane_sweep = 0;
	switch (v->regs[regno].kind) {
	case VIEW_LANE:
		memcpy(&lane, buf, sizeof lane);
		return write_lane(w, lane, err);
	case VIEW_GPU:
		if (w->g.family != v->family)
			return dbg_fail(err, DBG_REFUSED, "the wave's family is not the one described");
		return write_gpu(w, v->regs[regno].index, buf, err);
	case VIEW_PLACE:
		return dbg_fail(err, DBG_REFUSED, "%s only tells where the lane works; lane chooses another lane of the wave",
			view_place_regs[v->regs[regno].index].name);
	case VIEW_CORE:
		break;
	}
	if (v->carrier->roles[v->regs[regno].index] != VIEW_PC)
		return dbg_fail(err, DBG_REFUSED, "a wave has no such register: gdb sees frames by it, and they cannot be made to return or be called from; "
			"pc, s0, v0 and the like can be written");
	memcpy(&value, buf, sizeof value);
	if (value & 3)
		return dbg_fail(err, DBG_BAD_REQUEST, "a PC is a multiple of 4");
	gfx_wave_set_pc(&w->g, value);
	wave_touch_state(w);
	w->passed = 0;
	if (w->waits_at)
		w->waits_at = value;
	return 0;
}

/* ------------------------------------------------------------------ windows */

struct window {
	bool registers;
	unsigned lane;
	unsigned number; /* of the frame, from the outermost */
	int64_t offset;  /* from the base */
};

static int find_window(struct dbg_process *p, struct dbg_wave *w, uint64_t addr, struct window *out, struct dbg_wave **whose, struct dbg_error *err)
{
	uint64_t id = addr >> 34 & 0x1fffff;
	if (!w || (w->id & 0x1fffff) != id) {
		for (w = p->waves; w; w = w->hh.next)
			if ((w->id & 0x1fffff) == id)
				break;
	}
	if (!w)
		return dbg_fail(err, DBG_REFUSED, "the wave of this address has ended");
	out->registers = addr >> 55 & 1;
	out->lane = (unsigned)(addr >> 18 & 63);
	out->offset = (int64_t)(addr & 0x3ffff) - VIEW_WINDOW_BASE;
	out->number = 1023 - (unsigned)(addr >> 24 & 1023);
	*whose = w;
	return 0;
}

/* Row of the register that a byte of a register window belongs to, and the byte in it. */
static int window_row(const struct gfx_family *f, int64_t offset, unsigned lane, size_t *byte)
{
	static const struct {
		int64_t at, end;
		enum gfx_reg_class class;
	} parts[] = {
		{ VIEW_SGPR_AT, VIEW_VGPR_AT, GFX_CLASS_SCALAR },
		{ VIEW_VGPR_AT, VIEW_ACC_AT, GFX_CLASS_VECTOR },
		{ VIEW_ACC_AT, VIEW_REGISTERS_END, GFX_CLASS_ACC },
	};
	for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
		if (offset < parts[k].at || offset >= parts[k].end)
			continue;
		unsigned n = (unsigned)(offset - parts[k].at) / 4;
		*byte = (size_t)((offset - parts[k].at) & 3) + (parts[k].class == GFX_CLASS_SCALAR ? 0 : lane * 4);
		for (size_t i = 0; i < f->n_regs; i++)
			if (f->regs[i].class == parts[k].class && f->regs[i].index == n)
				return (int)i;
	}
	return -1;
}

static int outer_registers(struct unwind_chain *c, size_t frame, const struct window *at, uint8_t *buf, size_t n, struct dbg_error *err)
{
	const struct gfx_family *family = c->w->g.family;
	for (size_t i = 0; i < n; i++) {
		uint32_t value;
		size_t byte;
		int row = window_row(family, at->offset + (int64_t)i, at->lane, &byte);
		if (row < 0)
			return dbg_fail(err, DBG_REFUSED, "no register at this place of the register window");
		int status = view_frame_register(c, frame, &family->regs[row], at->lane, &value, err);
		if (status < 0)
			return status;
		buf[i] = (uint8_t)(value >> 8 * (byte & 3));
	}
	return 0;
}

static int window_registers(struct dbg_wave *w, const struct window *at, uint8_t *buf, size_t n, bool write, struct dbg_error *err)
{
	struct gfx_error why;
	uint8_t value[512];
	for (size_t i = 0; i < n; i++) {
		size_t byte;
		int row = window_row(w->g.family, at->offset + (int64_t)i, at->lane, &byte);
		if (row < 0 || w->g.family->regs[row].bytes > sizeof value || byte >= w->g.family->regs[row].bytes)
			return dbg_fail(err, DBG_REFUSED, "no register at this place of the register window");
		if (gfx_reg_read(&w->g, (size_t)row, value, &why) < 0)
			return dbg_fail(err, DBG_REFUSED, "%s", why.text);
		if (!write) {
			buf[i] = value[byte];
			continue;
		}
		value[byte] = buf[i];
		int status = write_gpu(w, (size_t)row, value, err);
		if (status < 0)
			return status;
	}
	return 0;
}

/* Bytes that say whether registers cannot be told. */
static int unknown_registers(struct unwind_chain *c, size_t frame, const struct window *at, uint8_t *buf, size_t n, struct dbg_error *err)
{
	for (size_t i = 0; i < n; i++) {
		struct window one = *at;
		uint8_t value[4];
		one.offset = VIEW_SGPR_AT + 4 * (at->offset + (int64_t)i - VIEW_UNKNOWN_AT);
		if (one.offset > VIEW_NO_REGISTER)
			return dbg_fail(err, DBG_REFUSED, "no register at this place of the register window");
		buf[i] = view_frame_lane_there(c, frame, at->lane, NULL) < 0 || (one.offset != VIEW_NO_REGISTER &&
			(frame ? outer_registers(c, frame, &one, value, sizeof value, NULL) :
				window_registers(c->w, &one, value, sizeof value, false, NULL)) < 0);
	}
	return 0;
}

static int window_access(struct view *v, struct dbg_process *p, struct dbg_wave *w, uint64_t addr, uint8_t *buf, size_t n, bool write,
	struct dbg_error *err)
{
	struct window at;
	uint64_t base = 0;
	int status = find_window(p, w, addr, &at, &w, err);
	if (status < 0)
		return status;
	if (!dbg_thread_stopped(p, wave_tid(w)))
		return dbg_fail(err, DBG_REFUSED, "the wave is running");
	struct unwind_chain *c;
	status = at_hand(p, w, err);
	if (status == 0)
		status = view_frames(v, p, w, &c, err);
	if (status < 0)
		return status;
	if (at.number >= c->n)
		return dbg_fail(err, DBG_REFUSED, "the frame of this address has returned");
	size_t frame = c->n - 1 - at.number;
	if (write && (at.registers ? frame != 0 : at.offset < 0))
		return dbg_fail(err, DBG_UNSUPPORTED, "registers of outer frames and return addresses cannot be changed");
	if (!at.registers && at.offset < 0)
		return view_frame_link(v, c, frame, at.lane, at.offset, buf, n, err);
	if (at.registers && at.offset >= VIEW_UNKNOWN_AT)
		return write ? dbg_fail(err, DBG_UNSUPPORTED, "what is known of registers cannot be changed") : unknown_registers(c, frame, &at, buf, n, err);
	if (wave_behind(w))
		return behind(w, err);
	status = view_frame_lane(c, frame, at.lane, err);
	if (status < 0)
		return status;
	if (at.registers)
		return frame ? outer_registers(c, frame, &at, buf, n, err) : window_registers(w, &at, buf, n, write, err);
	status = view_frame_base(v, c, frame, &base, err);
	if (status == 0 && !write)
		status = view_frame_stored(v, c, frame, err);
	if (status < 0)
		return status;
	return memory_private(p, w, at.lane, base + (uint64_t)at.offset, buf, n, write, err);
}

/* As many bytes as the client names: of the pointer and of the one behind it. */
static int watch_in_row(struct view *v, struct dbg_process *p, struct dbg_watch_place *place, struct dbg_error *err)
{
	bool of_private;
	struct dbg_watch_place word = { .addr = view_row_pointer(place->addr, &of_private), .bytes = place->bytes };
	if (!view_in_window(word.addr))
		return dbg_fail(err, DBG_REFUSED, "a pointer of four bytes outside of private memory: `set can-use-hw-watchpoints 0` watches it by single steps");
	int status = view_watch_place(v, p, &word, err);
	word.addr = place->addr;
	*place = word;
	return status;
}

int view_watch_place(struct view *v, struct dbg_process *p, struct dbg_watch_place *place, struct dbg_error *err)
{
	struct dbg_wave *w = NULL;
	struct unwind_chain *c;
	struct window at;
	uint64_t base = 0;
	if (view_in_rows(place->addr))
		return watch_in_row(v, p, place, err);
	if (!view_in_window(place->addr))
		return 0;
	int status = find_window(p, NULL, place->addr, &at, &w, err);
	if (status == 0 && p->running)
		status = dbg_fail(err, DBG_REFUSED, "the wave is running");
	if (status == 0)
		status = view_frames(v, p, w, &c, err);
	if (status < 0)
		return status;
	if (at.registers || at.offset < 0)
		return dbg_fail(err, DBG_REFUSED, "it lies in a register, which hardware cannot watch: `set can-use-hw-watchpoints 0` watches it by single steps");
	if (at.number >= c->n)
		return dbg_fail(err, DBG_REFUSED, "the frame of this address has returned");
	status = view_frame_base(v, c, c->n - 1 - at.number, &base, err);
	if (status < 0)
		return status;
	place->wave = w;
	place->lane = at.lane;
	place->offset = base + (uint64_t)at.offset;
	return 0;
}

/* An x86 debugger that meets byte 0xc3 (ret) at the PC takes the frame for one that is about to return and looks for a return address
 * on the stack. A GPU instruction may begin with that byte. Asked for this one byte alone, at a wave's PC, the answer is an error: the
 * debugger then believes the frame information instead. */
static bool return_probe(const struct dbg_wave *w, uint64_t addr, const uint8_t *buf, size_t n)
{
	return w && n == 1 && buf[0] == 0xc3 && addr == gfx_wave_pc(&w->g);
}

/* Code does not change under an instruction that is still to be carried out; everything else may. */
static int settle_for(struct dbg_process *p, struct dbg_wave **w, uint64_t addr, size_t n, struct dbg_error *err)
{
	int64_t tid = *w ? wave_tid(*w) : 0;
	if (n && codeobj_is_code(p, addr, n))
		return 0;
	int status = settle_now(p, err);
	if (status == 0 && *w && !wave_by_tid(p, tid))
		return dbg_fail(err, DBG_GONE, "the wave has ended");
	return status;
}

int view_mem_read(struct view *v, struct dbg_process *p, struct dbg_wave *w, uint64_t addr, uint8_t *buf, size_t n, size_t *got, struct dbg_error *err)
{
	int status = settle_for(p, &w, addr, n, err);
	if (status < 0)
		return status;
	if (view_in_places(addr))
		return view_meant_read(w, addr, buf, n, got, err);
	if (view_in_rows(addr))
		return view_row_read(v, p, w, addr, buf, n, got, err);
	if (!view_in_window(addr)) {
		status = memory_read(p, w, addr, buf, n, got, err);
		if (status == 0 && v->carrier->ret_c3 && return_probe(w, addr, buf, n))
			return dbg_fail(err, DBG_REFUSED, "a lone byte at the PC is not an instruction");
		return status;
	}
	status = window_access(v, p, w, addr, buf, n, false, err);
	if (status == 0)
		*got = n;
	return status;
}

/* The address of a private variable, as debuggers have it, means nothing to a kernel. Stored as a pointer it becomes the generic pointer
 * that means the same to the lane; out is what is to be stored. */
int view_pointer_to_store(struct view *v, struct dbg_process *p, struct dbg_wave *w, uint64_t addr, uint64_t value, uint64_t *out, struct dbg_error *err)
{
	struct window at, where = { .lane = 0 };
	struct dbg_wave *whose, *holder = NULL;
	struct unwind_chain *c;
	uint64_t base;
	*out = value;
	if (!view_in_window(value) || find_window(p, w, value, &at, &whose, NULL) < 0)
		return 0;
	if (view_in_window(addr) && (find_window(p, w, addr, &where, &holder, NULL) < 0 || holder != whose || where.lane != at.lane))
		return dbg_fail(err, DBG_REFUSED, "a pointer to the private memory of another lane leads elsewhere in this one");
	if (at.registers || at.offset < 0)
		return dbg_fail(err, DBG_REFUSED, "a variable in a register has no address that a kernel could use");
	int status = view_frames(v, p, whose, &c, err);
	if (status == 0 && at.number >= c->n)
		status = dbg_fail(err, DBG_REFUSED, "the frame of this address has returned");
	if (status == 0)
		status = view_frame_base(v, c, c->n - 1 - at.number, &base, err);
	if (status == 0)
		*out = whose->queue->agent->info.scratch_base + base + (uint64_t)at.offset;
	return status;
}

int view_mem_write(struct view *v, struct dbg_process *p, struct dbg_wave *w, uint64_t addr, const uint8_t *buf, size_t n, struct dbg_error *err)
{
	int status = settle_for(p, &w, UINT64_MAX, 0, err);
	uint64_t pointer;
	if (status == 0 && view_in_rows(addr))
		return view_row_write(v, p, w, addr, buf, n, err);
	if (status == 0 && n == sizeof pointer) {
		memcpy(&pointer, buf, n);
		status = view_pointer_to_store(v, p, w, addr, pointer, &pointer, err);
		buf = (const uint8_t *)&pointer;
	}
	if (status < 0)
		return status;
	if (view_in_window(addr)) {
		status = window_access(v, p, w, addr, (uint8_t *)buf, n, true, err);
		view_frames_drop(v);
		return status;
	}
	if (codeobj_is_code(p, addr, n))
		view_frames_forget(v);
	view_frames_drop(v);
	return memory_write(p, w, addr, buf, n, err);
}
