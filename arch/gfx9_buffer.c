/* Which memory a buffer instruction (MUBUF, MTBUF) of the gfx9-class families has touched, lane by lane (isa 6.14, 7.16). Buffers whose elements are
 * swizzled are not followed: what lies together in one lane lies apart in memory. */
#include "arch/gfx9_insn.h"

#include "arch/layout.h"

enum { MUBUF = 0x38, LAST_FORMAT_OP = 15, LAST_MOVE = 37, FIRST_ATOMIC = 64 };

/* One instruction, taken apart. */
struct buffer_insn {
	bool typed, offen, idxen;
	unsigned op, format, offset, vaddr, vdata, srsrc, soffset;
	bool acc, lds;
};

/* The descriptor in four scalar registers. */
struct buffer {
	uint64_t base, records;
	uint32_t stride;
	unsigned format;
	bool swizzled, add_lane;
};

static struct buffer_insn take_apart(const uint8_t *code)
{
	uint32_t w = gfx_load32(code), w2 = gfx_load32(code + 4);
	struct buffer_insn i = { .typed = w >> 26 != MUBUF, .offen = w >> 12 & 1, .idxen = w >> 13 & 1, .offset = w & 0xfff, .vaddr = w2 & 0xff,
		.vdata = w2 >> 8 & 0xff, .srsrc = (w2 >> 16 & 0x1f) * 4, .acc = w2 >> 23 & 1, .soffset = w2 >> 24 };
	i.op = i.typed ? w >> 15 & 0xf : w >> 18 & 0x7f;
	i.format = w >> 19 & 0xf;
	i.lds = !i.typed && w >> 16 & 1;
	return i;
}

static int descriptor(const struct gfx_wave *w, unsigned sgpr, struct buffer *out)
{
	uint64_t low, high;
	if (gfx_operand_read64(w, sgpr, &low) < 0 || gfx_operand_read64(w, sgpr + 2, &high) < 0)
		return GFX_UNSUPPORTED;
	*out = (struct buffer){ .base = low & UINT64_C(0xffffffffffff), .stride = low >> 48 & 0x3fff, .swizzled = low >> 63, .records = (uint32_t)high,
		.add_lane = high >> 55 & 1, .format = high >> 47 & 0xf };
	return out->swizzled ? GFX_UNSUPPORTED : GFX_OK;
}

static int scalar_operand(const struct gfx_wave *w, unsigned code, uint32_t *out)
{
	uint64_t pair;
	if (code >= 128 && code <= 192) {
		*out = code - 128;
		return GFX_OK;
	}
	if (gfx_operand_read64(w, code & ~1u, &pair) < 0)
		return GFX_UNSUPPORTED;
	*out = (uint32_t)(code & 1 ? pair >> 32 : pair);
	return GFX_OK;
}

/* Bytes of an element, by its data format. */
static unsigned format_bytes(unsigned format)
{
	static const uint8_t bytes[16] = { 0, 1, 2, 2, 4, 4, 4, 4, 4, 4, 4, 8, 8, 12, 16, 0 };
	return bytes[format];
}

static bool kind_of(const struct buffer_insn *i, const struct buffer *b, struct gfx_access *out)
{
	if (!i->typed && i->op > LAST_FORMAT_OP) /* others between are caches' */
		return (i->op <= LAST_MOVE || i->op >= FIRST_ATOMIC) && gfx9_memory_op(i->op, out);
	out->bytes = format_bytes(i->typed ? i->format : b->format);
	out->load = !(i->op & 4);
	out->store = i->op & 4;
	return out->bytes;
}

/* False: beyond the buffer, where loads give 0 and stores are dropped. */
static bool lane_address(const struct gfx_wave *w, const struct buffer_insn *i, const struct buffer *b, uint32_t soffset, unsigned lane,
	struct gfx_access *out)
{
	uint64_t index = (i->idxen ? gfx9_vgpr(w, i->vaddr, lane) : 0) + (b->add_lane ? lane : 0u);
	uint64_t offset = i->offset + (i->offen ? (uint64_t)gfx9_vgpr(w, i->vaddr + i->idxen, lane) : 0), at = index * b->stride + offset;
	if (b->stride ? index >= b->records : at > b->records || b->records - at < out->bytes)
		return false;
	out->addr[lane] = b->base + soffset + at;
	out->space[lane] = GFX_SPACE_GLOBAL;
	return true;
}

/* A load may have put its result where the address was. */
static bool overwritten(const uint8_t *code, const struct gfx_insn *insn, const struct buffer_insn *i, const struct gfx_access *a)
{
	struct gfx_effect e;
	unsigned n = i->offen + i->idxen;
	if (!a->load || i->lds || gfx9_insn_effect(code, insn, &e) < 0)
		return false;
	return e.vector < i->vaddr + n && e.vector + e.n_vectors > i->vaddr;
}

int gfx9_buffer_access(const struct gfx_wave *w, const uint8_t *code, const struct gfx_insn *insn, struct gfx_access *out)
{
	struct buffer_insn i = take_apart(code);
	struct buffer b;
	uint32_t soffset;
	uint64_t exec = gfx_wave_exec(w);
	if (descriptor(w, i.srsrc, &b) < 0 || scalar_operand(w, i.soffset, &soffset) < 0 || !kind_of(&i, &b, out) ||
		i.vaddr + i.offen + i.idxen > w->rec.n_vgprs)
		return GFX_UNSUPPORTED;
	if (overwritten(code, insn, &i, out) || !gfx_bring(w, w->rec.vgpr))
		return GFX_UNKNOWN;
	if (!i.typed && i.op > LAST_FORMAT_OP && !i.acc)
		gfx9_stored_data(i.op, i.vdata, out);
	for (unsigned lane = 0; lane < w->rec.lanes && lane < GFX_MAX_LANES; lane++)
		if (exec >> lane & 1 && lane_address(w, &i, &b, soffset, lane, out))
			out->lanes |= UINT64_C(1) << lane;
	return GFX_OK;
}
