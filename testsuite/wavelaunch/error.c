#include "testsuite/wavelaunch/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int wl_fail(struct wl_err *err, enum wl_class class, const char *format, ...)
{
	if (err->class != WL_NONE)
		return -1;
	err->class = class;
	va_list ap;
	va_start(ap, format);
	vsnprintf(err->text, sizeof err->text, format, ap);
	va_end(ap);
	return -1;
}

void wl_fail_more(struct wl_err *err, const char *format, ...)
{
	size_t used = strlen(err->text);
	va_list ap;
	va_start(ap, format);
	vsnprintf(err->text + used, sizeof err->text - used, format, ap);
	va_end(ap);
}

int wl_exit_status(const struct wl_err *err)
{
	switch (err->class) {
	case WL_NONE:
		return 0;
	case WL_USAGE:
		return 2;
	default:
		return 1;
	}
}
