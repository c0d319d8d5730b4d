/* Memory of another process in many places at once: few, and so many that helpers take a part. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/host/procmem.h"
#include "testsuite/unit/tap.h"

enum { STRIDE = 1000, BYTES = 128, MANY = 7001, CLOSED = 1 << 16 };

static pid_t child;
static uint8_t *theirs;   /* the same address here and there; ours is another copy */
static uint8_t *unreadable; /* a page there that the program itself may not touch */
static int fd = -1;
static struct dbg_error err;

static uint8_t byte_at(size_t i)
{
	return (uint8_t)(i * 7 + (i >> 11));
}

static void setup(void)
{
	theirs = mmap(NULL, (size_t)MANY * STRIDE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unreadable = mmap(NULL, CLOSED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert(theirs != MAP_FAILED && unreadable != MAP_FAILED);
	memset(unreadable, 0x5a, CLOSED);
	mprotect(unreadable, CLOSED, PROT_NONE);
	for (size_t i = 0; i < (size_t)MANY * STRIDE; i++)
		theirs[i] = byte_at(i);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	memset(theirs, 0, (size_t)MANY * STRIDE); /* here, so that nothing is right by chance */
	ck_assert_int_eq(procmem_open(child, &fd, &err), 0);
}

static void teardown(void)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(fd);
}

static const size_t counts[] = { 0, 1, 255, 256, 257, 2047, 2048, MANY };

static struct kif_range *places(uint8_t *buf, size_t n)
{
	struct kif_range *r = calloc(n + 1, sizeof *r);
	for (size_t i = 0; i < n; i++)
		r[i] = (struct kif_range){ (uint64_t)(uintptr_t)theirs + i * STRIDE, buf + i * BYTES, BYTES };
	return r;
}

START_TEST(read_many)
{
	size_t n = counts[_i];
	uint8_t *buf = calloc(n + 1, BYTES);
	struct kif_range *r = places(buf, n);
	for (int turn = 0; turn < 3; turn++) {
		size_t wrong = 0;
		memset(buf, 0, n * BYTES);
		ck_assert_int_eq(procmem_read_ranges(child, fd, r, n, &err), 0);
		for (size_t i = 0; i < n * BYTES; i++)
			wrong += buf[i] != byte_at(i / BYTES * STRIDE + i % BYTES);
		ck_assert_uint_eq(wrong, 0);
	}
	free(r);
	free(buf);
}
END_TEST

START_TEST(write_many)
{
	size_t n = counts[_i], got, wrong = 0;
	uint8_t *buf = calloc(n + 1, BYTES), *all = malloc((size_t)MANY * STRIDE);
	struct kif_range *r = places(buf, n);
	for (size_t i = 0; i < n * BYTES; i++)
		buf[i] = (uint8_t)(i * 3 + 1);
	ck_assert_int_eq(procmem_write_ranges(child, fd, r, n, &err), 0);
	ck_assert_int_eq(procmem_read(fd, (uint64_t)(uintptr_t)theirs, all, (size_t)MANY * STRIDE, &got, &err), 0);
	ck_assert_uint_eq(got, (size_t)MANY * STRIDE);
	for (size_t i = 0; i < (size_t)MANY * STRIDE; i++) {
		bool inside = i % STRIDE < BYTES && i / STRIDE < n;
		wrong += all[i] != (inside ? (uint8_t)((i / STRIDE * BYTES + i % STRIDE) * 3 + 1) : byte_at(i));
	}
	ck_assert_uint_eq(wrong, 0);
	free(all);
	free(r);
	free(buf);
}
END_TEST

/* The program itself may not read it; a debugger may. */
START_TEST(what_only_a_debugger_reads)
{
	uint8_t *buf = calloc(MANY, BYTES);
	struct kif_range *r = places(buf, MANY);
	r[4000].addr = (uint64_t)(uintptr_t)unreadable + 16;
	ck_assert_int_eq(procmem_read_ranges(child, fd, r, MANY, &err), 0);
	size_t wrong = 0;
	for (size_t i = 0; i < (size_t)MANY * BYTES; i++)
		wrong += buf[i] != (i / BYTES == 4000 ? 0x5a : byte_at(i / BYTES * STRIDE + i % BYTES));
	ck_assert_uint_eq(wrong, 0);
	free(r);
	free(buf);
}
END_TEST

START_TEST(one_that_is_not_there)
{
	uint8_t *buf = calloc(MANY, BYTES);
	struct kif_range *r = places(buf, MANY);
	r[6000].addr = 64;
	ck_assert_int_eq(procmem_read_ranges(child, fd, r, MANY, &err), -DBG_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, "0x40"));
	ck_assert_int_eq(procmem_write_ranges(child, fd, r, MANY, &err), -DBG_REFUSED);
	free(r);
	free(buf);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		TAP_EACH(read_many, counts), TAP_EACH(write_many, counts), TAP_ONE(what_only_a_debugger_reads), TAP_ONE(one_that_is_not_there),
	};
	return TAP_RUN("procmem", tests, setup, teardown);
}
