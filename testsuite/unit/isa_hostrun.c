#include "testsuite/unit/isa_hostrun.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum { STACK = 64 * 1024, MAX_ITEMS = 1024 };

unsigned h_lid[3], h_grp[3], h_lsz[3], h_gsz[3];

/* The kernels' barrier takes no argument, so the one group that runs is global to this file. */
static struct {
	ucontext_t scheduler, item[MAX_ITEMS];
	uint8_t *stacks;
	bool done[MAX_ITEMS];
	unsigned current, n;
	host_kernel *kernel;
	uint32_t *out, words;
	const uint32_t *a, *b;
} run;

void h_barrier(void)
{
	swapcontext(&run.item[run.current], &run.scheduler);
}

static void entry(void)
{
	run.kernel(run.out, run.a, run.b, run.words);
	run.done[run.current] = true;
}

/* On its own, so that no loop variable lives in a frame that returns twice. */
static void prepare(ucontext_t *item, uint8_t *stack)
{
	getcontext(item);
	item->uc_stack.ss_sp = stack;
	item->uc_stack.ss_size = STACK;
	item->uc_link = &run.scheduler;
	makecontext(item, entry, 0);
}

/* size: of this group, which may be a partial one; h_lsz keeps the full size, as the GPU's builtin does. */
static void run_group(const unsigned size[3])
{
	run.n = size[0] * size[1] * size[2];
	memset(run.done, 0, sizeof run.done);
	for (unsigned k = 0; k < run.n; k++)
		prepare(&run.item[k], run.stacks + (size_t)k * STACK);
	for (unsigned left = run.n; left;) {
		left = 0;
		for (unsigned k = 0; k < run.n; k++) {
			if (run.done[k])
				continue;
			run.current = k;
			h_lid[0] = k % size[0];
			h_lid[1] = k / size[0] % size[1];
			h_lid[2] = k / size[0] / size[1];
			swapcontext(&run.scheduler, &run.item[k]);
			left += !run.done[k];
		}
	}
}

void host_run(host_kernel *k, const uint32_t grid[3], const uint32_t group[3], uint32_t *out, const uint32_t *a, const uint32_t *b, uint32_t n)
{
	run.kernel = k;
	run.out = out;
	run.a = a;
	run.b = b;
	run.words = n;
	run.stacks = malloc((size_t)STACK * MAX_ITEMS);
	if (!run.stacks) {
		fprintf(stderr, "out of memory\n");
		exit(EXIT_FAILURE);
	}
	memcpy(h_gsz, grid, sizeof h_gsz);
	memcpy(h_lsz, group, sizeof h_lsz);
	for (h_grp[2] = 0; h_grp[2] * group[2] < grid[2]; h_grp[2]++)
		for (h_grp[1] = 0; h_grp[1] * group[1] < grid[1]; h_grp[1]++)
			for (h_grp[0] = 0; h_grp[0] * group[0] < grid[0]; h_grp[0]++) {
				unsigned size[3];
				for (unsigned d = 0; d < 3; d++) {
					unsigned left = grid[d] - h_grp[d] * group[d];
					size[d] = left < group[d] ? left : group[d];
				}
				run_group(size);
			}
	free(run.stacks);
}
