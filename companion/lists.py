# wavestub's companion for gdb 12 and later. It adds commands for AMD GPU waves and the disassembly of their code to a gdb that is
# connected to wavestub, and the module `wavestub` for scripts:
#
#     (gdb) source wavestub.py
#     (gdb) python print([w.lane for w in wavestub.waves if w.group == (3, 0, 0)])
#
# All facts come from the stub, by `monitor -json`; nothing is read out of text for people.
import json
import re
import sys
import types

import gdb


# ------------------------------------------------------------------ the stub's lists


class Failure(gdb.GdbError):
    """The stub does not answer, or says why not."""


def _ask(command):
    try:
        text = gdb.execute("monitor -json " + command, False, True)
    except gdb.error as e:
        raise Failure(str(e))
    # With `set trace-commands on` the command itself comes first.
    lines = [line for line in text.splitlines() if line[:1] in ("[", "{")]
    try:
        answer = json.loads(lines[0] if lines else text)
    except ValueError:
        raise Failure("the target does not answer as wavestub does")
    if isinstance(answer, dict):
        raise Failure(answer.get("error", "?"))
    return answer


def _triple(value):
    return None if value is None else tuple(value)


def _address(value):
    return None if value is None else int(value, 16)


def _shape(value):
    return "?" if value is None else "(%s)" % ",".join(str(n) for n in value)


class _Record:
    def __init__(self, row):
        self.number = row["number"]

    def __repr__(self):
        return "<wavestub.%s %s>" % (type(self).__name__, self.number)

    def __eq__(self, other):
        return type(self) is type(other) and self.number == other.number

    def __hash__(self):
        return hash((type(self).__name__, self.number))


class Agent(_Record):
    """A GPU: number, name, family, gpu_id, simds, xccs, location, usable."""

    def __init__(self, row):
        super().__init__(row)
        self.name, self.family, self.simds, self.xccs = row["name"], row["family"], row["simds"], row["xccs"]
        self.gpu_id, self.location, self.usable = _address(row["gpu_id"]), _address(row["location"]), row["usable"]

    def cells(self):
        return [self.number, self.name, self.family or "unknown", "%d SIMDs" % self.simds, "%d XCC" % self.xccs, "%#x" % self.location]

    @property
    def queues(self):
        return [q for q in _queues() if q.agent == self.number]


class Queue(_Record):
    """A queue: number, agent, id, type, ring, ring_bytes, read, write, wave_count, suspended."""

    def __init__(self, row):
        super().__init__(row)
        self.agent, self.id, self.type, self.ring, self.ring_bytes = row["agent"], row["id"], row["type"], _address(row["ring"]), row["ring_bytes"]
        self.read, self.write = _address(row["read"]), _address(row["write"])
        self.wave_count, self.suspended = row["waves"], row["suspended"]

    def cells(self):
        return ["%d:%d" % (self.agent, self.number), self.id, self.type, "%#x" % self.ring, "%d to %d" % (self.read, self.write), self.wave_count,
                "suspended" if self.suspended else "running"]

    @property
    def waves(self):
        return [w for w in _waves() if w.queue == self.number]


class Dispatch(_Record):
    """A dispatch with live waves: number, agent, queue, kernel, grid, group (sizes in work-items), kernarg, kernel_object, wave_count."""

    def __init__(self, row):
        super().__init__(row)
        self.agent, self.queue, self.kernel, self.wave_count = row["agent"], row["queue"], row["kernel"], row["waves"]
        self.grid, self.group = _triple(row["grid"]), _triple(row["group"])
        self.kernarg, self.kernel_object = _address(row["kernarg"]), _address(row["kernel_object"])

    def cells(self):
        kernarg = "?" if self.kernarg is None else "%#x" % self.kernarg
        return ["%d:%d:%d" % (self.agent, self.queue, self.number), self.kernel, _shape(self.grid), _shape(self.group), kernarg, self.wave_count]

    @property
    def waves(self):
        return [w for w in _waves() if w.dispatch == self.number]


class Lane(_Record):
    """A lane of a wave: number, active, selected, item (its work-item in the group, or None), wave."""

    def __init__(self, row, wave):
        super().__init__(row)
        self.active, self.selected, self.item, self.wave = row["active"], row["selected"], _triple(row["item"]), wave

    def cells(self):
        return [self.number, "active" if self.active else "inactive", _shape(self.item)]

    def select(self):
        self.wave.select()
        _set_lane(self.number)


class Wave(_Record):
    """A wave: number, agent, queue, dispatch, group (its work-group), wave_in_group, pc, exec_mask, lane (the selected one), lane_count,
    lane_active, stopped, name, state; None for what is not known."""

    def __init__(self, row):
        super().__init__(row)
        self.agent, self.queue, self.dispatch, self.tid = row["agent"], row["queue"], row["dispatch"], row["tid"]
        self.group, self.wave_in_group = _triple(row["group"]), row["wave_in_group"]
        self.pc, self.exec_mask = _address(row["pc"]), _address(row["exec"])
        self.lane, self.lane_count, self.lane_active = row["lane"], row["lanes"], row["lane_active"]
        self.stopped, self.name, self.state = row["stopped"], row["name"], row["state"]

    def cells(self):
        return [self.thread_number or "-", self.name, self.place, self.state]

    @property
    def thread(self):
        """gdb's thread, or None while gdb has not listed it."""
        return _threads().get(self.tid)

    thread_number = None  # filled for tables: one walk over gdb's threads for all rows

    @property
    def lanes(self):
        return [Lane(row, self) for row in _ask("lanes %d" % self.number)]

    @property
    def place(self):
        """ "vadd.cl:6", or the address. """
        return _place(self.pc)

    def select(self):
        thread = self.thread
        if thread is None:
            gdb.execute("info threads", False, True)  # gdb asks for the list of threads only when it shows one
            thread = self.thread
        if thread is None:
            raise Failure("gdb has no thread for wave %d" % self.number)
        thread.switch()


def _threads():
    """gdb's threads by the stub's number; remote targets keep it in the one or the other part of the id."""
    return {number: thread for inferior in gdb.inferiors() for thread in inferior.threads() for number in thread.ptid[1:] if number}


def _agents():
    return [Agent(row) for row in _ask("agents")]


def _queues():
    return [Queue(row) for row in _ask("queues")]


def _dispatches():
    return [Dispatch(row) for row in _ask("dispatches")]


def _waves():
    return [Wave(row) for row in _ask("waves")]


def _current_wave():
    """The wave that is gdb's selected thread, or None."""
    thread = gdb.selected_thread()
    if thread is None:
        return None
    for wave in _waves():
        if wave.tid in thread.ptid[1:]:
            return wave
    return None


def find_waves(group, wave_in_group=None):
    return [w for w in _waves() if w.group == tuple(group) and wave_in_group in (None, w.wave_in_group)]


def _need_wave():
    wave = _current_wave()
    if wave is None:
        raise Failure("the selected thread is not a GPU wave")
    return wave


def _place(pc):
    where = gdb.find_pc_line(pc)
    if where.symtab is not None and where.line:
        return "%s:%d" % (where.symtab.filename.rsplit("/", 1)[-1], where.line)
    return _symbolic(pc) or "%#x" % pc


def _symbolic(address):
    """ "vadd+12" or nothing. """
    try:
        text = gdb.format_address(address) if hasattr(gdb, "format_address") else gdb.execute("info symbol %#x" % address, False, True)
    except gdb.error:
        return ""
    m = re.search(r"<([^>]+)>", text) or re.match(r"(\S+(?: \+ \d+)?) (?:in section|of)", text)
    return m.group(1).replace(" ", "") if m else ""


def _set_lane(number):
    try:
        gdb.execute("set var $lane = %d" % number)
    except gdb.error as e:
        raise Failure("lane %d: %s" % (number, e))


# ------------------------------------------------------------------ output


def _table(heads, rows):
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(r[i]) for r in [heads] + rows) for i in range(len(heads))]
    for row in [heads] + rows:
        gdb.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() + "\n")


_HEADS = {
    Agent: ["Agent", "Name", "Family", "SIMDs", "XCCs", "Location"],
    Queue: ["Queue", "Id", "Type", "Ring", "Packets", "Waves", "State"],
    Dispatch: ["Dispatch", "Kernel", "Grid", "Group", "Kernarg", "Waves"],
    Wave: ["Thread", "Wave", "Where", "State"],
    Lane: ["Lane", "State", "Work-item"],
}


def _show(kind, records, nothing, is_current=lambda record: False):
    if not records:
        gdb.write(nothing + "\n")
        return
    if kind is Wave:
        threads = _threads()
        for wave in records:
            wave.thread_number = threads[wave.tid].num if wave.tid in threads else None
    _table([""] + _HEADS[kind], [["*" if is_current(r) else ""] + r.cells() for r in records])


def _grouped(all_waves):
    places = {}
    for wave in all_waves:
        places.setdefault(wave.place, []).append(wave)
    order = sorted(places.items(), key=lambda item: (-len(item[1]), item[1][0].number))
    return ", ".join("%d wave%s at %s" % (len(ws), "" if len(ws) == 1 else "s", place) for place, ws in order)
