#include "src/model/event.h"

#include <stdarg.h>
#include <stdio.h>

#include "src/base/log.h"
#include "src/model/model.h"

enum { LINE_BYTES = 512 };

void dbg_tell(const struct dbg_process *p, const struct dbg_event *e)
{
	if (p->hooks.event)
		p->hooks.event(p->hooks.arg, p, e);
}

/* Leaves the line in text. */
__attribute__((format(printf, 4, 0))) static void say(const struct dbg_process *p, bool warning, char text[LINE_BYTES], const char *fmt, va_list ap)
{
	vsnprintf(text, LINE_BYTES, fmt, ap);
	if (warning)
		log_warning("%s", text);
	else
		log_info("%s", text);
	if (p->hooks.notice)
		p->hooks.notice(p->hooks.arg, text);
}

void dbg_say(const struct dbg_process *p, const char *fmt, ...)
{
	char text[LINE_BYTES];
	va_list ap;
	va_start(ap, fmt);
	say(p, true, text, fmt, ap);
	va_end(ap);
}

void dbg_note(const struct dbg_process *p, const char *fmt, ...)
{
	char text[LINE_BYTES];
	va_list ap;
	va_start(ap, fmt);
	say(p, false, text, fmt, ap);
	va_end(ap);
}

void dbg_trouble(const struct dbg_process *p, const char *fmt, ...)
{
	char text[LINE_BYTES];
	va_list ap;
	va_start(ap, fmt);
	say(p, true, text, fmt, ap);
	va_end(ap);
	const struct dbg_event e = { .kind = DBG_EVENT_TROUBLE, .text = text };
	dbg_tell(p, &e);
}
