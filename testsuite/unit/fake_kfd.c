#include "testsuite/unit/fake_kfd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/log.h"
#include "src/kernel/kif_kfd.h"
#include "testsuite/unit/tap.h"

struct fake_kfd fake_kfd;

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	va_start(ap, request);
	void *args = va_arg(ap, void *);
	va_end(ap);
	(void)fd;
	fake_kfd.calls++;
	if (fake_kfd.eintr > 0) {
		fake_kfd.eintr--;
		errno = EINTR;
		return -1;
	}
	if (request == 0x80084b01) {
		memcpy(args, &fake_kfd.major, 4);
		memcpy((char *)args + 4, &fake_kfd.minor, 4);
		return 0;
	}
	if (request == 0xc0204b26) {
		memcpy(fake_kfd.last, args, 32);
		uint32_t op;
		memcpy(&op, fake_kfd.last + 4, 4);
		if (op < 15)
			fake_kfd.traps[op]++;
		if (fake_kfd.fail) {
			errno = fake_kfd.fail;
			return -1;
		}
	}
	return fake_kfd.answer ? fake_kfd.answer(request, args) : 0;
}

uint32_t kfd_get32(const void *p, size_t at)
{
	uint32_t v;
	memcpy(&v, (const char *)p + at, 4);
	return v;
}

uint64_t kfd_get64(const void *p, size_t at)
{
	uint64_t v;
	memcpy(&v, (const char *)p + at, 8);
	return v;
}

void kfd_put32(void *p, size_t at, uint32_t v)
{
	memcpy((char *)p + at, &v, 4);
}

void kfd_put64(void *p, size_t at, uint64_t v)
{
	memcpy((char *)p + at, &v, 8);
}

void *kfd_pointer(uint64_t v)
{
	return (void *)(uintptr_t)v;
}

static void make_file(const char *name, const char *text)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", fake_kfd.topology, name);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void make_dir(const char *name)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", fake_kfd.topology, name);
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

void fake_kfd_open(void)
{
	static struct kif_kfd_paths paths;
	paths = (struct kif_kfd_paths){ "/dev/null", fake_kfd.topology };
	ck_assert_msg(kif_kfd_open_at(getpid(), &paths, &fake_kfd.k, &fake_kfd.err) == 0, "%s", fake_kfd.err.text);
}

void fake_kfd_setup(void)
{
	memset(&fake_kfd, 0, sizeof fake_kfd);
	fake_kfd.major = 1;
	fake_kfd.minor = 17;
	strcpy(fake_kfd.topology, "/tmp/wavestub-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(fake_kfd.topology));
	fake_kfd.log_fd = memfd_create("log", MFD_CLOEXEC);
	ck_assert_int_ge(fake_kfd.log_fd, 0);
	make_file("generation_id", "3\n");
	make_dir("nodes");
	make_dir("nodes/0");
	make_file("nodes/0/gpu_id", "0\n");
	make_dir("nodes/1");
	make_file("nodes/1/gpu_id", "4711\n");
	make_file("nodes/1/name", "ip discovery\n");
	make_file("nodes/1/properties", "simd_count 32\ngfx_target_version 90402\ndrm_render_minor 777\ncapability 640\ndebug_prop 1511\nbad line here\n");
}

void fake_kfd_teardown(void)
{
	fake_kfd.answer = NULL;
	fake_kfd.fail = 0;
	kif_close(fake_kfd.k);
	char command[600];
	snprintf(command, sizeof command, "rm -r %s", fake_kfd.topology);
	ck_assert_int_eq(system(command), 0);
	close(fake_kfd.log_fd);
}

void fake_kfd_log_begin(void)
{
	log_set_categories(LOG_KERNEL);
	fflush(stderr);
	fake_kfd.saved_stderr = dup(STDERR_FILENO);
	dup2(fake_kfd.log_fd, STDERR_FILENO);
}

const char *fake_kfd_log_end(void)
{
	static char text[8192];
	fflush(stderr);
	dup2(fake_kfd.saved_stderr, STDERR_FILENO);
	close(fake_kfd.saved_stderr);
	log_set_categories(0);
	ssize_t n = pread(fake_kfd.log_fd, text, sizeof text - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

unsigned fake_kfd_lines_of(const char *text)
{
	unsigned n = 0;
	for (; *text; text++)
		n += *text == '\n';
	return n;
}
