#include "src/view/elf.h"

#include <elf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "src/base/log.h"
#include "src/view/dwarf.h"
#include "src/view/line.h"
#include "src/view/targets.h"

/* Sections are found and replaced here only. The image is copied; a section that changes its size goes behind the end and its header is
 * pointed there, so that nothing else moves. The section header table follows, with one entry more when the file had no frame information. */
struct file {
	uint8_t *data;
	size_t n, capacity;
	Elf64_Ehdr eh;
	Elf64_Shdr *sections;
	size_t n_sections;
};

static int append(struct file *f, const void *bytes, size_t n, size_t align, size_t *at)
{
	size_t start = (f->n + align - 1) / align * align;
	if (start + n > f->capacity) {
		size_t grown = (start + n) * 2;
		uint8_t *data = realloc(f->data, grown);
		if (!data)
			return -1;
		f->data = data;
		f->capacity = grown;
	}
	memset(f->data + f->n, 0, start - f->n);
	memcpy(f->data + start, bytes, n);
	f->n = start + n;
	*at = start;
	return 0;
}

static int open_file(struct file *f, const uint8_t *image, size_t n, struct dbg_error *err)
{
	enum { MORE_SECTIONS = 4 }; /* frame information, two kinds of location lists, and the null section of a file without any */
	memset(f, 0, sizeof *f);
	if (n < sizeof f->eh || memcmp(image, ELFMAG, SELFMAG) != 0 || image[EI_CLASS] != ELFCLASS64 || image[EI_DATA] != ELFDATA2LSB)
		return dbg_fail(err, DBG_REFUSED, "not a little-endian 64-bit ELF file");
	memcpy(&f->eh, image, sizeof f->eh);
	f->n_sections = f->eh.e_shnum;
	if (f->n_sections && (f->eh.e_shentsize != sizeof(Elf64_Shdr) || f->eh.e_shoff > n ||
				     f->n_sections > (n - f->eh.e_shoff) / sizeof(Elf64_Shdr) || f->eh.e_shstrndx >= f->n_sections))
		return dbg_fail(err, DBG_REFUSED, "the section headers do not lie in the file");
	f->data = malloc(n);
	f->sections = calloc(f->n_sections + MORE_SECTIONS, sizeof *f->sections);
	if (!f->data || !f->sections)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for a code object");
	memcpy(f->data, image, n);
	if (f->n_sections)
		memcpy(f->sections, image + f->eh.e_shoff, f->n_sections * sizeof(Elf64_Shdr));
	f->n = f->capacity = n;
	return 0;
}

/* Bytes of a section in the file; NULL when it has none there. */
static uint8_t *bytes_of(const struct file *f, const Elf64_Shdr *s)
{
	if (s->sh_type == SHT_NOBITS || s->sh_type == SHT_NULL || s->sh_offset > f->n || s->sh_size > f->n - s->sh_offset)
		return NULL;
	return f->data + s->sh_offset;
}

static const char *name_of(const struct file *f, const Elf64_Shdr *s)
{
	const Elf64_Shdr *names = f->n_sections ? &f->sections[f->eh.e_shstrndx] : NULL;
	const uint8_t *table = names ? bytes_of(f, names) : NULL;
	if (!table || s->sh_name >= names->sh_size || !memchr(table + s->sh_name, 0, names->sh_size - s->sh_name))
		return "";
	return (const char *)table + s->sh_name;
}

static Elf64_Shdr *find(struct file *f, const char *name)
{
	for (size_t i = 1; i < f->n_sections; i++)
		if (strcmp(name_of(f, &f->sections[i]), name) == 0)
			return &f->sections[i];
	return NULL;
}

static struct view_section section(struct file *f, const char *name)
{
	Elf64_Shdr *s = find(f, name);
	uint8_t *data = s ? bytes_of(f, s) : NULL;
	return (struct view_section){ data, data ? s->sh_size : 0 };
}

/* ------------------------------------------------------------------ kernels */

/* Bytes at an address of the loaded file. */
static const uint8_t *loaded(const struct file *f, uint64_t addr, size_t n)
{
	for (size_t i = 1; i < f->n_sections; i++) {
		const Elf64_Shdr *s = &f->sections[i];
		const uint8_t *bytes = (s->sh_flags & SHF_ALLOC) ? bytes_of(f, s) : NULL;
		if (bytes && addr >= s->sh_addr && addr - s->sh_addr <= s->sh_size && n <= s->sh_size - (addr - s->sh_addr))
			return bytes + (addr - s->sh_addr);
	}
	return NULL;
}

enum { DESCRIPTOR_BYTES = 64, DESCRIPTOR_ENTRY = 16 };

/* What the dynamic symbols tell: kernels, by their descriptors NAME.kd, and names that the linker did not place. The names lie in the file. */
struct dynamic {
	struct view_kernel *kernels;
	const char **undefined;
	size_t n_kernels, n_undefined;
};

static void add_kernel(const struct file *f, const Elf64_Sym *sym, struct dynamic *out)
{
	const uint8_t *d = loaded(f, sym->st_value, DESCRIPTOR_BYTES);
	int64_t entry;
	if (!d)
		return;
	struct view_kernel *k = &out->kernels[out->n_kernels++];
	memcpy(&k->lds_bytes, d, sizeof k->lds_bytes);
	memcpy(&entry, d + DESCRIPTOR_ENTRY, sizeof entry);
	k->entry = sym->st_value + (uint64_t)entry;
}

static void add_symbol(const struct file *f, const Elf64_Sym *sym, const char *name, struct dynamic *out)
{
	static const char suffix[] = ".kd";
	size_t n = strlen(name);
	if (sym->st_shndx == SHN_UNDEF)
		out->undefined[out->n_undefined++] = name;
	else if (n >= sizeof suffix - 1 && strcmp(name + n - (sizeof suffix - 1), suffix) == 0)
		add_kernel(f, sym, out);
}

static int read_dynamic(const struct file *f, struct dynamic *out, struct dbg_error *err)
{
	for (size_t i = 1; i < f->n_sections; i++) {
		const Elf64_Shdr *s = &f->sections[i];
		const uint8_t *symbols = s->sh_type == SHT_DYNSYM ? bytes_of(f, s) : NULL;
		const char *strings = symbols && s->sh_link < f->n_sections ? (const char *)bytes_of(f, &f->sections[s->sh_link]) : NULL;
		if (!strings)
			continue;
		size_t count = s->sh_size / sizeof(Elf64_Sym), n_strings = f->sections[s->sh_link].sh_size;
		out->kernels = calloc(count + 1, sizeof *out->kernels);
		out->undefined = calloc(count + 1, sizeof *out->undefined);
		if (!out->kernels || !out->undefined)
			return dbg_fail(err, DBG_INTERNAL, "out of memory for the symbols of a code object");
		for (size_t k = 0; k < count; k++) {
			Elf64_Sym sym;
			memcpy(&sym, symbols + k * sizeof sym, sizeof sym);
			if (sym.st_name < n_strings && memchr(strings + sym.st_name, 0, n_strings - sym.st_name))
				add_symbol(f, &sym, strings + sym.st_name, out);
		}
		break;
	}
	return 0;
}

/* ------------------------------------------------------------------ debug information */

static void drop(struct file *f, const char *prefix)
{
	for (size_t i = 1; i < f->n_sections; i++)
		if (strncmp(name_of(f, &f->sections[i]), prefix, strlen(prefix)) == 0)
			f->sections[i].sh_type = SHT_NULL;
}

/* Bytes of a compressed section, malloc'ed; NULL when they cannot be had. */
static uint8_t *decompress(const uint8_t *bytes, size_t n, const Elf64_Chdr *head)
{
	enum { MOST = 1 << 30, ZSTD = 2 };
	uint8_t *out = head->ch_size && head->ch_size <= MOST ? malloc(head->ch_size) : NULL;
	bool good = false;
	if (out && head->ch_type == ZSTD) {
		good = ZSTD_decompress(out, head->ch_size, bytes, n) == head->ch_size;
	} else if (out && head->ch_type == ELFCOMPRESS_ZLIB) {
		uLongf got = head->ch_size;
		good = uncompress(out, &got, bytes, n) == Z_OK && got == head->ch_size;
	}
	if (good)
		return out;
	free(out);
	return NULL;
}

static int put_section(struct file *f, Elf64_Shdr *s, const uint8_t *bytes, size_t n)
{
	size_t at;
	if (append(f, bytes, n, 8, &at) < 0)
		return -1;
	s->sh_offset = at;
	s->sh_size = n;
	return 0;
}

static int decompress_debug(struct file *f, struct dbg_error *err)
{
	for (size_t i = 1; i < f->n_sections; i++) {
		Elf64_Shdr *s = &f->sections[i];
		Elf64_Chdr head;
		if (strncmp(name_of(f, s), ".debug_", 7) != 0 || !(s->sh_flags & SHF_COMPRESSED))
			continue;
		const uint8_t *bytes = bytes_of(f, s);
		if (!bytes || s->sh_size < sizeof head)
			return dbg_fail(err, DBG_REFUSED, "compressed debug information is damaged");
		memcpy(&head, bytes, sizeof head);
		uint8_t *plain = decompress(bytes + sizeof head, s->sh_size - sizeof head, &head);
		if (!plain)
			return dbg_fail(err, DBG_REFUSED, "debug information is compressed in a way that is not known, or damaged");
		int status = put_section(f, s, plain, head.ch_size);
		free(plain);
		if (status < 0)
			return dbg_fail(err, DBG_INTERNAL, "out of memory for debug information");
		s->sh_flags &= ~(Elf64_Xword)SHF_COMPRESSED;
		s->sh_addralign = head.ch_addralign;
	}
	return 0;
}

/* Gives the section header string table one more name. */
static int add_name(struct file *f, const char *name, uint32_t *at)
{
	Elf64_Shdr *names = &f->sections[f->eh.e_shstrndx];
	const uint8_t *old = bytes_of(f, names);
	size_t n = strlen(name) + 1, start;
	if (!old)
		return -1;
	uint8_t *grown = malloc(names->sh_size + n);
	if (!grown)
		return -1;
	memcpy(grown, old, names->sh_size);
	memcpy(grown + names->sh_size, name, n);
	int status = append(f, grown, names->sh_size + n, 1, &start);
	free(grown);
	if (status < 0)
		return -1;
	*at = (uint32_t)names->sh_size;
	names->sh_offset = start;
	names->sh_size += n;
	return 0;
}

/* One section more; NULL: no memory. There is room for MORE_SECTIONS. */
static Elf64_Shdr *add_section(struct file *f, const char *name)
{
	uint32_t at;
	if (add_name(f, name, &at) < 0)
		return NULL;
	Elf64_Shdr *s = &f->sections[f->n_sections++];
	*s = (Elf64_Shdr){ .sh_name = at, .sh_type = SHT_PROGBITS, .sh_addralign = 1 };
	return s;
}

static int put_debug(struct file *f, const struct view_dwarf *d, struct dbg_error *err)
{
	const struct {
		const char *name;
		const struct view_bytes *bytes;
	} parts[] = {
		{ ".debug_info", &d->new_info },
		{ ".debug_abbrev", &d->new_abbrev },
		{ ".debug_loc", &d->new_loc },
		{ ".debug_loclists", &d->new_loclists },
	};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		Elf64_Shdr *s = find(f, parts[i].name);
		if (!s && parts[i].bytes->n)
			s = add_section(f, parts[i].name);
		if (parts[i].bytes->n && (!s || put_section(f, s, parts[i].bytes->p, parts[i].bytes->n) < 0))
			return dbg_fail(err, DBG_INTERNAL, "out of memory for debug information");
	}
	/* Indexes into what has moved; the client makes its own. */
	drop(f, ".debug_aranges");
	drop(f, ".debug_names");
	drop(f, ".debug_pub");
	drop(f, ".debug_gnu_pub");
	drop(f, ".gdb_index");
	return 0;
}

static int rewrite_dwarf(struct file *f, struct view_dwarf *d, struct dbg_error *err)
{
	int status = find(f, ".debug_types") ? dbg_fail(err, DBG_UNSUPPORTED, "debug information has its types in a section of their own") :
		decompress_debug(f, err);
	if (status < 0)
		return status;
	d->info = section(f, ".debug_info");
	d->abbrev = section(f, ".debug_abbrev");
	d->str = section(f, ".debug_str");
	d->str_offsets = section(f, ".debug_str_offsets");
	d->line = section(f, ".debug_line");
	d->line_str = section(f, ".debug_line_str");
	d->addr = section(f, ".debug_addr");
	d->loc = section(f, ".debug_loc");
	d->loclists = section(f, ".debug_loclists");
	struct dynamic symbols = { .kernels = NULL };
	status = read_dynamic(f, &symbols, err);
	d->kernels = symbols.kernels;
	d->n_kernels = symbols.n_kernels;
	d->undefined = symbols.undefined;
	d->n_undefined = symbols.n_undefined;
	if (status == 0)
		status = view_dwarf_rewrite(d, err);
	free(symbols.kernels);
	free(symbols.undefined);
	return status < 0 ? status : put_debug(f, d, err);
}

/* The compiler's own frame information, for the unwinder. */
static struct unwind_cfi_section frame_section(struct file *f, const char *name)
{
	Elf64_Shdr *s = find(f, name);
	const uint8_t *data = s && !(s->sh_flags & SHF_COMPRESSED) ? bytes_of(f, s) : NULL;
	return (struct unwind_cfi_section){ data, data ? s->sh_size : 0, data ? s->sh_addr : 0 };
}

static void read_frames(struct file *f, struct view_elf *out)
{
	unsigned damaged;
	out->cfi = unwind_cfi_read(frame_section(f, ".debug_frame"), frame_section(f, ".eh_frame"), &damaged);
	if (damaged)
		log_warning("frame information is damaged: %u entries are not used", damaged);
}

static void rewrite_debug(struct file *f, const struct view_carrier *c, const struct view_loops *loops, struct view_elf *out)
{
	struct dbg_error err;
	struct view_dwarf d = { .kernels = NULL };
	d.results = c->results;
	d.place_expressions = c->place_expressions;
	d.loops = loops;
	d.table = out->table;
	d.n_table = out->n_table;
	int status = rewrite_dwarf(f, &d, &err);
	read_frames(f, out);
	if (status < 0) {
		log_warning("%s: served without it", err.text);
		free(d.functions);
		drop(f, ".debug_");
	} else {
		out->functions = d.functions;
		out->n_functions = d.n_functions;
	}
	free(d.new_info.p);
	free(d.new_abbrev.p);
	free(d.new_loc.p);
	free(d.new_loclists.p);
}

/* Fewer rows, by what the code says; prologues stay where they are. */
static void thin_lines(struct file *f, const struct gfx_family *family, const struct view_elf *e)
{
	struct view_section line = section(f, ".debug_line");
	struct view_targets targets = { .family = family };
	for (size_t i = 0; family && i < e->n_table; i++) {
		uint64_t low = e->table[i].low, n = e->table[i].high - low;
		const uint8_t *code = loaded(f, low, n);
		if (code)
			view_targets_add(&targets, low, code, n);
	}
	view_line_thin(line.data, line.n, &targets);
	view_targets_free(&targets);
}

/* ------------------------------------------------------------------ frame information */

enum {
	CFA_UNDEFINED = 0x07,
	CFA_SAME_VALUE = 0x08,
	CFA_DEF_CFA_EXPRESSION = 0x0f,
	CFA_EXPRESSION = 0x10,
	OP_CONST8U = 0x0e,
	OP_AND = 0x1a,
	OP_BREG_FRAME = 0x76,
	/* Registers of the carrier by their DWARF numbers. */
	DW_RESULTS = 0,
	DW_FRAME = 6,
	DW_TOLD = 12,
	DW_REGISTERS = 14,
	DW_LDS = 15,
	DW_MORE_RESULTS = 17,
	CIE_BYTES = 72,
	FDE_BYTES = 32,
};

static void put(uint8_t *p, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* The CFA is the window of the frame. Kernels, and code of which nothing is known, have no caller to go to; the callers of functions are found
 * below the window (view_frame_link). Compilers' own frame information for this machine has no rules at all, which makes an x86 debugger give up. */
/* The lane is taken out of the CFA: a frame is the same one in every lane, also when a divergent branch changes the default lane in the middle of
 * a step. Variables are found by the frame register, which keeps it. */
#define LANES_OUT CFA_DEF_CFA_EXPRESSION, 12, OP_BREG_FRAME, 0, OP_CONST8U, 0xff, 0xff, 0x03, 0xff, 0xff, 0xff, 0xff, 0xff, OP_AND
#define SAVED_AT(reg, offset) CFA_EXPRESSION, reg, 2, OP_BREG_FRAME, (uint8_t)((offset) & 0x7f)
/* Registers of results are not those of the caller: 0 and 1, 17 and 18 on x86-64. */
#define NO_RESULTS CFA_UNDEFINED, DW_RESULTS, CFA_UNDEFINED, DW_RESULTS + 1, CFA_UNDEFINED, DW_MORE_RESULTS, CFA_UNDEFINED, DW_MORE_RESULTS + 1
enum { RULE_ROOM = 56 };

static size_t kernel_rules(const struct view_carrier *c, uint8_t p[RULE_ROOM])
{
	const uint8_t rules[] = {
		LANES_OUT, NO_RESULTS, CFA_UNDEFINED, c->dwarf_return, CFA_SAME_VALUE, DW_FRAME, CFA_UNDEFINED, DW_TOLD,
		CFA_UNDEFINED, DW_REGISTERS, CFA_SAME_VALUE, DW_LDS,
	};
	_Static_assert(sizeof rules <= RULE_ROOM, "room for the rules of kernels");
	memcpy(p, rules, sizeof rules);
	return sizeof rules;
}

static size_t function_rules(const struct view_carrier *c, uint8_t p[RULE_ROOM])
{
	const uint8_t rules[] = {
		LANES_OUT, NO_RESULTS, SAVED_AT(c->dwarf_return, -8), SAVED_AT(DW_FRAME, -16), SAVED_AT(c->dwarf_stack, -16), SAVED_AT(DW_REGISTERS, -24),
		SAVED_AT(DW_TOLD, -32), CFA_SAME_VALUE, DW_LDS,
	};
	_Static_assert(sizeof rules <= RULE_ROOM, "room for the rules of functions");
	memcpy(p, rules, sizeof rules);
	return sizeof rules;
}

static void write_cie(uint8_t *p, const struct view_carrier *c, const uint8_t *rules, size_t n)
{
	const uint8_t head[] = { 1, 0, 1, 0x78, c->dwarf_return }; /* version 1, no augmentation, factors 1 and -8, return address column */
	_Static_assert(8 + sizeof head + RULE_ROOM <= CIE_BYTES, "a CIE holds its rules");
	memset(p, 0, CIE_BYTES);
	put(p, CIE_BYTES - 4, 4);
	put(p + 4, 0xffffffff, 4);
	memcpy(p + 8, head, sizeof head);
	memcpy(p + 8 + sizeof head, rules, n);
}

/* The first CIE is that of kernels. */
static void write_fde(uint8_t *p, uint64_t low, uint64_t bytes, bool function)
{
	memset(p, 0, FDE_BYTES);
	put(p, FDE_BYTES - 4, 4);
	put(p + 4, function ? CIE_BYTES : 0, 4);
	put(p + 8, low, 8);
	put(p + 16, bytes, 8);
}

/* Covers a section: its functions, and what lies between them; `room` bytes are enough unless sections overlap. */
static size_t write_section(uint8_t *p, size_t room, const Elf64_Shdr *s, const struct view_elf *e)
{
	uint64_t at = s->sh_addr, end = s->sh_addr + s->sh_size;
	size_t n = 0;
	for (size_t i = 0; i < e->n_table && end > at && room - n >= 3 * FDE_BYTES; i++) {
		const struct unwind_function *f = &e->table[i];
		if (f->low < at || f->high > end)
			continue;
		if (f->low > at) {
			write_fde(p + n, at, f->low - at, false);
			n += FDE_BYTES;
		}
		write_fde(p + n, f->low, f->high - f->low, !f->kernel);
		n += FDE_BYTES;
		at = f->high;
	}
	if (at < end && room - n >= FDE_BYTES) {
		write_fde(p + n, at, end - at, false);
		n += FDE_BYTES;
	}
	return n;
}

static uint8_t *make_frames(const struct file *f, const struct view_carrier *c, const struct view_elf *e, size_t *n)
{
	uint8_t rules[RULE_ROOM];
	/* a function gets one entry and at most one for the gap before it */
	size_t capacity = 2 * CIE_BYTES + (f->n_sections + 2 * e->n_table + 2) * FDE_BYTES;
	uint8_t *bytes = malloc(capacity);
	if (!bytes)
		return NULL;
	write_cie(bytes, c, rules, kernel_rules(c, rules));
	write_cie(bytes + CIE_BYTES, c, rules, function_rules(c, rules));
	*n = 2 * CIE_BYTES;
	for (size_t i = 1; i < f->n_sections; i++) {
		const Elf64_Shdr *s = &f->sections[i];
		if ((s->sh_flags & SHF_EXECINSTR) && (s->sh_flags & SHF_ALLOC) && s->sh_size && s->sh_addr + s->sh_size > s->sh_addr)
			*n += write_section(bytes + *n, capacity - *n, s, e);
	}
	return bytes;
}

static int replace_frames(struct file *f, const struct view_carrier *c, const struct view_elf *e)
{
	Elf64_Shdr *s = find(f, ".debug_frame");
	size_t n, at;
	uint8_t *frames = make_frames(f, c, e, &n);
	int status = frames ? append(f, frames, n, 8, &at) : -1;
	free(frames);
	if (status < 0)
		return -1;
	if (!s)
		s = add_section(f, ".debug_frame");
	if (!s)
		return -1;
	s->sh_type = SHT_PROGBITS;
	s->sh_flags = 0;
	s->sh_addralign = 8;
	s->sh_offset = at;
	s->sh_size = n;
	return 0;
}

/* ------------------------------------------------------------------ */

static void patch_header(struct file *f, const struct view_carrier *c)
{
	f->eh.e_machine = c->machine;
	f->eh.e_flags = 0;
	f->eh.e_ident[EI_OSABI] = ELFOSABI_NONE;
	f->eh.e_ident[EI_ABIVERSION] = 0;
}

int view_elf_rewrite(const uint8_t *image, size_t n, const struct view_carrier *c, struct view_elf *out, struct dbg_error *err)
{
	struct file f;
	size_t at = 0;
	memset(out, 0, sizeof *out);
	int status = open_file(&f, image, n, err);
	if (status == 0) {
		enum { MACH = 0xff }; /* of e_flags */
		const struct gfx_family *family = gfx_family_by_mach(f.eh.e_flags & MACH);
		patch_header(&f, c);
		unwind_table_read(image, n, &out->table, &out->n_table);
		if (f.n_sections) {
			struct view_loops loops;
			view_loops_read(image, n, &loops);
			rewrite_debug(&f, c, &loops, out);
			view_loops_free(&loops);
			thin_lines(&f, family, out);
			if (replace_frames(&f, c, out) < 0 || append(&f, f.sections, f.n_sections * sizeof *f.sections, 8, &at) < 0)
				status = dbg_fail(err, DBG_INTERNAL, "out of memory for a served code object");
			f.eh.e_shoff = at;
			f.eh.e_shnum = (uint16_t)f.n_sections;
		}
	}
	if (status == 0) {
		memcpy(f.data, &f.eh, sizeof f.eh);
		out->data = f.data;
		out->n = f.n;
	} else {
		free(f.data);
		free(out->functions);
		free(out->table);
		unwind_cfi_free(out->cfi);
		memset(out, 0, sizeof *out);
	}
	free(f.sections);
	return status;
}

void view_elf_free(struct view_elf *e)
{
	free(e->data);
	free(e->functions);
	free(e->table);
	unwind_cfi_free(e->cfi);
	memset(e, 0, sizeof *e);
}

const struct view_function *view_elf_function(const struct view_elf *e, uint64_t addr)
{
	const struct view_function *best = NULL; /* nested functions do not exist here, but clones may overlap: the innermost start wins */
	for (size_t i = 0; i < e->n_functions && e->functions[i].low <= addr; i++)
		if (addr < e->functions[i].high)
			best = &e->functions[i];
	return best;
}
