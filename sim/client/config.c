#include "sim/client/client.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct wire_config config;
static bool config_valid;
static pthread_once_t once = PTHREAD_ONCE_INIT;

void *client_real(void **cache, const char *name)
{
	void *p = __atomic_load_n(cache, __ATOMIC_ACQUIRE);
	if (!p) {
		p = dlsym(RTLD_NEXT, name);
		__atomic_store_n(cache, p, __ATOMIC_RELEASE);
	}
	return p;
}

static void say_hello(void)
{
	if (!getenv(WIRE_SOCKET_VARIABLE))
		return;
	client_conn_init();
	struct client_exchange x = { .request = { .op = WIRE_HELLO }, .answer = &config, .answer_bytes = sizeof(config), .fd_in = -1 };
	if (client_exchange(&x) < 0 || config.version != WIRE_VERSION || config.n_nodes > WIRE_MAX_NODES)
		return;
	config_valid = true;
	/* Where the Yama module restricts ptrace to descendants: programs of one run may trace each other, as they may on a GPU machine. */
	prctl(PR_SET_PTRACER, (unsigned long)config.simulator, 0, 0, 0);
}

const struct wire_config *client_config(void)
{
	pthread_once(&once, say_hello);
	return config_valid ? &config : NULL;
}

__attribute__((constructor)) static void start(void)
{
	int saved = errno;
	client_config();
	errno = saved;
}

/* ------------------------------------------------------------------ nodes */

int client_node_of_path(const char *path)
{
	for (uint32_t i = 0; i < config.n_nodes; i++)
		if (!strcmp(path, config.nodes[i].path))
			return (int)i;
	return -1;
}

int client_node_of_file(uint64_t dev, uint64_t ino)
{
	for (uint32_t i = 0; config_valid && i < config.n_nodes; i++) {
		const struct wire_node *n = &config.nodes[i];
		if ((n->dev == dev && n->ino == ino) || (n->place_dev == dev && n->place_ino == ino))
			return (int)i;
	}
	return -1;
}

int client_node_of_fd(int fd)
{
	struct stat st;
	if (fd < 0 || !client_config())
		return -1;
	int saved = errno;
	int node = syscall(SYS_fstat, fd, &st) ? -1 : client_node_of_file(st.st_dev, st.st_ino);
	errno = saved;
	return node;
}

/* ------------------------------------------------------------------ paths */

/* Copies the path without doubled slashes, "." components and a slash at the end. False when it does not fit. */
static bool tidy(const char *path, char out[PATH_MAX])
{
	size_t n = 0;
	while (*path) {
		while (*path == '/' && (path[1] == '/' || (path[1] == '.' && (path[2] == '/' || !path[2]))))
			path += path[1] == '/' ? 1 : 2;
		if (!*path)
			break;
		if (n + 1 >= PATH_MAX)
			return false;
		out[n++] = *path++;
	}
	while (n > 1 && out[n - 1] == '/')
		n--;
	out[n] = 0;
	return true;
}

/* True when the path is, or lies below, one of the replaced ones. */
static bool is_replaced(const char *path)
{
	for (const char *p = config.prefixes; *p; p += strlen(p) + 1) {
		size_t n = strlen(p);
		if (!strncmp(path, p, n) && (!path[n] || path[n] == '/'))
			return true;
	}
	return false;
}

const char *client_redirect(const char *path, struct client_path *p)
{
	p->replaced = false;
	p->node = -1;
	/* Nearly every path ends here. */
	if (!path || path[0] != '/' || (path[1] != 's' && path[1] != 'd' && path[1] != '/' && path[1] != '.'))
		return path;
	if (!client_config() || strlen(path) >= PATH_MAX - 1 || !tidy(path, p->tidy))
		return path;
	p->node = client_node_of_path(p->tidy);
	if (p->node < 0 && !is_replaced(p->tidy))
		return path;
	size_t root = strlen(config.root), n = strlen(p->tidy);
	if (root + n + 1 >= PATH_MAX)
		return path;
	memcpy(p->real, config.root, root);
	memcpy(p->real + root, p->tidy, n + 1);
	if (path[strlen(path) - 1] == '/')
		strcat(p->real, "/"); /* follows a link, and insists on a directory */
	p->replaced = true;
	return p->real;
}

void client_unredirect(char *path)
{
	size_t root = strlen(config.root);
	if (config_valid && path && !strncmp(path, config.root, root) && path[root] == '/')
		memmove(path, path + root, strlen(path + root) + 1);
}
