/* What the files of the joint share. */
#ifndef SRC_TARGET_TARGET_H
#define SRC_TARGET_TARGET_H

#include "src/events/events.h"
#include "src/model/model.h"
#include "src/target/dbg_target.h"
#include "src/view/view.h"

enum { TARGET_MAX_FILES = 64 };

/* An open file of the remote file protocol: one of the real file system, or a copy of a served code object (which may go while it is read). */
struct target_file {
	bool used;
	int fd; /* -1: the copy */
	uint8_t *data;
	size_t n;
};

struct disasm;
struct condition;
struct break_filter;

struct dbg_target {
	struct loop *loop;
	const struct options *options;
	struct server_target server;
	struct loop_source *sigchld;
	struct rsp_session *session; /* borrowed, NULL between clients */
	struct dbg_process *process; /* NULL: none */
	struct view *view;           /* of this process, or of none */
	char **argv;                 /* of the last launch, for a vRun without a name */
	struct rsp_stop last;
	struct condition *conditions; /* by address: condition.h */
	struct break_filter *filters; /* break_filter.h */
	bool pass_known, program_known; /* the client has told its sets of signals */
	uint64_t pass, program;         /* bit n: host signal n + 1 */
	struct events *events;       /* NULL: nobody wants them */
	struct rsp_buf notices;      /* lines for the user that could not be sent yet: a client takes them only while the process runs */
	struct rsp_resume *actions;  /* of the current resume */
	size_t n_actions, max_actions;
	struct target_file files[TARGET_MAX_FILES];
	struct disasm *disasm;       /* once somebody has asked for instructions */
};

/* Turns a model error into the protocol's. Returns -class. */
int target_error(struct rsp_error *out, const struct dbg_error *err);
/* The live process, or an error. */
int target_process(struct dbg_target *d, int64_t pid, struct dbg_process **out, struct rsp_error *err);

/* target/regs.c */
int target_reg_read(void *t, struct rsp_ptid id, size_t regno, uint8_t *buf, bool *available, struct rsp_error *err);
int target_reg_write(void *t, struct rsp_ptid id, size_t regno, const uint8_t *buf, struct rsp_error *err);
int target_mem_read(void *t, struct rsp_ptid id, uint64_t addr, uint8_t *buf, size_t len, size_t *got, struct rsp_error *err);
int target_mem_write(void *t, struct rsp_ptid id, uint64_t addr, const uint8_t *buf, size_t len, struct rsp_error *err);
int target_break_insert(void *t, const struct rsp_break *b, struct rsp_error *err);
int target_break_remove(void *t, const struct rsp_break *b, struct rsp_error *err);

/* target/file.c */
int target_file_setfs(void *t, int64_t pid, int *file_errno);
int target_file_open(void *t, const char *path, unsigned flags, unsigned mode, int *fd, int *file_errno);
int target_file_pread(void *t, int fd, uint8_t *buf, size_t len, uint64_t offset, size_t *got, int *file_errno);
int target_file_fstat(void *t, int fd, struct rsp_file_stat *st, int *file_errno);
int target_file_close(void *t, int fd, int *file_errno);
int target_file_readlink(void *t, const char *path, struct rsp_buf *out, int *file_errno);
void target_files_close_all(struct dbg_target *d);

/* target/run.c */
int target_resume(void *t, const struct rsp_resume *actions, size_t n, struct rsp_error *err);
void target_interrupt(void *t);
struct rsp_stop target_stop(const struct dbg_target *d, const struct dbg_stop *stop);
int target_threads(void *t, rsp_thread_emit *emit, void *sink, struct rsp_error *err);
int target_thread_alive(void *t, struct rsp_ptid id, bool *alive);
int target_thread_resolve(void *t, struct rsp_ptid *id, struct rsp_error *err);
int target_set_nonstop(void *t, bool on, struct rsp_error *err);
int target_stops(void *t, rsp_stop_emit *emit, void *sink, struct rsp_error *err);
int target_thread_events(void *t, bool on, struct rsp_error *err);
int target_pass_signals(void *t, const struct rsp_signals *set, struct rsp_error *err);
int target_program_signals(void *t, const struct rsp_signals *set, struct rsp_error *err);
/* Tells the process what the client has told. */
void target_apply_signals(struct dbg_target *d);
int target_siginfo(void *t, struct rsp_ptid id, struct rsp_buf *out, struct rsp_error *err);

/* monitor.c */
int target_monitor(void *t, struct rsp_ptid selected, const char *command, struct rsp_buf *out, struct rsp_error *err);

#endif
