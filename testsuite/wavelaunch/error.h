/* Errors as values: a class, and a text written where the failure was found. */
#ifndef TESTSUITE_WAVELAUNCH_ERROR_H
#define TESTSUITE_WAVELAUNCH_ERROR_H

enum wl_class {
	WL_NONE,
	WL_USAGE,   /* the command line does not make sense, or does not fit the kernel: exit status 2 */
	WL_INPUT,   /* a file cannot be used */
	WL_SYSTEM,  /* the operating system or the kernel driver refused */
	WL_FAULT,   /* the GPU reported an error */
	WL_TIMEOUT, /* the kernel did not end in time */
	WL_DIFFER,  /* a buffer does not hold what was expected */
};

struct wl_err {
	enum wl_class class;
	char text[600];
};

/* Writes the first error only (later ones are consequences of it) and returns -1. */
int wl_fail(struct wl_err *err, enum wl_class class, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Adds to the text of the error that is there. */
void wl_fail_more(struct wl_err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* 0, 1 or 2 for the shell. */
int wl_exit_status(const struct wl_err *err);

#endif
