#include "sim/driver/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool join(char full[PATH_MAX], const char *root, const char *path)
{
	int n = snprintf(full, PATH_MAX, "%s/%s", root, path);
	return n > 0 && n < PATH_MAX;
}

/* Makes the directories above the last component, from the root's length on. */
static bool make_parents(char *full, size_t root_len)
{
	for (char *p = full + root_len + 1; (p = strchr(p, '/')); p++) {
		*p = 0;
		bool ok = !mkdir(full, 0755) || errno == EEXIST;
		*p = '/';
		if (!ok)
			return false;
	}
	return true;
}

bool sim_tree_dir(const char *root, const char *path)
{
	char full[PATH_MAX];
	return join(full, root, path) && make_parents(full, strlen(root)) && (!mkdir(full, 0755) || errno == EEXIST);
}

bool sim_tree_file(const char *root, const char *path, const char *format, ...)
{
	char full[PATH_MAX];
	if (!join(full, root, path) || !make_parents(full, strlen(root)))
		return false;
	unlink(full);
	int fd = open(full, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0)
		return false;
	va_list ap;
	va_start(ap, format);
	int n = vdprintf(fd, format, ap);
	va_end(ap);
	return !close(fd) && n >= 0;
}

bool sim_tree_link(const char *root, const char *path, const char *target)
{
	char full[PATH_MAX];
	return join(full, root, path) && make_parents(full, strlen(root)) && (!symlink(target, full) || errno == EEXIST);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	remove(path);
	return 0;
}

void sim_tree_remove(const char *root, const char *path)
{
	char full[PATH_MAX];
	if (join(full, root, path))
		nftw(full, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
