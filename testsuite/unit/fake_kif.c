#include "testsuite/unit/fake_kif.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { FAKE_GPU = 0x1234, FAKE_QUEUE = 7 };

static struct fake_kif *of(struct kif *k)
{
	return (struct fake_kif *)k;
}

static int check(const struct fake_kif *f, struct dbg_error *err)
{
	return f->gone ? dbg_fail(err, DBG_GONE, "no such process") : 0;
}

static int version(struct kif *k, unsigned *major, unsigned *minor, struct dbg_error *err)
{
	*major = 1;
	*minor = 17;
	return check(of(k), err);
}

static int enable(struct kif *k, uint64_t events, struct kif_runtime_info *info, struct dbg_error *err)
{
	struct fake_kif *f = of(k);
	(void)events;
	f->enabled = true;
	*info = (struct kif_runtime_info){ f->runtime_state ? FAKE_R_DEBUG : 0, f->runtime_state, 1 };
	return check(f, err);
}

static int disable(struct kif *k, struct dbg_error *err)
{
	of(k)->n_disables++;
	of(k)->suspended = false;
	return check(of(k), err);
}

static int subscribe(struct kif *k, uint64_t events, struct dbg_error *err)
{
	(void)events;
	return check(of(k), err);
}

static int send_runtime_event(struct kif *k, uint64_t mask, uint32_t gpu_id, uint32_t queue_id, struct dbg_error *err)
{
	(void)gpu_id;
	(void)queue_id;
	if (mask & KIF_EC(KIF_EC_PROCESS_RUNTIME))
		of(k)->n_credits++;
	return check(of(k), err);
}

static int launch_override(struct kif *k, uint32_t mode, uint32_t *bits, uint32_t *request, struct dbg_error *err)
{
	(void)mode;
	*bits = 0;
	*request = 0xc00001ff;
	return check(of(k), err);
}

static int launch_mode(struct kif *k, uint32_t mode, struct dbg_error *err)
{
	(void)mode;
	return check(of(k), err);
}

static int mark(struct fake_kif *f, bool to, struct kif_queue_ref *refs, size_t n, unsigned *done, struct dbg_error *err)
{
	*done = 0;
	for (size_t i = 0; i < n; i++) {
		bool known = refs[i].id == FAKE_QUEUE && !f->queue_new;
		refs[i].result = known ? KIF_QUEUE_DONE : KIF_QUEUE_INVALID;
		*done += known;
	}
	f->suspended = to;
	return check(f, err);
}

static int suspend(struct kif *k, uint64_t clear, struct kif_queue_ref *refs, size_t n, unsigned *done, struct dbg_error *err)
{
	(void)clear;
	of(k)->n_suspends++;
	return mark(of(k), true, refs, n, done, err);
}

static int resume(struct kif *k, struct kif_queue_ref *refs, size_t n, unsigned *done, struct dbg_error *err)
{
	of(k)->n_resumes++;
	return mark(of(k), false, refs, n, done, err);
}

static int query_event(struct kif *k, uint64_t clear, struct kif_event *out, struct dbg_error *err)
{
	struct fake_kif *f = of(k);
	(void)clear;
	if (f->gone)
		return check(f, err);
	if (!f->n_events)
		return dbg_fail(err, DBG_AGAIN, "no event");
	*out = f->events[0];
	memmove(f->events, f->events + 1, --f->n_events * sizeof *f->events);
	return 0;
}

static int query_info(struct kif *k, uint32_t code, uint32_t source, bool clear, void *buf, uint32_t *size, struct dbg_error *err)
{
	struct fake_kif *f = of(k);
	struct kif_runtime_info info = { f->runtime_state ? FAKE_R_DEBUG : 0, f->runtime_state, 1 };
	(void)code;
	(void)source;
	(void)clear;
	memcpy(buf, &info, *size < sizeof info ? *size : sizeof info);
	*size = sizeof info;
	return check(f, err);
}

static int queues(struct kif *k, uint64_t clear, struct kif_queue **out, size_t *n, struct dbg_error *err)
{
	struct fake_kif *f = of(k);
	(void)clear;
	if (f->gone)
		return check(f, err);
	*out = calloc(1, sizeof **out);
	**out = (struct kif_queue){
		.exception_status = f->queue_new ? KIF_EC(KIF_EC_QUEUE_NEW) : 0,
		.ring_base = UINT64_C(0x600000010000), .ring_bytes = 4096, .read_ptr_addr = UINT64_C(0x600000020000) + 128,
		.write_ptr_addr = UINT64_C(0x600000020000) + 56, .save_area = UINT64_C(0x600002000000), .save_area_size = 0x400000,
		.id = FAKE_QUEUE, .gpu_id = FAKE_GPU, .type = 2,
	};
	f->queue_new = false;
	*n = 1;
	return 0;
}

static int agents(struct kif *k, uint64_t clear, struct kif_agent **out, size_t *n, struct dbg_error *err)
{
	(void)clear;
	if (of(k)->gone)
		return check(of(k), err);
	*out = calloc(1, sizeof **out);
	**out = (struct kif_agent){
		.gpu_id = FAKE_GPU, .gfx_target_version = 90402, .lds_base = UINT64_C(1) << 48, .scratch_base = UINT64_C(2) << 48,
		.simd_count = 152, .max_waves_per_simd = 8, .array_count = 4, .simd_arrays_per_engine = 1, .num_xcc = 1, .name = "gfx942",
	};
	*n = 1;
	return 0;
}

static int mem_read(struct kif *k, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err)
{
	for (*got = n; *got; *got /= 2) {
		const uint8_t *p = fixture_memory(&of(k)->fixture, addr, *got);
		if (p) {
			memcpy(buf, p, *got);
			return 0;
		}
	}
	return dbg_fail(err, DBG_REFUSED, "no memory at 0x%llx", (unsigned long long)addr);
}

static int mem_write(struct kif *k, uint64_t addr, const void *buf, size_t n, size_t *put, struct dbg_error *err)
{
	uint8_t *p = (uint8_t *)fixture_memory(&of(k)->fixture, addr, n);
	if (!p)
		return dbg_fail(err, DBG_REFUSED, "no memory at 0x%llx", (unsigned long long)addr);
	memcpy(p, buf, n);
	*put = n;
	of(k)->n_writes++;
	return 0;
}

static int event_fd(struct kif *k)
{
	return of(k)->event_fd;
}

static void drain(struct kif *k)
{
	uint64_t count;
	while (read(of(k)->event_fd, &count, sizeof count) > 0)
		;
}

static void close_kif(struct kif *k)
{
	(void)k; /* the test's own */
}

static const struct kif_ops ops = {
	.name = "fake", .version = version, .enable = enable, .disable = disable, .subscribe = subscribe, .send_runtime_event = send_runtime_event,
	.launch_override = launch_override, .launch_mode = launch_mode, .suspend = suspend, .resume = resume, .query_event = query_event,
	.query_info = query_info, .queues = queues, .agents = agents, .mem_read = mem_read, .mem_write = mem_write, .event_fd = event_fd,
	.drain = drain, .close = close_kif,
};

void fake_put(struct fake_kif *f, uint64_t addr, const void *bytes, size_t n)
{
	uint8_t *p = (uint8_t *)fixture_memory(&f->fixture, addr, n);
	if (!p)
		abort(); /* a test that names memory the fixture does not have */
	memcpy(p, bytes, n);
}

void fake_kif_init(struct fake_kif *f)
{
	memset(f, 0, sizeof *f);
	fixture_load(&f->fixture, "gfx942");
	f->kif.ops = &ops;
	f->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	f->runtime_state = 1;
	f->queue_new = true;
}

void fake_kif_deinit(struct fake_kif *f)
{
	close(f->event_fd);
	fixture_free(&f->fixture);
}
