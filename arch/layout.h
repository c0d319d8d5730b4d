/* How one family lays out a saved wave: the descriptor that the shared code of arch/ walks by. A family fills one of these; nothing outside
 * arch/ looks inside. Section numbers are those of the wave-state reference. */
#ifndef ARCH_LAYOUT_H
#define ARCH_LAYOUT_H

#include "arch/arch.h"

#include <endian.h>
#include <string.h>

/* ------------------------------------------------------------------ bit fields */

/* width 0: the family has no such field. */
struct gfx_field {
	uint8_t low, width;
};

/* A field of a TTMP. */
struct gfx_ttmp_field {
	uint8_t ttmp, low, width;
};

/* A bit of a hardware register, by its index in the HWREG block. Index 0 is M0, which holds no bits of ours: absent. */
struct gfx_hw_bit {
	uint8_t hwreg, bit;
};

static inline uint32_t gfx_low_bits(unsigned width)
{
	return width >= 32 ? UINT32_MAX : (UINT32_C(1) << width) - 1;
}

static inline uint32_t gfx_field_get(uint32_t word, struct gfx_field f)
{
	return word >> f.low & gfx_low_bits(f.width);
}

/* ------------------------------------------------------------------ registers that are not numbered */

/* `index` of a row of class GENERAL or SYSTEM. */
enum gfx_special {
	GFX_SP_PC,
	GFX_SP_EXEC,
	GFX_SP_VCC,
	GFX_SP_M0,
	GFX_SP_STATUS,
	GFX_SP_MODE,
	GFX_SP_TRAPSTS,
	GFX_SP_FLAT_SCRATCH,
	GFX_SP_XNACK_MASK,
	GFX_N_SPECIAL
};

enum gfx_where {
	GFX_ABSENT,
	GFX_IN_HWREG,    /* dword `index` of the HWREG block */
	GFX_IN_SGPR_END, /* `index` slots below the end of the SGPRs that count (1.9) */
};

struct gfx_special_slot {
	enum gfx_where where;
	uint8_t index;
	uint32_t read_only; /* bits a client's write does not change (4.3) */
};

/* ------------------------------------------------------------------ stop reasons */

/* One row of 3.9: the reason holds when a bit of `flags` is set in `hwreg`, none of `unless` is, and (enable_hwreg not 0) a bit of
 * `enables` is set in `enable_hwreg`. `clear` is what a resume after that report resets in `hwreg` (4.2). */
struct gfx_reason_row {
	unsigned reason;
	uint8_t hwreg, enable_hwreg;
	uint32_t flags, unless, enables, clear;
};

/* ------------------------------------------------------------------ instructions */

enum gfx_condition {
	GFX_ALWAYS,
	GFX_IF_SCC0,
	GFX_IF_SCC1,
	GFX_IF_VCCZ,
	GFX_IF_VCCNZ,
	GFX_IF_EXECZ,
	GFX_IF_EXECNZ,
	GFX_IF_CDBG_SYS,
	GFX_IF_CDBG_USER,
	GFX_IF_CDBG_SYS_OR_USER,
	GFX_IF_CDBG_SYS_AND_USER,
};

/* An opcode that is not sequential. Tables end with class SEQUENTIAL. */
struct gfx_flow_row {
	uint8_t op;
	enum gfx_insn_class class;
	enum gfx_condition condition;
};

/* ------------------------------------------------------------------ the descriptor */

enum gfx_acc { GFX_ACC_NONE, GFX_ACC_EQUAL, GFX_ACC_UNIFIED };

struct gfx_layout {
	/* STATE word of the control stack (1.5) */
	uint8_t state_words;     /* a state entry's dwords */
	struct gfx_field state_vgprs, state_sgprs, state_lds, state_accum, state_wave32, state_shared;
	enum gfx_acc acc;
	uint8_t vgpr_unit, vgpr_unit_wave32; /* UNIFIED: unit of the sum */
	uint16_t lds_unit;       /* bytes */
	uint8_t sgpr_slots;      /* fixed number of slots, 0: from the word */

	/* WAVE word (1.6) */
	struct gfx_field wave_scoreboard, wave_se, wave_scratch, wave_first, wave_last;

	uint8_t record_pad;      /* bytes above each record (1.7) */

	/* Registers (1.8, 1.9) */
	uint8_t sgpr_end;        /* slots that count: min(this, slots) */
	uint8_t sgpr_aliases;    /* the last so many of them have other names */
	struct gfx_special_slot special[GFX_N_SPECIAL];

	/* STATUS and its like (4.1) */
	struct gfx_hw_bit halt, in_barrier, skip_export, priv, scc, execz, vccz, no_vgprs, cond_user, cond_sys, step_enable;
	struct gfx_hw_bit begin, end, end_enable; /* 4.11 */
	struct gfx_hw_bit watch_enable, watch_hit[GFX_MAX_WATCHES]; /* 8.1 */

	/* TTMPs (2.3) */
	struct gfx_ttmp_field trap_id, saved_halt, stopped, no_setup, initialised;
	struct gfx_ttmp_field packet_index, wave_in_group, group[3];
	struct gfx_ttmp_field parked_low, parked_high;
	uint16_t spi_ttmps;      /* bit n: ttmp n is to be zeroed in a wave launched without setup (2.4) */

	/* Stop reasons, ended by reason 0; bits any resume clears */
	const struct gfx_reason_row *reasons;
	uint8_t always_clear_hwreg;
	uint32_t always_clear;

	/* Scratch ring (6.4) */
	struct gfx_field ring_waves, ring_wave_size;
	uint16_t ring_unit;      /* bytes */
	bool ring_per_engine;    /* `waves` counts one engine's waves, else the XCC's */

	/* Opcodes that change the flow, by encoding */
	const struct gfx_flow_row *sopp, *sop1, *sopk, *sop2;
	const void *opcodes;     /* the decoder's own validity tables */
};

struct gfx_wave_ops {
	int (*insn_decode)(const struct gfx_family *family, const uint8_t *code, size_t n, struct gfx_insn *out);
	/* NULL: accesses are not followed. */
	int (*insn_access)(const struct gfx_wave *w, const uint8_t *code, const struct gfx_insn *insn, uint64_t shared_base, uint64_t private_base,
		struct gfx_access *out);
	int (*insn_effect)(const uint8_t *code, const struct gfx_insn *insn, struct gfx_effect *out); /* all of the instruction is there */
	int (*insn_use)(const uint8_t *code, const struct gfx_insn *insn, struct gfx_use *out);
};

/* ------------------------------------------------------------------ words of a record */

static inline uint32_t gfx_load32(const void *p)
{
	uint32_t v;
	memcpy(&v, p, sizeof v);
	return le32toh(v);
}

static inline void gfx_store32(void *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof v);
}

static inline uint64_t gfx_load64(const void *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof v);
	return le64toh(v);
}

static inline void gfx_store64(void *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, sizeof v);
}

enum { GFX_TTMPS_IN_STATE = GFX_STATE_BYTES / 2 };

static inline uint8_t *gfx_state(const struct gfx_wave *w)
{
	return w->state ? w->state : w->area + w->rec.hwreg;
}

static inline uint8_t *gfx_hwreg(const struct gfx_wave *w, unsigned index)
{
	return gfx_state(w) + 4 * index;
}

static inline uint8_t *gfx_ttmp(const struct gfx_wave *w, unsigned index)
{
	return gfx_state(w) + GFX_TTMPS_IN_STATE + 4 * index;
}

/* What lies at an offset of the area. */
static inline uint8_t *gfx_at(const struct gfx_wave *w, uint32_t offset)
{
	bool state = offset >= w->rec.hwreg && offset - w->rec.hwreg < GFX_STATE_BYTES;
	return state ? gfx_state(w) + (offset - w->rec.hwreg) : w->area + offset;
}

/* Before a register of the record is touched: false when it cannot be had. */
static inline bool gfx_bring(const struct gfx_wave *w, uint32_t offset)
{
	return offset >= w->rec.hwreg || !w->bring || w->bring(w->bring_arg, offset < w->rec.sgpr);
}

static inline bool gfx_hw_bit(const struct gfx_wave *w, struct gfx_hw_bit b)
{
	return b.hwreg && gfx_load32(gfx_hwreg(w, b.hwreg)) >> b.bit & 1;
}

static inline uint32_t gfx_ttmp_get(const struct gfx_wave *w, struct gfx_ttmp_field f)
{
	return gfx_load32(gfx_ttmp(w, f.ttmp)) >> f.low & gfx_low_bits(f.width);
}

/* Absent bits and fields are left alone. */
void gfx_set_hw_bit(struct gfx_wave *w, struct gfx_hw_bit b, bool value);
void gfx_ttmp_set(struct gfx_wave *w, struct gfx_ttmp_field f, uint32_t value);

/* TTMP setup was on for this wave. */
static inline bool gfx_setup(const struct gfx_wave *w)
{
	return w->ttmps_setup || w->family->ttmps_always_valid;
}

/* ------------------------------------------------------------------ scalar operands */

/* Number of SGPR slots that count. */
static inline unsigned gfx_sgpr_end(const struct gfx_wave *w)
{
	unsigned end = w->family->layout->sgpr_end;
	return w->rec.n_sgpr_slots < end ? w->rec.n_sgpr_slots : end;
}

/* Reads or writes the registers behind a 64-bit scalar operand code (4.7), the aliases of the wave's SGPR slots and the flags that follow
 * EXEC and VCC included. GFX_UNSUPPORTED: not a register of this wave. */
int gfx_operand_read64(const struct gfx_wave *w, unsigned code, uint64_t *out);
int gfx_operand_write64(struct gfx_wave *w, unsigned code, uint64_t value);

#endif
