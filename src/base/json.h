/* Values of JSON that lists and events share. */
#ifndef SRC_BASE_JSON_H
#define SRC_BASE_JSON_H

#include <stdint.h>

#include <jansson.h>

/* "0x..." as a string: numbers that may not fit the 53 bits of common readers. */
json_t *dbg_json_hex(uint64_t value);
/* Text that programs and files have chosen (names, paths): what is not UTF-8 has a question mark in the place of every byte beyond ASCII. NULL: an
 * empty string. */
json_t *dbg_json_text(const char *text);

#endif
