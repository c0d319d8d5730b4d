#include "sim/driver/events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "sim/driver/abi.h"
#include "sim/driver/backing.h"
#include "sim/driver/handlers.h"
#include "sim/driver/memory.h"

enum { TYPE_SIGNAL = 0, TYPE_HW_EXCEPTION = 3, TYPE_DEBUG = 5, TYPE_MEMORY = 8 };
enum { RESULT_COMPLETE = 0, RESULT_TIMEOUT = 1, RESULT_FAIL = 2 };
enum { SLOTS = 4096, PAGE_BYTES = SLOTS * 8 };
#define FIRST_PLAIN_ID 0x40000000u /* ids of events without a slot */
#define TIMEOUT_FOREVER 0xffffffffu
#define SLOT_UNSIGNALED UINT64_MAX

struct wait;

/* One event that one WAIT_EVENTS looks at. */
struct waiter {
	struct waiter *next; /* of the event, while it is waited for */
	struct wait *wait;
	struct event *event; /* NULL: destroyed meanwhile */
	bool activated, aged;
};

struct event {
	struct event *next;
	uint32_t id, type;
	bool auto_reset, signaled;
	uint64_t age;
	uint8_t record[32]; /* MEMORY and HW_EXCEPTION: what to hand out */
	struct waiter *waiters;
};

/* A WAIT_EVENTS asleep. */
struct wait {
	struct sim_call *call;
	struct sim_timer *timer;
	uint64_t deadline;
	uint32_t n;
	struct waiter w[];
};

struct sim_events {
	struct event *list;         /* all */
	struct event *slots[SLOTS]; /* those with a slot, by id; 0 is reserved */
	uint64_t *page;             /* slots as programs and packets see them; NULL none yet */
	uint64_t own_page_offset;   /* page in the file behind /dev/kfd; 0: page is a buffer of the program */
	struct sim_backing *own_page_backing;
	uint32_t next_plain_id;
};

struct sim_events *sim_events_create(void)
{
	struct sim_events *events = calloc(1, sizeof(*events));
	if (events)
		events->next_plain_id = FIRST_PLAIN_ID;
	return events;
}

void sim_events_destroy(struct sim_events *events)
{
	if (!events)
		return;
	while (events->list) {
		struct event *next = events->list->next;
		free(events->list);
		events->list = next;
	}
	if (events->own_page_offset) {
		munmap(events->page, PAGE_BYTES);
		sim_backing_give(events->own_page_backing, events->own_page_offset, PAGE_BYTES);
	}
	free(events);
}

uint64_t sim_events_page_offset(const struct sim_process *process)
{
	const struct sim_events *events = process->events;
	return events->own_page_offset;
}

static struct event *find(const struct sim_events *events, uint32_t id)
{
	if (id < SLOTS)
		return events->slots[id];
	for (struct event *e = events->list; e; e = e->next)
		if (e->id == id)
			return e;
	return NULL;
}

static bool has_slot(uint32_t type)
{
	return type == TYPE_SIGNAL || type == TYPE_DEBUG;
}

/* ------------------------------------------------------------------ waiting */

static int test(const struct wait *wait, bool all)
{
	uint32_t activated = 0;
	for (uint32_t i = 0; i < wait->n; i++) {
		if (!wait->w[i].event)
			return RESULT_FAIL;
		if (wait->w[i].activated && !all)
			return RESULT_COMPLETE;
		activated += wait->w[i].activated;
	}
	return activated == wait->n ? RESULT_COMPLETE : RESULT_TIMEOUT;
}

/* Hands out what the activated events have to say. */
static int copy_data(const struct wait *wait, uint64_t events_ptr)
{
	struct sim_process *process = wait->call->process;
	for (uint32_t i = 0; i < wait->n; i++) {
		const struct waiter *w = &wait->w[i];
		const struct event *e = w->event;
		uint64_t at = events_ptr + (uint64_t)i * sizeof(struct sim_event_data);
		if (!e || !w->activated)
			continue;
		const void *src = e->record;
		size_t n = e->type == TYPE_MEMORY ? 32 : e->type == TYPE_HW_EXCEPTION ? 16 : 0;
		if (w->aged) {
			src = &e->age;
			n = sizeof(e->age);
		}
		if (!sim_process_write(process, at, src, n))
			return -EFAULT;
	}
	return 0;
}

static void leave(struct waiter *w)
{
	if (!w->event)
		return;
	for (struct waiter **link = &w->event->waiters; *link; link = &(*link)->next)
		if (*link == w) {
			*link = w->next;
			return;
		}
}

static void set(struct event *e);

/* Ends the wait. undo: its call will be restarted, so consumed auto-reset events are given back. */
static void free_wait(struct wait *wait, bool undo)
{
	struct sim_process *process = wait->call->process;
	for (uint32_t i = 0; i < wait->n; i++)
		leave(&wait->w[i]);
	for (uint32_t i = 0; undo && i < wait->n; i++)
		if (wait->w[i].event && wait->w[i].activated && wait->w[i].event->auto_reset)
			set(wait->w[i].event);
	sim_timer_cancel(process->driver, wait->timer);
	free(wait);
}

static void finish(struct wait *wait, int result)
{
	struct sim_call *call = wait->call;
	struct sim_arg_wait_events arg;
	memcpy(&arg, call->arg, sizeof(arg));
	arg.result = (uint32_t)result;
	int err = result == RESULT_FAIL ? -EIO : 0;
	if (result == RESULT_COMPLETE)
		err = copy_data(wait, arg.events);
	memcpy(call->arg, &arg, sizeof(arg));
	free_wait(wait, false);
	sim_call_finish(call, err);
}

static void on_timeout(void *ctx)
{
	struct wait *wait = ctx;
	wait->timer = NULL;
	finish(wait, RESULT_TIMEOUT);
}

/* The sleeper got a signal: the remaining time goes into the argument, for the restart. */
static void on_cancel(struct sim_call *call)
{
	struct wait *wait = call->sleep_state;
	struct sim_arg_wait_events arg;
	memcpy(&arg, call->arg, sizeof(arg));
	if (arg.timeout && arg.timeout != TIMEOUT_FOREVER) {
		int64_t left = (int64_t)(wait->deadline - sim_clock_ns());
		arg.timeout = left > 0 ? (uint32_t)(left / 1000000) : 0;
	}
	arg.result = RESULT_TIMEOUT;
	memcpy(call->arg, &arg, sizeof(arg));
	free_wait(wait, true);
	sim_call_finish(call, -EINTR);
}

/* Wakes the wait when its condition holds now. */
static void wake(struct wait *wait)
{
	struct sim_arg_wait_events arg;
	memcpy(&arg, wait->call->arg, sizeof(arg));
	int result = test(wait, arg.wait_for_all);
	if (result != RESULT_TIMEOUT)
		finish(wait, result);
}

static void set(struct event *e)
{
	bool wanted = false;
	for (const struct waiter *w = e->waiters; w; w = w->next)
		wanted |= !w->activated;
	e->signaled = !e->auto_reset || !wanted;
	if (!++e->age)
		e->age = 2;
	for (struct waiter *w = e->waiters; w; w = w->next)
		w->activated = true;
	/* wake() may free the wait and with it waiters of this list, so start over after each; one that stays asleep is passed. */
	struct waiter *w = e->waiters;
	while (w) {
		struct wait *wait = w->wait;
		struct sim_arg_wait_events arg;
		memcpy(&arg, wait->call->arg, sizeof(arg));
		if (test(wait, arg.wait_for_all) != RESULT_TIMEOUT) {
			wake(wait);
			w = e->waiters;
		} else {
			w = w->next;
		}
	}
}

static int enter(struct sim_process *process, struct wait *wait, uint64_t events_ptr)
{
	struct sim_events *events = process->events;
	uint32_t n = wait->n;
	for (wait->n = 0; wait->n < n; wait->n++) {
		struct waiter *w = &wait->w[wait->n];
		struct sim_event_data data;
		uint64_t age;
		if (!sim_process_read(process, events_ptr + (uint64_t)wait->n * sizeof(data), &data, sizeof(data)))
			return -EFAULT;
		struct event *e = find(events, data.event_id);
		if (!e)
			return -EINVAL;
		memcpy(&age, data.payload, sizeof(age));
		*w = (struct waiter){ .next = e->waiters, .wait = wait, .event = e, .activated = e->signaled };
		if (e->auto_reset)
			e->signaled = false;
		if (e->type == TYPE_SIGNAL && age) {
			w->aged = true;
			w->activated |= age != e->age;
		}
		e->waiters = w;
	}
	return 0;
}

int sim_ioctl_wait_events(struct sim_call *call)
{
	struct sim_arg_wait_events arg;
	memcpy(&arg, call->arg, sizeof(arg));
	if (arg.num_events > SLOTS * 2)
		return -ENOMEM;
	struct wait *wait = calloc(1, sizeof(*wait) + arg.num_events * sizeof(wait->w[0]));
	if (!wait)
		return -ENOMEM;
	wait->call = call;
	wait->n = arg.num_events;
	int err = enter(call->process, wait, arg.events);
	arg.result = err ? RESULT_FAIL : (uint32_t)test(wait, arg.wait_for_all);
	if (!err && arg.result == RESULT_COMPLETE)
		err = copy_data(wait, arg.events);
	bool sleep = !err && arg.result == RESULT_TIMEOUT && arg.timeout;
	if (sleep && arg.timeout != TIMEOUT_FOREVER) {
		wait->deadline = sim_clock_ns() + (uint64_t)arg.timeout * 1000000u;
		wait->timer = sim_timer_start(call->driver, wait->deadline, on_timeout, wait);
		if (!wait->timer) {
			err = -ENOMEM;
			sleep = false;
		}
	}
	memcpy(call->arg, &arg, sizeof(arg));
	if (!sleep) {
		free_wait(wait, false);
		return err;
	}
	call->sleep_state = wait;
	call->cancel = on_cancel;
	return SIM_LATER;
}

/* ------------------------------------------------------------------ the event page */

/* The program's own buffer becomes the event page (discrete GPUs). */
static int use_buffer(struct sim_process *process, uint64_t handle)
{
	struct sim_events *events = process->events;
	struct sim_buffer *b = sim_memory_find(process->memory, handle);
	if (events->page || !b || !(b->flags & SIM_MEM_GTT) || b->file_bytes < PAGE_BYTES)
		return -EINVAL;
	events->page = (uint64_t *)b->host;
	memset(events->page, 0xff, PAGE_BYTES);
	b->event_page = true;
	return 0;
}

static int make_own_page(struct sim_process *process)
{
	struct sim_events *events = process->events;
	struct sim_backing *kfd = &process->driver->kfd;
	uint64_t offset = sim_backing_take(kfd, PAGE_BYTES);
	uint64_t *page = offset ? sim_backing_map(kfd, offset, PAGE_BYTES) : NULL;
	if (!page) {
		if (offset)
			sim_backing_give(kfd, offset, PAGE_BYTES);
		return -ENOMEM;
	}
	memset(page, 0xff, PAGE_BYTES);
	events->page = page;
	events->own_page_offset = offset;
	events->own_page_backing = kfd;
	return 0;
}

/* ------------------------------------------------------------------ making and signalling */

/* Lowest free slot, 0 none: id 0 is reserved. */
static uint32_t take_slot(const struct sim_events *events)
{
	for (uint32_t id = 1; id < SLOTS; id++)
		if (!events->slots[id])
			return id;
	return 0;
}

int sim_ioctl_create_event(struct sim_call *call)
{
	struct sim_arg_create_event arg;
	memcpy(&arg, call->arg, sizeof(arg));
	struct sim_process *process = call->process;
	struct sim_events *events = process->events;
	int err = arg.event_page_offset ? use_buffer(process, arg.event_page_offset) : 0;
	if (!err && has_slot(arg.type) && !events->page)
		err = make_own_page(process);
	if (err)
		return err;
	struct event *e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->type = arg.type;
	e->auto_reset = arg.auto_reset;
	e->age = 1;
	e->id = has_slot(arg.type) ? take_slot(events) : events->next_plain_id++;
	if (!e->id) {
		free(e);
		return -ENOSPC;
	}
	if (has_slot(arg.type))
		events->slots[e->id] = e;
	e->next = events->list;
	events->list = e;
	arg.event_page_offset = has_slot(arg.type) ? (uint64_t)SIM_MMAP_EVENTS << SIM_MMAP_TYPE_SHIFT : 0;
	arg.slot_index = has_slot(arg.type) ? e->id : 0;
	arg.trigger_data = arg.slot_index;
	arg.event_id = e->id;
	memcpy(call->arg, &arg, sizeof(arg));
	return 0;
}

static struct event *event_of(struct sim_call *call)
{
	struct sim_arg_event arg;
	memcpy(&arg, call->arg, sizeof(arg));
	return find(call->process->events, arg.event_id);
}

int sim_ioctl_destroy_event(struct sim_call *call)
{
	struct sim_events *events = call->process->events;
	struct event *e = event_of(call);
	if (!e)
		return -EINVAL;
	for (struct event **link = &events->list; *link; link = &(*link)->next)
		if (*link == e) {
			*link = e->next;
			break;
		}
	if (e->id < SLOTS)
		events->slots[e->id] = NULL;
	for (struct waiter *w = e->waiters; w; w = w->next)
		w->event = NULL;
	while (e->waiters) {
		struct wait *wait = e->waiters->wait;
		while (e->waiters && e->waiters->wait == wait)
			e->waiters = e->waiters->next;
		wake(wait);
	}
	free(e);
	return 0;
}

int sim_ioctl_set_event(struct sim_call *call)
{
	struct event *e = event_of(call);
	if (!e || e->type != TYPE_SIGNAL)
		return -EINVAL;
	set(e);
	return 0;
}

int sim_ioctl_reset_event(struct sim_call *call)
{
	struct event *e = event_of(call);
	if (!e || e->type != TYPE_SIGNAL)
		return -EINVAL;
	e->signaled = false;
	return 0;
}

void sim_event_signal(struct sim_process *process, uint32_t id)
{
	struct sim_events *events = process->events;
	struct event *e = find(events, id);
	if (!e)
		return;
	if (has_slot(e->type) && events->page)
		events->page[id] = SLOT_UNSIGNALED; /* the driver takes the packet processor's mark back */
	set(e);
}

static void signal_type(struct sim_process *process, uint32_t type, const uint8_t *record, size_t n)
{
	struct sim_events *events = process->events;
	for (struct event *e = events->list; e; e = e->next)
		if (e->type == type) {
			memcpy(e->record, record, n);
			set(e);
		}
}

void sim_event_signal_memory(struct sim_process *process, const uint8_t record[32])
{
	signal_type(process, TYPE_MEMORY, record, 32);
}

void sim_event_signal_hw_exception(struct sim_process *process, const uint8_t record[16])
{
	signal_type(process, TYPE_HW_EXCEPTION, record, 16);
}
