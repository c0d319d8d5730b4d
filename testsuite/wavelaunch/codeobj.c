#include "testsuite/wavelaunch/codeobj.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* elf.h of this age does not name these. */
enum { MACHINE_AMDGPU = 224, OSABI_AMDGPU_HSA = 64, NOTE_METADATA = 32, RELOC_ABS64 = 3, RELOC_RELATIVE64 = 13 };
enum { ABI_V4 = 2, ABI_V6 = 4 };
enum { DESCRIPTOR_BYTES = 64, MAX_IMAGE = 1 << 30 };

/* ------------------------------------------------------------------ machines */

struct mach {
	unsigned mach;
	const char *name;
	uint32_t target;
};

static const struct mach machs[] = {
	{ 0x2c, "gfx900", 90000 },   { 0x2d, "gfx902", 90002 },   { 0x2e, "gfx904", 90004 },   { 0x2f, "gfx906", 90006 },
	{ 0x30, "gfx908", 90008 },   { 0x31, "gfx909", 90009 },   { 0x32, "gfx90c", 90012 },   { 0x3f, "gfx90a", 90010 },
	{ 0x40, "gfx940", 90400 },   { 0x4b, "gfx941", 90401 },   { 0x4c, "gfx942", 90402 },   { 0x4f, "gfx950", 90500 },
	{ 0x33, "gfx1010", 100100 }, { 0x34, "gfx1011", 100101 }, { 0x35, "gfx1012", 100102 }, { 0x42, "gfx1013", 100103 },
	{ 0x36, "gfx1030", 100300 }, { 0x37, "gfx1031", 100301 }, { 0x38, "gfx1032", 100302 }, { 0x39, "gfx1033", 100303 },
	{ 0x3e, "gfx1034", 100304 }, { 0x3d, "gfx1035", 100305 }, { 0x45, "gfx1036", 100306 }, { 0x41, "gfx1100", 110000 },
	{ 0x46, "gfx1101", 110001 }, { 0x47, "gfx1102", 110002 }, { 0x44, "gfx1103", 110003 }, { 0x43, "gfx1150", 110500 },
	{ 0x4a, "gfx1151", 110501 }, { 0x55, "gfx1152", 110502 }, { 0x48, "gfx1200", 120000 }, { 0x4e, "gfx1201", 120001 },
};

uint32_t wl_mach_target(unsigned mach, const char **name)
{
	for (size_t i = 0; i < sizeof machs / sizeof *machs; i++) {
		if (machs[i].mach != mach)
			continue;
		*name = machs[i].name;
		return machs[i].target;
	}
	*name = "an unknown GPU";
	return 0;
}

/* ------------------------------------------------------------------ opening */

static int read_file(struct wl_codeobj *co, struct wl_err *err)
{
	int fd = open(co->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return wl_fail(err, WL_INPUT, "%s: %s", co->path, strerror(errno));
	int result = -1;
	struct stat st;
	if (fstat(fd, &st)) {
		wl_fail(err, WL_INPUT, "%s: %s", co->path, strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		wl_fail(err, WL_INPUT, "%s: not a regular file", co->path);
		goto out;
	}
	if (st.st_size > MAX_IMAGE) {
		wl_fail(err, WL_INPUT, "%s: too large for a code object", co->path);
		goto out;
	}
	co->image_size = (size_t)st.st_size;
	co->image = malloc(co->image_size + 1);
	if (!co->image) {
		wl_fail(err, WL_SYSTEM, "%s: no memory for %zu bytes", co->path, co->image_size);
		goto out;
	}
	for (size_t done = 0; done < co->image_size;) {
		ssize_t n = read(fd, co->image + done, co->image_size - done);
		if (n <= 0) {
			wl_fail(err, WL_INPUT, "%s: %s", co->path, n ? strerror(errno) : "the file shrinks while it is read");
			goto out;
		}
		done += (size_t)n;
	}
	result = 0;
out:
	close(fd);
	return result;
}

static int check_header(struct wl_codeobj *co, struct wl_err *err)
{
	if (co->image_size < SELFMAG || memcmp(co->image, ELFMAG, SELFMAG) != 0)
		return wl_fail(err, WL_INPUT, "%s: not an ELF file", co->path);
	if (co->image_size < sizeof(Elf64_Ehdr))
		return wl_fail(err, WL_INPUT, "%s: truncated: %zu bytes do not hold an ELF header", co->path, co->image_size);
	Elf64_Ehdr h;
	memcpy(&h, co->image, sizeof h);
	if (h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_ident[EI_DATA] != ELFDATA2LSB)
		return wl_fail(err, WL_INPUT, "%s: not a 64-bit little-endian ELF file", co->path);
	if (h.e_machine != MACHINE_AMDGPU)
		return wl_fail(err, WL_INPUT, "%s: not for AMD GPUs (ELF machine %u, expected %d)", co->path, h.e_machine, MACHINE_AMDGPU);
	if (h.e_type != ET_DYN)
		return wl_fail(err, WL_INPUT, "%s: not a linked code object (ELF type %u, expected %d)", co->path, h.e_type, ET_DYN);
	if (h.e_ident[EI_OSABI] != OSABI_AMDGPU_HSA)
		return wl_fail(err, WL_INPUT, "%s: not for the HSA run time (ELF OS ABI %u, expected %d)", co->path, h.e_ident[EI_OSABI],
			       OSABI_AMDGPU_HSA);
	co->abi_version = h.e_ident[EI_ABIVERSION];
	if (co->abi_version < ABI_V4 || co->abi_version > ABI_V6)
		return wl_fail(err, WL_INPUT, "%s: code object version %u is not supported (4, 5 and 6 are)", co->path, co->abi_version + 2);
	co->mach = h.e_flags & 0xff;
	return 0;
}

static uint64_t round_down(uint64_t n, uint64_t to)
{
	return n & ~(to - 1);
}

static int check_segment(const struct wl_codeobj *co, unsigned i, const GElf_Phdr *ph, struct wl_err *err)
{
	if (ph->p_offset > co->image_size || ph->p_filesz > co->image_size - ph->p_offset)
		return wl_fail(err, WL_INPUT, "%s: truncated: segment %u ends at byte %llu of %zu", co->path, i,
			       (unsigned long long)(ph->p_offset + ph->p_filesz), co->image_size);
	if (ph->p_filesz > ph->p_memsz)
		return wl_fail(err, WL_INPUT, "%s: segment %u is larger in the file than in memory", co->path, i);
	if (ph->p_align & (ph->p_align - 1))
		return wl_fail(err, WL_INPUT, "%s: segment %u has an alignment that is no power of two", co->path, i);
	if (ph->p_vaddr > MAX_IMAGE || ph->p_memsz > MAX_IMAGE || ph->p_align > MAX_IMAGE)
		return wl_fail(err, WL_INPUT, "%s: segment %u is too large", co->path, i);
	return 0;
}

/* Extent of the loadable segments. */
static int measure(struct wl_codeobj *co, struct wl_err *err)
{
	size_t n;
	if (elf_getphdrnum(co->elf, &n))
		return wl_fail(err, WL_INPUT, "%s: %s", co->path, elf_errmsg(-1));
	uint64_t low = UINT64_MAX, high = 0;
	co->align = 4096;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr ph;
		if (!gelf_getphdr(co->elf, (int)i, &ph))
			return wl_fail(err, WL_INPUT, "%s: truncated: program header %zu: %s", co->path, i, elf_errmsg(-1));
		if (ph.p_type != PT_LOAD)
			continue;
		if (check_segment(co, (unsigned)i, &ph, err))
			return -1;
		if (ph.p_align > co->align)
			co->align = ph.p_align;
		if (ph.p_vaddr < low)
			low = ph.p_vaddr;
		if (ph.p_vaddr + ph.p_memsz > high)
			high = ph.p_vaddr + ph.p_memsz;
	}
	if (high == 0)
		return wl_fail(err, WL_INPUT, "%s: no loadable segments", co->path);
	co->first = round_down(low, co->align);
	co->span = high - co->first;
	return 0;
}

int wl_codeobj_open(const char *path, struct wl_codeobj *co, struct wl_err *err)
{
	*co = (struct wl_codeobj){ .path = path };
	if (read_file(co, err) || check_header(co, err))
		goto fail;
	if (elf_version(EV_CURRENT) == EV_NONE) {
		wl_fail(err, WL_SYSTEM, "libelf: %s", elf_errmsg(-1));
		goto fail;
	}
	co->elf = elf_memory((char *)co->image, co->image_size);
	if (!co->elf) {
		wl_fail(err, WL_INPUT, "%s: %s", path, elf_errmsg(-1));
		goto fail;
	}
	if (measure(co, err))
		goto fail;
	return 0;
fail:
	wl_codeobj_deinit(co);
	return -1;
}

void wl_codeobj_deinit(struct wl_codeobj *co)
{
	if (co->elf)
		elf_end(co->elf);
	free(co->image);
	co->elf = NULL;
	co->image = NULL;
}

/* ------------------------------------------------------------------ symbols */

typedef bool symbol_visit(const char *name, const GElf_Sym *sym, void *ctx);

/* Visits the symbols of .dynsym, then of .symtab (kernels of the C language may be hidden), until the visitor answers true. */
static bool visit_symbols(const struct wl_codeobj *co, symbol_visit *visit, void *ctx)
{
	static const unsigned types[] = { SHT_DYNSYM, SHT_SYMTAB };
	for (unsigned t = 0; t < 2; t++) {
		for (Elf_Scn *scn = elf_nextscn(co->elf, NULL); scn; scn = elf_nextscn(co->elf, scn)) {
			GElf_Shdr sh;
			Elf_Data *data;
			if (!gelf_getshdr(scn, &sh) || sh.sh_type != types[t] || !(data = elf_getdata(scn, NULL)) || sh.sh_entsize == 0)
				continue;
			GElf_Sym sym;
			for (int i = 0; gelf_getsym(data, i, &sym); i++) {
				const char *name = elf_strptr(co->elf, sh.sh_link, sym.st_name);
				if (name && visit(name, &sym, ctx))
					return true;
			}
		}
	}
	return false;
}

struct wanted {
	const char *name;
	GElf_Sym sym;
};

static bool is_wanted(const char *name, const GElf_Sym *sym, void *ctx)
{
	struct wanted *w = ctx;
	if (sym->st_shndx == SHN_UNDEF || strcmp(name, w->name) != 0)
		return false;
	w->sym = *sym;
	return true;
}

/* Is `name` a word of `list`? */
static bool has_word(const char *list, const char *name, size_t n)
{
	for (const char *at = list; (at = strstr(at, name)); at++)
		if (at > list && at[-1] == ' ' && (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
}

struct kernel_list {
	struct wl_err *err;
	size_t start; /* of the list, in the text of the error */
};

static bool list_kernel(const char *symbol, const GElf_Sym *sym, void *ctx)
{
	struct kernel_list *list = ctx;
	char name[256];
	int n = snprintf(name, sizeof name, "%s", symbol) - 3;
	if (n <= 0 || n >= (int)sizeof name - 3 || strcmp(name + n, ".kd") != 0 || sym->st_shndx == SHN_UNDEF)
		return false;
	name[n] = '\0';
	/* Most kernels are in both tables. */
	if (!has_word(list->err->text + list->start, name, (size_t)n))
		wl_fail_more(list->err, " %s", name);
	return false;
}

/* File bytes behind [vaddr, vaddr + n), NULL when no segment has them. */
static const uint8_t *file_bytes(const struct wl_codeobj *co, uint64_t vaddr, uint64_t n)
{
	size_t count = 0;
	elf_getphdrnum(co->elf, &count);
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr ph;
		if (!gelf_getphdr(co->elf, (int)i, &ph) || ph.p_type != PT_LOAD)
			continue;
		if (vaddr >= ph.p_vaddr && n <= ph.p_filesz && vaddr - ph.p_vaddr <= ph.p_filesz - n)
			return co->image + ph.p_offset + (vaddr - ph.p_vaddr);
	}
	return NULL;
}

/* ------------------------------------------------------------------ kernels */

static int read_metadata(const struct wl_codeobj *co, const char *symbol, struct wl_kernel *out, struct wl_err *err)
{
	size_t n = 0;
	elf_getphdrnum(co->elf, &n);
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr ph;
		if (!gelf_getphdr(co->elf, (int)i, &ph) || ph.p_type != PT_NOTE)
			continue;
		Elf_Data *data = elf_getdata_rawchunk(co->elf, (int64_t)ph.p_offset, ph.p_filesz, ELF_T_NHDR);
		if (!data)
			return wl_fail(err, WL_INPUT, "%s: truncated: the note segment is not in the file", co->path);
		GElf_Nhdr nh;
		size_t name, desc;
		for (size_t at = 0; (at = gelf_getnote(data, at, &nh, &name, &desc)) > 0;) {
			if (nh.n_type != NOTE_METADATA || nh.n_namesz != sizeof "AMDGPU" ||
			    memcmp((char *)data->d_buf + name, "AMDGPU", sizeof "AMDGPU") != 0)
				continue;
			return wl_metadata_kernel(co, (char *)data->d_buf + desc, nh.n_descsz, symbol, out, err);
		}
	}
	return wl_fail(err, WL_INPUT, "%s: no metadata note, so the arguments of its kernels are not known", co->path);
}

/* Descriptor fields that the dispatch needs; the descriptor is believed over the metadata. */
static int read_descriptor(const struct wl_codeobj *co, struct wl_kernel *k, struct wl_err *err)
{
	const uint8_t *d = file_bytes(co, k->descriptor, DESCRIPTOR_BYTES);
	if (!d)
		return wl_fail(err, WL_INPUT, "%s: the descriptor of kernel '%s' is outside of the file", co->path, k->name);
	uint32_t group, private, kernarg;
	int64_t entry;
	uint16_t properties;
	memcpy(&group, d, 4);
	memcpy(&private, d + 4, 4);
	memcpy(&kernarg, d + 8, 4);
	memcpy(&entry, d + 16, 8);
	memcpy(&properties, d + 56, 2);
	if (!file_bytes(co, k->descriptor + (uint64_t)entry, 4))
		return wl_fail(err, WL_INPUT, "%s: the code of kernel '%s' is outside of the file", co->path, k->name);
	k->group_bytes = group;
	k->private_bytes = private;
	if (kernarg > k->kernarg_bytes)
		k->kernarg_bytes = kernarg;
	if (properties & 1 << 11)
		k->dynamic_stack = true;
	return 0;
}

int wl_codeobj_kernel(const struct wl_codeobj *co, const char *name, struct wl_kernel *out, struct wl_err *err)
{
	*out = (struct wl_kernel){ .wavefront = 64 };
	size_t n = strlen(name);
	if (n > 3 && strcmp(name + n - 3, ".kd") == 0)
		n -= 3;
	if (n == 0 || n >= sizeof out->name - 3)
		return wl_fail(err, WL_INPUT, "%s: no kernel can be called '%.80s'", co->path, name);
	memcpy(out->name, name, n);
	char symbol[sizeof out->name + 4];
	snprintf(symbol, sizeof symbol, "%s.kd", out->name);
	struct wanted w = { .name = symbol };
	if (!visit_symbols(co, is_wanted, &w)) {
		wl_fail(err, WL_INPUT, "%s: no kernel '%s'; it has:", co->path, out->name);
		struct kernel_list list = { .err = err, .start = strlen(err->text) };
		visit_symbols(co, list_kernel, &list);
		if (strlen(err->text) == list.start)
			wl_fail_more(err, " no kernels at all (or the file is truncated)");
		return -1;
	}
	out->descriptor = w.sym.st_value;
	if (out->descriptor % DESCRIPTOR_BYTES)
		return wl_fail(err, WL_INPUT, "%s: the descriptor of kernel '%s' is not aligned", co->path, out->name);
	if (read_metadata(co, symbol, out, err))
		return -1;
	return read_descriptor(co, out, err);
}

/* ------------------------------------------------------------------ loading */

/* Value that relocation `r` stores, or an error. */
static int relocate(const struct wl_codeobj *co, const GElf_Rela *r, Elf_Data *symbols, size_t strings, uint64_t bias, uint64_t *value,
		    struct wl_err *err)
{
	unsigned type = (unsigned)GELF_R_TYPE(r->r_info);
	*value = bias + (uint64_t)r->r_addend;
	if (type == RELOC_RELATIVE64)
		return 0;
	if (type != RELOC_ABS64)
		return wl_fail(err, WL_INPUT, "%s: relocation of type %u is not supported", co->path, type);
	GElf_Sym sym;
	if (!symbols || !gelf_getsym(symbols, (int)GELF_R_SYM(r->r_info), &sym))
		return wl_fail(err, WL_INPUT, "%s: a relocation names a symbol that is not there", co->path);
	if (sym.st_shndx == SHN_UNDEF) {
		const char *name = elf_strptr(co->elf, strings, sym.st_name);
		return wl_fail(err, WL_INPUT, "%s: undefined symbol '%s'", co->path, name ? name : "?");
	}
	*value += sym.st_value;
	return 0;
}

static int apply_relocations(const struct wl_codeobj *co, Elf_Scn *scn, const GElf_Shdr *sh, uint8_t *memory, uint64_t base, struct wl_err *err)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	if (!data)
		return wl_fail(err, WL_INPUT, "%s: truncated: relocations are not in the file", co->path);
	Elf_Scn *sym_scn = elf_getscn(co->elf, sh->sh_link);
	GElf_Shdr sym_sh;
	Elf_Data *symbols = NULL;
	size_t strings = 0;
	if (sh->sh_link && sym_scn && gelf_getshdr(sym_scn, &sym_sh) && (sym_sh.sh_type == SHT_DYNSYM || sym_sh.sh_type == SHT_SYMTAB)) {
		symbols = elf_getdata(sym_scn, NULL);
		strings = sym_sh.sh_link;
	}
	GElf_Rela r;
	for (int i = 0; gelf_getrela(data, i, &r); i++) {
		uint64_t value;
		if (relocate(co, &r, symbols, strings, base - co->first, &value, err))
			return -1;
		if (r.r_offset < co->first || r.r_offset - co->first > co->span - 8)
			return wl_fail(err, WL_INPUT, "%s: a relocation is outside of the segments", co->path);
		memcpy(memory + (r.r_offset - co->first), &value, sizeof value);
	}
	return 0;
}

int wl_codeobj_load(const struct wl_codeobj *co, uint8_t *memory, uint64_t base, struct wl_err *err)
{
	memset(memory, 0, co->span);
	size_t n = 0;
	elf_getphdrnum(co->elf, &n);
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr ph;
		if (gelf_getphdr(co->elf, (int)i, &ph) && ph.p_type == PT_LOAD)
			memcpy(memory + (ph.p_vaddr - co->first), co->image + ph.p_offset, ph.p_filesz);
	}
	if (co->span < 8)
		return 0;
	for (Elf_Scn *scn = elf_nextscn(co->elf, NULL); scn; scn = elf_nextscn(co->elf, scn)) {
		GElf_Shdr sh;
		if (!gelf_getshdr(scn, &sh) || !(sh.sh_flags & SHF_ALLOC))
			continue;
		if (sh.sh_type == SHT_REL)
			return wl_fail(err, WL_INPUT, "%s: relocations without addend are not supported", co->path);
		if (sh.sh_type == SHT_RELA && apply_relocations(co, scn, &sh, memory, base, err))
			return -1;
	}
	return 0;
}
