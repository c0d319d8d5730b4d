/* Compares the instruction decoder of a family with LLVM's disassembler, which knows every encoding of every GPU. Three steps, driven by
 * insn_oracle.sh:
 *   insn_oracle emit FAMILY > IN           candidates as llvm-mc --disassemble wants them, a marker after each
 *   llvm-mc-19 --disassemble ... IN
 *   insn_oracle compare FAMILY OUT ERRORS  TAP: every length, every class against the mnemonic, every opcode that exists or does not
 *   insn_oracle tables FAMILY OUT ERRORS   the opcode sets as C initialisers, for a new family
 *   insn_oracle list FAMILY OUT ERRORS     a sample of valid encodings with length and class, the list that test_insn.c carries
 * Candidates depend on nothing but the numbers below. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"

/* ------------------------------------------------------------------ candidates */

/* What the second dword of an encoding is. */
enum second { SECOND_ANY, SECOND_SOURCES, SECOND_REGISTERS, SECOND_OFFSET };

/* An encoding: its fixed bits, where its opcode lies, operand bits that many of its opcodes accept. */
struct encoding {
	const char *name;
	uint32_t base, mask;  /* fixed bits of dword 0 */
	unsigned low, width;  /* opcode */
	enum second second;
	uint32_t operands[6]; /* zeroes: no registers but number 0, no modifiers */
};

static const struct encoding gfx9_encodings[] = {
	{ "sop2", 0x80000000, 0xC0000000, 23, 7, SECOND_ANY, { 0, 0x00020400, 0x00040004 } },
	{ "sopk", 0xB0000000, 0xF0000000, 23, 5, SECOND_ANY, { 0, 0x00040000, 1, 0x00021001 } },
	{ "sop1", 0xBE800000, 0xFF800000, 8, 8, SECOND_ANY, { 0, 0x00040004, 0x00100010 } },
	{ "sopc", 0xBF000000, 0xFF800000, 16, 7, SECOND_ANY, { 0, 0x0404, 0x0104 } },
	{ "sopp", 0xBF800000, 0xFF800000, 16, 7, SECOND_ANY, { 0, 1, 4 } },
	{ "vop2", 0x00000000, 0x80000000, 25, 6, SECOND_ANY, { 0, 0x00040100, 0x00080502 } },
	{ "vop1", 0x7E000000, 0xFE000000, 9, 8, SECOND_ANY, { 0, 0x00040100, 0x00080102 } },
	{ "vopc", 0x7C000000, 0xFE000000, 17, 8, SECOND_ANY, { 0, 0x00000502, 0x00000900 } },
	{ "vop3", 0xD0000000, 0xFC000000, 16, 10, SECOND_SOURCES, { 0, 0x10, 0x40, 0x0410, 0x6A } },
	{ "vop3p", 0xD3800000, 0xFF800000, 16, 7, SECOND_SOURCES, { 0, 0x4000, 0x40, 0x4010, 0x8040 } },
	{ "smem", 0xC0000000, 0xFC000000, 18, 8, SECOND_OFFSET, { 0, 0x00020000, 0x00020402, 0x00024000, 0x00004402 } },
	{ "ds", 0xD8000000, 0xFC000000, 17, 8, SECOND_REGISTERS, { 0, 0x00010000, 0x02000000, 0x00000010 } },
	{ "flat", 0xDC000000, 0xFC00C000, 18, 7, SECOND_REGISTERS, { 0, 0x00010000, 0x00000010 } },
	{ "scratch", 0xDC004000, 0xFC00C000, 18, 7, SECOND_REGISTERS, { 0, 0x00010000, 0x00002000 } },
	{ "global", 0xDC008000, 0xFC00C000, 18, 7, SECOND_REGISTERS, { 0, 0x00010000, 0x00000010 } },
	{ "mubuf", 0xE0000000, 0xFC000000, 18, 7, SECOND_REGISTERS, { 0, 0x00001000, 0x00004000, 0x00010000 } },
	{ "mtbuf", 0xE8000000, 0xFC000000, 15, 4, SECOND_REGISTERS, { 0, 0x00001000, 0x00880000 } },
	{ "mimg", 0xF0000000, 0xFC000000, 18, 7, SECOND_REGISTERS, { 0, 0x00000F00, 0x00000100 } },
	{ "vintrp", 0xD4000000, 0xFC000000, 16, 2, SECOND_ANY, { 0, 0x00040102 } },
	{ "exp", 0xC4000000, 0xFC000000, 0, 0, SECOND_REGISTERS, { 0, 0x0000000F } },
};

enum {
	N_ENCODINGS = sizeof gfx9_encodings / sizeof gfx9_encodings[0],
	PER_OPCODE = 48,
	PER_PICKY_OPCODE = 150, /* VOP3, DS: few operand patterns fit all opcodes */
	RANDOM = 40000,
	MAX_OPCODES = 1024,
};

struct candidate {
	uint32_t word[2];
	int encoding;        /* -1: a random one */
	unsigned op;
	/* the oracle's answer */
	bool valid;
	unsigned lines;      /* instructions seen before its marker */
	bool second_invalid; /* something was refused behind the first one */
	unsigned length;
	char text[96];
};

static uint64_t rng_state;

static uint32_t rng(void)
{
	/* xorshift64*, see Marsaglia */
	rng_state ^= rng_state >> 12;
	rng_state ^= rng_state << 25;
	rng_state ^= rng_state >> 27;
	return (uint32_t)(rng_state * UINT64_C(2685821657736338717) >> 32);
}

static bool is_sdwa(uint32_t word)
{
	return word >> 31 == 0 && (word & 0x1FF) == 249;
}

/* Operand bits of dword 0: what the encoding's opcodes like, sometimes a few bits more, now and then anything. */
static uint32_t plausible_low(const struct encoding *e)
{
	uint32_t operands = e->operands[rng() % (sizeof e->operands / sizeof e->operands[0])];
	switch (rng() % 8) {
	case 0:
		return rng();
	case 1:
		return operands | (rng() & rng() & rng());
	default:
		return operands;
	}
}

/* Sources of VOP3: vector registers, aligned for the widest operands; scalar ones; constants. */
static uint32_t source9(void)
{
	static const uint16_t some[] = { 256, 264, 272, 288, 320, 256, 320, 0, 16, 32, 128, 242 };
	return some[rng() % (sizeof some / sizeof some[0])];
}

/* Four register numbers, aligned; of FLAT the third names a scalar or none. */
static uint32_t registers(void)
{
	static const uint32_t scalars[] = { 0x00000000, 0x007F0000, 0x00040000, 0x00020000, 0x00840000 };
	return (rng() & 0x10101010 & 0xFF00FFFF) | scalars[rng() % (sizeof scalars / sizeof scalars[0])];
}

static uint32_t plausible_second(uint32_t word, enum second kind)
{
	uint32_t any = rng();
	if (is_sdwa(word))
		return 0x06060600 | (any & 0xFF); /* whole registers */
	if (any % 8 == 0)
		return rng();
	if (any % 8 == 1)
		return 0;
	switch (kind) {
	case SECOND_SOURCES:
		/* An opcode of fewer sources wants the rest to be zero. */
		switch (rng() % 4) {
		case 0:
			return source9();
		case 1:
			return source9() | source9() << 9;
		case 2:
			return source9() | source9() << 9 | source9() << 18;
		default:
			return source9() | source9() << 9 | source9() << 18 | (rng() & 0xF8000000);
		}
	case SECOND_REGISTERS:
		return registers();
	case SECOND_OFFSET:
		return rng() % 2 ? 0x10 : 0x04000000;
	case SECOND_ANY:
		break;
	}
	return rng() & rng();
}

static bool is_marker(uint32_t word)
{
	return word >> 16 == 0xBF80;
}

/* What never goes to the disassembler: markers; and what LLVM 19 crashes on: v_accvgpr_mov_b32 with a scalar source, SDWA forms with odd
 * selectors. */
static bool unfit(uint32_t word, uint32_t second)
{
	uint32_t both[2] = { word, second };
	for (int i = 0; i < 2; i++)
		if (is_marker(both[i]) || (both[i] & 0xFE01FF00) == 0x7E00A400)
			return true;
	return is_sdwa(second);
}

static bool in_encoding(const struct encoding *e, uint32_t word)
{
	if ((word & e->mask) != e->base)
		return false;
	/* sop2 and vop3 share their prefix with others that come first. */
	if (strcmp(e->name, "sop2") == 0)
		return word >> 28 != 0xB;
	if (strcmp(e->name, "sopk") == 0)
		return word >> 23 < 0x17D;
	if (strcmp(e->name, "vop2") == 0)
		return (word >> 25 & 0x3F) < 0x3E;
	return strcmp(e->name, "vop3") != 0 || word >> 23 != 0x1A7;
}

static unsigned per_opcode(const struct encoding *e)
{
	bool picky = e->second == SECOND_SOURCES || strcmp(e->name, "ds") == 0;
	return picky ? PER_PICKY_OPCODE : PER_OPCODE;
}

static size_t make_candidates(struct candidate **out)
{
	size_t n = RANDOM, filled = 0;
	for (int e = 0; e < N_ENCODINGS; e++)
		n += (size_t)per_opcode(&gfx9_encodings[e]) << gfx9_encodings[e].width;
	struct candidate *all = calloc(n, sizeof *all);
	if (!all) {
		perror("insn_oracle");
		exit(EXIT_FAILURE);
	}
	rng_state = UINT64_C(0x9E3779B97F4A7C15);
	for (int e = 0; e < N_ENCODINGS; e++) {
		const struct encoding *enc = &gfx9_encodings[e];
		for (unsigned op = 0; op < 1u << enc->width; op++)
			for (unsigned k = 0; k < per_opcode(enc); k++) {
				uint32_t opmask = ((1u << enc->width) - 1) << enc->low;
				uint32_t word = (plausible_low(enc) & ~enc->mask & ~opmask) | enc->base | op << enc->low;
				uint32_t second = plausible_second(word, enc->second);
				if (!in_encoding(enc, word) || unfit(word, second))
					continue;
				all[filled++] = (struct candidate){ .word = { word, second }, .encoding = e, .op = op };
			}
	}
	for (unsigned k = 0; k < RANDOM; k++) {
		uint32_t word = rng(), second = is_sdwa(word) ? 0x06060600 | (rng() & 0xFF) : rng();
		if (!unfit(word, second))
			all[filled++] = (struct candidate){ .word = { word, second }, .encoding = -1 };
	}
	*out = all;
	return filled;
}

static void print_word(uint32_t word)
{
	printf("0x%02x 0x%02x 0x%02x 0x%02x ", word & 0xFF, word >> 8 & 0xFF, word >> 16 & 0xFF, word >> 24);
}

static void emit(const struct candidate *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		print_word(all[i].word[0]);
		print_word(all[i].word[1]);
		/* Twice: what starts in the second dword may swallow the first one. */
		uint32_t marker = 0xBF800000 | (i & 0xFFFF);
		putchar('\n');
		print_word(marker);
		print_word(marker);
		putchar('\n');
	}
}

/* ------------------------------------------------------------------ answers */

static FILE *open_or_die(const char *path)
{
	FILE *f = fopen(path, "r");
	if (!f) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	return f;
}

/* Output is instructions in order, a marker ending each candidate's. The first one before a marker is the candidate's, unless the errors
 * name column 1 of its line. What is behind it, another instruction or another error or nothing, tells its length. (Printed
 * encodings do not: LLVM makes them anew from the text, and crashes on some.) */
static void read_answers(struct candidate *all, size_t n, const char *out_path, const char *errors_path)
{
	char line[512];
	FILE *f = open_or_die(out_path);
	bool *refused = calloc(n, sizeof *refused);
	if (!refused)
		exit(EXIT_FAILURE);
	size_t i = 0;
	while (fgets(line, sizeof line, f)) {
		char *text = line + strspn(line, " \t");
		if (*text == '.' || *text == '\n' || i > n)
			continue;
		if (strncmp(text, "s_nop ", 6) == 0) {
			unsigned long marker = strtoul(text + 6, NULL, 0);
			if (marker == (i & 0xFFFF)) {
				i++;
			} else if (marker != ((i - 1) & 0xFFFF)) {
				printf("Bail out! answer %zu is out of step\n", i);
				exit(EXIT_FAILURE);
			}
			continue;
		}
		if (i < n && all[i].lines++ == 0) {
			all[i].valid = true;
			snprintf(all[i].text, sizeof all[i].text, "%s", text);
			all[i].text[strcspn(all[i].text, " \t\n")] = '\0';
		}
	}
	fclose(f);
	if (i != n) {
		printf("Bail out! %zu answers to %zu candidates\n", i, n);
		exit(EXIT_FAILURE);
	}
	f = open_or_die(errors_path);
	unsigned long row, column;
	while (fgets(line, sizeof line, f))
		if (sscanf(line, "<stdin>:%lu:%lu: warning: invalid", &row, &column) == 2 && row % 2 == 1 && row / 2 < n)
			*(column == 1 ? &refused[row / 2] : &all[row / 2].second_invalid) = true;
	fclose(f);
	for (i = 0; i < n; i++) {
		all[i].valid = all[i].valid && !refused[i];
		all[i].length = all[i].lines == 1 && !all[i].second_invalid ? 8 : 4;
	}
	free(refused);
}

/* ------------------------------------------------------------------ comparing */

struct class_prefix {
	const char *mnemonic; /* "x*" is a prefix */
	enum gfx_insn_class class;
};

static const struct class_prefix class_names[] = {
	{ "s_branch", GFX_INSN_BRANCH },
	{ "s_cbranch_g_fork", GFX_INSN_FORK },
	{ "s_cbranch_i_fork", GFX_INSN_FORK },
	{ "s_cbranch_join", GFX_INSN_FORK },
	{ "s_cbranch_*", GFX_INSN_COND_BRANCH },
	{ "s_call_b64", GFX_INSN_CALL },
	{ "s_getpc_b64", GFX_INSN_GETPC },
	{ "s_setpc_b64", GFX_INSN_SETPC },
	{ "s_swappc_b64", GFX_INSN_SWAPPC },
	{ "s_rfe_*", GFX_INSN_UNKNOWN },
	{ "s_endpgm*", GFX_INSN_ENDPGM },
	{ "s_trap", GFX_INSN_TRAP },
	{ "s_barrier", GFX_INSN_BARRIER },
	{ "s_sleep", GFX_INSN_SLEEP },
	{ "s_sethalt", GFX_INSN_SETHALT },
	{ "s_sendmsg*", GFX_INSN_SENDMSG },
};

static enum gfx_insn_class expected_class(const char *text)
{
	for (size_t i = 0; i < sizeof class_names / sizeof class_names[0]; i++) {
		const char *name = class_names[i].mnemonic;
		size_t n = strlen(name);
		if (name[n - 1] == '*' ? strncmp(text, name, n - 1) == 0 : strcmp(text, name) == 0)
			return class_names[i].class;
	}
	return GFX_INSN_SEQUENTIAL;
}

static int report(unsigned number, bool ok, const char *what, size_t bad, size_t of)
{
	printf("%sok %u - %s", ok ? "" : "not ", number, what);
	if (bad)
		printf(" (%zu of %zu)", bad, of);
	putchar('\n');
	return !ok;
}

static void complain(const struct candidate *c, const char *what, unsigned value)
{
	printf("# %08" PRIx32 " %08" PRIx32 " %s: llvm says length %u%s, we say %s %u\n", c->word[0], c->word[1], c->text, c->length,
		c->valid ? "" : " (invalid)", what, value);
}

static struct gfx_insn decode(const struct gfx_family *family, const struct candidate *c)
{
	uint8_t bytes[8];
	for (unsigned i = 0; i < 8; i++)
		bytes[i] = c->word[i / 4] >> i % 4 * 8 & 0xFF;
	struct gfx_insn insn;
	if (gfx_insn_decode(family, bytes, sizeof bytes, &insn)) {
		printf("Bail out! 8 bytes are not enough for %08" PRIx32 "\n", c->word[0]);
		exit(EXIT_FAILURE);
	}
	return insn;
}

/* One line per encoding for the opcode sets, one for all lengths, one for all classes. */
static int compare(const struct gfx_family *family, const struct candidate *all, size_t n)
{
	size_t bad_length = 0, bad_class = 0, valid = 0;
	static bool llvm[N_ENCODINGS][MAX_OPCODES], ours[N_ENCODINGS][MAX_OPCODES], seen[N_ENCODINGS][MAX_OPCODES];
	for (size_t i = 0; i < n; i++) {
		const struct candidate *c = &all[i];
		struct gfx_insn insn = decode(family, c);
		bool known = insn.class != GFX_INSN_UNKNOWN || (c->valid && expected_class(c->text) == GFX_INSN_UNKNOWN);
		if (c->encoding >= 0) {
			seen[c->encoding][c->op] = true;
			llvm[c->encoding][c->op] |= c->valid;
			ours[c->encoding][c->op] |= known;
		}
		if (!c->valid)
			continue;
		valid++;
		if (insn.length != c->length && bad_length++ < 20)
			complain(c, "length", insn.length);
		if (insn.class != expected_class(c->text) && bad_class++ < 20)
			complain(c, "class", insn.class);
	}
	printf("1..%d\n", N_ENCODINGS + 3);
	int failed = report(1, valid > n / 8, "the disassembler answered", 0, 0);
	printf("# %zu candidates, %zu valid\n", n, valid);
	failed |= report(2, bad_length == 0, "lengths", bad_length, valid);
	failed |= report(3, bad_class == 0, "classes", bad_class, valid);
	for (int e = 0; e < N_ENCODINGS; e++) {
		size_t bad = 0;
		for (unsigned op = 0; op < 1u << gfx9_encodings[e].width; op++)
			if (seen[e][op] && llvm[e][op] != ours[e][op]) {
				bad++;
				printf("# %s opcode %u: llvm %s it, we %s it\n", gfx9_encodings[e].name, op, llvm[e][op] ? "has" : "lacks",
					ours[e][op] ? "have" : "lack");
			}
		char what[64];
		snprintf(what, sizeof what, "opcodes of %s", gfx9_encodings[e].name);
		failed |= report(4 + (unsigned)e, bad == 0, what, bad, (size_t)1 << gfx9_encodings[e].width);
	}
	return failed;
}

/* ------------------------------------------------------------------ regenerating */

static void tables(const struct candidate *all, size_t n)
{
	static uint32_t bits[N_ENCODINGS][MAX_OPCODES / 32];
	/* s_nop is the marker: it exists, or there would be no answers. */
	for (int e = 0; e < N_ENCODINGS; e++)
		bits[e][0] |= strcmp(gfx9_encodings[e].name, "sopp") == 0;
	for (size_t i = 0; i < n; i++)
		if (all[i].encoding >= 0 && all[i].valid && strncmp(all[i].text, "s_rfe_", 6) != 0)
			bits[all[i].encoding][all[i].op / 32] |= UINT32_C(1) << all[i].op % 32;
	for (int e = 0; e < N_ENCODINGS; e++) {
		unsigned dwords = ((1u << gfx9_encodings[e].width) + 31) / 32, used = 0;
		for (unsigned k = 0; k < dwords; k++)
			used += bits[e][k] != 0;
		if (!used)
			continue;
		printf("\t.%s = {", gfx9_encodings[e].name);
		for (unsigned k = 0; k < dwords; k++)
			printf("%s0x%08" PRIx32 ",", k % 8 == 0 && dwords > 8 ? "\n\t\t" : " ", bits[e][k]);
		printf("%s},\n", dwords > 8 ? "\n\t" : " ");
	}
}

static void list(const struct gfx_family *family, const struct candidate *all, size_t n)
{
	static unsigned taken[N_ENCODINGS][MAX_OPCODES];
	for (size_t i = 0; i < n; i++) {
		const struct candidate *c = &all[i];
		if (!c->valid || c->encoding < 0 || taken[c->encoding][c->op]++)
			continue;
		/* Every control flow opcode, a share of the rest. */
		enum gfx_insn_class class = expected_class(c->text);
		if (class == GFX_INSN_SEQUENTIAL && c->op % 3 != (unsigned)c->encoding % 3)
			continue;
		printf("\t{ { 0x%08" PRIx32 ", 0x%08" PRIx32 " }, %u, %d }, /* %s */\n", c->word[0], c->word[1], c->length, class, c->text);
	}
	(void)family;
}

int main(int argc, char **argv)
{
	const struct gfx_family *family = argc > 2 ? gfx_family_by_name(argv[2]) : NULL;
	if (!family || (argc != 3 && argc != 5)) {
		fprintf(stderr, "usage: insn_oracle emit|compare|tables|list FAMILY [OUT ERRORS]\n");
		return EXIT_FAILURE;
	}
	struct candidate *all;
	size_t n = make_candidates(&all);
	int status = EXIT_SUCCESS;
	if (argc == 3) {
		emit(all, n);
	} else {
		read_answers(all, n, argv[3], argv[4]);
		if (strcmp(argv[1], "tables") == 0)
			tables(all, n);
		else if (strcmp(argv[1], "list") == 0)
			list(family, all, n);
		else
			status = compare(family, all, n) ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	free(all);
	return status;
}
