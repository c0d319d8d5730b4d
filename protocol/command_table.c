#include "protocol/command.h"
#include "protocol/handlers.h"

/* Shorthands that only this table uses. */
#define READ_REGS (RSP_CAN(TDESC) | RSP_CAN(REG_READ))
#define WRITE_REGS (RSP_CAN(TDESC) | RSP_CAN(REG_WRITE))
#define NON_STOP (RSP_CAN(SET_NONSTOP) | RSP_CAN(STOPS) | RSP_CAN(RESUME))
#define NOTHING UINT64_C(0)

const struct rsp_command rsp_commands[] = {
	/* Conversation. */
	{ "qSupported", RSP_PREFIX, "[:s]", NOTHING, RSP_WHILE_RUNNING, NULL, rsp_cmd_supported,
	  "Features of both sides. Understood: multiprocess+, swbreak+, hwbreak+, error-message+, no-resumed+, exec-events+, qRelocInsn+, "
	  "vContSupported+, xmlRegisters=" },
	{ "QStartNoAckMode", RSP_EXACT, "", NOTHING, RSP_WHILE_RUNNING, "QStartNoAckMode+", rsp_cmd_no_ack, "Send no more acknowledgements" },
	{ "vMustReplyEmpty", RSP_EXACT, "", NOTHING, RSP_WHILE_RUNNING, NULL, rsp_cmd_must_reply_empty, "How an unknown packet is answered" },
	{ "qSymbol", RSP_PREFIX, ":b", NOTHING, RSP_WHILE_RUNNING, NULL, rsp_cmd_symbol, "Symbols that the target may ask for: none" },
	{ "qOffsets", RSP_EXACT, "", RSP_CAN(OFFSETS), 0, NULL, rsp_cmd_offsets, "Load address of the main program" },
	{ "qRcmd", RSP_PREFIX, ",h", RSP_CAN(MONITOR), RSP_WHILE_RUNNING, NULL, rsp_cmd_monitor,
	  "`monitor` command; its output comes as console packets" },

	/* Processes. */
	{ "!", RSP_EXACT, "", RSP_CAN(ATTACH) | RSP_CAN(RUN), RSP_ANY_NEED, NULL, rsp_cmd_extended,
	  "Extended mode: the session outlives its processes" },
	{ "?", RSP_EXACT, "", RSP_CAN(LAST_STOP), 0, NULL, rsp_cmd_halt_reason,
	  "Why the target is stopped. Non-stop: the first stopped thread, the others by `vStopped`; OK when none is" },
	{ "vAttach", RSP_PREFIX, ";i", RSP_CAN(ATTACH) | RSP_CAN(LAST_STOP), 0, NULL, rsp_cmd_attach, "Attach to a process; answered by its stop" },
	{ "vRun", RSP_PREFIX, ";b", RSP_CAN(RUN) | RSP_CAN(LAST_STOP), 0, NULL, rsp_cmd_run,
	  "Start a program: path and arguments in hex, separated by `;`; answered by its stop" },
	{ "R", RSP_PREFIX, "[x]", RSP_CAN(RUN), RSP_NO_REPLY, NULL, rsp_cmd_restart, "Start the program again, in extended mode; no answer" },
	{ "D", RSP_PREFIX, "[;i]", RSP_CAN(DETACH), RSP_WHILE_RUNNING, NULL, rsp_cmd_detach, "Detach; the process runs on" },
	{ "k", RSP_EXACT, "", NOTHING, RSP_NO_REPLY | RSP_WHILE_RUNNING, NULL, rsp_cmd_kill, "Kill; no answer" },
	{ "vKill", RSP_PREFIX, ";i", RSP_CAN(KILL), RSP_WHILE_RUNNING, NULL, rsp_cmd_vkill, "Kill one process" },
	{ "qAttached", RSP_PREFIX, "[:i]", RSP_CAN(ATTACHED), RSP_WHILE_RUNNING, NULL, rsp_cmd_attached,
	  "Whether the process existed before (1) or was started here (0)" },

	/* Threads. */
	{ "Hg", RSP_PREFIX, "p", RSP_CAN(REG_READ), 0, NULL, rsp_cmd_set_general, "Thread of the following register and memory packets" },
	{ "Hc", RSP_PREFIX, "p", RSP_CAN(RESUME), 0, NULL, rsp_cmd_set_cont, "Thread of the following `c` and `s`" },
	{ "T", RSP_PREFIX, "p", RSP_CAN(ALIVE), 0, NULL, rsp_cmd_alive, "Whether a thread is alive" },
	{ "qC", RSP_EXACT, "", RSP_CAN(THREADS), 0, NULL, rsp_cmd_current, "The current thread" },
	{ "qfThreadInfo", RSP_EXACT, "", RSP_CAN(THREADS), 0, NULL, rsp_cmd_first_threads, "Thread ids, from a snapshot taken now" },
	{ "qsThreadInfo", RSP_EXACT, "", RSP_CAN(THREADS), 0, NULL, rsp_cmd_more_threads, "More thread ids of that snapshot" },
	{ "qThreadExtraInfo", RSP_PREFIX, ",p", RSP_CAN(THREADS), 0, NULL, rsp_cmd_thread_extra, "Name and state of a thread" },

	/* Registers. */
	{ "g", RSP_EXACT, "", READ_REGS, 0, NULL, rsp_cmd_read_all, "Registers at the front of the description; `x` for what is not known" },
	{ "G", RSP_PREFIX, "b", WRITE_REGS, RSP_ERROR_TEXT, NULL, rsp_cmd_write_all, "Write them; a register of `x` is left alone" },
	{ "p", RSP_PREFIX, "x", READ_REGS, 0, NULL, rsp_cmd_read_reg, "One register by its number in the description" },
	{ "P", RSP_PREFIX, "x=h", WRITE_REGS, RSP_ERROR_TEXT, NULL, rsp_cmd_write_reg, "Write one register" },

	/* Memory. */
	{ "m", RSP_PREFIX, "x,x", RSP_CAN(MEM_READ), 0, NULL, rsp_cmd_read_hex, "Read memory: address, length" },
	{ "x", RSP_PREFIX, "x,x", RSP_CAN(MEM_READ), 0, "binary-upload+", rsp_cmd_read_binary,
	  "Read memory: address, length; answered by `b` and escaped binary data" },
	{ "M", RSP_PREFIX, "x,x:h", RSP_CAN(MEM_WRITE), 0, NULL, rsp_cmd_write_hex, "Write memory: address, length, data" },
	{ "X", RSP_PREFIX, "x,x:b", RSP_CAN(MEM_WRITE), 0, NULL, rsp_cmd_write_binary, "Write memory: address, length, escaped binary data" },

	/* Breakpoints and watchpoints. */
	{ "Z", RSP_PREFIX, "x,x,x[;b]", RSP_CAN(BREAK_INSERT), 0, NULL, rsp_cmd_break_insert,
	  "Insert: type (0 software, 1 hardware, 2 write, 3 read, 4 access), address, kind. Types that the target lacks are answered as unknown. "
	  "Behind it conditions `X`length`,`bytecode and commands `cmds:`persist`,X`length`,`bytecode, "
	  "when `ConditionalBreakpoints+` and `BreakpointCommands+` are advertised" },
	{ "z", RSP_PREFIX, "x,x,x[;b]", RSP_CAN(BREAK_REMOVE), 0, NULL, rsp_cmd_break_remove, "Remove: type, address, kind" },

	/* Running. */
	{ "vCont?", RSP_EXACT, "", RSP_CAN(RESUME), RSP_WHILE_RUNNING, "vContSupported+", rsp_cmd_vcont_query, "The actions of vCont" },
	{ "vCont", RSP_PREFIX, ";b", RSP_CAN(RESUME), RSP_MAY_STOP_REPLY | RSP_WHILE_RUNNING, NULL, rsp_cmd_vcont,
	  "Actions for threads: c, C (signal), s, S (signal), t (stop), r (range). The leftmost that matches a thread counts" },
	{ "QNonStop", RSP_PREFIX, ":x", NON_STOP, 0, "QNonStop+", rsp_cmd_nonstop,
	  "Non-stop mode on (1) or off (0). On: threads stop and go one by one, `vCont` is answered at once, stops come as notifications `%Stop`" },
	{ "vStopped", RSP_EXACT, "", NON_STOP, RSP_WHILE_RUNNING, NULL, rsp_cmd_stopped,
	  "Non-stop: the last stop was seen, the next one please; OK when there is none" },
	{ "vCtrlC", RSP_EXACT, "", RSP_CAN(INTERRUPT), RSP_WHILE_RUNNING, NULL, rsp_cmd_interrupt, "Interrupt, as the byte 0x03 does" },
	{ "QPassSignals", RSP_PREFIX, ":b", RSP_CAN(PASS_SIGNALS), RSP_WHILE_RUNNING, "QPassSignals+", rsp_cmd_pass_signals,
	  "Signals that the program gets without a stop: numbers in hex, separated by `;`" },
	{ "QProgramSignals", RSP_PREFIX, ":b", RSP_CAN(PROGRAM_SIGNALS), RSP_WHILE_RUNNING, "QProgramSignals+", rsp_cmd_program_signals,
	  "Signals that the program may get, the others are dropped: numbers in hex, separated by `;`" },
	{ "QThreadEvents", RSP_PREFIX, ":x", RSP_CAN(THREAD_EVENTS), RSP_WHILE_RUNNING, "QThreadEvents+", rsp_cmd_thread_events,
	  "Whether threads that come and go are stops of their own (1) or not (0)" },
	{ "c", RSP_PREFIX, "[x]", RSP_CAN(RESUME), RSP_MAY_STOP_REPLY, NULL, rsp_cmd_continue, "Continue; an address is refused" },
	{ "C", RSP_PREFIX, "x[;x]", RSP_CAN(RESUME), RSP_MAY_STOP_REPLY, NULL, rsp_cmd_continue_signal, "Continue with a signal; an address is refused" },
	{ "s", RSP_PREFIX, "[x]", RSP_CAN(RESUME), RSP_MAY_STOP_REPLY, NULL, rsp_cmd_step, "Step one instruction; an address is refused" },
	{ "S", RSP_PREFIX, "x[;x]", RSP_CAN(RESUME), RSP_MAY_STOP_REPLY, NULL, rsp_cmd_step_signal, "Step with a signal; an address is refused" },

	/* Objects, in windows: annex, offset, length. */
	{ "qXfer:features:read", RSP_PREFIX, ":s:x,x", RSP_CAN(TDESC), 0, "qXfer:features:read+", rsp_cmd_xfer_features,
	  "The target description, annex `target.xml`" },
	{ "qXfer:threads:read", RSP_PREFIX, ":s:x,x", RSP_CAN(THREADS), 0, "qXfer:threads:read+", rsp_cmd_xfer_threads, "Threads with their names" },
	{ "qXfer:libraries:read", RSP_PREFIX, ":s:x,x", RSP_CAN(LIBRARIES), 0, "qXfer:libraries:read+", rsp_cmd_xfer_libraries, "Code objects" },
	{ "qXfer:exec-file:read", RSP_PREFIX, ":s:x,x", RSP_CAN(EXEC_FILE), 0, "qXfer:exec-file:read+", rsp_cmd_xfer_exec_file,
	  "Path of the main program; the annex is the process id in hex" },
	{ "qXfer:auxv:read", RSP_PREFIX, ":s:x,x", RSP_CAN(AUXV), 0, "qXfer:auxv:read+", rsp_cmd_xfer_auxv, "Auxiliary vector of the process" },
	{ "qXfer:siginfo:read", RSP_PREFIX, ":s:x,x", RSP_CAN(SIGINFO), 0, "qXfer:siginfo:read+", rsp_cmd_xfer_siginfo,
	  "siginfo of the selected thread" },

	/* Files of the target. */
	{ "vFile:setfs", RSP_PREFIX, ":x", RSP_CAN(SETFS), RSP_WHILE_RUNNING, NULL, rsp_cmd_setfs, "Process whose view of the files counts; 0 the stub's" },
	{ "vFile:open", RSP_PREFIX, ":h,x,x", RSP_CAN(OPEN), RSP_WHILE_RUNNING, NULL, rsp_cmd_open, "Open: path, flags, mode" },
	{ "vFile:pread", RSP_PREFIX, ":x,x,x", RSP_CAN(PREAD), RSP_WHILE_RUNNING, NULL, rsp_cmd_pread, "Read: file, length, offset" },
	{ "vFile:pwrite", RSP_PREFIX, ":x,x,b", RSP_CAN(PWRITE), RSP_WHILE_RUNNING, NULL, rsp_cmd_pwrite, "Write: file, offset, escaped binary data" },
	{ "vFile:fstat", RSP_PREFIX, ":x", RSP_CAN(FSTAT), RSP_WHILE_RUNNING, NULL, rsp_cmd_fstat, "Status of an open file" },
	{ "vFile:close", RSP_PREFIX, ":x", RSP_CAN(CLOSE), RSP_WHILE_RUNNING, NULL, rsp_cmd_close, "Close" },
	{ "vFile:readlink", RSP_PREFIX, ":h", RSP_CAN(READLINK), RSP_WHILE_RUNNING, NULL, rsp_cmd_readlink, "Read a symbolic link" },
	{ "vFile:unlink", RSP_PREFIX, ":h", RSP_CAN(UNLINK), RSP_WHILE_RUNNING, NULL, rsp_cmd_unlink, "Remove a file" },
};

const size_t rsp_n_commands = sizeof(rsp_commands) / sizeof(rsp_commands[0]);
