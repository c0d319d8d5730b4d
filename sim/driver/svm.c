/* Ranges of the process's own memory registered with the GPUs (kfd-debug-interface.md 6.8). No page ever migrates; what counts is which
 * addresses a GPU may touch. Without retry faults (XNACK is off) that is what some attribute gave it access to. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/driver/abi.h"
#include "sim/driver/handlers.h"
#include "sim/driver/memory.h"

enum { PAGE = 4096 };
enum { OP_SET = 0, OP_GET = 1 };
enum { PREFERRED_LOC, PREFETCH_LOC, ACCESS, ACCESS_IN_PLACE, NO_ACCESS, SET_FLAGS, CLR_FLAGS, GRANULARITY };
enum { FLAG_HOST_ACCESS = 1, FLAG_COHERENT = 2 };
enum { DEFAULT_GRANULARITY = 9 };
#define LOCATION_UNDEFINED 0xffffffffu

struct attribute {
	uint32_t type, value;
};

const struct sim_svm_range *sim_svm_at(const struct sim_memory *memory, uint64_t addr)
{
	for (const struct sim_svm_range *r = memory->svm; r && r->lo <= addr; r = r->next)
		if (addr < r->hi)
			return r->access | r->access_in_place ? r : NULL;
	return NULL;
}

bool sim_svm_overlaps(const struct sim_memory *memory, uint64_t lo, uint64_t hi)
{
	for (const struct sim_svm_range *r = memory->svm; r && r->lo < hi; r = r->next)
		if (r->hi > lo)
			return true;
	return false;
}

void sim_svm_clear(struct sim_memory *memory)
{
	while (memory->svm) {
		struct sim_svm_range *next = memory->svm->next;
		free(memory->svm);
		memory->svm = next;
	}
}

/* True when [lo, hi) is mapped by the process without a gap and without device memory. */
static bool mapped_plainly(const struct sim_driver *driver, pid_t pid, uint64_t lo, uint64_t hi)
{
	char path[64], line[512];
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	FILE *f = fopen(path, "re");
	if (!f)
		return false;
	while (lo < hi && fgets(line, sizeof(line), f)) {
		uint64_t start, end, inode;
		unsigned major, minor;
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %*s %x:%x %" SCNu64, &start, &end, &major, &minor, &inode) != 5 || end <= lo)
			continue;
		if (start > lo || (inode == driver->kfd.ino && strstr(line, "/dev/")))
			break;
		bool device = false;
		for (unsigned i = 0; i < driver->n_devices; i++)
			device |= inode == driver->render[i].ino && strstr(line, "/dev/");
		if (device)
			break;
		lo = end;
	}
	fclose(f);
	return lo >= hi;
}

/* Splits the range that contains `at` so that a range begins there. False without memory. */
static bool split_at(struct sim_memory *memory, uint64_t at)
{
	for (struct sim_svm_range *r = memory->svm; r && r->lo < at; r = r->next)
		if (at < r->hi) {
			struct sim_svm_range *upper = malloc(sizeof(*upper));
			if (!upper)
				return false;
			*upper = *r;
			upper->lo = r->hi = at;
			r->next = upper;
			return true;
		}
	return true;
}

/* Makes [lo, hi) consist of whole ranges, adding fresh ones in the gaps. */
static bool cover(struct sim_memory *memory, uint64_t lo, uint64_t hi)
{
	if (!split_at(memory, lo) || !split_at(memory, hi))
		return false;
	struct sim_svm_range **link = &memory->svm;
	while (lo < hi) {
		while (*link && (*link)->hi <= lo)
			link = &(*link)->next;
		if (*link && (*link)->lo <= lo) {
			lo = (*link)->hi;
			continue;
		}
		struct sim_svm_range *fresh = malloc(sizeof(*fresh));
		if (!fresh)
			return false;
		*fresh = (struct sim_svm_range){ .next = *link, .lo = lo, .hi = *link && (*link)->lo < hi ? (*link)->lo : hi,
			.flags = FLAG_HOST_ACCESS | FLAG_COHERENT, .preferred = LOCATION_UNDEFINED, .prefetch = LOCATION_UNDEFINED,
			.granularity = DEFAULT_GRANULARITY };
		*link = fresh;
		lo = fresh->hi;
	}
	return true;
}

static uint32_t device_bit(struct sim_driver *driver, uint32_t gpu_id)
{
	struct sim_device *device = sim_driver_find_device(driver, gpu_id);
	return device ? 1u << sim_memory_device_index(driver, device) : 0;
}

static bool valid(struct sim_driver *driver, uint32_t op, const struct attribute *a)
{
	switch (a->type) {
	case PREFERRED_LOC:
	case PREFETCH_LOC:
		return op == OP_GET || !a->value || (a->value == LOCATION_UNDEFINED && a->type == PREFERRED_LOC) ||
			device_bit(driver, a->value);
	case ACCESS:
		return device_bit(driver, a->value);
	case ACCESS_IN_PLACE:
	case NO_ACCESS:
		return op == OP_SET && device_bit(driver, a->value);
	case SET_FLAGS:
	case CLR_FLAGS:
	case GRANULARITY:
		return true;
	}
	return false;
}

static void apply(struct sim_driver *driver, struct sim_svm_range *r, const struct attribute *a)
{
	uint32_t bit = a->type >= ACCESS && a->type <= NO_ACCESS ? device_bit(driver, a->value) : 0;
	switch (a->type) {
	case PREFERRED_LOC: r->preferred = a->value; break;
	case PREFETCH_LOC: r->prefetch = a->value; break;
	case SET_FLAGS: r->flags |= a->value; break;
	case CLR_FLAGS: r->flags &= ~a->value; break;
	case GRANULARITY: r->granularity = a->value & 0x3f; break;
	case ACCESS:
		r->access |= bit;
		r->access_in_place &= ~bit;
		break;
	case ACCESS_IN_PLACE:
		r->access_in_place |= bit;
		r->access &= ~bit;
		break;
	case NO_ACCESS:
		r->access &= ~bit;
		r->access_in_place &= ~bit;
		break;
	}
}

static int set_attributes(struct sim_call *call, const struct sim_arg_svm *arg, const struct attribute *attrs)
{
	struct sim_memory *memory = call->process->memory;
	uint64_t hi = arg->start + arg->size;
	if (!mapped_plainly(call->driver, call->process->pid, arg->start, hi))
		return -EFAULT;
	if (!cover(memory, arg->start, hi))
		return -ENOMEM;
	for (struct sim_svm_range *r = memory->svm; r && r->lo < hi; r = r->next)
		for (uint32_t i = 0; r->hi > arg->start && i < arg->nattr; i++)
			apply(call->driver, r, &attrs[i]);
	memory->generation++;
	return 0;
}

/* What all of [lo, hi) has in common. */
struct common {
	uint32_t flags_and, flags_or, access, access_in_place, preferred, prefetch, granularity;
	bool any;
};

static void merge(struct common *c, const struct sim_svm_range *r)
{
	if (!c->any) {
		*c = (struct common){ r->flags, r->flags, r->access, r->access_in_place, r->preferred, r->prefetch, r->granularity, true };
		return;
	}
	/* Access everywhere, or in place where both occur. */
	uint32_t both = (c->access | c->access_in_place) & (r->access | r->access_in_place);
	c->access &= r->access;
	c->access_in_place = both & ~c->access;
	c->flags_and &= r->flags;
	c->flags_or |= r->flags;
	c->preferred = c->preferred == r->preferred ? c->preferred : LOCATION_UNDEFINED;
	c->prefetch = c->prefetch == r->prefetch ? c->prefetch : LOCATION_UNDEFINED;
	c->granularity = c->granularity < r->granularity ? c->granularity : r->granularity;
}

static struct common gather(const struct sim_memory *memory, uint64_t lo, uint64_t hi)
{
	const struct sim_svm_range none = { .flags = FLAG_HOST_ACCESS | FLAG_COHERENT, .preferred = LOCATION_UNDEFINED,
		.prefetch = LOCATION_UNDEFINED, .granularity = DEFAULT_GRANULARITY };
	struct common c = { .any = false };
	for (const struct sim_svm_range *r = memory->svm; r && lo < hi; r = r->next) {
		if (r->hi <= lo)
			continue;
		if (r->lo > lo)
			merge(&c, &none);
		if (r->lo >= hi)
			return c;
		merge(&c, r);
		lo = r->hi;
	}
	if (lo < hi)
		merge(&c, &none);
	return c;
}

static void get_attributes(struct sim_call *call, const struct sim_arg_svm *arg, struct attribute *attrs)
{
	struct common c = gather(call->process->memory, arg->start, arg->start + arg->size);
	for (uint32_t i = 0; i < arg->nattr; i++) {
		struct attribute *a = &attrs[i];
		uint32_t bit = a->type == ACCESS ? device_bit(call->driver, a->value) : 0;
		switch (a->type) {
		case PREFERRED_LOC: a->value = c.preferred; break;
		case PREFETCH_LOC: a->value = c.prefetch; break;
		case ACCESS: a->type = c.access & bit ? ACCESS : c.access_in_place & bit ? ACCESS_IN_PLACE : NO_ACCESS; break;
		case SET_FLAGS: a->value = c.flags_and; break;
		case CLR_FLAGS: a->value = ~c.flags_or; break;
		case GRANULARITY: a->value = c.granularity; break;
		}
	}
}

int sim_ioctl_svm(struct sim_call *call)
{
	struct sim_arg_svm arg;
	memcpy(&arg, call->arg, sizeof(arg));
	uint64_t attr_bytes = (uint64_t)arg.nattr * sizeof(struct attribute);
	if (call->caller_size < sizeof(arg) + attr_bytes)
		return -EINVAL;
	if (!arg.start || arg.start % PAGE || !arg.size || arg.size % PAGE || arg.start + arg.size < arg.start || arg.op > OP_GET)
		return -EINVAL;
	bool acquired = false;
	for (unsigned i = 0; i < call->process->n_pdds; i++)
		acquired |= call->process->pdds[i].vm_acquired;
	if (!acquired)
		return -EINVAL;
	struct attribute *attrs = malloc(attr_bytes ? attr_bytes : 1);
	if (!attrs)
		return -ENOMEM;
	memcpy(attrs, call->arg + sizeof(arg), attr_bytes);
	int err = 0;
	for (uint32_t i = 0; i < arg.nattr && !err; i++)
		if (!valid(call->driver, arg.op, &attrs[i]))
			err = -EINVAL;
	if (!err && arg.op == OP_SET)
		err = set_attributes(call, &arg, attrs);
	else if (!err)
		get_attributes(call, &arg, attrs);
	memcpy(call->arg + sizeof(arg), attrs, attr_bytes);
	free(attrs);
	return err;
}
