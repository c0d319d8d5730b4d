#include "testsuite/unit/area_builder.h"

#include <stdio.h>
#include <stdlib.h>

void put32(uint8_t *p, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = value >> 8 * i & 0xFF;
}

uint32_t get32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

uint64_t get64(const uint8_t *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

void area_build(struct built_area *a, const uint32_t *entries, size_t n, uint32_t wave_bytes)
{
	*a = (struct built_area){ .bytes = calloc(1, BUILT_AREA_BYTES) };
	if (!a->bytes) {
		printf("Bail out! out of memory\n");
		exit(EXIT_FAILURE);
	}
	uint32_t size = 4 * (uint32_t)(n + 2), start = BUILT_STACK_END - size;
	put32(a->bytes, start);
	put32(a->bytes + 4, size);
	put32(a->bytes + 8, BUILT_STACK_END + wave_bytes);
	put32(a->bytes + 12, wave_bytes);
	/* Junk that must be skipped: it looks like a wave and a state entry. */
	put32(a->bytes + start, 0x00028000);
	put32(a->bytes + start + 4, 0xBFFFFFFF);
	for (size_t i = 0; i < n; i++)
		put32(a->bytes + start + 8 + 4 * i, entries[i]);
}

void area_free(struct built_area *a)
{
	free(a->bytes);
}

static int keep(void *arg, const struct gfx_wave_record *rec)
{
	struct built_area *a = arg;
	if (a->n_recs == BUILT_MAX_WAVES)
		return 1;
	a->recs[a->n_recs++] = *rec;
	return 0;
}

int area_decode(struct built_area *a, const struct gfx_family *family, struct gfx_error *err)
{
	a->n_recs = 0;
	int status = gfx_save_parse_header(a->bytes, GFX_SAVE_HEADER_BYTES, BUILT_AREA_BYTES, &a->header, err);
	return status ? status : gfx_save_walk(family, a->bytes, BUILT_AREA_BYTES, &a->header, keep, a, err);
}

void area_one_wave(struct built_area *a, struct gfx_wave *w, unsigned sgpr_field)
{
	uint32_t entries[] = { 0x89001007 | sgpr_field << 6, 0x00038000 };
	struct gfx_error err;
	area_build(a, entries, 2, 64 + 4096 + 128 + sgpr_field * 64 + 64 * 256);
	*w = (struct gfx_wave){ .family = gfx_family_by_name("gfx942"), .area = a->bytes, .ttmps_setup = true, .r_version = 10 };
	if (area_decode(a, w->family, &err) || a->n_recs != 1) {
		printf("Bail out! one wave: %s\n", err.text);
		exit(EXIT_FAILURE);
	}
	w->rec = a->recs[0];
	put32(a->bytes + w->rec.ttmp + 44, 0x80000000 | 5 << 6);
}
