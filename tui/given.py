"""What a sitting begins with: the words of the command line, as one value that the screens change copies of.

The field names are those of the parsed options, so that the functions of remedy/verbs/given.py read a sitting as they read a command.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple


class Given(NamedTuple):
    """Targets and flags; seconds are seconds. `settle` is None for the usual time, `read_only` where nothing may be written."""

    targets: tuple[str, ...] = ()
    kubeconfig: str | None = None
    context: str | None = None
    namespace: str | None = None
    configmap: str | None = None
    coredns_version: str | None = None
    request_timeout: float = 10.0
    user: str | None = None
    demo: bool = False
    read_only: bool = False
    style: str = "documented"
    soa: bool = False
    fix: tuple[tuple[str, str], ...] = ()
    search: tuple[str, ...] = ()
    unsafe: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    to: str | None = None
    eager: bool = False
    defaults: bool = False
    validate: str = "auto"
    probe: tuple[str, ...] = ()
    coredns: str | None = None
    probe_image: str = ""
    strict: bool = False
    timeout: float = 180.0
    settle: float | None = None
    strategy: str = "auto"
    no_poke: bool = False
    no_verify: bool = False
    force_owner: bool = False

    def options(self) -> argparse.Namespace:
        """As a parsed command line."""
        return argparse.Namespace(**self._asdict(), quiet=True, verbose=False)


_WHERE = ("kubeconfig", "context", "namespace", "configmap", "coredns_version", "request_timeout", "user", "demo", "read_only")
_CHANGING = ("style", "soa", "fix", "search", "unsafe", "select", "ignore", "to", "eager", "defaults")
_VALIDATING = ("probe", "coredns", "probe_image", "strict")
_WRITING = ("timeout", "settle", "strategy", "no_poke", "no_verify")
_FLAGS: Mapping[str, tuple[str, ...]] = {
    "scan": (*_CHANGING, *_WHERE),
    "diff": (*_CHANGING, *_VALIDATING, *_WHERE),
    "validate": (*_CHANGING, *_VALIDATING, *_WHERE),
    "apply": (*_CHANGING, *_VALIDATING, *_WRITING, "force_owner", *_WHERE),
    "rollback": (*_WRITING, *_WHERE),
    "tui": (*_CHANGING, *_VALIDATING, *_WRITING, "force_owner", *_WHERE),
}
_DEFAULTS = Given()


def given(options: argparse.Namespace) -> Given:
    """From parsed options; what another verb does not have keeps its default."""
    found: dict[str, Any] = {name: getattr(options, name, default) for name, default in _DEFAULTS._asdict().items()}
    frozen: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
    return Given(**frozen)


def command(words: str, start: Given) -> str:
    """The command line that does the same from here: these words, the targets, and every flag that is not at its default."""
    verb, *rest = shlex.split(words)
    if verb.startswith("-"):
        return f"remedy {words}"
    targets = start.targets if verb in ("scan", "diff", "validate", "apply", "hash", "tui") else ()
    flags = [word for name in _FLAGS.get(verb, _WHERE) for word in _flag(name, getattr(start, name))]
    return shlex.join(["remedy", verb, *rest, *targets, *flags])


def _flag(name: str, value: object) -> list[str]:
    if value == getattr(_DEFAULTS, name):
        return []
    flag = "--as" if name == "user" else f"--{name.replace('_', '-')}"
    if value is True:
        return [flag]
    if name in ("select", "ignore") and isinstance(value, tuple):
        return [flag, ",".join(value)]
    if name == "fix" and isinstance(value, tuple):
        return [word for code, chosen in value for word in (flag, f"{code}={chosen}")]
    if isinstance(value, tuple):
        return [word for each in value for word in (flag, str(each))]
    return [flag, f"{value:g}" if isinstance(value, float) else str(value)]
