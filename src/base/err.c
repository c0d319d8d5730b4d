#include "src/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 4, 0))) static int vfail(struct dbg_error *err, enum dbg_class class, int e, const char *fmt, va_list ap)
{
	if (err) {
		err->class = class;
		err->sys_errno = e;
		int n = vsnprintf(err->text, sizeof err->text, fmt, ap);
		if (e && n >= 0 && (size_t)n < sizeof err->text)
			snprintf(err->text + n, sizeof err->text - (size_t)n, ": %s", strerror(e));
	}
	return -(int)class;
}

int dbg_fail(struct dbg_error *err, enum dbg_class class, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int rc = vfail(err, class, 0, fmt, ap);
	va_end(ap);
	return rc;
}

int dbg_fail_errno(struct dbg_error *err, enum dbg_class class, int e, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int rc = vfail(err, class, e, fmt, ap);
	va_end(ap);
	return rc;
}
