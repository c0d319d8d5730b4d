/* `monitor frames`: a wave's chain of calls with what stock gdb does not show of it: which lanes took part in each call, registers of the GPU as
 * outer frames have them, and why a chain ends. */
#include <string.h>

#include "src/model/wave.h"
#include "src/monitor/monitor.h"
#include "src/monitor/symbols.h"

struct printer {
	const struct monitor_call *c;
	struct dbg_process *p;
	struct dbg_wave *w;
	const char *registers; /* names, separated by blanks */
};

static void print_register(const struct printer *t, unsigned frame, const char *name, size_t n)
{
	char text[16];
	uint32_t value;
	if (n >= sizeof text)
		n = sizeof text - 1;
	memcpy(text, name, n);
	text[n] = 0;
	if (view_caller_register(t->c->d->view, t->p, t->w, frame, text[0] == '$' ? text + 1 : text, &value, NULL) == 0)
		rsp_buf_printf(t->c->out, "  %s = 0x%x", text, value);
	else
		rsp_buf_printf(t->c->out, "  %s = <not saved>", text);
}

static void print_frame(void *arg, const struct view_caller *f)
{
	const struct printer *t = arg;
	char name[256];
	uint64_t offset;
	rsp_buf_printf(t->c->out, "#%u  0x%llx", f->number, (unsigned long long)f->pc);
	/* a call may be the last instruction of its function */
	if (symbol_find(t->p, f->pc - (f->number ? 4 : 0), name, sizeof name, &offset))
		rsp_buf_printf(t->c->out, " in %s", name);
	rsp_buf_printf(t->c->out, "  lanes 0x%llx", (unsigned long long)f->lanes);
	uint64_t all = t->w->g.rec.lanes == 64 ? UINT64_MAX : (UINT64_C(1) << t->w->g.rec.lanes) - 1;
	if (f->told != all)
		rsp_buf_puts(t->c->out, " and maybe more");
	for (const char *at = t->registers + strspn(t->registers, " \t"); *at; at += strspn(at, " \t")) {
		size_t n = strcspn(at, " \t");
		print_register(t, f->number, at, n);
		at += n;
	}
	rsp_buf_puts(t->c->out, "\n");
}

int monitor_frames(const struct monitor_call *c)
{
	struct printer t = { .c = c, .p = c->d->process };
	struct dbg_error end, why;
	const char *at = c->args;
	int status = monitor_find_wave(c, &at, &t.w);
	if (status < 0)
		return status;
	t.registers = at;
	if (view_callers(c->d->view, t.p, t.w, print_frame, &t, &end, &why) < 0)
		return target_error(c->err, &why);
	if (end.text[0])
		rsp_buf_printf(c->out, "The chain ends here: %s\n", end.text);
	return 0;
}
