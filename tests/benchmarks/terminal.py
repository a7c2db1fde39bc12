"""The terminal interface beside an empty Textual app: first paint, a key to its repaint, memory over an hour of looks at what others do.

The first two are of whole processes in a terminal of their own (a pty), from the outside: a byte is sent, and the clock runs until what was
asked for has come out. `python -m tests.benchmarks.terminal hour` is the program whose memory is measured.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import select
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("findings")
Empty().run()
"""
FIRST, KEY, GROWTH = 1.5, 50.0, 1.1  # the targets: times an empty app, milliseconds at the median, times
PAIRS = 9
KEYS = 40
QUIET = 0.03  # seconds without output, after which a repaint is whole
LOOKS = 1800  # an hour of one each two seconds
BLOCKS = 620
SIZE = 1 << 20


class Program:
    """A program in a pty of 80x24."""

    def __init__(self, argv: Sequence[str], folder: Path) -> None:
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        variables = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(REPOSITORY)}
        environment = {**variables, "XDG_STATE_HOME": str(folder / "state")}
        self.began = time.perf_counter()
        streams = {"stdin": slave, "stdout": slave, "stderr": slave}
        self._process = subprocess.Popen(argv, cwd=folder, env=environment, start_new_session=True, **streams)  # type: ignore[call-overload]
        os.close(slave)

    def read(self, timeout: float) -> bytes:
        """What has come out, b"" where nothing does in this time."""
        ready, _, _ = select.select([self._master], [], [], timeout)
        return os.read(self._master, 1 << 16) if ready else b""

    def until(self, words: bytes, timeout: float) -> float:
        """Seconds since the start when these words had come out. TimeoutError where they do not."""
        seen, end = b"", time.perf_counter() + timeout
        while time.perf_counter() < end:
            seen = (seen + self.read(0.5))[-(1 << 20) :]
            if words in seen:
                return time.perf_counter() - self.began
        raise TimeoutError(f"{words!r} did not come out: {seen[-300:]!r}")

    def settle(self) -> None:
        """Until nothing comes out any more."""
        while self.read(0.3):
            pass

    def key(self, sent: bytes) -> float:
        """Seconds from a key to the end of its repaint."""
        began = last = time.perf_counter()
        os.write(self._master, sent)
        if self.read(5.0):
            last = time.perf_counter()
        while self.read(QUIET):
            last = time.perf_counter()
        return last - began

    def end(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)
        os.close(self._master)


def table(folder: Path) -> Iterator[str]:
    """The lines of the table."""
    yield "| the terminal interface | figure | target |"
    yield "|---|---:|---|"
    for measure in (_first, _keys, _hour):
        try:
            yield from measure(folder)
        except Exception as reason:
            yield f"| {measure.__name__.strip('_')} failed: {' '.join(str(reason).split())[:200]} | | |"


def _first(folder: Path) -> Iterator[str]:
    ratios, own = [], []
    ours = [sys.executable, "-m", "remedy.cli", "tui", "Corefile"]
    for argv in ([sys.executable, "-c", EMPTY], ours):
        _painted(argv, folder)  # not counted
    for _ in range(PAIRS):
        base = _painted([sys.executable, "-c", EMPTY], folder)
        own.append(_painted(ours, folder))
        ratios.append(own[-1] / base)
    ratio, milliseconds = statistics.median(ratios), statistics.median(own) * 1000
    yield f"| first paint, {milliseconds:.0f} ms, beside an empty app | {ratio:.2f}× | ≤ {FIRST}×{_missed(ratio > FIRST)} |"


def _painted(argv: Sequence[str], folder: Path) -> float:
    program = Program(argv, folder)
    try:
        return program.until(b"findings", 30)
    finally:
        program.end()


def _keys(folder: Path) -> Iterator[str]:
    text = large()
    (folder / "large.Corefile").write_text(text, encoding="utf-8")
    program = Program([sys.executable, "-m", "remedy.cli", "tui", "large.Corefile"], folder)
    try:
        program.until(b"AAAA001", 120)
        program.settle()
        program.key(b"\t")
        down = [program.key(b"\x1b[6~") for _ in range(KEYS)]
        yield _line(f"a page down in a Corefile of {len(text) / SIZE:.1f} MiB", down)
        program.key(b"\x1b[Z")
        moves = [program.key(b"j") for _ in range(KEYS)]
        yield _line(f"from one of {BLOCKS} findings to the next", moves)
        os.write(program._master, b"\r")
        program.until(b"documented", 300)
        program.until(b"@@", 300)
        program.settle()
        program.key(b"\t")
        diff = [program.key(b"\x1b[6~") for _ in range(KEYS)]
        yield _line(f"a page down in a diff of {lines_of_diff():,} lines", diff)
    finally:
        program.end()


def _line(what: str, seconds: Sequence[float]) -> str:
    median = statistics.median(seconds) * 1000
    return f"| {what}: the key to its repaint, median of {len(seconds)} | {median:.0f} ms | ≤ {KEY:.0f} ms{_missed(median > KEY)} |"


def _hour(folder: Path) -> Iterator[str]:
    argv = [sys.executable, "-m", "tests.benchmarks.terminal", "hour", str(folder)]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, cwd=REPOSITORY, timeout=300)
    if done.returncode:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr.decode(errors='replace').strip().splitlines()[-1:]}")
    early, late = map(int, done.stdout.split())
    ratio = late / early
    yield f"| memory after {LOOKS:,} looks at what others do / after {LOOKS // 10} | {ratio:.2f}× | ≤ {GROWTH}×{_missed(ratio > GROWTH)} |"


def _missed(missed: bool) -> str:
    return " (missed)" if missed else ""


def large() -> str:
    """A Corefile of a mebibyte; the change of it has some 5,000 lines."""
    block = ".:{} {{\n    errors\n    ready\n    template ANY AAAA {{\n        rcode NXDOMAIN\n    }}\n    whoami\n    log\n}}\n"
    blocks = [block.format(2000 + number) for number in range(BLOCKS)]
    padding = "# " + "x" * 76 + "\n"
    each = (SIZE - sum(map(len, blocks))) // len(blocks) // len(padding) + 1
    return "".join(text + padding * each for text in blocks)


def lines_of_diff() -> int:
    """A hunk for each block: a head, three lines around it on each side, three out and one in."""
    return BLOCKS * 11 + 2


async def _live_an_hour(folder: Path) -> tuple[int, int]:
    """Bytes that Python holds after a tenth of the looks, and after all; the live Corefile is edited before each, and a watch tells."""
    from remedy.cluster.embedded import INCIDENT, EmbeddedCluster
    from tests.apiserver.fake import FakeServer
    from tests.apiserver.front import serving
    from tui.app import Noticed, RemedyApp
    from tui.given import Given

    looks = 0

    class Counting(RemedyApp):
        CSS_PATH = str(REPOSITORY / "tui" / "remedy.tcss")

        def on_noticed(self, noticed: Noticed) -> None:
            nonlocal looks
            looks += 1
            text = INCIDENT + ("# edited\n" if looks % 2 else "")
            cluster.patch_configmap("kube-system", "coredns", [{"op": "replace", "path": "/data/Corefile", "value": text}])
            front.calls.clear()
            front.carried.clear()
            super().on_noticed(noticed)

    early = 0
    with EmbeddedCluster() as cluster, serving(FakeServer(cluster)) as front:
        app = Counting(Given(kubeconfig=str(front.kubeconfig(folder / "kubeconfig"))), pause=0.001)
        async with app.run_test(size=(80, 24)) as pilot:
            tracemalloc.start()
            while looks < LOOKS:
                await pilot.pause(0.01)
                if not early and looks >= LOOKS // 10:
                    early = tracemalloc.get_traced_memory()[0]
            late = tracemalloc.get_traced_memory()[0]
            if app.session is not None:
                app.session.close()
    return early, late


if __name__ == "__main__":
    print(*asyncio.run(_live_an_hour(Path(sys.argv[2]))))
