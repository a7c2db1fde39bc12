"""The command line: words in, data on stdout, talk on stderr, the exit code as the verdict (docs and contract: remedy --help).

Importing this module must stay cheap: `remedy --version` runs in scripts. Everything a verb needs is imported when that verb runs.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import sys
from collections.abc import Callable, Sequence

from remedy import __version__
from remedy.errors import Interrupted, RemedyError

_REVIEWED = ("diff", "validate", "explain")  # what they say goes into reviews, as Markdown
_EPILOG = """\
TARGET is a Corefile, a YAML or JSON manifest, a directory, or - for standard
input; without one it is the live cluster.
exit codes: 0 nothing to do, or done and verified; 1 findings, or a change is
pending; 2 usage or environment; 3 the target changed, nothing written;
4 validation failed, nothing written; 5 written, not healthy, put back;
6 could not be undone, a person must; 70 a fault in remedy itself;
130, 143 interrupted, nothing written
"""


def parser(words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Every verb that is built; of the flags, those of the verbs among `words`: building all of them costs every run."""
    root = argparse.ArgumentParser(
        "remedy",
        description="Finds what makes a CoreDNS configuration break its clients, proves the repair,\napplies it and undoes it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action="version", version=f"remedy {__version__}")
    verbs = root.add_subparsers(metavar="VERB", dest="verb")
    for name, (about, groups) in _VERBS.items():
        verb = verbs.add_parser(
            name,
            help=about,
            description=about[0].upper() + about[1:] + ".",
            epilog=_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name in words:
            for add in (*groups, _add_where):
                add(verb)
            _add_output(verb, ("text", "json", *(("markdown",) if name in _REVIEWED else ())) if name != "tui" else ())
    return root


def _add_where(verb: argparse.ArgumentParser) -> None:
    where = verb.add_argument_group("where")
    where.add_argument("--kubeconfig", metavar="FILE", help="default: KUBECONFIG, ~/.kube/config, or the pod's own service account")
    where.add_argument("--context", metavar="NAME", help="a context of the kubeconfig; default: its current one")
    where.add_argument("--as", dest="user", metavar="USER", help="act in the cluster as this user; needs the right to impersonate")
    where.add_argument("--namespace", "-n", metavar="NAME", help="default: where the cluster's DNS Service is")
    where.add_argument("--configmap", metavar="NAME", help="default: the one that the pods behind that Service read")
    where.add_argument(
        "--coredns-version", metavar="V", help="the release that reads it; default: as the image's tag says, else the newest"
    )
    where.add_argument("--request-timeout", type=_seconds, default=10.0, metavar="S", help="for one call to the API server; default: 10")
    where.add_argument("--read-only", action="store_true", help="nothing can be written: no apply, no rollback, no canary")
    where.add_argument("--demo", action="store_true", help="an embedded cluster with the incident in it; needs no Kubernetes")


def _add_output(verb: argparse.ArgumentParser, formats: Sequence[str]) -> None:
    output = verb.add_argument_group("output")
    output.add_argument("--no-color", action="store_true", help="as with NO_COLOR in the environment")
    if not formats:
        return
    output.add_argument("--format", choices=formats, default="text", help="of what goes to stdout; default: text")
    output.add_argument("--quiet", action="store_true", help="no talk on stderr but errors")
    output.add_argument("--verbose", action="store_true", help="every answer, not only those that change")


def _add_targets(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("targets", nargs="*", metavar="TARGET")


def _add_targets_or_plan(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("targets", nargs="*", metavar="TARGET|PLAN")


def _add_changing(verb: argparse.ArgumentParser) -> None:
    how = verb.add_argument_group("how a fix is written")
    how.add_argument("--style", choices=("documented", "explicit", "minimal"), default="documented", help="default: documented")
    how.add_argument("--soa", action="store_true", help="with an SOA record, so that caches may keep the answer that there is no address")
    how.add_argument("--fix", type=_choice, action="append", default=[], metavar="CODE=NAME", help="another fix for a code, or for ID=NAME")
    how.add_argument("--search", action="append", default=[], metavar="DOMAIN", help="the nodes search it, too: less is safe there")
    how.add_argument("--unsafe", action="store_true", help="take fixes too that may lose a lookup")
    which = verb.add_argument_group("which rules")
    which.add_argument("--select", type=_words, default=(), metavar="CODE,...", help="codes, their beginnings, names of rules, ids")
    which.add_argument("--ignore", type=_words, default=(), metavar="CODE,...", help="codes, their beginnings, names of rules")


def _add_moving(verb: argparse.ArgumentParser) -> None:
    moving = verb.add_argument_group("to another release of CoreDNS")
    _add_to(moving)
    moving.add_argument("--eager", action="store_true", help="with --to: replace what is only deprecated there, too")
    moving.add_argument("--defaults", action="store_true", help="with --to: add what became usual in Kubernetes on the way")


def _add_to(verb: argparse._ActionsContainer) -> None:
    verb.add_argument("--to", metavar="VERSION", help="the release that is to read it, newer or older; default: the one that does")


def _add_validating(verb: argparse.ArgumentParser) -> None:
    judge = verb.add_argument_group("who judges a change, and by which names")
    default = "auto" if verb.prog.split()[-1] in ("apply", "tui") else "model"
    words = ("auto", "model", "sandbox", "canary", "none")
    judge.add_argument("--validate", choices=words, default=default, help=f"auto: the strongest that is possible here; default: {default}")
    judge.add_argument(
        "--probe", action="append", default=[], metavar="NAME", help="look up this name too; without a last dot, as a pod does"
    )
    judge.add_argument("--coredns", metavar="PATH", help="the CoreDNS for the sandbox; default: one in PATH or in the cache")
    judge.add_argument("--probe-image", default="", metavar="IMAGE", help="look names up in a pod of this image, too, by its own libc")
    judge.add_argument("--strict", action="store_true", help="whatever cannot be judged makes the validation inconclusive")


def _add_diff(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--out", metavar="PLAN", help="save the plan, for: remedy apply PLAN")


def _add_writing(verb: argparse.ArgumentParser) -> None:
    write = verb.add_argument_group("writing")
    write.add_argument("--yes", action="store_true", help="do not ask")
    write.add_argument("--timeout", type=_seconds, default=180.0, metavar="S", help="until every replica has to answer; default: 180")
    write.add_argument("--settle", type=_pause, default=None, metavar="S", help="watch for so long afterwards; default: 15 (--demo: 3)")
    write.add_argument(
        "--strategy",
        choices=("auto", "reload", "restart"),
        default="auto",
        help="how replicas take the change; default: reload where the live Corefile has that plugin, else a rolling restart",
    )
    write.add_argument("--no-poke", action="store_true", help="do not annotate the pods; wait for each kubelet's own sync")
    write.add_argument("--no-verify", action="store_true", help="write, and do not look whether the replicas take it")


def _add_apply(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--dry-run", action="store_true", help="stop before writing; like diff")
    verb.add_argument("--expect", metavar="FINGERPRINT", help="write only if the plan has this fingerprint")


def _add_force_owner(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--force-owner", action="store_true", help="write although a controller will put its own text back")


def _add_rollback(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("record", nargs="?", metavar="RECORD", help="default: the newest change of the live Corefile")
    verb.add_argument("--force", action="store_true", help="also where somebody has edited it since; that edit is lost")
    verb.set_defaults(targets=[])


def _add_history(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("record", nargs="?", metavar="RECORD", help="show this one whole")


def _add_explain(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("rule", nargs="?", metavar="CODE", help="a code or a rule's name; without it: all rules")


def _add_schema(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("name", nargs="?", metavar="NAME", help="without it: the names, one a line")


_VERBS: dict[str, tuple[str, Sequence[Callable[[argparse.ArgumentParser], None]]]] = {
    "scan": ("what is wrong, and where", (_add_targets, _add_changing, _add_moving)),
    "diff": (
        "the change as a unified diff, and the answers that change with it",
        (_add_targets, _add_changing, _add_moving, _add_validating, _add_diff),
    ),
    "validate": (
        "what each resolver gets, before and after the change",
        (_add_targets_or_plan, _add_changing, _add_moving, _add_validating),
    ),
    "apply": (
        "make the change, wait until every replica answers by it, undo it if not",
        (_add_targets_or_plan, _add_changing, _add_moving, _add_validating, _add_writing, _add_apply, _add_force_owner),
    ),
    "rollback": ("put back what a record says stood there before", (_add_rollback, _add_writing)),
    "history": ("the records: who changed what, when, and how it ended", (_add_history,)),
    "explain": ("a rule's page: what, why, an example as a diff, what its fix may lose", (_add_explain,)),
    "hash": ("the hash that CoreDNS logs for a Corefile: Running configuration SHA512", (_add_targets,)),
    "doctor": ("what this machine and this cluster allow: rights, owners, validations", (_add_to,)),
    "schema": ("the JSON Schema of a document that --format json prints", (_add_schema,)),
    "tui": (
        "all of this on the terminal, screen by screen",
        (_add_targets, _add_changing, _add_moving, _add_validating, _add_writing, _add_force_owner),
    ),
}


def run() -> None:
    """The console command: `main`, then an exit that leaves out Python's own tear-down, a tenth of a short run."""
    try:
        code = main()
    except SystemExit as stop:  # argparse: --help, --version, a usage error
        code = stop.code if isinstance(stop.code, int) else 2
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):  # a reader that left, a stream that was closed or never there
            stream.flush()
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code is the contract's. SystemExit where the words themselves end the run."""
    gc.disable()  # importing and building the grammar make many objects and no garbage; a run is short
    words = sys.argv[1:] if arguments is None else list(arguments)
    root = parser(words)
    options = root.parse_args(words)
    if options.verb is None:
        if not (words == [] and all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))):
            root.print_help(sys.stderr)
            return 2
        options = parser(["tui"]).parse_args(["tui"])
    if options.no_color:
        os.environ["NO_COLOR"] = "1"  # whoever colours looks there
    if options.verb == "tui":
        return _tui(options)
    from remedy.signals import Signals

    with Signals() as signals:
        try:
            if options.verb == "schema":  # it reads a file of the package; verbs.py would load the grammar first
                return _schema(options.name)
            from remedy import verbs

            return verbs.run(options, signals)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 2
        except RemedyError as error:
            stopped = signals.number and error.exit_code not in (5, 6)
            return _refused(Interrupted(signals.number) if stopped else error)
        except Exception as error:
            return _fault(error, writing=signals.writing)


def _tui(options: argparse.Namespace) -> int:
    """The terminal interface, which has signals and faults of its own."""
    gc.enable()  # a sitting is long
    import tui

    try:
        return tui.run(options)
    except RemedyError as error:
        return _refused(error)


def _schema(name: str | None) -> int:
    from remedy.report import schema

    sys.stdout.write(schema.text(name) if name else "".join(f"{each}\n" for each in schema.NAMES))
    sys.stdout.flush()
    return 0


def _refused(error: RemedyError) -> int:
    from remedy.talk import report

    report(error)
    return error.exit_code


def _fault(error: Exception, *, writing: bool) -> int:
    """A fault in remedy itself: where, and what state things are in."""
    import traceback

    from remedy.mask import visible
    from remedy.talk import say

    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(place.filename)}:{place.lineno}"
    say(visible(f"remedy: a fault in remedy itself: {type(error).__name__}: {error} (at {where})"))
    say("        a write was under way: remedy history names its record and how to undo it" if writing else "        nothing was written")
    return 70


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.replace(",", " ").split() if word)


def _choice(text: str) -> tuple[str, str]:
    word, _, name = text.partition("=")
    if not word or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not CODE=NAME or ID=NAME")
    return word, name


def _pause(text: str) -> float:
    return 0.0 if text in ("0", "0.0") else _seconds(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds between 0 and a day")
    return value


if __name__ == "__main__":
    run()
