#include "src/monitor/symbols.h"

#include <gelf.h>
#include <libdwarf/libdwarf.h>
#include <stdio.h>
#include <string.h>

#include "src/model/codeobj.h"

static Elf *open_image(const struct dbg_codeobj *o)
{
	if (!o || !o->image || elf_version(EV_CURRENT) == EV_NONE)
		return NULL;
	return elf_memory((char *)o->image, o->image_bytes);
}

/* A symbol without a size holds its first byte. */
static bool in_table(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, uint64_t vaddr, char *name, size_t n, uint64_t *offset)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Sym symbol;
	for (size_t i = 0; data && gelf_getsym(data, (int)i, &symbol); i++) {
		int type = GELF_ST_TYPE(symbol.st_info);
		if (type != STT_FUNC && type != STT_OBJECT && type != STT_LOOS) /* STT_LOOS: kernels of the oldest code objects */
			continue;
		uint64_t size = symbol.st_size ? symbol.st_size : 1;
		const char *text = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (symbol.st_shndx == SHN_UNDEF || vaddr < symbol.st_value || vaddr - symbol.st_value >= size || !text || !text[0])
			continue;
		snprintf(name, n, "%s", text);
		*offset = vaddr - symbol.st_value;
		return true;
	}
	return false;
}

bool symbol_find(const struct dbg_process *p, uint64_t addr, char *name, size_t n, uint64_t *offset)
{
	const struct dbg_codeobj *o = codeobj_at(p, addr);
	Elf *elf = open_image(o);
	bool found = false;
	for (Elf_Scn *s = elf ? elf_nextscn(elf, NULL) : NULL; s && !found; s = elf_nextscn(elf, s)) {
		GElf_Shdr header;
		if (gelf_getshdr(s, &header) && (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM))
			found = in_table(elf, s, &header, addr - o->load_bias, name, n, offset);
	}
	if (elf)
		elf_end(elf);
	return found;
}

/* ------------------------------------------------------------------ lines */

static void base_name(Dwarf_Debug dbg, Dwarf_Line row, char *file, size_t n)
{
	Dwarf_Error e = NULL;
	char *path = NULL;
	if (dwarf_linesrc(row, &path, &e) != DW_DLV_OK) {
		snprintf(file, n, "?");
		return;
	}
	const char *slash = strrchr(path, '/');
	snprintf(file, n, "%s", slash ? slash + 1 : path);
	dwarf_dealloc(dbg, path, DW_DLA_STRING);
}

/* Rows are ordered within a sequence; each holds up to the next one. */
static bool in_rows(Dwarf_Debug dbg, Dwarf_Line *rows, Dwarf_Signed n_rows, uint64_t vaddr, char *file, size_t n, unsigned *line)
{
	Dwarf_Error e = NULL;
	for (Dwarf_Signed i = 0; i + 1 < n_rows; i++) {
		Dwarf_Addr low, high;
		Dwarf_Bool end = 1;
		Dwarf_Unsigned number;
		if (dwarf_lineaddr(rows[i], &low, &e) != DW_DLV_OK || dwarf_lineaddr(rows[i + 1], &high, &e) != DW_DLV_OK ||
			dwarf_lineendsequence(rows[i], &end, &e) != DW_DLV_OK || end || vaddr < low || vaddr >= high)
			continue;
		if (dwarf_lineno(rows[i], &number, &e) != DW_DLV_OK)
			return false;
		*line = (unsigned)number;
		base_name(dbg, rows[i], file, n);
		return true;
	}
	return false;
}

static bool in_unit(Dwarf_Debug dbg, uint64_t vaddr, char *file, size_t n, unsigned *line)
{
	Dwarf_Error e = NULL;
	Dwarf_Die die = NULL;
	Dwarf_Unsigned version;
	Dwarf_Small tables;
	Dwarf_Line_Context context = NULL;
	Dwarf_Line *rows;
	Dwarf_Signed n_rows;
	bool found = false;
	if (dwarf_siblingof_b(dbg, NULL, 1, &die, &e) != DW_DLV_OK)
		return false;
	if (dwarf_srclines_b(die, &version, &tables, &context, &e) == DW_DLV_OK) {
		if (dwarf_srclines_from_linecontext(context, &rows, &n_rows, &e) == DW_DLV_OK)
			found = in_rows(dbg, rows, n_rows, vaddr, file, n, line);
		dwarf_srclines_dealloc_b(context);
	}
	dwarf_dealloc(dbg, die, DW_DLA_DIE);
	return found;
}

bool symbol_line(const struct dbg_process *p, uint64_t addr, char *file, size_t n, unsigned *line)
{
	const struct dbg_codeobj *o = codeobj_at(p, addr);
	Elf *elf = open_image(o);
	Dwarf_Debug dbg = NULL;
	Dwarf_Error e = NULL;
	bool found = false, more = true;
	if (!elf)
		return false;
	if (dwarf_elf_init(elf, DW_DLC_READ, NULL, NULL, &dbg, &e) == DW_DLV_OK) {
		while (more) {
			Dwarf_Unsigned next;
			more = dwarf_next_cu_header_d(dbg, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &next, NULL, &e) == DW_DLV_OK;
			/* To the end also when found: the walk over units starts anew only after its end. */
			if (more && !found)
				found = in_unit(dbg, addr - o->load_bias, file, n, line);
		}
		dwarf_finish(dbg, &e);
	}
	elf_end(elf);
	return found;
}
