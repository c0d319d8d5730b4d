#include "src/unwind/cfi.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/grow.h"
#include "src/view/bytes.h"

enum { MAX_ENTRIES = 1 << 20, MAX_REMEMBERED = 4, PC_COLUMN = 16, NO_SPACE = 0 };
enum {
	CFA_ADVANCE_LOC = 0x40, CFA_OFFSET = 0x80, CFA_RESTORE = 0xc0, CFA_NOP = 0x00, CFA_SET_LOC, CFA_ADVANCE_LOC1, CFA_ADVANCE_LOC2, CFA_ADVANCE_LOC4,
	CFA_OFFSET_EXTENDED, CFA_RESTORE_EXTENDED, CFA_UNDEFINED, CFA_SAME_VALUE, CFA_REGISTER, CFA_REMEMBER_STATE, CFA_RESTORE_STATE, CFA_DEF_CFA,
	CFA_DEF_CFA_REGISTER, CFA_DEF_CFA_OFFSET, CFA_DEF_CFA_EXPRESSION, CFA_EXPRESSION, CFA_OFFSET_EXTENDED_SF, CFA_DEF_CFA_SF,
	CFA_DEF_CFA_OFFSET_SF, CFA_VAL_OFFSET, CFA_VAL_OFFSET_SF, CFA_VAL_EXPRESSION, CFA_GNU_ARGS_SIZE = 0x2e, CFA_LLVM_DEF_ASPACE_CFA = 0x30,
	CFA_LLVM_DEF_ASPACE_CFA_SF = 0x31,
};

struct cie {
	size_t at; /* in its section */
	bool eh;
	uint64_t code_factor;
	int64_t data_factor;
	uint8_t pointer; /* encoding of addresses, of .eh_frame */
	bool augmented;
	size_t program, end;
};

struct fde {
	uint64_t low, high;
	const struct cie *cie;
	size_t program, end;
};

struct unwind_cfi {
	uint8_t *bytes[2]; /* .debug_frame, .eh_frame */
	struct cie **cies;
	size_t n_cies;
	struct fde *fdes;
	size_t n_fdes;
};

int unwind_cfi_slot(uint64_t dwarf)
{
	/* Beside the banks: what rules alone can name, and vector registers by their numbers of waves of 32 lanes. */
	static const struct {
		uint16_t first, last, slot;
	} ranges[] = {
		{ 1, 1, GFX_CODE_EXEC }, { PC_COLUMN, PC_COLUMN, UNWIND_SLOT_PC }, { 17, 17, GFX_CODE_EXEC }, { 512, 512, GFX_CODE_VCC },
		{ 768, 768, GFX_CODE_VCC }, { 1536, 1791, UNWIND_SLOT_VECTOR }, { 2048, 2303, UNWIND_SLOT_VECTOR + GFX_ACC },
	};
	static const int banks[] = { [GFX_DWARF_VECTOR] = UNWIND_SLOT_VECTOR, [GFX_DWARF_ACC] = UNWIND_SLOT_VECTOR + GFX_ACC };
	enum gfx_dwarf_bank bank;
	unsigned n;
	if (gfx_dwarf_register(dwarf, &bank, &n) == GFX_OK)
		return banks[bank] + (int)n;
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (dwarf >= ranges[i].first && dwarf <= ranges[i].last)
			return (int)(ranges[i].slot + (dwarf - ranges[i].first));
	return -1;
}

/* ------------------------------------------------------------------ entries */

struct reader {
	struct unwind_cfi *cfi;
	struct unwind_cfi_section section;
	bool eh;
	unsigned damaged;
	size_t room;
};

/* Header of the entry at c->at: its end, and the id or offset of its CIE with where that stands. False: the end of the section, or damaged. */
static bool entry_header(struct view_cur *c, bool eh, size_t *end, uint64_t *id, size_t *id_at, bool *is_cie)
{
	uint64_t n = view_fixed(c, 4);
	size_t width = 4;
	if (n == 0xffffffff) {
		n = view_fixed(c, 8);
		width = 8;
	}
	if (c->bad || !n || n > c->end - c->at)
		return false;
	*end = c->at + n;
	*id_at = c->at;
	*id = view_fixed(c, eh ? 4 : width);
	*is_cie = eh ? *id == 0 : *id == (width == 8 ? UINT64_MAX : UINT32_MAX);
	return !c->bad && c->at <= *end;
}

/* "z" with what follows in .eh_frame; LLVM names itself in .debug_frame. */
static bool augmentation(struct view_cur *c, const char *text, struct cie *out)
{
	if (*text != 'z')
		return !*text || strncmp(text, "[amd:", 5) == 0 || strncmp(text, "[llvm:", 6) == 0;
	uint64_t n = view_uleb(c);
	if (c->bad || n > c->end - c->at)
		return false;
	struct view_cur data = { c->p, c->at, c->at + n, false };
	out->augmented = true;
	for (const char *t = text + 1; *t && *t != '['; t++) {
		if (*t == 'R')
			out->pointer = (uint8_t)view_fixed(&data, 1);
		else if (*t == 'L')
			view_fixed(&data, 1);
		else if (*t != 'S' && *t != 'B')
			return false;
	}
	view_skip(c, n);
	return !data.bad;
}

static bool parse_cie(struct view_cur c, size_t at, bool eh, struct cie *out)
{
	*out = (struct cie){ .at = at, .eh = eh, .end = c.end };
	unsigned version = (unsigned)view_fixed(&c, 1);
	const char *text = (const char *)c.p + c.at;
	view_skip_string(&c);
	if (c.bad || (version != 1 && version != 3 && version != 4))
		return false;
	if (version == 4 && (view_fixed(&c, 1) != 8 || view_fixed(&c, 1) != 0))
		return false;
	out->code_factor = view_uleb(&c);
	out->data_factor = view_sleb(&c);
	uint64_t column = version == 1 ? view_fixed(&c, 1) : view_uleb(&c);
	if (c.bad || column != PC_COLUMN || !augmentation(&c, text, out))
		return false;
	out->program = c.at;
	return !c.bad;
}

static const struct cie *cie_at(struct reader *r, size_t at)
{
	struct cie found, **grown;
	for (size_t i = 0; i < r->cfi->n_cies; i++)
		if (r->cfi->cies[i]->at == at && r->cfi->cies[i]->eh == r->eh)
			return r->cfi->cies[i];
	struct view_cur c = { r->cfi->bytes[r->eh], at, r->section.n, at >= r->section.n };
	uint64_t id;
	size_t end, id_at;
	bool is_cie;
	if (c.bad || !entry_header(&c, r->eh, &end, &id, &id_at, &is_cie) || !is_cie)
		return NULL;
	c.end = end;
	if (!parse_cie(c, at, r->eh, &found))
		return NULL;
	struct cie *kept = malloc(sizeof *kept);
	grown = realloc(r->cfi->cies, (r->cfi->n_cies + 1) * sizeof *grown);
	if (grown)
		r->cfi->cies = grown;
	if (!grown || !kept) {
		free(kept);
		return NULL;
	}
	*kept = found;
	grown[r->cfi->n_cies++] = kept;
	return kept;
}

/* An address in the encoding of .eh_frame; `relative` false: a length. */
static bool encoded(struct view_cur *c, const struct reader *r, uint8_t encoding, bool relative, uint64_t *out)
{
	enum { PCREL = 0x10 };
	static const struct {
		uint8_t format, bytes;
		bool is_signed;
	} formats[] = {
		{ 0x00, 8, false }, { 0x02, 2, false }, { 0x03, 4, false }, { 0x04, 8, false },
		{ 0x0a, 2, true }, { 0x0b, 4, true }, { 0x0c, 8, true },
	};
	uint64_t from = r->section.addr + c->at;
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (formats[i].format != (encoding & 0x0f))
			continue;
		uint64_t v = view_fixed(c, formats[i].bytes);
		unsigned bits = 8u * formats[i].bytes;
		if (formats[i].is_signed && bits < 64 && v >> (bits - 1) & 1)
			v |= ~UINT64_C(0) << bits;
		if (relative && (encoding & 0x70) == PCREL)
			v += from;
		else if (relative && (encoding & 0xf0))
			return false;
		*out = v;
		return !c->bad;
	}
	return false;
}

static bool only_nops(const uint8_t *p, size_t from, size_t to)
{
	while (from < to && p[from] == CFA_NOP)
		from++;
	return from >= to;
}

static bool parse_fde(struct reader *r, struct view_cur c, const struct cie *cie, struct fde *out)
{
	uint64_t low, bytes;
	if (!encoded(&c, r, r->eh ? cie->pointer : 0, true, &low) || !encoded(&c, r, r->eh ? cie->pointer : 0, false, &bytes))
		return false;
	if (cie->augmented)
		view_skip(&c, view_uleb(&c));
	if (c.bad || !bytes || low + bytes < low)
		return false;
	*out = (struct fde){ low, low + bytes, cie, c.at, c.end };
	return true;
}

static void add_fde(struct reader *r, const struct fde *f)
{
	const uint8_t *p = r->cfi->bytes[r->eh];
	if (only_nops(p, f->program, f->end) && only_nops(p, f->cie->program, f->cie->end))
		return; /* compilers that know no rules for this machine write such */
	struct fde *fdes = r->cfi->n_fdes < MAX_ENTRIES ? dbg_grow(r->cfi->fdes, r->cfi->n_fdes, &r->room, sizeof *fdes) : NULL;
	if (!fdes)
		return;
	r->cfi->fdes = fdes;
	fdes[r->cfi->n_fdes++] = *f;
}

static void read_section(struct reader *r)
{
	struct view_cur c = { r->cfi->bytes[r->eh], 0, r->section.n, false };
	while (c.at < c.end) {
		size_t end, id_at;
		uint64_t id;
		bool is_cie;
		struct fde f;
		if (!entry_header(&c, r->eh, &end, &id, &id_at, &is_cie)) {
			r->damaged += !r->eh || c.bad; /* a length of 0 ends .eh_frame */
			return;
		}
		if (!is_cie) {
			struct view_cur body = { c.p, c.at, end, false };
			const struct cie *cie = r->eh && id > id_at ? NULL : cie_at(r, r->eh ? id_at - id : id);
			if (cie && parse_fde(r, body, cie, &f))
				add_fde(r, &f);
			else
				r->damaged++;
		}
		c.at = end;
	}
}

static int by_low(const void *a, const void *b)
{
	const struct fde *x = a, *y = b;
	return x->low < y->low ? -1 : x->low > y->low;
}

struct unwind_cfi *unwind_cfi_read(struct unwind_cfi_section debug, struct unwind_cfi_section eh, unsigned *damaged)
{
	const struct unwind_cfi_section sections[2] = { debug, eh };
	struct reader r = { .cfi = calloc(1, sizeof *r.cfi) };
	*damaged = 0;
	for (unsigned i = 0; r.cfi && i < 2; i++) {
		if (!sections[i].data || !sections[i].n)
			continue;
		r.cfi->bytes[i] = malloc(sections[i].n);
		if (!r.cfi->bytes[i])
			continue;
		memcpy(r.cfi->bytes[i], sections[i].data, sections[i].n);
		r.section = sections[i];
		r.eh = i == 1;
		read_section(&r);
	}
	*damaged = r.damaged;
	if (!r.cfi || !r.cfi->n_fdes) {
		unwind_cfi_free(r.cfi);
		return NULL;
	}
	qsort(r.cfi->fdes, r.cfi->n_fdes, sizeof *r.cfi->fdes, by_low);
	return r.cfi;
}

void unwind_cfi_free(struct unwind_cfi *cfi)
{
	if (!cfi)
		return;
	for (size_t i = 0; i < cfi->n_cies; i++)
		free(cfi->cies[i]);
	free(cfi->cies);
	free(cfi->fdes);
	free(cfi->bytes[0]);
	free(cfi->bytes[1]);
	free(cfi);
}

/* ------------------------------------------------------------------ rows */

struct machine {
	const struct cie *cie;
	uint64_t at, wanted;
	struct unwind_row *row;
	const struct unwind_row *initial; /* NULL while the CIE's own instructions run */
	struct unwind_row *remembered;    /* MAX_REMEMBERED */
	unsigned n_remembered;
};

static void set_rule(struct machine *m, uint64_t column, struct unwind_rule rule)
{
	int slot = unwind_cfi_slot(column);
	if (slot >= 0)
		m->row->rules[slot] = rule;
}

static struct unwind_rule of_offset(enum unwind_rule_kind kind, int64_t offset)
{
	return (struct unwind_rule){ .kind = (uint8_t)kind, .offset = offset };
}

static int64_t factored(const struct machine *m, int64_t v)
{
	return (int64_t)((uint64_t)v * (uint64_t)m->cie->data_factor);
}

static void restore(struct machine *m, uint64_t column)
{
	static const struct unwind_rule same;
	int slot = unwind_cfi_slot(column);
	if (slot >= 0)
		m->row->rules[slot] = m->initial ? m->initial->rules[slot] : same;
}

static struct unwind_rule expression(struct view_cur *c, enum unwind_rule_kind kind)
{
	uint64_t n = view_uleb(c);
	struct unwind_rule rule = { .kind = (uint8_t)kind, .e = c->p + c->at, .n = n };
	view_skip(c, n);
	return rule;
}

static void set_cfa(struct machine *m, struct view_cur *c, uint64_t column, int64_t offset, uint64_t space)
{
	int slot = unwind_cfi_slot(column);
	if (slot < 0 || slot >= UNWIND_SLOT_PC || space > UINT8_MAX)
		c->bad = true; /* nothing that counts from it can be told */
	else
		m->row->cfa = (struct unwind_rule){ .kind = UNWIND_RULE_PLUS, .space = (uint8_t)space, .slot = (uint16_t)slot, .offset = offset };
}

static void define_cfa(struct machine *m, struct view_cur *c, unsigned op)
{
	uint64_t column;
	int64_t offset;
	switch (op) {
	case CFA_DEF_CFA_REGISTER:
		set_cfa(m, c, view_uleb(c), m->row->cfa.offset, m->row->cfa.space);
		break;
	case CFA_DEF_CFA_OFFSET:
		m->row->cfa.offset = (int64_t)view_uleb(c);
		c->bad |= m->row->cfa.kind != UNWIND_RULE_PLUS;
		break;
	case CFA_DEF_CFA_OFFSET_SF:
		m->row->cfa.offset = factored(m, view_sleb(c));
		c->bad |= m->row->cfa.kind != UNWIND_RULE_PLUS;
		break;
	case CFA_DEF_CFA_EXPRESSION:
		m->row->cfa = expression(c, UNWIND_RULE_EXPRESSION);
		break;
	default:
		column = view_uleb(c);
		offset = op == CFA_DEF_CFA_SF || op == CFA_LLVM_DEF_ASPACE_CFA_SF ? factored(m, view_sleb(c)) : (int64_t)view_uleb(c);
		set_cfa(m, c, column, offset, op == CFA_LLVM_DEF_ASPACE_CFA || op == CFA_LLVM_DEF_ASPACE_CFA_SF ? view_uleb(c) : NO_SPACE);
	}
}

static void remember(struct machine *m, struct view_cur *c, bool back)
{
	if (back ? m->n_remembered == 0 : m->n_remembered == MAX_REMEMBERED)
		c->bad = true;
	else if (back)
		*m->row = m->remembered[--m->n_remembered];
	else
		m->remembered[m->n_remembered++] = *m->row;
}

static void define_register(struct machine *m, struct view_cur *c, unsigned op)
{
	uint64_t column = view_uleb(c);
	int slot;
	switch (op) {
	case CFA_OFFSET_EXTENDED:
		set_rule(m, column, of_offset(UNWIND_RULE_OFFSET, factored(m, (int64_t)view_uleb(c))));
		break;
	case CFA_OFFSET_EXTENDED_SF:
		set_rule(m, column, of_offset(UNWIND_RULE_OFFSET, factored(m, view_sleb(c))));
		break;
	case CFA_VAL_OFFSET:
		set_rule(m, column, of_offset(UNWIND_RULE_VALUE, factored(m, (int64_t)view_uleb(c))));
		break;
	case CFA_VAL_OFFSET_SF:
		set_rule(m, column, of_offset(UNWIND_RULE_VALUE, factored(m, view_sleb(c))));
		break;
	case CFA_RESTORE_EXTENDED:
		restore(m, column);
		break;
	case CFA_UNDEFINED:
		set_rule(m, column, of_offset(UNWIND_RULE_UNDEFINED, 0));
		break;
	case CFA_SAME_VALUE:
		set_rule(m, column, of_offset(UNWIND_RULE_SAME, 0));
		break;
	case CFA_REGISTER:
		slot = unwind_cfi_slot(view_uleb(c));
		if (slot < 0)
			set_rule(m, column, (struct unwind_rule){ .kind = UNWIND_RULE_UNDEFINED });
		else
			set_rule(m, column, (struct unwind_rule){ .kind = UNWIND_RULE_REGISTER, .slot = (uint16_t)slot });
		break;
	case CFA_EXPRESSION:
		set_rule(m, column, expression(c, UNWIND_RULE_EXPRESSION));
		break;
	case CFA_VAL_EXPRESSION:
		set_rule(m, column, expression(c, UNWIND_RULE_VALUE_EXPRESSION));
		break;
	default:
		c->bad = true;
	}
}

/* One instruction; *advance: how far the next row is. */
static void step(struct machine *m, struct view_cur *c, uint64_t *advance)
{
	unsigned op = (unsigned)view_fixed(c, 1), low = op & 0x3f;
	switch (op & 0xc0) {
	case CFA_ADVANCE_LOC:
		*advance = low * m->cie->code_factor;
		return;
	case CFA_OFFSET:
		set_rule(m, low, of_offset(UNWIND_RULE_OFFSET, factored(m, (int64_t)view_uleb(c))));
		return;
	case CFA_RESTORE:
		restore(m, low);
		return;
	default:
		break;
	}
	switch (op) {
	case CFA_NOP:
		break;
	case CFA_GNU_ARGS_SIZE:
		view_uleb(c);
		break;
	case CFA_SET_LOC:
		*advance = view_fixed(c, 8) - m->at;
		c->bad |= m->cie->eh && m->cie->pointer != 0;
		break;
	case CFA_ADVANCE_LOC1:
		*advance = view_fixed(c, 1) * m->cie->code_factor;
		break;
	case CFA_ADVANCE_LOC2:
		*advance = view_fixed(c, 2) * m->cie->code_factor;
		break;
	case CFA_ADVANCE_LOC4:
		*advance = view_fixed(c, 4) * m->cie->code_factor;
		break;
	case CFA_REMEMBER_STATE:
	case CFA_RESTORE_STATE:
		remember(m, c, op == CFA_RESTORE_STATE);
		break;
	case CFA_DEF_CFA: case CFA_DEF_CFA_SF: case CFA_DEF_CFA_REGISTER: case CFA_DEF_CFA_OFFSET: case CFA_DEF_CFA_OFFSET_SF:
	case CFA_DEF_CFA_EXPRESSION: case CFA_LLVM_DEF_ASPACE_CFA: case CFA_LLVM_DEF_ASPACE_CFA_SF:
		define_cfa(m, c, op);
		break;
	default:
		define_register(m, c, op);
	}
}

static bool run(struct machine *m, size_t program, size_t end, uint8_t *bytes)
{
	struct view_cur c = { bytes, program, end, false };
	while (!c.bad && c.at < c.end) {
		uint64_t advance = 0;
		step(m, &c, &advance);
		if (advance > m->wanted - m->at)
			return !c.bad; /* the row is complete */
		m->at += advance;
	}
	return !c.bad;
}

static const struct fde *fde_of(const struct unwind_cfi *cfi, uint64_t addr)
{
	size_t low = 0, high = cfi->n_fdes;
	while (low < high) { /* the last one that begins at or before addr */
		size_t middle = low + (high - low) / 2;
		if (cfi->fdes[middle].low <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low && addr < cfi->fdes[low - 1].high ? &cfi->fdes[low - 1] : NULL;
}

bool unwind_cfi_start(const struct unwind_cfi *cfi, uint64_t addr, uint64_t *low)
{
	const struct fde *f = fde_of(cfi, addr);
	if (f)
		*low = f->low;
	return f != NULL;
}

int unwind_cfi_row(const struct unwind_cfi *cfi, uint64_t addr, struct unwind_row *out, struct dbg_error *err)
{
	const struct fde *f = fde_of(cfi, addr);
	if (!f)
		return dbg_fail(err, DBG_REFUSED, "no frame information covers this address");
	struct unwind_row *rows = malloc((1 + MAX_REMEMBERED) * sizeof *rows);
	if (!rows)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for frame information");
	struct machine m = { .cie = f->cie, .at = f->low, .wanted = addr, .row = out, .remembered = rows + 1 };
	memset(out, 0, sizeof *out);
	uint8_t *bytes = cfi->bytes[f->cie->eh];
	bool good = run(&m, f->cie->program, f->cie->end, bytes) && m.at == f->low;
	rows[0] = *out;
	m.initial = &rows[0];
	good = good && run(&m, f->program, f->end, bytes);
	free(rows);
	return good ? 0 : dbg_fail(err, DBG_REFUSED, "the frame information of this address is damaged");
}
