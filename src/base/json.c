#include "src/base/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

json_t *dbg_json_hex(uint64_t value)
{
	return json_sprintf("0x%" PRIx64, value);
}

json_t *dbg_json_text(const char *text)
{
	json_t *value = json_string(text ? text : "");
	char *plain = value ? NULL : strdup(text);
	if (!plain)
		return value;
	for (char *p = plain; *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	value = json_string(plain);
	free(plain);
	return value;
}
