/* The parts of bench_stub: each measures and prints a table. Whatever goes wrong ends the program with a message. */
#ifndef TESTSUITE_BENCH_PARTS_H
#define TESTSUITE_BENCH_PARTS_H

/* `directory`: of the build, with gpusim, wavestub, wavelaunch and the sample kernels. */
void bench_waves(const char *directory);
void bench_memory(const char *directory);

/* DIRECTORY/NAME, never freed. */
char *bench_path(const char *directory, const char *name);

#endif
