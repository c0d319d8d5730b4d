/* The one door to the kernel seam: arguments are checked, and every call is a line of --debug=kernel. */
#include "src/kernel/kif.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "src/base/log.h"
#include "src/kernel/kfd_abi.h"

/* One call under way. The error is kept here, so that the log knows it also when the caller does not want to. */
struct call {
	uint64_t start_us;
	struct dbg_error err;
	char args[640];
	size_t len;
};

static uint64_t now_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

__attribute__((format(printf, 2, 3))) static void add(struct call *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(c->args + c->len, sizeof c->args - c->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		c->len += (size_t)n < sizeof c->args - c->len ? (size_t)n : sizeof c->args - c->len - 1;
}

static void begin(struct call *c)
{
	c->len = 0;
	c->args[0] = '\0';
	c->err.class = DBG_OK;
	c->err.sys_errno = 0;
	c->err.text[0] = '\0';
	c->start_us = now_us();
}

static void tally(struct kif *k, const char *op, uint64_t us, bool failed)
{
	for (size_t i = 0; i < KIF_OPS; i++) {
		struct kif_calls *calls = &k->calls[i];
		if (!calls->op)
			calls->op = op;
		if (strcmp(calls->op, op) != 0)
			continue;
		calls->calls++;
		calls->us += us;
		calls->failed += failed;
		return;
	}
}

uint64_t kif_driver_calls(const struct kif *k)
{
	uint64_t n = 0;
	for (size_t i = 0; i < KIF_OPS && k->calls[i].op; i++)
		if (strcmp(k->calls[i].op, "read") != 0 && strcmp(k->calls[i].op, "write") != 0)
			n += k->calls[i].calls;
	return n;
}

/* Writes the line and hands the error on. `result` is what a successful call answered. */
__attribute__((format(printf, 7, 8)))
static int end(struct kif *k, struct call *c, enum log_category category, const char *op, int rc, struct dbg_error *err, const char *result, ...)
{
	uint64_t us = now_us() - c->start_us;
	tally(k, op, us, rc != 0);
	if (rc && err)
		*err = c->err;
	if (!log_enabled(category))
		return rc;
	char text[320];
	if (rc) {
		const char *name = c->err.sys_errno ? strerrorname_np(c->err.sys_errno) : NULL;
		snprintf(text, sizeof text, "%s (%s)", name ? name : "error", c->err.text);
	} else {
		va_list ap;
		va_start(ap, result);
		vsnprintf(text, sizeof text, result, ap);
		va_end(ap);
	}
	log_debug(category, "%s%s -> %s (%" PRIu64 " us)", op, c->args, text, us);
	return rc;
}

#define KERNEL_END(op, ...) end(k, &c, LOG_KERNEL, op, rc, err, __VA_ARGS__)

int kif_version(struct kif *k, unsigned *major, unsigned *minor, struct dbg_error *err)
{
	struct call c;
	unsigned a = 0, b = 0;
	begin(&c);
	int rc = k->ops->version(k, &a, &b, &c.err);
	if (!rc) {
		*major = a;
		*minor = b;
	}
	return KERNEL_END("GET_VERSION", "%u.%u", a, b);
}

int kif_enable(struct kif *k, uint64_t events, struct kif_runtime_info *info, struct dbg_error *err)
{
	struct call c;
	struct kif_runtime_info got = { 0, 0, 0 };
	begin(&c);
	int rc = k->ops->enable(k, events, &got, &c.err);
	add(&c, " pid=%d events=0x%" PRIx64, (int)k->pid, events);
	if (!rc)
		*info = got;
	return KERNEL_END("ENABLE", "0 r_debug=0x%" PRIx64 " state=%u ttmp_setup=%u", got.r_debug, got.state, got.ttmp_setup);
}

int kif_disable(struct kif *k, struct dbg_error *err)
{
	struct call c;
	begin(&c);
	int rc = k->ops->disable(k, &c.err);
	return KERNEL_END("DISABLE", "0");
}

int kif_subscribe(struct kif *k, uint64_t events, struct dbg_error *err)
{
	struct call c;
	begin(&c);
	int rc = k->ops->subscribe(k, events, &c.err);
	add(&c, " events=0x%" PRIx64, events);
	return KERNEL_END("SET_EXCEPTIONS_ENABLED", "0");
}

int kif_send_runtime_event(struct kif *k, uint64_t mask, uint32_t gpu_id, uint32_t queue_id, struct dbg_error *err)
{
	struct call c;
	begin(&c);
	int rc = k->ops->send_runtime_event(k, mask, gpu_id, queue_id, &c.err);
	add(&c, " mask=0x%" PRIx64 " gpu=%" PRId32 " queue=%" PRId32, mask, (int32_t)gpu_id, (int32_t)queue_id);
	return KERNEL_END("SEND_RUNTIME_EVENT", "0");
}

int kif_launch_override(struct kif *k, uint32_t mode, uint32_t *enable, uint32_t *request, struct dbg_error *err)
{
	struct call c;
	uint32_t e = *enable, r = *request;
	if (mode > 1)
		return dbg_fail(err, DBG_BAD_REQUEST, "launch override mode %u is neither OR (0) nor REPLACE (1)", mode);
	begin(&c);
	add(&c, " mode=%u enable=0x%x request=0x%x", mode, e, r);
	int rc = k->ops->launch_override(k, mode, &e, &r, &c.err);
	if (!rc) {
		*enable = e;
		*request = r;
	}
	return KERNEL_END("SET_WAVE_LAUNCH_OVERRIDE", "0 previous=0x%x supported=0x%x", e, r);
}

int kif_launch_mode(struct kif *k, uint32_t mode, struct dbg_error *err)
{
	struct call c;
	if (mode != 0 && mode != 1 && mode != 3)
		return dbg_fail(err, DBG_BAD_REQUEST, "launch mode %u is none of normal (0), halt (1) and single step (3)", mode);
	begin(&c);
	int rc = k->ops->launch_mode(k, mode, &c.err);
	add(&c, " mode=%u", mode);
	return KERNEL_END("SET_WAVE_LAUNCH_MODE", "0");
}

/* "queues=[0,1,7:invalid]"; a long list is cut, its length is told. */
static void add_queues(struct call *c, const struct kif_queue_ref *refs, size_t n, bool done)
{
	enum { SHOWN = 32 };
	if (!refs) {
		add(c, " queues=all");
		return;
	}
	add(c, " queues=[");
	for (size_t i = 0; i < n && i < SHOWN; i++) {
		const char *mark = !done || refs[i].result == KIF_QUEUE_DONE ? "" : refs[i].result == KIF_QUEUE_INVALID ? ":invalid" : ":error";
		add(c, "%s%u%s", i ? "," : "", refs[i].id, mark);
	}
	add(c, n > SHOWN ? ",... %zu in all]" : "]", n);
}

static int check_queues(const struct kif_queue_ref *refs, size_t n, struct dbg_error *err)
{
	if (n > KFD_MAX_QUEUES)
		return dbg_fail(err, DBG_BAD_REQUEST, "%zu queues in one call, the kernel takes %d", n, KFD_MAX_QUEUES);
	for (size_t i = 0; refs && i < n; i++)
		if (refs[i].id & (KFD_QUEUE_ERROR | KFD_QUEUE_INVALID))
			return dbg_fail(err, DBG_BAD_REQUEST, "0x%x is no queue id", refs[i].id);
	return 0;
}

int kif_suspend(struct kif *k, uint64_t clear, struct kif_queue_ref *refs, size_t n, unsigned *done, struct dbg_error *err)
{
	struct call c;
	unsigned count = 0;
	int rc = check_queues(refs, n, err);
	if (rc)
		return rc;
	if (!refs && n)
		return dbg_fail(err, DBG_BAD_REQUEST, "no list of queues to suspend");
	begin(&c);
	rc = k->ops->suspend(k, clear, refs, n, &count, &c.err);
	add(&c, " clear=0x%" PRIx64, clear);
	add_queues(&c, refs, refs ? n : 0, !rc);
	add(&c, " grace=0");
	if (!rc && done)
		*done = count;
	return KERNEL_END("SUSPEND_QUEUES", "%u", count);
}

int kif_resume(struct kif *k, struct kif_queue_ref *refs, size_t n, unsigned *done, struct dbg_error *err)
{
	struct call c;
	unsigned count = 0;
	int rc = check_queues(refs, n, err);
	if (rc)
		return rc;
	begin(&c);
	rc = k->ops->resume(k, refs, n, &count, &c.err);
	add_queues(&c, refs, n, !rc);
	if (!rc && done)
		*done = count;
	return KERNEL_END("RESUME_QUEUES", "%u", count);
}

int kif_set_watch(struct kif *k, uint32_t gpu_id, uint64_t addr, uint32_t mask, uint32_t mode, uint32_t *id, struct dbg_error *err)
{
	struct call c;
	uint32_t got = 0;
	if (mode > 3)
		return dbg_fail(err, DBG_BAD_REQUEST, "watch mode %u is none of read (0), non-read (1), atomic (2) and all (3)", mode);
	begin(&c);
	int rc = k->ops->set_watch(k, gpu_id, addr, mask, mode, &got, &c.err);
	add(&c, " gpu=%u addr=0x%" PRIx64 " mask=0x%x mode=%u", gpu_id, addr, mask, mode);
	if (!rc)
		*id = got;
	return KERNEL_END("SET_NODE_ADDRESS_WATCH", "0 id=%u", got);
}

int kif_clear_watch(struct kif *k, uint32_t gpu_id, uint32_t id, struct dbg_error *err)
{
	struct call c;
	begin(&c);
	int rc = k->ops->clear_watch(k, gpu_id, id, &c.err);
	add(&c, " gpu=%u id=%u", gpu_id, id);
	return KERNEL_END("CLEAR_NODE_ADDRESS_WATCH", "0");
}

int kif_set_flags(struct kif *k, uint32_t *flags, struct dbg_error *err)
{
	struct call c;
	uint32_t f = *flags;
	begin(&c);
	add(&c, " flags=0x%x", f);
	int rc = k->ops->set_flags(k, &f, &c.err);
	if (!rc)
		*flags = f;
	return KERNEL_END("SET_FLAGS", "0 previous=0x%x", f);
}

int kif_query_event(struct kif *k, uint64_t clear, struct kif_event *out, struct dbg_error *err)
{
	struct call c;
	struct kif_event got = { 0, 0, 0 };
	begin(&c);
	int rc = k->ops->query_event(k, clear, &got, &c.err);
	add(&c, " clear=0x%" PRIx64, clear);
	if (!rc)
		*out = got;
	return KERNEL_END("QUERY_DEBUG_EVENT", "0 status=0x%" PRIx64 " gpu=%u queue=%u", got.mask, got.gpu_id, got.queue_id);
}

int kif_query_info(struct kif *k, uint32_t code, uint32_t source, bool clear, void *buf, uint32_t *size, struct dbg_error *err)
{
	struct call c;
	begin(&c);
	add(&c, " code=%u source=%u clear=%d size=%u", code, source, clear, *size);
	int rc = k->ops->query_info(k, code, source, clear, buf, size, &c.err);
	return KERNEL_END("QUERY_EXCEPTION_INFO", "0 size=%u", *size);
}

int kif_queues(struct kif *k, uint64_t clear, struct kif_queue **out, size_t *n, struct dbg_error *err)
{
	struct call c;
	struct kif_queue *got = NULL;
	size_t count = 0;
	begin(&c);
	int rc = k->ops->queues(k, clear, &got, &count, &c.err);
	add(&c, " clear=0x%" PRIx64, clear);
	if (!rc) {
		*out = got;
		*n = count;
	}
	return KERNEL_END("GET_QUEUE_SNAPSHOT", "0 queues=%zu", count);
}

int kif_agents(struct kif *k, uint64_t clear, struct kif_agent **out, size_t *n, struct dbg_error *err)
{
	struct call c;
	struct kif_agent *got = NULL;
	size_t count = 0;
	begin(&c);
	int rc = k->ops->agents(k, clear, &got, &count, &c.err);
	add(&c, " clear=0x%" PRIx64, clear);
	if (!rc) {
		*out = got;
		*n = count;
	}
	return KERNEL_END("GET_DEVICE_SNAPSHOT", "0 devices=%zu", count);
}

int kif_mem_read(struct kif *k, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err)
{
	struct call c;
	size_t count = 0;
	begin(&c);
	int rc = k->ops->mem_read(k, addr, buf, n, &count, &c.err);
	if (!rc)
		*got = count;
	if (log_enabled(LOG_MEMORY))
		add(&c, " addr=0x%" PRIx64 " bytes=%zu", addr, n);
	return end(k, &c, LOG_MEMORY, "read", rc, err, "%zu", count);
}

int kif_mem_write(struct kif *k, uint64_t addr, const void *buf, size_t n, size_t *put, struct dbg_error *err)
{
	struct call c;
	size_t count = 0;
	begin(&c);
	int rc = k->ops->mem_write(k, addr, buf, n, &count, &c.err);
	if (!rc)
		*put = count;
	if (log_enabled(LOG_MEMORY))
		add(&c, " addr=0x%" PRIx64 " bytes=%zu", addr, n);
	return end(k, &c, LOG_MEMORY, "write", rc, err, "%zu", count);
}

int kif_event_fd(struct kif *k)
{
	return k->ops->event_fd(k);
}

void kif_drain(struct kif *k)
{
	k->ops->drain(k);
}

int kif_smi_open(struct kif *k, uint32_t gpu_id, int *fd, struct dbg_error *err)
{
	struct call c;
	int got = -1;
	if (!k->ops->smi_open)
		return dbg_fail(err, DBG_UNSUPPORTED, "%s has no system management events", k->ops->name);
	begin(&c);
	int rc = k->ops->smi_open(k, gpu_id, &got, &c.err);
	add(&c, " gpu=%u", gpu_id);
	if (!rc)
		*fd = got;
	return KERNEL_END("SMI_EVENTS", "0");
}

static int read_one_by_one(struct kif *k, const struct kif_range *ranges, size_t n, struct dbg_error *err)
{
	for (size_t i = 0; i < n; i++) {
		size_t got;
		int rc = k->ops->mem_read(k, ranges[i].addr, ranges[i].buf, ranges[i].bytes, &got, err);
		if (rc)
			return rc;
		if (got != ranges[i].bytes)
			return dbg_fail(err, DBG_REFUSED, "only %zu of %zu bytes at 0x%" PRIx64 " can be read", got, ranges[i].bytes, ranges[i].addr);
	}
	return 0;
}

int kif_mem_read_ranges(struct kif *k, const struct kif_range *ranges, size_t n, struct dbg_error *err)
{
	struct call c;
	begin(&c);
	int rc = k->ops->mem_read_ranges ? k->ops->mem_read_ranges(k, ranges, n, &c.err) : read_one_by_one(k, ranges, n, &c.err);
	add(&c, " %zu ranges from 0x%" PRIx64, n, n ? ranges[0].addr : 0);
	return end(k, &c, LOG_MEMORY, "read", rc, err, "%zu", n);
}

static int write_one_by_one(struct kif *k, const struct kif_range *ranges, size_t n, struct dbg_error *err)
{
	for (size_t i = 0; i < n; i++) {
		size_t put;
		int rc = k->ops->mem_write(k, ranges[i].addr, ranges[i].buf, ranges[i].bytes, &put, err);
		if (rc)
			return rc;
		if (put != ranges[i].bytes)
			return dbg_fail(err, DBG_REFUSED, "only %zu of %zu bytes at 0x%" PRIx64 " can be written", put, ranges[i].bytes, ranges[i].addr);
	}
	return 0;
}

int kif_mem_write_ranges(struct kif *k, const struct kif_range *ranges, size_t n, struct dbg_error *err)
{
	struct call c;
	begin(&c);
	int rc = k->ops->mem_write_ranges ? k->ops->mem_write_ranges(k, ranges, n, &c.err) : write_one_by_one(k, ranges, n, &c.err);
	add(&c, " %zu ranges from 0x%" PRIx64, n, n ? ranges[0].addr : 0);
	return end(k, &c, LOG_MEMORY, "write", rc, err, "%zu", n);
}

int kif_vm_fault(struct kif *k, int render_minor, struct kif_vm_fault *out, struct dbg_error *err)
{
	struct call c;
	struct kif_vm_fault got = { 0, 0, 0 };
	if (!k->ops->vm_fault)
		return dbg_fail(err, DBG_UNSUPPORTED, "%s does not know the memory's faults", k->ops->name);
	begin(&c);
	int rc = k->ops->vm_fault(k, render_minor, &got, &c.err);
	add(&c, " minor=%d", render_minor);
	if (!rc)
		*out = got;
	return KERNEL_END("GPUVM_FAULT", "0 addr=0x%" PRIx64 " status=0x%x hub=%u", got.addr, got.status, got.hub);
}

void kif_close(struct kif *k)
{
	if (k)
		k->ops->close(k);
}
