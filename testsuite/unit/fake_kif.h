/* A kernel seam out of the saved waves: memory is the fixture's, calls are counted. */
#ifndef TESTSUITE_UNIT_FAKE_KIF_H
#define TESTSUITE_UNIT_FAKE_KIF_H

#include "src/kernel/kif.h"
#include "testsuite/unit/save_fixture.h"

struct fake_kif {
	struct kif kif; /* first */
	struct fixture fixture;
	bool suspended, queue_new, enabled, gone;
	unsigned n_suspends, n_resumes, n_disables, n_credits, n_writes;
	struct kif_event events[8]; /* to be told, in order */
	size_t n_events;
	int event_fd;
	uint32_t runtime_state;
};

void fake_kif_init(struct fake_kif *f);
void fake_kif_deinit(struct fake_kif *f);
void fake_put(struct fake_kif *f, uint64_t addr, const void *bytes, size_t n);

/* Addresses of the fixture. */
#define FAKE_R_DEBUG UINT64_C(0x600000000000)

#endif
