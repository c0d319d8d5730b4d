/* Thinned line tables: what is left says the same about every address and every statement; damaged ones stay as they are. The rows are read by a
 * reader of this file's own. */
#include <elf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/view/carrier.h"
#include "src/view/elf.h"
#include "src/view/line.h"
#include "testsuite/unit/sample.h"
#include "testsuite/unit/tap.h"

enum { MAX_ROWS = 8192 };

/* No code is known: statements stay where they are. */
static const struct view_targets none;

struct row {
	uint64_t address, file;
	int64_t line;
	bool stmt, marked /* prologue end, epilogue begin */, end;
};

struct table {
	struct row rows[MAX_ROWS];
	int n;
};

struct cursor {
	const uint8_t *p, *end;
};

static uint64_t take(struct cursor *c, int n)
{
	uint64_t v = 0;
	ck_assert_int_ge(c->end - c->p, n);
	for (int i = 0; i < n; i++)
		v |= (uint64_t)*c->p++ << 8 * i;
	return v;
}

static uint64_t leb(struct cursor *c, bool is_signed)
{
	uint64_t v = 0, byte;
	int shift = 0;
	do {
		byte = take(c, 1);
		v |= (byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	if (is_signed && shift < 64 && (byte & 0x40))
		v -= UINT64_C(1) << shift;
	return v;
}

static void add(struct table *t, struct row *r)
{
	ck_assert_int_lt(t->n, MAX_ROWS);
	t->rows[t->n++] = *r;
	r->marked = false;
}

static void read_unit(struct cursor c, struct table *t)
{
	uint64_t version = take(&c, 2);
	ck_assert(version >= 4 && version <= 5);
	if (version == 5)
		take(&c, 2);
	uint64_t header = take(&c, 4);
	struct cursor program = { c.p + header, c.end };
	uint64_t unit = take(&c, 1);
	take(&c, 1);
	bool stmt = take(&c, 1);
	int base = (int8_t)take(&c, 1), range = (int)take(&c, 1), opcodes = (int)take(&c, 1);
	const struct row first = { .file = 1, .line = 1, .stmt = stmt };
	struct row r = first;
	c = program;
	while (c.p < c.end) {
		int op = (int)take(&c, 1);
		uint64_t n;
		if (op >= opcodes) {
			r.address += (uint64_t)((op - opcodes) / range) * unit;
			r.line += base + (op - opcodes) % range;
			add(t, &r);
			continue;
		}
		switch (op) {
		case 0:
			n = leb(&c, false);
			op = (int)take(&c, 1);
			if (op == 1) {
				r.end = true;
				add(t, &r);
				r = first;
			} else if (op == 2)
				r.address = take(&c, (int)n - 1);
			else
				take(&c, (int)n - 1);
			break;
		case 1: add(t, &r); break;
		case 2: r.address += leb(&c, false) * unit; break;
		case 3: r.line += (int64_t)leb(&c, true); break;
		case 4: r.file = leb(&c, false); break;
		case 5: leb(&c, false); break;
		case 6: r.stmt = !r.stmt; break;
		case 7: break; /* where the room goes that was won */
		case 8: r.address += (uint64_t)((255 - opcodes) / range) * unit; break;
		case 9: r.address += take(&c, 2); break;
		case 10: case 11: r.marked = true; break;
		case 12: leb(&c, false); break;
		}
	}
}

static struct table *read_table(const uint8_t *section, size_t n)
{
	struct table *t = calloc(1, sizeof *t);
	struct cursor c = { section, section + n };
	ck_assert_ptr_nonnull(t);
	while (c.p < c.end) {
		uint64_t length = take(&c, 4);
		read_unit((struct cursor){ c.p, c.p + length }, t);
		c.p += length;
	}
	return t;
}

/* The row that an address belongs to, among those of its sequence. Addresses of code that the compiler made up (line 0) are asked for too. */
static const struct row *row_of(const struct table *t, uint64_t address)
{
	for (int i = 0; i + 1 < t->n; i++)
		if (!t->rows[i].end && t->rows[i].address <= address && address < t->rows[i + 1].address)
			return &t->rows[i];
	return NULL;
}

static bool has(const struct table *t, const struct row *r)
{
	for (int i = 0; i < t->n; i++) {
		const struct row *o = &t->rows[i];
		if (r->end && o->end && o->address == r->address)
			return true; /* the last address of a sequence: of no line */
		if (o->address == r->address && o->line == r->line && o->file == r->file && o->stmt == r->stmt && o->end == r->end &&
			o->marked == r->marked)
			return true;
	}
	return false;
}

/* A section's own copy, so that sanitizers see its ends. */
static uint8_t *section_of(const uint8_t *file, const char *name, size_t *n, uint64_t *addr)
{
	uint8_t *copy = NULL;
	Elf64_Ehdr eh;
	Elf64_Shdr names, s;
	memcpy(&eh, file, sizeof eh);
	memcpy(&names, file + eh.e_shoff + eh.e_shstrndx * sizeof s, sizeof names);
	for (unsigned i = 0; i < eh.e_shnum; i++) {
		memcpy(&s, file + eh.e_shoff + i * sizeof s, sizeof s);
		if (strcmp((const char *)file + names.sh_offset + s.sh_name, name))
			continue;
		*n = s.sh_size;
		copy = malloc(*n);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, file + s.sh_offset, *n);
		if (addr)
			*addr = s.sh_addr;
	}
	ck_assert_ptr_nonnull(copy);
	return copy;
}

static uint8_t *lines_of(const char *name, size_t *n)
{
	size_t size;
	uint8_t *file = sample_load(name, &size), *copy = section_of(file, ".debug_line", n, NULL);
	free(file);
	return copy;
}

static const char *const kernels[] = { "vadd.O0.co", "vadd.O2.co", "recurse.O0.co", "recurse.O2.co", "matmul.O0.co", "matmul.O1.co", "structs.O2.co",
	"scan.O0.co", "scan.O2.co", "histogram.O2.co", "reduce.O1.co" };
enum { N_KERNELS = sizeof kernels / sizeof *kernels };

START_TEST(says_the_same_with_less)
{
	size_t n;
	uint8_t *section = lines_of(kernels[_i], &n);
	struct table *before = read_table(section, n);
	size_t dropped = view_line_thin(section, n, &none);
	struct table *after = read_table(section, n);
	ck_assert_msg(dropped > 0, "%s: nothing left out of %d rows", kernels[_i], before->n);
	ck_assert_int_eq(after->n, before->n - (int)dropped);
	for (int i = 0; i < after->n; i++)
		ck_assert_msg(has(before, &after->rows[i]), "%s: a row at 0x%llx is new", kernels[_i], (unsigned long long)after->rows[i].address);
	for (int i = 0; i < before->n; i++) {
		const struct row *r = &before->rows[i];
		if (r->stmt || r->end || r->marked)
			ck_assert_msg(has(after, r), "%s: the statement at 0x%llx is gone", kernels[_i], (unsigned long long)r->address);
		if (r->end || i + 1 == before->n)
			continue;
		for (uint64_t address = r->address; address < before->rows[i + 1].address; address += 4) {
			const struct row *was = row_of(before, address), *is = row_of(after, address);
			ck_assert(was && is);
			ck_assert_msg(is->line == was->line || was->line == 0, "%s: 0x%llx was of line %lld and is of %lld", kernels[_i],
				(unsigned long long)address, (long long)was->line, (long long)is->line);
			ck_assert_uint_eq(is->file, was->file);
		}
	}
	/* No line has two rows in a row, but for statements and marks. */
	for (int i = 1; i < after->n; i++) {
		const struct row *r = &after->rows[i], *last = &after->rows[i - 1];
		ck_assert(r->stmt || r->end || last->end || r->line != last->line || r->file != last->file || r->marked || r->line == 0);
	}
	ck_assert_uint_eq(view_line_thin(section, n, &none), 0);
	free(before);
	free(after);
	free(section);
}
END_TEST

/* ------------------------------------------------------------------ statements and the control flow */

/* Is this word a branch to `to`, whatever it is part of? More than the branches there are, so that none is missed. */
static bool branches(uint32_t word, uint64_t at, uint64_t to)
{
	uint32_t op = word >> 16;
	return op >= 0xbf82 && op <= 0xbf9f && at + 4 + 4 * (uint64_t)(int64_t)(int16_t)word == to;
}

static bool is_target(const uint8_t *text, uint64_t low, size_t n, uint64_t to)
{
	for (size_t i = 0; i + 4 <= n; i += 4) {
		uint32_t word;
		memcpy(&word, text + i, 4);
		if (branches(word, low + i, to))
			return true;
	}
	return false;
}

/* Does the instruction in front of an address go on to it? Unconditional branches, s_setpc and s_endpgm do not. */
static bool falls_into(const uint8_t *text, uint64_t low, uint64_t address)
{
	uint32_t word;
	if (address < low + 4)
		return true;
	memcpy(&word, text + (address - low) - 4, 4);
	return word >> 16 != 0xbf82 && word >> 16 != 0xbf81 && (word & 0xff80ff00) != 0xbe801d00;
}

/* Every branch to `to` is of this line. */
static bool only_from(const struct table *t, const uint8_t *text, uint64_t low, size_t n, uint64_t to, int64_t line)
{
	for (size_t i = 0; i + 4 <= n; i += 4) {
		uint32_t word;
		memcpy(&word, text + i, 4);
		const struct row *from = branches(word, low + i, to) ? row_of(t, low + i) : NULL;
		if (from && from->line != line)
			return false;
	}
	return true;
}

/* The bytes of an instruction that is nothing of the program's own: waits, copies of vector registers, masks of lanes, branches; 0: another one. */
static int upkeep(const uint8_t *p, bool *all_lanes)
{
	uint32_t word;
	memcpy(&word, p, 4);
	uint32_t sop1 = word >> 8 & 0xff, sop2 = word >> 23 & 0x7f;
	if (word >> 16 == 0xbf8c || word >> 16 == 0xbf80 || (word & 0xfe01ff00) == 0x7e000300 || (word & 0xfe01ff00) == 0x7e007100)
		return 4;
	if (word >> 16 == 0xbf82 || (word >> 16 >= 0xbf84 && word >> 16 <= 0xbf89))
		return 4;
	if (word >> 16 == 0xd289 || word >> 16 == 0xd28a)
		return 8;
	if (word >> 23 == 0x17d && (sop1 == 1 || (sop1 >= 32 && sop1 <= 39))) {
		*all_lanes = sop1 == 33 && (word & 0xff) == 193;
		return (word & 0xff) == 255 ? 8 : 4;
	}
	if (word >> 30 == 2 && sop2 >= 12 && sop2 <= 19 && (sop2 & 1)) {
		*all_lanes &= (word >> 16 & 0x7f) != 126;
		return (word & 0xff) == 255 || (word >> 8 & 0xff) == 255 ? 8 : 4;
	}
	/* with all lanes: scratch, and accumulation registers (v_accvgpr_read, v_accvgpr_write) */
	return *all_lanes && (word >> 26 == 0x37 || word >> 16 == 0xd3d8 || word >> 16 == 0xd3d9) ? 8 : 0;
}

static bool idle(const uint8_t *text, uint64_t low, uint64_t from, uint64_t end)
{
	bool all_lanes = false;
	while (from < end) {
		int n = upkeep(text + (from - low), &all_lanes);
		if (!n)
			return false;
		from += (uint64_t)n;
	}
	return true;
}

static const struct row *row_at(const struct table *t, uint64_t address)
{
	for (int i = 0; i < t->n; i++)
		if (!t->rows[i].end && t->rows[i].address == address)
			return &t->rows[i];
	return NULL;
}

/* Why a statement of the compiler's is none any more: 'm' it begins where its block does, 'l' its block is a piece of the line that leads there,
 * 'w' it is upkeep; 0: no reason is found. */
static char reason(const struct table *before, const struct table *after, int i, const uint8_t *text, uint64_t low, size_t n)
{
	const struct row *r = &before->rows[i], *covers = row_of(after, r->address);
	if (idle(text, low, r->address, r[1].address) && covers && covers->line == r->line)
		return 'w';
	if (!covers || covers->line != r->line || covers->address >= r->address || !is_target(text, low, n, covers->address))
		return 0;
	for (uint64_t at = covers->address + 4; at <= r->address; at += 4)
		if (is_target(text, low, n, at))
			return 0;
	if (covers->stmt)
		return 'm';
	return !falls_into(text, low, covers->address) && only_from(before, text, low, n, covers->address, r->line) ? 'l' : 0;
}

static const struct {
	const char *name;
	const char *reasons; /* that must be met */
	bool more; /* statements that the compiler does not name */
} loops[] = { { "control.O0.co", "mw", false }, { "doubles.O0.co", "lw", true }, { "matmul.O0.co", "w", true }, { "scan.O0.co", "l", false },
	{ "vadd.O0.co", "", false }, { "control.O2.co", "", false }, { "doubles.O2.co", "w", false }, { "recurse.O1.co", "w", false } };

START_TEST(statements_begin_where_the_flow_does)
{
	size_t size, n;
	uint8_t *file = sample_load(loops[_i].name, &size);
	struct view_elf e;
	struct dbg_error err;
	ck_assert_msg(view_elf_rewrite(file, size, &view_x86_64, &e, &err) == 0, "%s", err.text);
	uint8_t *plain = section_of(file, ".debug_line", &n, NULL), *served = section_of(e.data, ".debug_line", &n, NULL);
	uint64_t low;
	size_t text_bytes;
	uint8_t *text = section_of(file, ".text", &text_bytes, &low);
	struct table *before = read_table(plain, n), *after = read_table(served, n);
	char met[64] = "";
	bool more = false;
	for (int i = 0; i < before->n; i++) {
		const struct row *r = &before->rows[i], *now = row_at(after, r->address);
		if (!r->stmt || r->end || (now && now->stmt && now->line == r->line))
			continue;
		char why = reason(before, after, i, text, low, text_bytes);
		ck_assert_msg(why, "%s: the statement at 0x%llx of line %lld is gone", loops[_i].name, (unsigned long long)r->address, (long long)r->line);
		if (!strchr(met, why))
			met[strlen(met)] = why;
	}
	for (int i = 0; i < after->n; i++) {
		const struct row *r = &after->rows[i], *was = row_of(before, r->address);
		if (!r->stmt || r->end || (was && was->stmt && was->line == r->line && was->address == r->address))
			continue;
		ck_assert_msg(is_target(text, low, text_bytes, r->address), "%s: 0x%llx begins no block", loops[_i].name, (unsigned long long)r->address);
		more |= was && was->line == r->line && !falls_into(text, low, r->address) &&
			!only_from(before, text, low, text_bytes, r->address, r->line);
	}
	for (const char *c = loops[_i].reasons; *c; c++)
		ck_assert_msg(strchr(met, *c) != NULL, "%s: only '%s'", loops[_i].name, met);
	ck_assert_int_eq(more, loops[_i].more);
	free(before);
	free(after);
	free(plain);
	free(served);
	free(text);
	view_elf_free(&e);
	free(file);
}
END_TEST

/* Whatever the bytes are: nothing beyond them is touched (seen under the sanitizers), and it comes to an end. */
START_TEST(damage_is_survived)
{
	size_t n;
	uint8_t *section = lines_of(kernels[_i % N_KERNELS], &n);
	uint32_t seed = 99u + (uint32_t)_i;
	for (int round = 0; round < 300; round++) {
		size_t size = n;
		uint8_t *copy = malloc(n);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, section, n);
		for (int k = 0; k < 4; k++) {
			seed = seed * 1664525u + 1013904223u;
			copy[(seed >> 8) % n] = (uint8_t)(seed >> 24);
		}
		if (round % 3 == 0) {
			size = (seed >> 4) % n;
			uint8_t *cut = malloc(size + !size);
			ck_assert_ptr_nonnull(cut);
			memcpy(cut, copy, size);
			free(copy);
			copy = cut;
		}
		view_line_thin(copy, size, &none);
		free(copy);
	}
	free(section);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_TIMES(says_the_same_with_less, N_KERNELS), TAP_EACH(statements_begin_where_the_flow_does, loops),
		TAP_TIMES(damage_is_survived, N_KERNELS),
	};
	return TAP_RUN("view_line", tests, NULL, NULL);
}
