#include "src/model/breakpoint.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"
#include "src/model/codeobj.h"
#include "src/model/memory.h"
#include "src/run/copy.h"

struct dbg_break *break_at(const struct dbg_process *p, uint64_t addr)
{
	struct dbg_break *b;
	HASH_FIND(hh, p->breaks, &addr, sizeof addr, b);
	return b;
}

bool break_inserted_at(const struct dbg_process *p, uint64_t addr)
{
	const struct dbg_break *b = break_at(p, addr);
	return b && b->inserted && !b->host;
}

bool break_wanted_at(const struct dbg_process *p, uint64_t addr)
{
	const struct dbg_break *b = break_at(p, addr);
	return b && b->wanted && !b->host;
}

static void forget(struct dbg_process *p, struct dbg_break *b)
{
	HASH_DEL(p->breaks, b);
	free(b);
}

static int add(struct dbg_process *p, uint64_t addr, struct dbg_break **out, struct dbg_error *err)
{
	struct dbg_break *b = calloc(1, sizeof *b);
	if (!b)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for a breakpoint");
	b->addr = addr;
	HASH_ADD(hh, p->breaks, addr, sizeof b->addr, b);
	*out = b;
	return 0;
}

static int host_insert(struct dbg_process *p, struct dbg_break *b, struct dbg_error *err)
{
	int status = host_break_insert(p->host, b->addr, err);
	b->inserted = status == 0;
	return status;
}

static int add_code_break(struct dbg_process *p, uint64_t addr, struct dbg_break **out, struct dbg_error *err)
{
	if (addr & 3)
		return dbg_fail(err, DBG_BAD_REQUEST, "0x%llx is not the address of an instruction: not a multiple of 4", (unsigned long long)addr);
	if (!codeobj_is_code(p, addr, 4))
		return dbg_fail(err, DBG_REFUSED, "0x%llx is not in the code of its code object", (unsigned long long)addr);
	if (!p->guard)
		return dbg_fail(err, DBG_INTERNAL, "breakpoints in GPU code are off: there is no guard process");
	return add(p, addr, out, err);
}

int break_insert(struct dbg_process *p, uint64_t addr, struct dbg_error *err)
{
	struct dbg_break *b = break_at(p, addr);
	int status;
	if (b && b->wanted)
		return 0;
	if (b) {
		b->wanted = 1;
		b->lifted = false;
		if (!b->host || b->inserted)
			return 0;
	} else {
		bool code = codeobj_at(p, addr) != NULL;
		status = code ? add_code_break(p, addr, &b, err) : add(p, addr, &b, err);
		if (status < 0)
			return status;
		b->host = !code;
		b->wanted = 1;
		b->young = true;
	}
	if (!b->host)
		return 0;
	status = host_insert(p, b, err);
	if (status < 0)
		forget(p, b);
	return status;
}

int break_remove(struct dbg_process *p, uint64_t addr, struct dbg_error *err)
{
	struct dbg_break *b = break_at(p, addr);
	int status;
	if (!b || !b->wanted)
		return 0;
	b->wanted = 0;
	if (!b->host) {
		b->lifted = b->inserted;
		if (!b->inserted && !b->planted)
			forget(p, b);
		return 0;
	}
	status = b->inserted ? host_break_remove(p->host, addr, err) : 0;
	forget(p, b);
	return status;
}

int break_plant(struct dbg_process *p, uint64_t addr, struct dbg_error *err)
{
	struct dbg_break *b = break_at(p, addr);
	int status = b ? 0 : add_code_break(p, addr, &b, err);
	if (status < 0)
		return status;
	if (b->host)
		return dbg_fail(err, DBG_REFUSED, "0x%llx is not in GPU code", (unsigned long long)addr);
	b->planted = true;
	return 0;
}

void break_unplant_all(struct dbg_process *p)
{
	struct dbg_break *b, *next;
	HASH_ITER(hh, p->breaks, b, next) {
		b->planted = false;
		if (!b->wanted && !b->inserted && !b->host)
			forget(p, b);
	}
}

/* Should its trap be in memory? */
static bool belongs(const struct dbg_break *b, bool held)
{
	return b->wanted || b->planted || (held && b->lifted);
}

void break_age(struct dbg_process *p)
{
	for (struct dbg_break *b = p->breaks; b; b = b->hh.next)
		b->young = false;
}

bool break_work_pending(const struct dbg_process *p)
{
	for (const struct dbg_break *b = p->breaks; b; b = b->hh.next)
		if (!b->host && belongs(b, false) != b->inserted)
			return true;
	return false;
}

/* The trap of the family that the code object's bytes are for; every code object of one process runs on families with one encoding each. */
static int put_trap(struct dbg_process *p, struct dbg_break *b, struct dbg_error *err)
{
	const struct gfx_family *family = NULL;
	for (size_t i = 0; i < p->n_agents && !family; i++)
		family = p->agents[i].family;
	if (!family)
		return dbg_fail(err, DBG_UNSUPPORTED, "no agent of a known family");
	uint32_t trap = family->trap_insn + 1; /* s_trap 1: the debugger's, wave-state 4.6 */
	uint8_t bytes[4] = { (uint8_t)trap, (uint8_t)(trap >> 8), (uint8_t)(trap >> 16), (uint8_t)(trap >> 24) };
	copy_make_room(p, b->addr, sizeof bytes);
	int status = memory_get(p, b->addr, b->saved, 4, err);
	if (status == 0)
		status = guard_note(p->guard, b->addr, b->saved, 4, err);
	if (status < 0)
		return status;
	status = memory_put(p, b->addr, bytes, 4, err);
	if (status < 0)
		guard_forget(p->guard, b->addr);
	else
		b->inserted = true;
	return status;
}

static int take_trap(struct dbg_process *p, struct dbg_break *b, struct dbg_error *err)
{
	int status = memory_put(p, b->addr, b->saved, 4, err);
	if (status == 0) {
		guard_forget(p->guard, b->addr);
		b->inserted = false;
	}
	return status;
}

int break_lift(struct dbg_process *p, uint64_t addr, struct dbg_error *err)
{
	struct dbg_break *b = break_at(p, addr);
	return b && b->inserted && !b->host ? take_trap(p, b, err) : 0;
}

int break_adopt(struct dbg_process *p, uint64_t addr, const uint8_t saved[4], struct dbg_error *err)
{
	struct dbg_break *b = break_at(p, addr);
	if (b)
		return 0;
	b = calloc(1, sizeof *b);
	if (!b)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for a breakpoint");
	int status = guard_note(p->guard, addr, saved, 4, err);
	if (status < 0) {
		free(b);
		return status;
	}
	b->addr = addr;
	b->inserted = true;
	memcpy(b->saved, saved, sizeof b->saved);
	HASH_ADD(hh, p->breaks, addr, sizeof b->addr, b);
	return 0;
}

static void apply(struct dbg_process *p, bool held)
{
	struct dbg_break *b, *next;
	struct dbg_error err;
	HASH_ITER(hh, p->breaks, b, next) {
		bool in = belongs(b, held);
		if (b->host || in == b->inserted)
			continue;
		int status = in ? put_trap(p, b, &err) : take_trap(p, b, &err);
		log_debug(LOG_CODE, "%s at 0x%llx %s", b->planted ? "trap" : "breakpoint", (unsigned long long)b->addr, in ? "inserted" : "removed");
		if (status < 0)
			log_error("breakpoint at 0x%llx: %s", (unsigned long long)b->addr, err.text);
		if (!in)
			forget(p, b);
	}
	copy_collect(p, false);
}

void break_apply(struct dbg_process *p)
{
	apply(p, false);
}

void break_apply_held(struct dbg_process *p)
{
	apply(p, true);
}

void break_remove_all(struct dbg_process *p)
{
	struct dbg_break *b, *next;
	struct dbg_error err;
	HASH_ITER(hh, p->breaks, b, next) {
		int status = 0;
		if (b->inserted)
			status = b->host ? host_break_remove(p->host, b->addr, &err) : take_trap(p, b, &err);
		if (status < 0)
			log_warning("breakpoint at 0x%llx stays: %s", (unsigned long long)b->addr, err.text);
		forget(p, b);
	}
	copy_collect(p, true);
}

void break_unwant_all(struct dbg_process *p)
{
	struct dbg_break *b, *next;
	struct dbg_error err;
	HASH_ITER(hh, p->breaks, b, next)
		if (b->wanted && break_remove(p, b->addr, &err) < 0)
			log_warning("breakpoint at 0x%llx stays: %s", (unsigned long long)b->addr, err.text);
}

void break_forget_range(struct dbg_process *p, uint64_t addr, uint64_t n)
{
	struct dbg_break *b, *next;
	HASH_ITER(hh, p->breaks, b, next)
		if (!b->host && b->addr - addr < n) {
			if (b->inserted && p->guard)
				guard_forget(p->guard, b->addr);
			forget(p, b);
		}
	copy_forget_range(p, addr, n);
}

void break_forget_gpu(struct dbg_process *p)
{
	struct dbg_break *b, *next;
	HASH_ITER(hh, p->breaks, b, next)
		if (!b->host) {
			if (b->inserted && p->guard)
				guard_forget(p->guard, b->addr);
			forget(p, b);
		}
	copy_forget_all(p);
}

void break_forget_all(struct dbg_process *p)
{
	struct dbg_break *b, *next;
	break_forget_gpu(p);
	HASH_ITER(hh, p->breaks, b, next)
		forget(p, b);
}
