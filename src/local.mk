# src: the stub. Everything but main is a library, so that unit tests can link it.
noinst_LIBRARIES += src/libdbg.a
src_libdbg_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS) $(DRM_CFLAGS) $(JANSSON_CFLAGS) $(ELF_CFLAGS) $(MSGPACK_CFLAGS) $(ZSTD_CFLAGS) $(ZLIB_CFLAGS) $(DWARF_CPPFLAGS) \
	-DHASH_FUNCTION=HASH_SAX # uthash's usual one falls through cases, which clang warns of
src_libdbg_a_SOURCES = src/options.c src/options.h
DBG_LIBS = src/libdbg.a librsp.a libgfx.a $(SYSTEMD_LIBS) $(DRM_LIBS) $(ELF_LIBS) $(DWARF_LIBS) $(MSGPACK_LIBS) $(ZSTD_LIBS) $(ZLIB_LIBS) $(JANSSON_LIBS) -ldl

# errors, log, event loop, growing arrays
src_libdbg_a_SOURCES += \
	src/base/err.c src/base/err.h src/base/grow.c src/base/grow.h src/base/json.c src/base/json.h \
	src/base/log.c src/base/log.h src/base/loop.c src/base/loop.h

# the process on the CPU
src_libdbg_a_SOURCES += \
	src/host/break.c src/host/guard.c src/host/guard.h src/host/host.c src/host/host.h src/host/internal.h src/host/proc.c \
	src/host/procmem.c src/host/procmem.h src/host/procmem_ranges.c src/host/threads.c

# the driver: the seam, topology, render node, system events
src_libdbg_a_SOURCES += \
	src/kernel/drm.c src/kernel/drm.h src/kernel/kfd_abi.h src/kernel/kif.c src/kernel/kif.h \
	src/kernel/kif_kfd.c src/kernel/kif_kfd.h src/kernel/smi.c src/kernel/smi.h src/kernel/sysfs.c src/kernel/sysfs.h

# clients: addresses, sockets, connections
src_libdbg_a_SOURCES += \
	src/server/comm.c src/server/comm.h src/server/conn.c src/server/conn.h src/server/listen.c src/server/listen.h \
	src/server/server.c src/server/server.h

# agents, queues, waves, code objects, breakpoints, memory
src_libdbg_a_SOURCES += \
	src/model/breakpoint.c src/model/breakpoint.h src/model/codeobj.c src/model/codeobj.h src/model/event.c src/model/event.h \
	src/model/exceptions.c src/model/exceptions.h src/model/memory.c src/model/memory.h \
	src/model/memory_cache.c src/model/memory_cache.h src/model/model.h src/model/process.c src/model/process.h \
	src/model/queue.c src/model/queue.h src/model/runtime.c src/model/runtime.h src/model/savearea.c src/model/savearea.h \
	src/model/siginfo.c src/model/siginfo.h src/model/wave.c src/model/wave.h

# what is asked of the hardware: watchpoints, launch control, precise memory, ending waves
src_libdbg_a_SOURCES += \
	src/control/launch.c src/control/launch.h src/control/precise.c src/control/precise.h \
	src/control/watch.c src/control/watch.h src/control/watch_register.c src/control/watch_register.h \
	src/control/wave_kill.c src/control/wave_kill.h

# running and stopping: one suspend, one resume
src_libdbg_a_SOURCES += \
	src/run/ask.c src/run/copy.c src/run/copy.h src/run/focus.c src/run/look.c src/run/nonstop.c src/run/plan.c \
	src/run/range.c src/run/range.h src/run/range_step.c src/run/range_step.h src/run/report.c src/run/resume.c src/run/run.h \
	src/run/settle.c src/run/settle.h src/run/signal.c src/run/step.c src/run/step.h src/run/stop.c

# the event stream
src_libdbg_a_SOURCES += \
	src/events/events.c src/events/events.h src/events/json.c src/events/watch.c src/events/watch.h

# call chains of waves
src_libdbg_a_SOURCES += \
	src/unwind/cfi.c src/unwind/cfi.h src/unwind/code.c src/unwind/code.h src/unwind/expr.c src/unwind/expr.h \
	src/unwind/mask.c src/unwind/mask.h src/unwind/step.c src/unwind/step.h src/unwind/table.c src/unwind/table.h \
	src/unwind/unwind.c src/unwind/unwind.h

# how waves and code objects are shown to stock gdb
src_libdbg_a_SOURCES += \
	src/view/absent.c src/view/bytes.c src/view/bytes.h src/view/carrier.c src/view/carrier.h src/view/demand.c src/view/demand.h src/view/dwarf.c src/view/dwarf.h \
	src/view/elf.c src/view/elf.h src/view/expr.c src/view/expr.h src/view/files.c src/view/frame.c src/view/guard.c src/view/guard.h src/view/host.c \
	src/view/info.h src/view/info_follow.c src/view/info_form.c src/view/info_lists.c src/view/info_read.c src/view/info_result.c src/view/info_small.c \
	src/view/info_type.c src/view/info_write.c src/view/internal.h src/view/lds.c src/view/line.c src/view/line.h src/view/line_flow.c src/view/line_flow.h \
	src/view/loops.c src/view/loops.h src/view/op.c src/view/op.h src/view/place.c src/view/prologue.c src/view/prologue.h \
	src/view/result.c src/view/targets.c src/view/targets.h src/view/small.c src/view/tdesc.c src/view/value.c src/view/value.h src/view/whole.c src/view/whole.h \
	src/view/view.c src/view/view.h src/view/window.h

# lists, commands and text for people
src_libdbg_a_SOURCES += \
	src/monitor/code.c src/monitor/control.c src/monitor/disasm.c src/monitor/disasm.h src/monitor/frames.c \
	src/monitor/lists.c src/monitor/monitor.c src/monitor/monitor.h src/monitor/siginfo.c src/monitor/statistics.c \
	src/monitor/symbols.c src/monitor/symbols.h src/monitor/wave.c

# the joint between protocol, view and model
src_libdbg_a_SOURCES += \
	src/target/break_filter.c src/target/break_filter.h src/target/condition.c src/target/condition.h \
	src/target/dbg_target.c src/target/dbg_target.h src/target/file.c src/target/regs.c src/target/run.c src/target/target.h

bin_PROGRAMS += wavestub
wavestub_CPPFLAGS = $(src_libdbg_a_CPPFLAGS)
wavestub_SOURCES = src/main.c
wavestub_LDADD = $(DBG_LIBS)

# The companion script for gdb, one file because a debugger loads one: installed, and part of the program as lines of C.
companion_parts = companion/lists.py companion/commands.py companion/code.py
nodist_pkgdata_DATA = companion/wavestub.py
EXTRA_DIST += $(companion_parts) src/monitor/companion.h
nodist_src_libdbg_a_SOURCES = src/companion_text.c
CLEANFILES += companion/wavestub.py src/companion_text.c
companion/wavestub.py: $(companion_parts)
	$(AM_V_GEN)$(MKDIR_P) companion && (cd $(srcdir) && $(AWK) 'FNR == 1 && NR > 1 { print "\n" } { print }' $(companion_parts)) >$@.tmp && mv $@.tmp $@
src/companion_text.c: companion/wavestub.py
	$(AM_V_GEN)$(MKDIR_P) src && { echo '#include "src/monitor/companion.h"'; echo 'const char *const companion_script[] = {'; \
	$(SED) -e 's/[\\"]/\\&/g' -e 's/.*/	"&\\n",/' companion/wavestub.py; echo '	0 };'; } >$@.tmp && mv $@.tmp $@
