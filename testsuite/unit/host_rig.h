/* What the tests of the host's side share: a program (host_child) that does what its argument says and a page of memory with it. */
#ifndef TESTSUITE_UNIT_HOST_RIG_H
#define TESTSUITE_UNIT_HOST_RIG_H

#include "src/host/host.h"
#include "testsuite/unit/host_child.h"

struct host_rig {
	int fd;
	struct child_page *page;
	struct host *h;
	pid_t started; /* not by host_launch() and not yet waited for */
	struct dbg_error err;
};
extern struct host_rig rig; /* of the running test */

/* The fixture. */
void rig_setup(void);
void rig_teardown(void);

/* Programs of the build tree are found beside the test. */
const char *rig_child_path(void);
void rig_launch(const char *what);
/* Starts the program without tracing it. */
pid_t rig_start(const char *what);
/* Continues the launched program until it has told where its marks are. */
void rig_run_until_ready(void);
/* Launches a program that is then ready, with a breakpoint in the function that it calls; answers its address. It waits for `go`. */
uint64_t rig_break_at_mark(const char *what);
/* Launches a program of CHILD_THREADS threads beside the first; all of them have come round a few times. */
void rig_run_threads(void);

void rig_snooze(void);
/* The next event; HOST_NONE when none came for a minute. */
struct host_event rig_next_event(void);
/* The same, which must be of this kind. */
#define rig_expect(kind) rig_expect_at(__LINE__, kind)
struct host_event rig_expect_at(int line, enum host_event_kind kind);
void rig_no_event(int milliseconds);
/* Takes events, of which there must be none, until *value has grown so far. */
void rig_pump_until(volatile uint64_t *value, uint64_t least);
/* The same until thread i has come round so many times more. */
void rig_pump_more(int i, uint64_t rounds);

#endif
