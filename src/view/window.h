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

/* Pointers of four bytes as clients see them (view/small.c). Places: reading eight bytes gives the generic address that a pointer means to the
 * selected wave; the pointer is the low part of the address. One that is generic already stays what it is.
 *
 *	63..56  0x58
 *	55      0 local memory, 1 private memory
 *	54..0   the pointer
 *
 * Rows: an array of such pointers as one of generic pointers. Each is at twice its address, in a frame window or elsewhere below bit 55, plus a base
 * that tells the space. */
enum { VIEW_PLACE_BYTES = 8 };

static inline uint64_t view_places(bool of_private)
{
	return UINT64_C(0x58) << 56 | (uint64_t)of_private << 55;
}

static inline uint64_t view_rows(bool of_private)
{
	return (uint64_t)(of_private ? 0x5c : 0x5a) << 56;
}

static inline bool view_in_places(uint64_t addr)
{
	return addr >> 56 == 0x58;
}

/* Where the pointer is that is shown at an address; 0: at the address is none. */
static inline uint64_t view_row_pointer(uint64_t addr, bool *of_private)
{
	for (unsigned i = 0; i < 2; i++) {
		uint64_t twice = addr - view_rows(i);
		*of_private = i;
		if (twice >> 56 == 0 || twice >> 56 == (uint64_t)0x57 << 1)
			return (twice & ~(uint64_t)7) >> 1;
	}
	return 0;
}

static inline bool view_in_rows(uint64_t addr)
{
	bool of_private;
	return view_row_pointer(addr, &of_private) != 0;
}

#endif
