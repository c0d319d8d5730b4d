#include "src/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The one piece of state below main that is not passed along: which categories the user asked for. It is set once, before anything else
 * runs, and carrying it through every call that may log would say nothing more. */
static unsigned enabled_categories;

static const struct {
	const char *name;
	enum log_category category;
} categories[] = {
	{ "kernel", LOG_KERNEL }, { "wire", LOG_WIRE }, { "host", LOG_HOST }, { "wave", LOG_WAVE },     { "code", LOG_CODE },
	{ "view", LOG_VIEW },     { "loop", LOG_LOOP }, { "memory", LOG_MEMORY },
};
#define N_CATEGORIES (sizeof categories / sizeof categories[0])

const char *log_category_names(void)
{
	return "kernel, wire, host, wave, code, view, loop, memory";
}

static bool category_by_name(const char *name, size_t n, unsigned *mask)
{
	if (n == 3 && memcmp(name, "all", 3) == 0) {
		for (size_t i = 0; i < N_CATEGORIES; i++)
			*mask |= categories[i].category;
		return true;
	}
	for (size_t i = 0; i < N_CATEGORIES; i++) {
		if (strlen(categories[i].name) == n && memcmp(categories[i].name, name, n) == 0) {
			*mask |= categories[i].category;
			return true;
		}
	}
	return false;
}

bool log_parse_categories(const char *text, unsigned *mask, const char **bad)
{
	unsigned found = 0;
	for (const char *p = text;;) {
		size_t n = strcspn(p, ",");
		if (!category_by_name(p, n, &found)) {
			*bad = p;
			return false;
		}
		p += n;
		if (!*p)
			break;
		p++;
	}
	*mask = found;
	return true;
}

void log_set_categories(unsigned mask)
{
	enabled_categories = mask;
}

bool log_enabled(enum log_category c)
{
	return (enabled_categories & c) != 0;
}

static const char *category_name(enum log_category c)
{
	for (size_t i = 0; i < N_CATEGORIES; i++)
		if (categories[i].category == c)
			return categories[i].name;
	return "debug";
}

/* One call of the C library per line, so that lines of several processes on one terminal do not mix. */
__attribute__((format(printf, 3, 0))) static void vline(const char *head, const char *mid, const char *fmt, va_list ap)
{
	char text[2048];
	int n = vsnprintf(text, sizeof text, fmt, ap);
	const char *cut = n >= (int)sizeof text ? " ..." : "";
	fprintf(stderr, "%s%s%s%s\n", head, mid, text, cut);
}

void log_debug(enum log_category c, const char *fmt, ...)
{
	if (!log_enabled(c))
		return;
	char mid[32];
	snprintf(mid, sizeof mid, "%s: ", category_name(c));
	va_list ap;
	va_start(ap, fmt);
	vline("wavestub: ", mid, fmt, ap);
	va_end(ap);
}

void log_error(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vline("wavestub: ", "error: ", fmt, ap);
	va_end(ap);
}

void log_warning(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vline("wavestub: ", "warning: ", fmt, ap);
	va_end(ap);
}

void log_info(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vline("wavestub: ", "", fmt, ap);
	va_end(ap);
}

void log_notice(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vline("", "", fmt, ap);
	va_end(ap);
}
