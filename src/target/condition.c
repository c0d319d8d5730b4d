#include "src/target/condition.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/agent.h"
#include "src/base/log.h"
#include "src/model/memory.h"
#include "src/model/savearea.h"
#include "src/model/wave.h"
#include "src/target/break_filter.h"
#include "src/view/window.h"

struct condition {
	uint64_t addr;
	struct rsp_bytecode *expressions; /* conditions, then commands; the code lies behind them in the same block */
	size_t n_conditions, n_commands;
	UT_hash_handle hh;
};

/* ------------------------------------------------------------------ the records */

static struct condition *find(const struct dbg_target *d, uint64_t addr)
{
	struct condition *c;
	HASH_FIND(hh, d->conditions, &addr, sizeof addr, c);
	return c;
}

static void forget(struct dbg_target *d, struct condition *c)
{
	HASH_DEL(d->conditions, c);
	free(c->expressions);
	free(c);
}

void condition_drop(struct dbg_target *d, uint64_t addr)
{
	struct condition *c = find(d, addr);
	if (c)
		forget(d, c);
}

void condition_clear(struct dbg_target *d)
{
	struct condition *c, *next;
	HASH_ITER(hh, d->conditions, c, next)
		forget(d, c);
}

/* Copies `from`, whose code is borrowed, to the places at *to and *code. */
static void copy(const struct rsp_bytecode *from, size_t n, struct rsp_bytecode **to, uint8_t **code)
{
	for (size_t i = 0; i < n; i++) {
		memcpy(*code, from[i].code, from[i].n);
		*(*to)++ = (struct rsp_bytecode){ *code, from[i].n };
		*code += from[i].n;
	}
}

int condition_set(struct dbg_target *d, const struct rsp_break *b, struct rsp_error *err)
{
	size_t n = b->n_conditions + b->n_commands, bytes = 0;
	condition_drop(d, b->addr);
	if (!n)
		return 0;
	for (size_t i = 0; i < b->n_conditions; i++)
		bytes += b->conditions[i].n;
	for (size_t i = 0; i < b->n_commands; i++)
		bytes += b->commands[i].n;
	struct condition *c = calloc(1, sizeof *c);
	struct rsp_bytecode *to = malloc(n * sizeof *to + bytes);
	if (!c || !to) {
		free(c);
		free(to);
		return rsp_fail(err, RSP_INTERNAL, "out of memory for the condition of a breakpoint");
	}
	c->addr = b->addr;
	c->expressions = to;
	c->n_conditions = b->n_conditions;
	c->n_commands = b->n_commands;
	uint8_t *code = (uint8_t *)(to + n);
	copy(b->conditions, b->n_conditions, &to, &code);
	copy(b->commands, b->n_commands, &to, &code);
	HASH_ADD(hh, d->conditions, addr, sizeof c->addr, c);
	return 0;
}

/* ------------------------------------------------------------------ what an expression sees */

enum { MAX_TEXTS = 64, FLUSH_BYTES = 0x10000 };

/* One thread that is asked, a wave or (w NULL) a host thread. */
struct asked {
	struct dbg_target *d;
	struct dbg_wave *w;
	struct rsp_ptid id;
	bool of_lane;        /* something was read that another lane may have otherwise */
	struct rsp_buf *out; /* all that is printed */
	size_t *failed;      /* threads whose expression failed */
	size_t text[MAX_TEXTS], n_texts; /* where each text of the thread begins in `out` */
};

static int read_register(void *arg, unsigned regno, uint64_t *value, struct rsp_error *err)
{
	struct asked *a = arg;
	const struct rsp_tdesc *desc = view_tdesc(a->d->view);
	const struct rsp_reg *reg = rsp_tdesc_reg(desc, regno);
	struct dbg_error why;
	uint8_t bytes[8] = { 0 };
	bool available = false;
	if (!reg)
		return rsp_fail(err, RSP_BAD_REQUEST, "no register %u", regno);
	if (reg->bits > 64)
		return rsp_fail(err, RSP_REFUSED, "register %s has more than 64 bits", reg->name);
	a->of_lane |= view_reg_of_lane(a->d->view, regno);
	if (!a->w) {
		int rc = target_reg_read(a->d, a->id, regno, bytes, &available, err);
		if (rc < 0)
			return rc;
	} else if (view_wave_read(a->d->view, a->d->process, a->w, regno, bytes, &available, &why) < 0) {
		return target_error(err, &why);
	}
	if (!available)
		return rsp_fail(err, RSP_REFUSED, "register %s is not available", reg->name);
	*value = 0;
	for (size_t i = reg->bits / 8; i-- > 0;)
		*value = *value << 8 | bytes[i];
	return 0;
}

static int read_memory(void *arg, uint64_t addr, uint8_t *buf, size_t n, struct rsp_error *err)
{
	struct asked *a = arg;
	struct dbg_error why;
	a->of_lane |= view_in_window(addr) || view_in_rows(addr) || memory_is_private(a->w, addr);
	for (size_t at = 0, got = 0; at < n; at += got)
		if (view_mem_read(a->d->view, a->d->process, a->w, addr + at, buf + at, n - at, &got, &why) < 0)
			return target_error(err, &why);
	return 0;
}

/* Adds a text unless this thread has printed the same before. */
static void print(void *arg, const char *text, size_t n)
{
	struct asked *a = arg;
	for (size_t i = 0; i < a->n_texts; i++) {
		size_t end = i + 1 < a->n_texts ? a->text[i + 1] : a->out->len;
		if (end - a->text[i] == n && memcmp(a->out->data + a->text[i], text, n) == 0)
			return;
	}
	if (a->n_texts < MAX_TEXTS)
		a->text[a->n_texts++] = a->out->len;
	rsp_buf_add(a->out, text, n);
}

/* ------------------------------------------------------------------ questions */

/* True when there is no condition, or any of them is. */
static int holds(struct asked *a, const struct condition *c, bool *is, struct rsp_error *err)
{
	const struct rsp_agent_env env = { read_register, read_memory, NULL, a };
	*is = !c || !c->n_conditions;
	for (size_t i = 0; !*is && i < c->n_conditions; i++) {
		uint64_t value;
		int rc = rsp_agent_run(&c->expressions[i], &env, &value, err);
		if (rc < 0)
			return rc;
		*is = value != 0;
	}
	return 0;
}

static int run_commands(struct asked *a, const struct condition *c, struct rsp_error *err)
{
	const struct rsp_agent_env env = { read_register, read_memory, print, a };
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < c->n_commands; i++)
		rc = rsp_agent_run(&c->expressions[c->n_conditions + i], &env, NULL, err);
	return rc;
}

static void complain(struct asked *a, uint64_t addr, const struct rsp_error *err)
{
	char who[64] = "the host thread";
	if ((*a->failed)++)
		return; /* one text is enough for what is mostly one mistake */
	if (a->w)
		snprintf(who, sizeof who, "wave %" PRIu64 ", lane %u,", a->w->id, a->w->lane);
	log_warning("breakpoint at 0x%" PRIx64 ": %s stops: %s", addr, who, err->text);
	rsp_buf_printf(a->out, "wavestub: breakpoint at 0x%" PRIx64 ": %s stops: %s\n", addr, who, err->text);
}

/* The lowest of a set of lanes, but the preferred one first. */
static unsigned take_lane(uint64_t *lanes, unsigned preferred)
{
	unsigned lane = *lanes >> preferred & 1 ? preferred : (unsigned)__builtin_ctzll(*lanes);
	*lanes &= ~(UINT64_C(1) << lane);
	return lane;
}

enum verdict { GOES_ON, STOPS };

/* Asks for one lane after the other, which is selected meanwhile and stays so when the wave stops. */
static enum verdict ask_lanes(struct asked *a, const struct condition *c, uint64_t lanes)
{
	struct dbg_wave *w = a->w;
	struct rsp_error err;
	unsigned preferred = wave_lane(w);
	bool is = false, known = false;
	while (lanes) {
		int rc = 0;
		w->lane = take_lane(&lanes, preferred);
		w->lane_chosen = true;
		a->of_lane = false;
		if (!known)
			rc = holds(a, c, &is, &err);
		known = known || !a->of_lane; /* the same for every lane */
		if (rc == 0 && is && c && c->n_commands) {
			a->of_lane = false;
			rc = run_commands(a, c, &err);
		} else if (rc == 0 && is) {
			return STOPS;
		}
		if (rc < 0) {
			complain(a, w->passed, &err);
			return STOPS;
		}
		if (known && (!is || !a->of_lane))
			break;
	}
	return GOES_ON;
}

static void ask_wave(struct asked *a)
{
	struct dbg_wave *w = a->w;
	const struct condition *c = find(a->d, w->passed);
	unsigned lane = w->lane, shown = wave_lane(w);
	bool chosen = w->lane_chosen;
	uint64_t active = gfx_wave_exec(&w->g), lanes = active ? active : UINT64_C(1) << shown;
	bool filtered = break_filter_lanes(a->d->filters, w, w->passed, &lanes);
	if (!c && !filtered)
		return;
	w->pending = lanes && ask_lanes(a, c, lanes) == STOPS;
	w->judged = w->pending || !c || !c->n_commands; /* commands have run: once is enough */
	if (!w->pending)
		w->reasons &= ~(unsigned)GFX_STOP_BREAKPOINT; /* for the client it has not met one */
	if (!w->pending || w->lane == shown) {
		w->lane = lane;
		w->lane_chosen = chosen;
	}
}

/* To the client's console where it can take that, else to the log. */
static void tell(struct dbg_target *d, struct rsp_buf *out)
{
	if (!out->len)
		return;
	if (d->session && rsp_session_running(d->session))
		rsp_session_console(d->session, out->data, out->len);
	else
		log_notice("%.*s", (int)out->len, out->data);
	rsp_buf_clear(out);
}

void condition_hits(void *arg, struct dbg_wave *const *waves, size_t n)
{
	struct dbg_target *d = arg;
	struct rsp_buf out;
	size_t stop = 0, failed = 0;
	uint64_t start = loop_now_us();
	if (!d->view || (!d->conditions && !d->filters))
		return;
	if (d->conditions)
		savearea_bring_scalars(d->process, waves, n); /* what is asked for is found by them */
	rsp_buf_init(&out, 0);
	for (size_t i = 0; i < n; i++) {
		struct asked a = { .d = d, .w = waves[i], .id = { d->process->pid, wave_tid(waves[i]) }, .out = &out, .failed = &failed };
		ask_wave(&a);
		stop += waves[i]->pending;
		if (out.len > FLUSH_BYTES)
			tell(d, &out);
	}
	if (failed > 1)
		rsp_buf_printf(&out, "wavestub: expressions of breakpoints fail for %zu other waves\n", failed - 1);
	tell(d, &out);
	rsp_buf_deinit(&out);
	log_debug(LOG_WAVE, "%zu waves at breakpoints with conditions or filters, %zu of them stop (%llu us)", n, stop,
		(unsigned long long)(loop_now_us() - start));
}

static bool host_pc(struct dbg_process *p, int64_t tid, uint64_t *pc)
{
	struct user_regs_struct gp;
	struct user_fpregs_struct fp;
	if (host_get_regs(p->host, (pid_t)tid, &gp, &fp, NULL) < 0)
		return false;
	*pc = gp.rip;
	return true;
}

void condition_host_hit(struct dbg_target *d, int64_t tid)
{
	struct rsp_buf out;
	size_t failed = 0;
	struct asked a = { .d = d, .id = { d->process ? d->process->pid : 0, tid }, .out = &out, .failed = &failed };
	struct rsp_error err;
	uint64_t pc = 0;
	bool is = false;
	if (!d->conditions || !d->view || !d->process || !host_pc(d->process, tid, &pc))
		return;
	const struct condition *c = find(d, pc);
	if (!c || !c->n_commands)
		return;
	rsp_buf_init(&out, 0);
	int rc = holds(&a, c, &is, &err);
	if (rc == 0 && is)
		rc = run_commands(&a, c, &err);
	if (rc < 0)
		complain(&a, pc, &err);
	tell(d, &out);
	rsp_buf_deinit(&out);
}
