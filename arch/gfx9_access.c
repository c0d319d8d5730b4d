/* Which memory a vector memory instruction of the gfx9-class families has touched, lane by lane (isa 6.13, 7.14). */
#include "arch/gfx9_insn.h"

#include <string.h>

#include "arch/layout.h"

enum { FLAT_ENCODING = 0x37, MUBUF_ENCODING = 0x38, MTBUF_ENCODING = 0x3a, NO_SADDR = 0x7f, SEG_FLAT = 0, SEG_SCRATCH = 1, SEG_GLOBAL = 2 };

/* One instruction word of the FLAT family, taken apart. */
struct flat {
	unsigned op, seg, addr, saddr, data;
	bool sve, acc;
	int32_t offset;
};

/* Opcodes by what they do; the first row that fits counts. */
static const struct {
	uint8_t first, last, bytes;
	bool load, store;
} rows[] = {
	{ 16, 17, 1, true, false }, { 18, 19, 2, true, false }, { 20, 20, 4, true, false }, { 21, 21, 8, true, false },
	{ 22, 22, 12, true, false }, { 23, 23, 16, true, false }, { 24, 25, 1, false, true }, { 26, 27, 2, false, true },
	{ 28, 28, 4, false, true }, { 29, 29, 8, false, true }, { 30, 30, 12, false, true }, { 31, 31, 16, false, true },
	{ 32, 35, 1, true, false }, { 36, 37, 2, true, false }, { 38, 39, 1, true, false }, { 40, 41, 2, true, false },
	{ 42, 42, 4, true, false }, { 64, 78, 4, true, true }, { 79, 81, 8, true, true }, { 82, 82, 4, true, true },
	{ 96, 108, 8, true, true },
};

bool gfx9_memory_op(unsigned op, struct gfx_access *out)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (op >= rows[i].first && op <= rows[i].last) {
			out->bytes = rows[i].bytes;
			out->load = rows[i].load;
			out->store = rows[i].store;
			return true;
		}
	return false;
}

void gfx9_stored_data(unsigned op, unsigned vdata, struct gfx_access *out)
{
	enum { BYTE_HIGH = 25, SHORT_HIGH = 27 };
	if (out->load || !out->store)
		return;
	out->data_known = true;
	out->data = vdata;
	out->data_high = op == BYTE_HIGH || op == SHORT_HIGH;
}

bool gfx_access_stored(const struct gfx_wave *w, const struct gfx_access *a, unsigned lane, uint8_t data[GFX_MAX_ACCESS])
{
	if (!a->data_known || a->data + (a->bytes + 3) / 4 > w->rec.n_vgprs || !gfx_bring(w, w->rec.vgpr))
		return false;
	for (unsigned i = 0; i < a->bytes; i += 4) {
		uint32_t word = gfx9_vgpr(w, a->data + i / 4, lane) >> (a->data_high ? 16 : 0);
		gfx_store32(data + i, word);
	}
	return true;
}

static struct flat take_apart(const uint8_t *code)
{
	uint32_t w = gfx_load32(code), w2 = gfx_load32(code + 4);
	struct flat f = { .op = w >> 18 & 0x7f, .seg = w >> 14 & 3, .addr = w2 & 0xff, .saddr = w2 >> 16 & 0x7f, .data = w2 >> 8 & 0xff, .sve = w >> 13 & 1,
		.acc = w2 >> 23 & 1 };
	f.offset = f.seg == SEG_FLAT ? (int32_t)(w & 0xfff) : (int32_t)(w << 19) >> 19;
	return f;
}

/* Vector registers that make the address. */
static unsigned address_registers(const struct flat *f)
{
	if (f->seg == SEG_SCRATCH)
		return f->sve ? 1 : 0;
	return f->seg == SEG_GLOBAL && f->saddr != NO_SADDR ? 1 : 2;
}

uint32_t gfx9_vgpr(const struct gfx_wave *w, unsigned reg, unsigned lane)
{
	return gfx_load32(w->area + w->rec.vgpr + ((size_t)reg * w->rec.lanes + lane) * 4);
}

static int scalar_base(const struct gfx_wave *w, const struct flat *f, uint64_t *out)
{
	uint64_t pair;
	*out = 0;
	if (f->seg == SEG_FLAT || f->saddr == NO_SADDR)
		return GFX_OK;
	if (gfx_operand_read64(w, f->saddr & ~1u, &pair) < 0)
		return GFX_UNSUPPORTED;
	*out = f->seg == SEG_SCRATCH ? (uint32_t)(f->saddr & 1 ? pair >> 32 : pair) : pair;
	return GFX_OK;
}

static void lane_address(const struct gfx_wave *w, const struct flat *f, uint64_t scalar, unsigned lane, uint64_t shared_base,
	uint64_t private_base, struct gfx_access *out)
{
	uint64_t v = 0;
	unsigned n = address_registers(f);
	if (n > 0)
		v = gfx9_vgpr(w, f->addr, lane);
	if (n > 1)
		v |= (uint64_t)gfx9_vgpr(w, f->addr + 1, lane) << 32;
	uint64_t sum = v + scalar + (uint64_t)(int64_t)f->offset;
	out->space[lane] = f->seg == SEG_SCRATCH ? GFX_SPACE_PRIVATE : GFX_SPACE_GLOBAL;
	out->addr[lane] = f->seg == SEG_SCRATCH ? (uint32_t)sum : sum;
	if (f->seg == SEG_FLAT)
		out->space[lane] = gfx_generic_space(sum, shared_base, private_base, &out->addr[lane]);
}

/* A load may have put its result where the address was. */
static bool overwritten(const uint8_t *code, const struct gfx_insn *insn, const struct flat *f, const struct gfx_access *a)
{
	struct gfx_effect e;
	unsigned n = address_registers(f);
	if (!a->load || gfx9_insn_effect(code, insn, &e) < 0)
		return false;
	return e.kind != GFX_EFFECT_STORE && e.vector < f->addr + n && e.vector + e.n_vectors > f->addr;
}

int gfx9_insn_access(const struct gfx_wave *w, const uint8_t *code, const struct gfx_insn *insn, uint64_t shared_base, uint64_t private_base,
	struct gfx_access *out)
{
	uint64_t scalar, exec = gfx_wave_exec(w);
	memset(out, 0, sizeof *out);
	unsigned encoding = insn->word >> 26;
	if (insn->length == 8 && (encoding == MUBUF_ENCODING || encoding == MTBUF_ENCODING))
		return gfx9_buffer_access(w, code, insn, out);
	if (encoding != FLAT_ENCODING || insn->length != 8)
		return GFX_UNSUPPORTED;
	struct flat f = take_apart(code);
	if (!gfx9_memory_op(f.op, out) || f.seg > SEG_GLOBAL || f.addr + address_registers(&f) > w->rec.n_vgprs || scalar_base(w, &f, &scalar) < 0)
		return GFX_UNSUPPORTED;
	if (overwritten(code, insn, &f, out) || !gfx_bring(w, w->rec.vgpr))
		return GFX_UNKNOWN;
	if (!f.acc)
		gfx9_stored_data(f.op, f.data, out);
	for (unsigned lane = 0; lane < w->rec.lanes && lane < GFX_MAX_LANES; lane++)
		if (exec >> lane & 1) {
			out->lanes |= UINT64_C(1) << lane;
			lane_address(w, &f, scalar, lane, shared_base, private_base, out);
		}
	return GFX_OK;
}
