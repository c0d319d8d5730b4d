/* The view served to clients that know no GPU: waves as threads of a carrier (view/carrier.h) with extra registers, code objects rewritten to
 * match. Design: any gdb reads it. The model knows nothing of it. */
#ifndef SRC_VIEW_VIEW_H
#define SRC_VIEW_VIEW_H

#include <sys/user.h>

#include "protocol/target.h"
#include "src/model/model.h"

struct view;
struct view_carrier;

/* A view of this process's GPUs: of the first agent whose family is known; host registers only when there is none. p may be NULL. */
int view_create(const struct dbg_process *p, const struct view_carrier *carrier, struct view **out, struct dbg_error *err);
void view_destroy(struct view *v); /* takes NULL */
/* Another client, another carrier: the description and the code objects are made anew. After an error there is no description. */
int view_set_carrier(struct view *v, const struct view_carrier *carrier, struct dbg_error *err);
const struct rsp_tdesc *view_tdesc(const struct view *v);

/* --- registers --- */
int view_wave_read(struct view *v, struct dbg_process *p, struct dbg_wave *w, size_t regno, uint8_t *buf, bool *available, struct dbg_error *err);
int view_wave_write(struct view *v, struct dbg_process *p, struct dbg_wave *w, size_t regno, const uint8_t *buf, struct dbg_error *err);
/* Whether a register's value depends on the selected lane. */
bool view_reg_of_lane(const struct view *v, size_t regno);
/* Between the kernel's register blocks and one register of the description; false: this machine's threads do not have it. */
bool view_host_read(const struct view *v, size_t regno, const struct user_regs_struct *gp, const struct user_fpregs_struct *fp, uint8_t *buf);
bool view_host_write(const struct view *v, size_t regno, struct user_regs_struct *gp, struct user_fpregs_struct *fp, const uint8_t *buf);

/* The wave stands where a call of which the selected lane has no share comes back to: what is told of its result is that of *lane. A
 * client that has let the wave run to there wants one, and an error in its place would keep it from showing where the wave is. Never in
 * non-stop, where no line can say so. */
bool view_result_of_other(struct dbg_process *p, const struct dbg_wave *w, unsigned *lane);

/* --- memory: windows (view/window.h) besides what the model knows --- */
int view_mem_read(struct view *v, struct dbg_process *p, struct dbg_wave *w, uint64_t addr, uint8_t *buf, size_t n, size_t *got, struct dbg_error *err);
int view_mem_write(struct view *v, struct dbg_process *p, struct dbg_wave *w, uint64_t addr, const uint8_t *buf, size_t n, struct dbg_error *err);

/* What a watchpoint at place->addr is to watch: an address in a window stands for private memory of a lane; the rest of *place is
 * filled. DBG_REFUSED: registers, which nothing watches. */
struct dbg_watch_place;
int view_watch_place(struct view *v, struct dbg_process *p, struct dbg_watch_place *place, struct dbg_error *err);
/* A caller of what the wave executes goes on at this address. */
bool view_returns_to(struct view *v, struct dbg_process *p, struct dbg_wave *w, uint64_t addr);

/* --- chains of calls --- */
struct view_caller {
	unsigned number; /* from 0, the innermost */
	uint64_t pc;     /* of an outer frame: where its call returns to */
	uint64_t lanes;  /* switched on when its function was entered, among those that are told */
	uint64_t told;
};
/* Calls emit once a frame. *end: why the chain ends before its kernel; an empty text when it does not. */
int view_callers(struct view *v, struct dbg_process *p, struct dbg_wave *w, void (*emit)(void *arg, const struct view_caller *f), void *arg,
	struct dbg_error *end, struct dbg_error *err);
/* One dword of a register as a frame has it: of the selected lane when it is a vector, the low half of a pair. DBG_REFUSED: not known. */
int view_caller_register(struct view *v, struct dbg_process *p, struct dbg_wave *w, unsigned frame, const char *name, uint32_t *out,
	struct dbg_error *err);

/* --- code objects as libraries --- */
/* Makes the served files of all that are loaded: seconds for tens of megabytes of debug information. What is not prepared is made when asked for. */
void view_prepare(struct view *v, const struct dbg_process *p);
int view_libraries(struct view *v, struct dbg_process *p, rsp_library_emit *emit, void *sink, struct rsp_error *err);
/* The served path of what stands in for the program at `real`; false: the client can read the program itself. */
bool view_program(const struct view *v, const char *real, char *path, size_t n);
/* Contents of a served file, lent until the code object goes. False: no such path. */
bool view_file(struct view *v, struct dbg_process *p, const char *path, const uint8_t **data, size_t *n);
/* To be called before a code object is freed. */
void view_forget(struct view *v, const struct dbg_codeobj *o);

#endif
