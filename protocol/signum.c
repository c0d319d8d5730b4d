#include "protocol/signum.h"

#include <signal.h>
#include <stddef.h>

/* Numbers from gdb's include/gdb/signals.def. gdb's SIGPOLL (33) is this machine's SIGIO, which goes by 23. */
static const struct signal_row {
	unsigned number;
	int host;
	const char *name;
} rows[] = {
	{ 1, SIGHUP, "SIGHUP" },
	{ 2, SIGINT, "SIGINT" },
	{ 3, SIGQUIT, "SIGQUIT" },
	{ 4, SIGILL, "SIGILL" },
	{ 5, SIGTRAP, "SIGTRAP" },
	{ 6, SIGABRT, "SIGABRT" },
	{ 8, SIGFPE, "SIGFPE" },
	{ 9, SIGKILL, "SIGKILL" },
	{ 10, SIGBUS, "SIGBUS" },
	{ 11, SIGSEGV, "SIGSEGV" },
	{ 12, SIGSYS, "SIGSYS" },
	{ 13, SIGPIPE, "SIGPIPE" },
	{ 14, SIGALRM, "SIGALRM" },
	{ 15, SIGTERM, "SIGTERM" },
	{ 16, SIGURG, "SIGURG" },
	{ 17, SIGSTOP, "SIGSTOP" },
	{ 18, SIGTSTP, "SIGTSTP" },
	{ 19, SIGCONT, "SIGCONT" },
	{ 20, SIGCHLD, "SIGCHLD" },
	{ 21, SIGTTIN, "SIGTTIN" },
	{ 22, SIGTTOU, "SIGTTOU" },
	{ 23, SIGIO, "SIGIO" },
	{ 24, SIGXCPU, "SIGXCPU" },
	{ 25, SIGXFSZ, "SIGXFSZ" },
	{ 26, SIGVTALRM, "SIGVTALRM" },
	{ 27, SIGPROF, "SIGPROF" },
	{ 28, SIGWINCH, "SIGWINCH" },
	{ 30, SIGUSR1, "SIGUSR1" },
	{ 31, SIGUSR2, "SIGUSR2" },
	{ 32, SIGPWR, "SIGPWR" },
	/* Real-time signals: 33 to 63 are one block, 32 and 64 came later. */
	{ 45, 33, "SIG33" }, { 46, 34, "SIG34" }, { 47, 35, "SIG35" }, { 48, 36, "SIG36" },
	{ 49, 37, "SIG37" }, { 50, 38, "SIG38" }, { 51, 39, "SIG39" }, { 52, 40, "SIG40" },
	{ 53, 41, "SIG41" }, { 54, 42, "SIG42" }, { 55, 43, "SIG43" }, { 56, 44, "SIG44" },
	{ 57, 45, "SIG45" }, { 58, 46, "SIG46" }, { 59, 47, "SIG47" }, { 60, 48, "SIG48" },
	{ 61, 49, "SIG49" }, { 62, 50, "SIG50" }, { 63, 51, "SIG51" }, { 64, 52, "SIG52" },
	{ 65, 53, "SIG53" }, { 66, 54, "SIG54" }, { 67, 55, "SIG55" }, { 68, 56, "SIG56" },
	{ 69, 57, "SIG57" }, { 70, 58, "SIG58" }, { 71, 59, "SIG59" }, { 72, 60, "SIG60" },
	{ 73, 61, "SIG61" }, { 74, 62, "SIG62" }, { 75, 63, "SIG63" }, { 77, 32, "SIG32" },
	{ 78, 64, "SIG64" },
};

enum { N_ROWS = sizeof(rows) / sizeof(rows[0]) };

unsigned rsp_signal_from_host(int host)
{
	if (host == 0)
		return RSP_SIGNAL_0;
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].host == host)
			return rows[i].number;
	return RSP_SIGNAL_UNKNOWN;
}

static const struct signal_row *find(unsigned number)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].number == number)
			return &rows[i];
	return NULL;
}

int rsp_signal_to_host(unsigned number)
{
	if (number == RSP_SIGNAL_0)
		return 0;
	const struct signal_row *row = find(number);
	return row ? row->host : -1;
}

const char *rsp_signal_name(unsigned number)
{
	if (number == RSP_SIGNAL_0)
		return "0";
	const struct signal_row *row = find(number);
	return row ? row->name : "SIG?";
}
