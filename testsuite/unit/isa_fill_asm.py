#!/usr/bin/env python3
"""Fills the words of every ASM("text") in a source file: isa_fill_asm.py FILE..."""
import re
import subprocess
import sys

PATTERN = re.compile(r'ASM\("([^"]*)"(?:, [^)]*)?\)')


def words(text):
    out = subprocess.run(["llvm-mc-19", "-arch=amdgcn", "-mcpu=gfx942", "-show-encoding"], input=text, capture_output=True, text=True)
    found = re.search(r"encoding: \[([0-9a-fx,]*)\]", out.stdout)
    if not found:
        sys.exit("%s: %s" % (text, out.stderr))
    code = bytes(int(b, 16) for b in found.group(1).split(","))
    return ", ".join("0x%08x" % int.from_bytes(code[k:k + 4], "little") for k in range(0, len(code), 4))


for name in sys.argv[1:]:
    with open(name) as f:
        source = f.read()
    with open(name, "w") as f:
        f.write(PATTERN.sub(lambda m: 'ASM("%s", %s)' % (m.group(1), words(m.group(1))), source))
