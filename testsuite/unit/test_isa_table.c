/* The decoder against LLVM's: every opcode of the stored list (made by isa_table.py) decodes to the same name, length and operands, or is
 * refused because the engine does not have it; and every row of the engine is in the list. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/isa/coverage.h"
#include "sim/isa/insn.h"
#include "testsuite/unit/tap.h"

enum { MAX_LINES = 2000 };

struct line {
	char encoding[16], text[160];
	unsigned op;
	uint32_t words[2];
	unsigned n;
};

static struct line lines[MAX_LINES];
static unsigned n_lines;

static void read_list(void)
{
	char path[512], row[400];
	const char *dir = getenv("srcdir");
	snprintf(path, sizeof path, "%s/testsuite/unit/data/isa_table.txt", dir ? dir : SRCDIR);
	FILE *f = fopen(path, "r");
	ck_assert_msg(f != NULL, "cannot open %s", path);
	for (n_lines = 0; n_lines < MAX_LINES && fgets(row, sizeof row, f);) {
		struct line *l = &lines[n_lines];
		char words[32];
		int at;
		if (*row == '#')
			continue;
		ck_assert_int_eq(sscanf(row, "%15s %u %31s %n", l->encoding, &l->op, words, &at), 3);
		snprintf(l->text, sizeof l->text, "%s", row + at);
		l->text[strcspn(l->text, "\n")] = '\0';
		l->n = (unsigned)sscanf(words, "%x,%x", &l->words[0], &l->words[1]);
		n_lines++;
	}
	fclose(f);
	ck_assert_uint_gt(n_lines, 1400);
}

/* The list's mnemonic without LLVM's encoding suffix. */
static void mnemonic(const struct line *l, char out[64])
{
	snprintf(out, 64, "%.*s", (int)strcspn(l->text, " "), l->text);
	size_t n = strlen(out);
	if (n > 4 && (strcmp(out + n - 4, "_e32") == 0 || strcmp(out + n - 4, "_e64") == 0))
		out[n - 4] = '\0';
}

static bool same_name(const struct line *l, const char *name)
{
	char text[64];
	mnemonic(l, text);
	return strcmp(text, name) == 0;
}

START_TEST(test_names)
{
	read_list();
	unsigned known = 0;
	for (unsigned k = 0; k < n_lines; k++) {
		const struct line *l = &lines[k];
		struct insn i;
		const char *why = NULL;
		enum decode_status s = isa_decode(&i, l->words, 2, &sim_lanes_base, &why);
		if (s == DECODE_ILLEGAL) {
			ck_assert_ptr_nonnull(why);
			ck_assert_str_eq(sim_insn_name(l->words, 2), "unknown");
			continue;
		}
		ck_assert_msg(same_name(l, i.row->name), "%s %u: %s is decoded as %s", l->encoding, l->op, l->text, i.row->name);
		ck_assert_msg(i.size == 4 * l->n, "%s: %u bytes instead of %u", l->text, i.size, 4 * l->n);
		ck_assert_msg(i.op == l->op, "%s: opcode %u instead of %u", l->text, i.op, l->op);
		ck_assert_str_eq(sim_insn_name(l->words, l->n), i.row->name);
		known++;
	}
	ck_assert_uint_gt(known, 1000);
}
END_TEST

START_TEST(test_rows_are_listed)
{
	read_list();
	for (size_t slot = 0; slot < sim_isa_slots(); slot++) {
		const char *encoding, *name = sim_isa_slot_name(slot, &encoding);
		/* LLVM prints the long forms of these two like the short ones, so they cannot be assembled back. */
		bool listed = name && strcmp(encoding, "VOP3") == 0 && (strcmp(name, "v_nop") == 0 || strcmp(name, "v_clrexcp") == 0);
		for (unsigned k = 0; name && k < n_lines && !listed; k++)
			listed = strcmp(lines[k].encoding, encoding) == 0 && same_name(&lines[k], name);
		ck_assert_msg(!name || listed, "LLVM has no %s %s", encoding, name);
	}
}
END_TEST

/* Register operands as written: a letter and the first number ("v8", "s14" of s[14:15]), with vcc as s106. */
static unsigned registers(const char *text, char out[8][8])
{
	unsigned n = 0;
	for (const char *p = text + strcspn(text, " "); *p && n < 8; p++) {
		if (isalnum((unsigned char)p[-1]) || p[-1] == '_')
			continue;
		if (strncmp(p, "vcc", 3) == 0 && !isalnum((unsigned char)p[3]))
			snprintf(out[n++], 8, "s106");
		else if ((*p == 'v' || *p == 's') && (isdigit((unsigned char)p[1]) || p[1] == '['))
			snprintf(out[n++], 8, "%c%d", *p, atoi(p + (p[1] == '[' ? 2 : 1)));
	}
	return n;
}

static void add_register(char out[8][8], unsigned *n, unsigned code)
{
	if (code < 512)
		snprintf(out[(*n)++], 8, "%c%u", code >= 256 ? 'v' : 's', code & 255);
}

/* The same list from the decoded fields. */
static unsigned decoded_registers(const struct insn *i, char out[8][8])
{
	unsigned n = 0;
	const struct isa_row *row = i->row;
	if (row->d != 'n')
		add_register(out, &n, 256u + i->dst);
	if (row->flags & (RF_MASK | RF_CMP))
		add_register(out, &n, i->sdst);
	for (unsigned j = 0; j < i->nsrc; j++)
		if (!(j == 2 && row->flags & RF_ACC))
			add_register(out, &n, i->src[j]);
	if (row->c == 'm')
		add_register(out, &n, i->smask);
	return n;
}

START_TEST(test_vector_operands)
{
	read_list();
	unsigned checked = 0;
	for (unsigned k = 0; k < n_lines; k++) {
		char want[8][8], got[8][8];
		struct insn i;
		const char *why;
		if (isa_decode(&i, lines[k].words, 2, &sim_lanes_base, &why) != DECODE_OK || i.cls < CLS_VOP2 || i.cls > CLS_VOP3P ||
				(i.row->run && i.cls != CLS_VOP3P) || i.op == 88 || i.op == 89)
			continue;
		unsigned n = registers(lines[k].text, want), m = decoded_registers(&i, got);
		ck_assert_msg(n == m, "%s: %u registers decoded", lines[k].text, m);
		for (unsigned r = 0; r < n; r++)
			ck_assert_msg(strcmp(want[r], got[r]) == 0, "%s: register %u is decoded as %s", lines[k].text, r, got[r]);
		checked++;
	}
	ck_assert_uint_gt(checked, 600);
}
END_TEST

static uint64_t random64(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* Random words decode to something with a handler or to a reason. */
START_TEST(test_random_words)
{
	uint64_t seed = 0x9e3779b97f4a7c15ull;
	unsigned ok = 0;
	for (unsigned k = 0; k < 2000000; k++) {
		uint64_t r = random64(&seed);
		uint32_t words[2] = { (uint32_t)r, (uint32_t)(r >> 32) };
		struct insn i;
		const char *why = NULL;
		enum decode_status s = isa_decode(&i, words, 1 + k % 2, &sim_lanes_base, &why);
		ck_assert(s == DECODE_OK || (s == DECODE_ILLEGAL && why) || (s == DECODE_SHORT && k % 2 == 0));
		ck_assert(s != DECODE_OK || (i.run && i.row && (i.size == 4 || i.size == 8)));
		ok += s == DECODE_OK;
	}
	ck_assert_uint_gt(ok, 100000);
}
END_TEST

int main(void)
{
	const struct tap_test tests[] = {
		{ "names and lengths as LLVM has them", test_names, 1 },
		{ "every row is an opcode of LLVM", test_rows_are_listed, 1 },
		{ "operands of vector instructions", test_vector_operands, 1 },
		{ "random words", test_random_words, 1 },
	};
	return TAP_RUN("isa_table", tests, NULL, NULL);
}
