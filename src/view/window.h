/* Windows: reserved addresses, never mapped in a process, behind which lie a wave's private memory and registers for one lane.
 *
 *	63..56  0x57
 *	55      0 frame window, 1 register window
 *	54..34  wave, low 21 bits of its id
 *	33..24  1023 - frame, counted from the outermost: inner frames lie lower, as x86-64 stacks do
 *	23..18  lane
 *	17..0   byte; the base of a window is VIEW_WINDOW_BASE, so that what lies below it stays in the same lane
 */
#ifndef SRC_VIEW_WINDOW_H
#define SRC_VIEW_WINDOW_H

#include "src/model/model.h"

enum { VIEW_WINDOW_BASE = 0x1000 };

/* Register windows: byte offsets from the base. Scalars come first and below, so that the first 32 are reached by one-byte offsets. */
enum { VIEW_SGPR_AT = -64, VIEW_VGPR_AT = 0x200, VIEW_ACC_AT = 0x600, VIEW_REGISTERS_END = 0xa00 };

/* Behind them, one byte a register: 0 when it can be told what the register holds, for the lane in the frame, otherwise 1. A place more,
 * VIEW_NO_REGISTER, is for what depends on the lane alone. */
enum { VIEW_NO_REGISTER = VIEW_REGISTERS_END, VIEW_UNKNOWN_AT = VIEW_REGISTERS_END,
	VIEW_UNKNOWN_END = VIEW_UNKNOWN_AT + (VIEW_NO_REGISTER - VIEW_SGPR_AT) / 4 + 1 };

/* The byte that belongs to the register at an offset. */
static inline int64_t view_unknown_at(int64_t at)
{
	return VIEW_UNKNOWN_AT + (at - VIEW_SGPR_AT) / 4;
}

static inline uint64_t view_window(const struct dbg_wave *w, bool registers, unsigned frame, unsigned lane)
{
	return UINT64_C(0x57) << 56 | (uint64_t)registers << 55 | (w->id & 0x1fffff) << 34 | (uint64_t)(1023 - (frame & 1023)) << 24 |
		(uint64_t)(lane & 63) << 18 | VIEW_WINDOW_BASE;
}

static inline bool view_in_window(uint64_t addr)
{
	return addr >> 56 == 0x57;
}

/* Places: reading eight bytes gives the generic address that a pointer of four bytes means to the selected wave; the pointer is the low part of the
 * address. One that is generic already stays what it is.
 *
 *	63..56  0x58
 *	55      0 local memory, 1 private memory
 *	54..0   the pointer
 */
enum { VIEW_PLACE_BYTES = 8 };

static inline uint64_t view_places(bool of_private)
{
	return UINT64_C(0x58) << 56 | (uint64_t)of_private << 55;
}

static inline bool view_in_places(uint64_t addr)
{
	return addr >> 56 == 0x58;
}

static inline uint64_t view_place_pointer(uint64_t addr, bool *of_private)
{
	*of_private = addr >> 55 & 1;
	return addr & ((UINT64_C(1) << 55) - 1);
}

#endif
