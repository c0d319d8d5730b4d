#include "testsuite/sim/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int n_checks, n_failed;

void check(bool ok, const char *format, ...)
{
	int error = errno;
	va_list ap;
	printf("%sok %d - ", ok ? "" : "not ", ++n_checks);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	if (!ok)
		printf(" (errno %s)", strerror(error));
	putchar('\n');
	fflush(stdout);
	n_failed += !ok;
}

int check_done(void)
{
	printf("1..%d\n", n_checks);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int call(int fd, unsigned long cmd, void *arg)
{
	int result = ioctl(fd, cmd, arg);
	return result < 0 ? -errno : result;
}

long long number_in(const char *path)
{
	long long value = -1;
	FILE *f = fopen(path, "r");
	if (!f || fscanf(f, "%lld", &value) != 1)
		value = -1;
	if (f)
		fclose(f);
	return value;
}

long long property(const char *path, const char *name)
{
	char key[64];
	long long value, found = -1;
	FILE *f = fopen(path, "r");
	while (f && fscanf(f, "%63s %lld", key, &value) == 2)
		if (!strcmp(key, name))
			found = value;
	if (f)
		fclose(f);
	return found;
}

bool gpu_open(struct gpu *gpu)
{
	gpu->kfd = open("/dev/kfd", O_RDWR | O_CLOEXEC);
	gpu->drm = open("/dev/dri/renderD128", O_RDWR | O_CLOEXEC);
	gpu->id = (uint32_t)number_in(NODE "/gpu_id");
	uint32_t acquire[2] = { (uint32_t)gpu->drm, gpu->id };
	return gpu->kfd >= 0 && gpu->drm >= 0 && !call(gpu->kfd, KFD(0x15, 8), acquire);
}

int buffer_alloc(const struct gpu *gpu, struct buffer *b)
{
	b->gpu_id = gpu->id;
	b->flags |= MEM_WRITABLE;
	return call(gpu->kfd, KFD(0x16, 40), b);
}

int buffer_map(const struct gpu *gpu, const struct buffer *b, bool map)
{
	struct { uint64_t handle, ids; uint32_t n, done; } arg = { b->handle, (uintptr_t)&gpu->id, 1, 0 };
	int err = call(gpu->kfd, KFD(map ? 0x18 : 0x19, 24), &arg);
	return err ? err : arg.done == 1 ? 0 : -EPROTO;
}

int buffer_free(const struct gpu *gpu, const struct buffer *b)
{
	uint64_t handle = b->handle;
	return call(gpu->kfd, KFD(0x17, 8), &handle);
}

uint64_t vram_left(const struct gpu *gpu)
{
	struct { uint64_t available; uint32_t id, pad; } arg = { 0, gpu->id, 0 };
	return call(gpu->kfd, KFD(0x23, 16), &arg) ? 0 : arg.available;
}
