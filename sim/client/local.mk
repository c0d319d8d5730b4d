# sim/client: the object that gpusim preloads into the programs it runs. Never built with sanitizers: it goes into programs without them.
pkglibexec_PROGRAMS += gpusim-client.so
gpusim_client_so_SOURCES = \
	sim/client/wire.h sim/client/client.h \
	sim/client/config.c sim/client/conn.c sim/client/device.c sim/client/open.c sim/client/status.c sim/client/paths.c
gpusim_client_so_CFLAGS = $(WS_CFLAGS) -fPIC -fvisibility=hidden -U_FORTIFY_SOURCE
gpusim_client_so_LDFLAGS = -shared -Wl,-z,defs -Wl,-soname,gpusim-client.so
gpusim_client_so_LDADD = -ldl -lpthread
