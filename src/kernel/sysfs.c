#include "src/kernel/sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/grow.h"
#include "src/base/log.h"

static bool read_number(const char *path, uint64_t *out)
{
	FILE *f = fopen(path, "re");
	if (!f)
		return false;
	bool ok = fscanf(f, "%" SCNu64, out) == 1;
	fclose(f);
	return ok;
}

static void read_name(const char *path, char *out, size_t n)
{
	out[0] = '\0';
	FILE *f = fopen(path, "re");
	if (!f)
		return;
	if (fgets(out, (int)n, f))
		out[strcspn(out, "\n")] = '\0';
	fclose(f);
}

/* Lines of "name value". */
static void read_properties(const char *path, struct sysfs_gpu *gpu)
{
	FILE *f = fopen(path, "re");
	if (!f)
		return;
	char line[256], name[128];
	while (fgets(line, sizeof line, f)) {
		uint64_t value;
		if (sscanf(line, "%127s %" SCNu64, name, &value) != 2)
			continue;
		if (strcmp(name, "drm_render_minor") == 0)
			gpu->drm_render_minor = value > 0 && value <= 4096 ? (int)value : -1;
		else if (strcmp(name, "gfx_target_version") == 0)
			gpu->gfx_target_version = (uint32_t)value;
		else if (strcmp(name, "capability") == 0)
			gpu->capability = (uint32_t)value;
		else if (strcmp(name, "debug_prop") == 0)
			gpu->debug_prop = value;
	}
	fclose(f);
}

/* False for CPU nodes and those that may not be read. */
static bool read_node(const char *root, unsigned node, struct sysfs_gpu *out)
{
	char path[512];
	uint64_t gpu_id;
	snprintf(path, sizeof path, "%s/nodes/%u/gpu_id", root, node);
	errno = 0;
	if (!read_number(path, &gpu_id)) {
		if (errno == EPERM || errno == EACCES)
			log_debug(LOG_KERNEL, "topology node %u may not be read", node);
		return false;
	}
	if (gpu_id == 0 || gpu_id > UINT32_MAX)
		return false;
	*out = (struct sysfs_gpu){ .node = node, .gpu_id = (uint32_t)gpu_id, .drm_render_minor = -1 };
	snprintf(path, sizeof path, "%s/nodes/%u/name", root, node);
	read_name(path, out->name, sizeof out->name);
	snprintf(path, sizeof path, "%s/nodes/%u/properties", root, node);
	read_properties(path, out);
	return true;
}

static int by_node(const void *a, const void *b)
{
	const struct sysfs_gpu *x = a, *y = b;
	return (x->node > y->node) - (x->node < y->node);
}

static int read_nodes(const char *root, struct sysfs_gpu **out, size_t *n, struct dbg_error *err)
{
	char path[512];
	snprintf(path, sizeof path, "%s/nodes", root);
	DIR *dir = opendir(path);
	if (!dir)
		return dbg_fail_errno(err, DBG_UNSUPPORTED, errno, "the GPU topology %s cannot be read", path);
	struct sysfs_gpu *gpus = NULL;
	size_t count = 0, max = 0;
	for (struct dirent *entry; (entry = readdir(dir));) {
		char *end;
		unsigned long node = strtoul(entry->d_name, &end, 10);
		struct sysfs_gpu gpu;
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9' || *end || node > 65535 || !read_node(root, (unsigned)node, &gpu))
			continue;
		struct sysfs_gpu *more = dbg_grow(gpus, count, &max, sizeof *more);
		if (!more) {
			free(gpus);
			closedir(dir);
			return dbg_fail(err, DBG_INTERNAL, "out of memory");
		}
		gpus = more;
		gpus[count++] = gpu;
	}
	closedir(dir);
	if (count)
		qsort(gpus, count, sizeof *gpus, by_node);
	*out = gpus;
	*n = count;
	return 0;
}

int sysfs_read_gpus(const char *root, struct sysfs_gpu **out, size_t *n, struct dbg_error *err)
{
	enum { TRIES = 5 };
	char path[512];
	snprintf(path, sizeof path, "%s/generation_id", root);
	for (int i = 0;; i++) {
		uint64_t before = 0, after = 0;
		struct sysfs_gpu *gpus = NULL;
		size_t count = 0;
		read_number(path, &before);
		int rc = read_nodes(root, &gpus, &count, err);
		if (rc)
			return rc;
		read_number(path, &after);
		if (before == after || i == TRIES) {
			*out = gpus;
			*n = count;
			return 0;
		}
		free(gpus);
	}
}
