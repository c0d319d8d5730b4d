/* The live backend: queues and devices, memory, management events. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/loop.h"
#include "src/kernel/smi.h"
#include "testsuite/unit/fake_kfd.h"
#include "testsuite/unit/tap.h"

/* A process with `present` queues; each reports its new-bit once. */
static uint32_t present;
static bool reported[100];

static int answer_queues(unsigned long request, void *args)
{
	(void)request;
	if (kfd_get32(args, 4) != KFD_TRAP_GET_QUEUE_SNAPSHOT)
		return 0;
	uint32_t room = kfd_get32(args, 24), stride = kfd_get32(args, 28);
	ck_assert_uint_eq(stride, 64);
	for (uint32_t i = 0; i < room && i < present; i++) {
		char *entry = (char *)kfd_pointer(kfd_get64(args, 16)) + (size_t)i * stride;
		uint32_t id = present - 1 - i;
		kfd_put64(entry, 0, reported[id] ? 0 : UINT64_C(0x40000000));
		reported[id] = true;
		kfd_put64(entry, 8, 0x1000 + id);
		kfd_put64(entry, 16, 0x2000 + id);
		kfd_put64(entry, 24, 0x3000 + id);
		kfd_put64(entry, 32, 0x4000 + id);
		kfd_put32(entry, 40, id);
		kfd_put32(entry, 44, 4711);
		kfd_put32(entry, 48, 4096);
		kfd_put32(entry, 52, 2);
		kfd_put32(entry, 56, 0x10000);
	}
	kfd_put32(args, 24, present);
	return 0;
}

START_TEST(queue_snapshot_grows_and_forgets_nothing)
{
	fake_kfd_open();
	fake_kfd.answer = answer_queues;
	memset(reported, 0, sizeof reported);
	present = 3;
	struct kif_queue *queues;
	size_t n;
	ck_assert_int_eq(kif_queues(fake_kfd.k, UINT64_C(0x40000000), &queues, &n, &fake_kfd.err), 0);
	ck_assert_uint_eq(fake_kfd.traps[KFD_TRAP_GET_QUEUE_SNAPSHOT], 1);
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(queues[0].id, 2); /* newest first */
	ck_assert_uint_eq(queues[0].exception_status, UINT64_C(0x40000000));
	ck_assert_uint_eq(queues[0].ring_base, 0x1002);
	ck_assert_uint_eq(queues[0].write_ptr_addr, 0x2002);
	ck_assert_uint_eq(queues[0].read_ptr_addr, 0x3002);
	ck_assert_uint_eq(queues[0].save_area, 0x4002);
	ck_assert_uint_eq(queues[0].gpu_id, 4711);
	ck_assert_uint_eq(queues[0].ring_bytes, 4096);
	ck_assert_uint_eq(queues[0].type, 2);
	ck_assert_uint_eq(queues[0].save_area_size, 0x10000);
	free(queues);
	present = 90; /* more than there is room for */
	fake_kfd_log_begin();
	ck_assert_int_eq(kif_queues(fake_kfd.k, UINT64_C(0x40000000), &queues, &n, &fake_kfd.err), 0);
	ck_assert_uint_eq(fake_kfd_lines_of(fake_kfd_log_end()), 2); /* one per call of the kernel */
	ck_assert_uint_eq(fake_kfd.traps[KFD_TRAP_GET_QUEUE_SNAPSHOT], 3);
	ck_assert_uint_eq(n, 90);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(queues[i].exception_status, queues[i].id < 3 ? 0 : UINT64_C(0x40000000));
	free(queues);
	present = 0;
	ck_assert_int_eq(kif_queues(fake_kfd.k, 0, &queues, &n, &fake_kfd.err), 0);
	ck_assert_uint_eq(n, 0);
	free(queues);
}
END_TEST

static int answer_short_entries(unsigned long request, void *args)
{
	(void)request;
	if (kfd_get32(args, 4) == KFD_TRAP_GET_QUEUE_SNAPSHOT || kfd_get32(args, 4) == KFD_TRAP_GET_DEVICE_SNAPSHOT) {
		kfd_put32(args, 24, 0);
		kfd_put32(args, 28, 40);
	}
	return 0;
}

START_TEST(entries_that_are_too_short)
{
	fake_kfd_open();
	fake_kfd.answer = answer_short_entries;
	struct kif_queue *queues;
	struct kif_agent *agents;
	size_t n;
	ck_assert_int_eq(kif_queues(fake_kfd.k, 0, &queues, &n, &fake_kfd.err), -DBG_UNSUPPORTED);
	ck_assert_int_eq(kif_agents(fake_kfd.k, 0, &agents, &n, &fake_kfd.err), -DBG_UNSUPPORTED);
}
END_TEST

static int answer_devices(unsigned long request, void *args)
{
	(void)request;
	if (kfd_get32(args, 4) != KFD_TRAP_GET_DEVICE_SNAPSHOT)
		return 0;
	ck_assert_uint_ne(kfd_get64(args, 16), 0);
	ck_assert_uint_eq(kfd_get32(args, 28), 120);
	char *entry = kfd_pointer(kfd_get64(args, 16));
	kfd_put64(entry, 8, UINT64_C(1) << 48);
	kfd_put64(entry, 24, UINT64_C(2) << 48);
	kfd_put32(entry, 56, 4711);
	kfd_put32(entry, 88, 90402);
	kfd_put32(entry, 92, 32);
	kfd_put32(entry, 108, 8);
	kfd_put32(entry, 112, 0x20008000);
	kfd_put32(entry, 116, 0x5e7);
	kfd_put32(entry + 120, 56, 12); /* a GPU that the topology does not show */
	kfd_put32(entry + 120, 88, 90010);
	kfd_put32(args, 24, 2);
	return 0;
}

START_TEST(agents_join_the_topology)
{
	fake_kfd_open();
	fake_kfd.answer = answer_devices;
	struct kif_agent *agents;
	size_t n;
	ck_assert_int_eq(kif_agents(fake_kfd.k, 0, &agents, &n, &fake_kfd.err), 0);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(agents[0].gpu_id, 4711);
	ck_assert_uint_eq(agents[0].gfx_target_version, 90402);
	ck_assert_uint_eq(agents[0].lds_base, UINT64_C(1) << 48);
	ck_assert_uint_eq(agents[0].scratch_base, UINT64_C(2) << 48);
	ck_assert_uint_eq(agents[0].simd_count, 32);
	ck_assert_uint_eq(agents[0].num_xcc, 8);
	ck_assert_uint_eq(agents[0].debug_prop, 0x5e7);
	ck_assert_uint_eq(agents[0].node, 1);
	ck_assert_int_eq(agents[0].drm_render_minor, 777);
	ck_assert_uint_eq(agents[0].capability, 0x20008000 | 640); /* the watch point bits come from the topology */
	ck_assert_str_eq(agents[0].name, "gfx942");                /* no such render node */
	ck_assert_uint_eq(agents[1].node, ~0u);
	ck_assert_int_eq(agents[1].drm_render_minor, -1);
	ck_assert_str_eq(agents[1].name, "gfx90a");
	free(agents);
}
END_TEST

START_TEST(memory)
{
	static uint64_t word = 42;
	fake_kfd_open();
	uint64_t got = 0;
	size_t n = 0;
	ck_assert_int_eq(kif_mem_read(fake_kfd.k, (uint64_t)(uintptr_t)&word, &got, 8, &n, &fake_kfd.err), 0);
	ck_assert_uint_eq(n, 8);
	ck_assert_uint_eq(got, 42);
	got = 43;
	ck_assert_int_eq(kif_mem_write(fake_kfd.k, (uint64_t)(uintptr_t)&word, &got, 8, &n, &fake_kfd.err), 0);
	ck_assert_uint_eq(*(volatile uint64_t *)&word, 43);
	ck_assert_int_eq(kif_mem_read(fake_kfd.k, 0, &got, 8, &n, &fake_kfd.err), -DBG_REFUSED);
	ck_assert_int_eq(kif_mem_read(fake_kfd.k, UINT64_MAX - 3, &got, 8, &n, &fake_kfd.err), -DBG_REFUSED);
	ck_assert_uint_eq(fake_kfd.calls, 1); /* of the device: only its version was asked */
}
END_TEST

static int answer_smi(unsigned long request, void *args)
{
	if (request != KFD_IOC_SMI_EVENTS)
		return 0;
	if (kfd_get32(args, 0) != 4711) {
		errno = EINVAL;
		return -1;
	}
	kfd_put32(args, 4, 123);
	return 0;
}

START_TEST(management_events)
{
	fake_kfd_open();
	fake_kfd.answer = answer_smi;
	int fd = -1;
	ck_assert_int_eq(kif_smi_open(fake_kfd.k, 4711, &fd, &fake_kfd.err), 0);
	ck_assert_int_eq(fd, 123);
	ck_assert_int_eq(kif_smi_open(fake_kfd.k, 4712, &fd, &fake_kfd.err), -DBG_UNSUPPORTED);
}
END_TEST

static int smi_kernel_end;

static int answer_smi_pipe(unsigned long request, void *args)
{
	int fds[2];
	if (request != KFD_IOC_SMI_EVENTS)
		return 0;
	if (kfd_get32(args, 0) != 4711) {
		errno = EINVAL;
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return -1;
	smi_kernel_end = fds[1];
	kfd_put32(args, 4, (uint32_t)fds[0]);
	return 0;
}

struct resets {
	struct loop *l;
	char told[128];
};

static void on_reset(void *arg, uint32_t gpu_id, bool done, const char *text)
{
	struct resets *r = arg;
	size_t n = strlen(r->told);
	snprintf(r->told + n, sizeof r->told - n, "%u %s %s;", gpu_id, done ? "done" : "begun", text);
	if (done)
		loop_quit(r->l); /* all has come in one read */
}

START_TEST(resets_are_told)
{
	struct resets resets = { .told = "" };
	struct smi *smi;
	static const uint32_t ids[] = { 12, 4711 }; /* the first has none */
	fake_kfd_open();
	fake_kfd.answer = answer_smi_pipe;
	ck_assert_int_eq(loop_create(&resets.l, &fake_kfd.err), 0);
	ck_assert_int_eq(smi_create(fake_kfd.k, resets.l, ids, 1, on_reset, &resets, &smi, &fake_kfd.err), -DBG_UNSUPPORTED);
	ck_assert_int_eq(smi_create(fake_kfd.k, resets.l, ids, 2, on_reset, &resets, &smi, &fake_kfd.err), 0);
	uint64_t mask;
	ck_assert_int_eq(read(smi_kernel_end, &mask, sizeof mask), sizeof mask);
	ck_assert_uint_eq(mask, 0xd); /* page faults, before and after a reset */
	static const char text[] = "3 7 ring timeout\n4 7\nnonsense\n1 5:a\n3";
	ck_assert_int_eq(write(smi_kernel_end, text, sizeof text - 1), (int)sizeof text - 1);
	fake_kfd_log_begin();
	ck_assert_int_eq(loop_run(resets.l, &fake_kfd.err), 0);
	const char *log = fake_kfd_log_end();
	ck_assert_str_eq(resets.told, "4711 begun 7 ring timeout;4711 done 7;");
	ck_assert_ptr_nonnull(strstr(log, "cannot be read: nonsense"));
	ck_assert_ptr_nonnull(strstr(log, "management event 1: 5:a"));
	ck_assert_uint_eq(fake_kfd_lines_of(log), 2); /* the last line is not whole */
	smi_destroy(smi);
	char byte;
	ck_assert_int_eq(read(smi_kernel_end, &byte, 1), 0); /* closed */
	close(smi_kernel_end);
	loop_destroy(resets.l);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_ONE(queue_snapshot_grows_and_forgets_nothing), TAP_ONE(entries_that_are_too_short),
		TAP_ONE(agents_join_the_topology), TAP_ONE(memory), TAP_ONE(management_events), TAP_ONE(resets_are_told),
	};
	return TAP_RUN("kif lists", tests, fake_kfd_setup, fake_kfd_teardown);
}
