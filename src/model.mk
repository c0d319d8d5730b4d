# src: model, view and the joint to the protocol
src_libdbg_a_SOURCES += \
	src/model.h src/event.c src/event.h src/exceptions.c src/exceptions.h src/events.c src/events.h src/events_json.c src/events_watch.c src/events_watch.h \
	src/process.c src/process.h src/runtime.c src/runtime.h \
	src/run.h src/run_resume.c src/run_plan.c src/run_look.c src/run_stop.c src/run_report.c src/run_signal.c src/run_ask.c src/run_nonstop.c src/siginfo.c src/siginfo.h \
	src/queue.c src/queue.h src/savearea.c src/savearea.h src/wave.c src/wave.h src/memory.c src/memory.h src/memory_cache.c src/memory_cache.h \
	src/codeobj.c src/codeobj.h src/breakpoint.c src/breakpoint.h src/copy.c src/copy.h src/step.c src/step.h src/settle.c src/settle.h \
	src/range.c src/range.h src/range_step.c src/range_step.h src/run_focus.c \
	src/launch.c src/launch.h src/wave_kill.c src/wave_kill.h src/monitor_wave.c src/precise.c src/precise.h src/monitor_control.c src/watch.c src/watch.h src/watch_register.c src/watch_register.h \
	src/view.c src/view.h src/view_internal.h src/view_window.h src/view_tdesc.c src/view_carrier.c src/view_carrier.h src/view_host.c src/view_files.c src/view_frame.c src/view_place.c src/view_result.c \
	src/view_prologue.c src/view_prologue.h \
	src/view_elf.c src/view_elf.h src/view_bytes.c src/view_bytes.h src/view_expr.c src/view_expr.h src/view_op.c src/view_op.h src/view_value.c src/view_value.h src/view_loops.c src/view_loops.h \
	src/view_dwarf.c src/view_dwarf.h src/view_info.h src/view_info_form.c src/view_info_read.c src/view_info_type.c src/view_info_result.c src/view_info_write.c src/view_info_lists.c src/view_lds.c \
	src/view_line.c src/view_line.h src/view_targets.c src/view_targets.h \
	src/unwind_mask.c src/unwind_mask.h \
	src/monitor_frames.c \
	src/unwind_cfi.c src/unwind_cfi.h src/unwind_expr.c src/unwind_expr.h \
	src/unwind.c src/unwind.h src/unwind_code.c src/unwind_code.h src/unwind_step.c src/unwind_step.h src/unwind_table.c src/unwind_table.h \
	src/dbg_target.c src/dbg_target.h src/target.h src/target_run.c src/target_regs.c src/target_file.c src/monitor.c src/monitor.h src/monitor_lists.c src/monitor_code.c src/monitor_statistics.c src/monitor_siginfo.c \
	src/condition.c src/condition.h src/break_filter.c src/break_filter.h \
	src/symbols.c src/symbols.h src/disasm.c src/disasm.h
