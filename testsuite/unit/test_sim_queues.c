/* The simulated driver's queues: what creating them checks, updating, ids, a copy queue. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sim/driver/handlers.h"
#include "testsuite/unit/debug_rig.h"
#include "testsuite/unit/gpu_kernels.h"
#include "testsuite/unit/tap.h"

static int create_with(unsigned offset, uint64_t value, unsigned n)
{
	struct fake_queue other = { .process = dbg.target };
	uint8_t args[96];
	fake_queue_args(dbg.driver, &other, args);
	memcpy(args + offset, &value, n);
	return fake_ioctl(NULL, dbg.target, dbg.child, sim_ioctl_create_queue, args, sizeof(args), -1);
}

START_TEST(create_queue_checks)
{
	dbg.target = sim_process_get(dbg.driver, dbg.child);
	ck_assert_int_eq(create_with(40, 9, 4), -524);
	ck_assert_int_eq(create_with(44, 101, 4), -EINVAL);
	ck_assert_int_eq(create_with(48, 16, 4), -EINVAL);
	ck_assert_int_eq(create_with(32, 3000, 4), -EINVAL);
	ck_assert_int_eq(create_with(8, UINT64_C(1) << 60, 8), -EFAULT);
	ck_assert_int_eq(create_with(0, 0x5000, 8), -EINVAL);
	ck_assert_int_eq(create_with(36, dbg.gpu ^ 1, 4), -EINVAL);
	ck_assert_int_eq(create_with(80, 4096, 4), -EINVAL);
	ck_assert_int_eq(create_with(84, 4096, 4), -EINVAL);
	dbg.target->pdds[0].vm_acquired = false;
	ck_assert_int_eq(create_with(0, 0x5000, 8), -ESRCH);
	dbg.target->pdds[0].vm_acquired = true;
	ck_assert_int_eq(create_with(44, 100 | 1 << 8, 4), 0);
}
END_TEST

START_TEST(ids_and_doorbells_are_reused)
{
	struct fake_call fc;
	dbg.target = sim_process_get(dbg.driver, dbg.child);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_uint_eq(fake_queue_create(dbg.driver, dbg.target).id, i);
	ck_assert_int_eq(dbg_destroy_queue(&fc, 1), 0);
	sim_process_doorbells(&dbg.target->pdds[0])[1] = 5;
	ck_assert_uint_eq(fake_queue_create(dbg.driver, dbg.target).id, 1);
	ck_assert_uint_eq(dbg.target->queues->doorbell, 1);
	ck_assert_uint_eq(sim_process_doorbells(&dbg.target->pdds[0])[1], UINT64_MAX);
}
END_TEST

START_TEST(update_queue_deactivates)
{
	struct { uint64_t ring; uint32_t id, size, percent, priority; } a;
	dbg.target = sim_process_get(dbg.driver, dbg.child);
	dbg.fq = fake_queue_create(dbg.driver, dbg.target);
	struct fake_kernel shape = { .vgprs = 8, .accum = 4 };
	struct fake_dispatch d = { .kernel = fake_kernel(dbg.driver, &shape, code_spin, 1), .grid = { 64 }, .group = { 64 } };
	fake_dispatch(dbg.driver, &dbg.fq, &d);
	fake_run_us(dbg.driver, 200);
	a.ring = (uint64_t)(uintptr_t)dbg.fq.ring;
	a.id = 44;
	a.size = dbg.fq.ring_bytes;
	a.percent = 0;
	a.priority = 7;
	ck_assert_int_eq(fake_ioctl(NULL, dbg.target, dbg.child, sim_ioctl_update_queue, &a, sizeof(a), -1), -EFAULT);
	a.id = dbg.fq.id;
	ck_assert_int_eq(fake_ioctl(NULL, dbg.target, dbg.child, sim_ioctl_update_queue, &a, sizeof(a), -1), 0);
	ck_assert(!sim_queue_active(dbg.target->queues));
	struct { uint64_t stack; uint32_t used, waves, id, pad; } state = { (uint64_t)(uintptr_t)dbg.fq.save, 0, 0, dbg.fq.id, 0 };
	ck_assert_int_eq(fake_ioctl(NULL, dbg.target, dbg.child, sim_ioctl_get_queue_wave_state, &state, sizeof(state), -1), 0);
	ck_assert_uint_eq(state.used, 16); /* two header words, a state, a wave */
	ck_assert_uint_gt(state.waves, 8 * 256);
	a.percent = 100;
	ck_assert_int_eq(fake_ioctl(NULL, dbg.target, dbg.child, sim_ioctl_update_queue, &a, sizeof(a), -1), 0);
	ck_assert_int_eq(fake_ioctl(NULL, dbg.target, dbg.child, sim_ioctl_get_queue_wave_state, &state, sizeof(state), -1), -EINVAL);
	ck_assert_uint_eq(sim_queue_wave_count(dbg.target->queues), 1);
}
END_TEST

/* Copy, fill, fence, atomic, poll, trap and time stamp of a copy queue. */
START_TEST(copy_queue)
{
	struct fake_queue sdma = { 0 };
	uint8_t args[96];
	uint64_t doorbell;
	uint32_t *src, *dst, *flags;
	dbg.target = sim_process_get(dbg.driver, dbg.child);
	fake_queue_args(dbg.driver, &sdma, args);
	args[40] = 1;
	memset(args + 72, 0, 16);
	ck_assert_int_eq(fake_ioctl(NULL, dbg.target, dbg.child, sim_ioctl_create_queue, args, sizeof(args), -1), 0);
	memcpy(&doorbell, args + 24, 8);
	src = fake_alloc(dbg.driver, 1 << 18);
	dst = fake_alloc(dbg.driver, 1 << 18);
	flags = fake_alloc(dbg.driver, 4096);
	for (unsigned i = 0; i < (1 << 18) / 4; i++)
		src[i] = i * 7;
	uint64_t s = (uint64_t)(uintptr_t)src, d = (uint64_t)(uintptr_t)dst, f = (uint64_t)(uintptr_t)flags;
	uint64_t fill = d + 0x20000, stamp = f + 64, sum = f + 128, gate = f + 192;
	uint32_t packets[] = {
		8 | 1u << 31 | 3 << 28, (uint32_t)gate, (uint32_t)(gate >> 32), 1, 0xffffffff, 0, /* wait until *gate == 1 */
		1, 0x20000 - 1, 0, (uint32_t)s, (uint32_t)(s >> 32), (uint32_t)d, (uint32_t)(d >> 32),
		11 | 2u << 30, (uint32_t)fill, (uint32_t)(fill >> 32), 0xabcd1234, 16 - 4,
		5, (uint32_t)f, (uint32_t)(f >> 32), 99,
		10 | 47u << 25, (uint32_t)sum, (uint32_t)(sum >> 32), 0xffffffff, 0xffffffff, 0, 0, 0,
		13 | 2 << 8, (uint32_t)stamp, (uint32_t)(stamp >> 32),
		0,
		6, 3,
	};
	flags[32] = 5;
	memcpy(sdma.ring, packets, sizeof(packets));
	sim_process_doorbells(&dbg.target->pdds[0])[(doorbell & 8191) / 8] = sizeof(packets);
	fake_run_us(dbg.driver, 300);
	ck_assert_uint_eq(flags[0], 0);
	flags[48] = 1;
	fake_run_us(dbg.driver, 300);
	ck_assert_mem_eq(src, dst, 0x20000);
	ck_assert(dst[0x20000 / 4 + 3] == 0xabcd1234 && dst[0x20000 / 4 + 4] == 0);
	ck_assert_uint_eq(flags[0], 99);
	ck_assert_uint_eq(flags[32], 4);
	ck_assert_uint_ne(flags[16], 0);
	ck_assert_uint_eq(dbg.driver->event_count[3], 1);
	uint64_t read;
	memcpy(&read, sdma.amd_queue + 128, 8);
	ck_assert_uint_eq(read, sizeof(packets));
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(create_queue_checks), TAP_ONE(ids_and_doorbells_are_reused), TAP_ONE(update_queue_deactivates),
		TAP_ONE(copy_queue),
	};
	return TAP_RUN("queues", tests, dbg_setup, dbg_teardown);
}
