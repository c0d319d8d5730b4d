#include "testsuite/wavelaunch/contents.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int fill_from_file(const struct wl_value *v, void *memory, struct wl_err *err)
{
	FILE *f = fopen(v->file, "re");
	if (!f)
		return wl_fail(err, WL_INPUT, "%s: %s", v->file, strerror(errno));
	size_t n = fread(memory, 1, v->bytes, f);
	bool failed = ferror(f), more = !failed && n == v->bytes && fgetc(f) != EOF;
	int number = errno;
	fclose(f);
	if (failed)
		return wl_fail(err, WL_INPUT, "%s: %s", v->file, strerror(number));
	if (more)
		return wl_fail(err, WL_INPUT, "%s: larger than the %llu bytes of --arg %s", v->file, (unsigned long long)v->bytes, v->text);
	return 0;
}

int wl_contents_fill(const struct wl_value *v, void *memory, struct wl_err *err)
{
	if (v->file)
		return fill_from_file(v, memory, err);
	if (!v->filled)
		return 0;
	const unsigned char *pattern = (const unsigned char *)&v->fill;
	unsigned char *out = memory;
	for (uint64_t i = 0; i < v->bytes; i++)
		out[i] = pattern[i % v->fill_bytes];
	return 0;
}

int wl_contents_dump(const char *file, const void *memory, size_t size, struct wl_err *err)
{
	FILE *f = fopen(file, "we");
	if (!f)
		return wl_fail(err, WL_SYSTEM, "%s: %s", file, strerror(errno));
	size_t n = fwrite(memory, 1, size, f);
	/* A full disk may show only at the end. */
	if (fclose(f) || n != size)
		return wl_fail(err, WL_SYSTEM, "%s: %s", file, strerror(errno));
	return 0;
}

int wl_contents_expect(unsigned arg, const char *file, const void *memory, size_t size, struct wl_err *err)
{
	FILE *f = fopen(file, "re");
	if (!f)
		return wl_fail(err, WL_INPUT, "%s: %s", file, strerror(errno));
	const unsigned char *have = memory;
	unsigned char want[4096];
	size_t at = 0, n;
	int result = 0;
	while (!result && (n = fread(want, 1, sizeof want, f)) > 0) {
		if (n > size - at) {
			result = wl_fail(err, WL_DIFFER, "argument %u has %zu bytes, %s has more", arg, size, file);
			break;
		}
		for (size_t i = 0; i < n && !result; i++)
			if (have[at + i] != want[i])
				result = wl_fail(err, WL_DIFFER, "argument %u differs from %s at byte %zu: 0x%02x, expected 0x%02x", arg, file,
						 at + i, have[at + i], want[i]);
		at += n;
	}
	if (!result && ferror(f))
		result = wl_fail(err, WL_INPUT, "%s: %s", file, strerror(errno));
	else if (!result && at != size)
		result = wl_fail(err, WL_DIFFER, "argument %u has %zu bytes, %s only %zu", arg, size, file, at);
	fclose(f);
	return result;
}
