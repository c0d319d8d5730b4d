#include "testsuite/unit/save_fixture.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	printf("Bail out! ");
	vprintf(fmt, args);
	putchar('\n');
	va_end(args);
	exit(EXIT_FAILURE);
}

void fixture_path(char *buf, size_t n, const char *relative)
{
	const char *srcdir = getenv("srcdir");
	int length = snprintf(buf, n, "%s/%s", srcdir ? srcdir : SRCDIR, relative);
	if (length < 0 || (size_t)length >= n)
		die("the path of %s is too long", relative);
}

/* The whole file with a zero byte behind it. */
static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		die("%s: cannot be opened", path);
	uint8_t *data = NULL;
	size_t n = 0, room = 0, got;
	do {
		room = room ? 2 * room : 65536;
		data = realloc(data, room + 1);
		if (!data)
			die("out of memory");
		got = fread(data + n, 1, room - n, f);
		n += got;
	} while (n == room);
	fclose(f);
	data[n] = '\0';
	*size = n;
	return data;
}

static uint8_t *read_zstd(const char *path, size_t *size)
{
	size_t packed_size;
	uint8_t *packed = read_file(path, &packed_size);
	unsigned long long full = ZSTD_getFrameContentSize(packed, packed_size);
	if (full == ZSTD_CONTENTSIZE_ERROR || full == ZSTD_CONTENTSIZE_UNKNOWN || full > 1 << 28)
		die("%s: not a frame of known size", path);
	uint8_t *data = malloc(full + 1);
	if (!data)
		die("out of memory");
	size_t got = ZSTD_decompress(data, full, packed, packed_size);
	if (ZSTD_isError(got) || got != full)
		die("%s: %s", path, ZSTD_isError(got) ? ZSTD_getErrorName(got) : "short");
	free(packed);
	data[full] = '\0';
	*size = full;
	return data;
}

static void read_pieces(struct fixture *f, const char *path)
{
	size_t size;
	char *text = (char *)read_file(path, &size), *save = NULL;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct fixture_piece *p = &f->pieces[f->n_pieces];
		if (line[0] == '#')
			continue;
		if (f->n_pieces == FIXTURE_MAX_PIECES ||
		    sscanf(line, "%31s %" SCNx64 " %" SCNx64 " %" SCNx64, p->name, &p->addr, &p->length, &p->offset) != 4 ||
		    p->offset + p->length > f->memory_size)
			die("%s: bad line: %s", path, line);
		f->n_pieces++;
	}
	free(text);
}

static int keep_wave(void *arg, const struct gfx_wave_record *rec)
{
	struct fixture *f = arg;
	if (f->n_waves == FIXTURE_MAX_WAVES)
		die("more than %d waves", FIXTURE_MAX_WAVES);
	f->waves[f->n_waves++].rec = *rec;
	return 0;
}

void fixture_load(struct fixture *f, const char *family_name)
{
	char dir[512], path[600];
	*f = (struct fixture){ 0 };
	snprintf(path, sizeof path, "testsuite/data/save-areas/%s", family_name);
	fixture_path(dir, sizeof dir, path);
	snprintf(path, sizeof path, "%s/memory.bin.zst", dir);
	f->memory = read_zstd(path, &f->memory_size);
	snprintf(path, sizeof path, "%s/memory.tsv", dir);
	read_pieces(f, path);
	snprintf(path, sizeof path, "%s/facts.txt.zst", dir);
	size_t facts_size;
	f->facts_text = (char *)read_zstd(path, &facts_size);
	char *save = NULL;
	for (char *line = strtok_r(f->facts_text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (f->n_facts == FIXTURE_MAX_FACTS)
			die("more than %d facts", FIXTURE_MAX_FACTS);
		f->facts[f->n_facts++] = line;
	}

	const struct gfx_family *family = gfx_family_by_name(family_name);
	const struct fixture_piece *area = fixture_piece(f, "save-area");
	if (!family || !area)
		die("%s: no such family or no save area", family_name);
	f->area = f->memory + area->offset;
	f->area_size = area->length;
	struct gfx_error err;
	if (gfx_save_parse_header(f->area, f->area_size, f->area_size, &f->header, &err) ||
	    gfx_save_walk(family, f->area, f->area_size, &f->header, keep_wave, f, &err))
		die("%s: %s", family_name, err.text);
	for (size_t i = 0; i < f->n_waves; i++) {
		f->waves[i].family = family;
		f->waves[i].area = f->area;
		f->waves[i].ttmps_setup = true;
		f->waves[i].r_version = 10;
	}
}

void fixture_free(struct fixture *f)
{
	free(f->memory);
	free(f->facts_text);
}

const struct fixture_piece *fixture_piece(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->n_pieces; i++)
		if (strcmp(f->pieces[i].name, name) == 0)
			return &f->pieces[i];
	return NULL;
}

const uint8_t *fixture_memory(const struct fixture *f, uint64_t addr, size_t n)
{
	for (size_t i = 0; i < f->n_pieces; i++) {
		const struct fixture_piece *p = &f->pieces[i];
		if (addr >= p->addr && addr - p->addr < p->length && n <= p->length - (addr - p->addr))
			return f->memory + p->offset + (addr - p->addr);
	}
	return NULL;
}

void fixture_wave_name(const struct gfx_wave *w, char *buf, size_t n)
{
	struct gfx_wave_place p;
	if (gfx_wave_place(w, &p))
		snprintf(buf, n, "unknown");
	else
		snprintf(buf, n, "%" PRIu32 ",%" PRIu32 ",%" PRIu32 "/%" PRIu32, p.group[0], p.group[1], p.group[2], p.wave_in_group);
}
