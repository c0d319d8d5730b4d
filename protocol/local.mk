# protocol: librsp, the remote serial protocol without any notion of GPUs, sockets or processes.
noinst_LIBRARIES += librsp.a
librsp_a_SOURCES = \
	protocol/agent.c protocol/agent.h protocol/agent_format.c \
	protocol/args.c protocol/args.h \
	protocol/buf.c protocol/buf.h \
	protocol/cmd_break.c protocol/cmd_file.c protocol/cmd_general.c protocol/cmd_mem.c protocol/cmd_monitor.c \
	protocol/cmd_process.c protocol/cmd_regs.c protocol/cmd_resume.c protocol/cmd_signals.c protocol/cmd_threads.c \
	protocol/cmd_xfer.c \
	protocol/command.c protocol/command.h \
	protocol/command_table.c protocol/handlers.h \
	protocol/cursor.c protocol/cursor.h \
	protocol/dispatch.c protocol/events.c \
	protocol/error.c protocol/error.h \
	protocol/fileio.c protocol/fileio.h \
	protocol/frame.c protocol/frame.h \
	protocol/hex.c protocol/hex.h \
	protocol/link.c protocol/link.h \
	protocol/ptid.c protocol/ptid.h \
	protocol/reply.c protocol/reply.h \
	protocol/session.c protocol/session.h protocol/state.h \
	protocol/signum.c protocol/signum.h \
	protocol/stop.c \
	protocol/target.h \
	protocol/tdesc.c protocol/tdesc.h protocol/tdesc_xml.h \
	protocol/xfer.c protocol/xfer.h

# The support table in doc/ is printed from the packet table; `make check` compares, `make update-packets` renews.
check_PROGRAMS += protocol/packets_doc
protocol_packets_doc_SOURCES = protocol/packets_doc.c
protocol_packets_doc_LDADD = librsp.a
EXTRA_DIST += doc/PACKETS.md
.PHONY: update-packets
update-packets: protocol/packets_doc$(EXEEXT)
	./protocol/packets_doc > $(srcdir)/doc/PACKETS.md
