dnl WS_WARNINGS: probe each warning; --enable-werror makes them errors (CI does).
AC_DEFUN([WS_TRY_CFLAG], [
  AC_MSG_CHECKING([whether $CC accepts $1])
  ws_save_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror $1"
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
    [AC_MSG_RESULT([yes]); WS_CFLAGS="$WS_CFLAGS $1"],
    [AC_MSG_RESULT([no])])
  CFLAGS=$ws_save_CFLAGS
])
AC_DEFUN([WS_WARNINGS], [
  WS_CFLAGS=
  m4_foreach_w([ws_flag], [-std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
    -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wimplicit-fallthrough -fno-strict-aliasing],
    [WS_TRY_CFLAG(ws_flag)])
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [treat compiler warnings as errors])],
    [], [enable_werror=no])
  AS_IF([test "x$enable_werror" = xyes], [WS_CFLAGS="$WS_CFLAGS -Werror"])
  AC_SUBST([WS_CFLAGS])
])
