#include "src/host/internal.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/grow.h"
#include "src/host/procmem.h"

/* Largest auxiliary vector that is believed; the kernel's has some 20 pairs. */
enum { AUXV_MAX = 64 * 1024 };

long host_status_number(pid_t tid, const char *key)
{
	char path[64], line[256];
	snprintf(path, sizeof path, "/proc/%d/status", (int)tid);
	FILE *f = fopen(path, "re");
	if (!f)
		return -1;
	long value = -1;
	size_t n = strlen(key);
	while (fgets(line, sizeof line, f)) {
		if (strncmp(line, key, n) == 0 && line[n] == ':') {
			value = strtol(line + n + 1, NULL, 10);
			break;
		}
	}
	fclose(f);
	return value;
}

int host_task_list(pid_t pid, pid_t **out, size_t *n, struct dbg_error *err)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	DIR *dir = opendir(path);
	if (!dir)
		return dbg_fail_errno(err, errno == ENOENT ? DBG_GONE : DBG_REFUSED, errno, "the threads of process %d cannot be listed", (int)pid);
	pid_t *ids = NULL;
	size_t count = 0, max = 0;
	for (struct dirent *entry; (entry = readdir(dir));) {
		int tid = atoi(entry->d_name);
		if (tid <= 0)
			continue;
		pid_t *more = dbg_grow(ids, count, &max, sizeof *more);
		if (!more) {
			free(ids);
			closedir(dir);
			return dbg_fail(err, DBG_INTERNAL, "out of memory");
		}
		ids = more;
		ids[count++] = tid;
	}
	closedir(dir);
	*out = ids;
	*n = count;
	return 0;
}

int host_open_mem(struct host *h, struct dbg_error *err)
{
	int fd;
	int rc = procmem_open(h->pid, &fd, err);
	if (rc)
		return rc;
	if (h->mem >= 0)
		close(h->mem);
	h->mem = fd;
	return 0;
}

int host_exec_path(struct host *h, char *buf, size_t n, struct dbg_error *err)
{
	char link[64];
	snprintf(link, sizeof link, "/proc/%d/exe", (int)h->pid);
	ssize_t got = readlink(link, buf, n);
	if (got < 0)
		return dbg_fail_errno(err, errno == ENOENT ? DBG_GONE : DBG_REFUSED, errno, "the program of process %d is not known", (int)h->pid);
	if ((size_t)got >= n)
		return dbg_fail(err, DBG_REFUSED, "the path of the program of process %d is longer than %zu bytes", (int)h->pid, n - 1);
	buf[got] = '\0';
	return 0;
}

int host_auxv(struct host *h, void **out, size_t *n, struct dbg_error *err)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/auxv", (int)h->pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return dbg_fail_errno(err, errno == ENOENT ? DBG_GONE : DBG_REFUSED, errno, "the auxiliary vector of process %d cannot be opened", (int)h->pid);
	char *data = malloc(AUXV_MAX);
	size_t size = 0;
	ssize_t got = 0;
	while (data && size < AUXV_MAX && (got = read(fd, data + size, AUXV_MAX - size)) > 0)
		size += (size_t)got;
	int e = errno;
	close(fd);
	if (!data)
		return dbg_fail(err, DBG_INTERNAL, "out of memory");
	if (got < 0 || size == 0) {
		free(data);
		return got < 0 ? dbg_fail_errno(err, DBG_REFUSED, e, "the auxiliary vector of process %d cannot be read", (int)h->pid)
			: dbg_fail(err, DBG_GONE, "process %d has no memory any more", (int)h->pid);
	}
	*out = data;
	*n = size;
	return 0;
}

/* The program headers say where the linker wanted them (PT_PHDR), AT_PHDR says where they are. */
int host_load_bias(struct host *h, uint64_t *bias, struct dbg_error *err)
{
	void *data;
	size_t size;
	int rc = host_auxv(h, &data, &size, err);
	if (rc)
		return rc;
	uint64_t at = 0, entry_size = 0, count = 0;
	for (size_t i = 0; i + sizeof(Elf64_auxv_t) <= size; i += sizeof(Elf64_auxv_t)) {
		Elf64_auxv_t aux;
		memcpy(&aux, (char *)data + i, sizeof aux);
		if (aux.a_type == AT_PHDR)
			at = aux.a_un.a_val;
		else if (aux.a_type == AT_PHENT)
			entry_size = aux.a_un.a_val;
		else if (aux.a_type == AT_PHNUM)
			count = aux.a_un.a_val;
	}
	free(data);
	if (!at || entry_size < sizeof(Elf64_Phdr) || entry_size > 4096 || count == 0 || count > 4096)
		return dbg_fail(err, DBG_REFUSED, "the auxiliary vector of process %d names no program headers", (int)h->pid);
	for (uint64_t i = 0; i < count; i++) {
		Elf64_Phdr header;
		size_t got;
		rc = host_mem_read(h, at + i * entry_size, &header, sizeof header, &got, err);
		if (rc)
			return rc;
		if (got < sizeof header)
			return dbg_fail(err, DBG_REFUSED, "the program headers of process %d cannot be read", (int)h->pid);
		if (header.p_type == PT_PHDR) {
			*bias = at - header.p_vaddr;
			return 0;
		}
	}
	*bias = 0; /* a static program without PT_PHDR is linked to its place */
	return 0;
}

int host_mem_read(struct host *h, uint64_t addr, void *buf, size_t n, size_t *got, struct dbg_error *err)
{
	if (h->gone || h->mem < 0)
		return dbg_fail(err, DBG_GONE, "process %d is gone", (int)h->pid);
	return procmem_read(h->mem, addr, buf, n, got, err);
}

int host_mem_write(struct host *h, uint64_t addr, const void *buf, size_t n, size_t *put, struct dbg_error *err)
{
	if (h->gone || h->mem < 0)
		return dbg_fail(err, DBG_GONE, "process %d is gone", (int)h->pid);
	return procmem_write(h->mem, addr, buf, n, put, err);
}
