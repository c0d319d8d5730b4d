#include "src/target/break_filter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/model/wave.h"
#include "src/monitor/monitor.h"

enum { MAX_PARTS = 3, NAME_BYTES = 160 };

/* One number of a value, or all of them. */
struct part {
	bool given;
	uint64_t low, high;
};

enum key { KEY_AGENT, KEY_QUEUE, KEY_DISPATCH, KEY_WAVE, KEY_GROUP, KEY_ITEM, KEY_LANE, N_KEYS };

static const struct {
	const char *name;
	unsigned parts;
} keys[N_KEYS] = {
	[KEY_AGENT] = { "agent", 1 }, [KEY_QUEUE] = { "queue", 1 }, [KEY_DISPATCH] = { "dispatch", 1 }, [KEY_WAVE] = { "wave", 1 },
	[KEY_GROUP] = { "group", 3 }, [KEY_ITEM] = { "item", 3 },   [KEY_LANE] = { "lane", 1 },
};

struct break_filter {
	struct break_filter *next;
	uint64_t addr;
	struct part want[N_KEYS][MAX_PARTS];
	char text[NAME_BYTES]; /* as it was given */
};

/* ------------------------------------------------------------------ looking */

static bool fits(const struct part *want, uint64_t value)
{
	return !want->given || (value >= want->low && value <= want->high);
}

static bool wave_fits(const struct break_filter *f, const struct dbg_wave *w)
{
	/* A wave whose place is not known is not in a group that was asked for. */
	for (unsigned d = 0; d < 3; d++)
		if (f->want[KEY_GROUP][d].given && (!w->placed || !fits(&f->want[KEY_GROUP][d], w->place.group[d])))
			return false;
	return fits(f->want[KEY_AGENT], w->queue->agent->number) && fits(f->want[KEY_QUEUE], w->queue->number) &&
		fits(f->want[KEY_DISPATCH], w->dispatch) && fits(f->want[KEY_WAVE], w->id);
}

static bool lane_fits(const struct break_filter *f, const struct dbg_wave *w, unsigned lane)
{
	uint32_t item[3];
	const struct part *want = f->want[KEY_ITEM];
	if (!fits(f->want[KEY_LANE], lane))
		return false;
	if (!want[0].given && !want[1].given && !want[2].given)
		return true;
	return wave_workitem(w, lane, item) && fits(&want[0], item[0]) && fits(&want[1], item[1]) && fits(&want[2], item[2]);
}

bool break_filter_lanes(const struct break_filter *list, const struct dbg_wave *w, uint64_t addr, uint64_t *lanes)
{
	bool any = false;
	uint64_t left = 0;
	for (const struct break_filter *f = list; f; f = f->next) {
		if (f->addr != addr)
			continue;
		any = true;
		if (!wave_fits(f, w))
			continue;
		for (unsigned lane = 0; lane < 64; lane++)
			if (*lanes >> lane & 1 && lane_fits(f, w, lane))
				left |= UINT64_C(1) << lane;
	}
	if (any)
		*lanes = left;
	return any;
}

void break_filters_free(struct break_filter **list)
{
	while (*list) {
		struct break_filter *f = *list;
		*list = f->next;
		free(f);
	}
}

/* ------------------------------------------------------------------ the command */

/* "5", "5-9", or "*" for any. */
static bool cut_part(const char **at, struct part *out)
{
	char *end;
	if (**at == '*') {
		++*at;
		return true;
	}
	if (**at < '0' || **at > '9')
		return false;
	out->given = true;
	out->low = out->high = strtoull(*at, &end, 0);
	*at = end;
	if (*end != '-')
		return true;
	if (end[1] < '0' || end[1] > '9')
		return false;
	out->high = strtoull(end + 1, &end, 0);
	*at = end;
	return out->low <= out->high;
}

static int cut_criterion(const char *word, size_t n, struct break_filter *f, struct rsp_error *err)
{
	for (size_t k = 0; k < N_KEYS; k++) {
		size_t name = strlen(keys[k].name);
		if (n <= name || memcmp(word, keys[k].name, name) != 0 || word[name] != '=')
			continue;
		const char *at = word + name + 1;
		for (unsigned i = 0; i < keys[k].parts; i++) {
			if (!cut_part(&at, &f->want[k][i]))
				return rsp_fail(err, RSP_BAD_REQUEST, "\"%.*s\": a number, two with - between, or * is needed%s", (int)(n < 60 ? n : 60), word,
						keys[k].parts > 1 ? ", up to three separated by commas" : "");
			if (*at != ',' || i + 1 == keys[k].parts)
				break;
			at++;
		}
		if (k == KEY_LANE && f->want[k][0].given && f->want[k][0].low > 63)
			return rsp_fail(err, RSP_BAD_REQUEST, "\"%.*s\": a wave has lanes 0 to 63", (int)(n < 60 ? n : 60), word);
		if (at == word + n)
			return 0;
		return rsp_fail(err, RSP_BAD_REQUEST, "\"%.*s\" has something behind its value", (int)(n < 60 ? n : 60), word);
	}
	return rsp_fail(err, RSP_BAD_REQUEST, "\"%.*s\" is none of agent= queue= dispatch= wave= group= item= lane=", (int)(n < 60 ? n : 60), word);
}

static size_t next_word(const char **at)
{
	*at += strspn(*at, " \t\n");
	return strcspn(*at, " \t\n");
}

static int cut_place(const char *word, size_t n, struct break_filter *f, struct rsp_error *err)
{
	char *end;
	if (n > 2 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X')) {
		f->addr = strtoull(word, &end, 16);
		if (end == word + n)
			return 0;
	}
	return rsp_fail(err, RSP_BAD_REQUEST, "\"%.*s\" is no address (0x...)", (int)(n < 60 ? n : 60), word);
}

static int list(const struct monitor_call *c)
{
	json_t *array = c->json ? json_array() : NULL;
	for (const struct break_filter *f = c->d->filters; f; f = f->next) {
		char where[32];
		snprintf(where, sizeof where, "0x%" PRIx64, f->addr);
		if (c->json)
			json_array_append_new(array, json_pack("{s:s, s:s}", "where", where, "filter", f->text));
		else
			rsp_buf_printf(c->out, "%s  %s\n", where, f->text);
	}
	if (c->json)
		return monitor_print_json(c, array);
	if (!c->d->filters)
		rsp_buf_puts(c->out, "no filters: breakpoints are for every wave\n");
	return 0;
}

static int remove_at(const struct monitor_call *c, uint64_t addr)
{
	struct break_filter **link = &c->d->filters;
	unsigned n = 0;
	while (*link) {
		struct break_filter *f = *link;
		if (f->addr != addr) {
			link = &f->next;
			continue;
		}
		*link = f->next;
		free(f);
		n++;
	}
	rsp_buf_printf(c->out, "%u filter%s removed\n", n, n == 1 ? "" : "s");
	return 0;
}

static int add(const struct monitor_call *c, const struct break_filter *new, const char *words)
{
	struct break_filter **link = &c->d->filters;
	struct break_filter *f = malloc(sizeof *f);
	if (!f)
		return rsp_fail(c->err, RSP_INTERNAL, "out of memory for a filter");
	*f = *new;
	f->next = NULL;
	snprintf(f->text, sizeof f->text, "%s", words);
	f->text[strcspn(f->text, "\n")] = 0;
	while (*link)
		link = &(*link)->next;
	*link = f;
	return 0;
}

int monitor_break_filter(const struct monitor_call *c)
{
	struct break_filter f = { .addr = 0 };
	const char *at = c->args;
	size_t n = next_word(&at);
	if (!n)
		return list(c);
	int status = cut_place(at, n, &f, c->err);
	if (status < 0)
		return status;
	at += n;
	n = next_word(&at);
	const char *words = at;
	if (!n)
		return rsp_fail(c->err, RSP_BAD_REQUEST, "which waves? For example group=3,0,0 or wave=17 or lane=5; \"off\" removes filters");
	if (n == 3 && memcmp(at, "off", 3) == 0 && !at[n + strspn(at + n, " \t\n")])
		return remove_at(c, f.addr);
	for (; n && status == 0; at += n, n = next_word(&at))
		status = cut_criterion(at, n, &f, c->err);
	return status < 0 ? status : add(c, &f, words);
}
