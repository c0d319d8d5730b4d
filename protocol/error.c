#include "protocol/error.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const class_texts[] = {
	[RSP_OK] = "success",
	[RSP_UNSUPPORTED] = "not supported",
	[RSP_BAD_REQUEST] = "malformed request",
	[RSP_REFUSED] = "refused by the target",
	[RSP_GONE] = "no such thread, process or file",
	[RSP_INTERNAL] = "internal error",
};

int rsp_fail(struct rsp_error *err, enum rsp_class class, const char *fmt, ...)
{
	if (!err)
		return -(int)class;
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	if (n <= 0)
		snprintf(err->text, sizeof(err->text), "%s", class_texts[class]);
	/* One line, so that it fits a reply, a log line and a console. */
	for (char *p = err->text; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	err->class = class;
	return -(int)class;
}
