"""A real terminal for the interface: tmux with a server of the test's own, keys in, screens out, signals to the program in it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 30.0
_PAUSE = 0.05


class Terminal:
    """One window with one program in it; a screen is its lines, without the blanks at their ends."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def tmux(self, *words: str) -> str:
        done = subprocess.run(["tmux", "-S", str(self._socket), *words], capture_output=True, timeout=30, text=True)
        if done.returncode:
            raise AssertionError(f"tmux {' '.join(words)}: {done.stderr}")
        return done.stdout

    def keys(self, *names: str) -> None:
        """As tmux names them: `Enter`, `Escape`, `C-c`, or the character itself."""
        for name in names:
            self.tmux("send-keys", name)

    @property
    def screen(self) -> str:
        return "\n".join(line.rstrip() for line in self.tmux("capture-pane", "-p").split("\n"))

    def until(self, *words: str, patience: float = _PATIENCE) -> str:
        """The screen, as soon as all of these words are on it."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            screen = self.screen
            if all(word in screen for word in words):
                return screen
            time.sleep(_PAUSE)
        raise AssertionError(f"{words} did not come; the screen shows:\n{self.screen}")

    @property
    def pid(self) -> int:
        return int(self.tmux("display-message", "-p", "#{pane_pid}"))

    def ended(self, patience: float = _PATIENCE) -> int:
        """The exit code of the program, once it has one."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            dead, code = self.tmux("display-message", "-p", "#{pane_dead} #{pane_dead_status}").rstrip("\n").split(" ", 1)
            if dead == "1" and (code or (code := _left_by(self.pid))):
                return int(code)
            time.sleep(_PAUSE)
        raise AssertionError(f"it did not end; the screen shows:\n{self.screen}")

    def resize(self, columns: int, lines: int) -> None:
        self.tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def close(self) -> None:
        """Close the window, as a person does who has had enough: the program gets SIGHUP and has no terminal any more."""
        self.tmux("kill-session")


@contextmanager
def terminal(
    folder: Path, argv: Sequence[str], environment: Mapping[str, str], *, size: tuple[int, int] = (80, 24), prefix: Sequence[str] = ()
) -> Iterator[Terminal]:
    """A terminal in which this program runs; `prefix` starts the tmux server itself (a network namespace)."""
    socket = folder / "tmux"
    settings = folder / "tmux.conf"
    settings.write_text("set -g remain-on-exit on\nset -g status off\nset -g exit-empty off\nset -s escape-time 0\n")
    given = [f"{name}={value}" for name, value in environment.items()]
    size_words = ("-x", str(size[0]), "-y", str(size[1]))
    start = [
        "tmux",
        "-S",
        str(socket),
        "-f",
        str(settings),
        "new-session",
        "-d",
        *size_words,
        "env",
        "-i",
        "TERM=tmux-256color",
        *given,
        *argv,
    ]
    subprocess.run([*prefix, *start], check=True, timeout=30, cwd=folder, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
    here = Terminal(socket)
    pid = int(here.tmux("display-message", "-p", "#{pid}"))
    try:
        yield here
    finally:
        try:
            here.tmux("kill-server")
        except AssertionError:
            os.kill(pid, signal.SIGTERM)
        gone(pid)  # its socket is free for the next one


def _left_by(pid: int) -> str:
    """The exit code of a process that tmux has not noticed the end of, as proc(5) says it; "" while it runs."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return str(int(fields[-1]) >> 8) if fields[0] == "Z" else ""


def gone(pid: int, patience: float = _PATIENCE) -> None:
    """Wait until this process has ended."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return
        if state == "Z":
            return
        time.sleep(_PAUSE)
    raise AssertionError(f"process {pid} is still there")
