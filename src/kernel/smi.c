#include "src/kernel/smi.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "src/base/log.h"
#include "src/kernel/kfd_abi.h"

struct smi_gpu {
	const struct smi *owner;
	uint32_t gpu_id;
	int fd;
	struct loop_source *source;
	char line[256]; /* begun and not ended */
	size_t filled;
};

struct smi {
	smi_reset_fn *reset;
	void *arg;
	size_t n;
	struct smi_gpu gpus[];
};

static const uint64_t wanted = UINT64_C(1) << (KFD_SMI_VMFAULT - 1) | UINT64_C(1) << (KFD_SMI_GPU_PRE_RESET - 1) |
	UINT64_C(1) << (KFD_SMI_GPU_POST_RESET - 1);

static void on_line(struct smi_gpu *g)
{
	g->line[g->filled] = '\0';
	g->filled = 0;
	char *rest;
	errno = 0;
	unsigned long event = strtoul(g->line, &rest, 16);
	if (rest == g->line || errno || event > 64) {
		log_debug(LOG_KERNEL, "GPU %u: a management event that cannot be read: %s", g->gpu_id, g->line);
		return;
	}
	while (*rest == ' ')
		rest++;
	if (event == KFD_SMI_GPU_PRE_RESET || event == KFD_SMI_GPU_POST_RESET)
		g->owner->reset(g->owner->arg, g->gpu_id, event == KFD_SMI_GPU_POST_RESET, rest);
	else
		log_debug(LOG_KERNEL, "GPU %u: management event %lu: %s", g->gpu_id, event, rest);
}

static void stop(struct smi_gpu *g)
{
	loop_remove(g->source);
	g->source = NULL;
	if (g->fd >= 0)
		close(g->fd);
	g->fd = -1;
}

static void on_readable(void *arg, int fd, uint32_t events)
{
	(void)events;
	struct smi_gpu *g = arg;
	char bytes[1024];
	ssize_t got = read(fd, bytes, sizeof bytes);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		log_debug(LOG_KERNEL, "GPU %u: no more management events", g->gpu_id);
		stop(g);
		return;
	}
	for (ssize_t i = 0; i < got; i++) {
		if (bytes[i] == '\n')
			on_line(g);
		else if (g->filled < sizeof g->line - 1)
			g->line[g->filled++] = bytes[i];
	}
}

static bool start(struct smi_gpu *g, struct kif *k, struct loop *l)
{
	struct dbg_error err;
	if (kif_smi_open(k, g->gpu_id, &g->fd, &err)) {
		log_debug(LOG_KERNEL, "GPU %u: no management events: %s", g->gpu_id, err.text);
		return false;
	}
	int flags = fcntl(g->fd, F_GETFL);
	if (flags < 0 || fcntl(g->fd, F_SETFL, flags | O_NONBLOCK) < 0 || write(g->fd, &wanted, sizeof wanted) != sizeof wanted) {
		log_debug(LOG_KERNEL, "GPU %u: no management events: %s", g->gpu_id, strerror(errno));
		stop(g);
		return false;
	}
	if (loop_add_fd(l, g->fd, EPOLLIN, on_readable, g, &g->source, &err)) {
		log_debug(LOG_KERNEL, "GPU %u: no management events: %s", g->gpu_id, err.text);
		stop(g);
		return false;
	}
	return true;
}

int smi_create(struct kif *k, struct loop *l, const uint32_t *gpu_ids, size_t n, smi_reset_fn *reset, void *arg, struct smi **out,
	struct dbg_error *err)
{
	struct smi *s = calloc(1, sizeof *s + n * sizeof s->gpus[0]);
	if (!s)
		return dbg_fail(err, DBG_INTERNAL, "out of memory");
	s->reset = reset;
	s->arg = arg;
	for (size_t i = 0; i < n; i++) {
		struct smi_gpu *g = &s->gpus[s->n];
		*g = (struct smi_gpu){ .owner = s, .gpu_id = gpu_ids[i], .fd = -1 };
		if (start(g, k, l))
			s->n++;
	}
	if (s->n == 0) {
		smi_destroy(s);
		return dbg_fail(err, DBG_UNSUPPORTED, "no GPU offers management events");
	}
	*out = s;
	return 0;
}

void smi_pump(struct smi *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->gpus[i].fd >= 0)
			on_readable(&s->gpus[i], s->gpus[i].fd, 0);
}

void smi_destroy(struct smi *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		stop(&s->gpus[i]);
	free(s);
}
