#include "src/control/precise.h"

#include "src/model/event.h"

static const struct {
	uint32_t flag, capability;
	const char *name;
} rows[] = {
	{ KIF_FLAG_PRECISE_MEMORY, KIF_CAP_PRECISE_MEMORY, "memory" },
	{ KIF_FLAG_PRECISE_ALU, KIF_CAP_PRECISE_ALU, "ALU exceptions" },
};

static int check(const struct dbg_process *p, uint32_t flags, struct dbg_error *err)
{
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
		for (size_t i = 0; flags & rows[k].flag && i < p->n_agents; i++) {
			const struct kif_agent *a = &p->agents[i].info;
			if (!(a->capability & rows[k].capability))
				return dbg_fail(err, DBG_UNSUPPORTED, "agent %u (%s) has no precise %s", p->agents[i].number, a->name, rows[k].name);
		}
	return 0;
}

static int put(struct dbg_process *p, uint32_t flags, struct dbg_error *err)
{
	uint32_t word = flags;
	int status = kif_set_flags(p->kif, &word, err);
	if (status == 0)
		p->flags = flags;
	return status;
}

int precise_set(struct dbg_process *p, uint32_t flag, bool on, struct dbg_error *err)
{
	uint32_t flags = (p->flags_wanted & ~flag) | (on ? flag : 0);
	int status = on ? check(p, flag, err) : 0;
	if (status == 0 && p->runtime.usable && flags != p->flags)
		status = put(p, flags, err);
	if (status == 0)
		p->flags_wanted = flags;
	return status;
}

void precise_runtime_up(struct dbg_process *p)
{
	struct dbg_error err;
	if (p->flags_wanted && put(p, p->flags_wanted, &err) < 0)
		dbg_trouble(p, "precise memory or ALU exceptions are off: %s", err.text);
}

void precise_runtime_gone(struct dbg_process *p)
{
	p->flags = 0;
}

void precise_restore(struct dbg_process *p)
{
	struct dbg_error err;
	if (p->flags && put(p, 0, &err) < 0 && err.class != DBG_GONE)
		dbg_trouble(p, "precise memory stays on: %s", err.text);
}
