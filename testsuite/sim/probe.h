/* What the programs run under gpusim share: TAP output, and the kernel interface as plain calls. They are written against the reference
 * alone and use nothing of the simulator. */
#ifndef TESTSUITE_SIM_PROBE_H
#define TESTSUITE_SIM_PROBE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>

/* Prints one TAP line; a failure names errno. */
void check(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints the plan; the program's exit status. */
int check_done(void);

/* Command of an ioctl: number, size of the argument. The direction is what a header would say; the driver has its own. */
#define KFD(nr, size) _IOC(_IOC_READ | _IOC_WRITE, 'K', nr, size)

/* 0 or positive result, -errno. */
int call(int fd, unsigned long cmd, void *arg);

struct gpu {
	int kfd, drm;
	uint32_t id;
};
/* Opens both nodes, finds the GPU's id in the topology and acquires the VM. */
bool gpu_open(struct gpu *gpu);

struct buffer {
	uint64_t va, size, handle, offset;
	uint32_t gpu_id, flags;
};
int buffer_alloc(const struct gpu *gpu, struct buffer *b); /* ioctl only */
int buffer_map(const struct gpu *gpu, const struct buffer *b, bool map);
int buffer_free(const struct gpu *gpu, const struct buffer *b);
uint64_t vram_left(const struct gpu *gpu);

enum { MEM_VRAM = 1, MEM_GTT = 2, MEM_USERPTR = 4, MEM_DOORBELL = 8, MEM_MMIO = 0x10 };
#define MEM_WRITABLE (1u << 31)

/* The number in a file; -1 when it cannot be read. */
long long number_in(const char *path);
/* Value of "name value" in a properties file; -1 absent. */
long long property(const char *path, const char *name);

/* The parts of the test. */
void test_dispatcher(void);
void test_descriptors(void);
void test_memory(void);
void test_events(void);
void test_debug_sleep(void);
void test_files(void);
void test_processes(const char *self);
void test_drm(void);

#define NODE "/sys/class/kfd/kfd/topology/nodes/1"

#endif
