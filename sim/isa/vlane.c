/* Vector instructions that act on the wave rather than lane by lane, and moves between the two register files. */
#include <string.h>

#include "sim/isa/valu.h"

enum run_status run_vnop(struct exec *x, const struct insn *i)
{
	(void)x;
	(void)i;
	return RUN_NEXT;
}

enum run_status run_clrexcp(struct exec *x, const struct insn *i)
{
	(void)i;
	x->w->trapsts &= ~(uint32_t)TRAPSTS_EXCP;
	return RUN_NEXT;
}

/* One lane of source 0, which may be a scalar too. */
static uint32_t lane_of(const struct exec *x, const struct insn *i, unsigned lane)
{
	unsigned code = i->src[0];
	return code >= 256 && code < 512 ? vgpr(x, code - 256)[lane] : src32(x, i, 0);
}

enum run_status run_readfirstlane(struct exec *x, const struct insn *i)
{
	uint64_t exec = exec_mask(x);
	sgpr_set(x, i->dst, lane_of(x, i, exec ? (unsigned)__builtin_ctzll(exec) : 0));
	return RUN_NEXT;
}

/* The lane select of readlane and writelane is scalar. */
static uint32_t lane_select(const struct exec *x, const struct insn *i)
{
	unsigned code = i->src[1];
	return (code >= 256 && code < 512 ? vgpr(x, code - 256)[0] : src32(x, i, 1)) % SIM_LANES;
}

enum run_status run_readlane(struct exec *x, const struct insn *i)
{
	sgpr_set(x, i->dst, lane_of(x, i, lane_select(x, i)));
	return RUN_NEXT;
}

enum run_status run_writelane(struct exec *x, const struct insn *i)
{
	vgpr_out(x, i->dst)[lane_select(x, i)] = lane_of(x, i, 0);
	return RUN_NEXT;
}

enum run_status run_swap(struct exec *x, const struct insn *i)
{
	const uint32_t *mask = exec_lane_mask(x, exec_mask(x));
	uint32_t copy[SIM_LANES];
	uint32_t *d = vgpr_out(x, i->dst);
	if (i->src[0] < 256 || i->src[0] >= 512)
		return exec_illegal(x, 0x7e000000u | 81 << 9 | i->src[0], 0, 1, "v_swap_b32 of a scalar");
	uint32_t *a = vgpr_out(x, i->src[0] - 256u);
	memcpy(copy, d, sizeof copy);
	lanes_blend(d, a, mask);
	lanes_blend(a, copy, mask);
	return RUN_NEXT;
}

enum run_status run_accvgpr_mov(struct exec *x, const struct insn *i)
{
	lanes_blend(agpr_out(x, i->dst), agpr(x, i->src[0] & 0xff), exec_lane_mask(x, exec_mask(x)));
	return RUN_NEXT;
}

enum run_status run_accvgpr_read(struct exec *x, const struct insn *i)
{
	lanes_blend(vgpr_out(x, i->dst), agpr(x, i->src[0] & 0xff), exec_lane_mask(x, exec_mask(x)));
	return RUN_NEXT;
}

enum run_status run_accvgpr_write(struct exec *x, const struct insn *i)
{
	union lanes t;
	lanes_blend(agpr_out(x, i->dst), valu_source(x, i, 0, &t), exec_lane_mask(x, exec_mask(x)));
	return RUN_NEXT;
}
