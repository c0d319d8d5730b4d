/* Carriers: the architectures as whose threads waves are shown to a debugger that knows no AMD GPU. One record each; what a carrier does not say
 * is the same for all. DWARF numbers 6, 13, 14 and 15 name general registers on every carrier, so that location expressions are rewritten
 * once for all of them (view/expr.c):
 *	6	base of the frame window: variables in private memory
 *	11	nothing, ever: it is not available
 *	12	the same as 6, but 0 when the lane has no variables there that can be told
 *	13	where private memory begins for generic pointers
 *	14	base of the register window: variables in registers
 *	15	where LDS begins for generic pointers */
#ifndef SRC_VIEW_CARRIER_H
#define SRC_VIEW_CARRIER_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/tdesc.h"

/* What a register of the carrier's features holds for a wave. Results: view/result.c, of x86-64 only. */
enum view_role { VIEW_NOTHING, VIEW_PC, VIEW_FRAME, VIEW_TOLD, VIEW_REGISTERS, VIEW_PRIVATE, VIEW_LDS, VIEW_WAVE, VIEW_ARGUMENTS, VIEW_RESULT };

enum { VIEW_NO_HOST = -1, VIEW_MAX_CORE = 2 };

struct view_carrier {
	const char *name;         /* on the command line */
	const char *architecture; /* in the target description */
	uint16_t machine;         /* e_machine of served code objects */
	const struct rsp_feature *core; /* its features: VIEW_MAX_CORE at most */
	size_t n_core, n_in_g;
	const uint8_t *roles; /* enum view_role by register */
	const int8_t *host;   /* enum view_x86 by register, VIEW_NO_HOST for what a host thread lacks; NULL: the same numbers */
	const uint16_t *expedite;
	size_t n_expedite;
	uint8_t dwarf_return, dwarf_stack; /* columns of the return address and of the stack pointer in frame information */
	bool results; /* its debugger finds results of functions where view/result.c shows them */
	/* Its debugger is told by expressions where data are (view/info_follow.c). gdb 18 wants that; older ones are told by references, because
	 * they fail for address 0. */
	bool place_expressions;
	const struct view_carrier *newer; /* the same for such debuggers; NULL: it is that */
	bool ret_c3; /* its debugger looks for the byte 0xc3 at a PC (view.c) */
};

extern const struct view_carrier view_x86_64, view_aarch64;

size_t view_carrier_n_regs(const struct view_carrier *c); /* of its features */
/* NULL: no such carrier. */
const struct view_carrier *view_carrier_named(const char *name);
/* The one that a client understands, by the list of its xmlRegisters ("i386,arm"). gdb for aarch64 names none, and every gdb that knows
 * i386 says so; other clients that name none get x86-64. */
const struct view_carrier *view_carrier_for(const char *registers, bool gdb);

#endif
