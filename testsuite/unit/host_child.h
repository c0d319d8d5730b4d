/* What the host tests and the program they trace tell each other, in memory that both map. */
#ifndef TESTSUITE_UNIT_HOST_CHILD_H
#define TESTSUITE_UNIT_HOST_CHILD_H

#include <stdint.h>

enum { CHILD_THREADS = 4 };

struct child_page {
	volatile uint64_t mark_addr; /* address of a small function; set when the program is ready */
	volatile uint64_t word_addr; /* of a variable that holds 0x1122334455667788 */
	volatile int go, stop;
	volatile uint64_t marks;     /* how often the function was called */
	volatile uint64_t loops[CHILD_THREADS];
	volatile int tids[CHILD_THREADS];
	volatile int signals;        /* handled SIGUSR1 and SIGALRM */
	volatile int child_marks;    /* calls made by a forked child */
	volatile int child_status;
};

#endif
