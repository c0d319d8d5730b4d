#!/bin/sh
# The corpus of the save area fuzzer, once.
exec ./testsuite/fuzz/fuzz_save "${srcdir:-.}/testsuite/fuzz/corpus/save"
