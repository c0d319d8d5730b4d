/* How a wave stops: traps, steps, faults, exceptions, watches; the instruction cache; random code. */
#include <stdlib.h>
#include <string.h>

#include "sim/isa/coverage.h"
#include "testsuite/unit/isa_snippet.h"
#include "testsuite/unit/tap.h"

enum {
	TRAPSTS_INVALID = 1, TRAPSTS_DIV0 = 4, TRAPSTS_OVERFLOW = 8, TRAPSTS_UNDERFLOW = 16, TRAPSTS_INEXACT = 32, TRAPSTS_INT_DIV0 = 64,
	WATCH1 = 1 << 12, MEM_VIOL = 1 << 8, ILLEGAL = 1 << 11, AFTER_INST = 1 << 25, XNACK = 1 << 28, DEBUG_EN = 1 << 11, HALT = 1 << 13,
};

static struct sim_result run(struct snippet *s, uint64_t budget)
{
	return sim_wave_run(&s->mw.w, &s->m.env, budget);
}

/* Words at a fresh place; answers its address. */
static uint64_t place(struct snippet *s, const uint32_t *words, size_t n)
{
	machine_code(&s->m, &s->mw, words, n);
	return s->mw.w.pc;
}
#define PLACE(s, ...) place(s, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

enum { NOP = 0xbf800000, ENDPGM = 0xbf810000, BARRIER = 0xbf8a0000, MOV_S8_1 = 0xbe880081, MOV_S8_2 = 0xbe880082, TRAP = 0xbf920000,
	SETHALT = 0xbf8d0001, SLEEP = 0xbf8e0001, ICACHE_INV = 0xbf930000, WAITCNT = 0xbf8c0000 };

START_TEST(test_stops)
{
	struct snippet *s = snippet_new();
	uint64_t pc = PLACE(s, NOP, TRAP + 2, BARRIER, SLEEP, SETHALT, 0xbf900004, ENDPGM);
	struct sim_result r = run(s, 1);
	ck_assert_int_eq(r.why, SIM_BUDGET);
	ck_assert_uint_eq(s->mw.w.pc, pc + 4);
	r = run(s, 100);
	ck_assert_int_eq(r.why, SIM_TRAP);
	ck_assert_uint_eq(r.info, 2);
	ck_assert_uint_eq(s->mw.w.pc, pc + 4); /* at it */
	s->mw.w.pc += 4;
	ck_assert_int_eq(run(s, 100).why, SIM_BARRIER);
	ck_assert_uint_eq(s->mw.w.pc, pc + 12);
	ck_assert_int_eq(run(s, 100).why, SIM_YIELD);
	ck_assert_uint_eq(s->mw.w.pc, pc + 16);
	ck_assert_int_eq(run(s, 100).why, SIM_HALTED);
	ck_assert_uint_eq(s->mw.w.pc, pc + 20);
	ck_assert_uint_eq(s->mw.w.status, HALT);
	ck_assert_int_eq(run(s, 100).why, SIM_HALTED); /* stays */
	ck_assert_uint_eq(s->mw.w.pc, pc + 20);
	s->mw.w.status = 0;
	r = run(s, 100);
	ck_assert_int_eq(r.why, SIM_SENDMSG);
	ck_assert_uint_eq(r.info, 4);
	ck_assert_int_eq(run(s, 100).why, SIM_ENDPGM);
	ck_assert_uint_eq(s->mw.w.pc, pc + 24); /* at it */
	ck_assert_uint_eq(s->mw.w.instructions, 5);
	snippet_free(s);
}
END_TEST

START_TEST(test_step)
{
	struct snippet *s = snippet_new();
	uint64_t pc = PLACE(s, MOV_S8_1, 0xbf820001, NOP, BARRIER, SLEEP, SETHALT, TRAP + 1, ENDPGM);
	s->mw.w.mode |= DEBUG_EN;
	ck_assert_int_eq(run(s, 100).why, SIM_STEPPED);
	ck_assert_uint_eq(s->mw.w.pc, pc + 4);
	ck_assert_uint_eq(s->mw.w.s[8], 1);
	ck_assert_uint_eq(s->mw.w.trapsts, AFTER_INST);
	/* Not cleared: reported again, nothing executed. */
	ck_assert_int_eq(run(s, 100).why, SIM_STEPPED);
	ck_assert_uint_eq(s->mw.w.pc, pc + 4);
	s->mw.w.trapsts = 0;
	ck_assert_int_eq(run(s, 100).why, SIM_STEPPED); /* a branch */
	ck_assert_uint_eq(s->mw.w.pc, pc + 12);
	s->mw.w.trapsts = 0;
	ck_assert_int_eq(run(s, 100).why, SIM_BARRIER);
	ck_assert_uint_eq(s->mw.w.pc, pc + 16);
	ck_assert_int_eq(run(s, 100).why, SIM_STEPPED); /* once the barrier let it go */
	s->mw.w.trapsts = 0;
	ck_assert_int_eq(run(s, 100).why, SIM_STEPPED); /* s_sleep */
	s->mw.w.trapsts = 0;
	ck_assert_int_eq(run(s, 100).why, SIM_STEPPED); /* s_sethalt */
	ck_assert_uint_eq(s->mw.w.status, HALT);
	s->mw.w.status = s->mw.w.trapsts = 0;
	ck_assert_int_eq(run(s, 100).why, SIM_TRAP);
	ck_assert_uint_eq(s->mw.w.pc, pc + 24);
	ck_assert_uint_eq(s->mw.w.trapsts, 0);
	s->mw.w.pc += 4;
	ck_assert_int_eq(run(s, 100).why, SIM_ENDPGM);
	snippet_free(s);
}
END_TEST

START_TEST(test_status)
{
	struct snippet *s = snippet_new();
	s->mw.w.scc = 1;
	snippet_set_s64(s, SIM_S_EXEC, 0);
	snippet_set_s64(s, SIM_S_VCC, 1ull << 40);
	ck_assert_uint_eq(sim_wave_status(&s->mw.w), 1 | 1 << 9);
	sim_wave_set_status(&s->mw.w, HALT | 1 << 10);
	ck_assert_uint_eq(s->mw.w.scc, 0);
	ck_assert_uint_eq(s->mw.w.status, HALT);
	snippet_free(s);
}
END_TEST

START_TEST(test_illegal)
{
	/* Unknown opcodes, matrix instruction, graphics encodings, reserved operand, trap code's return. */
	static const uint32_t words[][2] = { { 0xbf8b0000 }, { 0xd3be4004, 0x1c42110c }, { 0xc4000000, 0 }, { 0xf0000000, 0 }, { 0xbe88007d },
		{ 0x800800d1 }, { 0xbe801f08 }, { 0xdfff0000, 0 }, { 0xffffffff, 0xffffffff } };
	for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
		struct snippet *s = snippet_new();
		uint64_t pc = PLACE(s, NOP, words[k][0], words[k][1], NOP, ENDPGM);
		ck_assert_int_eq(run(s, 100).why, SIM_EXCEPTION);
		ck_assert_uint_eq(s->mw.w.pc, pc + 4);
		ck_assert_uint_eq(s->mw.w.trapsts, ILLEGAL);
		ck_assert_msg(s->m.unknown[0] != '\0', "case %zu is not named", k);
		ck_assert_int_eq(run(s, 100).why, SIM_EXCEPTION); /* again while the bit is set */
		snippet_free(s);
	}
}
END_TEST

START_TEST(test_fetch)
{
	struct snippet *s = snippet_new();
	uint64_t data = machine_map(&s->m, 4096, 0), code = machine_map(&s->m, 4096, MACHINE_EXEC);
	const uint64_t bad[] = { data, 0x1000, code + 4096 };
	for (size_t k = 0; k < 3; k++) {
		s->mw.w.pc = bad[k];
		s->mw.w.trapsts = 0;
		struct sim_result r = run(s, 100);
		ck_assert_int_eq(r.why, SIM_EXCEPTION);
		ck_assert_uint_eq(s->mw.w.pc, bad[k]);
		ck_assert_uint_eq(s->mw.w.trapsts, MEM_VIOL);
		ck_assert_uint_eq(r.fault_addr, bad[k]);
	}
	/* The second half of an instruction lies beyond the mapping. */
	const uint32_t half = 0xd1ff0003;
	memcpy(machine_host(&s->m, code + 4092), &half, 4);
	s->mw.w.pc = code + 4092;
	s->mw.w.trapsts = 0;
	struct sim_result r = run(s, 100);
	ck_assert_int_eq(r.why, SIM_EXCEPTION);
	ck_assert_uint_eq(s->mw.w.pc, code + 4092);
	ck_assert_uint_eq(r.fault_addr, code + 4096);
	/* Across two mapped pages it runs. */
	machine_map_at(&s->m, code + 4096, 4096, MACHINE_EXEC);
	const uint32_t rest[] = { 0x040a0300, ENDPGM };
	memcpy(machine_host(&s->m, code + 4096), rest, 8);
	s->mw.w.trapsts = 0;
	s->mw.v[0][5] = 1;
	s->mw.v[1][5] = 2;
	s->mw.v[2][5] = 3;
	ck_assert_int_eq(run(s, 100).why, SIM_ENDPGM);
	ck_assert_uint_eq(s->mw.v[3][5], 6);
	snippet_free(s);
}
END_TEST

/* Code from memory without a host pointer, and writes that the cache does not see until it is dropped. */
START_TEST(test_icache)
{
	struct snippet *s = snippet_new();
	uint64_t code = machine_map(&s->m, 4096, MACHINE_EXEC | MACHINE_INDIRECT);
	uint32_t *host = (void *)machine_host(&s->m, code);
	host[0] = MOV_S8_1;
	host[1] = ENDPGM;
	s->mw.w.pc = code;
	ck_assert_int_eq(run(s, 100).why, SIM_ENDPGM);
	ck_assert_uint_eq(s->mw.w.s[8], 1);
	host[0] = MOV_S8_2;
	s->mw.w.pc = code;
	s->mw.w.s[8] = 0;
	run(s, 100);
	ck_assert_uint_eq(s->mw.w.s[8], 1); /* as it was */
	/* A whole line was read: the neighbour that never ran is as it was, too. */
	host[2] = TRAP + 1;
	s->mw.w.pc = code + 8;
	ck_assert_int_ne(run(s, 1).why, SIM_TRAP);
	sim_icache_drop(s->m.icache);
	s->mw.w.pc = code;
	run(s, 100);
	ck_assert_uint_eq(s->mw.w.s[8], 2);
	s->mw.w.pc = code + 8;
	ck_assert_int_eq(run(s, 1).why, SIM_TRAP);
	/* s_icache_inv drops it from inside. */
	host[32] = ICACHE_INV;
	host[33] = 0xbf82ffff - 33; /* to the start */
	s->mw.w.pc = code;
	host[0] = MOV_S8_1;
	run(s, 1);
	ck_assert_uint_eq(s->mw.w.s[8], 2);
	s->mw.w.pc = code + 32 * 4;
	ck_assert_int_eq(run(s, 100).why, SIM_ENDPGM);
	ck_assert_uint_eq(s->mw.w.s[8], 1);
	snippet_free(s);
}
END_TEST

/* ------------------------------------------------------------------ memory faults */

START_TEST(test_fault)
{
	struct snippet *s = snippet_new();
	uint64_t good = machine_map(&s->m, 4096, 0);
	for (unsigned l = 0; l < SIM_LANES; l++) {
		snippet_set_v64(s, 4, l, l == 40 ? 0x123450 : good + 4 * l);
		s->mw.v[0][l] = 5;
		s->mw.v[1][l] = 7;
	}
	const uint32_t *const load[] = {
		ASM("s_nop 0", 0xbf800000), ASM("global_load_dword v0, v[4:5], off", 0xdc508000, 0x007f0004),
		ASM("s_mov_b32 s8, 1", 0xbe880081) };
	const uint32_t *const store[] = { ASM("global_store_dword v[4:5], v1, off", 0xdc708000, 0x007f0104), ASM("s_mov_b32 s8, 1", 0xbe880081) };
	struct sim_result r = snippet_try(s, load, 3);
	ck_assert_int_eq(r.why, SIM_EXCEPTION);
	ck_assert(r.fault_unmapped && !r.fault_write);
	ck_assert_uint_eq(r.fault_addr, 0x123450);
	ck_assert_uint_eq(s->mw.w.trapsts, MEM_VIOL | XNACK);
	ck_assert_uint_eq(s->mw.v[0][3], 5); /* nothing was loaded */
	ck_assert_uint_eq(s->mw.w.s[8], 0);
	ck_assert_uint_eq(s->mw.w.instructions, 1);
	s->mw.w.trapsts = 0;
	uint64_t before = s->mw.w.pc;
	r = snippet_try(s, store, 2);
	ck_assert(r.why == SIM_EXCEPTION && r.fault_write && r.fault_unmapped);
	ck_assert_uint_ne(s->mw.w.pc, before);
	ck_assert_uint_eq(machine_host(&s->m, good)[0], 0); /* nothing was stored */
	/* With that lane off it works. */
	s->mw.w.trapsts = 0;
	snippet_set_s64(s, SIM_S_EXEC, ~(1ull << 40));
	ck_assert_int_eq(run(s, 100).why, SIM_ENDPGM);
	ck_assert_uint_eq(machine_host(&s->m, good)[0], 7);
	snippet_free(s);
}
END_TEST

/* Where the PC lands when faults are imprecise. */
START_TEST(test_imprecise)
{
	for (unsigned mode = 0; mode < 4; mode++) {
		struct snippet *s = snippet_new();
		s->m.env.imprecise_by = 3;
		s->m.env.precise_memory = mode == 1;
		if (mode == 2)
			s->mw.w.mode |= DEBUG_EN;
		const uint32_t wait = mode == 3 ? WAITCNT : MOV_S8_2;
		/* global_load_dword v0, v[4:5], off with a null address */
		uint64_t pc = PLACE(s, 0xdc508000, 0x007f0004, MOV_S8_1, wait, MOV_S8_1, MOV_S8_2, ENDPGM);
		struct sim_result r = run(s, 100);
		ck_assert_int_eq(r.why, SIM_EXCEPTION);
		ck_assert_uint_eq(s->mw.w.trapsts, MEM_VIOL | XNACK);
		ck_assert_uint_eq(r.fault_addr, 0);
		const uint64_t want[] = { pc + 20, pc, pc, pc + 12 };
		ck_assert_msg(s->mw.w.pc == want[mode], "mode %u: PC %+lld", mode, (long long)(s->mw.w.pc - pc));
		snippet_free(s);
	}
}
END_TEST

START_TEST(test_address_errors)
{
	struct snippet *s = snippet_new();
	uint64_t good = machine_map(&s->m, 4096, 0), frozen = machine_map(&s->m, 4096, MACHINE_READ_ONLY);
	const struct { const uint32_t *code; uint64_t addr; bool unmapped; } cases[] = {
		{ ASM("flat_load_dword v0, v[4:5]", 0xdc500000, 0x00000004), (2ull << 48) + 1024, false },          /* beyond the lane's scratch */
		{ ASM("flat_load_dword v0, v[4:5]", 0xdc500000, 0x00000004), (2ull << 48) + 1022, false },
		{ ASM("global_load_dword v0, v[4:5], off", 0xdc508000, 0x007f0004), 0x0000800000000000, false },    /* not canonical */
		{ ASM("global_load_dword v0, v[4:5], off", 0xdc508000, 0x007f0004), 1ull << 48, false },
		{ ASM("global_atomic_add v[4:5], v1, off", 0xdd088000, 0x007f0104), good + 2, false },              /* misaligned */
		{ ASM("global_atomic_add_x2 v[4:5], v[0:1], off", 0xdd888000, 0x007f0004), good + 4, false },
		{ ASM("global_store_dword v[4:5], v1, off", 0xdc708000, 0x007f0104), frozen, true },
		{ ASM("global_load_dwordx4 v[0:3], v[4:5], off", 0xdc5c8000, 0x007f0004), 0xfffffffffffffff8, true }, /* the end of the address space */
		{ ASM("global_load_dwordx2 v[0:1], v[4:5], off", 0xdc548000, 0x007f0004), good + 4092, true },
		{ ASM("scratch_load_dword v0, v4, off", 0xdc506000, 0x007f0004), 1021, false },
		{ ASM("scratch_store_dword off, v0, off offset:1024", 0xdc704400, 0x007f0000), 0, false },
		{ ASM("ds_add_u32 v4, v1", 0xd8000000, 0x00000104), 2, false },
	};
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		for (unsigned l = 0; l < SIM_LANES; l++)
			snippet_set_v64(s, 4, l, cases[k].addr);
		s->mw.w.trapsts = 0;
		struct sim_result r = snippet_try(s, &cases[k].code, 1);
		ck_assert_msg(r.why == SIM_EXCEPTION, "case %zu: %d", k, r.why);
		ck_assert_msg(s->mw.w.trapsts == (MEM_VIOL | (cases[k].unmapped ? XNACK : 0u)), "case %zu: TRAPSTS %#x", k, s->mw.w.trapsts);
	}
	/* Within bounds none of this happens; LDS beyond the allocation does not fault. */
	for (unsigned l = 0; l < SIM_LANES; l++)
		snippet_set_v64(s, 4, l, 1020);
	s->mw.w.trapsts = 0;
	snippet_one(s, ASM("scratch_load_dword v0, v4, off", 0xdc506000, 0x007f0004));
	for (unsigned l = 0; l < SIM_LANES; l++)
		snippet_set_v64(s, 4, l, (1ull << 48) + 0x20000);
	snippet_one(s, ASM("flat_load_dword v0, v[4:5]", 0xdc500000, 0x00000004));
	ck_assert_uint_eq(s->mw.v[0][0], 0);
	s->mw.w.trapsts = 0;
	snippet_set_s64(s, 8, 0x5000);
	const uint32_t *const smem[] = { ASM("s_load_dwordx2 s[12:13], s[8:9], 0x0", 0xc0060304, 0x00000000) };
	ck_assert_int_eq(snippet_try(s, smem, 1).why, SIM_EXCEPTION);
	ck_assert_uint_eq(s->mw.w.trapsts, MEM_VIOL | XNACK);
	snippet_free(s);
}
END_TEST

START_TEST(test_watch)
{
	struct snippet *s = snippet_new();
	uint64_t base = machine_map(&s->m, 4096, 0);
	struct sim_watch watches[4] = { [1] = { .valid = true, .mode = 1, .addr = base + 128, .mask = ~127ull } };
	s->m.env.watches = watches;
	for (unsigned l = 0; l < SIM_LANES; l++)
		snippet_set_v64(s, 4, l, base + 4 * l);
	const uint32_t *const load[] = { ASM("global_load_dword v0, v[4:5], off", 0xdc508000, 0x007f0004) };
	const uint32_t *const store[] = { ASM("global_store_dword v[4:5], v1, off", 0xdc708000, 0x007f0104), ASM("s_mov_b32 s8, 1", 0xbe880081) };
	ck_assert_int_eq(snippet_try(s, load, 1).why, SIM_ENDPGM); /* mode 1: not for reads */
	ck_assert_uint_eq(s->mw.w.trapsts, 0);
	ck_assert_int_eq(snippet_try(s, store, 2).why, SIM_ENDPGM); /* hit, but MODE does not enable the trap */
	ck_assert_uint_eq(s->mw.w.trapsts, WATCH1);
	s->mw.w.trapsts = 0;
	s->mw.w.s[8] = 0;
	s->mw.w.mode |= 1 << 19;
	struct sim_result r = snippet_try(s, store, 2);
	ck_assert_int_eq(r.why, SIM_EXCEPTION);
	ck_assert_uint_eq(s->mw.w.trapsts, WATCH1);
	ck_assert_uint_eq(s->mw.w.s[8], 0); /* right after the store */
	s->mw.w.trapsts = 0;
	snippet_set_s64(s, SIM_S_EXEC, 0xff); /* nobody touches it */
	ck_assert_int_eq(snippet_try(s, store, 2).why, SIM_ENDPGM);
	ck_assert_uint_eq(s->mw.w.trapsts, 0);
	snippet_free(s);
}
END_TEST

/* ------------------------------------------------------------------ arithmetic exceptions */

START_TEST(test_math)
{
	const struct { const uint32_t *code; uint32_t a, b; uint32_t bit; } cases[] = {
		{ ASM("v_rcp_f32_e32 v2, v0", 0x7e044500), 0, 0, TRAPSTS_DIV0 }, { ASM("v_rcp_iflag_f32_e32 v2, v0", 0x7e044700), 0, 0, TRAPSTS_INT_DIV0 },
		{ ASM("v_mul_f32_e32 v2, v0, v1", 0x0a040300), 0x7f000000, 0x7f000000, TRAPSTS_OVERFLOW },
		{ ASM("v_mul_f32_e32 v2, v0, v1", 0x0a040300), 0x00800001, 0x3f000003, TRAPSTS_UNDERFLOW },
		{ ASM("v_sub_f32_e32 v2, v0, v1", 0x04040300), 0x7f800000, 0x7f800000, TRAPSTS_INVALID },
		{ ASM("v_add_f32_e32 v2, v0, v1", 0x02040300), 0x3f800000, 0x30000000, TRAPSTS_INEXACT },
		{ ASM("v_div_fixup_f32 v2, v0, v0, v1", 0xd1de0002, 0x04060100), 0, 0x3f800000, TRAPSTS_DIV0 },
		{ ASM("v_mul_f64 v[2:3], v[0:1], v[0:1]", 0xd2810002, 0x00020100), 1, 0x7f000000, TRAPSTS_OVERFLOW },
	};
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
		for (unsigned enabled = 0; enabled < 2; enabled++) {
			struct snippet *s = snippet_new();
			for (unsigned l = 0; l < SIM_LANES; l++) {
				s->mw.v[0][l] = cases[k].a;
				s->mw.v[1][l] = cases[k].b;
			}
			s->mw.w.mode |= cases[k].bit << 12 & (enabled ? ~0u : 0);
			struct sim_result r = snippet_try(s, &cases[k].code, 1);
			ck_assert_msg(r.why == (enabled ? SIM_EXCEPTION : SIM_ENDPGM), "case %zu: %d", k, r.why);
			ck_assert_msg(!enabled || s->mw.w.trapsts & cases[k].bit, "case %zu: TRAPSTS %#x", k, s->mw.w.trapsts);
			if (enabled) { /* lanes that are off do not count */
				s->mw.w.trapsts = 0;
				for (unsigned l = 0; l < SIM_LANES; l += 2)
					s->mw.v[0][l] = s->mw.v[1][l] = 0x3f800000;
				snippet_set_s64(s, SIM_S_EXEC, 0x5555555555555555);
				r = snippet_try(s, &cases[k].code, 1);
				ck_assert_msg(r.why == SIM_ENDPGM, "case %zu with holes: %d, TRAPSTS %#x", k, r.why, s->mw.w.trapsts);
			}
			snippet_free(s);
		}
}
END_TEST

/* ------------------------------------------------------------------ small waves, random code */

START_TEST(test_unallocated)
{
	struct snippet *s = snippet_new();
	s->mw.w.n_vgprs = 8;
	s->mw.w.n_agprs = 0;
	s->mw.w.a = NULL;
	s->mw.w.n_sgprs = 16;
	s->mw.v[0][3] = 42;
	s->mw.w.s[0] = 17;
	const uint32_t *const code[] = {
		ASM("v_mov_b32_e32 v2, v100", 0x7e040364), ASM("v_mov_b32_e32 v100, 7", 0x7ec80287), ASM("s_mov_b32 s1, s90", 0xbe81005a),
		ASM("s_mov_b32 s90, 3", 0xbeda0083),
		ASM("v_accvgpr_read_b32 v3, a1", 0xd3d84003, 0x18000101), ASM("v_accvgpr_write_b32 a1, v2", 0xd3d94001, 0x18000102),
		ASM("s_mov_b32 ttmp4, 5", 0xbef00085) };
	snippet_run(s, code, 7);
	ck_assert_uint_eq(s->mw.v[2][3], 42);
	ck_assert_uint_eq(s->mw.v[100][3], 0);
	ck_assert_uint_eq(s->mw.w.s[1], 17);
	ck_assert_uint_eq(s->mw.w.s[90], 0);
	ck_assert_uint_eq(s->mw.v[3][3], 0);
	ck_assert_uint_eq(s->mw.w.s[SIM_S_TTMP0 + 4], 0);
	snippet_free(s);
}
END_TEST

/* Random words, biased to known encodings, must stop in a proper way. */
START_TEST(test_random_code)
{
	static const uint32_t bases[] = { 0, 0x7e000000, 0x7c000000, 0x80000000, 0xb0000000, 0xbe800000, 0xbf000000, 0xbf800000, 0xc0000000, 0xd0000000,
		0xd3800000, 0xd8000000, 0xdc000000, 0xdc008000, 0xdc004000, 0xe0000000 };
	enum { WORDS = 64, ROUNDS = 6000 };
	struct snippet *s = snippet_new();
	uint64_t r = 88172645463325252ull, code = machine_map(&s->m, WORDS * 4, MACHINE_EXEC), data = machine_map(&s->m, 65536, 0);
	uint32_t *host = (void *)machine_host(&s->m, code);
	unsigned stops[SIM_SENDMSG + 1] = { 0 };
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned k = 0; k < WORDS; k++) {
			r ^= r << 13, r ^= r >> 7, r ^= r << 17;
			host[k] = (uint32_t)(r >> 20);
			if (r % 4)
				host[k] = (host[k] & 0x03ffffff) | bases[r / 4 % 16];
		}
		for (unsigned k = 0; k < 100; k++)
			s->mw.w.s[k] = (uint32_t)(k % 2 ? data >> 32 : data + k * 16);
		for (unsigned v = 0; v < 256; v++)
			for (unsigned l = 0; l < SIM_LANES; l++)
				s->mw.v[v][l] = v % 2 ? (uint32_t)(data >> 32) : (uint32_t)data + l * 4;
		snippet_set_s64(s, SIM_S_EXEC, r | 1);
		s->mw.w.n_vgprs = round % 3 ? 256 : 24;
		s->mw.w.n_agprs = round % 5 ? 256 : 8;
		s->mw.w.mode = 0x3f0 | (round % 7 == 0 ? (uint32_t)r & 0x3f3ff : 0);
		s->mw.w.status = s->mw.w.trapsts = 0;
		s->mw.w.pc = code;
		sim_icache_drop(s->m.icache);
		struct sim_result res = run(s, 200);
		ck_assert(res.why <= SIM_SENDMSG);
		stops[res.why]++;
	}
	ck_assert_uint_gt(stops[SIM_EXCEPTION], 100);
	/* Many opcodes did run. */
	unsigned met = 0;
	for (size_t k = 0; k < sim_isa_slots(); k++)
		met += sim_icache_decoded(s->m.icache, k) > 0;
	ck_assert_uint_gt(met, 500);
	snippet_free(s);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		{ "stops", test_stops, 1 },
		{ "single step", test_step, 1 },
		{ "STATUS", test_status, 1 },
		{ "illegal instructions", test_illegal, 1 },
		{ "instruction fetch", test_fetch, 1 },
		{ "the instruction cache is incoherent", test_icache, 1 },
		{ "memory faults change nothing", test_fault, 1 },
		{ "imprecise faults", test_imprecise, 1 },
		{ "address errors", test_address_errors, 1 },
		{ "address watches", test_watch, 1 },
		{ "arithmetic exceptions", test_math, 1 },
		{ "registers that are not allocated", test_unallocated, 1 },
		{ "random code", test_random_code, 1 },
	};
	return TAP_RUN("isa_wave", tests, NULL, NULL);
}
