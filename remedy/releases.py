"""CoreDNS's releases: what each one knows, and what changed from one to the next (releases.toml).

An option is one word or more: `policy` is the option of forward, `policy sequential` what may stand behind it. Which plugin sees a query
first is not here but in answers/plugins.py, which the check of this data (`make releases-check`) holds against the same sources.
"""

from __future__ import annotations

import contextlib
import functools
import pickle
import pkgutil
import re
from typing import Any, Literal, NamedTuple, get_args

from remedy.answers.plugins import version_of
from remedy.errors import InputError

Kind = Literal["added", "deprecated", "ignored", "removed", "default", "order", "behaviour"]
TABLES = "releases.tables"
_KINDS: tuple[Kind, ...] = get_args(Kind)
_NUMBERS = re.compile(r"v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4})(?!\d))?(?P<rest>.*)", re.ASCII | re.DOTALL)
_KUBEADM = "k8s.io/kubernetes/cmd/kubeadm/app/phases/addons/dns/manifests.go"
_ELSEWHERE = "on"  # commands to run, read by the parser's own repository
_AHEAD = 5  # minor releases beyond the newest one; what lies further is another program's number


class Changed(NamedTuple):
    """One line of the data. `option` is "" for the plugin itself; `source` is a file of CoreDNS at that release."""

    version: str
    kind: Kind
    plugin: str
    option: str = ""
    replaced_by: str = ""
    text: str = ""
    source: str = ""


class Release(NamedTuple):
    """A release and the day of its tag (ISO 8601)."""

    version: str
    date: str


class Nearest(NamedTuple):
    """The release that is known here, and a sentence where it is not the one that was asked for."""

    version: str
    note: str = ""


class _State(NamedTuple):
    """What a release's own program knows."""

    plugins: frozenset[str]
    words: dict[str, frozenset[str]]


@functools.cache
def releases() -> tuple[Release, ...]:
    """All of them, the oldest first."""
    return tuple(Release(version, entry["date"]) for version, entry in _data().items())


def known(version: str) -> bool:
    """Whether this is one of them, written as `1.15.0`."""
    return version in _data()


def nearest(word: str) -> Nearest:
    """The release that a tag or a version means; InputError for what cannot be one of CoreDNS.

    A suffix tells nothing (`v1.11.1-eksbuild.4` is 1.11.1); two numbers are the newest release of that line; a patch release that is not
    known is taken for the next older one, and what is newer than all for the newest.
    """
    versions = list(_data())
    oldest, newest = versions[0], versions[-1]
    match = _NUMBERS.fullmatch(word)
    range_hint = f"give a release from {oldest} to {newest}"
    if not match or (match[3] is None and match["rest"]):
        raise InputError(f"{word!r} is no version of CoreDNS", range_hint)
    found = tuple(int(number) for number in match.groups()[:3] if number is not None)
    if found[0] != 1 or found[1] > version_of(newest)[1] + _AHEAD:
        raise InputError(f"there is no CoreDNS {_dotted(found)}", range_hint)
    below = [version for version in versions if version_of(version)[: len(found)] <= found]
    if not below:
        raise InputError(f"CoreDNS {_dotted(found)} is older than the oldest release known here", range_hint)
    version = below[-1]
    if version_of(version) == found:
        return Nearest(version)
    if version_of(version)[: len(found)] == found:
        return Nearest(version, f"{_dotted(found)} is taken for {version}, the newest of that line")
    newer = "newer than the newest release known here" if version == newest else "no release known here"
    return Nearest(version, f"CoreDNS {_dotted(found)} is {newer}; it is taken for {version}")


@functools.cache
def meant(word: str | None) -> str | None:
    """The release that `nearest` takes a word for; None where nobody named one, or where it cannot be one of CoreDNS."""
    try:
        return nearest(word).version if word is not None else None
    except InputError:
        return None


@functools.lru_cache(maxsize=256)
def between(after: str, until: str) -> tuple[Changed, ...]:
    """What changed after one release up to and with another, the oldest first.

    Where `until` is the older one it is the way down: what changed after `until` up to and with `after`, the newest first.
    """
    low, high = sorted((version_of(after), version_of(until)))
    found = [line for line in _lines() if low < version_of(line.version) <= high]
    return tuple(found if version_of(after) <= version_of(until) else reversed(found))


def plugins(version: str) -> frozenset[str]:
    """The plugins in the release's own program (its plugin.cfg); InputError where the release is not known."""
    return _state(version).plugins


def options(version: str, plugin: str) -> frozenset[str] | None:
    """The words that the plugin takes in this release, on its own line or in its block, those with what stands before them for sub-words:
    `policy`, `policy sequential`. In hosts and federation, lines that begin with another word are records and names.

    None where the plugin is not in the release, or lives in another repository (`on`). InputError where the release is not known.
    """
    state = _state(version)
    return None if plugin == _ELSEWHERE or plugin not in state.plugins else state.words.get(plugin, frozenset())


@functools.cache
def status(version: str, plugin: str, option: str = "") -> Changed | None:
    """The line that is in force at this release if the plugin or option is deprecated, ignored or removed there; None if it is fine."""
    until = version_of(version)
    last = next((each for each in reversed(_history().get((plugin, option), ())) if version_of(each.version) <= until), None)
    return last if last and last.kind != "added" else None


@functools.cache
def _data() -> dict[str, dict[str, Any]]:
    """releases.toml by version; what it says lies beside it, ready to be read (`make releases`): TOML takes longer than all the rest."""
    text = pkgutil.get_data("remedy", "releases.toml")
    assert text is not None
    with contextlib.suppress(OSError):
        made = pickle.loads(pkgutil.get_data("remedy", TABLES) or b"")
        if made["of"] == text:
            ready: dict[str, dict[str, Any]] = made["data"]
            return ready
    import tomllib  # only where the table is of another text

    return tomllib.loads(text.decode())


@functools.cache
def _lines() -> tuple[Changed, ...]:
    return tuple(_line(version, entry) for version, release in _data().items() for entry in release.get("changes", ()))


@functools.cache
def _history() -> dict[tuple[str, str], list[Changed]]:
    """The lines that say how a plugin or option stands, by its words."""
    found: dict[tuple[str, str], list[Changed]] = {}
    for line in _lines():
        if line.kind in ("added", "deprecated", "ignored", "removed"):
            found.setdefault((line.plugin, line.option), []).append(line)
    return found


def _line(version: str, entry: dict[str, str]) -> Changed:
    """One entry: its kind is the key under which the plugin and the option stand."""
    (kind,) = (kind for kind in _KINDS if kind in entry)
    plugin, _, option = entry[kind].partition(" ")
    usual = {"setup": f"plugin/{plugin}/setup.go", "notes": f"notes/coredns-{version}.md", "kubeadm": _KUBEADM}
    source = usual.get(entry["source"], entry["source"])
    return Changed(version, kind, plugin, option, entry.get("by", ""), entry.get("text", ""), source)


@functools.cache
def _state(version: str) -> _State:
    if not known(version):
        raise InputError(f"CoreDNS {version} is not known here", "ask for the nearest release first")
    base = next(iter(_data().values()))
    plugins = set(base["plugins"])
    known_words = {plugin: set(words) for plugin, words in base["options"].items()}
    for line in _lines():
        if version_of(line.version) > version_of(version):
            break
        if line.kind == "added":
            (known_words.setdefault(line.plugin, set()) if line.option else plugins).add(line.option or line.plugin)
        elif line.kind == "removed" and line.option:
            words = known_words.get(line.plugin, set())
            words -= {word for word in words if word == line.option or word.startswith(f"{line.option} ")}
        elif line.kind == "removed":
            plugins.remove(line.plugin)
            known_words.pop(line.plugin, None)
    return _State(frozenset(plugins), {plugin: frozenset(words) for plugin, words in known_words.items()})


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))
