/* Memory ioctls (kfd-debug-interface.md 6.1, 6.3, 6.4, 6.8, 6.9) and mappings. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "testsuite/sim/probe.h"

enum { KIB4 = 4096, MIB2 = 2 << 20 };

static uint64_t reserve(size_t n)
{
	return (uintptr_t)mmap(NULL, n, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

static void test_acquire(void)
{
	struct gpu gpu = { open("/dev/kfd", O_RDWR), open("/dev/dri/renderD128", O_RDWR), (uint32_t)number_in(NODE "/gpu_id") };
	int null = open("/dev/null", O_RDWR), second = open("/dev/dri/renderD128", O_RDWR), copy = dup(gpu.drm);
	struct buffer b = { .va = reserve(KIB4), .size = KIB4, .flags = MEM_GTT };
	uint32_t arg[2] = { (uint32_t)null, gpu.id };
	check(buffer_alloc(&gpu, &b) == -ENODEV, "allocation before the VM is acquired: ENODEV");
	struct { uint64_t tba, tma; uint32_t id, pad; } handler = { 0x1000, 0, gpu.id, 0 };
	check(call(gpu.kfd, KFD(0x13, 24), &handler) == -ESRCH, "trap handler before the VM is acquired: ESRCH");
	check(call(gpu.kfd, KFD(0x15, 8), arg) == -EINVAL, "a VM of another device: EINVAL");
	arg[0] = 999;
	check(call(gpu.kfd, KFD(0x15, 8), arg) == -EINVAL, "a VM of no descriptor: EINVAL");
	arg[0] = (uint32_t)gpu.drm;
	arg[1] = gpu.id ^ 1;
	check(call(gpu.kfd, KFD(0x15, 8), arg) == -EINVAL, "a VM for an unknown GPU: EINVAL");
	arg[1] = gpu.id;
	check(!call(gpu.kfd, KFD(0x15, 8), arg), "the VM is acquired");
	arg[0] = (uint32_t)copy;
	check(!call(gpu.kfd, KFD(0x15, 8), arg), "again, by a copy of the same descriptor");
	arg[0] = (uint32_t)second;
	check(call(gpu.kfd, KFD(0x15, 8), arg) == -EBUSY, "another open of the render node: EBUSY");
	check(!call(gpu.kfd, KFD(0x13, 24), &handler), "trap handler");
	close(null);
	close(second);
	close(copy);
	close(gpu.drm);
	close(gpu.kfd);
}

static void test_errors(const struct gpu *gpu)
{
	struct buffer b = { .va = reserve(MIB2), .flags = MEM_GTT };
	check(buffer_alloc(gpu, &b) == -EINVAL, "no size: EINVAL");
	b.size = KIB4;
	b.flags = 0;
	check(buffer_alloc(gpu, &b) == -EINVAL, "no kind of memory: EINVAL");
	b.flags = MEM_VRAM;
	b.size = 1ull << 50;
	check(buffer_alloc(gpu, &b) == -ENOMEM, "more than there is: ENOMEM");
	b.flags = MEM_DOORBELL;
	b.size = KIB4;
	check(buffer_alloc(gpu, &b) == -EINVAL, "doorbells of a wrong size: EINVAL");
	b.flags = MEM_USERPTR;
	b.offset = 0x10000;
	check(buffer_alloc(gpu, &b) == -EFAULT, "user memory that is not there: EFAULT");
	struct gpu other = { gpu->kfd, gpu->drm, gpu->id ^ 1 };
	b.flags = MEM_GTT;
	check(buffer_alloc(&other, &b) == -EINVAL, "unknown GPU: EINVAL");
	b.handle = (uint64_t)gpu->id << 32 | 0xabcd;
	check(buffer_free(gpu, &b) == -EINVAL, "free of an unknown handle: EINVAL");
	check(buffer_map(gpu, &b, true) == -ENOMEM, "map of an unknown handle: ENOMEM");
	b.handle = (uint64_t)other.id << 32;
	check(buffer_map(gpu, &b, true) == -EINVAL, "map of an unknown GPU's handle: EINVAL");
}

static void test_map_errors(const struct gpu *gpu)
{
	struct buffer b = { .va = reserve(KIB4), .size = KIB4, .flags = MEM_GTT };
	uint32_t ids[2] = { gpu->id, gpu->id ^ 1 };
	check(!buffer_alloc(gpu, &b) && b.handle >> 32 == gpu->id, "a handle names the GPU");
	struct { uint64_t handle, ids; uint32_t n, done; } arg = { b.handle, (uintptr_t)ids, 0, 0 };
	check(call(gpu->kfd, KFD(0x18, 24), &arg) == -EINVAL, "map to no device: EINVAL");
	arg.n = 1;
	arg.done = 2;
	check(call(gpu->kfd, KFD(0x18, 24), &arg) == -EINVAL, "more done than asked: EINVAL");
	arg.done = 0;
	arg.ids = 8;
	check(call(gpu->kfd, KFD(0x18, 24), &arg) == -EFAULT, "bad list of devices: EFAULT");
	arg.ids = (uintptr_t)ids;
	check(call(gpu->kfd, KFD(0x19, 24), &arg) == -EINVAL, "unmap of what is not mapped: EINVAL");
	arg.n = 2;
	check(call(gpu->kfd, KFD(0x18, 24), &arg) == -EINVAL && arg.done == 1, "the second device is unknown: EINVAL, one done");
	check(buffer_free(gpu, &b) == -EBUSY, "free while mapped: EBUSY");
	struct buffer twin = { .va = b.va, .size = KIB4, .flags = MEM_GTT };
	check(!buffer_alloc(gpu, &twin) && twin.handle != b.handle && buffer_map(gpu, &twin, true) == -EINVAL,
	      "two buffers at one address cannot both be mapped");
	check(!buffer_free(gpu, &twin) && !buffer_map(gpu, &b, false) && !buffer_free(gpu, &b), "unmap and free");
	twin.handle = b.handle;
	check(!buffer_alloc(gpu, &b) && b.handle == twin.handle, "a freed handle is used again");
	buffer_free(gpu, &b);
}

/* A tracer's door to this process. */
static bool poke(uint64_t addr, uint64_t value)
{
	int mem = open("/proc/self/mem", O_RDWR);
	bool ok = pwrite(mem, &value, sizeof(value), (off_t)addr) == (ssize_t)sizeof(value);
	close(mem);
	return ok;
}

static void test_mappings(const struct gpu *gpu)
{
	struct buffer b = { .va = reserve(MIB2), .size = MIB2, .flags = MEM_VRAM };
	uint64_t before = vram_left(gpu);
	check(!buffer_alloc(gpu, &b) && !buffer_map(gpu, &b, true), "device memory");
	check(before - vram_left(gpu) == MIB2, "it counts as used");
	uint64_t *p = mmap((void *)(uintptr_t)b.va, MIB2, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, gpu->drm, (off_t)b.offset);
	check(p == (void *)(uintptr_t)b.va && p[0] == 0 && p[MIB2 / 8 - 1] == 0, "it can be mapped, and is zero");
	p[5] = 42;
	uint64_t *again = mmap(NULL, KIB4, PROT_READ, MAP_SHARED, gpu->drm, (off_t)b.offset);
	check(again != MAP_FAILED && again[5] == 42, "mapped twice it is the same memory");
	munmap(again, KIB4);
	check(mmap(NULL, MIB2 + KIB4, PROT_READ, MAP_SHARED, gpu->drm, (off_t)b.offset) == MAP_FAILED, "not beyond its end");
	check(mmap(NULL, KIB4, PROT_READ, MAP_SHARED, gpu->drm, 0) == MAP_FAILED, "not at an offset that nobody gave out");
	mmap((void *)(uintptr_t)b.va, MIB2, PROT_NONE, MAP_SHARED | MAP_FIXED, gpu->drm, (off_t)b.offset);
	check(poke(b.va + 8, 77) && p[1] == 77, "a tracer may write what the program mapped without any access");
	munmap(p, MIB2);
	check(!buffer_map(gpu, &b, false) && !buffer_free(gpu, &b) && vram_left(gpu) == before, "given back");
	check(!buffer_alloc(gpu, &b), "allocated again");
	p = mmap(NULL, MIB2, PROT_READ, MAP_SHARED, gpu->drm, (off_t)b.offset);
	check(p != MAP_FAILED && p[5] == 0, "nothing of its former contents is left");
	munmap(p, MIB2);
	buffer_free(gpu, &b);
}

static void test_pages(const struct gpu *gpu)
{
	uint64_t door = 3ull << 62 | (uint64_t)gpu->id << 46;
	uint64_t *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, gpu->kfd, (off_t)door);
	check(p != MAP_FAILED, "doorbells are mapped at the driver's offset");
	if (p != MAP_FAILED)
		munmap(p, 8192);
	check(mmap(NULL, KIB4, PROT_READ, MAP_SHARED, gpu->kfd, (off_t)door) == MAP_FAILED && errno == EINVAL, "half of them: EINVAL");
	check(mmap(NULL, 8192, PROT_READ, MAP_SHARED, gpu->kfd, (off_t)(door ^ 1ull << 46)) == MAP_FAILED, "those of an unknown GPU are not");
	struct buffer b = { .va = reserve(8192), .size = 8192, .flags = MEM_DOORBELL };
	check(!buffer_alloc(gpu, &b) && !buffer_map(gpu, &b, true) && !buffer_map(gpu, &b, false) && !buffer_free(gpu, &b), "a doorbell buffer");
	struct buffer m = { .va = reserve(KIB4), .size = KIB4, .flags = MEM_MMIO };
	check(!buffer_alloc(gpu, &m), "an MMIO page");
	uint32_t *mmio = mmap(NULL, KIB4, PROT_READ | PROT_WRITE, MAP_SHARED, gpu->kfd, (off_t)m.offset);
	check(mmio != MAP_FAILED, "mapped on /dev/kfd");
	if (mmio != MAP_FAILED)
		munmap(mmio, KIB4);
	check(!buffer_free(gpu, &m), "and freed");
}

static void test_user_memory(const struct gpu *gpu)
{
	uint64_t va = (uintptr_t)mmap(NULL, MIB2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct buffer b = { .va = va, .size = MIB2, .flags = MEM_USERPTR, .offset = va };
	check(!buffer_alloc(gpu, &b) && !buffer_map(gpu, &b, true), "user memory is registered");
	check(!buffer_map(gpu, &b, false) && !buffer_free(gpu, &b), "and released");
	struct { uint64_t start, size; uint32_t op, n; struct { uint32_t type, value; } a[3]; } svm = { va, MIB2, 0, 3, {
		{ 2, gpu->id }, { 5, 0x40 }, { 7, 255 } } };
	check(!call(gpu->kfd, KFD(0x20, 48), &svm), "a range is registered by SVM");
	check(call(gpu->kfd, KFD(0x20, 40), &svm) == -EINVAL, "more attributes than the command's size holds: EINVAL");
	struct { uint64_t start, size; uint32_t op, n; struct { uint32_t type, value; } a[2]; } get = { va, MIB2, 1, 2, {
		{ 2, gpu->id }, { 5, 0 } } };
	check(!call(gpu->kfd, KFD(0x20, 40), &get) && get.a[0].type == 2 && get.a[1].value == 0x43, "its attributes are told");
	get.start = reserve(MIB2);
	get.a[0].type = 2;
	check(!call(gpu->kfd, KFD(0x20, 40), &get) && get.a[0].type == 4 && get.a[1].value == 3, "those of memory never registered: no access");
	svm.start = 16;
	check(call(gpu->kfd, KFD(0x20, 48), &svm) == -EINVAL, "not a page address: EINVAL");
	svm.start = 0x1000;
	check(call(gpu->kfd, KFD(0x20, 48), &svm) == -EFAULT, "where nothing is mapped: EFAULT");
	svm.start = va;
	svm.a[0].value ^= 1;
	check(call(gpu->kfd, KFD(0x20, 48), &svm) == -EINVAL, "unknown GPU: EINVAL");
	b.offset = va;
	check(buffer_alloc(gpu, &b) == -EADDRINUSE, "a buffer over such a range: EADDRINUSE");
}

static void test_smi(const struct gpu *gpu)
{
	uint32_t arg[2] = { gpu->id ^ 1, 0 };
	check(call(gpu->kfd, KFD(0x1f, 8), arg) == -EINVAL, "management events of an unknown GPU: EINVAL");
	arg[0] = gpu->id;
	arg[1] = 12345;
	check(!call(gpu->kfd, KFD(0x1f, 8), arg) && fcntl((int)arg[1], F_GETFD) >= 0, "a descriptor comes back in the argument");
	uint64_t mask = 0xc;
	char line[96];
	check(write((int)arg[1], &mask, sizeof(mask)) == (ssize_t)sizeof(mask), "events are chosen by a write");
	check(read((int)arg[1], line, sizeof(line)) < 0 && errno == EAGAIN, "none yet: EAGAIN");
	close((int)arg[1]);
}

void test_memory(void)
{
	struct gpu gpu;
	test_acquire();
	/* The process has its VM; a second open of the render node cannot get one, but maps and allocates all the same. */
	gpu.kfd = open("/dev/kfd", O_RDWR | O_CLOEXEC);
	gpu.drm = open("/dev/dri/renderD128", O_RDWR | O_CLOEXEC);
	gpu.id = (uint32_t)number_in(NODE "/gpu_id");
	test_errors(&gpu);
	test_map_errors(&gpu);
	test_mappings(&gpu);
	test_pages(&gpu);
	test_user_memory(&gpu);
	test_smi(&gpu);
	close(gpu.kfd);
	close(gpu.drm);
}
