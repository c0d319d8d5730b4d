/* Handlers that the packet table points to, by the file they live in. */
#ifndef PROTOCOL_HANDLERS_H
#define PROTOCOL_HANDLERS_H

#include "protocol/command.h"

typedef int rsp_handler(struct rsp_session *s, const struct rsp_args *args, struct rsp_reply *reply);

/* cmd_general.c */
rsp_handler rsp_cmd_supported, rsp_cmd_no_ack, rsp_cmd_must_reply_empty, rsp_cmd_symbol, rsp_cmd_offsets;
/* cmd_process.c */
rsp_handler rsp_cmd_extended, rsp_cmd_halt_reason, rsp_cmd_detach, rsp_cmd_kill, rsp_cmd_vkill, rsp_cmd_attach, rsp_cmd_run, rsp_cmd_restart,
	rsp_cmd_attached;
/* cmd_threads.c */
rsp_handler rsp_cmd_set_general, rsp_cmd_set_cont, rsp_cmd_alive, rsp_cmd_current, rsp_cmd_first_threads, rsp_cmd_more_threads,
	rsp_cmd_thread_extra;
/* cmd_regs.c */
rsp_handler rsp_cmd_read_all, rsp_cmd_write_all, rsp_cmd_read_reg, rsp_cmd_write_reg;
/* cmd_mem.c */
rsp_handler rsp_cmd_read_hex, rsp_cmd_write_hex, rsp_cmd_read_binary, rsp_cmd_write_binary;
/* cmd_break.c */
rsp_handler rsp_cmd_break_insert, rsp_cmd_break_remove;
/* cmd_resume.c */
rsp_handler rsp_cmd_vcont_query, rsp_cmd_vcont, rsp_cmd_continue, rsp_cmd_continue_signal, rsp_cmd_step, rsp_cmd_step_signal,
	rsp_cmd_interrupt, rsp_cmd_nonstop, rsp_cmd_stopped;
/* cmd_signals.c */
rsp_handler rsp_cmd_pass_signals, rsp_cmd_program_signals, rsp_cmd_thread_events;
/* cmd_xfer.c */
rsp_handler rsp_cmd_xfer_features, rsp_cmd_xfer_threads, rsp_cmd_xfer_libraries, rsp_cmd_xfer_exec_file, rsp_cmd_xfer_auxv, rsp_cmd_xfer_siginfo;
/* cmd_monitor.c */
rsp_handler rsp_cmd_monitor;
/* cmd_file.c */
rsp_handler rsp_cmd_setfs, rsp_cmd_open, rsp_cmd_pread, rsp_cmd_pwrite, rsp_cmd_fstat, rsp_cmd_close, rsp_cmd_readlink, rsp_cmd_unlink;

#endif
