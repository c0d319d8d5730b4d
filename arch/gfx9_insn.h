/* Instruction decoder of the gfx9-class families (wave-state 4.7, 4.9). A family's layout points at its opcode sets. */
#ifndef ARCH_GFX9_INSN_H
#define ARCH_GFX9_INSN_H

#include "arch/arch.h"

/* Opcodes that exist, one bit each: opcode n is bit n%32 of dword n/32. A family without an encoding leaves its bits 0. */
struct gfx9_opcodes {
	uint32_t sop2[4], sopk[1], sop1[8], sopc[4], sopp[4];
	uint32_t vop2[2], vop1[8], vopc[8];
	uint32_t vop3[32], vop3p[4];
	uint32_t smem[8], ds[8], flat[4], scratch[4], global[4], mubuf[4], mtbuf[1], mimg[4], vintrp[1], exp[1];
};

int gfx9_insn_decode(const struct gfx_family *family, const uint8_t *code, size_t n, struct gfx_insn *out);
int gfx9_insn_access(const struct gfx_wave *w, const uint8_t *code, const struct gfx_insn *insn, uint64_t shared_base, uint64_t private_base,
	struct gfx_access *out);
/* Of a buffer instruction. out is zeroed. */
int gfx9_buffer_access(const struct gfx_wave *w, const uint8_t *code, const struct gfx_insn *insn, struct gfx_access *out);
/* What an opcode that the FLAT family and MUBUF share does: load, store and bytes of out. False: it accesses no memory. */
bool gfx9_memory_op(unsigned op, struct gfx_access *out);
/* Where the data of such a store is; nothing for others. */
void gfx9_stored_data(unsigned op, unsigned vdata, struct gfx_access *out);
/* Of a wave whose vector registers are there. */
uint32_t gfx9_vgpr(const struct gfx_wave *w, unsigned reg, unsigned lane);
int gfx9_insn_effect(const uint8_t *code, const struct gfx_insn *insn, struct gfx_effect *out);
/* Fills in out->part. */
void gfx9_used_in_part(const uint8_t *code, const struct gfx_insn *insn, struct gfx_use *out);
int gfx9_insn_use(const uint8_t *code, const struct gfx_insn *insn, struct gfx_use *out);

#endif
