/* FLAT, GLOBAL and SCRATCH addresses (isa-simulator.md 7.14). */
#include <string.h>

#include "sim/isa/vmem.h"

enum { NO_SADDR = 0x7f };

static void pair_addresses(const struct exec *x, const struct insn *i, struct access *acc)
{
	const uint32_t *lo = vgpr(x, i->addr), *hi = vgpr(x, i->addr + 1u);
	const uint64_t offset = (uint64_t)(int64_t)i->offset;
	for (unsigned l = 0; l < SIM_LANES; l++)
		acc->addr[l] = (lo[l] | (uint64_t)hi[l] << 32) + offset;
}

static enum run_status run_global(struct exec *x, const struct insn *i)
{
	struct access acc;
	acc.exec = exec_mask(x);
	acc.global = true;
	if (i->saddr == NO_SADDR) {
		pair_addresses(x, i, &acc);
	} else {
		const uint64_t base = sgpr_get64(x, i->saddr) + (uint64_t)(int64_t)i->offset;
		const uint32_t *v = vgpr(x, i->addr);
		for (unsigned l = 0; l < SIM_LANES; l++)
			acc.addr[l] = base + v[l];
	}
	return vmem_run(x, i, &acc);
}

/* Generic addresses: every lane decides for itself. The aperture test is on the address without offset's carry: the whole sum. */
static enum run_status run_flat(struct exec *x, const struct insn *i)
{
	struct access acc;
	const uint32_t shared = (uint32_t)(x->env->shared_base >> 32), private = (uint32_t)(x->env->private_base >> 32);
	unsigned special = 0;
	acc.exec = exec_mask(x);
	pair_addresses(x, i, &acc);
	for (unsigned l = 0; l < SIM_LANES; l++) {
		uint32_t top = (uint32_t)(acc.addr[l] >> 32);
		acc.space[l] = top == shared ? SPACE_LDS : top == private ? SPACE_PRIVATE : SPACE_GLOBAL;
		special |= acc.space[l];
	}
	acc.global = !special;
	if (special)
		for (unsigned l = 0; l < SIM_LANES; l++)
			if (acc.space[l] != SPACE_GLOBAL)
				acc.addr[l] &= 0xffffffff;
	return vmem_run(x, i, &acc);
}

/* All lanes at one aligned offset of their private memory: whole rows of 64 dwords. */
static bool scratch_rows(struct exec *x, const struct insn *i, uint64_t exec, uint64_t p)
{
	uint32_t aux = i->row->aux;
	unsigned bytes = AUX_BYTES(aux), rows = bytes / 4;
	if (p % 4 || bytes < 4 || (aux & AUX_TO_LDS) || p > x->w->scratch_lane_bytes || x->w->scratch_lane_bytes - p < bytes || x->watching)
		return false;
	uint8_t *host = mem_host(x, scratch_addr(x->w, 0, (uint32_t)p), rows * 256, aux & AUX_STORE);
	if (!host)
		return false;
	const uint32_t *mask = exec == ~0ull ? NULL : exec_lane_mask(x, exec);
	for (unsigned k = 0; k < rows; k++) {
		uint32_t row[SIM_LANES];
		if (aux & AUX_LOAD) {
			uint32_t *d = data_reg_out(x, i, i->dst + k);
			memcpy(mask ? row : d, host + 256 * k, 256);
			if (mask)
				lanes_blend(d, row, mask);
		} else {
			const uint32_t *d = data_reg(x, i, i->data + k);
			if (!mask) {
				memcpy(host + 256 * k, d, 256);
				continue;
			}
			memcpy(row, host + 256 * k, 256);
			lanes_blend(row, d, mask);
			memcpy(host + 256 * k, row, 256);
		}
	}
	return true;
}

static enum run_status run_scratch(struct exec *x, const struct insn *i)
{
	struct access acc;
	uint64_t exec = exec_mask(x);
	/* 32-bit sums: a negative offset may come from the register or from the instruction. */
	uint32_t base = (uint32_t)i->offset + (i->saddr == NO_SADDR ? 0 : sgpr_get(x, i->saddr));
	if (!exec || (!(i->mem & MEM_SVE) && scratch_rows(x, i, exec, base)))
		return RUN_NEXT;
	const uint32_t *v = i->mem & MEM_SVE ? vgpr(x, i->addr) : NULL;
	acc.exec = exec;
	acc.global = false;
	memset(acc.space, SPACE_PRIVATE, sizeof acc.space);
	for (unsigned l = 0; l < SIM_LANES; l++)
		acc.addr[l] = base + (v ? v[l] : 0);
	return vmem_run(x, i, &acc);
}

#define FLAT_ROW(OP, NAME, RUN, AUX) [OP] = { .name = NAME, .run = RUN, .d = 'n', .a = 'n', .b = 'n', .c = 'n', .aux = AUX },

const struct isa_row sim_rows_flat[N_FLAT] = {
#define FM(OP, NAME, BYTES, FLAGS) FLAT_ROW(OP, "flat_" #NAME, run_flat, AUX_MOVE(BYTES, FLAGS))
#define FL(OP, NAME, BYTES, FLAGS)
#define FA(OP, NAME, AT, BYTES) FLAT_ROW(OP, "flat_" #NAME, run_flat, AUX_ATOMIC(AT, BYTES, 0))
#include "sim/isa/flat.def"
#undef FM
#undef FL
#undef FA
};

const struct isa_row sim_rows_scratch[N_FLAT] = {
#define FM(OP, NAME, BYTES, FLAGS) FLAT_ROW(OP, "scratch_" #NAME, run_scratch, AUX_MOVE(BYTES, FLAGS))
#define FL FM
#define FA(OP, NAME, AT, BYTES)
#include "sim/isa/flat.def"
#undef FM
#undef FL
#undef FA
};

const struct isa_row sim_rows_global[N_FLAT] = {
#define FM(OP, NAME, BYTES, FLAGS) FLAT_ROW(OP, "global_" #NAME, run_global, AUX_MOVE(BYTES, FLAGS))
#define FL FM
#define FA(OP, NAME, AT, BYTES) FLAT_ROW(OP, "global_" #NAME, run_global, AUX_ATOMIC(AT, BYTES, 0))
#include "sim/isa/flat.def"
};
