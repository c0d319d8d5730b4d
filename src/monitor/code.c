/* `monitor` commands about code: where it lies, what it says, and the companion script. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/json.h"
#include "src/model/codeobj.h"
#include "src/model/memory.h"
#include "src/model/process.h"
#include "src/model/wave.h"
#include "src/monitor/companion.h"
#include "src/monitor/disasm.h"
#include "src/monitor/monitor.h"
#include "src/monitor/symbols.h"

enum { DEFAULT_COUNT = 10, MAX_COUNT = 4096 };

int monitor_gdb_script(const struct monitor_call *c)
{
	for (const char *const *line = companion_script; *line; line++)
		rsp_buf_puts(c->out, *line);
	return 0;
}

int monitor_code(const struct monitor_call *c)
{
	struct dbg_process *p;
	int status = target_process(c->d, 0, &p, c->err);
	if (status < 0)
		return status;
	json_t *array = c->json ? json_array() : NULL;
	for (const struct dbg_codeobj *o = p->codeobjs; o; o = o->next)
		for (size_t i = 0; i < o->n_segments; i++) {
			const struct dbg_segment *s = &o->segments[i];
			if (!s->exec)
				continue;
			if (c->json)
				json_array_append_new(array, json_pack("{s:i, s:o, s:o, s:o, s:o}", "number", (int)o->number,
					"name", dbg_json_text(o->name), "uri", dbg_json_text(o->uri),
					"start", dbg_json_hex(s->addr), "end", dbg_json_hex(s->addr + s->bytes)));
			else
				rsp_buf_printf(c->out, "%u  0x%" PRIx64 " to 0x%" PRIx64 "  %s  %s\n", o->number, s->addr, s->addr + s->bytes, o->name, o->uri);
		}
	if (c->json)
		return monitor_print_json(c, array);
	if (!c->out->len)
		rsp_buf_puts(c->out, "no code objects\n");
	return 0;
}

/* ------------------------------------------------------------------ disassemble */

/* One agent's family decodes the code of all: the view is of one family, too. */
static const struct gfx_family *family_of(const struct dbg_process *p)
{
	for (size_t i = 0; i < p->n_agents; i++)
		if (p->agents[i].family)
			return p->agents[i].family;
	return NULL;
}

/* The disassembler for the family; NULL with a note when words are all there is. */
static struct disasm *ready(struct dbg_target *d, const struct gfx_family *family, char *note, size_t n)
{
	struct dbg_error why;
	note[0] = 0;
	if (d->disasm && disasm_family(d->disasm) != family) {
		disasm_close(d->disasm);
		d->disasm = NULL;
	}
	if (!d->disasm && disasm_open(family, &d->disasm, &why) < 0)
		snprintf(note, n, "%s", why.text);
	return d->disasm;
}

/* Where the client's wave stands; people are told which one that is. */
static int selected_pc(const struct monitor_call *c, struct dbg_process *p, uint64_t *addr)
{
	char name[128];
	struct dbg_wave *w = c->selected > 0 ? wave_by_tid(p, c->selected) : NULL;
	if (!w)
		return rsp_fail(c->err, RSP_BAD_REQUEST, "disassemble ADDRESS [COUNT]: no wave is selected whose place could be meant");
	if (!dbg_thread_stopped(p, c->selected))
		return rsp_fail(c->err, RSP_REFUSED, "the wave is running");
	*addr = gfx_wave_pc(&w->g);
	wave_name(w, name, sizeof name);
	if (!c->json)
		rsp_buf_printf(c->out, "%s:\n", name);
	return 0;
}

/* The address: a number, or `$pc` or nothing for that of the client's wave. */
static int address(const struct monitor_call *c, struct dbg_process *p, uint64_t *addr, char **end)
{
	static const char pc[] = "$pc";
	size_t n = sizeof pc - 1;
	*end = (char *)(uintptr_t)c->args;
	if (!*c->args)
		return selected_pc(c, p, addr);
	if (!strncmp(c->args, pc, n) && (!c->args[n] || c->args[n] == ' ')) {
		*end += n;
		return selected_pc(c, p, addr);
	}
	errno = 0;
	*addr = strtoull(c->args, end, 0);
	if (errno || *end == c->args || c->args[0] == '-')
		return rsp_fail(c->err, RSP_BAD_REQUEST, "disassemble ADDRESS [COUNT]: \"%.40s\" is no address", c->args);
	return 0;
}

static int arguments(const struct monitor_call *c, struct dbg_process *p, uint64_t *addr, uint64_t *count)
{
	char *end;
	*count = DEFAULT_COUNT;
	int status = address(c, p, addr, &end);
	if (status < 0)
		return status;
	errno = 0;
	end += strspn(end, " \t\n");
	if (*end) {
		char *rest;
		*count = strtoull(end, &rest, 0);
		if (errno || *end == '-' || rest == end || rest[strspn(rest, " \t\n")] || !*count)
			return rsp_fail(c->err, RSP_BAD_REQUEST, "disassemble ADDRESS [COUNT]: \"%.40s\" is no count", end);
	}
	if (*count > MAX_COUNT)
		*count = MAX_COUNT;
	if (*addr & 3)
		return rsp_fail(c->err, RSP_BAD_REQUEST, "an instruction's address is a multiple of 4");
	return 0;
}

static json_t *line_object(const struct disasm_line *line)
{
	char bytes[2 * sizeof line->bytes + 1];
	for (unsigned i = 0; i < line->length; i++)
		snprintf(bytes + 2 * i, 3, "%02x", line->bytes[i]);
	return json_pack("{s:o, s:i, s:s, s:o, s:b, s:o}", "address", dbg_json_hex(line->addr), "length", (int)line->length, "bytes", bytes,
		"text", dbg_json_text(line->text), "decoded", line->decoded, "target", line->target ? dbg_json_hex(line->target) : json_null());
}

static void print_line(const struct monitor_call *c, const struct dbg_process *p, const struct disasm_line *line)
{
	char name[256];
	uint64_t offset;
	rsp_buf_printf(c->out, "0x%" PRIx64, line->addr);
	if (symbol_find(p, line->addr, name, sizeof name, &offset))
		rsp_buf_printf(c->out, " <%s+%" PRIu64 ">", name, offset);
	rsp_buf_printf(c->out, ":  %s", line->text);
	if (line->target) {
		rsp_buf_printf(c->out, "  # 0x%" PRIx64, line->target);
		if (symbol_find(p, line->target, name, sizeof name, &offset))
			rsp_buf_printf(c->out, " <%s+%" PRIu64 ">", name, offset);
	}
	rsp_buf_puts(c->out, "\n");
}

/* The instruction at addr, out of memory as a debugger sees it: breakpoints are not there. */
static int fetch(struct dbg_process *p, const struct disasm *d, const struct gfx_family *f, uint64_t addr,
	struct disasm_line *line, struct dbg_error *err)
{
	uint8_t code[sizeof line->bytes];
	size_t want = f->max_insn_bytes < sizeof code ? f->max_insn_bytes : sizeof code, got = 0;
	while (want > 4 && !codeobj_is_code(p, addr, want))
		want -= 4;
	if (!codeobj_is_code(p, addr, want))
		return dbg_fail(err, DBG_REFUSED, "no GPU code at 0x%" PRIx64, addr);
	int status = memory_read(p, NULL, addr, code, want, &got, err);
	return status < 0 ? status : disasm_one(d, f, addr, code, got, line, err);
}

int monitor_disassemble(const struct monitor_call *c)
{
	struct dbg_process *p;
	struct dbg_error why;
	uint64_t addr = 0, count = 0, done = 0;
	char note[256];
	int status = target_process(c->d, 0, &p, c->err);
	if (status == 0)
		status = arguments(c, p, &addr, &count);
	if (status < 0)
		return status;
	const struct gfx_family *family = family_of(p);
	if (!family)
		return rsp_fail(c->err, RSP_REFUSED, "no GPU of a known family");
	const struct disasm *d = ready(c->d, family, note, sizeof note);
	json_t *array = c->json ? json_array() : NULL;
	if (!c->json && !d)
		rsp_buf_printf(c->out, "(words only: %s)\n", note);
	for (; done < count; done++) {
		struct disasm_line line;
		if (fetch(p, d, family, addr, &line, &why) < 0)
			break;
		if (c->json)
			json_array_append_new(array, line_object(&line));
		else
			print_line(c, p, &line);
		addr += line.length;
	}
	if (!done) {
		json_decref(array);
		return target_error(c->err, &why);
	}
	return c->json ? monitor_print_json(c, array) : 0;
}
