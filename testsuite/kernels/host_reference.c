/* Usage:
 *   host_reference list                 one line per sample: name, source, "ok" or "fails"
 *   host_reference prepare NAME DIR     writes the input files, prints the options for wavelaunch, one a line
 *   host_reference failure NAME         what wavelaunch is to say
 *   host_reference check NAME DIR       compares the dumped buffers with the host's computation; status 1 when they differ
 */
#include "testsuite/kernels/host_reference.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *zeros(size_t size)
{
	void *p = calloc(1, size);
	if (!p) {
		fprintf(stderr, "host_reference: no memory\n");
		exit(2);
	}
	return p;
}

/* ------------------------------------------------------------------ describing */

static struct launch_arg *next_arg(struct launch *l, enum arg_kind kind, size_t size)
{
	if (l->n_args == MAX_LAUNCH_ARGS) {
		fprintf(stderr, "host_reference: too many arguments\n");
		exit(2);
	}
	struct launch_arg *a = &l->args[l->n_args++];
	a->kind = kind;
	a->size = size;
	return a;
}

void launch_shape(struct launch *l, uint32_t gx, uint32_t gy, uint32_t gz, uint32_t sx, uint32_t sy, uint32_t sz)
{
	const uint32_t grid[] = { gx, gy, gz }, group[] = { sx, sy, sz };
	memcpy(l->grid, grid, sizeof grid);
	memcpy(l->group, group, sizeof group);
}

void launch_text(struct launch *l, const char *format, ...)
{
	struct launch_arg *a = next_arg(l, ARG_TEXT, 0);
	va_list ap;
	va_start(ap, format);
	vsnprintf(a->text, sizeof a->text, format, ap);
	va_end(ap);
}

void *launch_in(struct launch *l, size_t size)
{
	return next_arg(l, ARG_BUFFER, size)->initial = zeros(size);
}

void *launch_out(struct launch *l, size_t size)
{
	return next_arg(l, ARG_BUFFER, size)->expected = zeros(size);
}

void launch_inout(struct launch *l, size_t size, void *before, void *after)
{
	struct launch_arg *a = next_arg(l, ARG_BUFFER, size);
	a->initial = zeros(size);
	a->expected = zeros(size);
	*(void **)before = a->initial;
	*(void **)after = a->expected;
}

void *launch_bytes(struct launch *l, size_t size)
{
	return next_arg(l, ARG_BYTES, size)->initial = zeros(size);
}

static void release(struct launch *l)
{
	for (unsigned i = 0; i < l->n_args; i++) {
		free(l->args[i].initial);
		free(l->args[i].expected);
	}
	free(l);
}

uint32_t sample_mix(uint32_t n)
{
	n = (n ^ 61) ^ (n >> 16);
	n *= 9;
	n ^= n >> 4;
	n *= 0x27d4eb2d;
	return n ^ n >> 15;
}

uint64_t sample_mix64(uint32_t n)
{
	return (uint64_t)sample_mix(2 * n + 1) << 32 | sample_mix(2 * n);
}

float sample_float(uint32_t n)
{
	return (float)((int)(sample_mix(n) % 20001) - 10000) / 16;
}

/* ------------------------------------------------------------------ commands */

struct sample_table {
	const struct sample *samples;
	const size_t *n;
};

static const struct sample_table tables[] = {
	{ computing_samples, &n_computing_samples },
	{ language_samples, &n_language_samples },
};
enum { N_TABLES = sizeof tables / sizeof *tables };

static int prepare_arg(const struct launch_arg *a, unsigned i, const char *dir)
{
	if (a->kind == ARG_TEXT) {
		printf("--arg\n%s\n", a->text);
		return 0;
	}
	printf("--arg\n%s:%zu", a->kind == ARG_BUFFER ? "buf" : "bytes", a->size);
	if (a->initial) {
		char path[4096];
		snprintf(path, sizeof path, "%s/in.%u", dir, i);
		FILE *f = fopen(path, "we");
		size_t n = f ? fwrite(a->initial, 1, a->size, f) : 0;
		if (!f || fclose(f) || n != a->size) {
			perror(path);
			return 2;
		}
		printf("=@%s", path);
	}
	putchar('\n');
	if (a->expected)
		printf("--dump\n%u=%s/out.%u\n", i, dir, i);
	return 0;
}

static int prepare(const struct launch *l, const char *dir)
{
	printf("--grid=%u,%u,%u\n--group=%u,%u,%u\n", l->grid[0], l->grid[1], l->grid[2], l->group[0], l->group[1], l->group[2]);
	if (l->extra)
		puts(l->extra);
	for (unsigned i = 0; i < l->n_args; i++) {
		int status = prepare_arg(&l->args[i], i, dir);
		if (status)
			return status;
	}
	return 0;
}

static int check_arg(const struct launch_arg *a, unsigned i, const char *dir)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/out.%u", dir, i);
	FILE *f = fopen(path, "re");
	if (!f) {
		perror(path);
		return 1;
	}
	unsigned char *have = zeros(a->size + 1);
	size_t n = fread(have, 1, a->size + 1, f);
	fclose(f);
	int status = 0;
	if (n != a->size) {
		printf("argument %u: %zu bytes, expected %zu\n", i, n, a->size);
		status = 1;
	}
	size_t wrong = 0, first = 0;
	for (size_t k = 0; !status && k < a->size; k++) {
		if (have[k] == a->expected[k])
			continue;
		first = wrong++ ? first : k;
	}
	if (wrong) {
		size_t word = first / 4 * 4, len = a->size - word < 4 ? a->size - word : 4;
		uint32_t h = 0, e = 0;
		memcpy(&h, have + word, len);
		memcpy(&e, a->expected + word, len);
		printf("argument %u: %zu bytes are wrong, the first at %zu: word 0x%08x, expected 0x%08x\n", i, wrong, first, h, e);
		status = 1;
	}
	free(have);
	return status;
}

static int check(const struct launch *l, const char *dir)
{
	int status = 0;
	for (unsigned i = 0; i < l->n_args; i++)
		if (l->args[i].expected)
			status |= check_arg(&l->args[i], i, dir);
	return status;
}

static const struct sample *find(const char *name)
{
	for (size_t t = 0; t < N_TABLES; t++)
		for (size_t i = 0; i < *tables[t].n; i++)
			if (strcmp(tables[t].samples[i].name, name) == 0)
				return &tables[t].samples[i];
	fprintf(stderr, "host_reference: no sample '%s'\n", name);
	exit(2);
}

static void list(void)
{
	for (size_t t = 0; t < N_TABLES; t++) {
		for (size_t i = 0; i < *tables[t].n; i++) {
			const struct sample *s = &tables[t].samples[i];
			printf("%s %s %s %s\n", s->name, s->source, s->kernel, s->failure ? "fails" : "ok");
		}
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "list") == 0) {
		list();
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "failure") == 0) {
		const struct sample *s = find(argv[2]);
		puts(s->failure ? s->failure : "");
		return 0;
	}
	if (argc == 4 && (strcmp(argv[1], "prepare") == 0 || strcmp(argv[1], "check") == 0)) {
		struct launch *l = zeros(sizeof *l);
		find(argv[2])->describe(l);
		int status = strcmp(argv[1], "check") == 0 ? check(l, argv[3]) : prepare(l, argv[3]);
		release(l);
		return status;
	}
	fprintf(stderr, "usage: host_reference list | prepare NAME DIR | failure NAME | check NAME DIR\n");
	return 2;
}
