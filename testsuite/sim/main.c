/* Conformance of gpusim's client and of the outer half of its driver, seen by a program that knows only libc and the kernel interface. Run
 * under gpusim; prints TAP. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "testsuite/sim/probe.h"

/* Second life of a process that had the driver open: exit status tells what is left of the first. */
static int after_exec(const char *first_kfd)
{
	char path[64];
	struct stat st;
	snprintf(path, sizeof(path), "/sys/class/kfd/kfd/proc/%d", (int)getpid());
	if (!stat(path, &st))
		return 2; /* the record should have gone with the old image */
	uint32_t version[2];
	if (call(atoi(first_kfd), KFD(0x01, 8), version) != -EBADF)
		return 3; /* the descriptor survived the exec, the right to use it did not */
	struct gpu gpu;
	return gpu_open(&gpu) && !stat(path, &st) ? 0 : 4;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--after-exec"))
		return after_exec(argv[2]);
	test_debug_sleep(); /* first: it wants a GPU whose properties nobody has read */
	test_dispatcher();
	test_descriptors();
	test_memory();
	test_events();
	test_files();
	test_processes(argv[0]);
	test_drm();
	return check_done();
}
