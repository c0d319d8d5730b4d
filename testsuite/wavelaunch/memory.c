#include "testsuite/wavelaunch/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096, HUGE = 2 << 20 };

struct kind {
	const char *name;
	uint32_t flags;
	int prot;       /* of the host's mapping */
	bool on_kfd;    /* mapped from /dev/kfd instead of the render node */
	bool map_later; /* the offset is not known yet */
	bool populated; /* cleared here */
};

#define PLAIN (KFD_MEM_WRITABLE | KFD_MEM_NO_SUBSTITUTE)
#define COHERENT (KFD_MEM_COHERENT | KFD_MEM_UNCACHED)

static const struct kind kinds[] = {
	[WL_HOST] = { "host memory", KFD_MEM_GTT | PLAIN | KFD_MEM_EXECUTABLE | COHERENT, PROT_READ | PROT_WRITE, false, false, true },
	[WL_CODE] = { "code memory", KFD_MEM_VRAM | PLAIN | KFD_MEM_EXECUTABLE | KFD_MEM_PUBLIC, PROT_READ | PROT_WRITE, false, false, true },
	[WL_SCRATCH] = { "scratch memory", KFD_MEM_VRAM | PLAIN, PROT_NONE, false, false, false },
	[WL_DOORBELL] = { "doorbells", KFD_MEM_DOORBELL | PLAIN | KFD_MEM_COHERENT, PROT_READ | PROT_WRITE, true, true, false },
	[WL_MMIO] = { "the register page", KFD_MEM_MMIO_REMAP | PLAIN | KFD_MEM_COHERENT, PROT_READ | PROT_WRITE, true, false, false },
};

/* Address space for the buffer with an inaccessible page on each side. */
static int reserve(struct wl_buffer *b, size_t align, struct wl_err *err)
{
	b->reserved = b->size + align + 2 * PAGE;
	b->reservation = mmap(NULL, b->reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (b->reservation == MAP_FAILED) {
		b->reservation = NULL;
		return wl_fail(err, WL_SYSTEM, "no address space for %zu bytes: %s", b->reserved, strerror(errno));
	}
	uintptr_t at = (uintptr_t)b->reservation + PAGE;
	b->addr = (void *)((at + align - 1) & ~(uintptr_t)(align - 1));
	return 0;
}

static int map_on_gpu(const struct wl_device *dev, struct wl_buffer *b, const char *name, struct wl_err *err)
{
	uint32_t id = dev->gpu.gpu_id;
	struct kfd_map args = { .handle = b->handle, .device_ids = (uintptr_t)&id, .n_devices = 1 };
	if (wl_ioctl(dev, KFD_MAP, &args))
		return wl_fail(err, WL_SYSTEM, "/dev/kfd: MAP_MEMORY_TO_GPU for %s: %s", name, strerror(errno));
	b->mapped = args.n_success == 1;
	return b->mapped ? 0 : wl_fail(err, WL_SYSTEM, "/dev/kfd: MAP_MEMORY_TO_GPU for %s mapped %u of 1 GPU", name, args.n_success);
}

static int allocate(const struct wl_device *dev, const struct kind *kind, struct wl_buffer *b, struct wl_err *err)
{
	struct kfd_alloc args = { .va = (uintptr_t)b->addr, .size = b->size, .gpu_id = dev->gpu.gpu_id, .flags = kind->flags };
	if (wl_ioctl(dev, KFD_ALLOC, &args))
		return wl_fail(err, WL_SYSTEM, "/dev/kfd: ALLOC_MEMORY_OF_GPU, %zu bytes of %s: %s", b->size, kind->name, strerror(errno));
	b->handle = args.handle;
	b->allocated = true;
	if (kind->map_later)
		return 0;
	int fd = kind->on_kfd ? dev->kfd : dev->drm;
	if (mmap(b->addr, b->size, kind->prot, MAP_SHARED | MAP_FIXED, fd, (off_t)args.mmap_offset) == MAP_FAILED)
		return wl_fail(err, WL_SYSTEM, "mapping %zu bytes of %s: %s", b->size, kind->name, strerror(errno));
	madvise(b->addr, b->size, MADV_DONTFORK);
	if (kind->populated)
		memset(b->addr, 0, b->size);
	return 0;
}

int wl_buffer_alloc(const struct wl_device *dev, enum wl_memory which, size_t size, size_t align, struct wl_buffer *out, struct wl_err *err)
{
	const struct kind *kind = &kinds[which];
	*out = (struct wl_buffer){ .size = (size + PAGE - 1) & ~(size_t)(PAGE - 1) };
	if (align < PAGE)
		align = PAGE;
	if (out->size >= HUGE && align < HUGE)
		align = HUGE;
	if (reserve(out, align, err) || allocate(dev, kind, out, err) || map_on_gpu(dev, out, kind->name, err)) {
		wl_buffer_free(dev, out);
		return -1;
	}
	return 0;
}

void wl_buffer_free(const struct wl_device *dev, struct wl_buffer *b)
{
	/* What fails here cannot be helped, and the end of the process cleans up all the same. */
	if (b->mapped) {
		uint32_t id = dev->gpu.gpu_id;
		struct kfd_map args = { .handle = b->handle, .device_ids = (uintptr_t)&id, .n_devices = 1 };
		wl_ioctl(dev, KFD_UNMAP, &args);
	}
	if (b->allocated) {
		struct kfd_free args = { .handle = b->handle };
		wl_ioctl(dev, KFD_FREE, &args);
	}
	if (b->reservation)
		munmap(b->reservation, b->reserved);
	*b = (struct wl_buffer){ 0 };
}
