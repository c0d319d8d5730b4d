# src: the stub. Everything but main is a library, so that unit tests can link it.
noinst_LIBRARIES += src/libdbg.a
src_libdbg_a_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS) $(DRM_CFLAGS) $(ELF_CFLAGS) $(MSGPACK_CFLAGS) $(DWARF_CPPFLAGS)
src_libdbg_a_SOURCES = \
	src/err.c src/err.h \
	src/log.c src/log.h \
	src/loop.c src/loop.h
DBG_LIBS = src/libdbg.a $(SYSTEMD_LIBS) $(DRM_LIBS) $(ELF_LIBS) $(DWARF_LIBS) $(MSGPACK_LIBS)

include src/model.mk
