/* A queue's save area: header and control stack (wave-state 1.2 to 1.7). Every offset is checked before it is used, in 64 bits. */
#include "arch/arch.h"

#include <inttypes.h>

#include "arch/layout.h"

enum {
	STACK_HEADER_BYTES = 8,   /* two PM4 words before the first entry */
	TTMP_BYTES = 64,
	HWREG_BYTES = 64,
	ACC_BYTES = 256,          /* an accumulation register is 64 lanes wide */
	SHARED_BYTES = 128,       /* a shared register is 32 lanes wide */
};

#define ENTRY_EVENT (UINT32_C(1) << 30)
#define ENTRY_STATE (UINT32_C(1) << 31)

int gfx_save_parse_header(const void *bytes, size_t n, size_t area_size, struct gfx_save_header *out, struct gfx_error *err)
{
	const uint8_t *p = bytes;
	if (n < GFX_SAVE_HEADER_BYTES || area_size < GFX_SAVE_HEADER_BYTES)
		return gfx_fail(err, GFX_CORRUPT, "save area header: %zu bytes of %d", n < area_size ? n : area_size, GFX_SAVE_HEADER_BYTES);
	struct gfx_save_header h = {
		.control_stack_offset = gfx_load32(p),
		.control_stack_size = gfx_load32(p + 4),
		.wave_state_offset = gfx_load32(p + 8),
		.wave_state_size = gfx_load32(p + 12),
		.debug_offset = gfx_load32(p + 16),
		.debug_size = gfx_load32(p + 20),
		.err_payload_addr = gfx_load64(p + 24),
		.err_event_id = gfx_load32(p + 32),
	};
	uint64_t stack_end = (uint64_t)h.control_stack_offset + h.control_stack_size;
	if (h.wave_state_size > h.wave_state_offset)
		return gfx_fail(err, GFX_CORRUPT, "save area header: wave area of 0x%" PRIx32 " bytes ends at offset 0x%" PRIx32,
			h.wave_state_size, h.wave_state_offset);
	if (stack_end != h.wave_state_offset - h.wave_state_size)
		return gfx_fail(err, GFX_CORRUPT, "save area header: control stack ends at 0x%" PRIx64 ", wave area begins at 0x%" PRIx32,
			stack_end, h.wave_state_offset - h.wave_state_size);
	if (h.control_stack_size % 4 || h.wave_state_size % 4)
		return gfx_fail(err, GFX_CORRUPT, "save area header: size of control stack (0x%" PRIx32 ") or wave area (0x%" PRIx32
			") is not a multiple of 4", h.control_stack_size, h.wave_state_size);
	if (h.control_stack_size == 0 && h.wave_state_size != 0)
		return gfx_fail(err, GFX_CORRUPT, "save area header: 0x%" PRIx32 " bytes of waves without a control stack", h.wave_state_size);
	if (h.control_stack_size != 0) {
		if (h.control_stack_offset < GFX_SAVE_HEADER_BYTES || h.control_stack_offset % 4)
			return gfx_fail(err, GFX_CORRUPT, "save area header: control stack at offset 0x%" PRIx32 " is inside the header or not aligned",
				h.control_stack_offset);
		if (h.control_stack_size < STACK_HEADER_BYTES)
			return gfx_fail(err, GFX_CORRUPT, "save area header: control stack of %" PRIu32 " bytes is shorter than its own header",
				h.control_stack_size);
		if (h.wave_state_offset > area_size)
			return gfx_fail(err, GFX_CORRUPT, "save area header: wave area ends at 0x%" PRIx32 ", the save area at 0x%zx",
				h.wave_state_offset, area_size);
	}
	*out = h;
	return GFX_OK;
}

/* ------------------------------------------------------------------ control stack */

/* Where the walk stands: the register geometry of the latest state entry, the running top of the wave area, the group. */
struct walk {
	const struct gfx_layout *layout;
	bool have_state, in_group;
	struct gfx_wave_record geometry; /* offsets from the record's base, size without LDS */
	uint32_t state_lds;              /* bytes a first wave carries */
	uint32_t top, floor;
	uint32_t group_lds, group_lds_bytes;
};

static int take_state(struct walk *walk, uint32_t word, uint32_t at, struct gfx_error *err)
{
	const struct gfx_layout *l = walk->layout;
	struct gfx_wave_record *g = &walk->geometry;
	bool wave32 = gfx_field_get(word, l->state_wave32);
	unsigned units = gfx_field_get(word, l->state_vgprs) + 1;

	g->lanes = wave32 ? 32 : 64;
	g->n_vgprs = units * (wave32 ? l->vgpr_unit_wave32 : l->vgpr_unit);
	g->n_acc = 0;
	if (l->acc == GFX_ACC_EQUAL) {
		g->n_acc = g->n_vgprs;
	} else if (l->acc == GFX_ACC_UNIFIED) {
		unsigned arch = (gfx_field_get(word, l->state_accum) + 1) * 4;
		if (arch > g->n_vgprs)
			return gfx_fail(err, GFX_CORRUPT, "control stack: state entry at 0x%" PRIx32 " has %u VGPRs of %u registers in all", at, arch,
				g->n_vgprs);
		g->n_acc = g->n_vgprs - arch;
		g->n_vgprs = arch;
	}
	g->n_shared = gfx_field_get(word, l->state_shared) * 8;
	/* The hardware counts the 16 trap SGPRs in; they are saved elsewhere. */
	g->n_sgpr_slots = l->sgpr_slots ? l->sgpr_slots : gfx_field_get(word, l->state_sgprs) * 16;
	g->acc = g->vgpr + (uint32_t)g->n_vgprs * g->lanes * 4;
	g->shared = g->acc + (uint32_t)g->n_acc * ACC_BYTES;
	g->sgpr = g->shared + (uint32_t)g->n_shared * SHARED_BYTES;
	g->hwreg = g->sgpr + (uint32_t)g->n_sgpr_slots * 4;
	g->ttmp = g->hwreg + HWREG_BYTES;
	g->size = g->ttmp + TTMP_BYTES + l->record_pad;
	walk->state_lds = gfx_field_get(word, l->state_lds) * l->lds_unit;
	walk->have_state = true;
	return GFX_OK;
}

/* Places one wave below the running top. */
static int place_wave(struct walk *walk, uint32_t word, uint32_t at, struct gfx_error *err)
{
	const struct gfx_layout *l = walk->layout;
	if (!walk->have_state)
		return gfx_fail(err, GFX_CORRUPT, "control stack: wave entry at 0x%" PRIx32 " before any state entry", at);

	bool first = gfx_field_get(word, l->wave_first);
	if (!first && !walk->in_group)
		return gfx_fail(err, GFX_CORRUPT, "control stack: wave entry at 0x%" PRIx32 " begins a work-group without the first-wave flag", at);

	uint32_t size = walk->geometry.size + (first ? walk->state_lds : 0);
	if (size > walk->top - walk->floor)
		return gfx_fail(err, GFX_CORRUPT, "control stack: record of entry at 0x%" PRIx32 " needs 0x%" PRIx32 " bytes, 0x%" PRIx32
			" are left of the wave area", at, size, walk->top - walk->floor);
	walk->top -= size;
	if (first) {
		walk->group_lds = walk->top + walk->geometry.ttmp + TTMP_BYTES;
		walk->group_lds_bytes = walk->state_lds;
	}
	walk->in_group = !gfx_field_get(word, l->wave_last);
	return GFX_OK;
}

/* The wave just placed. */
static void describe_wave(const struct walk *walk, uint32_t word, struct gfx_wave_record *rec)
{
	const struct gfx_layout *l = walk->layout;
	uint32_t base = walk->top;
	*rec = walk->geometry;
	rec->first = gfx_field_get(word, l->wave_first);
	rec->last = gfx_field_get(word, l->wave_last);
	rec->base = base;
	rec->size += rec->first ? walk->state_lds : 0;
	rec->vgpr += base;
	rec->acc += base;
	rec->shared += base;
	rec->sgpr += base;
	rec->hwreg += base;
	rec->ttmp += base;
	rec->lds = walk->group_lds;
	rec->lds_bytes = walk->group_lds_bytes;
	rec->scratch_enabled = gfx_field_get(word, l->wave_scratch);
	rec->scoreboard = gfx_field_get(word, l->wave_scoreboard);
	rec->se = gfx_field_get(word, l->wave_se);
}

static int walk_stack(const struct gfx_family *family, const uint8_t *area, const struct gfx_save_header *h, gfx_wave_emit *emit, void *arg,
	struct gfx_error *err)
{
	struct walk walk = {
		.layout = family->layout,
		.top = h->wave_state_offset,
		.floor = h->wave_state_offset - h->wave_state_size,
	};
	uint32_t end = h->control_stack_offset + h->control_stack_size;
	for (uint32_t at = h->control_stack_offset + STACK_HEADER_BYTES; at < end; at += 4) {
		uint32_t word = gfx_load32(area + at);
		if (word & ENTRY_EVENT)
			continue;
		if (word & ENTRY_STATE) {
			int status = take_state(&walk, word, at, err);
			if (status)
				return status;
			at += 4 * (walk.layout->state_words - 1);
			if (at >= end)
				return gfx_fail(err, GFX_CORRUPT, "control stack: ends inside a state entry");
			continue;
		}
		int status = place_wave(&walk, word, at, err);
		if (status == GFX_OK && emit) {
			struct gfx_wave_record rec;
			describe_wave(&walk, word, &rec);
			status = emit(arg, &rec);
		}
		if (status)
			return status;
	}
	if (walk.top != walk.floor)
		return gfx_fail(err, GFX_CORRUPT, "control stack: records end at 0x%" PRIx32 ", the wave area begins at 0x%" PRIx32, walk.top,
			walk.floor);
	return GFX_OK;
}

int gfx_save_walk(const struct gfx_family *family, const uint8_t *area, size_t area_size, const struct gfx_save_header *header,
	gfx_wave_emit *emit, void *arg, struct gfx_error *err)
{
	const struct gfx_save_header *h = header;
	if (h->control_stack_size == 0)
		return GFX_OK;
	/* The header may come from elsewhere than gfx_save_parse_header: what the walk relies on is checked here too. */
	if (h->wave_state_offset > area_size || h->wave_state_size > h->wave_state_offset || h->control_stack_size < STACK_HEADER_BYTES ||
	    h->control_stack_size % 4 || (uint64_t)h->control_stack_offset + h->control_stack_size != h->wave_state_offset - h->wave_state_size)
		return gfx_fail(err, GFX_CORRUPT, "save area: header does not fit an area of 0x%zx bytes", area_size);
	/* The first pass is only for its checks: a corrupt stack must not half-appear. */
	int status = walk_stack(family, area, h, NULL, NULL, err);
	return status ? status : walk_stack(family, area, h, emit, arg, err);
}
