/* Buffer instructions: cache operations, and loads and stores through a resource descriptor (isa-simulator.md 7.16). */
#include <string.h>

#include "sim/isa/vmem.h"

struct resource {
	uint64_t base, records;
	uint32_t stride, index_stride;
	bool swizzle, add_lane;
};

static struct resource resource_of(const struct exec *x, unsigned sgpr)
{
	uint32_t d0 = sgpr_get(x, sgpr), d1 = sgpr_get(x, sgpr + 1), d2 = sgpr_get(x, sgpr + 2), d3 = sgpr_get(x, sgpr + 3);
	return (struct resource){
		.base = d0 | (uint64_t)(d1 & 0xffff) << 32, .records = d2, .stride = d1 >> 16 & 0x3fff, .index_stride = 8u << (d3 >> 21 & 3),
		.swizzle = d1 >> 31, .add_lane = d3 >> 23 & 1,
	};
}

/* Offset of a lane from the base; false when it lies beyond the buffer (loads give 0, stores are dropped). */
static bool buffer_offset(const struct resource *r, uint64_t index, uint64_t offset, unsigned bytes, uint64_t *out)
{
	if (r->swizzle) {
		*out = (index / r->index_stride * r->stride + offset / 4 * 4) * r->index_stride + index % r->index_stride * 4 + offset % 4;
		return true;
	}
	*out = index * r->stride + offset;
	if (r->stride)
		return index < r->records;
	return *out <= r->records && r->records - *out >= bytes;
}

static enum run_status run_move(struct exec *x, const struct insn *i)
{
	struct resource r = resource_of(x, i->saddr);
	struct access acc;
	uint32_t aux = i->row->aux, soffset = src32(x, i, 0);
	unsigned bytes = AUX_BYTES(aux), n = (bytes + 3) / 4;
	const uint32_t *v0 = vgpr(x, i->addr), *v1 = vgpr(x, i->addr + (i->mem & MEM_IDXEN ? 1u : 0u));
	if (i->mem & MEM_LDS)
		return exec_illegal(x, 0xe0010000u | (uint32_t)i->op << 18, 0, 1, "buffer load to LDS is not simulated");
	acc.exec = 0;
	acc.global = true;
	uint64_t exec = exec_mask(x), outside = 0;
	for (unsigned l = 0; l < SIM_LANES; l++) {
		uint64_t index = (i->mem & MEM_IDXEN ? v0[l] : 0) + (r.add_lane ? l : 0u), at;
		uint64_t offset = (uint64_t)(uint32_t)i->offset + (i->mem & MEM_OFFEN ? v1[l] : 0);
		bool inside = buffer_offset(&r, index, offset, bytes, &at);
		acc.addr[l] = r.base + soffset + at;
		*(inside ? &acc.exec : &outside) |= exec & 1ull << l;
	}
	enum run_status s = vmem_run(x, i, &acc);
	if (s == RUN_FAULT || !(aux & AUX_LOAD))
		return s;
	for (unsigned k = 0; k < n && outside; k++) {
		uint32_t *d = data_reg_out(x, i, i->dst + k);
		for (unsigned l = 0; l < SIM_LANES; l++)
			if (outside >> l & 1)
				d[l] = mem_extend(aux, 0, d[l]);
	}
	return s;
}

static enum run_status run_cache(struct exec *x, const struct insn *i)
{
	(void)x;
	(void)i;
	return RUN_NEXT;
}

const struct isa_row sim_rows_mubuf[N_MUBUF] = {
#define MB(OP, NAME, BYTES, FLAGS) \
	[OP] = { .name = #NAME, .run = run_move, .d = 'n', .a = 'n', .b = 'n', .c = 'n', .aux = AUX_MOVE(BYTES, FLAGS) },
#define MC(OP, NAME) [OP] = { .name = #NAME, .run = run_cache, .d = 'n', .a = 'n', .b = 'n', .c = 'n' },
#include "sim/isa/mubuf.def"
};
