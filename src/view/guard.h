/* Places that are known at one stop and not at another: a variable in the frame's memory before the prologue has set the frame up, a
 * register of a caller that nobody kept, anything of a lane that took no part in the call. Such a place asks first whether it is there,
 * by a register of the carrier or by a byte of the register window (window.h). Where it is not, it goes on in a way that clients call
 * "optimized out" or "unavailable". Pure functions on bytes.
 *
 * What gdb turns into an expression that the stub evaluates, it must be able to turn with the question too. gdb 12 to 16 compile every
 * operator, in the order in which they stand. Most ways of saying that nothing is there do not compile, and a location in pieces makes
 * arithmetic on it an internal error of gdb 13. A register that is never available does: it is "unavailable" to clients, and an error to
 * the stub. */
#ifndef SRC_VIEW_GUARD_H
#define SRC_VIEW_GUARD_H

#include "src/view/bytes.h"

enum { VIEW_MAX_KNOWN = 64 };
struct view_guard {
	uint32_t absent; /* entry of the unit that is called when the place is not there; 0 none */
	bool frame; /* the frame's memory: the expression begins with the frame window's base on the stack */
	uint8_t n;
	int16_t registers[VIEW_MAX_KNOWN]; /* places in the register window */
};
/* Adds a register. False: too many. */
bool view_guard_register(struct view_guard *g, int64_t at);
/* Puts the question before the expression from `start` to the end of b, if it depends on anything. */
void view_guard_put(struct view_bytes *b, size_t start, const struct view_guard *g);

#endif
