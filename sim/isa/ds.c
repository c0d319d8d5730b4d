/* Local data share and lane crossing (isa-simulator.md 7.11, 7.15). */
#include <string.h>

#include "sim/isa/mem.h"

enum { MAX_DWORDS = 4 };

/* Address of access `which` of lane l: one 16-bit offset, or two 8-bit offsets in elements (times 64). The sum wraps at 32 bits: compilers
 * put a constant into the offset although the register alone is negative (a loop over p[k - 5], at LDS address 0). */
static uint64_t address(const struct insn *i, const uint32_t *addr, unsigned l, unsigned which)
{
	uint32_t aux = i->row->aux;
	if (!(aux & AUX_TWO))
		return addr[l] + (uint32_t)i->offset;
	uint32_t element = (uint32_t)i->offset >> 8 * which & 0xff;
	return addr[l] + element * (uint32_t)(AUX_BYTES(aux) * (aux & AUX_ST64 ? 64 : 1));
}

/* Whole dwords, every active lane inside the allocation: straight copies. False: take the careful path. */
static bool move_dwords(struct exec *x, const struct insn *i)
{
	const uint32_t aux = i->row->aux;
	const struct sim_group *g = x->w->group;
	unsigned bytes = AUX_BYTES(aux), dwords = bytes / 4, count = aux & AUX_TWO ? 2 : 1;
	if (bytes < 4 || !g || !g->lds || g->lds_bytes < bytes)
		return false;
	const uint64_t exec = exec_mask(x);
	const uint32_t *addr = vgpr(x, i->addr), *mask = exec_lane_mask(x, exec), last = g->lds_bytes - bytes;
	uint32_t at[2][SIM_LANES];
	for (unsigned which = 0; which < count; which++) {
		const uint32_t offset = (uint32_t)address(i, x->zero.v, 0, which);
		uint32_t outside = 0;
		for (unsigned l = 0; l < SIM_LANES; l++) {
			at[which][l] = (addr[l] + offset) & mask[l];
			outside |= -(uint32_t)(at[which][l] > last);
		}
		if (outside)
			return false;
	}
	for (unsigned k = 0; k < count * dwords; k++) {
		const uint32_t *where = at[k / dwords];
		uint8_t *base = g->lds + k % dwords * 4;
		if (aux & AUX_LOAD) {
			uint32_t *d = data_reg_out(x, i, i->dst + k);
			for (unsigned l = 0; l < SIM_LANES; l++) { /* inactive lanes read offset 0 and keep their value */
				uint32_t value;
				memcpy(&value, base + where[l], 4);
				d[l] = (value & mask[l]) | (d[l] & ~mask[l]);
			}
		} else {
			const uint32_t *d = data_reg(x, i, (k < dwords ? i->data : i->data1) + k % dwords);
			for (uint64_t left = exec; left; left &= left - 1) {
				unsigned l = (unsigned)__builtin_ctzll(left);
				memcpy(base + where[l], &d[l], 4);
			}
		}
	}
	return true;
}

static enum run_status run_move(struct exec *x, const struct insn *i)
{
	if (move_dwords(x, i))
		return RUN_NEXT;
	uint32_t aux = i->row->aux;
	unsigned bytes = AUX_BYTES(aux), dwords = (bytes + 3) / 4, count = aux & AUX_TWO ? 2 : 1;
	uint64_t exec = exec_mask(x);
	uint32_t raw[2 * MAX_DWORDS][SIM_LANES];
	const uint32_t *addr = vgpr(x, i->addr);
	for (unsigned which = 0; which < count; which++) {
		const unsigned data = which ? i->data1 : i->data;
		for (uint64_t left = exec; left; left &= left - 1) {
			unsigned l = (unsigned)__builtin_ctzll(left);
			uint32_t buf[MAX_DWORDS] = { 0 };
			uint64_t a = address(i, addr, l, which);
			if (aux & AUX_LOAD) {
				lane_read(x, SPACE_LDS, l, a, buf, bytes);
				for (unsigned k = 0; k < dwords; k++)
					raw[which * dwords + k][l] = buf[k];
			} else {
				for (unsigned k = 0; k < dwords; k++)
					buf[k] = mem_store_value(aux, data_reg(x, i, data + k)[l]);
				lane_write(x, SPACE_LDS, l, a, buf, bytes);
			}
		}
	}
	if (!(aux & AUX_LOAD))
		return RUN_NEXT;
	for (unsigned k = 0; k < count * dwords; k++) {
		uint32_t *d = data_reg_out(x, i, i->dst + k);
		for (uint64_t left = exec; left; left &= left - 1) {
			unsigned l = (unsigned)__builtin_ctzll(left);
			d[l] = mem_extend(aux, raw[k][l], d[l]);
		}
	}
	return RUN_NEXT;
}

static uint64_t operand(const struct exec *x, const struct insn *i, unsigned reg, unsigned l)
{
	uint64_t v = data_reg(x, i, reg)[l];
	return AUX_BYTES(i->row->aux) == 8 ? v | (uint64_t)data_reg(x, i, reg + 1)[l] << 32 : v;
}

static bool aligned(struct exec *x, const struct insn *i, uint64_t exec, const uint32_t *addr, unsigned count)
{
	for (uint64_t left = exec; left; left &= left - 1)
		for (unsigned which = 0; which < count; which++) {
			uint64_t a = address(i, addr, (unsigned)__builtin_ctzll(left), which);
			if (a % AUX_BYTES(i->row->aux)) {
				mem_fault(x, x->env->shared_base + a, true, false);
				return false;
			}
		}
	return true;
}

static enum run_status run_atomic(struct exec *x, const struct insn *i)
{
	uint32_t aux = i->row->aux;
	unsigned bytes = AUX_BYTES(aux), dwords = bytes / 4, count = aux & AUX_TWO ? 2 : 1;
	uint64_t exec = exec_mask(x), old[2][SIM_LANES];
	const uint32_t *addr = vgpr(x, i->addr);
	if (!aligned(x, i, exec, addr, count))
		return RUN_FAULT;
	for (uint64_t left = exec; left; left &= left - 1) {
		unsigned l = (unsigned)__builtin_ctzll(left);
		for (unsigned which = 0; which < count; which++) {
			uint64_t a = address(i, addr, l, which), now = 0, first = operand(x, i, which ? i->data1 : i->data, l);
			lane_read(x, SPACE_LDS, l, a, &now, bytes);
			uint64_t value = atomic_apply(AUX_OP(aux), bytes, now, first, operand(x, i, i->data1, l));
			lane_write(x, SPACE_LDS, l, a, &value, bytes);
			old[which][l] = now;
		}
	}
	if (!(aux & AUX_RTN))
		return RUN_NEXT;
	for (unsigned k = 0; k < count * dwords; k++) {
		uint32_t *d = data_reg_out(x, i, i->dst + k);
		for (uint64_t left = exec; left; left &= left - 1) {
			unsigned l = (unsigned)__builtin_ctzll(left);
			d[l] = (uint32_t)(old[k / dwords][l] >> 32 * (k % dwords));
		}
	}
	return RUN_NEXT;
}

/* ------------------------------------------------------------------ lane crossing */

static void store(struct exec *x, const struct insn *i, const uint32_t *value)
{
	lanes_blend(data_reg_out(x, i, i->dst), value, exec_lane_mask(x, exec_mask(x)));
}

static unsigned partner(const struct insn *i, uint32_t addr)
{
	return (addr + (uint32_t)i->offset) / 4 % SIM_LANES;
}

static enum run_status run_bpermute(struct exec *x, const struct insn *i)
{
	const uint32_t *addr = vgpr(x, i->addr), *data = data_reg(x, i, i->data);
	uint64_t exec = exec_mask(x);
	uint32_t out[SIM_LANES];
	for (unsigned l = 0; l < SIM_LANES; l++) {
		unsigned from = partner(i, addr[l]);
		out[l] = exec >> from & 1 ? data[from] : 0;
	}
	store(x, i, out);
	return RUN_NEXT;
}

static enum run_status run_permute(struct exec *x, const struct insn *i)
{
	const uint32_t *addr = vgpr(x, i->addr), *data = data_reg(x, i, i->data);
	uint64_t exec = exec_mask(x);
	uint32_t out[SIM_LANES] = { 0 };
	for (unsigned l = 0; l < SIM_LANES; l++)
		if (exec >> l & 1)
			out[partner(i, addr[l])] = data[l];
	store(x, i, out);
	return RUN_NEXT;
}

static enum run_status run_swizzle(struct exec *x, const struct insn *i)
{
	const uint32_t *data = vgpr(x, i->addr);
	uint64_t exec = exec_mask(x);
	unsigned o = (unsigned)i->offset;
	uint32_t out[SIM_LANES];
	for (unsigned l = 0; l < SIM_LANES; l++) {
		unsigned from;
		if (o >> 15)
			from = (l & ~3u) + (o >> 2 * (l & 3) & 3);
		else
			from = (l & 32) + ((((l & 31) & (o & 31)) | (o >> 5 & 31)) ^ (o >> 10 & 31));
		out[l] = exec >> from & 1 ? data[from] : 0;
	}
	store(x, i, out);
	return RUN_NEXT;
}

#define DS_ROW(OP, NAME, RUN, AUX) [OP] = { .name = #NAME, .run = RUN, .d = 'n', .a = 'n', .b = 'n', .c = 'n', .aux = AUX },
#define DM(OP, NAME, BYTES, FLAGS) DS_ROW(OP, NAME, run_move, AUX_MOVE(BYTES, FLAGS))
#define DA(OP, NAME, AT, BYTES, FLAGS) DS_ROW(OP, NAME, run_atomic, AUX_ATOMIC(AT, BYTES, FLAGS))
#define DX(OP, NAME, RUN) DS_ROW(OP, NAME, RUN, 0)

const struct isa_row sim_rows_ds[N_DS] = {
#include "sim/isa/ds.def"
};
