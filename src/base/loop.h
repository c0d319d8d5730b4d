/* The event loop: sd-event behind our own few names. One thread. */
#ifndef SRC_BASE_LOOP_H
#define SRC_BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/err.h"

struct loop;
struct loop_source;
typedef void loop_io_fn(void *arg, int fd, uint32_t epoll_events);
typedef void loop_signal_fn(void *arg, int signo);
typedef void loop_timer_fn(void *arg);

int loop_create(struct loop **out, struct dbg_error *err);
void loop_destroy(struct loop *l);
/* Runs until loop_quit(). */
int loop_run(struct loop *l, struct dbg_error *err);
void loop_quit(struct loop *l);

/* fds are borrowed; sources live until loop_remove() (NULL is fine). */
int loop_add_fd(struct loop *l, int fd, uint32_t epoll_events, loop_io_fn *fn, void *arg, struct loop_source **out, struct dbg_error *err);
int loop_set_events(struct loop_source *s, uint32_t epoll_events);
/* The source is called only when no other one has anything to do. */
void loop_set_last(struct loop_source *s);
/* The signal is blocked in this thread until loop_destroy(), which restores the mask that loop_create() found. Programs started by
 * host_launch() begin with no signal blocked. */
int loop_add_signal(struct loop *l, int signo, loop_signal_fn *fn, void *arg, struct loop_source **out, struct dbg_error *err);
int loop_add_timer(struct loop *l, uint64_t microseconds, loop_timer_fn *fn, void *arg, struct loop_source **out, struct dbg_error *err); /* once */
/* Runs fn once, before the loop sleeps again. */
int loop_defer(struct loop *l, loop_timer_fn *fn, void *arg, struct dbg_error *err);
/* Runs fn after each round of callbacks of other sources: for what any of them may have left to do (bytes to send). */
int loop_add_post(struct loop *l, loop_timer_fn *fn, void *arg, struct loop_source **out, struct dbg_error *err);
void loop_remove(struct loop_source *s);
/* The monotonic clock. */
uint64_t loop_now_us(void);
/* Processor time of this program, in microseconds. */
uint64_t loop_cpu_us(void);

#endif
