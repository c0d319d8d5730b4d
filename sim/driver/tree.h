/* Writing the generated directory tree. Failures are answered, never fatal. */
#ifndef SIM_DRIVER_TREE_H
#define SIM_DRIVER_TREE_H

#include <stdbool.h>

/* Writes a read-only file with all directories above it; path is relative to root. */
bool sim_tree_file(const char *root, const char *path, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool sim_tree_dir(const char *root, const char *path);
/* Symbolic link at path with this text. */
bool sim_tree_link(const char *root, const char *path, const char *target);
/* Removes path and everything below it. */
void sim_tree_remove(const char *root, const char *path);

#endif
