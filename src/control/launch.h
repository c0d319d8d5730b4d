/* Launch control: waves that stop at their first instruction, behind it, or at their end, by the name of their kernel (kfd-debug-interface 1.9 ops 4
 * and 5, wave-state 4.11). Meant are waves that are launched from then on; ends are caught of those that are there, too. */
#ifndef SRC_CONTROL_LAUNCH_H
#define SRC_CONTROL_LAUNCH_H

#include "src/model/model.h"

enum dbg_launch_kind { DBG_LAUNCH_STOP, DBG_LAUNCH_STEP, DBG_LAUNCH_END, DBG_LAUNCH_KINDS };

/* on: waves of kernels whose name the extended regular expression `pattern` finds (NULL: all); once: only the first time it is told. Without a
 * runtime the wish is kept. DBG_BAD_REQUEST: no such expression; DBG_UNSUPPORTED: a GPU cannot. */
int launch_set(struct dbg_process *p, enum dbg_launch_kind kind, bool on, bool once, const char *pattern, struct dbg_error *err);
/* What is in force: false when it is off. *pattern NULL: all kernels; borrowed. */
bool launch_get(const struct dbg_process *p, enum dbg_launch_kind kind, bool *once, const char **pattern);
/* Name of the wave's kernel, by its dispatch packet and the code objects; false: not known, and name is "?". */
bool launch_kernel_name(const struct dbg_process *p, const struct dbg_wave *w, char *name, size_t n);

/* --- internal to the model --- */
/* Launch mode of the kernel's interface when new waves are not held. */
uint32_t launch_mode(const struct dbg_process *p);
/* A wave has stopped for GFX_STOP_TRAP or for a step that nobody asked for: decides whether launch control has stopped it, and whether that is to be
 * told; takes the reason away if not. */
void launch_judge(struct dbg_process *p, struct dbg_wave *w);
/* A wave that was launched halted has been taken over: true when that is to be told as a stop at its first instruction. */
bool launch_adopt(struct dbg_process *p, struct dbg_wave *w);
/* The stop of this wave is being told: words for the user; the others of its dispatch that stopped with it are no news any more. */
void launch_told(struct dbg_process *p, const struct dbg_wave *w);
/* Before waves run: those that exist are caught at their end, or not any more. Edits images. */
void launch_apply(struct dbg_process *p);
void launch_runtime_up(struct dbg_process *p);
/* The end: no wave is caught any more. */
void launch_forget(struct dbg_process *p);

#endif
