"""Real CoreDNS programs are asked for the words of releases.toml: each must load those that its release knows and refuse the others.

A plugin that does not look into its block passes everything over, so there a word that is not known does nothing and is not refused.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from remedy.answers.plugins import version_of
from remedy.releases import options, plugins
from tests.migration.loading import refused

_DATA = Path(__file__).parents[2] / "fixtures/releases"
WORDS: dict[str, dict[str, str]] = tomllib.loads((_DATA / "words.toml").read_text())
REFUSED: list[dict[str, str]] = tomllib.loads((_DATA / "refused.toml").read_text())["refused"]
_PASSED_OVER = {"dnstap": (1, 14, 4), "loadbalance": (1, 12, 4), "local": (1, 14, 4)}  # until it looks into its block


def disagreements(version: str) -> list[str]:
    """Each word that the release's program loads or refuses against what the data says, with the program's last words."""
    asked = [(plugin, word) for plugin, words in WORDS.items() for word in words if word != "line"]
    known = [each for each in asked if _known(version, *each)]
    unknown = [each for each in asked if each not in known and not _passed_over(version, *each)]
    said = refused([_written(*each) for each in known], version)
    wrong = [f"{' '.join(known[number])}: refused: {why}" for number, why in said.items()]
    said = refused([_written(*each) for each in unknown], version, at_once=1)
    return wrong + [f"{' '.join(each)}: loaded" for number, each in enumerate(unknown) if number not in said]


def refusals(version: str) -> list[str]:
    """Each text of refused.toml with which the release's program does not do as it stands there."""
    asked = [case for case in REFUSED if case["text"].split()[0] in plugins(version)]
    said = refused([f"example.org {{\n{case['text']}\n}}\n" for case in asked], version, at_once=1)
    wrong = [(case, said.get(place, "loaded")) for place, case in enumerate(asked) if _refused(version, case) != (place in said)]
    return [f"{case['text']!r}: {found}" for case, found in wrong]


def _refused(version: str, case: dict[str, str]) -> bool:
    number = version_of(version)
    since = version_of(case["since"]) <= number if "since" in case else None
    before = number < version_of(case["before"]) if "before" in case else None
    if since is None or before is None:
        return bool(since or before)
    between = version_of(case["since"]) < version_of(case["before"])
    return since and before if between else since or before


def _known(version: str, plugin: str, word: str) -> bool:
    return plugin in plugins(version) and (word == "head" or word in (options(version, plugin) or ()))


def _passed_over(version: str, plugin: str, word: str) -> bool:
    return plugin in plugins(version) and word != "head" and version_of(version) < _PASSED_OVER.get(plugin, ())


def _written(plugin: str, word: str) -> str:
    """A server block with this word in it."""
    words = WORDS[plugin]
    head, how = words.get("head") or words["line"], words[word] or word
    if word == "head" or how.split()[0] == plugin:
        return f"example.org {{\n{how}\n}}\n"
    first = head.rpartition(" {\n")[0] if head.endswith("}") else head
    return f"example.org {{\n{first} {{\n{how}\n}}\n}}\n"
