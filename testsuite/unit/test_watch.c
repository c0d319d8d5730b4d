/* Watch registers: how a request is cut into ranges, and the accounting of two GPUs' registers over a kernel seam that counts them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/control/precise.h"
#include "src/control/watch.h"
#include "src/control/watch_register.h"
#include "testsuite/unit/tap.h"

enum { GPUS = 2, REGISTERS = 4, CAP_WATCH = 0x280 };

/* A kernel with two GPUs. */
static struct fake {
	struct kif kif; /* first */
	bool taken[GPUS][REGISTERS];
	struct { uint64_t addr; uint32_t mask, mode; } set[GPUS][REGISTERS];
	unsigned n_set, n_clear, n_override;
	uint32_t override, flags;
	int fail_set; /* errno of the next one on GPU 1; 0 none */
	uint8_t memory[64];
} kernel;

static const uint32_t gpu_ids[GPUS] = { 0x11, 0x22 };
static struct dbg_process p;
static struct dbg_agent agents[GPUS];
#define MEMORY UINT64_C(0x7f1200001000)

static unsigned gpu_index(uint32_t id)
{
	return id == gpu_ids[0] ? 0 : 1;
}

static int set_watch(struct kif *k, uint32_t gpu_id, uint64_t addr, uint32_t mask, uint32_t mode, uint32_t *id, struct dbg_error *err)
{
	unsigned g = gpu_index(gpu_id), i = 0;
	(void)k;
	if (g == 1 && kernel.fail_set) {
		int e = kernel.fail_set;
		kernel.fail_set = 0;
		return dbg_fail_errno(err, DBG_REFUSED, e, "refused");
	}
	while (i < REGISTERS && kernel.taken[g][i])
		i++;
	if (i == REGISTERS)
		return dbg_fail_errno(err, DBG_REFUSED, ENOMEM, "none is free");
	kernel.taken[g][i] = true;
	kernel.set[g][i].addr = addr;
	kernel.set[g][i].mask = mask;
	kernel.set[g][i].mode = mode;
	kernel.n_set++;
	*id = i;
	return 0;
}

static int clear_watch(struct kif *k, uint32_t gpu_id, uint32_t id, struct dbg_error *err)
{
	(void)k;
	if (id >= REGISTERS || !kernel.taken[gpu_index(gpu_id)][id])
		return dbg_fail_errno(err, DBG_REFUSED, EINVAL, "not taken");
	kernel.taken[gpu_index(gpu_id)][id] = false;
	kernel.n_clear++;
	return 0;
}

static int launch_override(struct kif *k, uint32_t mode, uint32_t *bits, uint32_t *request, struct dbg_error *err)
{
	(void)k;
	(void)err;
	ck_assert_uint_eq(mode, 0);
	uint32_t before = kernel.override;
	kernel.override = (*bits & *request) | (before & ~*request);
	kernel.n_override++;
	*bits = before;
	*request = 0xc00001ff;
	return 0;
}

static int set_flags(struct kif *k, uint32_t *flags, struct dbg_error *err)
{
	uint32_t before = kernel.flags;
	(void)k;
	(void)err;
	kernel.flags = *flags;
	*flags = before;
	return 0;
}

static int mem_read(struct kif *k, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err)
{
	(void)k;
	if (addr < MEMORY || addr - MEMORY > sizeof kernel.memory || n > sizeof kernel.memory - (addr - MEMORY))
		return dbg_fail(err, DBG_REFUSED, "no memory there");
	memcpy(buf, kernel.memory + (addr - MEMORY), n);
	*got = n;
	return 0;
}

static const struct kif_ops ops = { .name = "fake", .set_watch = set_watch, .clear_watch = clear_watch, .launch_override = launch_override,
	.set_flags = set_flags, .mem_read = mem_read };

static void set_up(void)
{
	memset(&kernel, 0, sizeof kernel);
	memset(&p, 0, sizeof p);
	kernel.kif.ops = &ops;
	for (unsigned i = 0; i < GPUS; i++)
		agents[i] = (struct dbg_agent){ .info = { .gpu_id = gpu_ids[i], .capability = CAP_WATCH | KIF_CAP_PRECISE_MEMORY,
			.debug_prop = 30 << 4 | 7, .lds_base = UINT64_C(1) << 48, .scratch_base = UINT64_C(2) << 48, .name = "gfx942" },
			.family = gfx_family_by_name("gfx942"), .number = i + 1 };
	p.kif = &kernel.kif;
	p.agents = agents;
	p.n_agents = GPUS;
	p.runtime.usable = true;
}

static void tear_down(void)
{
	watch_forget_all(&p);
}

static int insert(enum dbg_watch_kind kind, uint64_t addr, uint64_t bytes)
{
	struct dbg_error err;
	struct dbg_watch_place place = { .addr = addr, .bytes = bytes };
	return watch_insert(&p, kind, &place, &err);
}

static unsigned taken(unsigned g)
{
	unsigned n = 0;
	for (unsigned i = 0; i < REGISTERS; i++)
		n += kernel.taken[g][i];
	return n;
}

/* ------------------------------------------------------------------ ranges */

static unsigned cut(uint64_t first, uint64_t bytes, unsigned most, struct gfx_watch parts[WATCH_MAX_PARTS])
{
	struct dbg_error err;
	return watch_cut(&p, first, bytes, most, parts, &err);
}

START_TEST(a_small_request_is_one_range)
{
	struct gfx_watch w[WATCH_MAX_PARTS];
	ck_assert_uint_eq(cut(UINT64_C(0x7f1200001044), 4, 4, w), 1);
	ck_assert_uint_eq(w[0].address, UINT64_C(0x7f1200001000)); /* wave-state 12.1 */
	ck_assert_uint_eq(w[0].size, 128);
	ck_assert_uint_eq(cut(UINT64_C(0x7f1200001078), 16, 4, w), 1);
	ck_assert_uint_eq(w[0].address, UINT64_C(0x7f1200001000));
	ck_assert_uint_eq(w[0].size, 256);
}
END_TEST

START_TEST(a_range_that_would_be_far_too_large_is_cut)
{
	struct gfx_watch w[WATCH_MAX_PARTS];
	ck_assert_uint_eq(cut(UINT64_C(0x7f1200001ffc), 8, 4, w), 2);
	ck_assert_uint_eq(w[0].address, UINT64_C(0x7f1200001f80));
	ck_assert_uint_eq(w[1].address, UINT64_C(0x7f1200002000));
	ck_assert_uint_eq(w[0].size, 128);
	ck_assert_uint_eq(w[1].size, 128);
	/* with one register the large one is better than none */
	ck_assert_uint_eq(cut(UINT64_C(0x7f1200001ffc), 8, 1, w), 1);
	ck_assert_uint_ge(w[0].size, 8192);
	/* but a range that no mask spans needs two */
	ck_assert_uint_eq(cut(UINT64_C(0x7f123ffffff8), 16, 4, w), 2);
	ck_assert_uint_eq(cut(UINT64_C(0x7f127ffffff8), 16, 1, w), 0);
	ck_assert_uint_eq(cut(UINT64_C(0x7f1200001000), 0, 4, w), 0);
	ck_assert_uint_eq(cut(UINT64_MAX - 3, 8, 4, w), 0);
	ck_assert_uint_eq(cut(UINT64_C(0x7f1200001000), 4, 0, w), 0);
}
END_TEST

static uint64_t seed = 0x9e3779b97f4a7c15;

static uint64_t any(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

/* One random request; false when its ranges do not hold it. */
static bool covered(void)
{
	struct gfx_watch w[WATCH_MAX_PARTS];
	uint64_t bytes = 1 + any() % (UINT64_C(1) << any() % 13), first = (any() >> 17) + any() % 64, at = first;
	unsigned most = 1 + (unsigned)(any() % 4), parts = cut(first, bytes, most, w);
	bool ok = parts <= most && (parts || most == 1); /* 4 KiB never cross more than one border that no mask spans */
	for (unsigned i = 0; i < parts; i++) {
		ok &= (w[i].address & w[i].mask) == w[i].address && w[i].size >= 128 && w[i].size == -w[i].mask;
		if (at - w[i].address < w[i].size)
			at = w[i].address + w[i].size;
	}
	return ok && (!parts || at - first >= bytes);
}

START_TEST(every_byte_is_covered_whatever_is_asked)
{
	unsigned n = 0;
	while (n < 200000 && covered())
		n++;
	ck_assert_uint_eq(n, 200000);
}
END_TEST

/* ------------------------------------------------------------------ accounting */

START_TEST(one_register_on_every_gpu)
{
	ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY + 8, 4), 0);
	for (unsigned g = 0; g < GPUS; g++) {
		ck_assert_uint_eq(taken(g), 1);
		ck_assert_uint_eq(kernel.set[g][0].addr, MEMORY);
		ck_assert_uint_eq(kernel.set[g][0].mask, 0xffffff80);
		ck_assert_uint_eq(kernel.set[g][0].mode, 1);
	}
	/* the neighbour shares it, another kind does not */
	ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY + 16, 8), 0);
	ck_assert_uint_eq(taken(0), 1);
	ck_assert_int_eq(insert(DBG_WATCH_READ, MEMORY + 16, 8), 0);
	ck_assert_int_eq(insert(DBG_WATCH_ACCESS, MEMORY + 16, 8), 0);
	ck_assert_uint_eq(taken(0), 3);
	ck_assert_uint_eq(kernel.set[1][1].mode, 0);
	ck_assert_uint_eq(kernel.set[1][2].mode, 3);
}
END_TEST

START_TEST(too_many_are_refused_and_nothing_leaks)
{
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY + 128 * i, 4), 0);
	ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY + 4096, 4), -DBG_REFUSED);
	ck_assert_ptr_nonnull(strstr(watch_last_refusal(&p), "watch registers"));
	ck_assert_uint_eq(taken(0), 4);
	ck_assert_uint_eq(taken(1), 4);
	/* one that shares a range is no problem */
	ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY + 64, 4), 0);
	ck_assert_str_eq(watch_last_refusal(&p), "");
}
END_TEST

START_TEST(registers_that_another_process_holds_count)
{
	kernel.taken[1][0] = kernel.taken[1][1] = kernel.taken[1][2] = true; /* of the second GPU */
	ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY, 4), 0);
	ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY + 128, 4), -DBG_REFUSED);
	ck_assert_uint_eq(taken(0), 1); /* given back */
	ck_assert_uint_eq(taken(1), 4);
	/* two ranges, of which the second cannot be had */
	watch_remove(&p, DBG_WATCH_WRITE, MEMORY, 4);
	watch_apply(&p, true);
	ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY + 4092, 8), -DBG_REFUSED);
	ck_assert_uint_eq(taken(0), 0);
	ck_assert_uint_eq(taken(1), 3);
}
END_TEST

START_TEST(a_gpu_that_fails_takes_nothing)
{
	kernel.fail_set = EIO;
	ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY, 4), -DBG_REFUSED);
	ck_assert_uint_eq(taken(0), 0);
	ck_assert_ptr_nonnull(strstr(watch_last_refusal(&p), "agent 2"));
	ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY, 4), 0);
}
END_TEST

START_TEST(a_client_may_remove_and_insert_at_every_stop)
{
	ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY, 4), 0);
	ck_assert(watch_work_pending(&p));
	watch_apply(&p, true);
	ck_assert(!watch_work_pending(&p));
	ck_assert_uint_eq(kernel.override, 0x80);
	for (unsigned i = 0; i < 10; i++) {
		watch_remove(&p, DBG_WATCH_WRITE, MEMORY, 4);
		ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY, 4), 0);
		watch_apply(&p, true);
	}
	ck_assert_uint_eq(kernel.n_set, GPUS);
	ck_assert_uint_eq(kernel.n_clear, 0);
	ck_assert_uint_eq(kernel.n_override, 1);
	/* four are removed, and their registers taken by four others at once */
	for (unsigned i = 1; i < 4; i++)
		ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY + 128 * i, 4), 0);
	for (unsigned i = 0; i < 4; i++)
		watch_remove(&p, DBG_WATCH_WRITE, MEMORY + 128 * i, 4);
	for (unsigned i = 4; i < 8; i++)
		ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY + 128 * i, 4), 0);
	ck_assert_uint_eq(taken(0), 4);
	/* the last one: hits trap no more, but not while only one wave steps */
	for (unsigned i = 4; i < 8; i++)
		watch_remove(&p, DBG_WATCH_WRITE, MEMORY + 128 * i, 4);
	watch_apply(&p, false);
	ck_assert_uint_eq(kernel.override, 0x80);
	watch_apply(&p, true);
	ck_assert_uint_eq(kernel.override, 0);
	ck_assert_uint_eq(taken(0) + taken(1), 0);
	ck_assert_uint_eq(kernel.n_set, kernel.n_clear);
}
END_TEST

START_TEST(the_value_is_the_one_before_waves_run)
{
	kernel.memory[8] = 5;
	ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY + 8, 4), 0);
	kernel.memory[8] = 6; /* by the user */
	watch_apply(&p, true);
	ck_assert(p.watches->old_known);
	ck_assert_uint_eq(p.watches->old[0], 6);
	kernel.memory[8] = 7; /* by a wave that has not been judged yet: a resume in between changes nothing */
	watch_apply(&p, true);
	ck_assert_uint_eq(p.watches->old[0], 6);
}
END_TEST

START_TEST(without_a_runtime_they_wait)
{
	p.runtime.usable = false;
	for (unsigned i = 0; i < 5; i++)
		ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY + 128 * i, 4), 0);
	ck_assert_uint_eq(kernel.n_set, 0);
	watch_apply(&p, true);
	ck_assert_uint_eq(kernel.n_override, 0);
	p.runtime.usable = true;
	watch_runtime_up(&p);
	ck_assert_uint_eq(taken(0), 4);
	ck_assert_uint_eq(taken(1), 4);
	ck_assert_ptr_nonnull(strstr(watch_last_refusal(&p), "watch registers")); /* of the fifth */
	/* the runtime goes, and the kernel has cleared all by itself */
	memset(kernel.taken, 0, sizeof kernel.taken);
	watch_forget_registers(&p);
	ck_assert_uint_eq(kernel.n_clear, 0);
	watch_runtime_up(&p);
	ck_assert_uint_eq(taken(0), 4);
}
END_TEST

START_TEST(what_hardware_cannot_see_is_refused_in_words)
{
	ck_assert_int_eq(insert(DBG_WATCH_WRITE, (UINT64_C(1) << 48) + 16, 4), -DBG_REFUSED);
	ck_assert_ptr_nonnull(strstr(watch_last_refusal(&p), "LDS"));
	ck_assert_int_eq(insert(DBG_WATCH_READ, (UINT64_C(2) << 48) + 16, 4), -DBG_REFUSED);
	ck_assert_ptr_nonnull(strstr(watch_last_refusal(&p), "private memory"));
	ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY, 0), -DBG_REFUSED);
	ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY, 1 << 20), -DBG_REFUSED);
	agents[1].info.capability = 0;
	ck_assert_int_eq(insert(DBG_WATCH_WRITE, MEMORY, 4), -DBG_REFUSED);
	ck_assert_uint_eq(kernel.n_set, 0);
}
END_TEST

START_TEST(precise_memory_and_its_limits)
{
	struct dbg_error err;
	ck_assert_int_eq(precise_set(&p, KIF_FLAG_PRECISE_ALU, true, &err), -DBG_UNSUPPORTED);
	ck_assert_int_eq(precise_set(&p, KIF_FLAG_PRECISE_MEMORY, true, &err), 0);
	ck_assert_uint_eq(kernel.flags, 1);
	precise_restore(&p);
	ck_assert_uint_eq(kernel.flags, 0);
	/* wished while there is no runtime */
	p.runtime.usable = false;
	precise_runtime_gone(&p);
	ck_assert_int_eq(precise_set(&p, KIF_FLAG_PRECISE_MEMORY, true, &err), 0);
	ck_assert_uint_eq(kernel.flags, 0);
	p.runtime.usable = true;
	precise_runtime_up(&p);
	ck_assert_uint_eq(kernel.flags, 1);
	agents[1].info.capability = 0;
	ck_assert_int_eq(precise_set(&p, KIF_FLAG_PRECISE_MEMORY, true, &err), -DBG_UNSUPPORTED);
	ck_assert_int_eq(precise_set(&p, KIF_FLAG_PRECISE_MEMORY, false, &err), 0);
	ck_assert_uint_eq(kernel.flags, 0);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(a_small_request_is_one_range), TAP_ONE(a_range_that_would_be_far_too_large_is_cut),
		TAP_ONE(every_byte_is_covered_whatever_is_asked), TAP_ONE(one_register_on_every_gpu),
		TAP_ONE(too_many_are_refused_and_nothing_leaks), TAP_ONE(registers_that_another_process_holds_count),
		TAP_ONE(a_gpu_that_fails_takes_nothing), TAP_ONE(a_client_may_remove_and_insert_at_every_stop),
		TAP_ONE(the_value_is_the_one_before_waves_run), TAP_ONE(without_a_runtime_they_wait),
		TAP_ONE(what_hardware_cannot_see_is_refused_in_words), TAP_ONE(precise_memory_and_its_limits),
	};
	return TAP_RUN("watch", tests, set_up, tear_down);
}
