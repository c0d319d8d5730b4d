/* The kernel as a test plays it: ioctl() of the test program takes the place of the C library's. Fixture of the tests of the live backend. */
#ifndef TESTSUITE_UNIT_FAKE_KFD_H
#define TESTSUITE_UNIT_FAKE_KFD_H

#include <stdint.h>

#include "src/kernel/kfd_abi.h"
#include "src/kernel/kif.h"

/* What an ioctl does with its argument block; 0, or -1 with errno. */
typedef int fake_kfd_answer_fn(unsigned long request, void *args);

struct fake_kfd {
	/* the kernel's part */
	fake_kfd_answer_fn *answer;  /* NULL: 0, nothing written */
	unsigned calls;              /* all of them */
	unsigned traps[15];          /* by op */
	uint8_t last[32];            /* argument block of the last DBG_TRAP, as it came in */
	int eintr;                   /* so many calls are interrupted first */
	int fail;                    /* errno of the next DBG_TRAP, 0 none */
	unsigned major, minor;
	/* the test's part */
	struct kif *k;
	struct dbg_error err;
	char topology[40];
	int log_fd, saved_stderr;
};
extern struct fake_kfd fake_kfd; /* of the running test */

/* The fixture: interface 1.17, one GPU (4711) in the topology. */
void fake_kfd_setup(void);
void fake_kfd_teardown(void);
/* Opens the backend as fake_kfd.k. */
void fake_kfd_open(void);

/* Fields of argument blocks, by offset; pointers in them. */
uint32_t kfd_get32(const void *p, size_t at);
uint64_t kfd_get64(const void *p, size_t at);
void kfd_put32(void *p, size_t at, uint32_t v);
void kfd_put64(void *p, size_t at, uint64_t v);
void *kfd_pointer(uint64_t v);

/* What is logged of the kernel between the two; static, until the next call. */
void fake_kfd_log_begin(void);
const char *fake_kfd_log_end(void);
unsigned fake_kfd_lines_of(const char *text);

#endif
