/* Logging: categories of --debug, levels by who needs to know. Lines go to standard error, prefixed "wavestub: ". */
#ifndef SRC_BASE_LOG_H
#define SRC_BASE_LOG_H

#include <stdbool.h>

enum log_category {
	LOG_KERNEL = 1 << 0,
	LOG_WIRE = 1 << 1,
	LOG_HOST = 1 << 2,
	LOG_WAVE = 1 << 3,
	LOG_CODE = 1 << 4,
	LOG_VIEW = 1 << 5,
	LOG_LOOP = 1 << 6,
	LOG_MEMORY = 1 << 7, /* one line per read or write of target memory */
};

/* Comma-separated names ("kernel", "wire", ...), "all" for everything. False: *bad points at the unknown name. */
bool log_parse_categories(const char *text, unsigned *mask, const char **bad);
void log_set_categories(unsigned mask); /* called by main only */
bool log_enabled(enum log_category c);
void log_debug(enum log_category c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A line that users of gdbserver know ("Process ... created; pid = N"): without prefix, whatever the categories are. */
void log_notice(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Names of the categories, comma-separated, for --help. */
const char *log_category_names(void);

#endif
