/* Submitting a packet and waiting for its end, or for the bad news that take its place. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "testsuite/wavelaunch/queue.h"

void wl_queue_submit(struct wl_queue *q, const struct aql_dispatch *packet)
{
	__atomic_store_n(&q->done->value, 1, __ATOMIC_RELAXED);
	uint64_t index = __atomic_fetch_add(&q->aql->write_index, 1, __ATOMIC_RELAXED);
	struct aql_dispatch *slot = (struct aql_dispatch *)q->ring.addr + index % q->packets;
	memcpy((char *)slot + 4, (const char *)packet + 4, sizeof *slot - 4);
	/* The header makes the packet visible: everything else is written before it. Header and setup are one word. */
	uint16_t header = AQL_TYPE_KERNEL_DISPATCH | AQL_HEADER_BARRIER | AQL_HEADER_ACQUIRE_SYSTEM | AQL_HEADER_RELEASE_SYSTEM;
	__atomic_store_n((uint32_t *)slot, header | (uint32_t)packet->setup << 16, __ATOMIC_RELEASE);
	__atomic_store_n(q->doorbell, index, __ATOMIC_RELEASE);
}

/* ------------------------------------------------------------------ what went wrong */

struct exception {
	unsigned code;
	const char *name;
};

static const struct exception exceptions[] = {
	{ 1, "wave abort" },
	{ 2, "wave trap" },
	{ 3, "wave math error" },
	{ 4, "wave illegal instruction" },
	{ 5, "wave memory violation" },
	{ 6, "wave aperture violation" },
	{ 16, "packet: invalid dimensions" },
	{ 17, "packet: invalid group segment size" },
	{ 18, "packet: invalid code" },
	{ 19, "packet: reserved" },
	{ 20, "packet: unsupported" },
	{ 21, "packet: invalid work-group size" },
	{ 22, "packet: invalid register count" },
	{ 23, "packet: vendor packet unsupported" },
	{ 30, "preemption error" },
	{ 33, "device memory violation" },
	{ 34, "device RAS error" },
	{ 35, "device fatal halt" },
};

static void describe_payload(uint64_t payload, struct wl_err *err)
{
	for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++) {
		uint64_t bit = 1ull << (exceptions[i].code - 1);
		if (payload & bit)
			wl_fail_more(err, " %s (code %u);", exceptions[i].name, exceptions[i].code);
		payload &= ~bit;
	}
	if (payload)
		wl_fail_more(err, " exceptions 0x%llx;", (unsigned long long)payload);
}

static void describe_memory(const struct kfd_memory_exception *m, struct wl_err *err)
{
	wl_fail_more(err, " memory fault at address 0x%llx on GPU %u:%s%s%s;", (unsigned long long)m->address, m->gpu_id,
		     m->not_present ? " page not present" : "", m->read_only ? " read-only" : "", m->no_execute ? " not executable" : "");
}

/* 0 when nothing is wrong. */
static int look_for_faults(struct wl_device *dev, struct wl_events *ev, struct wl_queue *q, struct wl_bad_news *news, struct wl_err *err)
{
	uint64_t payload = (uint64_t)__atomic_load_n(&q->error->value, __ATOMIC_ACQUIRE);
	int64_t request = __atomic_load_n(&q->inactive->value, __ATOMIC_ACQUIRE);
	if (!payload && !request && !news->memory.gpu_id && !news->hw.gpu_id)
		return 0;
	/* One cause, several messengers: the others may be a moment behind. */
	struct timespec moment = { .tv_nsec = 100000000 };
	nanosleep(&moment, NULL);
	struct wl_err ignored = { 0 };
	wl_events_wait(dev, ev, 0, news, &ignored);
	payload = (uint64_t)__atomic_load_n(&q->error->value, __ATOMIC_ACQUIRE);
	wl_fail(err, WL_FAULT, "GPU fault:");
	describe_payload(payload, err);
	if (news->memory.gpu_id)
		describe_memory(&news->memory, err);
	if (news->hw.gpu_id)
		wl_fail_more(err, " hardware exception on GPU %u: reset type %u, cause %u, memory %s;", news->hw.gpu_id, news->hw.reset_type,
			     news->hw.reset_cause, news->hw.memory_lost ? "lost" : "kept");
	if (request)
		wl_fail_more(err, " the packet processor stopped with request 0x%llx;", (unsigned long long)request);
	size_t n = strlen(err->text);
	if (err->text[n - 1] == ';')
		err->text[n - 1] = '\0';
	return -1;
}

/* ------------------------------------------------------------------ waiting */

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int wl_queue_wait(struct wl_device *dev, struct wl_events *ev, struct wl_queue *q, uint32_t timeout_ms, struct wl_err *err)
{
	struct wl_bad_news news = { 0 };
	uint64_t end = now_ms() + timeout_ms;
	for (;;) {
		/* A fault of a wave comes before the completion, or instead of it. */
		if (look_for_faults(dev, ev, q, &news, err))
			return -1;
		if (__atomic_load_n(&q->done->value, __ATOMIC_ACQUIRE) <= 0)
			return 0;
		uint32_t slice = UINT32_MAX;
		if (timeout_ms) {
			uint64_t now = now_ms();
			if (now >= end)
				return wl_fail(err, WL_TIMEOUT, "the kernel did not finish within %u.%03u seconds", timeout_ms / 1000, timeout_ms % 1000);
			slice = (uint32_t)(end - now);
		}
		if (wl_events_wait(dev, ev, slice, &news, err))
			return -1;
	}
}
