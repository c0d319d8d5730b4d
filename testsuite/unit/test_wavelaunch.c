/* The parts of the host program that need no device: options, code objects, argument blocks, sizes, names. */
#include <fcntl.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testsuite/unit/tap.h"
#include "testsuite/wavelaunch/codeobj.h"
#include "testsuite/wavelaunch/debuglist.h"
#include "testsuite/wavelaunch/kernarg.h"
#include "testsuite/wavelaunch/queue.h"
#include "testsuite/wavelaunch/traphandler.h"

/* Code objects of the samples, in the build directory, where the tests run. */
#define SAMPLE(name) "testsuite/kernels/" name ".co"

/* ------------------------------------------------------------------ options */

struct parse_case {
	const char *text;
	enum wl_value_kind kind;
	uint64_t bytes, bits;
};

START_TEST(values_are_parsed)
{
	static const struct parse_case cases[] = {
		{ "u32:7", WL_VALUE_SCALAR, 4, 7 },
		{ "u8:255", WL_VALUE_SCALAR, 1, 255 },
		{ "i8:-128", WL_VALUE_SCALAR, 1, (uint64_t)-128 },
		{ "i32:-1", WL_VALUE_SCALAR, 4, UINT64_MAX },
		{ "u64:0xffffffffffffffff", WL_VALUE_SCALAR, 8, UINT64_MAX },
		{ "i64:-9223372036854775808", WL_VALUE_SCALAR, 8, 1ull << 63 },
		{ "f32:1.5", WL_VALUE_SCALAR, 4, 0x3fc00000 },
		{ "f32:-0", WL_VALUE_SCALAR, 4, 0x80000000 },
		{ "f64:1e300", WL_VALUE_SCALAR, 8, 0x7e37e43c8800759c },
		{ "buf:4k", WL_VALUE_BUF, 4096, 0 },
		{ "buf:0x10", WL_VALUE_BUF, 16, 0 },
		{ "lds:1K", WL_VALUE_LDS, 1024, 0 },
		{ "bytes:12", WL_VALUE_BYTES, 12, 0 },
	};
	const struct parse_case *c = &cases[_i];
	struct wl_value v;
	struct wl_err err = { 0 };
	ck_assert_msg(wl_parse_value(c->text, &v, &err) == 0, "%s: %s", c->text, err.text);
	ck_assert_int_eq(v.kind, c->kind);
	ck_assert_uint_eq(v.bytes, c->bytes);
	ck_assert_uint_eq(v.bits, c->bits);
}
END_TEST
enum { N_VALUES = 13 };

static const char *const bad_values[] = {
	"", "u32", "u32:", "u32:4294967296", "u32:-1", "u32: 1", "u32:1x", "u8:256", "i8:128", "i8:-129", "i64:9223372036854775808", "f32:", "f32:x",
	"f32: 1", "f64:1.5y", "u24:1", "buf:", "buf:0", "buf:-4", "buf:12q", "buf:4=", "buf:4=@", "buf:4=12", "buf:4=0x", "buf:4=0x123456789",
	"buf:4=0xg", "lds:16=0x00", "lds:0", "lds:999999999", "bytes:5000", "buf:99999999999999999999", "buf:18014398509481984k",
};

START_TEST(bad_values_are_refused)
{
	struct wl_value v;
	struct wl_err err = { 0 };
	ck_assert_msg(wl_parse_value(bad_values[_i], &v, &err) == -1, "accepted: %s", bad_values[_i]);
	ck_assert_int_eq(err.class, WL_USAGE);
	ck_assert_str_ne(err.text, "");
}
END_TEST

START_TEST(fill_width_follows_the_digits)
{
	struct wl_value v;
	struct wl_err err = { 0 };
	ck_assert_int_eq(wl_parse_value("buf:8=0xab", &v, &err), 0);
	ck_assert_uint_eq(v.fill_bytes, 1);
	ck_assert_uint_eq(v.fill, 0xab);
	ck_assert_int_eq(wl_parse_value("buf:8=0x0ab", &v, &err), 0);
	ck_assert_uint_eq(v.fill_bytes, 4);
	ck_assert_int_eq(wl_parse_value("buf:8=@some=file", &v, &err), 0);
	ck_assert_str_eq(v.file, "some=file");
}
END_TEST

START_TEST(shapes_are_parsed)
{
	uint32_t s[3];
	unsigned dims;
	struct wl_err err = { 0 };
	ck_assert_int_eq(wl_parse_shape("--grid", "5,0x10,7", s, &dims, &err), 0);
	ck_assert_uint_eq(dims, 3);
	ck_assert(s[0] == 5 && s[1] == 16 && s[2] == 7);
	ck_assert_int_eq(wl_parse_shape("--grid", "9", s, &dims, &err), 0);
	ck_assert(dims == 1 && s[0] == 9 && s[1] == 1 && s[2] == 1);
	static const char *const bad[] = { "", ",", "1,", "0", "1,0", "1,2,3,4", "x", "-1", "4294967296", "1 2" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct wl_err e = { 0 };
		ck_assert_msg(wl_parse_shape("--grid", bad[i], s, &dims, &e) == -1 && e.class == WL_USAGE, "accepted: %s", bad[i]);
	}
}
END_TEST

/* ------------------------------------------------------------------ code objects */

static void open_sample(const char *path, struct wl_codeobj *co)
{
	struct wl_err err = { 0 };
	ck_assert_msg(wl_codeobj_open(path, co, &err) == 0, "%s", err.text);
}

/* Visits the RELATIVE64 relocations with an own reader and compares each with the loaded image. */
static unsigned check_relocations(const struct wl_codeobj *co, const uint8_t *memory, uint64_t base)
{
	unsigned n = 0;
	for (Elf_Scn *scn = elf_nextscn(co->elf, NULL); scn; scn = elf_nextscn(co->elf, scn)) {
		const Elf64_Shdr *sh = elf64_getshdr(scn);
		if (sh->sh_type != SHT_RELA)
			continue;
		const Elf64_Rela *r = elf_getdata(scn, NULL)->d_buf;
		for (size_t i = 0; i < sh->sh_size / sizeof *r; i++, n++) {
			uint64_t have;
			ck_assert_uint_eq(ELF64_R_TYPE(r[i].r_info), 13);
			memcpy(&have, memory + r[i].r_offset, sizeof have);
			ck_assert_uint_eq(have, base + (uint64_t)r[i].r_addend);
		}
	}
	return n;
}

START_TEST(segments_are_placed_and_relocated)
{
	static const char *const paths[] = { SAMPLE("globals.O0"), SAMPLE("globals.O1"), SAMPLE("globals.O2") };
	struct wl_codeobj co;
	struct wl_err err = { 0 };
	open_sample(paths[_i], &co);
	uint64_t base = 0x7f0012340000;
	uint8_t *memory = malloc(co.span);
	ck_assert_ptr_nonnull(memory);
	memset(memory, 0xaa, co.span);
	ck_assert_uint_eq(co.first, 0);
	ck_assert_int_eq(wl_codeobj_load(&co, memory, base, &err), 0);
	ck_assert_uint_ge(check_relocations(&co, memory, base), 5);

	/* Text as in the file, .bss zero. */
	unsigned seen = 0;
	size_t names;
	ck_assert_int_eq(elf_getshdrstrndx(co.elf, &names), 0);
	for (Elf_Scn *scn = elf_nextscn(co.elf, NULL); scn; scn = elf_nextscn(co.elf, scn)) {
		const Elf64_Shdr *sh = elf64_getshdr(scn);
		const char *name = elf_strptr(co.elf, names, sh->sh_name);
		if (strcmp(name, ".text") == 0) {
			ck_assert_mem_eq(memory + sh->sh_addr, co.image + sh->sh_offset, sh->sh_size);
			seen |= 1;
		} else if (strcmp(name, ".bss") == 0) {
			for (uint64_t i = 0; i < sh->sh_size; i++)
				ck_assert_uint_eq(memory[sh->sh_addr + i], 0);
			seen |= 2;
		}
	}
	ck_assert_uint_eq(seen, 3);
	free(memory);
	wl_codeobj_deinit(&co);
}
END_TEST

START_TEST(kernels_are_found)
{
	struct wl_codeobj co;
	struct wl_err err = { 0 };
	struct wl_kernel *k = calloc(1, sizeof *k);
	open_sample(SAMPLE("fault.O0"), &co);
	ck_assert_int_eq(wl_codeobj_kernel(&co, "load_fault.kd", k, &err), 0);
	ck_assert_str_eq(k->name, "load_fault");
	ck_assert_uint_eq(k->descriptor % 64, 0);
	ck_assert_int_eq(k->params[0].kind, WL_PARAM_POINTER);
	ck_assert_int_eq(k->params[1].kind, WL_PARAM_POINTER);
	ck_assert_int_eq(k->params[2].kind, WL_PARAM_HIDDEN);
	ck_assert_int_eq(wl_codeobj_kernel(&co, "loadfault", k, &err), -1);
	ck_assert_int_eq(err.class, WL_INPUT);
	const char *list = strstr(err.text, "it has:");
	ck_assert_ptr_nonnull(list);
	static const char *const there[] = { " store_fault", " load_fault", " illegal", " abort" };
	size_t length = strlen("it has:");
	for (size_t i = 0; i < sizeof there / sizeof *there; i++) {
		ck_assert_ptr_nonnull(strstr(list, there[i]));
		length += strlen(there[i]);
	}
	ck_assert_uint_eq(strlen(list), length); /* each once, although they are in two tables */
	free(k);
	wl_codeobj_deinit(&co);
}
END_TEST

/* A copy of a sample, cut off or with changed bytes; returns the path (static). */
static const char *damaged(const char *from, size_t keep, size_t at, int value)
{
	static char path[64];
	static char bytes[1 << 18];
	snprintf(path, sizeof path, "damaged.%d.co", (int)getpid());
	FILE *f = fopen(from, "r");
	ck_assert_ptr_nonnull(f);
	size_t n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	if (value >= 0)
		bytes[at] = (char)value;
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fwrite(bytes, 1, keep < n ? keep : n, f);
	fclose(f);
	return path;
}

struct damage {
	size_t keep, at;
	int value;
	const char *text;
};

START_TEST(damaged_files_are_refused)
{
	static const struct damage damages[] = {
		{ 0, 0, -1, "not an ELF file" },
		{ 3, 0, -1, "not an ELF file" },
		{ 40, 0, -1, "truncated" },
		{ 64, 0, -1, "" },
		{ 300, 0, -1, "truncated" },
		{ 2000, 0, -1, "truncated" },
		{ SIZE_MAX, 4, 1, "64-bit" },           /* class */
		{ SIZE_MAX, 5, 2, "little-endian" },    /* data */
		{ SIZE_MAX, 7, 0, "HSA" },              /* OS ABI */
		{ SIZE_MAX, 8, 1, "version 3 is not" }, /* ABI version */
		{ SIZE_MAX, 8, 9, "version 11 is not" },
		{ SIZE_MAX, 16, 1, "not a linked code object" },
		{ SIZE_MAX, 18, 62, "not for AMD GPUs" },
	};
	const struct damage *d = &damages[_i];
	struct wl_codeobj co;
	struct wl_err err = { 0 };
	const char *path = damaged(SAMPLE("vadd.O0"), d->keep, d->at, d->value);
	int result = wl_codeobj_open(path, &co, &err);
	unlink(path);
	ck_assert_int_eq(result, -1);
	ck_assert_int_eq(err.class, WL_INPUT);
	ck_assert_msg(strstr(err.text, d->text) != NULL, "%s", err.text);
}
END_TEST
enum { N_DAMAGES = 13 };

/* Every file that is cut short gives an error or a kernel, never a crash (the sanitizer build watches). */
START_TEST(any_truncation_is_survived)
{
	for (size_t keep = 0; keep < 6000; keep += 37) {
		struct wl_codeobj co;
		struct wl_err err = { 0 };
		const char *path = damaged(SAMPLE("vadd.O0"), keep, 0, -1);
		struct wl_kernel *k = calloc(1, sizeof *k);
		if (wl_codeobj_open(path, &co, &err) == 0) {
			if (wl_codeobj_kernel(&co, "vadd", k, &err) == 0) {
				uint8_t *memory = malloc(co.span);
				wl_codeobj_load(&co, memory, 0x10000, &err);
				free(memory);
			} else {
				ck_assert_int_ne(err.class, WL_NONE);
			}
			wl_codeobj_deinit(&co);
		}
		free(k);
		unlink(path);
	}
}
END_TEST

START_TEST(any_changed_byte_is_survived)
{
	for (size_t at = 0; at < 3000; at += 3) {
		struct wl_codeobj co;
		struct wl_err err = { 0 };
		const char *path = damaged(SAMPLE("globals.O0"), SIZE_MAX, at, 0xff);
		struct wl_kernel *k = calloc(1, sizeof *k);
		if (wl_codeobj_open(path, &co, &err) == 0) {
			if (wl_codeobj_kernel(&co, "globals", k, &err) == 0 && co.span < 1 << 24) {
				uint8_t *memory = malloc(co.span);
				wl_codeobj_load(&co, memory, 0x10000, &err);
				free(memory);
			}
			wl_codeobj_deinit(&co);
		}
		free(k);
		unlink(path);
	}
}
END_TEST

/* ------------------------------------------------------------------ argument blocks */

static uint64_t field(const uint8_t *block, size_t at, size_t size)
{
	uint64_t v = 0;
	memcpy(&v, block + at, size);
	return v;
}

static uint32_t offset_of(const struct wl_kernel *k, const char *kind)
{
	for (unsigned i = 0; i < k->n_params; i++)
		if (strcmp(k->params[i].value_kind, kind) == 0)
			return k->params[i].offset;
	ck_abort_msg("no argument of kind %s", kind);
}

START_TEST(argument_block_is_filled)
{
	struct wl_codeobj co;
	struct wl_err err = { 0 };
	struct wl_kernel *k = calloc(1, sizeof *k);
	open_sample(SAMPLE("dynlds.O0"), &co);
	ck_assert_int_eq(wl_codeobj_kernel(&co, "dynlds", k, &err), 0);
	static const char *const texts[] = { "buf:64", "buf:64", "lds:10", "lds:6", "u32:77" };
	struct wl_value values[5];
	for (unsigned i = 0; i < 5; i++)
		ck_assert_int_eq(wl_parse_value(texts[i], &values[i], &err), 0);
	ck_assert_msg(wl_kernarg_check(k, values, 5, &err) == 0, "%s", err.text);
	struct wl_launch l = { .grid = { 100, 7, 5 }, .group = { 64, 2, 5 }, .dims = 3, .lds_aperture_high = 0x10000,
			       .private_aperture_high = 0x20000, .queue = 0x123456789000 };
	wl_kernarg_lds(k, values, &l);
	/* ten bytes, rounded up for the shorts behind them, and six */
	ck_assert_uint_eq(l.lds_bytes, k->group_bytes + 16);
	ck_assert_uint_eq(l.dynamic_lds, 16);
	void *contents[5] = { (void *)0x1111000, (void *)0x2222000 };
	uint8_t *block = malloc(k->kernarg_bytes);
	memset(block, 0xee, k->kernarg_bytes);
	ck_assert_int_eq(wl_kernarg_build(k, values, contents, &l, block, &err), 0);
	ck_assert_uint_eq(field(block, k->params[0].offset, 8), 0x1111000);
	ck_assert_uint_eq(field(block, k->params[1].offset, 8), 0x2222000);
	ck_assert_uint_eq(field(block, k->params[2].offset, 4), k->group_bytes);
	ck_assert_uint_eq(field(block, k->params[3].offset, 4), k->group_bytes + 10);
	ck_assert_uint_eq(field(block, k->params[4].offset, 4), 77);

	uint32_t implicit = offset_of(k, "hidden_block_count_x");
	static const struct { unsigned at, size; uint64_t value; } hidden[] = {
		{ 0, 4, 1 }, { 4, 4, 3 }, { 8, 4, 1 },     /* whole groups */
		{ 12, 2, 64 }, { 14, 2, 2 }, { 16, 2, 5 }, /* group size */
		{ 18, 2, 36 }, { 20, 2, 1 }, { 22, 2, 0 }, /* remainder */
		{ 40, 8, 0 }, { 48, 8, 0 }, { 56, 8, 0 },  /* global offset */
		{ 64, 2, 3 }, { 120, 4, 16 }, { 200, 8, 0x123456789000 },
	};
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		ck_assert_msg(field(block, implicit + hidden[i].at, hidden[i].size) == hidden[i].value, "implicit argument at %u", hidden[i].at);
	free(block);
	free(k);
	wl_codeobj_deinit(&co);
}
END_TEST

START_TEST(arguments_must_fit)
{
	struct wl_codeobj co;
	struct wl_err err = { 0 };
	struct wl_kernel *k = calloc(1, sizeof *k);
	open_sample(SAMPLE("structs.O2"), &co);
	ck_assert_int_eq(wl_codeobj_kernel(&co, "structs", k, &err), 0);
	static const char *const good[] = { "bytes:32", "u8:1", "i16:-2", "buf:64", "u64:0x1000", "u32:3" };
	static const char *const bad[] = { "bytes:28", "u32:1", "f32:1", "u32:4", "lds:8", "f64:3" };
	struct wl_value values[6];
	for (unsigned i = 0; i < 6; i++)
		ck_assert_int_eq(wl_parse_value(good[i], &values[i], &err), 0);
	ck_assert_msg(wl_kernarg_check(k, values, 6, &err) == 0, "%s", err.text);
	struct wl_err few = { 0 };
	ck_assert_int_eq(wl_kernarg_check(k, values, 5, &few), -1);
	ck_assert_int_eq(few.class, WL_USAGE);
	ck_assert_ptr_nonnull(strstr(few.text, "has 6 arguments, 5 given"));
	for (unsigned i = 0; i < 6; i++) {
		struct wl_value saved = values[i];
		struct wl_err e = { 0 };
		ck_assert_int_eq(wl_parse_value(bad[i], &values[i], &err), 0);
		ck_assert_msg(wl_kernarg_check(k, values, 6, &e) == -1, "accepted: %s", bad[i]);
		char number[16];
		snprintf(number, sizeof number, "argument %u ", i);
		ck_assert_ptr_nonnull(strstr(e.text, number));
		values[i] = saved;
	}
	free(k);
	wl_codeobj_deinit(&co);
}
END_TEST

START_TEST(private_memory_rule)
{
	struct wl_kernel *k = calloc(1, sizeof *k);
	struct wl_options *o = calloc(1, sizeof *o);
	ck_assert_uint_eq(wl_private_bytes(k, o), 0);
	k->private_bytes = 48;
	ck_assert_uint_eq(wl_private_bytes(k, o), 16 << 10);
	k->private_bytes = 20000;
	ck_assert_uint_eq(wl_private_bytes(k, o), 20000);
	k->private_bytes = 0;
	k->dynamic_stack = true;
	ck_assert_uint_eq(wl_private_bytes(k, o), 16 << 10);
	o->private_given = true;
	o->private_bytes = 256;
	ck_assert_uint_eq(wl_private_bytes(k, o), 256);
	k->private_bytes = 300;
	ck_assert_uint_eq(wl_private_bytes(k, o), 300);
	free(k);
	free(o);
}
END_TEST

/* ------------------------------------------------------------------ sizes */

struct area_case {
	struct wl_gpu gpu;
	uint32_t control_stack, waves_area, debug;
};

/* The numbers of kfd-debug-interface 5.4 and rocr-on-a-simulator 2.5. */
START_TEST(save_area_sizes)
{
	static const struct area_case cases[] = {
		{ { .simd_count = 416, .simd_per_cu = 4, .array_count = 8, .simd_arrays_per_engine = 1, .lds_kib = 64, .num_xcc = 1,
		    .gfx_target_version = 90010 }, 0x9000, 0x3c88000, 0x20000 },
		{ { .simd_count = 38 * 4 * 8, .simd_per_cu = 4, .array_count = 32, .simd_arrays_per_engine = 1, .lds_kib = 64, .num_xcc = 8,
		    .gfx_target_version = 90402 }, 0x3000, 0x161e000, 0xbe00 },
		{ { .simd_count = 16, .simd_per_cu = 4, .array_count = 4, .simd_arrays_per_engine = 1, .lds_kib = 64, .num_xcc = 1,
		    .gfx_target_version = 90402 }, 0x1000, 0x254000, 0x1400 },
		{ { .simd_count = 144, .simd_per_cu = 2, .array_count = 8, .simd_arrays_per_engine = 2, .lds_kib = 64, .num_xcc = 1,
		    .gfx_target_version = 100300 }, 0x7000, 0x17e8000, 0x12000 },
		{ { .simd_count = 192, .simd_per_cu = 2, .array_count = 12, .simd_arrays_per_engine = 2, .lds_kib = 64, .num_xcc = 1,
		    .gfx_target_version = 110000 }, 0xa000, 0x2be0000, 0x18000 },
	};
	const struct area_case *c = &cases[_i];
	struct wl_save_sizes s;
	wl_save_sizes(&c->gpu, &s);
	ck_assert_uint_eq(s.control_stack, c->control_stack);
	ck_assert_uint_eq(s.save, c->control_stack + c->waves_area);
	ck_assert_uint_eq(s.debug, c->debug);
}
END_TEST

START_TEST(scratch_sizes)
{
	const struct wl_gpu gpu = { .simd_count = 16, .simd_per_cu = 4, .array_count = 4, .simd_arrays_per_engine = 1, .num_xcc = 1,
				    .max_slots_scratch_cu = 32 };
	uint32_t tmpring;
	uint64_t bytes;
	wl_scratch_sizes(&gpu, &(struct wl_scratch){ 0, 1 }, 1 << 30, &tmpring, &bytes);
	ck_assert(tmpring == 0 && bytes == 0);
	wl_scratch_sizes(&gpu, &(struct wl_scratch){ 16384, 1 }, 1ull << 30, &tmpring, &bytes);
	ck_assert_uint_eq(tmpring & 0xfff, 128);
	ck_assert_uint_eq(tmpring >> 12, 1024);
	ck_assert_uint_eq(bytes, 128ull << 20);
	/* a whole unit for little, whole engines for a tight limit, one wave per engine at least */
	wl_scratch_sizes(&gpu, &(struct wl_scratch){ 4, 1 }, 1ull << 30, &tmpring, &bytes);
	ck_assert_uint_eq(tmpring >> 12, 1);
	wl_scratch_sizes(&gpu, &(struct wl_scratch){ 16384, 1 }, 10 << 20, &tmpring, &bytes);
	ck_assert_uint_eq(tmpring & 0xfff, 8);
	wl_scratch_sizes(&gpu, &(struct wl_scratch){ 16384, 1 }, 1, &tmpring, &bytes);
	ck_assert_uint_eq(tmpring & 0xfff, 4);
	/* and all waves of a group, or it would never start */
	wl_scratch_sizes(&gpu, &(struct wl_scratch){ 16384, 5 }, 1, &tmpring, &bytes);
	ck_assert_uint_eq(tmpring & 0xfff, 20);
	/* the largest --private fits the register field */
	wl_scratch_sizes(&gpu, &(struct wl_scratch){ 131056, 1 }, 1ull << 30, &tmpring, &bytes);
	ck_assert_uint_le(tmpring >> 12, 0x1fff);
}
END_TEST

/* ------------------------------------------------------------------ debug list and names */

START_TEST(debug_list_links)
{
	struct link_map a, b, c;
	char *uri = (char *)(uintptr_t)"file:///x#offset=0&size=1";
	wl_debuglist_init(10);
	ck_assert_int_eq(_amdgpu_r_debug.r_version, 10);
	ck_assert_ptr_null(_amdgpu_r_debug.r_map);
	ck_assert_uint_eq(_amdgpu_r_debug.r_brk, (uintptr_t)wavelaunch_debug_state);
	wl_debuglist_add(&a, 0x1000, uri);
	wl_debuglist_add(&b, 0x2000, uri);
	wl_debuglist_add(&c, 0x3000, uri);
	ck_assert_ptr_eq(_amdgpu_r_debug.r_map, &a);
	ck_assert(a.l_next == &b && b.l_next == &c && c.l_next == NULL);
	ck_assert(a.l_prev == NULL && b.l_prev == &a && c.l_prev == &b);
	ck_assert_uint_eq(b.l_addr, 0x2000);
	wl_debuglist_remove(&b);
	ck_assert(a.l_next == &c && c.l_prev == &a);
	wl_debuglist_remove(&a);
	ck_assert(_amdgpu_r_debug.r_map == &c && c.l_prev == NULL);
	wl_debuglist_remove(&c);
	ck_assert_ptr_null(_amdgpu_r_debug.r_map);
	ck_assert_int_eq(_amdgpu_r_debug.r_state, RT_CONSISTENT);
}
END_TEST

START_TEST(names_are_encoded)
{
	struct wl_err err = { 0 };
	char *uri, name[] = "a b%#\xc3\xa4.co", here[4096], want[5000];
	int fd = open(name, O_CREAT | O_WRONLY, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(wl_uri_file(name, 123, &uri, &err), 0);
	unlink(name);
	ck_assert_ptr_nonnull(getcwd(here, sizeof here));
	snprintf(want, sizeof want, "%s", "/a%20b%25%23%C3%A4.co#offset=0&size=123");
	size_t n = strlen(uri), m = strlen(want);
	ck_assert_uint_gt(n, m);
	ck_assert_str_eq(uri + n - m, want);
	ck_assert_int_eq(strncmp(uri, "file:///", 8), 0);
	free(uri);
	ck_assert_int_eq(wl_uri_memory((void *)0xabc000, 77, &uri, &err), 0);
	snprintf(want, sizeof want, "memory://%d#offset=0xabc000&size=77", (int)getpid());
	ck_assert_str_eq(uri, want);
	free(uri);
	ck_assert_int_eq(wl_uri_file("/no/such/file", 1, &uri, &err), -1);
}
END_TEST

START_TEST(trap_handler_fits_a_page)
{
	size_t words = 0;
	const uint32_t *code = wl_trap_handler(90402, &words);
	ck_assert_ptr_nonnull(code);
	ck_assert_uint_gt(words, 60);
	ck_assert_uint_le(words * sizeof *code, 4096);
	ck_assert_uint_eq(code[words - 1], 0xbf810000); /* s_endpgm behind the return */
	ck_assert_ptr_null(wl_trap_handler(110000, &words));
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		{ "values are parsed", values_are_parsed, N_VALUES },
		{ "bad values are refused", bad_values_are_refused, TAP_COUNT(bad_values) },
		{ "the width of a fill follows its digits", fill_width_follows_the_digits, 1 },
		{ "shapes are parsed", shapes_are_parsed, 1 },
		{ "segments are placed and relocated", segments_are_placed_and_relocated, 3 },
		{ "kernels are found", kernels_are_found, 1 },
		{ "damaged files are refused", damaged_files_are_refused, N_DAMAGES },
		{ "any truncation is survived", any_truncation_is_survived, 1 },
		{ "any changed byte is survived", any_changed_byte_is_survived, 1 },
		{ "the argument block is filled", argument_block_is_filled, 1 },
		{ "arguments must fit", arguments_must_fit, 1 },
		{ "private memory by rule", private_memory_rule, 1 },
		{ "sizes of save areas", save_area_sizes, 5 },
		{ "sizes of scratch", scratch_sizes, 1 },
		{ "the debug list is linked", debug_list_links, 1 },
		{ "names are percent-encoded", names_are_encoded, 1 },
		{ "the trap handler fits a page", trap_handler_fits_a_page, 1 },
	};
	return TAP_RUN("wavelaunch", tests, NULL, NULL);
}
