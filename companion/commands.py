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
