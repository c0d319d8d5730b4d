dnl The two warnings are off because gcc documents them as unreliable in instrumented code.
dnl WS_SANITIZERS: --enable-sanitizers builds every program (not the preloaded client) with ASan and UBSan.
AC_DEFUN([WS_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers], [build with AddressSanitizer and UndefinedBehaviorSanitizer])],
    [], [enable_sanitizers=no])
  WS_SAN_CFLAGS=
  AS_IF([test "x$enable_sanitizers" = xyes],
    [WS_SAN_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -Wno-stringop-overflow -Wno-maybe-uninitialized"
     AC_DEFINE([WS_SANITIZED], [1], [Built with AddressSanitizer])])
  AC_SUBST([WS_SAN_CFLAGS])
  AM_CONDITIONAL([SANITIZED], [test "x$enable_sanitizers" = xyes])
])
