"""Which Corefiles a CoreDNS release refuses: the program itself reads them, many at once, each on a loopback address of its own.

A text is loaded when every plugin has read its options. With `kubernetes` in it CoreDNS then waits for an API server that is not there, and
some releases do so in silence. The sign is that the health check of a server block of our own is served: that comes before the wait.
"""

from __future__ import annotations

import itertools
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from remedy.corefile.edit import Edit, apply
from remedy.corefile.lexer import lex
from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile, ServerBlock
from remedy.errors import ParseError
from tests.testbed.build import coredns

# What stands in the texts of tests for an address that somebody else has (RFC 5737), and where it leads when they are loaded: to nobody.
_ABROAD, _NOBODY = "192.0.2.", "127.99.99."
_API = "endpoint http://127.0.0.1:1"
_LISTENING = {"health": "8080", "ready": "8181", "prometheus": "9153", "pprof": "6053"}
_SECONDS, _AT_ONCE = 30, 0.05
_OWN = "loaded.invalid:5300 {\nbind ADDRESS\nhealth ADDRESS:8080\n}\n"
_RUNS = itertools.count()
_FILES = {
    "resolv.conf": "nameserver 127.99.99.53\n",
    "db.example": "@ 60 IN SOA a. b. 1 1 1 1 1\n@ 60 IN NS a.\n",
    "kubeconfig": """\
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
current-context: c
""",
}


def refused(texts: Sequence[str], version: str, *, at_once: int = 80) -> dict[int, str]:
    """What this release says to those of the texts that it does not load, by their number."""
    found: dict[int, str] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in _FILES.items():
            (folder / file).write_text(content)
        program = coredns(version)
        batches = [list(range(start, min(start + at_once, len(texts)))) for start in range(0, len(texts), at_once)]
        placed = {number: _placed(text, number, folder) for number, text in enumerate(texts)}
        broken = [number for number, text in placed.items() if text is None]
        for number in broken:  # no other text may stand beside one that swallows it
            found[number] = _said(program, texts[number], folder) or "it is loaded, and the parser of the tests refuses it"
        while batches:
            batch = [number for number in batches.pop() if number not in found]
            said = _said(program, "".join(placed[number] or "" for number in batch), folder) if batch else ""
            guilty = batch[0] if len(batch) == 1 else _named(said, [placed[number] or "" for number in batch], batch)
            if said and guilty is not None:
                found[guilty] = said
                batches.append(batch)
            elif said:
                batches += [batch[: len(batch) // 2], batch[len(batch) // 2 :]]
    return found


def _named(said: str, texts: Sequence[str], numbers: Sequence[int]) -> int | None:
    """The text that holds the line that a message names."""
    if not (line := re.search(r"\bCorefile:(\d+)", said)):
        return None
    left = int(line[1]) - _OWN.count("\n")
    for text, number in zip(texts, numbers, strict=True):
        left -= text.count("\n")
        if left <= 0:
            return number
    return None


def _said(program: Path, text: str, folder: Path) -> str:
    """Nothing if it is loaded, else the program's last words."""
    number = next(_RUNS)  # an address of its own: the process before may still be dying
    address = f"127.{64 + os.getpid() % 128}.{200 + number // 250 % 50}.{number % 250 + 1}"
    (folder / "Corefile").write_bytes((_OWN.replace("ADDRESS", address) + text).encode("utf-8", "surrogateescape"))
    argv = ["/usr/bin/timeout", "--signal=KILL", str(_SECONDS + 5), str(program), "-conf", "Corefile", "-dns.port", "5300"]
    with (
        tempfile.TemporaryFile(dir=folder) as log,
        subprocess.Popen(argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True) as process,
    ):
        deadline = time.monotonic() + _SECONDS
        try:
            while process.poll() is None:
                with suppress(OSError), socket.create_connection((address, 8080), timeout=1):
                    time.sleep(_AT_ONCE)  # what else fails at the start does so now
                    if process.poll() is None:
                        return ""
                if time.monotonic() > deadline:
                    return "it neither serves nor ends"
                time.sleep(0.02)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # a health check in its lame duck would take seconds
        log.seek(0)
        said = [line.decode(errors="replace").strip() for line in log if not line.startswith((b"maxprocs", b"[INFO]", b"[WARNING]"))]
    return said[-1] if said else "nothing"


def _placed(text: str, number: int, folder: Path) -> str | None:
    """The text on an address of its own, with snippets of its own, and nobody abroad; None where it cannot be read."""
    text = text.removeprefix("\ufeff").replace("/etc/resolv.conf", f"{folder}/resolv.conf").replace(_ABROAD, _NOBODY)
    text = re.sub(r"(?m)^(\s*endpoint[ \t]+)https?://\S+((?:[ \t]+https?://\S+)*)", r"\1http://127.0.0.1:1\2", text)
    try:
        corefile = parse(text)
    except ParseError:
        return None
    address = f"127.{64 + os.getpid() % 128}.{number // 250 + 1}.{number % 250 + 1}"
    edits: dict[Edit, None] = {}
    for block in corefile.blocks:
        edits |= dict.fromkeys(_edits(corefile, block, address))
    for token in lex(text).tokens:  # `import` is spliced, so its words stand in no tree
        before = text[: token.start].rstrip()
        named = re.fullmatch(r"\((.+)\)", token.text)
        if named:
            edits[Edit(token.start, token.end, f"({named[1]}-{number})")] = None
        elif re.search(r"(?:^|\n)\s*import$", before):
            edits[Edit(token.start, token.end, f"{token.text}-{number}")] = None
    return apply(text, edits) + "\n"


def _edits(corefile: Corefile, block: ServerBlock, address: str) -> list[Edit]:
    edits = []
    for bind in block.plugin("bind"):
        edits.append(Edit(bind.span.start, bind.span.end, f"bind {address}"))
    for plugin in block.plugins:
        name = plugin.name.text
        if name in _LISTENING:
            own = plugin.arguments[0] if plugin.arguments else None
            port = own.text.rpartition(":")[2] if own else _LISTENING[name]
            start, end = (own.start, own.end) if own else (plugin.name.end, plugin.name.end)
            edits.append(Edit(start, end, f"{'' if own else ' '}{address}:{port}"))
        if name == "kubernetes" and not plugin.option("endpoint") and not plugin.option("kubeconfig"):
            if plugin.opening is not None:
                edits.append(Edit(plugin.opening.end, plugin.opening.end, f"\n{_API}\n"))
            else:
                edits.append(Edit(plugin.head.end, plugin.head.end, f" {{\n{_API}\n}}"))
    if not block.plugin("bind"):
        opening = next((token for token in lex(corefile.text).tokens if token.start >= block.keys[-1].end and token.text != ","), None)
        if opening is not None and opening.text == "{":
            edits.append(Edit(opening.end, opening.end, f"\nbind {address}\n"))
    return edits
