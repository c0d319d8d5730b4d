/* The companion script for gdb (companion/), as lines; NULL ended. Made at build time. */
#ifndef SRC_MONITOR_COMPANION_H
#define SRC_MONITOR_COMPANION_H

extern const char *const companion_script[];

#endif
