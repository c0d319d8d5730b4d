/* Save areas for unit tests, made from the dwords of a control stack. */
#ifndef TESTSUITE_UNIT_AREA_BUILDER_H
#define TESTSUITE_UNIT_AREA_BUILDER_H

#include "arch/arch.h"

enum { BUILT_AREA_BYTES = 0x40000, BUILT_MAX_WAVES = 16, BUILT_STACK_END = 0x3000 };

struct built_area {
	uint8_t *bytes; /* BUILT_AREA_BYTES, on the heap so that sanitizers see the ends */
	struct gfx_wave_record recs[BUILT_MAX_WAVES];
	size_t n_recs;
	struct gfx_save_header header;
};

void put32(uint8_t *p, uint32_t value);
uint32_t get32(const uint8_t *p);
uint64_t get64(const uint8_t *p);

/* An area whose control stack holds two junk dwords and then the n entries, ending at BUILT_STACK_END, with a wave area of wave_bytes above it.
 * Nothing is checked. */
void area_build(struct built_area *a, const uint32_t *entries, size_t n, uint32_t wave_bytes);
void area_free(struct built_area *a);
/* Parses and walks; fills header and recs. */
int area_decode(struct built_area *a, const struct gfx_family *family, struct gfx_error *err);

/* One gfx942 wave of one group: 40 VGPRs and 24 ACC VGPRs, the SGPR slots said by the state word's field, 4 KiB of LDS; all bytes zero but
 * for ttmp11: number in group 0, packet 5, initialised. */
void area_one_wave(struct built_area *a, struct gfx_wave *w, unsigned sgpr_field);

#endif
