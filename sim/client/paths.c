/* The other functions that take a path: each looks in the generated tree when the path is replaced. */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "sim/client/client.h"

EXPORT int access(const char *path, int mode)
{
	struct client_path p;
	return REAL(access)(client_redirect(path, &p), mode);
}

EXPORT int eaccess(const char *path, int mode)
{
	struct client_path p;
	return REAL(eaccess)(client_redirect(path, &p), mode);
}

EXPORT int euidaccess(const char *path, int mode)
{
	struct client_path p;
	return REAL(euidaccess)(client_redirect(path, &p), mode);
}

EXPORT int faccessat(int dirfd, const char *path, int mode, int flags)
{
	struct client_path p;
	return REAL(faccessat)(dirfd, client_redirect(path, &p), mode, flags);
}

EXPORT int chdir(const char *path)
{
	struct client_path p;
	return REAL(chdir)(client_redirect(path, &p));
}

EXPORT char *getcwd(char *buf, size_t size)
{
	char *cwd = REAL(getcwd)(buf, size);
	client_unredirect(cwd);
	return cwd;
}

/* An absolute link text that names something in the tree is shown as on a real machine. */
static ssize_t shown_link(ssize_t n, char *buf, size_t size)
{
	char text[PATH_MAX];
	if (n <= 0 || n >= PATH_MAX || buf[0] != '/')
		return n;
	memcpy(text, buf, (size_t)n);
	text[n] = 0;
	client_unredirect(text);
	size_t shown = strlen(text) < size ? strlen(text) : size;
	memcpy(buf, text, shown);
	return (ssize_t)shown;
}

EXPORT ssize_t readlink(const char *restrict path, char *restrict buf, size_t size)
{
	struct client_path p;
	return shown_link(REAL(readlink)(client_redirect(path, &p), buf, size), buf, size);
}

EXPORT ssize_t readlinkat(int dirfd, const char *restrict path, char *restrict buf, size_t size)
{
	struct client_path p;
	return shown_link(REAL(readlinkat)(dirfd, client_redirect(path, &p), buf, size), buf, size);
}

EXPORT char *realpath(const char *restrict path, char *restrict resolved)
{
	struct client_path p;
	char *result = REAL(realpath)(client_redirect(path, &p), resolved);
	client_unredirect(result);
	return result;
}

EXPORT char *canonicalize_file_name(const char *path)
{
	return realpath(path, NULL);
}

/* ------------------------------------------------------------------ directories */

static const char *redirect_directory(const char *path, struct client_path *p)
{
	const char *real = client_redirect(path, p);
	if (p->replaced && strstr(p->tidy, "/kfd")) {
		struct client_exchange x = { .request = { .op = WIRE_OPENED }, .data = p->tidy, .data_bytes = strlen(p->tidy), .fd_in = -1 };
		client_exchange(&x);
	}
	return real;
}

EXPORT DIR *opendir(const char *path)
{
	struct client_path p;
	return REAL(opendir)(redirect_directory(path, &p));
}

/* Directory entries carry a type, which for a node's place is that of an empty file. */
static bool is_place(const char *name, uint64_t ino)
{
	const struct wire_config *config = client_config();
	for (uint32_t i = 0; config && i < config->n_nodes; i++)
		if (config->nodes[i].place_ino == ino && !strcmp(strrchr(config->nodes[i].path, '/') + 1, name))
			return true;
	return false;
}

EXPORT struct dirent *readdir(DIR *dir)
{
	struct dirent *entry = REAL(readdir)(dir);
	if (entry && entry->d_type == DT_REG && is_place(entry->d_name, entry->d_ino))
		entry->d_type = DT_CHR;
	return entry;
}

static_assert(sizeof(struct dirent) == sizeof(struct dirent64), "one layout for both");

EXPORT struct dirent64 *readdir64(DIR *dir)
{
	return (struct dirent64 *)readdir(dir);
}

typedef int filter_fn(const struct dirent *);
typedef int compare_fn(const struct dirent **, const struct dirent **);

EXPORT int scandir(const char *restrict path, struct dirent ***restrict list, filter_fn *filter, compare_fn *compare)
{
	struct client_path p;
	return REAL(scandir)(redirect_directory(path, &p), list, filter, compare);
}

typedef int filter64_fn(const struct dirent64 *);
typedef int compare64_fn(const struct dirent64 **, const struct dirent64 **);

EXPORT int scandir64(const char *restrict path, struct dirent64 ***restrict list, filter64_fn *filter, compare64_fn *compare)
{
	struct client_path p;
	return REAL(scandir64)(redirect_directory(path, &p), list, filter, compare);
}

/* Matches in the tree are shown as on a real machine. Appending to earlier results is safe: those carry no root any more. */
static int shown_glob(int result, char **paths, size_t n)
{
	for (size_t i = 0; !result && paths && i < n; i++)
		client_unredirect(paths[i]);
	return result;
}

EXPORT int glob(const char *restrict pattern, int flags, int (*errfunc)(const char *, int), glob_t *restrict found)
{
	struct client_path p;
	int result = REAL(glob)(redirect_directory(pattern, &p), flags, errfunc, found);
	return p.replaced ? shown_glob(result, found->gl_pathv ? found->gl_pathv + (flags & GLOB_DOOFFS ? found->gl_offs : 0) : NULL,
				       found->gl_pathc) : result;
}

EXPORT int glob64(const char *restrict pattern, int flags, int (*errfunc)(const char *, int), glob64_t *restrict found)
{
	return glob(pattern, flags, errfunc, (glob_t *)found);
}

EXPORT int statfs(const char *path, struct statfs *buf)
{
	struct client_path p;
	return REAL(statfs)(client_redirect(path, &p), buf);
}

EXPORT int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	struct client_path p;
	return REAL(inotify_add_watch)(fd, client_redirect(path, &p), mask);
}

/* ls asks for access control lists. */
EXPORT ssize_t getxattr(const char *path, const char *name, void *value, size_t size)
{
	struct client_path p;
	return REAL(getxattr)(client_redirect(path, &p), name, value, size);
}

EXPORT ssize_t lgetxattr(const char *path, const char *name, void *value, size_t size)
{
	struct client_path p;
	return REAL(lgetxattr)(client_redirect(path, &p), name, value, size);
}

EXPORT ssize_t listxattr(const char *path, char *list, size_t size)
{
	struct client_path p;
	return REAL(listxattr)(client_redirect(path, &p), list, size);
}

EXPORT ssize_t llistxattr(const char *path, char *list, size_t size)
{
	struct client_path p;
	return REAL(llistxattr)(client_redirect(path, &p), list, size);
}

/* ------------------------------------------------------------------ what fortified programs call instead */

ssize_t __readlink_chk(const char *path, char *buf, size_t size, size_t room);
ssize_t __readlinkat_chk(int dirfd, const char *path, char *buf, size_t size, size_t room);
char *__realpath_chk(const char *path, char *resolved, size_t room);
char *__getcwd_chk(char *buf, size_t size, size_t room);

EXPORT ssize_t __readlink_chk(const char *path, char *buf, size_t size, size_t room)
{
	struct client_path p;
	return shown_link(REAL(__readlink_chk)(client_redirect(path, &p), buf, size, room), buf, size);
}

EXPORT ssize_t __readlinkat_chk(int dirfd, const char *path, char *buf, size_t size, size_t room)
{
	struct client_path p;
	return shown_link(REAL(__readlinkat_chk)(dirfd, client_redirect(path, &p), buf, size, room), buf, size);
}

EXPORT char *__realpath_chk(const char *path, char *resolved, size_t room)
{
	struct client_path p;
	char *result = REAL(__realpath_chk)(client_redirect(path, &p), resolved, room);
	client_unredirect(result);
	return result;
}

EXPORT char *__getcwd_chk(char *buf, size_t size, size_t room)
{
	char *cwd = REAL(__getcwd_chk)(buf, size, room);
	client_unredirect(cwd);
	return cwd;
}
