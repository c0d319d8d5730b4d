#include "src/base/loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "src/base/log.h"

struct loop {
	sd_event *event;
	sigset_t mask_before;
	struct loop_source *deferred; /* not run yet */
};

struct loop_source {
	sd_event_source *source;
	loop_io_fn *io;
	loop_signal_fn *signal;
	loop_timer_fn *plain;
	void *arg;
	bool once;       /* frees itself after it ran */
	struct loop *loop;
	struct loop_source *next; /* of the deferred ones */
	bool running;    /* inside its own callback */
	bool removed;    /* loop_remove() was called there */
};

static void source_free(struct loop_source *s)
{
	sd_event_source_disable_unref(s->source);
	free(s);
}

int loop_create(struct loop **out, struct dbg_error *err)
{
	struct loop *l = calloc(1, sizeof *l);
	if (!l)
		return dbg_fail(err, DBG_INTERNAL, "out of memory");
	int rc = sd_event_new(&l->event);
	if (rc < 0) {
		free(l);
		return dbg_fail_errno(err, DBG_INTERNAL, -rc, "no event loop");
	}
	pthread_sigmask(SIG_BLOCK, NULL, &l->mask_before);
	*out = l;
	return 0;
}

void loop_destroy(struct loop *l)
{
	if (!l)
		return;
	while (l->deferred) {
		struct loop_source *s = l->deferred;
		l->deferred = s->next;
		source_free(s);
	}
	sd_event_unref(l->event);
	pthread_sigmask(SIG_SETMASK, &l->mask_before, NULL);
	free(l);
}

int loop_run(struct loop *l, struct dbg_error *err)
{
	int rc = sd_event_loop(l->event);
	return rc < 0 ? dbg_fail_errno(err, DBG_INTERNAL, -rc, "the event loop failed") : 0;
}

void loop_quit(struct loop *l)
{
	sd_event_exit(l->event, 0);
}

/* A callback may remove its own source; it is freed when the callback is back. */
static void source_done(struct loop_source *s)
{
	s->running = false;
	if (s->removed || s->once)
		source_free(s);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	(void)source;
	struct loop_source *s = userdata;
	s->running = true;
	s->io(s->arg, fd, revents);
	source_done(s);
	return 0;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
	(void)source;
	struct loop_source *s = userdata;
	s->running = true;
	s->signal(s->arg, (int)si->ssi_signo);
	source_done(s);
	return 0;
}

static void forget_deferred(struct loop_source *s)
{
	struct loop_source **at = &s->loop->deferred;
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
}

static int on_plain(sd_event_source *source, void *userdata)
{
	(void)source;
	struct loop_source *s = userdata;
	if (s->once)
		forget_deferred(s);
	s->running = true;
	s->plain(s->arg);
	source_done(s);
	return 0;
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)usec;
	return on_plain(source, userdata);
}

static struct loop_source *source_new(void *arg, struct dbg_error *err)
{
	struct loop_source *s = calloc(1, sizeof *s);
	if (!s)
		dbg_fail(err, DBG_INTERNAL, "out of memory");
	else
		s->arg = arg;
	return s;
}

static int source_finish(struct loop_source *s, int rc, const char *what, struct loop_source **out, struct dbg_error *err)
{
	if (rc < 0) {
		free(s);
		return dbg_fail_errno(err, DBG_INTERNAL, -rc, "%s cannot be watched", what);
	}
	if (out)
		*out = s;
	return 0;
}

int loop_add_fd(struct loop *l, int fd, uint32_t epoll_events, loop_io_fn *fn, void *arg, struct loop_source **out, struct dbg_error *err)
{
	struct loop_source *s = source_new(arg, err);
	if (!s)
		return -DBG_INTERNAL;
	s->io = fn;
	return source_finish(s, sd_event_add_io(l->event, &s->source, fd, epoll_events, on_io, s), "a descriptor", out, err);
}

int loop_set_events(struct loop_source *s, uint32_t epoll_events)
{
	int rc = sd_event_source_set_io_events(s->source, epoll_events);
	return rc < 0 ? -DBG_INTERNAL : 0;
}

void loop_set_last(struct loop_source *s)
{
	sd_event_source_set_priority(s->source, SD_EVENT_PRIORITY_IDLE);
}

int loop_add_signal(struct loop *l, int signo, loop_signal_fn *fn, void *arg, struct loop_source **out, struct dbg_error *err)
{
	struct loop_source *s = source_new(arg, err);
	if (!s)
		return -DBG_INTERNAL;
	s->signal = fn;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, signo);
	int e = pthread_sigmask(SIG_BLOCK, &set, NULL);
	return source_finish(s, e ? -e : sd_event_add_signal(l->event, &s->source, signo, on_signal, s), "a signal", out, err);
}

int loop_add_timer(struct loop *l, uint64_t microseconds, loop_timer_fn *fn, void *arg, struct loop_source **out, struct dbg_error *err)
{
	struct loop_source *s = source_new(arg, err);
	if (!s)
		return -DBG_INTERNAL;
	s->plain = fn;
	/* Accuracy of 1 us: the default lets the loop wait for 250 ms more. The source stays, switched off, until it is removed. */
	return source_finish(s, sd_event_add_time_relative(l->event, &s->source, CLOCK_MONOTONIC, microseconds, 1, on_time, s), "a timer", out, err);
}

int loop_defer(struct loop *l, loop_timer_fn *fn, void *arg, struct dbg_error *err)
{
	struct loop_source *s = source_new(arg, err);
	if (!s)
		return -DBG_INTERNAL;
	s->plain = fn;
	s->once = true;
	int rc = sd_event_add_defer(l->event, &s->source, on_plain, s);
	rc = source_finish(s, rc, "a deferred call", NULL, err);
	if (rc)
		return rc;
	s->loop = l;
	s->next = l->deferred;
	l->deferred = s;
	return 0;
}

int loop_add_post(struct loop *l, loop_timer_fn *fn, void *arg, struct loop_source **out, struct dbg_error *err)
{
	struct loop_source *s = source_new(arg, err);
	if (!s)
		return -DBG_INTERNAL;
	s->plain = fn;
	return source_finish(s, sd_event_add_post(l->event, &s->source, on_plain, s), "the end of a round", out, err);
}

void loop_remove(struct loop_source *s)
{
	if (!s)
		return;
	s->removed = true;
	if (s->running)
		sd_event_source_set_enabled(s->source, SD_EVENT_OFF);
	else
		source_free(s);
}

static uint64_t clock_us(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t loop_now_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

uint64_t loop_cpu_us(void)
{
	return clock_us(CLOCK_PROCESS_CPUTIME_ID);
}
