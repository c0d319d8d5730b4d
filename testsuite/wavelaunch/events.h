/* Events: the page of mailboxes, the events a run time has, and sleeping until one of them comes. */
#ifndef TESTSUITE_WAVELAUNCH_EVENTS_H
#define TESTSUITE_WAVELAUNCH_EVENTS_H

#include "testsuite/wavelaunch/memory.h"

struct wl_event {
	uint32_t id;
	uint32_t slot;
	uint64_t age;  /* last seen (events of type SIGNAL) */
};

enum { WL_EVENT_MEMORY, WL_EVENT_HW, WL_EVENT_DONE, WL_EVENT_ERROR, WL_N_EVENTS };

struct wl_events {
	struct wl_buffer page;
	struct wl_event event[WL_N_EVENTS];
	unsigned created;
};

/* What the driver told with the MEMORY and HW_EXCEPTION events; gpu_id 0: nothing. */
struct wl_bad_news {
	struct kfd_memory_exception memory;
	struct kfd_hw_exception hw;
};

int wl_events_create(struct wl_device *dev, struct wl_events *ev, struct wl_err *err);
void wl_events_destroy(struct wl_device *dev, struct wl_events *ev);
/* Address of an event's mailbox, for a signal. */
uint64_t wl_event_mailbox(const struct wl_events *ev, unsigned which);
/* Sleeps until any event comes or the time (ms, UINT32_MAX: for ever) is over; neither is an error, and waking early is allowed. News are
 * added to `news`. */
int wl_events_wait(struct wl_device *dev, struct wl_events *ev, uint32_t timeout_ms, struct wl_bad_news *news, struct wl_err *err);

#endif
