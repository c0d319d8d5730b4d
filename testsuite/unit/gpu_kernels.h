/* Machine code for the tests, assembled for gfx942. Arguments: s[0:1] kernarg (first quadword: output buffer), s2 group, v0 item. */
#ifndef TESTSUITE_UNIT_GPU_KERNELS_H
#define TESTSUITE_UNIT_GPU_KERNELS_H

#include <stdint.h>

/* L: s_branch L */
static const uint32_t code_spin[] = { 0xbf82ffff };

/* Waits until a debugger changes s8, then out[item] = v2 (v2 starts as the item's number).
 * s_load_dwordx2 s[4:5], s[0:1], 0x0; s_waitcnt lgkmcnt(0); s_mov_b32 s8, 0; v_and_b32 v0, 0x3ff, v0; v_lshlrev_b32 v1, 2, v0;
 * v_mov_b32 v2, v0; L: s_cmp_eq_u32 s8, 0; s_cbranch_scc1 L; global_store_dword v1, v2, s[4:5]; s_endpgm */
static const uint32_t code_gate[] = {
	0xc0060100, 0x00000000, 0xbf8cc07f, 0xbe880080, 0x260000ff, 0x000003ff, 0x24020082, 0x7e040300, 0xbf068008, 0xbf85fffe, 0xdc708000,
	0x00040201, 0xbf810000,
};

/* 64 rounds of: v2 = v2 * 0x19660d + round; LDS[item] = v2; barrier; v3 = LDS[(item + 1) % 256]; scratch[8] = v3; a3 = v2;
 * v2 = a3 ^ scratch[8]; barrier. Then out[group * 256 + item] = v2. 256 items, 1 KiB of LDS. */
static const uint32_t code_mix[] = {
	0xc0060100, 0x00000000, 0xbf8cc07f, 0x260000ff, 0x000003ff, 0x24020082, 0x680a0284, 0x260a0aff, 0x000003ff, 0x7e040300, 0xbe860080,
	0xbe8700ff, 0x0019660d, 0xd2850002, 0x00000f02, 0x68040406, 0xd81a0000, 0x00000201, 0xbf8cc07f, 0xbf8a0000, 0xd86c0000, 0x03000005,
	0xbf8cc07f, 0xdc704008, 0x007f0300, 0xd3d94003, 0x18000102, 0xbf8c0f70, 0xdc504008, 0x047f0000, 0xd3d84006, 0x18000103, 0xbf8c0f70,
	0x2a040906, 0xbf8a0000, 0x80068106, 0xbf0ac006, 0xbf85ffe7, 0x8e028a02, 0x68020202, 0xdc708000, 0x00040201, 0xbf810000,
};

/* v[0:1] = 0x1234; global_load_dword v2, v[0:1], off; s_waitcnt vmcnt(0); s_endpgm */
static const uint32_t code_fault[] = { 0x7e0002ff, 0x00001234, 0x7e020280, 0xdc508000, 0x027f0000, 0xbf8c0f70, 0xbf810000 };

/* s_mov_b32 s8, 1; s_mov_b32 s8, 2; s_mov_b32 s8, 3; L: s_branch L */
static const uint32_t code_step[] = { 0xbe880081, 0xbe880082, 0xbe880083, 0xbf82ffff };

/* s_barrier; L: s_branch L */
static const uint32_t code_barrier[] = { 0xbf8a0000, 0xbf82ffff };

/* out[item] = 1; s_nop 0; L: s_branch L */
static const uint32_t code_store[] = {
	0xc0060100, 0x00000000, 0xbf8cc07f, 0x260000ff, 0x000003ff, 0x24020082, 0x7e040281, 0xdc708000, 0x00040201, 0xbf800000, 0xbf82ffff,
};

enum { S_TRAP = 0xbf920000, S_NOP = 0xbf800000, S_ENDPGM = 0xbf810000, S_SPIN = 0xbf82ffff, S_SETHALT = 0xbf8d0001 };

#endif
