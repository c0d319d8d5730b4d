#include "testsuite/wavelaunch/events.h"

#include <errno.h>
#include <string.h>

struct event_type {
	uint32_t type;
	const char *name;
};

static const struct event_type types[WL_N_EVENTS] = {
	[WL_EVENT_MEMORY] = { KFD_EVENT_MEMORY, "memory" },
	[WL_EVENT_HW] = { KFD_EVENT_HW_EXCEPTION, "hardware exception" },
	[WL_EVENT_DONE] = { KFD_EVENT_SIGNAL, "completion" },
	[WL_EVENT_ERROR] = { KFD_EVENT_SIGNAL, "queue error" },
};

/* The first creation hands the page to the driver, by the handle of its buffer. */
static int create(struct wl_device *dev, struct wl_events *ev, unsigned which, struct wl_err *err)
{
	bool slotted = types[which].type == KFD_EVENT_SIGNAL;
	struct kfd_create_event args = {
		.page_offset = ev->created == 0 ? ev->page.handle : 0,
		.type = types[which].type,
		.auto_reset = slotted,
		.node_id = dev->gpu.node,
	};
	if (wl_ioctl(dev, KFD_CREATE_EVENT, &args))
		return wl_fail(err, WL_SYSTEM, "/dev/kfd: CREATE_EVENT (%s): %s", types[which].name, strerror(errno));
	if (slotted && args.slot_index >= KFD_EVENT_PAGE / 8)
		return wl_fail(err, WL_SYSTEM, "/dev/kfd: CREATE_EVENT (%s): slot %u is outside of the page", types[which].name, args.slot_index);
	ev->event[which] = (struct wl_event){ .id = args.event_id, .slot = args.slot_index, .age = 1 };
	ev->created++;
	return 0;
}

int wl_events_create(struct wl_device *dev, struct wl_events *ev, struct wl_err *err)
{
	*ev = (struct wl_events){ 0 };
	if (wl_buffer_alloc(dev, WL_HOST, KFD_EVENT_PAGE, 0, &ev->page, err))
		return -1;
	/* A slot of all ones: nothing has been signalled. */
	memset(ev->page.addr, 0xff, ev->page.size);
	static const unsigned order[] = { WL_EVENT_MEMORY, WL_EVENT_DONE, WL_EVENT_ERROR, WL_EVENT_HW };
	for (unsigned i = 0; i < WL_N_EVENTS; i++) {
		if (create(dev, ev, order[i], err)) {
			wl_events_destroy(dev, ev);
			return -1;
		}
	}
	return 0;
}

void wl_events_destroy(struct wl_device *dev, struct wl_events *ev)
{
	for (unsigned i = 0; i < WL_N_EVENTS; i++) {
		if (!ev->event[i].id)
			continue;
		struct kfd_event_id args = { .event_id = ev->event[i].id };
		wl_ioctl(dev, KFD_DESTROY_EVENT, &args);
		ev->event[i].id = 0;
	}
	wl_buffer_free(dev, &ev->page);
}

uint64_t wl_event_mailbox(const struct wl_events *ev, unsigned which)
{
	return (uintptr_t)ev->page.addr + 8ull * ev->event[which].slot;
}

int wl_events_wait(struct wl_device *dev, struct wl_events *ev, uint32_t timeout_ms, struct wl_bad_news *news, struct wl_err *err)
{
	struct kfd_event_data data[WL_N_EVENTS] = { 0 };
	for (unsigned i = 0; i < WL_N_EVENTS; i++) {
		data[i].event_id = ev->event[i].id;
		if (types[i].type == KFD_EVENT_SIGNAL)
			data[i].last_age = ev->event[i].age;
	}
	struct kfd_wait_events args = { .events = (uintptr_t)data, .count = WL_N_EVENTS };
	args.timeout_ms = timeout_ms == UINT32_MAX ? KFD_WAIT_FOREVER : timeout_ms;
	if (wl_ioctl(dev, KFD_WAIT_EVENTS, &args))
		return wl_fail(err, WL_SYSTEM, "/dev/kfd: WAIT_EVENTS: %s", strerror(errno));
	if (args.result == KFD_WAIT_FAIL)
		return wl_fail(err, WL_SYSTEM, "/dev/kfd: WAIT_EVENTS failed");
	for (unsigned i = 0; i < WL_N_EVENTS; i++)
		if (types[i].type == KFD_EVENT_SIGNAL && data[i].last_age)
			ev->event[i].age = data[i].last_age;
	if (args.result == KFD_WAIT_COMPLETE && data[WL_EVENT_MEMORY].memory.gpu_id)
		news->memory = data[WL_EVENT_MEMORY].memory;
	if (args.result == KFD_WAIT_COMPLETE && data[WL_EVENT_HW].hw.gpu_id)
		news->hw = data[WL_EVENT_HW].hw;
	return 0;
}
