"""What the verbs say: data on stdout, talk on stderr, a question on a terminal, and the command that comes next."""

from __future__ import annotations

import argparse
import shlex
import sys
from typing import TYPE_CHECKING, Any

from remedy.errors import InputError, RemedyError
from remedy.mask import visible
from remedy.plan import Change, Plan
from remedy.report import text
from remedy.talk import say

if TYPE_CHECKING:
    from remedy.sources.document import Target
    from remedy.validate.verdict import Validation


def show(options: argparse.Namespace, plan: Plan, validation: Validation | None) -> None:
    """Below a diff: the answers that change, the verdict, and what was left."""
    if plan.releases:
        talk(options, plan.releases)
    if validation:
        talk(options, text.answers(validation.answers, everything=options.verbose) + text.verdict(validation), end="")
    for change in plan.changes:
        show_left(options, change)
    if any(change.target.kind == "cluster" and change.before != change.after for change in plan.changes):
        talk(options, f"fingerprint {plan.fingerprint}")


def show_left(options: argparse.Namespace, change: Change) -> None:
    for finding in change.left:
        if finding.wrong or options.verbose:
            talk(options, "left: " + text.finding(change.target.shown, finding), end="")
    silenced = sum(finding.suppressed is not None for finding in change.left)
    if silenced:
        talk(options, f"{change.target.shown}: {text.count(silenced, 'finding')} suppressed by a comment; --verbose shows the reasons")


def confirmed(options: argparse.Namespace, what: str) -> bool:
    if options.yes:
        return True
    if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        raise InputError(f"to {what}, remedy needs a terminal to ask on; nothing was written", "without one, add --yes")
    say(f"{what}? [y/N] ", end="")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def place(target: Target) -> str:
    """A Corefile's name: in a manifest, the path and the ConfigMap's own."""
    if target.kind not in ("manifest", "stdin") or target.key is None:
        return target.shown
    return ":".join([target.shown, "/".join(each for each in (target.namespace, target.name, target.key) if each)])


def command(options: argparse.Namespace, *words: str) -> str:
    """A command that does the next thing, in the same place and manner."""
    place = ("kubeconfig", "context", "namespace", "configmap")
    flags = [word for name in place for word in _given(options, name)]
    flags += ["--as", options.user] if options.user is not None else []
    if words[0] == "diff":
        flags += ["--style", options.style] if options.style != "documented" else []
        flags += [word for name, value in options.fix for word in ("--fix", f"{name}={value}")]
        chosen = (("--select", options.select), ("--ignore", options.ignore))
        flags += [word for flag, words in chosen if words for word in (flag, ",".join(words))]
        flags += [word for flag in ("coredns_version", "to") for word in _given(options, flag)]
        flags += [f"--{flag}" for flag in ("soa", "unsafe", "eager", "defaults") if getattr(options, flag)]
    return shlex.join(["remedy", *words, *flags, *(["--demo"] if options.demo else [])])


def _given(options: argparse.Namespace, name: str) -> tuple[str, ...]:
    value = getattr(options, name)
    return () if value is None else (f"--{name.replace('_', '-')}", value)


def any_wrong(findings: Any) -> bool:
    return any(finding.wrong for finding in findings)


def talk(options: argparse.Namespace, words: str, *, end: str = "\n") -> None:
    if not options.quiet:
        say(visible(words), end=end)


def print_json(data: Any) -> None:
    import json

    print_data(json.dumps(data, indent=1) + "\n")


def print_data(words: str) -> None:
    """Data, as bytes: what was not valid UTF-8 in a Corefile leaves as it came, except on a terminal."""
    if sys.stdout is None:  # closed by a caller that wants the exit code alone
        return
    if sys.stdout.isatty():
        words = visible(words)
    try:
        sys.stdout.buffer.write(words.encode("utf-8", "surrogateescape"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise RemedyError(f"standard output cannot be written: {error.strerror}", "what was to be shown is not complete") from None
