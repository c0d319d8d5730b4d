#!/usr/bin/env python3
"""Makes testsuite/unit/data/isa_table.txt: one line for every opcode that llvm-mc knows for gfx942.

Each opcode number of each encoding is tried with a few choices of operand fields; a choice counts when LLVM's disassembler takes exactly its
bytes and its assembler gives the same bytes back. Lines: encoding, opcode, words in hexadecimal, text.

	isa_table.py [LLVM-MC] > testsuite/unit/data/isa_table.txt
"""
import itertools
import subprocess
import sys

MC = [sys.argv[1] if len(sys.argv) > 1 else "llvm-mc-19", "-arch=amdgcn", "-mcpu=gfx942"]
# Between candidates stand an s_nop, which an instruction longer than expected may swallow, and a numbered s_mov_b32 s99, LITERAL.
NOP_WORD, MOV_WORD, BASE = 0xBF800000, 0xBEE300FF, 0x10000


def candidates():
    """(encoding, opcode, words) in order of preference."""
    for op in range(53):
        for s0, s1, d in ((8, 12, 16), (8, 12, 4)):
            yield "SOP2", op, (0x80000000 | op << 23 | d << 16 | s1 << 8 | s0,)
    for op in range(26):
        for d, imm in ((8, 0x1234), (8, 0xF801), (0, 0xF801), (0, 0x1234)):
            yield "SOPK", op, (0xB0000000 | op << 23 | d << 16 | imm,)
            yield "SOPK", op, (0xB0000000 | op << 23 | d << 16 | imm, 0x12345678)
    for op in range(256):
        for d, s in ((16, 8), (16, 0), (0, 8)):
            yield "SOP1", op, (0xBE800000 | d << 16 | op << 8 | s,)
    for op in range(126):
        for s1 in (12, 3):
            yield "SOPC", op, (0xBF000000 | op << 16 | s1 << 8 | 8,)
    for op in range(128):
        for imm in (5, 1, 0):
            yield "SOPP", op, (0xBF800000 | op << 16 | imm,)
    for op in range(256):
        for d, base, imm, off in ((16, 4, 2, 0x40), (16, 0, 0, 0), (0, 0, 0, 0), (0, 4, 2, 0x40)):
            yield "SMEM", op, (0xC0000000 | op << 18 | (imm and 1 << 17) | d << 6 | base, off)
    for op in range(62):
        yield "VOP2", op, (op << 25 | 4 << 17 | 8 << 9 | 0x10C,)
        yield "VOP2", op, (op << 25 | 4 << 17 | 8 << 9 | 0x10C, 0x42280000)
    for op in range(256):
        for d, s in ((4, 0x10C), (0, 0)):
            yield "VOP1", op, (0x7E000000 | d << 17 | op << 9 | s,)
    for op in range(256):
        yield "VOPC", op, (0x7C000000 | op << 17 | 8 << 9 | 0x10C,)
    for op in range(896):
        for s1, s2, mid in itertools.product((0x108, 10, 0), (0x110, 14, 0), (0, 18 << 8)):
            for d, s0 in ((4, 0x10C), (4, 0), (0, 0)):
                yield "VOP3", op, (0xD0000000 | op << 16 | mid | d, s2 << 18 | s1 << 9 | s0)
                if not s2:
                    yield "VOP3", op, (0xD0000000 | op << 16 | mid | d, s0)
    for op in range(128):
        for s1, s2 in itertools.product((0x108, 0), (0x110, 0)):
            for hi in (1 << 14, 0):
                yield "VOP3P", op, (0xD3800000 | op << 16 | hi | 4, 3 << 27 | s2 << 18 | s1 << 9 | 0x10C)
                yield "VOP3P", op, (0xD3800000 | op << 16 | hi | 4, s2 << 18 | s1 << 9 | 0x10C)
    for op in range(256):
        for d, d1, d0, a in itertools.product((4, 0), (8, 0), (12, 0), (16, 0)):
            for off in (0x0201, 0x0010, 0):
                yield "DS", op, (0xD8000000 | op << 17 | off, d << 24 | d1 << 16 | d0 << 8 | a)
    for name, seg in (("FLAT", 0), ("SCRATCH", 1), ("GLOBAL", 2)):
        for op in range(128):
            for d, data in ((4, 0), (0, 12), (0, 0)):
                extra = 1 << 13 if seg == 1 else 0
                saddr = 0x7F if seg else 0
                yield name, op, (0xDC000000 | op << 18 | seg << 14 | extra | 0x10, d << 24 | saddr << 16 | data << 8 | 16)
    for op in range(128):
        for srs, vd, so in ((2, 4, 24), (0, 0, 0)):
            yield "MUBUF", op, (0xE0000000 | op << 18 | (0x10 if vd else 0), so << 24 | srs << 16 | vd << 8)


def run(args, text):
    return subprocess.run(MC + args, input=text, capture_output=True, text=True).stdout


def hexed(words):
    return ",".join("0x%02x" % b for w in words for b in w.to_bytes(4, "little"))


def between_marks(lines):
    """{number: lines of the candidate that came before that mark}, candidates of one instruction only."""
    found, seen = {}, []
    for text, payload in lines:
        if text.startswith("s_mov_b32 s99, 0x"):
            if len(seen) == 2 and seen[1][0] == "s_nop 0":
                found[int(text.split("0x")[1], 16) - BASE] = seen[0][1]
            seen = []
        else:
            seen.append((text, payload))
    return found


def disassemble(items):
    text = "".join("%s\n%s\n" % (hexed(words), hexed((NOP_WORD, MOV_WORD, BASE + n))) for n, (_, _, words) in enumerate(items))
    lines = (line.split("//")[0].split(";")[0].strip() for line in run(["-disassemble"], text).splitlines())
    return between_marks((line, line) for line in lines if line and not line.startswith("."))


def assemble(texts):
    source = "".join("%s\ns_nop 0\ns_mov_b32 s99, 0x%x\n" % (t, BASE + n) for n, t in texts.items())
    lines = (line.split("; encoding: [") for line in run(["-show-encoding"], source).splitlines() if "; encoding: [" in line)
    return between_marks((text.strip(), code.split("]")[0]) for text, code in lines)


def main():
    items = list(candidates())
    texts = disassemble(items)
    lines = {}
    for n, encoding in assemble(texts).items():
        name, op, words = items[n]
        if encoding == hexed(words):
            lines.setdefault((name, op), "%s %d %s %s" % (name, op, ",".join("%08x" % w for w in words), texts[n]))
    print("# Made by testsuite/unit/isa_table.py: encoding, opcode, words, text. Do not edit.")
    print("\n".join(lines.values()))


main()
