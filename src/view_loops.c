#include "src/view_loops.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"

enum { WORD = 4 };

static bool add(struct view_loops *l, size_t *room, uint64_t head)
{
	if (l->n == *room) {
		size_t more = *room * 2 + 64;
		uint64_t *grown = realloc(l->heads, more * sizeof *grown);
		if (!grown)
			return false;
		l->heads = grown;
		*room = more;
	}
	l->heads[l->n++] = head;
	return true;
}

static bool read_code(const struct gfx_family *family, const uint8_t *code, size_t n, uint64_t addr, struct view_loops *l, size_t *room)
{
	struct gfx_insn insn;
	for (size_t at = 0; at + WORD <= n; at += insn.length) {
		if (gfx_insn_decode(family, code + at, n - at, &insn) < 0 || !insn.length) {
			insn.length = WORD;
			continue;
		}
		bool branch = insn.class == GFX_INSN_BRANCH || insn.class == GFX_INSN_COND_BRANCH;
		if (branch && insn.simm16 < 0 && !add(l, room, addr + at + insn.length + (uint64_t)((int64_t)insn.simm16 * WORD)))
			return false;
	}
	return true;
}

static int ascending(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static bool read_sections(const uint8_t *image, size_t n, struct view_loops *out)
{
	Elf64_Ehdr eh;
	size_t room = 0;
	if (n < sizeof eh)
		return false;
	memcpy(&eh, image, sizeof eh);
	const struct gfx_family *family = gfx_family_by_mach(eh.e_flags & 0xff);
	if (!family || eh.e_shentsize != sizeof(Elf64_Shdr) || eh.e_shoff > n || eh.e_shnum > (n - eh.e_shoff) / sizeof(Elf64_Shdr))
		return false;
	for (size_t i = 0; i < eh.e_shnum; i++) {
		Elf64_Shdr s;
		memcpy(&s, image + eh.e_shoff + i * sizeof s, sizeof s);
		if (!(s.sh_flags & SHF_EXECINSTR) || s.sh_type != SHT_PROGBITS)
			continue;
		if (s.sh_offset > n || s.sh_size > n - s.sh_offset || !read_code(family, image + s.sh_offset, s.sh_size, s.sh_addr, out, &room))
			return false;
	}
	return true;
}

void view_loops_read(const uint8_t *image, size_t n, struct view_loops *out)
{
	*out = (struct view_loops){ .n = 0 };
	out->unknown = !read_sections(image, n, out);
	if (out->n)
		qsort(out->heads, out->n, sizeof *out->heads, ascending);
}

void view_loops_free(struct view_loops *l)
{
	free(l->heads);
	*l = (struct view_loops){ .unknown = true };
}

bool view_loop_begins(const struct view_loops *l, uint64_t addr)
{
	return !l || l->unknown || (l->n && bsearch(&addr, l->heads, l->n, sizeof addr, ascending));
}
