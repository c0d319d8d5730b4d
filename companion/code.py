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


def _lookup(name):
    """A type by its name as C writes it. A structure's tag may stand without its keyword."""
    for prefix in ("", "struct ", "union ", "enum "):
        try:
            return gdb.lookup_type(prefix + name)
        except gdb.error:
            continue
    raise gdb.GdbError("The type `%s' is not known; print *POINTER follows the pointer." % name)


def _original(target, space):
    """The type that a served copy of it was made from: the copy says where it lies, and only gdb's own `*' and `[]' may ask it."""
    if target.code == gdb.TYPE_CODE_ARRAY:
        low, high = target.range()
        return target.target().array(low, high)
    if target.name and target.name.startswith(space + " "):
        return _lookup(target.name[len(space) + 1:])
    return target


def _space_and_target(pointer):
    """What the name of the served type says: ("local", the type int) of a "local int *"."""
    target = pointer.type.strip_typedefs().target()
    name = target.name or ""
    for space in _SPACES:
        # "private int *local": the pointer that lies in local memory leads to private memory
        if name.endswith("*" + space) or (name.startswith(space + " ") and not name.endswith(tuple("*" + s for s in _SPACES))):
            if target.code == gdb.TYPE_CODE_TYPEDEF:
                return space, _original(target.target(), space)
            return space, gdb.lookup_type(name[len(space) + 1:])
    raise gdb.GdbError("This is a pointer to `%s', not one of four bytes to local or private memory." % target)


class Generic(gdb.Function):
    """$generic (POINTER): the generic pointer that means the same.
Pointers to local and private memory are four bytes long in structures and behind pointers. Behind pointers, and in arrays that are parts of structures,
gdb cannot follow them: print **$generic(pp), *$generic(s.rows[1])."""

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
