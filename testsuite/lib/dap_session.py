"""A session of the Debug Adapter Protocol with gdb, as an editor has it: dap_session.py GDB PORT SOURCE COMPANION.

Prints one line for each check: "PASS name" or "FAIL name: detail". Every wait is for a message and has a limit."""
import json
import queue
import re
import subprocess
import sys
import threading

LIMIT = 60


class Client:
    def __init__(self, gdb, companion):
        command = [gdb, "-nx", "-q", "-i=dap", "-iex", "set debuginfod enabled off", "-iex", "source " + companion]
        self.gdb = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sys.stderr)
        self.messages, self.events, self.serial = queue.Queue(), [], 0
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        out = self.gdb.stdout
        while True:
            length = 0
            for line in iter(out.readline, b""):
                if line == b"\r\n":
                    break
                m = re.match(rb"Content-Length: (\d+)", line)
                length = int(m.group(1)) if m else length
            if not length:
                self.messages.put(None)
                return
            self.messages.put(json.loads(out.read(length)))

    def next(self):
        try:
            message = self.messages.get(timeout=LIMIT)
        except queue.Empty:
            raise SystemExit("FAIL gdb answers in time: %s" % self.last)
        if message is None:
            raise SystemExit("FAIL gdb lives: %s" % self.last)
        print("<", json.dumps(message)[:2000], file=sys.stderr)
        return message

    def send(self, command, **arguments):
        self.serial += 1
        self.last = command
        body = json.dumps({"type": "request", "seq": self.serial, "command": command, "arguments": arguments}).encode()
        print(">", body.decode(), file=sys.stderr)
        self.gdb.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.gdb.stdin.flush()
        return self.serial

    def response(self, serial):
        while True:
            message = self.next()
            if message["type"] == "event":
                self.events.append(message)
            elif message["request_seq"] == serial:
                return message

    def ask(self, command, **arguments):
        answer = self.response(self.send(command, **arguments))
        if not answer["success"]:
            print("FAIL %s: %s" % (command, answer.get("message")))
        return answer.get("body") or {}

    def event(self, name):
        self.last = "event " + name
        while True:
            for i, message in enumerate(self.events):
                if message["event"] == name:
                    return self.events.pop(i).get("body") or {}
            message = self.next()
            if message["type"] == "event":
                self.events.append(message)

    def goes(self, command, **arguments):
        """Something that ends in a stop."""
        self.events = [e for e in self.events if e["event"] != "stopped"]
        self.ask(command, **arguments)
        return self.event("stopped")


def check(name, good, detail=""):
    print("PASS " + name if good else "FAIL %s: %s" % (name, detail))


def line_of(source, text):
    with open(source) as f:
        return next(n for n, line in enumerate(f, 1) if text in line)


def variables(c, frame, scope):
    scopes = {s["name"]: s["variablesReference"] for s in c.ask("scopes", frameId=frame)["scopes"]}
    if scope not in scopes:
        return {}
    return {v["name"]: v["value"] for v in c.ask("variables", variablesReference=scopes[scope])["variables"]}


def main():
    gdb, port, source, companion = sys.argv[1:]
    inside, call = line_of(source, "node->depth++"), line_of(source, "uint last = even_steps")
    c = Client(gdb, companion)
    able = c.ask("initialize", adapterID="gdb", linesStartAt1=True, columnsStartAt1=True, pathFormat="path")
    check("gdb disassembles", able.get("supportsDisassembleRequest"), able)
    attach = c.send("attach", target="127.0.0.1:" + port)
    c.event("initialized")
    found = c.ask("setBreakpoints", source={"path": source}, breakpoints=[{"line": inside}])
    check("a breakpoint before the code is loaded", len(found["breakpoints"]) == 1 and not found["breakpoints"][0]["verified"], found)
    c.ask("configurationDone")
    check("attaches", c.response(attach)["success"])
    c.event("stopped")
    first = c.ask("threads")["threads"]
    stop = c.goes("continue", threadId=first[0]["id"])
    check("stops at the breakpoint", stop["reason"] == "breakpoint" and stop.get("allThreadsStopped"), stop)
    thread = stop["threadId"]
    names = {t["id"]: t["name"] for t in c.ask("threads")["threads"]}
    check("a wave has its name", "AMDGPU Wave 1:1:1:1 (0,0,0)/0" in names.get(thread, ""), names)

    frames = c.ask("stackTrace", threadId=thread)["stackFrames"]
    check("frames", [f["name"] for f in frames] == ["even_steps", "recurse"] and [f["line"] for f in frames] == [inside, call], frames)
    check("their source", frames[0]["source"]["path"] == source, frames[0])
    check("arguments", variables(c, frames[0]["id"], "Arguments").get("value") == "0", "")
    local = variables(c, frames[1]["id"], "Locals")
    check("locals of the caller", local.get("i") == "0" and "node" in local, local)
    registers = variables(c, frames[0]["id"], "Registers")
    check("registers", "exec" in registers and "v0" in registers and "lane" in registers, sorted(registers)[:20])

    # what is typed at the debug console
    c.ask("evaluate", expression="set var $lane = 9", context="repl", frameId=frames[0]["id"])
    frames = c.ask("stackTrace", threadId=thread)["stackFrames"]
    value = c.ask("evaluate", expression="value", context="watch", frameId=frames[0]["id"])
    check("another lane", value["result"] == "333", value)
    caller = c.ask("evaluate", expression="i", context="watch", frameId=frames[1]["id"])
    check("in the caller, too", caller["result"] == "9", caller)
    waves = c.ask("evaluate", expression="info waves", context="repl", frameId=frames[0]["id"])
    check("the companion's lists", "1 wave at recurse.cl:%d" % inside in waves["result"], waves)

    code = c.ask("disassemble", memoryReference=frames[0]["instructionPointerReference"], instructionCount=4)["instructions"]
    gpu = re.compile(r"[sv]_|scratch_|flat_|global_|buffer_|\.long 0x")
    check("GPU instructions", len(code) == 4 and all(gpu.match(i["instruction"]) for i in code), code)
    check("next", c.goes("next", threadId=thread)["reason"] == "step")
    frames = c.ask("stackTrace", threadId=thread)["stackFrames"]
    check("a line further", frames[0]["line"] == inside + 1, frames[0])
    # gdb keeps the variables of a frame until the program has run
    check("the lane in the view of variables", variables(c, frames[0]["id"], "Arguments").get("value") == "333", "")
    c.goes("next", threadId=thread, granularity="instruction")
    further = c.ask("stackTrace", threadId=thread)["stackFrames"]
    check("an instruction further", further[0]["instructionPointerReference"] != frames[0]["instructionPointerReference"], further[0])
    c.ask("setBreakpoints", source={"path": source}, breakpoints=[{"line": inside, "condition": "value == 165"}])
    c.goes("continue", threadId=thread)
    frames = c.ask("stackTrace", threadId=thread)["stackFrames"]
    check("a condition", [f["name"] for f in frames] == ["even_steps", "odd_steps", "even_steps", "recurse"], frames)
    c.ask("setBreakpoints", source={"path": source}, breakpoints=[])
    c.goes("stepOut", threadId=thread)
    frames = c.ask("stackTrace", threadId=thread)["stackFrames"]
    check("out of a call", [f["name"] for f in frames] == ["odd_steps", "even_steps", "recurse"], frames)
    c.ask("continue", threadId=thread)
    check("the program ends", c.event("exited").get("exitCode") == 0)
    c.send("disconnect")
    c.gdb.wait(timeout=LIMIT)
    check("gdb leaves", True)


main()
