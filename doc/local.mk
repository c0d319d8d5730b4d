# Manual pages and documents; check-man.sh holds the pages against the programs' own --help.
dist_man_MANS += doc/wavestub.1 doc/gpusim.1 doc/wavelaunch.1
EXTRA_DIST += doc/INTERNALS.md doc/TESTING.md doc/GDB-COMPANION.md doc/EVENTS.md build-aux/check-man.sh
TESTS += build-aux/check-man.sh
