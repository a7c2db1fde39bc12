"""The sandbox prover: a real CoreDNS on this machine loads the current and the candidate text, and is asked over UDP and over TCP.

What cannot run here is replaced and named (standins.py). CoreDNS shares a port with any other of the same user without a word
(SO_REUSEPORT), so every process is asked for a token of its own on the very sockets on which the questions go.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import NamedTuple

from remedy.answers.model import Reply, replies, reply
from remedy.answers.plugins import ORDER, version_of
from remedy.answers.server import zones_of
from remedy.answers.zones import covers
from remedy.corefile.tree import Corefile
from remedy.errors import UnavailableError
from remedy.releases import meant, plugins, releases
from remedy.validate.asking import Asked, Stranger, converse
from remedy.validate.confined import beyond
from remedy.validate.prover import Case, Heard, Question, Side
from remedy.validate.refusal import explained
from remedy.validate.stage import Machine, Runnable
from remedy.validate.standins import runnable
from remedy.validate.upstream import ADDRESS, serving
from remedy.validate.zonefile import unplayable

_START, _STOP, _ATTEMPTS = 20.0, 5.0, 3  # seconds, seconds, times
_ENVIRONMENT = {"PATH": "/usr/bin:/bin"}
# The shell ends CoreDNS and removes the folder when its standard input ends: because remedy closes it, or because remedy is no more.
_WATCHED = """\
cd "$1" || exit 1
folder=$1; shift
"$@" </dev/null & coredns=$!
exec >/dev/null 2>&1
read -r _
kill -9 $coredns; wait $coredns
cd /; rm -rf -- "$folder"
"""
_HINT = "name one with --coredns PATH, or put it on the PATH or into remedy's cache (docs/sandbox.md)"


class Binary(NamedTuple):
    """A CoreDNS program and the release that it says it is."""

    path: str
    version: str


def find_binary(given: str | None, version: str | None) -> Binary:
    """The program to run: the one given, else in remedy's cache or on $PATH, that of this release before others.

    The cache is $XDG_CACHE_HOME/remedy/coredns/VERSION/coredns. UnavailableError, with how to get one.
    """
    if given is not None:
        return _identified(shutil.which(given) or os.path.abspath(given))
    cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "remedy", "coredns")
    held = {name.removeprefix("v"): os.path.join(cache, name, "coredns") for name in (os.listdir(cache) if os.path.isdir(cache) else ())}
    wanted = (version or "").removeprefix("v")
    newest = sorted(held, key=version_of, reverse=True)
    for path in (held.get(wanted), shutil.which("coredns"), *(held[name] for name in newest)):
        if path is not None and os.access(path, os.X_OK):
            return _identified(os.path.abspath(path))
    raise UnavailableError("no CoreDNS program on this machine", _HINT)


def binary_of(given: str | None, release: str) -> Binary:
    """The program of a release: the one given, that in remedy's cache, or the one on $PATH. UnavailableError where it is of another."""
    program = find_binary(given, release)
    if _nearest(program.version) != release:
        raise UnavailableError(f"{program.path} is CoreDNS {program.version}, and {release} is to read the text", _HINT)
    return program


def _nearest(version: str) -> str:
    """The release that is known here, and as which a program counts: a build of its own has a suffix."""
    return meant(version) or version


def _identified(path: str) -> Binary:
    try:
        said = _output(path, "-version")
    except (OSError, subprocess.SubprocessError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or "it does not say its version"
        raise UnavailableError(f"{path}: cannot be run: {reason}", _HINT) from None
    match = re.search(r"CoreDNS-(\d+\.\d+\.\d+\S*)", said)
    if match is None:
        raise UnavailableError(f"{path}: not a CoreDNS: it does not say its version", _HINT)
    return Binary(path, match[1])


def _output(path: str, flag: str) -> str:
    done = subprocess.run([path, flag], env=_ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, timeout=10)
    return done.stdout.decode(errors="replace")


def prove(case: Case, asked: Sequence[Question], *, binary: str | None = None) -> Heard:
    """One row: what a real CoreDNS answers with each of the two texts, in a world of just these probes.

    `binary` is the path of the program that reads the candidate, None to look for one. Where another release than now is to read it, the
    current text runs in that of now, if one is at hand; else its answers are computed. UnavailableError: no program, none of the release
    that is to read it, loopback cannot be used, or what is live is not loaded.
    """
    program = binary_of(binary, case.to) if case.to else find_binary(binary, case.version)
    earlier = _earlier(case) if case.moves else program
    world = {name: kind for name, kind in case.probes if name.endswith(".")}
    texts = [(case.after, program)]
    if earlier and (case.moves or not case.before.same(case.after)):
        texts.insert(0, (case.before, earlier))
    with ExitStack() as stack:
        try:
            upstream = stack.enter_context(serving(world))  # type: ignore[arg-type]
        except OSError as error:
            raise UnavailableError(f"nothing can listen on {ADDRESS}: {error.strerror}") from None
        machine = Machine("", upstream, "", _free_port, (), world, frozenset())  # type: ignore[arg-type]
        staged = [(text, of, machine._replace(version=version_of(of.version), foreign=_foreign(case, of))) for text, of in texts]
        for _ in range(_ATTEMPTS):
            with ExitStack() as processes, suppress(_Taken, Stranger):
                runs = _running(processes, staged)
                if runs[-1].said or "Unknown directive" in runs[0].said:
                    return _refused(case, runs, computed=earlier is None)
                sides = _sides(runs, asked, machine)
                before = sides[0] if earlier else replies(case.before, asked, world, version=case.version or program.version)  # type: ignore[arg-type]
                return Heard((("", before, sides[-1]),), "", _transcript(case, runs, computed=earlier is None))
    raise UnavailableError(f"other processes took the sandbox's ports on {ADDRESS}, {_ATTEMPTS} times", "try again")


class _Taken(Exception):
    """Another process was faster to listen on a port."""


def _refused(case: Case, runs: Sequence[_Run], *, computed: bool) -> Heard:
    """Why the candidate does not load; UnavailableError where that says nothing about the cluster."""
    reason = runs[-1].explained() or runs[0].explained()
    if not computed and (len(runs) == 1 or runs[0].said):
        raise UnavailableError(f"CoreDNS {runs[0].program.version} does not load the current text: {runs[0].explained()}", _HINT)
    if not case.to and _other(case, runs[-1].program):
        raise UnavailableError(f"this CoreDNS does not load the candidate, and the cluster runs {case.version}: {reason}", _HINT)
    return Heard((), reason, _transcript(case, runs, computed=computed))


class _Run(NamedTuple):
    """One text in its process; `said` is why CoreDNS does not load it."""

    corefile: Corefile
    text: Runnable
    token: str
    said: str
    program: Binary

    def explained(self) -> str:
        return explained(self.corefile, self.text, self.said, self.program.version) if self.said else ""


def _foreign(case: Case, program: Binary) -> frozenset[str]:
    """Plugins of other makers: what is live has them, or this program does. They are not run: nobody knows what they would reach."""
    words = {plugin.name.text for text in (case.before, case.after) for _, plugin in text.walk()} - set(ORDER)
    live = {plugin.name.text for _, plugin in case.before.walk()}
    if case.to:  # what another release has is for this one to refuse
        live -= {word for release in releases() for word in plugins(release.version)}
    if words - live:
        has = {line.strip().removeprefix("dns.") for line in _output(program.path, "-plugins").splitlines()}
        return frozenset(words & (live | has))
    return frozenset(words)


def _earlier(case: Case) -> Binary | None:
    """The program of the release that reads the text now, if one is at hand."""
    try:
        return binary_of(None, _nearest(case.version)) if case.version else None
    except UnavailableError:
        return None


def _other(case: Case, program: Binary) -> bool:
    """Does the cluster run another release?"""
    return bool(case.version) and str(case.version).removeprefix("v") != program.version


def _transcript(case: Case, runs: Sequence[_Run], *, computed: bool) -> tuple[str, ...]:
    program, how = runs[-1].program, "on loopback, asked over UDP and TCP"
    if case.moves:
        which = "the candidate" if computed or len(runs) > 1 else "the text"
        said = [f"CoreDNS {run.program.version} ({run.program.path}) ran the current text {how}" for run in runs[:-1]]
        said.append(f"CoreDNS {program.version} ({program.path}) ran {which} {how}")
        said += [f"no CoreDNS {case.version} is on this machine: what it answers now is computed"] if computed else []
    else:
        said = [f"CoreDNS {program.version} ({program.path}) ran {'the text' if len(runs) == 1 else 'each of the two texts'} {how}"]
    if case.version is None:
        said.append("the release that the cluster runs is not known")
    elif not case.moves and _other(case, program):
        said.append(f"the cluster runs CoreDNS {case.version}, which may answer differently")
    if runs[0].said:
        said.append(f"the current text does not load: {runs[0].explained()}")
    return (*said, *dict.fromkeys(note for run in runs for note in run.text.notes))


def _free_port() -> int:
    """A port that nobody uses for UDP or TCP, as far as can be told without keeping it."""
    for _ in range(50):
        with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams, suppress(OSError):
            stream.bind((ADDRESS, 0))
            datagrams.bind(stream.getsockname())
            return int(stream.getsockname()[1])
    raise UnavailableError(f"no port is free on {ADDRESS}")


def _running(stack: ExitStack, staged: Sequence[tuple[Corefile, Binary, Machine]]) -> list[_Run]:
    """Every text in a process of its own, started at once, until the stack is left."""
    started = [_started(stack, text, machine, program) for text, program, machine in staged]
    runs = [run._replace(said=process.loaded()) for run, process in started]
    if any("address already in use" in run.said for run in runs):
        raise _Taken
    for run, (_, process) in zip(runs, started, strict=True):
        if process.folder in run.said:
            raise UnavailableError(f"CoreDNS {run.program.version} does not load what stands in for the cluster: {run.said}")
    return runs


def _started(stack: ExitStack, corefile: Corefile, machine: Machine, program: Binary) -> tuple[_Run, _Process]:
    try:
        folder = tempfile.mkdtemp(prefix="remedy-sandbox-")
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        token = f"remedy-{secrets.token_hex(8)}"
        run = runnable(corefile, machine._replace(folder=folder, token=token))
        for name, content in {"Corefile": run.text, **run.files}.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise UnavailableError(f"no folder for the sandbox can be made: {error}", "TMPDIR names another place for it") from None
    if found := beyond(run, folder, machine.upstream, machine.foreign):
        raise UnavailableError(f"the sandbox would not keep this text inside: {'; '.join(found)}", "validate with the model or a canary")
    process = stack.enter_context(_process(folder, program.path))
    return _Run(corefile, run, token, "", program), process


class _Process:
    """A CoreDNS under its watching shell; `loaded` waits until it serves or has ended."""

    def __init__(self, folder: str, program: str) -> None:
        self.folder = folder
        self._lines: list[str] = []
        self._known = threading.Event()
        argv = ["/bin/sh", "-c", _WATCHED, "sh", folder, program, "-conf", "Corefile"]
        try:
            self._shell = subprocess.Popen(
                argv, env=_ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
            )
        except OSError as error:
            raise UnavailableError(f"/bin/sh, which watches over the sandbox, cannot be started: {error.strerror}") from None
        self._reader = threading.Thread(target=self._read, name="sandbox log", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._shell.stdout is not None
        for line in self._shell.stdout:
            if len(self._lines) < 1000:
                self._lines.append(line.decode(errors="replace").strip())
            if line.startswith(b"CoreDNS-"):  # its name comes when every port is served
                self._known.set()
        self._lines.append("")
        self._known.set()

    def loaded(self) -> str:
        """Nothing, or what CoreDNS said when it ended. UnavailableError if it does neither in time."""
        if not self._known.wait(_START):
            raise UnavailableError(f"CoreDNS is not ready after {_START:g} s: {' | '.join(self._lines[-3:])}")
        if any(line.startswith("CoreDNS-") for line in self._lines):
            return ""
        said = [line for line in self._lines if line and not line.startswith(("maxprocs:", "[INFO]", "[WARNING]"))]
        return said[-1] if said else "it ended without a word"

    def stop(self) -> None:
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        with suppress(OSError):
            self._shell.stdin.close()
        try:
            self._shell.wait(_STOP)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._shell.pid, 9)
            self._shell.wait()
        self._reader.join(_STOP)
        self._shell.stdout.close()


@contextmanager
def _process(folder: str, program: str) -> Iterator[_Process]:
    process = _Process(folder, program)
    try:
        yield process
    finally:
        process.stop()


def _sides(runs: Sequence[_Run], asked: Sequence[Question], machine: Machine) -> list[Side]:
    """What each process answers to every question; where it cannot be told, an unknown reply with the reason."""
    ports = [(number, port) for number, run in enumerate(runs) if not run.said for port in run.text.ports]
    servers = [(ADDRESS, port, runs[number].token) for number, port in ports]
    heard = dict(zip(ports, converse(servers, asked), strict=True))
    sides: list[Side] = []
    for number, run in enumerate(runs):
        if run.said:
            sides.append(dict.fromkeys(asked, Reply("", unknown=f"CoreDNS does not load this text: {run.said}")))
            continue
        each = [found for (of, _), found in heard.items() if of == number]
        sides.append({question: _reply(run, question, [found[question] for found in each], machine) for question in asked})
    return sides


def _reply(run: _Run, question: Question, found: Sequence[Asked], machine: Machine) -> Reply:
    name, type_ = question
    if not found:
        return Reply("", unknown="no server block serves plain DNS")
    if any(each.disagreed for each in found):
        return Reply("", unknown=f"UDP and TCP answer differently: {next(each.disagreed for each in found if each.disagreed)}")
    if len(set(found)) > 1:
        return Reply("", unknown="the ports or addresses that the text serves answer differently")
    for zone, reason in run.text.blind.items():
        if covers(zone, name):
            return Reply("", unknown=reason)
    odd = any(covers(zone, name) and unplayable(zone, name, machine.world, pods=pods) for zone, pods in run.text.clusters.items())
    if odd or _rests_on_more(run, name):
        told = reply(run.corefile, name, type_, machine.world, version=run.program.version)
        if told.unknown:
            return told
    rcode, has_records, other_records, has_soa = found[0].seen
    return Reply(rcode, has_records, has_soa=has_soa, other_records=other_records)


def _rests_on_more(run: _Run, name: str) -> bool:
    """Could the answer depend on what is not here: in the name's own server block, or behind an alias that leads to another?"""
    if not run.text.hollow:
        return False
    zones = [(len(zone), block) for block in run.corefile.blocks for zone in zones_of(block) if covers(zone, name)]
    longest = max((length for length, _ in zones), default=0)
    blocks = [block for length, block in zones if length == longest]
    aliases = any("CNAME" in word.text.upper() for block in blocks for plugin in block.plugins for word in plugin.words())
    return aliases or any(block is each for block in blocks for each in run.text.hollow)
