/* Saved waves and the facts known of them, from testsuite/data/save-areas. */
#ifndef TESTSUITE_UNIT_SAVE_FIXTURE_H
#define TESTSUITE_UNIT_SAVE_FIXTURE_H

#include "arch/arch.h"

enum { FIXTURE_MAX_PIECES = 16, FIXTURE_MAX_WAVES = 64, FIXTURE_MAX_FACTS = 8192 };

struct fixture_piece {
	char name[32];
	uint64_t addr, length, offset;
};

struct fixture {
	uint8_t *memory;
	size_t memory_size;
	struct fixture_piece pieces[FIXTURE_MAX_PIECES];
	size_t n_pieces;

	char *facts_text;
	char *facts[FIXTURE_MAX_FACTS]; /* lines, borrowed from facts_text */
	size_t n_facts;

	uint8_t *area;          /* the save area, in memory */
	size_t area_size;
	struct gfx_save_header header;
	struct gfx_wave waves[FIXTURE_MAX_WAVES];
	size_t n_waves;
};

/* Reads the fixture of a family and walks its control stack. Exits with a message when a file is missing or broken: there is nothing to
 * test then. */
void fixture_load(struct fixture *f, const char *family);
void fixture_free(struct fixture *f);
/* n bytes of the process's memory, or NULL. */
const uint8_t *fixture_memory(const struct fixture *f, uint64_t addr, size_t n);
const struct fixture_piece *fixture_piece(const struct fixture *f, const char *name);
/* Name of a wave as the facts have it: work-group / number in group. */
void fixture_wave_name(const struct gfx_wave *w, char *buf, size_t n);
/* A path below the source tree. */
void fixture_path(char *buf, size_t n, const char *relative);

#endif
