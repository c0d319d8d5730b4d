/* Names and lines of code objects, for lists that people read. Slow (the file is parsed at every call): ask once per address. */
#ifndef SRC_MONITOR_SYMBOLS_H
#define SRC_MONITOR_SYMBOLS_H

#include "src/model/model.h"

/* The symbol that holds a loaded address: functions, kernel descriptors, variables. */
bool symbol_find(const struct dbg_process *p, uint64_t addr, char *name, size_t n, uint64_t *offset);
/* The row of the line table that holds it. The file is named as the compiler named it, without directories. */
bool symbol_line(const struct dbg_process *p, uint64_t addr, char *file, size_t n, unsigned *line);

#endif
