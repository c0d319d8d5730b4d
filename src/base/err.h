/* Errors of the program's own layers (kernel seam, host process, model): a class and a text written where they are born. */
#ifndef SRC_BASE_ERR_H
#define SRC_BASE_ERR_H

enum dbg_class {
	DBG_OK = 0,
	DBG_UNSUPPORTED = 1, /* not offered by this kernel, device or target */
	DBG_BAD_REQUEST = 2, /* the caller's or user's mistake */
	DBG_REFUSED = 3,     /* the target or the kernel said no */
	DBG_GONE = 4,        /* process, wave, queue or device no longer exists */
	DBG_INTERNAL = 5,    /* trouble of ours */
	DBG_AGAIN = 6,       /* nothing there now (no event pending) */
};

struct dbg_error {
	enum dbg_class class;
	int sys_errno;  /* 0 when no system call was the cause */
	char text[256]; /* one line, no full stop */
};

/* Fills *err (may be NULL), returns -class. */
int dbg_fail(struct dbg_error *err, enum dbg_class class, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same with errno `e` remembered and its text appended. */
int dbg_fail_errno(struct dbg_error *err, enum dbg_class class, int e, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
