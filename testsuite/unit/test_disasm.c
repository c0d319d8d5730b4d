/* Instructions as text: every instruction of some code objects against llvm-objdump, and the words that are shown without LLVM. */
#include <check.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

#include "src/monitor/disasm.h"
#include "testsuite/unit/sample.h"
#include "testsuite/unit/tap.h"

static const char *const objects[] = { "vadd.O0.co", "vadd.O2.co", "recurse.O1.co", "matmul.O2.co", "atomics.O0.co", "doubles.O2.co",
	"vectors.O1.co" };

struct section {
	uint64_t addr;
	uint8_t *bytes;
	size_t n;
};

static void find_text(uint8_t *image, size_t n, struct section *out)
{
	elf_version(EV_CURRENT);
	Elf *elf = elf_memory((char *)image, n);
	size_t names;
	ck_assert_ptr_nonnull(elf);
	ck_assert_int_eq(elf_getshdrstrndx(elf, &names), 0);
	memset(out, 0, sizeof *out);
	for (Elf_Scn *s = elf_nextscn(elf, NULL); s; s = elf_nextscn(elf, s)) {
		GElf_Shdr h;
		const char *name = gelf_getshdr(s, &h) ? elf_strptr(elf, names, h.sh_name) : NULL;
		if (name && strcmp(name, ".text") == 0)
			*out = (struct section){ h.sh_addr, image + h.sh_offset, h.sh_size };
	}
	elf_end(elf);
	ck_assert_uint_gt(out->n, 0);
}

/* "\ts_endpgm          // 000000001A00: BF810000 <x+1>": the text with single blanks; false when the line is no instruction. */
static bool objdump_line(char *line, uint64_t *addr, char *text, size_t n)
{
	char *comment = strstr(line, "//");
	unsigned long long at;
	size_t used = 0;
	if (line[0] != '\t' || !comment || sscanf(comment, "// %llx:", &at) != 1)
		return false;
	*comment = 0;
	*addr = at;
	text[0] = 0;
	for (char *word = strtok(line, " \t\n"); word && used < n; word = strtok(NULL, " \t\n"))
		used += (size_t)snprintf(text + used, n - used, "%s%s", used ? " " : "", word);
	return true;
}

START_TEST(every_instruction_reads_as_llvm_objdump_prints_it)
{
#if WS_WITH_LLVM
	const struct gfx_family *family = gfx_family_by_name("gfx942");
	struct disasm *d;
	struct dbg_error err;
	struct section text;
	char command[640], line[512], want[512];
	size_t n, count = 0, at = 0;
	ck_assert_msg(disasm_open(family, &d, &err) == 0, "%s", err.text);
	uint8_t *image = sample_load(objects[_i], &n);
	find_text(image, n, &text);
	snprintf(command, sizeof command, "%s -d --section=.text --disassemble-zeroes testsuite/kernels/%s", LLVM_OBJDUMP, objects[_i]);
	FILE *pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	while (fgets(line, sizeof line, pipe)) {
		uint64_t addr;
		struct disasm_line got;
		if (!objdump_line(line, &addr, want, sizeof want))
			continue;
		ck_assert_msg(addr == text.addr + at, "%s: the instruction after 0x%llx", objects[_i], (unsigned long long)addr);
		ck_assert_int_eq(disasm_one(d, family, addr, text.bytes + at, text.n - at, &got, &err), 0);
		ck_assert_msg(got.decoded, "0x%llx: %s", (unsigned long long)addr, got.text);
		ck_assert_str_eq(got.text, want);
		at += got.length;
		count++;
	}
	ck_assert_int_eq(pclose(pipe), 0);
	ck_assert_uint_eq(at, text.n);
	ck_assert_uint_gt(count, 20);
	disasm_close(d);
	free(image);
#else
	struct disasm *d;
	struct dbg_error err;
	ck_assert_int_eq(disasm_open(gfx_family_by_name("gfx942"), &d, &err), -(int)DBG_UNSUPPORTED);
	ck_assert_ptr_null(d);
	(void)_i;
	(void)find_text;
	(void)objdump_line;
#endif
}
END_TEST

/* The lengths of our own tables lead through the same code to the same end. */
START_TEST(words_cover_the_code_without_llvm)
{
	const struct gfx_family *family = gfx_family_by_name("gfx942");
	struct dbg_error err;
	struct section text;
	struct disasm_line got;
	size_t n, at = 0;
	uint8_t *image = sample_load(objects[_i], &n);
	find_text(image, n, &text);
	while (at < text.n) {
		uint32_t word;
		char begin[32];
		ck_assert_int_eq(disasm_one(NULL, family, text.addr + at, text.bytes + at, text.n - at, &got, &err), 0);
		memcpy(&word, text.bytes + at, 4);
		snprintf(begin, sizeof begin, ".long 0x%08x", word);
		ck_assert_msg(strncmp(got.text, begin, strlen(begin)) == 0, "%s", got.text);
		ck_assert(!got.decoded);
		ck_assert_ptr_nonnull(strstr(got.text, "not disassembled"));
		at += got.length;
	}
	ck_assert_uint_eq(at, text.n);
	free(image);
}
END_TEST

START_TEST(words_say_what_is_known_of_them)
{
	static const struct {
		uint32_t words[2];
		size_t n;
		const char *text;
		uint64_t target;
		unsigned length;
	} rows[] = {
		{ { 0xbf810000 }, 1, ".long 0xbf810000 ; end of the wave, 4 bytes, not disassembled", 0, 4 },
		{ { 0xbf820003 }, 1, ".long 0xbf820003 ; branch, 4 bytes, not disassembled", 0x1010, 4 },
		{ { 0xbf88fffe }, 1, ".long 0xbf88fffe ; conditional branch, 4 bytes, not disassembled", 0xffc, 4 },
		{ { 0xbe8000ff, 0x12345678 }, 2, ".long 0xbe8000ff, 0x12345678 ; no jump, 8 bytes, not disassembled", 0, 8 },
	};
	struct disasm_line got;
	struct dbg_error err;
	ck_assert_int_eq(disasm_one(NULL, gfx_family_by_name("gfx942"), 0x1000, (const uint8_t *)rows[_i].words, 4 * rows[_i].n, &got, &err), 0);
	ck_assert_str_eq(got.text, rows[_i].text);
	ck_assert_uint_eq(got.target, rows[_i].target);
	ck_assert_uint_eq(got.length, rows[_i].length);
}
END_TEST

START_TEST(too_few_bytes_are_refused)
{
	struct disasm_line got;
	struct dbg_error err;
	const uint8_t code[4] = { 0 };
	ck_assert_int_eq(disasm_one(NULL, gfx_family_by_name("gfx942"), 0, code, 3, &got, &err), -(int)DBG_REFUSED);
}
END_TEST

/* Data among the code: one word at a time, with LLVM and without, and never past the end. */
START_TEST(any_bytes_are_survived)
{
	const struct gfx_family *family = gfx_family_by_name("gfx942");
	struct disasm *d = NULL;
	struct dbg_error err;
	struct disasm_line got;
	uint32_t state = 1;
	if (WS_WITH_LLVM)
		ck_assert_msg(disasm_open(family, &d, &err) == 0, "%s", err.text);
	for (int i = 0; i < 20000; i++) {
		uint8_t code[20];
		size_t n = 4 + 4 * (size_t)(i % 5);
		for (size_t k = 0; k < sizeof code; k++) {
			state = state * 1664525 + 1013904223;
			code[k] = (uint8_t)(state >> 24);
		}
		ck_assert_int_eq(disasm_one(i & 1 ? d : NULL, family, 0x1000, code, n, &got, &err), 0);
		ck_assert(got.length >= 4 && got.length <= n && got.length % 4 == 0 && got.text[0] && strlen(got.text) < sizeof got.text);
	}
	disasm_close(d);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_EACH(every_instruction_reads_as_llvm_objdump_prints_it, objects),
		TAP_EACH(words_cover_the_code_without_llvm, objects), TAP_TIMES(words_say_what_is_known_of_them, 4),
		TAP_ONE(too_few_bytes_are_refused), TAP_ONE(any_bytes_are_survived),
	};
	return TAP_RUN("disassembly", tests, NULL, NULL);
}
