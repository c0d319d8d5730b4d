/* Modifiers of vector operands and results (isa-simulator.md 4.1, 7.3, 7.12). */
#include <math.h>
#include <string.h>

#include "sim/isa/f16.h"
#include "sim/isa/valu.h"

/* ------------------------------------------------------------------ SDWA */

static uint32_t select_part(uint32_t v, unsigned sel, bool sign)
{
	if (sel < 4) {
		uint32_t byte = v >> 8 * sel & 0xff;
		return sign ? (uint32_t)(int8_t)byte : byte;
	}
	if (sel < 6) {
		uint32_t half = v >> 16 * (sel - 4) & 0xffff;
		return sign ? (uint32_t)(int16_t)half : half;
	}
	return v;
}

void mods_sdwa_source(union lanes *t, unsigned sel, bool sign)
{
	if (sel >= 6)
		return;
	for (unsigned l = 0; l < SIM_LANES; l++)
		t->u[l] = select_part(t->u[l], sel, sign);
}

void mods_sdwa_result(union lanes *t, const uint32_t *old, unsigned sel, unsigned unused)
{
	if (sel >= 6)
		return;
	unsigned shift = sel < 4 ? 8 * sel : 16 * (sel - 4);
	uint32_t mask = (sel < 4 ? 0xffu : 0xffffu) << shift;
	for (unsigned l = 0; l < SIM_LANES; l++) {
		uint32_t part = t->u[l] << shift & mask;
		if (unused == 2) {
			t->u[l] = part | (old[l] & ~mask);
		} else if (unused == 1) {
			uint32_t value = select_part(t->u[l], sel < 4 ? 0 : 4, true);
			t->u[l] = value << shift;
		} else {
			t->u[l] = part;
		}
	}
}

/* ------------------------------------------------------------------ DPP */

/* Source lane of lane l, -1 when the control points outside. */
static int dpp_lane(unsigned control, int l)
{
	int row = l & ~15, in = l & 15;
	if (control < 0x100)
		return (l & ~3) + (int)(control >> 2 * (l & 3) & 3);
	int n = (int)(control & 15);
	switch (control >> 4) {
	case 0x10: return in + n < 16 ? l + n : -1;
	case 0x11: return in - n >= 0 ? l - n : -1;
	case 0x12: return row + ((in - n) & 15);
	case 0x15: return row + n;
	default: break;
	}
	switch (control) {
	case 0x130: return l < 63 ? l + 1 : -1;
	case 0x134: return (l + 1) & 63;
	case 0x138: return l - 1;
	case 0x13c: return (l - 1) & 63;
	case 0x140: return row + 15 - in;
	case 0x141: return (l & ~7) + 7 - (l & 7);
	case 0x142: return l >= 16 ? row - 1 : -1;
	case 0x143: return l >= 32 ? 31 : -1;
	default: return -1;
	}
}

uint64_t mods_dpp(union lanes *t, bool wide, uint32_t word, uint64_t exec)
{
	union lanes from = *t;
	unsigned control = word >> 8 & 0x1ff, banks = word >> 24 & 15, rows = word >> 28;
	bool bound = word >> 19 & 1;
	uint64_t active = 0;
	for (int l = 0; l < SIM_LANES; l++) {
		int src = dpp_lane(control, l);
		bool valid = src >= 0 && exec >> src & 1;
		bool enabled = rows >> l / 16 & 1 && banks >> l / 4 % 4 & 1 && (valid || bound);
		if (wide)
			t->q[l] = valid ? from.q[src] : 0;
		else
			t->u[l] = valid ? from.u[src] : 0;
		if (enabled)
			active |= 1ull << l;
	}
	return active & exec;
}

/* ------------------------------------------------------------------ float modifiers */

void mods_abs_neg(union lanes *t, char kind, bool abs, bool neg)
{
	if (!abs && !neg)
		return;
	uint64_t sign = kind == 'g' ? 1ull << 63 : kind == 'f' ? 1ull << 31 : 1ull << 15;
	uint64_t keep = abs ? ~sign : ~0ull, flip = neg ? sign : 0;
	for (unsigned l = 0; l < SIM_LANES; l++) {
		if (kind == 'g')
			t->q[l] = (t->q[l] & keep) ^ flip;
		else
			t->u[l] = (t->u[l] & (uint32_t)keep) ^ (uint32_t)flip;
	}
}

/* Denormals become zeros of the same sign. */
void mods_flush(union lanes *t, char kind)
{
	for (unsigned l = 0; l < SIM_LANES; l++) {
		if (kind == 'g' && (t->q[l] >> 52 & 0x7ff) == 0)
			t->q[l] &= 1ull << 63;
		else if (kind == 'f' && (t->u[l] >> 23 & 0xff) == 0)
			t->u[l] &= 1u << 31;
		else if (kind == 'h' && (t->u[l] >> 10 & 0x1f) == 0)
			t->u[l] &= ~0x7fffu;
	}
}

static double omod_value(double v, unsigned omod)
{
	static const double factor[] = { 1, 2, 4, 0.5 };
	return v * factor[omod];
}

static double clamp_value(double v, uint32_t mode)
{
	if (isnan(v))
		return mode & MODE_DX10_CLAMP ? 0 : v;
	return v < 0 ? 0 : v > 1 ? 1 : v;
}

void mods_omod_clamp(union lanes *t, char kind, unsigned omod, bool clamp, uint32_t mode)
{
	for (unsigned l = 0; l < SIM_LANES; l++) {
		double v = kind == 'g' ? t->g[l] : kind == 'f' ? (double)t->f[l] : (double)f16_to_f32((uint16_t)t->u[l]);
		if (omod)
			v = omod_value(v, omod);
		if (clamp)
			v = clamp_value(v, mode);
		if (kind == 'g')
			t->g[l] = v;
		else if (kind == 'f')
			t->f[l] = (float)v;
		else
			t->u[l] = f16_from_f64(v, mode);
	}
}

/* ------------------------------------------------------------------ integer clamp */

static int64_t value_of(char kind, uint32_t u)
{
	switch (kind) {
	case 'i': return (int32_t)u;
	case 's': return (int16_t)u;
	case 'w': return (uint16_t)u;
	default: return u;
	}
}

void mods_saturate(const struct isa_row *row, union lanes *d, const union lanes *a, const union lanes *b, const union lanes *c)
{
	int64_t lo, hi;
	switch (row->d) {
	case 'i': lo = INT32_MIN; hi = INT32_MAX; break;
	case 's': lo = INT16_MIN; hi = INT16_MAX; break;
	case 'w': lo = 0; hi = UINT16_MAX; break;
	default: lo = 0; hi = UINT32_MAX; break;
	}
	if (!(row->flags & (RF_SAT_ADD | RF_SAT_SUB | RF_SAT_REV | RF_SAT_MAD)))
		return;
	for (unsigned l = 0; l < SIM_LANES; l++) {
		int64_t va = value_of(row->a, a->u[l]), vb = value_of(row->b, b->u[l]), vc = value_of(row->d, c->u[l]), v;
		if (row->flags & RF_SAT_ADD)
			v = va + vb;
		else if (row->flags & RF_SAT_SUB)
			v = va - vb;
		else if (row->flags & RF_SAT_REV)
			v = vb - va;
		else
			v = va * vb + vc;
		v = v < lo ? lo : v > hi ? hi : v;
		d->u[l] = row->d == 's' ? (uint16_t)v : (uint32_t)v;
	}
}
