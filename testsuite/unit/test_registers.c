/* Register rows against the list of AMD's library, and the rules of reading and writing (wave-state 1.9, 4.3, 7.1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/unit/area_builder.h"
#include "testsuite/unit/save_fixture.h"
#include "testsuite/unit/tap.h"

static const struct gfx_family *family(void)
{
	return gfx_family_by_name("gfx942");
}

static size_t reg(const char *name)
{
	int regno = gfx_reg_by_name(family(), name);
	ck_assert_msg(regno >= 0, "no register %s", name);
	return (size_t)regno;
}

/* ------------------------------------------------------------------ the library's list */

enum { MAX_LINES = 1024, LINE_BYTES = 2048 };

struct row {
	char name[32], type[1800], classes[64], dwarf[16];
	unsigned bytes;
};

/* Lines of the list, duplicates of a name left out (they are the shadows of alias slots). */
static size_t read_list(struct row *rows)
{
	char path[512], line[LINE_BYTES];
	fixture_path(path, sizeof path, "testsuite/data/registers/gfx942.tsv");
	FILE *f = fopen(path, "r");
	ck_assert_msg(f, "%s cannot be opened", path);
	size_t n = 0;
	while (fgets(line, sizeof line, f)) {
		struct row r;
		bool known = false;
		if (line[0] == '#')
			continue;
		ck_assert_int_eq(sscanf(line, "%*u\t%31[^\t]\t%u\t%15[^\t]\t%1799[^\t]\t%63s", r.name, &r.bytes, r.dwarf, r.type, r.classes), 5);
		for (size_t i = 0; i < n && !known; i++)
			known = strcmp(rows[i].name, r.name) == 0;
		if (!known)
			rows[n++] = r;
	}
	fclose(f);
	return n;
}

static const char *our_type(const char *theirs)
{
	static const char *const names[][2] = {
		{ "int32_t[64]", "v64i32" }, { "int32_t", "int32" }, { "uint32_t", "uint32" }, { "uint64_t", "uint64" }, { "void (*)()", "code_ptr" },
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i][0], theirs) == 0)
			return names[i][1];
	return NULL;
}

static const char *class_word(enum gfx_reg_class class)
{
	switch (class) {
	case GFX_CLASS_SCALAR:
		return "scalar";
	case GFX_CLASS_VECTOR:
	case GFX_CLASS_ACC:
		return "vector";
	case GFX_CLASS_TRAP:
		return "trap";
	case GFX_CLASS_SYSTEM:
		return "system";
	case GFX_CLASS_GENERAL:
		return "general";
	}
	return "?";
}

/* Each "NAME @low[-high]" of a flags type has its row, in order. */
static void compare_flags(const struct gfx_reg_row *row, char *type)
{
	const struct gfx_flag *flag = row->flags;
	for (char *at = strchr(type, '@'); at; at = strchr(at + 1, '@'), flag++) {
		unsigned low, high;
		int got = sscanf(at, "@%u-%u", &low, &high);
		ck_assert_int_ge(got, 1);
		if (got == 1)
			high = low;
		char *end = at - 1, *start = end;
		while (start > type && start[-1] != ' ')
			start--;
		char name[64];
		snprintf(name, sizeof name, "%.*s", (int)(end - start), start);
		for (char *p = name; *p; p++)
			if (*p == '.')
				*p = '_';
		ck_assert_msg(flag->name, "%s: no row for %s", row->name, name);
		ck_assert_msg(strcmp(flag->name, name) == 0 && flag->low == low && flag->high == high, "%s: %s at %u-%u is %s at %u-%u here",
			row->name, name, low, high, flag->name, flag->low, flag->high);
	}
	ck_assert_msg(!flag->name, "%s: %s is not in the list", row->name, flag->name);
}

START_TEST(library_list)
{
	static struct row rows[MAX_LINES];
	size_t n = read_list(rows);
	ck_assert_uint_eq(n, family()->n_regs);
	for (size_t i = 0; i < n; i++) {
		const struct gfx_reg_row *row = &family()->regs[reg(rows[i].name)];
		ck_assert_msg(row->bytes == rows[i].bytes, "%s: %u bytes", row->name, row->bytes);
		int dwarf = strcmp(rows[i].dwarf, "-") == 0 ? -1 : atoi(rows[i].dwarf);
		ck_assert_msg(row->dwarf == dwarf, "%s: DWARF %d", row->name, row->dwarf);
		ck_assert_msg(strstr(rows[i].classes, class_word(row->class)), "%s: class %s", row->name, class_word(row->class));
		if (strncmp(rows[i].type, "flags32_t", 9) == 0) {
			ck_assert_str_eq(row->type, row->name);
			ck_assert_ptr_nonnull(row->flags);
			compare_flags(row, rows[i].type);
		} else {
			ck_assert_msg(strcmp(row->type, our_type(rows[i].type)) == 0, "%s: type %s", row->name, row->type);
			ck_assert_ptr_null(row->flags);
		}
	}
}
END_TEST

START_TEST(order_of_rows)
{
	const struct gfx_family *f = family();
	static const char *const first[] = { "pc", "exec", "vcc", "m0", "status", "mode", "trapsts", "flat_scratch", "xnack_mask", "s0" };
	for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
		ck_assert_str_eq(f->regs[i].name, first[i]);
	for (size_t i = 0; i < f->n_regs; i++) {
		ck_assert_msg((f->regs[i].lanes == 0) == (i < f->n_scalar_regs), "%s", f->regs[i].name);
		ck_assert_int_eq(gfx_reg_by_name(f, f->regs[i].name), (int)i);
	}
	ck_assert_str_eq(f->regs[f->n_scalar_regs].name, "v0");
	ck_assert_str_eq(f->regs[f->n_regs - 1].name, "a255");
	ck_assert_int_eq(gfx_reg_by_name(f, "s102"), -1);
	ck_assert_int_eq(gfx_reg_by_name(f, ""), -1);
}
END_TEST

START_TEST(families)
{
	const struct gfx_family *f = family();
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_eq(gfx_family_by_version(90402), f);
	ck_assert_ptr_eq(gfx_family_by_version(90400), f);
	ck_assert_ptr_eq(gfx_family_by_mach(0x4C), f);
	ck_assert_ptr_null(gfx_family_by_version(0));
	ck_assert_ptr_null(gfx_family_by_version(80003));
	ck_assert_ptr_null(gfx_family_by_mach(0));
	ck_assert_ptr_null(gfx_family_by_name("gfx803"));
	ck_assert_uint_eq(f->trap_insn, 0xBF920000);
	ck_assert(!f->parks && f->has_step_status && !f->ttmps_always_valid && f->architected_scratch);
}
END_TEST

/* ------------------------------------------------------------------ presence */

static unsigned present(const struct gfx_wave *w, const char *letter)
{
	unsigned n = 0;
	for (size_t i = 0; i < w->family->n_regs; i++) {
		const char *name = w->family->regs[i].name;
		if (name[0] == letter[0] && name[1] >= '0' && name[1] <= '9' && gfx_reg_present(w, i))
			n++;
	}
	return n;
}

START_TEST(presence)
{
	static const struct {
		unsigned field, sgprs;
	} cases[] = { { 7, 102 }, { 6, 96 }, { 1, 16 } };
	struct built_area a;
	struct gfx_wave w;
	area_one_wave(&a, &w, cases[_i].field);
	ck_assert_uint_eq(present(&w, "s"), cases[_i].sgprs);
	ck_assert_uint_eq(present(&w, "v"), 40);
	ck_assert_uint_eq(present(&w, "a"), 24);
	uint8_t value[256];
	struct gfx_error err;
	ck_assert_int_eq(gfx_reg_read(&w, reg("v40"), value, &err), GFX_UNKNOWN);
	ck_assert_int_eq(gfx_reg_write(&w, reg("a24"), value, &err), GFX_UNKNOWN);
	ck_assert_str_eq(err.text, "a24 is not allocated in this wave");
	ck_assert_int_eq(gfx_reg_read(&w, w.family->n_regs, value, &err), GFX_RANGE);
	ck_assert(!gfx_reg_present(&w, w.family->n_regs));
	area_free(&a);
}
END_TEST

START_TEST(aliases)
{
	/* 96 slots: s90 to s95 are FLAT_SCRATCH, XNACK_MASK and VCC, whose truth is elsewhere for XNACK_MASK. */
	struct built_area a;
	struct gfx_wave w;
	uint8_t buf[8];
	area_one_wave(&a, &w, 6);
	for (unsigned i = 0; i < 96; i++)
		put32(a.bytes + w.rec.sgpr + 4 * i, 0x51000000 + i);
	put32(a.bytes + w.rec.hwreg + 4 * 7, 0xAAAA0007);
	put32(a.bytes + w.rec.hwreg + 4 * 8, 0xAAAA0008);
	static const struct {
		const char *name;
		uint64_t value;
	} expected[] = {
		{ "s89", 0x51000059 }, { "s90", 0x5100005A }, { "s91", 0x5100005B }, { "s92", 0xAAAA0007 }, { "s93", 0xAAAA0008 },
		{ "s94", 0x5100005E }, { "s95", 0x5100005F }, { "flat_scratch", UINT64_C(0x5100005B5100005A) },
		{ "xnack_mask", UINT64_C(0xAAAA0008AAAA0007) }, { "vcc", UINT64_C(0x5100005F5100005E) },
	};
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		memset(buf, 0, sizeof buf);
		ck_assert_int_eq(gfx_reg_read(&w, reg(expected[i].name), buf, NULL), GFX_OK);
		ck_assert_msg(get64(buf) == expected[i].value, "%s is 0x%llx", expected[i].name, (unsigned long long)get64(buf));
	}
	/* Writing through the alias is writing VCC: its flag follows. */
	put32(buf, 0);
	ck_assert_int_eq(gfx_reg_write(&w, reg("s94"), buf, NULL), GFX_OK);
	ck_assert_uint_eq(get32(a.bytes + w.rec.hwreg + 20) >> 10 & 1, 0);
	ck_assert_int_eq(gfx_reg_write(&w, reg("s95"), buf, NULL), GFX_OK);
	ck_assert_uint_eq(get32(a.bytes + w.rec.hwreg + 20) >> 10 & 1, 1);
	area_free(&a);
}
END_TEST

/* ------------------------------------------------------------------ every register keeps what is written */

START_TEST(write_then_read)
{
	struct built_area a;
	struct gfx_wave w;
	uint8_t old[256], value[256], back[256];
	area_one_wave(&a, &w, 7);
	uint8_t *before = malloc(BUILT_AREA_BYTES);
	for (size_t i = 0; i < w.family->n_regs; i++) {
		const struct gfx_reg_row *row = &w.family->regs[i];
		uint32_t offset, bytes;
		if (!gfx_reg_present(&w, i))
			continue;
		ck_assert_int_eq(gfx_reg_read(&w, i, old, NULL), GFX_OK);
		ck_assert_int_eq(gfx_reg_slot(&w, i, &offset, &bytes, NULL), GFX_OK);
		ck_assert_uint_eq(bytes, row->bytes);
		for (unsigned k = 0; k < row->bytes; k++)
			value[k] = (uint8_t)(i * 7 + k * 13 + 1);
		memcpy(before, a.bytes, BUILT_AREA_BYTES);
		ck_assert_int_eq(gfx_reg_write(&w, i, value, NULL), GFX_OK);
		/* Nothing outside the slot and the hardware registers changes. */
		for (size_t k = 0; k < BUILT_AREA_BYTES; k++) {
			bool may = (k >= offset && k < offset + bytes) || (k >= w.rec.hwreg && k < w.rec.hwreg + 128);
			if (!may && a.bytes[k] != before[k])
				ck_abort_msg("%s changed offset 0x%zx", row->name, k);
		}
		ck_assert_int_eq(gfx_reg_read(&w, i, back, NULL), GFX_OK);
		if (row->class != GFX_CLASS_SYSTEM && strcmp(row->name, "pc") != 0)
			ck_assert_msg(memcmp(value, back, row->bytes) == 0, "%s does not keep its value", row->name);
		ck_assert_int_eq(gfx_reg_write(&w, i, old, NULL), GFX_OK);
	}
	free(before);
	area_free(&a);
}
END_TEST

/* ------------------------------------------------------------------ parts that come later */

/* The state is apart, and the registers come from `behind` when they are asked for. */
struct later {
	const struct gfx_wave *w;
	uint8_t *area, *behind;
	bool scalars, vectors, refuse;
};

static bool bring_later(void *arg, bool vectors)
{
	struct later *l = arg;
	const struct gfx_wave_record *r = &l->w->rec;
	if (l->refuse)
		return false;
	if (!l->scalars)
		memcpy(l->area + r->sgpr, l->behind + r->sgpr, r->hwreg - r->sgpr);
	if (vectors && !l->vectors)
		memcpy(l->area + r->vgpr, l->behind + r->vgpr, r->sgpr - r->vgpr);
	l->scalars = true;
	l->vectors |= vectors;
	return true;
}

START_TEST(parts_that_come_later)
{
	struct built_area a, b;
	struct gfx_wave w, late;
	uint8_t state[GFX_STATE_BYTES], mine[256], other[256];
	area_one_wave(&a, &w, 7);
	area_one_wave(&b, &late, 7);
	for (uint32_t k = w.rec.vgpr; k < w.rec.ttmp + 64; k++)
		if (k < w.rec.ttmp)
			a.bytes[k] = b.bytes[k] = (uint8_t)(k * 31 + (k >> 8));
	uint8_t *behind = malloc(BUILT_AREA_BYTES);
	memcpy(behind, b.bytes, BUILT_AREA_BYTES);
	memcpy(state, b.bytes + w.rec.hwreg, sizeof state);
	memset(b.bytes + w.rec.vgpr, 0xee, w.rec.ttmp + 64 - w.rec.vgpr);
	struct later later = { &late, b.bytes, behind, false, false, true };
	late.state = state;
	late.bring = bring_later;
	late.bring_arg = &later;
	for (int turn = 0; turn < 3; turn++) { /* refused, in order, once more */
		for (size_t i = 0; i < w.family->n_regs; i++) {
			const struct gfx_reg_row *row = &w.family->regs[i];
			uint32_t offset = 0, bytes;
			if (!gfx_reg_present(&w, i)) {
				ck_assert(!gfx_reg_present(&late, i));
				continue;
			}
			bool slot = gfx_reg_slot(&w, i, &offset, &bytes, NULL) == GFX_OK;
			ck_assert_int_eq(gfx_reg_read(&w, i, mine, NULL), GFX_OK);
			int status = gfx_reg_read(&late, i, other, NULL);
			later.refuse &= turn == 0;
			if (turn == 0 && slot && offset < w.rec.hwreg) {
				ck_assert_msg(status == GFX_UNKNOWN, "%s is read although it is not there", row->name);
				ck_assert_int_eq(gfx_reg_write(&late, i, mine, NULL), GFX_UNKNOWN);
				continue;
			}
			ck_assert_msg(status == GFX_OK && memcmp(mine, other, row->bytes) == 0, "%s differs", row->name);
			for (unsigned k = 0; k < row->bytes; k++)
				mine[k] = (uint8_t)(mine[k] + turn * 5 + 3);
			ck_assert_int_eq(gfx_reg_write(&w, i, mine, NULL), GFX_OK);
			ck_assert_int_eq(gfx_reg_write(&late, i, mine, NULL), GFX_OK);
		}
		later.refuse = false;
		if (turn == 0)
			ck_assert(!later.scalars && !later.vectors);
	}
	memcpy(b.bytes + w.rec.hwreg, state, sizeof state);
	ck_assert_mem_eq(a.bytes + w.rec.vgpr, b.bytes + w.rec.vgpr, w.rec.ttmp + 64 - w.rec.vgpr);
	free(behind);
	area_free(&a);
	area_free(&b);
}
END_TEST

/* What is decided at a stop needs no registers; what the program computes with needs them only then. */
START_TEST(decisions_ask_for_nothing)
{
	struct built_area a;
	struct gfx_wave w;
	struct gfx_wave_place place;
	area_one_wave(&a, &w, 7);
	struct later later = { &w, a.bytes, a.bytes, false, false, true };
	w.bring = bring_later;
	w.bring_arg = &later;
	gfx_wave_set_pc(&w, 0x1000);
	ck_assert(!gfx_wave_stopped(&w));
	ck_assert_int_eq(gfx_wave_place(&w, &place), GFX_OK);
	gfx_wave_set_id(&w, 77);
	gfx_wave_stop(&w);
	ck_assert_uint_eq(gfx_wave_id(&w), 77);
	ck_assert_uint_eq(gfx_wave_stop_reasons(&w), 0);
	gfx_wave_resume(&w, GFX_STEP, 0);
	ck_assert_uint_eq(gfx_wave_pc(&w), 0x1000);
	ck_assert_uint_eq(gfx_wave_exec(&w), 0);
	struct gfx_insn insn;
	uint8_t setpc[4]; /* s_setpc_b64 s[30:31] */
	put32(setpc, 0xBE801D1E);
	ck_assert_int_eq(gfx_insn_decode(w.family, setpc, 4, &insn), GFX_OK);
	ck_assert(!gfx_insn_can_simulate(&w, &insn));
	ck_assert_int_eq(gfx_insn_simulate(&w, &insn), GFX_UNSUPPORTED);
	ck_assert_uint_eq(gfx_wave_pc(&w), 0x1000);
	put32(a.bytes + w.rec.sgpr + 4 * 30, 0x2000);
	later.refuse = false;
	ck_assert_int_eq(gfx_insn_simulate(&w, &insn), GFX_OK);
	ck_assert_uint_eq(gfx_wave_pc(&w), 0x2000);
	ck_assert(later.scalars && !later.vectors);
	area_free(&a);
}
END_TEST

/* ------------------------------------------------------------------ read-only bits */

struct mask_case {
	const char *name;
	unsigned hwreg;
	uint32_t before, write, stored, read;
};

/* STATUS: PRIV, HALT, SKIP_EXPORT read as 0 and keep their stored value; HALT goes to the TTMP of a stopped wave, to the bit of another. */
static const struct mask_case mask_cases[] = {
	{ "mode", 9, 0, 0xFFFFFFFF, 0xFFBFFFFF, 0xFFBFFFFF },
	{ "mode", 9, 0xFFFFFFFF, 0, 0x00400000, 0x00400000 },
	{ "trapsts", 6, 0, 0xFFFFFFFF, 0xF7FF7DFF, 0xF7FF7DFF },
	{ "trapsts", 6, 0xFFFFFFFF, 0, 0x08008200, 0x08008200 },
	{ "status", 5, 0, 0xFFFFFFFF, 0x9832211F, 0x9832211F },
	{ "status", 5, 0xFFFFFFFF, 0, 0x67CDDEE0, 0x67C9DEC0 },
	{ "flat_scratch", 0, 0, 0xFFFFFFFF, 0, 0xFFFFFFFF },
};

START_TEST(read_only_bits)
{
	const struct mask_case *c = &mask_cases[_i];
	struct built_area a;
	struct gfx_wave w;
	uint8_t buf[8] = { 0 };
	area_one_wave(&a, &w, 7);
	uint8_t *slot = a.bytes + w.rec.hwreg + 4 * c->hwreg;
	if (c->hwreg)
		put32(slot, c->before);
	put32(buf, c->write);
	ck_assert_int_eq(gfx_reg_write(&w, reg(c->name), buf, NULL), GFX_OK);
	/* A running wave: HALT itself is written. */
	uint32_t stored = c->stored;
	if (c->hwreg == 5)
		stored = c->write ? stored | 0x2000 : stored & ~UINT32_C(0x2000);
	if (c->hwreg)
		ck_assert_msg(get32(slot) == stored, "%s stores 0x%x", c->name, get32(slot));
	memset(buf, 0, sizeof buf);
	ck_assert_int_eq(gfx_reg_read(&w, reg(c->name), buf, NULL), GFX_OK);
	uint32_t read = c->hwreg == 5 ? (c->write ? c->read | 0x2000 : c->read & ~UINT32_C(0x2000)) : c->read;
	ck_assert_msg(get32(buf) == read, "%s reads 0x%x", c->name, get32(buf));
	area_free(&a);
}
END_TEST

START_TEST(status_of_a_stopped_wave)
{
	struct built_area a;
	struct gfx_wave w;
	uint8_t buf[4];
	area_one_wave(&a, &w, 7);
	uint8_t *status = a.bytes + w.rec.hwreg + 20, *ttmp6 = a.bytes + w.rec.ttmp + 24;
	put32(status, 0x00010021);
	gfx_wave_stop(&w);
	ck_assert_uint_eq(get32(status), 0x00052021);
	ck_assert_int_eq(gfx_reg_read(&w, reg("status"), buf, NULL), GFX_OK);
	ck_assert_uint_eq(get32(buf), 0x00010001);
	/* Setting HALT is for the time after the resume. */
	put32(buf, 0x00002001);
	ck_assert_int_eq(gfx_reg_write(&w, reg("status"), buf, NULL), GFX_OK);
	ck_assert_uint_eq(get32(status), 0x00052021);
	ck_assert_uint_eq(get32(ttmp6), 0x60000000);
	ck_assert_int_eq(gfx_reg_read(&w, reg("status"), buf, NULL), GFX_OK);
	ck_assert_uint_eq(get32(buf), 0x00012001);
	put32(buf, 0);
	ck_assert_int_eq(gfx_reg_write(&w, reg("status"), buf, NULL), GFX_OK);
	ck_assert_uint_eq(get32(status), 0x00052020);
	ck_assert_uint_eq(get32(ttmp6), 0x40000000);
	area_free(&a);
}
END_TEST

/* ------------------------------------------------------------------ PC, EXEC, VCC */

START_TEST(pc_rules)
{
	struct built_area a;
	struct gfx_wave w;
	uint8_t buf[8];
	area_one_wave(&a, &w, 7);
	put32(a.bytes + w.rec.hwreg + 4, 0x30001004);
	put32(a.bytes + w.rec.hwreg + 8, 0xFC006000);
	/* 48 bits; what older handlers keep above is not the PC and survives a write. */
	ck_assert_uint_eq(gfx_wave_pc(&w), UINT64_C(0x600030001004));
	put32(buf, 0x30002007);
	put32(buf + 4, 0x12347FFF);
	ck_assert_int_eq(gfx_reg_write(&w, reg("pc"), buf, NULL), GFX_OK);
	ck_assert_uint_eq(gfx_wave_pc(&w), UINT64_C(0x7FFF30002004));
	ck_assert_uint_eq(get32(a.bytes + w.rec.hwreg + 8), 0xFC007FFF);
	ck_assert_int_eq(gfx_reg_read(&w, reg("pc"), buf, NULL), GFX_OK);
	ck_assert_uint_eq(get64(buf), UINT64_C(0x7FFF30002004));
	area_free(&a);
}
END_TEST

START_TEST(zero_flags)
{
	static const struct {
		const char *name;
		unsigned bit;
	} cases[] = { { "exec", 9 }, { "vcc", 10 } };
	struct built_area a;
	struct gfx_wave w;
	uint8_t buf[8] = { 0 };
	area_one_wave(&a, &w, 7);
	uint8_t *status = a.bytes + w.rec.hwreg + 20;
	ck_assert_int_eq(gfx_reg_write(&w, reg(cases[_i].name), buf, NULL), GFX_OK);
	ck_assert_uint_eq(get32(status), 1u << cases[_i].bit);
	/* The high half alone makes it non-zero. */
	buf[7] = 0x80;
	ck_assert_int_eq(gfx_reg_write(&w, reg(cases[_i].name), buf, NULL), GFX_OK);
	ck_assert_uint_eq(get32(status), 0);
	/* Other registers leave it alone. */
	put32(status, 1u << cases[_i].bit);
	ck_assert_int_eq(gfx_reg_write(&w, reg("s5"), buf, NULL), GFX_OK);
	ck_assert_int_eq(gfx_reg_write(&w, reg("m0"), buf, NULL), GFX_OK);
	ck_assert_uint_eq(get32(status), 1u << cases[_i].bit);
	area_free(&a);
}
END_TEST

START_TEST(dwarf_numbers)
{
	static const enum gfx_dwarf_bank banks[] = {
		[GFX_CLASS_SCALAR] = GFX_DWARF_SCALAR, [GFX_CLASS_VECTOR] = GFX_DWARF_VECTOR, [GFX_CLASS_ACC] = GFX_DWARF_ACC };
	const struct gfx_family *family = gfx_family_by_name("gfx942");
	enum gfx_dwarf_bank bank;
	unsigned n, known = 0, rows = 0;
	for (size_t i = 0; i < family->n_regs; i++) {
		const struct gfx_reg_row *row = &family->regs[i];
		if (row->dwarf < 0 || row->class > GFX_CLASS_ACC)
			continue;
		rows++;
		ck_assert_msg(gfx_dwarf_register((uint64_t)row->dwarf, &bank, &n) == GFX_OK, "%s", row->name);
		ck_assert_msg(bank == banks[row->class] && n == row->index, "%s: bank %d register %u", row->name, (int)bank, n);
	}
	for (uint64_t dwarf = 0; dwarf < 1 << 16; dwarf++)
		known += gfx_dwarf_register(dwarf, &bank, &n) == GFX_OK;
	ck_assert_uint_eq(known, 64 + 42 + 2 * 256);
	ck_assert_uint_gt(rows, 500);
	ck_assert_int_eq(gfx_dwarf_register(UINT64_MAX, &bank, &n), GFX_RANGE);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		{ "rows equal the library's list", library_list, 1 },
		{ "order of rows", order_of_rows, 1 },
		{ "families", families, 1 },
		{ "presence by SGPR slots", presence, 3 },
		{ "alias slots", aliases, 1 },
		{ "every register keeps what is written", write_then_read, 1 },
		{ "registers that come when they are asked for", parts_that_come_later, 1 },
		{ "what a stop decides needs no registers", decisions_ask_for_nothing, 1 },
		{ "read-only bits", read_only_bits, TAP_COUNT(mask_cases) },
		{ "STATUS of a stopped wave", status_of_a_stopped_wave, 1 },
		{ "PC", pc_rules, 1 },
		{ "EXECZ and VCCZ follow", zero_flags, 2 },
		{ "DWARF numbers are those of the rows", dwarf_numbers, 1 },
	};
	return TAP_RUN("registers", tests, NULL, NULL);
}
