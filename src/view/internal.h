/* What the files of the view share. */
#ifndef SRC_VIEW_INTERNAL_H
#define SRC_VIEW_INTERNAL_H

#include <elf.h>

#include "src/unwind/unwind.h"
#include "src/view/carrier.h"
#include "src/view/elf.h"
#include "src/view/view.h"

enum view_reg_kind { VIEW_CORE, VIEW_GPU, VIEW_LANE, VIEW_PLACE };

/* Where one register of the description comes from. */
struct view_reg {
	enum view_reg_kind kind;
	uint16_t index; /* VIEW_CORE: register of the carrier's core; VIEW_GPU: row of the family; VIEW_PLACE: of view_place_regs */
};

/* In the order of a 64-bit x86 thread's `g`, but for rax and rdx (view/tdesc.c). */
enum view_x86 {
	VIEW_WAVE_ID, VIEW_RBX, VIEW_RCX, VIEW_KERNARG, VIEW_RSI, VIEW_RDI, VIEW_RBP, VIEW_RSP, VIEW_R8, VIEW_R9, VIEW_R10, VIEW_R11, VIEW_R12, VIEW_R13,
	VIEW_R14, VIEW_R15, VIEW_RIP, VIEW_EFLAGS, VIEW_CS, VIEW_SS, VIEW_DS, VIEW_ES, VIEW_FS, VIEW_GS, VIEW_ST0, VIEW_ST7 = VIEW_ST0 + 7,
	VIEW_FCTRL, VIEW_FSTAT, VIEW_FTAG, VIEW_FISEG, VIEW_FIOFF, VIEW_FOSEG, VIEW_FOOFF, VIEW_FOP, VIEW_IN_G,
	VIEW_RAX = VIEW_IN_G, VIEW_RDX, VIEW_N_CORE,
	VIEW_XMM0 = VIEW_N_CORE, VIEW_XMM1, VIEW_XMM15 = VIEW_XMM0 + 15, VIEW_MXCSR, VIEW_N_X86,
};

struct view_object {
	struct view_object *next;
	unsigned number;
	struct view_elf elf;
};

/* An ELF file with an empty text section. */
struct view_stand_in {
	Elf64_Ehdr head;
	Elf64_Shdr sections[3];
	char names[24];
};

struct view {
	const struct view_carrier *carrier;
	const struct gfx_family *family; /* NULL: host registers only */
	struct rsp_tdesc tdesc;
	struct rsp_feature features[VIEW_MAX_CORE + 1];
	struct view_reg *regs; /* by register number */
	size_t n_regs;
	struct rsp_reg *gpu_regs;
	struct rsp_type *types;
	struct rsp_type_field *fields;
	struct view_object *objects;
	struct unwind_cache *unwind;
	struct unwind_chain chain; /* of one wave; its frames are NULL when there is none */
	uint64_t chain_wave, chain_sweep;
	bool base_known; /* view_frame_base() of base_frame of the chain */
	bool stored_known, stored; /* view_frame_stored() of the innermost frame */
	size_t base_frame;
	uint64_t base;
	struct view_stand_in stand_in;
};

/* view/tdesc.c */
int view_tdesc_build(struct view *v, struct dbg_error *err);
void view_tdesc_free(struct view *v);

/* view/place.c: where the selected lane works. False: not known. */
enum { VIEW_N_PLACE = 9 };
extern const struct rsp_reg view_place_regs[VIEW_N_PLACE];
bool view_place_of_lane(size_t row); /* depends on the lane, not only on the wave */
bool view_place_read(const struct dbg_wave *w, size_t row, uint32_t *out);

/* view/result.c: registers of the carrier (enum view_x86) where a client looks for a function's result. The image is settled. DBG_REFUSED: the
 * selected lane has no part in what has just returned. */
int view_result_read(struct dbg_process *p, const struct dbg_wave *w, unsigned index, uint8_t *buf, bool *available, struct dbg_error *err);

/* view/frame.c. A chain is lent until the next call of any function here with another wave, or a change. Frames count from 0, the innermost. */
int view_frames(struct view *v, struct dbg_process *p, struct dbg_wave *w, struct unwind_chain **out, struct dbg_error *err);
void view_frames_drop(struct view *v);   /* registers or memory changed */
void view_frames_forget(struct view *v); /* code changed */
void view_frames_free(struct view *v);
/* Base of the window of the innermost frame; what view_frame_told() says of that. */
uint64_t view_frame_window(struct view *v, struct dbg_process *p, struct dbg_wave *w, bool registers, unsigned lane);
uint64_t view_frame_window_told(struct view *v, struct dbg_process *p, struct dbg_wave *w, unsigned lane);
/* Offset in the lane's private memory from which the variables of the frame's function count. */
int view_frame_base(struct view *v, struct unwind_chain *c, size_t frame, uint64_t *out, struct dbg_error *err);
/* Of the innermost frame, at a level where all variables live in memory: whether they are there yet. The prologue puts arguments there. */
int view_frame_stored(struct view *v, const struct unwind_chain *c, size_t frame, struct dbg_error *err);
/* EXEC says too little for the default lane: no lane is on between the arms of a branch, and others are while registers of the whole
 * wave are saved. It is the lowest active one of those that took part in the innermost call, or the lowest of these; w->lane_default.
 * Doubtful: that has not been looked at yet. */
bool view_frame_lane_doubtful(const struct dbg_wave *w);
void view_frame_default_lane(struct view *v, struct dbg_process *p, struct dbg_wave *w);
/* Whether the lane has a share in the frame at all. DBG_REFUSED: it took no part in the call, or that is not known. */
int view_frame_lane(const struct unwind_chain *c, size_t frame, unsigned lane, struct dbg_error *err);
/* Whether the lane is where the frame is: it is active, or in an outer frame took part in its call. Where variables move from register
 * to register, what is said of them at an address is true of no other lane. DBG_REFUSED: it is not, or that is not known. */
int view_frame_lane_there(const struct unwind_chain *c, size_t frame, unsigned lane, struct dbg_error *err);
/* The base of the frame's window when the lane's variables in memory can be told, otherwise 0. */
uint64_t view_frame_told(struct view *v, struct unwind_chain *c, size_t frame, unsigned lane);
/* Below a frame window, from offset -VIEW_LINK_BYTES: view_frame_told() of the caller, its register window and frame window, the return address. */
enum { VIEW_LINK_BYTES = 32 };
int view_frame_link(struct view *v, struct unwind_chain *c, size_t frame, unsigned lane, int64_t offset, uint8_t *buf, size_t n,
	struct dbg_error *err);

/* --- view/small.c: at addresses that view_in_places() and view_in_rows() know --- */
int view_meant_read(const struct dbg_wave *w, uint64_t addr, uint8_t *buf, size_t n, size_t *got, struct dbg_error *err);
int view_row_read(struct view *v, struct dbg_process *p, struct dbg_wave *w, uint64_t addr, uint8_t *buf, size_t n, size_t *got, struct dbg_error *err);
int view_row_write(struct view *v, struct dbg_process *p, struct dbg_wave *w, uint64_t addr, const uint8_t *buf, size_t n, struct dbg_error *err);
/* view/view.c: what is to be stored at addr when the client stores an address there that means something to it alone. */
int view_pointer_to_store(struct view *v, struct dbg_process *p, struct dbg_wave *w, uint64_t addr, uint64_t value, uint64_t *out, struct dbg_error *err);
/* One dword of a register as the frame has it. */
int view_frame_register(struct unwind_chain *c, size_t frame, const struct gfx_reg_row *row, unsigned lane, uint32_t *out, struct dbg_error *err);

/* view/files.c: the rewritten file of a code object, made at the first use; NULL when it has no image. */
struct view_object *view_object_of(struct view *v, const struct dbg_codeobj *o);
void view_objects_free(struct view *v);

#endif
