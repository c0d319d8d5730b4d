# Walks through a kernel instruction by instruction. The chain of calls may only change as calls, returns and calls in the place of a return
# change it, and always ends in the kernel. Values of arguments are compared with what the functions pass on.
import gdb


def quiet(command):
    return gdb.execute(command, to_string=True)


def frames():
    f = gdb.newest_frame()
    while f is not None:
        if f.type() != gdb.INLINE_FRAME:
            yield f
        f = f.older()


def argument(frame, name):
    try:
        return int(frame.read_var(name))
    except (gdb.error, ValueError):
        return None  # said to be unknown


def wrong_arguments(chain):
    """`count` passes on n - 1 to itself."""
    values = [argument(f, "n") for f in chain if f.name() == "count"]
    return any(a is not None and b is not None and a + 1 != b for a, b in zip(values, values[1:]))


def walk(kernel, limit):
    before, steps, deepest, bad = None, 0, 0, []
    while steps < limit:
        try:
            chain = list(frames())
            names = [f.name() for f in chain]
            if names[-1] != kernel or (before and names not in (before, before[1:]) and names[1:] not in (before, before[1:])):
                bad.append("%d at %#x: %s after %s" % (steps, chain[0].pc(), names, before))
            if wrong_arguments(chain):
                bad.append("%d at %#x: arguments" % (steps, chain[0].pc()))
            before = names
            deepest = max(deepest, len(names))
            quiet("stepi")
        except gdb.error as why:
            bad.append("%d: %s" % (steps, why))
            break
        if not gdb.selected_inferior().pid:
            break
        steps += 1
    print("walked: %d steps, %d deep, %d wrong" % (steps, deepest, len(bad)))
    for line in bad[:10]:
        print("wrong: " + line)
