# src: the stub. Everything but main is a library, so that unit tests can link it.
noinst_LIBRARIES += src/libdbg.a
src_libdbg_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS) $(DRM_CFLAGS) $(JANSSON_CFLAGS) $(ELF_CFLAGS) $(MSGPACK_CFLAGS) $(ZSTD_CFLAGS) $(ZLIB_CFLAGS) $(DWARF_CPPFLAGS) \
	-DHASH_FUNCTION=HASH_SAX # uthash's usual one falls through cases, which clang warns of
src_libdbg_a_SOURCES = \
	src/err.c src/err.h \
	src/log.c src/log.h \
	src/loop.c src/loop.h \
	src/guard.c src/guard.h \
	src/host.c src/host_threads.c src/host_break.c src/host_proc.c src/host.h src/host_internal.h \
	src/procmem.c src/procmem.h \
	src/kif.c src/kif.h src/kif_kfd.c src/kif_kfd.h src/kfd_abi.h \
	src/sysfs.c src/sysfs.h src/drm.c src/drm.h src/smi.c src/smi.h \
	src/comm.c src/comm.h src/options.c src/options.h \
	src/listen.c src/listen.h src/conn.c src/conn.h src/server.c src/server.h
DBG_LIBS = src/libdbg.a librsp.a libgfx.a $(SYSTEMD_LIBS) $(DRM_LIBS) $(ELF_LIBS) $(DWARF_LIBS) $(MSGPACK_LIBS) $(ZSTD_LIBS) $(ZLIB_LIBS) $(JANSSON_LIBS) -ldl

include src/model.mk

bin_PROGRAMS += wavestub
wavestub_CPPFLAGS = $(src_libdbg_a_CPPFLAGS)
wavestub_SOURCES = src/main.c
wavestub_LDADD = $(DBG_LIBS)

# The companion script for gdb: installed, and part of the program as lines of C.
dist_pkgdata_DATA = companion/wavestub.py
EXTRA_DIST += src/companion.h
nodist_src_libdbg_a_SOURCES = src/companion_text.c
CLEANFILES += src/companion_text.c
src/companion_text.c: $(srcdir)/companion/wavestub.py
	$(AM_V_GEN)$(MKDIR_P) src && { echo '#include "src/companion.h"'; echo 'const char *const companion_script[] = {'; \
	$(SED) -e 's/[\\"]/\\&/g' -e 's/.*/	"&\\n",/' $(srcdir)/companion/wavestub.py; echo '	0 };'; } >$@.tmp && mv $@.tmp $@
