/* wavelaunch: loads a code object and launches a kernel of it, over the kernel's own interface.
 *
 * File map, in the order of use:
 *   options      the command line
 *   codeobj      the ELF file; metadata its note
 *   kernarg      the argument block
 *   device       nodes, topology, handshake; memory buffers of host and GPU; events sleeping
 *   queue        ring, save area, scratch, doorbell; dispatch packets and what comes back
 *   debuglist    what a debugger reads; traphandler the code that stops waves for it
 *   contents     buffers from and to files
 *   run          all of it together
 */
#include <stdio.h>
#include <stdlib.h>

#include "testsuite/wavelaunch/run.h"

int main(int argc, char **argv)
{
	static struct wl_options options;
	struct wl_err err = { 0 };
	if (wl_options_parse(argc, argv, &options, &err) == 0)
		wl_run(&options, &err);
	if (fflush(stdout) && !err.class)
		wl_fail(&err, WL_SYSTEM, "standard output cannot be written");
	if (err.class)
		fprintf(stderr, "wavelaunch: %s\n", err.text);
	if (err.class == WL_USAGE)
		fprintf(stderr, "Try 'wavelaunch --help' for more information.\n");
	return wl_exit_status(&err);
}
