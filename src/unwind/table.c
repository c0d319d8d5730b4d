#include "src/unwind/table.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

/* Bounds of one symbol table and its names in the image. */
struct symbols {
	const uint8_t *image;
	uint64_t at, count;
	const char *names;
	uint64_t names_bytes;
};

static bool inside(size_t n, uint64_t offset, uint64_t bytes)
{
	return offset <= n && bytes <= n - offset;
}

static bool find_symbols(const uint8_t *image, size_t n, struct symbols *out)
{
	Elf64_Ehdr eh;
	Elf64_Shdr s, names;
	if (n < sizeof eh || memcmp(image, ELFMAG, SELFMAG) != 0 || image[EI_CLASS] != ELFCLASS64 || image[EI_DATA] != ELFDATA2LSB)
		return false;
	memcpy(&eh, image, sizeof eh);
	if (eh.e_shentsize != sizeof s || !inside(n, eh.e_shoff, (uint64_t)eh.e_shnum * sizeof s))
		return false;
	/* .symtab knows local functions too; a stripped file has .dynsym. */
	for (unsigned pass = 0; pass < 2; pass++)
		for (unsigned i = 0; i < eh.e_shnum; i++) {
			memcpy(&s, image + eh.e_shoff + i * sizeof s, sizeof s);
			if (s.sh_type != (pass == 0 ? SHT_SYMTAB : SHT_DYNSYM) || s.sh_link >= eh.e_shnum)
				continue;
			memcpy(&names, image + eh.e_shoff + s.sh_link * sizeof names, sizeof names);
			if (!inside(n, s.sh_offset, s.sh_size) || !inside(n, names.sh_offset, names.sh_size) || !names.sh_size ||
				image[names.sh_offset + names.sh_size - 1])
				continue;
			*out = (struct symbols){ image, s.sh_offset, s.sh_size / sizeof(Elf64_Sym), (const char *)image + names.sh_offset,
				names.sh_size };
			return true;
		}
	return false;
}

static const char *symbol(const struct symbols *t, uint64_t i, Elf64_Sym *out)
{
	memcpy(out, t->image + t->at + i * sizeof *out, sizeof *out);
	return out->st_name < t->names_bytes ? t->names + out->st_name : "";
}

/* The names of kernels, by their descriptors NAME.kd. */
static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char **kernel_names(const struct symbols *t, size_t *n)
{
	char **names = calloc(t->count + 1, sizeof *names);
	*n = 0;
	for (uint64_t i = 0; names && i < t->count; i++) {
		Elf64_Sym s;
		const char *name = symbol(t, i, &s);
		size_t len = strlen(name);
		if (s.st_shndx == SHN_UNDEF || len <= 3 || strcmp(name + len - 3, ".kd") != 0)
			continue;
		names[*n] = strndup(name, len - 3);
		*n += names[*n] != NULL;
	}
	if (names)
		qsort(names, *n, sizeof *names, by_name);
	return names;
}

static int by_low(const void *a, const void *b)
{
	const struct unwind_function *x = a, *y = b;
	return x->low != y->low ? (x->low < y->low ? -1 : 1) : (int)y->kernel - (int)x->kernel;
}

void unwind_table_read(const uint8_t *image, size_t n, struct unwind_function **out, size_t *n_out)
{
	struct symbols t;
	size_t n_names, found = 0;
	*out = NULL;
	*n_out = 0;
	if (!image || !find_symbols(image, n, &t))
		return;
	char **names = kernel_names(&t, &n_names);
	struct unwind_function *table = calloc(t.count + 1, sizeof *table);
	for (uint64_t i = 0; names && table && i < t.count; i++) {
		Elf64_Sym s;
		const char *name = symbol(&t, i, &s);
		if (ELF64_ST_TYPE(s.st_info) != STT_FUNC || s.st_shndx == SHN_UNDEF || !s.st_size || s.st_value + s.st_size < s.st_value)
			continue;
		bool kernel = bsearch(&name, names, n_names, sizeof *names, by_name) != NULL;
		/* the linker makes hidden symbols local, but leaves them hidden */
		bool convention = ELF64_ST_BIND(s.st_info) != STB_LOCAL || ELF64_ST_VISIBILITY(s.st_other) != STV_DEFAULT;
		table[found++] = (struct unwind_function){ s.st_value, s.st_value + s.st_size, kernel, convention };
	}
	for (size_t i = 0; names && i < n_names; i++)
		free(names[i]);
	if (table)
		qsort(table, found, sizeof *table, by_low);
	if (!names || !found) {
		free(table);
		table = NULL;
		found = 0;
	}
	free(names);
	*out = table;
	*n_out = found;
}

const struct unwind_function *unwind_table_at(const struct unwind_function *table, size_t n, uint64_t addr)
{
	size_t low = 0, high = n;
	while (low < high) { /* the last one that begins at or before addr */
		size_t middle = low + (high - low) / 2;
		if (table[middle].low <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	while (low > 1 && table[low - 2].low == table[low - 1].low)
		low--; /* of several names for one place, the kernel's */
	return low && addr < table[low - 1].high ? &table[low - 1] : NULL;
}
