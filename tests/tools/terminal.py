"""Answers a program's questions on a pseudo-terminal.

Usage: terminal.py COLUMNS SCRIPT PROGRAM [ARGUMENT…]

SCRIPT is a JSON list of pairs [what to wait for, what to type]. What is waited for is looked for behind what was found before. Prints JSON:
the exit code (the negative signal, if one ended it) and all that the program wrote, on both of its streams. Ends in 1, with what came, if
something that is waited for does not come within 20 seconds.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

PATIENCE = 20


def main():
    columns, script, program = int(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(program[0], program)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    written = b""
    read_to = 0

    def more(deadline):
        nonlocal written
        ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            octets = os.read(terminal, 65536)
        except OSError:  # Linux says EIO where the other side is closed.
            return False
        written += octets
        return bool(octets)

    for wanted, typed in script:
        wanted = wanted.encode()
        deadline = time.monotonic() + PATIENCE
        while wanted not in written[read_to:]:
            if not more(deadline):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                sys.exit(f"this did not come: {wanted.decode()}\nbut this:\n{written.decode(errors='replace')}")
        read_to = written.index(wanted, read_to) + len(wanted)
        # The program reads keys one by one; it must have begun to wait for them.
        time.sleep(0.05)
        os.write(terminal, typed.encode())
    deadline = time.monotonic() + PATIENCE
    while more(deadline):
        pass
    _, status = os.waitpid(pid, 0)
    print(json.dumps({"exit": os.waitstatus_to_exitcode(status), "written": written.decode(errors="replace")}))


main()
