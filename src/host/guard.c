#include "src/host/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TABLE_SLOTS = 1 << 16 };

#define GUARD_NAME "wavestub-guard" /* at most 15 characters */

/* One patched place. `bytes` is 0 for a free slot; it is stored last, so that the child never sees a half-filled one. */
struct patch {
	uint64_t addr;
	uint8_t original[GUARD_MAX_PATCH];
	_Atomic uint32_t bytes;
};

/* Shared between the stub and its child. */
struct table {
	_Atomic uint32_t orderly;
	_Atomic uint32_t high; /* slots ever used */
	struct patch slots[TABLE_SLOTS];
};

struct guard {
	struct table *table;
	pid_t child;
	int alive_fd; /* write end of a pipe; its closing tells the child */
};

static int open_memory(pid_t target)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/mem", (int)target);
	return open(path, O_RDWR | O_CLOEXEC);
}

/* mem_fd: opened by the stub while it was the tracer (-1 none). It serves where nobody but a tracer may open the memory; a target that has
 * executed a new program since has new memory, so opening it anew is tried first. */
static void restore_all(pid_t target, int mem_fd, const struct table *table)
{
	int own = open_memory(target), fd = own < 0 ? mem_fd : own;
	if (fd < 0)
		return;
	uint32_t high = atomic_load(&table->high);
	for (uint32_t i = 0; i < high && i < TABLE_SLOTS; i++) {
		const struct patch *p = &table->slots[i];
		uint32_t n = atomic_load(&p->bytes);
		if (n > 0 && n <= GUARD_MAX_PATCH && pwrite(fd, p->original, n, (off_t)p->addr) < 0)
			continue; /* unmapped since: nothing to restore there */
	}
	if (own >= 0)
		close(own);
}

/* Everything that the child inherited would keep the stub's sockets and devices open beyond its death. */
static void close_all_but(int a, int b)
{
	int low = a < b ? a : b, high = a < b ? b : a;
	unsigned next = 0;
	for (int i = 0; i < 2; i++) {
		int keep = i ? high : low;
		if (keep < 0)
			continue;
		if ((unsigned)keep > next)
			syscall(SYS_close_range, next, (unsigned)keep - 1, 0u);
		next = (unsigned)keep + 1;
	}
	syscall(SYS_close_range, next, ~0u, 0u);
}

/* So that nothing opened later becomes standard error. */
static void fill_standard_files(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* The code first: what waves meet until the rescue has got hold of them. */
static void child_rescue(pid_t target, int mem_fd, const struct table *table, guard_rescue_fn *rescue)
{
	uint32_t high = atomic_load(&table->high);
	size_t n = 0;
	restore_all(target, mem_fd, table);
	struct guard_patch *patches = calloc(high ? high : 1, sizeof *patches);
	if (!patches)
		return;
	for (uint32_t i = 0; i < high && i < TABLE_SLOTS; i++) {
		patches[n].bytes = atomic_load(&table->slots[i].bytes);
		patches[n].addr = table->slots[i].addr;
		memcpy(patches[n].original, table->slots[i].original, GUARD_MAX_PATCH);
		n += patches[n].bytes > 0 && patches[n].bytes <= GUARD_MAX_PATCH;
	}
	if (rescue)
		rescue(target, patches, n);
	free(patches);
}

static void child_main(pid_t target, struct table *table, int fd, int mem_fd, guard_rescue_fn *rescue)
{
	close_all_but(fd, mem_fd);
	fill_standard_files();
	setsid(); /* a signal to the terminal's process group is for the stub */
	setpriority(PRIO_PROCESS, 0, -20); /* its one moment is a race with the target; without the privilege it stays as it is */
	prctl(PR_SET_NAME, GUARD_NAME);
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	char byte;
	while (read(fd, &byte, 1) < 0 && errno == EINTR)
		;
	if (!atomic_load(&table->orderly))
		child_rescue(target, mem_fd, table, rescue);
	_exit(0);
}

int guard_start(pid_t target, guard_rescue_fn *rescue, struct guard **out, struct dbg_error *err)
{
	int fds[2];
	struct guard *g = calloc(1, sizeof *g);
	if (!g)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for the guard");
	g->table = mmap(NULL, sizeof *g->table, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (g->table == MAP_FAILED) {
		int e = errno;
		free(g);
		return dbg_fail_errno(err, DBG_INTERNAL, e, "cannot map the guard's table");
	}
	if (pipe2(fds, O_CLOEXEC) < 0) {
		int e = errno;
		munmap(g->table, sizeof *g->table);
		free(g);
		return dbg_fail_errno(err, DBG_INTERNAL, e, "cannot create the guard's pipe");
	}
	int mem_fd = open_memory(target);
	g->child = fork();
	if (g->child == 0) {
		close(fds[1]);
		child_main(target, g->table, fds[0], mem_fd, rescue);
	}
	int e = errno;
	close(fds[0]);
	if (mem_fd >= 0)
		close(mem_fd);
	if (g->child < 0) {
		close(fds[1]);
		munmap(g->table, sizeof *g->table);
		free(g);
		return dbg_fail_errno(err, DBG_INTERNAL, e, "cannot start the guard process");
	}
	g->alive_fd = fds[1];
	*out = g;
	return 0;
}

static struct patch *find(struct table *table, uint64_t addr)
{
	uint32_t high = atomic_load(&table->high);
	for (uint32_t i = 0; i < high; i++)
		if (atomic_load(&table->slots[i].bytes) && table->slots[i].addr == addr)
			return &table->slots[i];
	return NULL;
}

static struct patch *free_slot(struct table *table)
{
	uint32_t high = atomic_load(&table->high);
	for (uint32_t i = 0; i < high; i++)
		if (!atomic_load(&table->slots[i].bytes))
			return &table->slots[i];
	if (high == TABLE_SLOTS)
		return NULL;
	atomic_store(&table->high, high + 1);
	return &table->slots[high];
}

int guard_note(struct guard *g, uint64_t addr, const void *original, size_t n, struct dbg_error *err)
{
	if (n < 1 || n > GUARD_MAX_PATCH)
		return dbg_fail(err, DBG_BAD_REQUEST, "a patch of %zu bytes cannot be guarded", n);
	if (find(g->table, addr))
		return 0;
	struct patch *p = free_slot(g->table);
	if (!p)
		return dbg_fail(err, DBG_INTERNAL, "more than %d patched places", TABLE_SLOTS);
	p->addr = addr;
	memcpy(p->original, original, n);
	atomic_store(&p->bytes, (uint32_t)n);
	return 0;
}

void guard_forget(struct guard *g, uint64_t addr)
{
	struct patch *p = find(g->table, addr);
	if (p)
		atomic_store(&p->bytes, 0);
}

bool guard_traces(pid_t target)
{
	char path[64], line[128], name[32] = "";
	int tracer = 0;
	snprintf(path, sizeof path, "/proc/%d/status", (int)target);
	FILE *f = fopen(path, "re");
	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "TracerPid: %d", &tracer) == 1)
			break;
	if (f)
		fclose(f);
	if (tracer <= 0)
		return false;
	snprintf(path, sizeof path, "/proc/%d/comm", tracer);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(name, sizeof name, f))
		name[0] = '\0';
	fclose(f);
	name[strcspn(name, "\n")] = '\0';
	return strcmp(name, GUARD_NAME) == 0;
}

void guard_stop(struct guard *g)
{
	if (!g)
		return;
	atomic_store(&g->table->orderly, 1);
	close(g->alive_fd);
	while (waitpid(g->child, NULL, 0) < 0 && errno == EINTR)
		;
	munmap(g->table, sizeof *g->table);
	free(g);
}
