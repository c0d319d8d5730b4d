/* Signal numbers of the remote protocol. They are gdb's own (include/gdb/signals.def) and differ from those of any host. */
#ifndef PROTOCOL_SIGNUM_H
#define PROTOCOL_SIGNUM_H

/* The ones a stub names itself; the rest go through the table. */
enum rsp_signal {
	RSP_SIGNAL_0 = 0,
	RSP_SIGNAL_HUP = 1,
	RSP_SIGNAL_INT = 2,
	RSP_SIGNAL_QUIT = 3,
	RSP_SIGNAL_ILL = 4,
	RSP_SIGNAL_TRAP = 5,
	RSP_SIGNAL_ABRT = 6,
	RSP_SIGNAL_FPE = 8,
	RSP_SIGNAL_KILL = 9,
	RSP_SIGNAL_BUS = 10,
	RSP_SIGNAL_SEGV = 11,
	RSP_SIGNAL_TERM = 15,
	RSP_SIGNAL_STOP = 17,
	RSP_SIGNAL_UNKNOWN = 143,
};

/* Number of this machine (<signal.h>) to gdb's; RSP_SIGNAL_UNKNOWN for one that gdb has no number for. 0 is 0. */
unsigned rsp_signal_from_host(int host);
/* gdb's number to this machine's; -1 for one that this machine does not have. 0 is 0. */
int rsp_signal_to_host(unsigned number);
/* "SIGINT"; static. "SIG?" for a number without a name. Real-time signals are "SIG33". */
const char *rsp_signal_name(unsigned number);

#endif
