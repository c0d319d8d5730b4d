/* The leak checker of a sanitized build needs to trace its own process, which fails while a debugger traces it and would make the
 * program fail. So it is left out exactly then; untraced runs are checked. */
#include "config.h"

#ifdef WS_SANITIZED
#include <stdio.h>

int __lsan_is_turned_off(void);

int __lsan_is_turned_off(void)
{
	char line[256];
	int tracer = 0;
	FILE *f = fopen("/proc/self/status", "re");
	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "TracerPid: %d", &tracer) == 1)
			break;
	if (f)
		fclose(f);
	return tracer != 0;
}
#else
typedef int leakcheck_is_for_sanitized_builds; /* a translation unit is not empty */
#endif
