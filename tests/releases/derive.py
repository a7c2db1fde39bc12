"""What a CoreDNS release knows, read from its own source, and where releases.toml disagrees with it.

The program in words/ reads the setup code without running it. It takes every word that the code compares the Corefile with, so it finds
some that are no options, and misses those that the code looks up in a map: both are listed below, each with its reason.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from remedy import releases
from remedy.answers.plugins import SETUP, order, version_of
from tests.testbed.build import go_program, module_dir

MODULE = "github.com/coredns/coredns"
WORDS = Path(__file__).parent / "words"

_ALWAYS = (0,)
_NEVER = (9999,)

# Words that are no options, or that the release refuses all the same: the plugin, the word, from and until which release.
_NONE = (
    ("health", "OK", _ALWAYS, _NEVER),  # the body of its own page
    ("forward", "53", _ALWAYS, _NEVER),  # a port
    ("kubernetes", "endpoint http", _ALWAYS, _NEVER),  # a scheme
    ("ready", "continuously", _ALWAYS, _NEVER),  # asked for once more outside of the block
    ("acl", "net", _ALWAYS, _NEVER),  # follow the action on its line
    ("acl", "type", _ALWAYS, _NEVER),
    ("header", "aa", _ALWAYS, _NEVER),  # flags, behind the action
    ("header", "ra", _ALWAYS, _NEVER),
    ("header", "rd", _ALWAYS, _NEVER),
    ("header", "set", (1, 12, 4), _NEVER),  # behind query or response only
    ("header", "clear", (1, 12, 4), _NEVER),
    ("kubernetes", "transfer from", _ALWAYS, _NEVER),  # refused: only a secondary has one
    ("file", "transfer from", _ALWAYS, _NEVER),
    ("auto", "transfer from", _ALWAYS, _NEVER),
    ("kubernetes", "resyncperiod", (1, 6, 0), _NEVER),  # its value is not passed over, and refused as an option
)
# Where a word stands elsewhere than the code that compares it.
_ELSEWHERE = {
    ("auto", "from"): "transfer from",
    ("auto", "to"): "transfer to",
    ("errors", "debug"): "consolidate debug",
    ("errors", "error"): "consolidate error",
    ("errors", "info"): "consolidate info",
    ("errors", "warning"): "consolidate warning",
    ("loadbalance", "weighted reload"): "reload",
    ("rewrite", "name regex answer"): "answer",
    ("rewrite", "name regex name"): "answer name",
    ("rewrite", "name regex value"): "answer value",
    ("rewrite", "name answer"): "answer",
    ("rewrite", "name auto"): "answer auto",
    ("rewrite", "name value"): "answer value",
    ("rewrite", "edns0 unset local"): "edns0 unset",
    ("rewrite", "edns0 unset nsid"): "edns0 unset",
    ("rewrite", "edns0 unset subnet"): "edns0 unset",
}
# Words that are not compared one by one: the plugin, the word, from and until which release.
_MISSED = (
    ("errors", "consolidate debug", (1, 14, 0), _NEVER),  # a map of levels
    ("errors", "consolidate error", (1, 14, 0), _NEVER),
    ("errors", "consolidate info", (1, 14, 0), _NEVER),
    ("errors", "consolidate warning", (1, 14, 0), _NEVER),
    ("loadbalance", "round_robin", _ALWAYS, (1, 2, 0)),  # any argument was taken
    ("proxy", "protocol https_google bootstrap", (1, 1, 4), (1, 2, 0)),  # passed over with all that stands behind it
    ("rewrite", "answer name", _ALWAYS, _NEVER),  # the constant has the name of the rule around it
)


class Derived(NamedTuple):
    """What one release's source says: plugins in the order in which they see a query, and the words of those that are in it."""

    order: tuple[str, ...]
    words: dict[str, frozenset[str]]


def derive(version: str, folder: Path) -> Derived:
    """Read the source of a release in this folder."""
    found = json.loads(subprocess.run([_program(), str(folder)], check=True, capture_output=True, timeout=120).stdout)
    return Derived(tuple(found["order"]), {plugin: _options(version, plugin, words or ()) for plugin, words in found["words"].items()})


def source(version: str) -> Path:
    """The folder with the release's source, from the Go proxy; RuntimeError where it has none."""
    return module_dir(MODULE, f"v{version}")


def disagreements(version: str, folder: Path) -> list[str]:
    """Each place where releases.toml says something else than the source of the release, as a sentence."""
    found, said = derive(version, folder), releases.plugins(version)
    wrong = [f"{plugin}: in plugin.cfg, not in the data" for plugin in found.order if plugin not in said]
    wrong += [f"{plugin}: in the data, not in plugin.cfg" for plugin in sorted(said - {*found.order})]
    for plugin, words in sorted(found.words.items()):
        known = releases.options(version, plugin) or frozenset()
        wrong += [f"{plugin} {word}: in the source, not in the data" for word in sorted(words - known)]
        wrong += [f"{plugin} {word}: in the data, not in the source" for word in sorted(known - words)]
    run = [plugin for plugin in order(version_of(version)) if plugin in found.order and plugin not in SETUP]
    if run != [plugin for plugin in found.order if plugin in run]:
        wrong.append("answers/plugins.py has another order of plugins")
    lines = (line for line in releases.between("1.1.2", version) if line.version == version and line.source.startswith(("plugin", "core")))
    return wrong + [f"{line.source}: named as a source, not in the release" for line in lines if not (folder / line.source).exists()]


def _options(version: str, plugin: str, words: Iterable[str]) -> frozenset[str]:
    number = version_of(version)
    found = {_ELSEWHERE.get((plugin, word), word) for word in words}
    found |= {word for name, word, since, until in _MISSED if name == plugin and since <= number < until}
    for word in list(found):
        found |= {word.rsplit(" ", count)[0] for count in range(1, word.count(" ") + 1)}
    return frozenset(found - {word for name, word, since, until in _NONE if name == plugin and since <= number < until})


@cache
def _program() -> Path:
    return go_program(WORDS, "words", "1")
