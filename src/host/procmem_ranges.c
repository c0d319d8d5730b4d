/* Thousands of places at once: the kernel spends its time on looking up one page after the other, so that other processors can do a part of it. The
 * helpers only copy; they know nothing but a list of ranges, and whoever comes too late for a part of it goes again. */
#include "src/host/procmem.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BATCH = 256, WORTH_HELP = 2048, MAX_HELPERS = 3 };

/* One list. Kept until the last of those who work on it has left; the ranges only until `left` is 0. */
struct work {
	pid_t pid;
	bool write;
	const struct kif_range *ranges;
	size_t n, batches;
	bool *short_count; /* of each batch: it was not copied whole */
	pthread_mutex_t lock;
	pthread_cond_t done;
	size_t next, left; /* batches: the first that nobody has begun, how many are not done */
	unsigned holders;
};

static bool copy_batch(const struct work *w, size_t batch)
{
	struct iovec here[BATCH], there[BATCH];
	const struct kif_range *r = w->ranges + batch * BATCH;
	size_t rest = w->n - batch * BATCH, some = rest < BATCH ? rest : BATCH, bytes = 0;
	for (size_t i = 0; i < some; i++) {
		here[i] = (struct iovec){ r[i].buf, r[i].bytes };
		there[i] = (struct iovec){ (void *)(uintptr_t)r[i].addr, r[i].bytes };
		bytes += r[i].bytes;
	}
	ssize_t done = w->write ? process_vm_writev(w->pid, here, some, there, some, 0) : process_vm_readv(w->pid, here, some, there, some, 0);
	return done == (ssize_t)bytes;
}

static void do_batches(struct work *w)
{
	pthread_mutex_lock(&w->lock);
	while (w->next < w->batches) {
		size_t batch = w->next++;
		pthread_mutex_unlock(&w->lock);
		bool whole = copy_batch(w, batch);
		pthread_mutex_lock(&w->lock);
		w->short_count[batch] = !whole;
		if (--w->left == 0)
			pthread_cond_signal(&w->done);
	}
	pthread_mutex_unlock(&w->lock);
}

static void leave(struct work *w)
{
	pthread_mutex_lock(&w->lock);
	bool last = --w->holders == 0;
	pthread_mutex_unlock(&w->lock);
	if (!last)
		return;
	pthread_cond_destroy(&w->done);
	pthread_mutex_destroy(&w->lock);
	free(w->short_count);
	free(w);
}

static void hold(struct work *w)
{
	pthread_mutex_lock(&w->lock);
	w->holders++;
	pthread_mutex_unlock(&w->lock);
}

static void *help(void *arg)
{
	do_batches(arg);
	leave(arg);
	return NULL;
}

/* Signals are the main thread's. */
static void call_helpers(struct work *w)
{
	long spare = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	sigset_t all, before;
	pthread_attr_t detached;
	pthread_t thread;
	if (spare <= 0 || pthread_attr_init(&detached))
		return;
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (long i = 0; i < spare && i < MAX_HELPERS; i++) {
		hold(w);
		if (pthread_create(&thread, &detached, help, w)) {
			leave(w);
			break;
		}
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&detached);
}

static struct work *new_work(pid_t pid, const struct kif_range *ranges, size_t n, bool write)
{
	struct work *w = calloc(1, sizeof *w);
	if (!w)
		return NULL;
	w->pid = pid;
	w->write = write;
	w->ranges = ranges;
	w->n = n;
	w->batches = (n + BATCH - 1) / BATCH;
	w->short_count = calloc(w->batches, sizeof *w->short_count);
	if (!w->short_count) {
		free(w);
		return NULL;
	}
	w->left = w->batches;
	w->holders = 1;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->done, NULL);
	return w;
}

static int copy_one(int fd, const struct kif_range *r, bool write, struct dbg_error *err)
{
	size_t done;
	int status = write ? procmem_write(fd, r->addr, r->buf, r->bytes, &done, err) : procmem_read(fd, r->addr, r->buf, r->bytes, &done, err);
	if (status == 0 && done != r->bytes)
		return dbg_fail(err, DBG_REFUSED, "only %zu of %zu bytes at 0x%llx can be %s", done, r->bytes, (unsigned long long)r->addr,
			write ? "written" : "read");
	return status;
}

static int copy_ranges(pid_t pid, int fd, const struct kif_range *ranges, size_t n, bool write, struct dbg_error *err)
{
	int status = 0;
	struct work *w = n ? new_work(pid, ranges, n, write) : NULL;
	if (n && !w)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for %zu places", n);
	if (!w)
		return 0;
	if (n >= WORTH_HELP)
		call_helpers(w);
	do_batches(w);
	pthread_mutex_lock(&w->lock);
	while (w->left) /* a helper is in the middle of a batch */
		pthread_cond_wait(&w->done, &w->lock);
	pthread_mutex_unlock(&w->lock);
	/* Where the program itself may not go, and memory of devices: /proc/PID/mem does not mind. */
	for (size_t i = 0; i < n && status == 0; i++)
		if (w->short_count[i / BATCH])
			status = copy_one(fd, &ranges[i], write, err);
	leave(w);
	return status;
}

int procmem_read_ranges(pid_t pid, int fd, const struct kif_range *ranges, size_t n, struct dbg_error *err)
{
	return copy_ranges(pid, fd, ranges, n, false, err);
}

int procmem_write_ranges(pid_t pid, int fd, const struct kif_range *ranges, size_t n, struct dbg_error *err)
{
	return copy_ranges(pid, fd, ranges, n, true, err);
}
