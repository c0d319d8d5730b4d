/* Scalar memory (isa-simulator.md 7.13). */
#include "sim/isa/mem.h"
#include "sim/isa/scalar.h"

static uint64_t offset_of(const struct exec *x, const struct insn *i)
{
	uint64_t offset = i->mem & MEM_IMM ? (uint64_t)(int64_t)i->offset : 0;
	if ((i->mem & MEM_SOFF) || !(i->mem & MEM_IMM))
		offset += sgpr_get(x, i->saddr);
	return offset;
}

static enum run_status run_load(struct exec *x, const struct insn *i)
{
	uint32_t buf[16];
	unsigned n = i->row->aux;
	uint64_t addr = ((sgpr_get64(x, i->addr) & ~3ull) + offset_of(x, i)) & ~3ull;
	if (!mem_read(x, addr, buf, n * 4))
		return RUN_FAULT;
	for (unsigned k = 0; k < n; k++)
		sgpr_set(x, i->dst + k, buf[k]);
	return RUN_NEXT;
}

/* Raw buffers: beyond num_records reads 0. */
static enum run_status run_buffer_load(struct exec *x, const struct insn *i)
{
	uint32_t buf[16] = { 0 };
	unsigned n = i->row->aux;
	uint64_t base = sgpr_get64(x, i->addr) & 0xffffffffffffull, offset = offset_of(x, i) & ~3ull;
	uint64_t records = sgpr_get(x, i->addr + 2), stride = sgpr_get(x, i->addr + 1) >> 16 & 0x3fff;
	uint64_t limit = stride ? records * stride : records;
	for (unsigned k = 0; k < n; k++)
		if (offset + 4 * k + 4 <= limit && offset < limit && !mem_read(x, base + offset + 4 * k, &buf[k], 4))
			return RUN_FAULT;
	for (unsigned k = 0; k < n; k++)
		sgpr_set(x, i->dst + k, buf[k]);
	return RUN_NEXT;
}

static enum run_status run_store(struct exec *x, const struct insn *i)
{
	uint32_t buf[4];
	unsigned n = i->row->aux;
	uint64_t addr = ((sgpr_get64(x, i->addr) & ~3ull) + offset_of(x, i)) & ~3ull;
	for (unsigned k = 0; k < n; k++)
		buf[k] = sgpr_get(x, i->dst + k);
	return mem_write(x, addr, buf, n * 4) ? RUN_NEXT : RUN_FAULT;
}

static enum run_status run_cache(struct exec *x, const struct insn *i)
{
	(void)x;
	(void)i;
	return RUN_NEXT;
}

static enum run_status run_time(struct exec *x, const struct insn *i)
{
	sgpr_set64(x, i->dst, x->env->clock ? x->env->clock(x->env->clock_ctx) : x->w->instructions);
	return RUN_NEXT;
}

const struct isa_row sim_rows_smem[N_SMEM] = {
#define SM(OP, NAME, RUN, DWORDS) [OP] = { .name = #NAME, .run = RUN, .d = 's', .a = 'n', .b = 'n', .c = 'n', .aux = DWORDS },
#include "sim/isa/smem.def"
};
