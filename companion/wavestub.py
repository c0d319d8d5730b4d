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


# ------------------------------------------------------------------ commands


class _Command(gdb.Command):
    """Base: the documentation of the subclass is gdb's help."""

    name = ""
    kind = gdb.COMMAND_STATUS
    prefix = False

    def __init__(self):
        super().__init__(self.name, self.kind, gdb.COMPLETE_NONE, self.prefix)

    def invoke(self, arg, from_tty):
        try:
            self.run(arg.strip(), from_tty)
        except gdb.GdbError:
            raise
        except gdb.error as e:
            raise gdb.GdbError(str(e))

    @staticmethod
    def no_argument(arg):
        if arg:
            raise gdb.GdbError("No argument is expected.")


class InfoAgents(_Command):
    """List the GPUs of the process."""

    name = "info agents"

    def run(self, arg, from_tty):
        self.no_argument(arg)
        _show(Agent, _agents(), "No GPUs.")


class InfoQueues(_Command):
    """List the queues of the process, their packets and their waves."""

    name = "info queues"

    def run(self, arg, from_tty):
        self.no_argument(arg)
        _show(Queue, _queues(), "No queues.")


class InfoDispatches(_Command):
    """List the dispatches that have waves."""

    name = "info dispatches"

    def run(self, arg, from_tty):
        self.no_argument(arg)
        _show(Dispatch, _dispatches(), "No dispatches.")


class InfoWaves(_Command):
    """List GPU waves.
Usage: info waves [-all]
Without -all waves are grouped by the line at which they are."""

    name = "info waves"

    def run(self, arg, from_tty):
        if arg not in ("", "-all"):
            raise gdb.GdbError("Usage: info waves [-all]")
        every = _waves()
        thread = gdb.selected_thread()
        if not every:
            gdb.write("No waves.\n")
        elif arg:
            _show(Wave, every, "", lambda w: thread is not None and w.tid in thread.ptid[1:])
        else:
            gdb.write(_grouped(every) + "\n")


class InfoLanes(_Command):
    """List the lanes of the selected wave with their work-items.
Usage: info lanes [EXPRESSION]
With an expression its value in every active lane is listed, too."""

    name = "info lanes"

    def run(self, arg, from_tty):
        wave = _need_wave()
        lanes = wave.lanes
        rows = [["*" if lane.selected else ""] + lane.cells() for lane in lanes]
        heads = [""] + _HEADS[Lane]
        if arg:
            heads = heads + [arg]
            for lane, text in _in_lanes(lanes, lambda: gdb.execute("output " + arg, False, True)):
                rows[lane.number].append(text.strip() if lane.active else "")
        _table(heads, rows)


def _in_lanes(lanes, work):
    """Calls work in every active lane; the selected lane and frame are afterwards as before."""
    before = [lane.number for lane in lanes if lane.selected][0]
    level = gdb.selected_frame().level() if hasattr(gdb.Frame, "level") else 0
    results = []
    try:
        for lane in lanes:
            if not lane.active:
                results.append((lane, ""))
                continue
            _set_lane(lane.number)
            if level:
                gdb.execute("frame %d" % level, False, True)
            try:
                results.append((lane, work()))
            except gdb.error as e:
                results.append((lane, "<%s>" % e))
    finally:
        _set_lane(before)
        if level:
            gdb.execute("frame %d" % level, False, True)
    return results


def _number_list(text, limit):
    """ "all", "3", "1-5", "0 2 9-12": numbers, and the rest of the text. """
    words = text.split(None)
    if words and words[0] == "all":
        return list(range(limit)), text.split(None, 1)[1] if len(words) > 1 else ""
    numbers = []
    while words and re.match(r"^\d+(-\d+)?$", words[0]):
        low, _, high = words[0].partition("-")
        numbers += range(int(low), int(high or low) + 1)
        text = text.split(None, 1)[1] if len(words) > 1 else ""
        words = words[1:]
    if not numbers or max(numbers) >= limit:
        raise gdb.GdbError("Lanes are named as all, 3, 1-5; the wave has lanes 0 to %d." % (limit - 1))
    return numbers, text


class LaneCommand(_Command):
    """Select a lane of the selected wave, or tell which one is selected.
Usage: lane [N]
Variables, frames and private memory are those of the selected lane. `set $lane = N` does the same."""

    name = "lane"
    kind = gdb.COMMAND_RUNNING
    prefix = True

    def run(self, arg, from_tty):
        wave = _need_wave()
        if arg:
            if not arg.isdigit() or int(arg) >= wave.lane_count:
                raise gdb.GdbError("The wave has lanes 0 to %d." % (wave.lane_count - 1))
            _set_lane(int(arg))
        lane = [lane for lane in wave.lanes if lane.selected][0]
        gdb.write("[lane %d, work-item %s of work-group %s%s]\n" % (lane.number, _shape(lane.item), _shape(wave.group), "" if lane.active else ", inactive"))
        if arg:
            gdb.execute("frame")


class LaneApply(_Command):
    """Run a command for several lanes of the selected wave.
Usage: lane apply all|LIST [-inactive] COMMAND
LIST is numbers and ranges: 0 3 8-15. Lanes that EXEC has switched off are left out unless -inactive is given."""

    name = "lane apply"
    kind = gdb.COMMAND_RUNNING

    def run(self, arg, from_tty):
        wave = _need_wave()
        numbers, command = _number_list(arg, wave.lane_count)
        everyone = command.split(None, 1)[:1] == ["-inactive"]
        if everyone:
            command = (command.split(None, 1) + [""])[1]
        if not command:
            raise gdb.GdbError("Usage: lane apply all|LIST [-inactive] COMMAND")
        before = wave.lane
        lanes = {lane.number: lane for lane in wave.lanes}
        frame = gdb.selected_frame()
        level = frame.level() if hasattr(frame, "level") else 0
        try:
            for number in numbers:
                lane = lanes[number]
                if not lane.active and not everyone:
                    continue
                _set_lane(number)
                if level:
                    gdb.execute("frame %d" % level, False, True)
                gdb.write("\nLane %d %s%s:\n" % (number, _shape(lane.item), "" if lane.active else " inactive"))
                try:
                    gdb.execute(command, from_tty)
                except gdb.MemoryError as e:  # what this lane has no part in, another one may have
                    gdb.write("%s\n" % e)
        finally:
            _set_lane(before)
            if level:
                gdb.execute("frame %d" % level, False, True)


class WaveCommand(_Command):
    """Tell which wave is selected, or select one by its number.
Usage: wave [NUMBER]
NUMBER is the last part of the four in a wave's name."""

    name = "wave"
    kind = gdb.COMMAND_RUNNING
    prefix = True

    def run(self, arg, from_tty):
        if arg:
            found = [w for w in _waves() if str(w.number) == arg]
            if not found:
                raise gdb.GdbError("No wave %s." % arg)
            found[0].select()
        wave = _need_wave()
        gdb.write("[%s at %s, %s]\n" % (wave.name, wave.place, wave.state))


class WaveKill(_Command):
    """End waves for good; the rest of their dispatch goes on.
Usage: wave kill [NUMBER...|all]
Without a number the selected wave."""

    name = "wave kill"
    kind = gdb.COMMAND_RUNNING

    def run(self, arg, from_tty):
        gdb.execute("monitor wave kill " + (arg or str(_need_wave().number)))


class BreakLaunch(_Command):
    """Stop new waves at their first instruction.
Usage: break-launch [REGEXP]
Of kernels whose name the extended regular expression finds, or of all. `monitor launch off` ends it."""

    name = "break-launch"
    kind = gdb.COMMAND_BREAKPOINTS
    once = ""

    def run(self, arg, from_tty):
        gdb.execute("monitor launch stop " + self.once + arg)


class TbreakLaunch(BreakLaunch):
    """Stop new waves at their first instruction, once.
Usage: tbreak-launch [REGEXP]"""

    name = "tbreak-launch"
    once = "once "


class WaveFind(_Command):
    """Find the waves of a work-group and select the first.
Usage: wave find (X,Y,Z)         all waves of work-group X,Y,Z
       wave find (X,Y,Z)/W       wave W of it
       wave find (X,Y,Z)[I,J,K]  the wave and lane of work-item I,J,K of it"""

    name = "wave find"
    kind = gdb.COMMAND_RUNNING
    _form = re.compile(r"^\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)\s*(?:/(\d+)|\[\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\])?$")

    def run(self, arg, from_tty):
        m = self._form.match(arg)
        if not m:
            raise gdb.GdbError("Usage: wave find (X,Y,Z), (X,Y,Z)/W or (X,Y,Z)[I,J,K]")
        found = find_waves([int(n) for n in m.group(1, 2, 3)], None if m.group(4) is None else int(m.group(4)))
        if m.group(5) is not None:
            item = tuple(int(n) for n in m.group(5, 6, 7))
            lanes = [lane for w in found for lane in w.lanes if lane.item == item]
            if not lanes:
                raise gdb.GdbError("No wave has this work-item.")
            lanes[0].select()
            gdb.execute("lane")
        elif not found:
            raise gdb.GdbError("No wave is of this work-group.")
        else:
            _select_first(found)


def _select_first(found):
    found[0].select()
    _show(Wave, found, "", lambda w: w == found[0])


class _Find(_Command):
    """Rows of a list by a regular expression."""

    kind = gdb.COMMAND_RUNNING
    record = None

    def run(self, arg, from_tty):
        if not arg:
            raise gdb.GdbError("Usage: %s REGEXP" % self.name)
        try:
            pattern = re.compile(arg, re.IGNORECASE)
        except re.error as e:
            raise gdb.GdbError("%s: %s" % (arg, e))
        found = [r for r in self.every() if pattern.search("  ".join(str(cell) for cell in r.cells()))]
        if not found:
            raise gdb.GdbError("No %s matches %s." % (self.record.__name__.lower(), arg))
        _show(self.record, found, "")


class DispatchFind(_Find):
    """List the dispatches that match a regular expression.
Usage: dispatch find REGEXP
It is compared with the rows of `info dispatches`: number, kernel, sizes."""

    name = "dispatch find"
    record = Dispatch
    every = staticmethod(_dispatches)


class QueueFind(_Find):
    """List the queues that match a regular expression.
Usage: queue find REGEXP
It is compared with the rows of `info queues`."""

    name = "queue find"
    record = Queue
    every = staticmethod(_queues)


class _Numbered(_Command):
    """One row of a list, by its number or that of the selected wave."""

    kind = gdb.COMMAND_RUNNING
    prefix = True

    def run(self, arg, from_tty):
        every, wave = self.every(), _current_wave()
        mine = None if wave is None else getattr(wave, self.name)
        if not arg:
            found = [r for r in every if r.number == mine]
            if not found:
                raise gdb.GdbError("The selected thread is not a GPU wave, or its %s is not known." % self.name)
        else:
            found = [r for r in every if str(r.number) == arg]
            if not found:
                raise gdb.GdbError("No %s %s." % (self.name, arg))
            if found[0].number != mine:
                members = found[0].waves
                if not members:
                    raise gdb.GdbError("It has no waves.")
                members[0].select()
        _show(self.record, found, "")


class DispatchCommand(_Numbered):
    """Tell the dispatch of the selected wave, or select the first wave of one by its number.
Usage: dispatch [NUMBER]"""

    name = "dispatch"
    record = Dispatch
    every = staticmethod(_dispatches)


class QueueCommand(_Numbered):
    """Tell the queue of the selected wave, or select the first wave of one by its number.
Usage: queue [NUMBER]"""

    name = "queue"
    record = Queue
    every = staticmethod(_queues)


class BreakFilter(_Command):
    """Say for which work-groups, waves and lanes a breakpoint is.
Usage: break-filter NUMBER WHICH...
       break-filter NUMBER off
       break-filter
WHICH are agent= queue= dispatch= wave= group=X,Y,Z item=X,Y,Z lane=, with numbers, ranges (7-9), * for any, and . for those of
the selected wave. All must fit; the filters of one breakpoint add up. Without an argument the filters are listed."""

    name = "break-filter"
    kind = gdb.COMMAND_BREAKPOINTS

    def run(self, arg, from_tty):
        words = arg.split()
        if not words:
            self.show()
            return
        if len(words) < 2 or not words[0].isdigit():
            raise gdb.GdbError("Usage: break-filter NUMBER WHICH..., or NUMBER off")
        which = " ".join(self.here(word) for word in words[1:])
        for address in self.addresses(int(words[0])):
            gdb.execute("monitor break-filter %#x %s" % (address, which), False, True)

    @staticmethod
    def show():
        rows = _ask("break-filter")
        if rows:
            _table(["Where", "For"], [[row["where"], row["filter"]] for row in rows])
        else:
            gdb.write("No filters: breakpoints are for every wave.\n")

    @staticmethod
    def here(word):
        key, equals, value = word.partition("=")
        if not equals or value != ".":
            return word
        wave = _need_wave()
        lane = [lane for lane in wave.lanes if lane.selected][0]
        mine = {"agent": wave.agent, "queue": wave.queue, "dispatch": wave.dispatch, "wave": wave.number, "group": wave.group, "item": lane.item,
                "lane": lane.number}.get(key)
        if mine is None:
            raise gdb.GdbError("The selected wave does not tell its %s." % key)
        return "%s=%s" % (key, ",".join(str(n) for n in mine) if isinstance(mine, tuple) else mine)

    @staticmethod
    def addresses(number):
        found = [b for b in gdb.breakpoints() if b.number == number]
        if not found:
            raise gdb.GdbError("No breakpoint number %d." % number)
        if not hasattr(found[0], "locations"):
            raise gdb.GdbError("This gdb does not tell scripts where breakpoints are; \"monitor break-filter\" takes addresses.")
        places = [place.address for place in found[0].locations if place.address is not None]
        if not places:
            raise gdb.GdbError("Breakpoint %d is pending: it has no place yet." % number)
        return places


# ------------------------------------------------------------------ disassembly


class _Code:
    """Instructions by address, asked for in blocks and kept until the target has moved."""

    BLOCK = 64

    def __init__(self):
        self.clear()
        for name in ("stop", "cont", "exited", "new_objfile", "clear_objfiles", "memory_changed", "connection_removed", "inferior_call"):
            registry = getattr(gdb.events, name, None)
            if registry is not None:
                registry.connect(self.clear)

    def clear(self, event=None):
        self.lines = {}
        self.ranges = None

    def is_gpu(self, address):
        if self.ranges is None:
            try:
                self.ranges = [(_address(row["start"]), _address(row["end"])) for row in _ask("code")]
            except gdb.GdbError:  # another stub, or none
                self.ranges = []
        return any(start <= address < end for start, end in self.ranges)

    def at(self, address):
        if address not in self.lines:
            for row in _ask("disassemble %#x %d" % (address, self.BLOCK)):
                self.lines.setdefault(_address(row["address"]), row)
        return self.lines[address]


_code = _Code()


def disassemble(address, count=1):
    """(address, length, text) of GPU instructions."""
    out = []
    for _ in range(count):
        row = _code.at(address)
        out.append((address, row["length"], _text(row)))
        address += row["length"]
    return out


def _text(row):
    target = _address(row["target"])
    if target is None:
        return row["text"]
    name = _symbolic(target)
    return "%s\t# %#x%s" % (row["text"], target, " <%s>" % name if name else "")


def _install_disassembler():
    import gdb.disassembler

    class GpuDisassembler(gdb.disassembler.Disassembler):
        def __init__(self):
            super().__init__("wavestub")

        def __call__(self, info):
            if not _code.is_gpu(info.address):
                return None  # the host's code is gdb's own business
            try:
                row = _code.at(info.address)
            except (gdb.GdbError, KeyError):
                return None
            return gdb.disassembler.DisassemblerResult(row["length"], _text(row))

    known = gdb.architecture_names()
    for carrier in ("i386:x86-64", "aarch64"):
        if carrier in known:
            gdb.disassembler.register_disassembler(GpuDisassembler(), carrier)


# ------------------------------------------------------------------ pointers of four bytes


# Where a space begins for generic pointers: registers of the carriers.
_SPACES = {"local": ("r15", "x15"), "private": ("r13", "x13")}


def _space_and_target(pointer):
    """What the name of the served type says: ("local", the type int) of a "local int *"."""
    target = pointer.type.strip_typedefs().target()
    name = target.name or ""
    for space in _SPACES:
        # "private int *local": the pointer that lies in local memory leads to private memory
        if name.endswith("*" + space) or (name.startswith(space + " ") and not name.endswith(tuple("*" + s for s in _SPACES))):
            if target.code == gdb.TYPE_CODE_TYPEDEF:
                return space, target.target()
            return space, gdb.lookup_type(name[len(space) + 1:])
    raise gdb.GdbError("This is a pointer to `%s', not one of four bytes to local or private memory." % target)


class Generic(gdb.Function):
    """$generic (POINTER): the generic pointer that means the same.
Structures and arrays hold pointers to local and private memory in four bytes, which gdb cannot follow: print *$generic(s.p), $generic(node->next)->value."""

    def __init__(self):
        super().__init__("generic")

    def invoke(self, pointer):
        if pointer.type.strip_typedefs().code != gdb.TYPE_CODE_PTR:
            raise gdb.GdbError("A pointer is expected.")
        if pointer.type.sizeof == 8:
            return pointer  # it is generic already
        space, target = _space_and_target(pointer)
        if int(pointer) == 0xffffffff:
            raise gdb.GdbError("The pointer is a null pointer.")
        frame = gdb.newest_frame()
        for register in _SPACES[space]:
            try:
                base = int(frame.read_register(register))
                return gdb.Value((base & (2 ** 64 - 1)) + int(pointer)).cast(target.pointer())
            except ValueError:
                continue  # another carrier's
        raise gdb.GdbError("The selected thread is no wave.")


# ------------------------------------------------------------------ the module


class _Module(types.ModuleType):
    """agents, queues, dispatches and waves are lists as they are at the moment of asking."""

    agents = property(lambda self: _agents())
    queues = property(lambda self: _queues())
    dispatches = property(lambda self: _dispatches())
    waves = property(lambda self: _waves())
    wave = property(lambda self: _current_wave())


def _make_module():
    module = _Module("wavestub", "What wavestub knows of the GPU work of the process.")
    for name, value in (("Agent", Agent), ("Queue", Queue), ("Dispatch", Dispatch), ("Wave", Wave), ("Lane", Lane), ("Failure", Failure),
                        ("find_waves", find_waves), ("disassemble", disassemble)):
        setattr(module, name, value)
    sys.modules["wavestub"] = module
    return module


def _install():
    for command in (InfoAgents, InfoQueues, InfoDispatches, InfoWaves, InfoLanes, LaneCommand, LaneApply, WaveCommand, WaveFind, WaveKill, DispatchCommand,
                    DispatchFind, QueueCommand, QueueFind, BreakLaunch, TbreakLaunch, BreakFilter):
        command()
    Generic()
    try:
        _install_disassembler()
    except ImportError:
        pass  # gdb 12 has no such interface: `monitor disassemble` is there


_install()
wavestub = _make_module()
