"""The command line: words in, data on stdout, talk on stderr, the exit code as the verdict (docs and contract: remedy --help).

Importing this module must stay cheap: `remedy --version` runs in scripts. Everything a verb needs is imported when that verb runs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from remedy import __version__
from remedy.errors import Interrupted, RemedyError

_EPILOG = """\
TARGET is a Corefile, a YAML or JSON manifest, a directory, or - for standard input; without one it is the live cluster.
exit codes: 0 nothing to do, or done and verified; 1 findings, or a change is pending; 2 usage or environment;
3 the target changed, nothing written; 4 validation failed, nothing written; 5 written, not healthy, put back;
6 could not be undone, a person must; 70 a fault in remedy itself; 130, 143 interrupted, nothing written
"""


def parser() -> argparse.ArgumentParser:
    """Every verb and flag that is built; others are not accepted."""
    common = argparse.ArgumentParser(add_help=False)
    where = common.add_argument_group("where")
    where.add_argument("--kubeconfig", metavar="FILE", help="default: KUBECONFIG, ~/.kube/config, or the pod's own service account")
    where.add_argument("--context", metavar="NAME", help="a context of the kubeconfig; default: its current one")
    where.add_argument("--namespace", "-n", default="kube-system", metavar="NAME", help="default: kube-system")
    where.add_argument("--configmap", default="coredns", metavar="NAME", help="default: coredns")
    where.add_argument(
        "--request-timeout", type=_seconds, default=10.0, metavar="S", help="for a single call to the API server; default: 10"
    )
    where.add_argument("--demo", action="store_true", help="an embedded cluster with the incident in it; needs no Kubernetes")
    output = common.add_argument_group("output")
    output.add_argument("--format", choices=("text", "json"), default="text", help="of what goes to stdout; default: text")
    output.add_argument("--quiet", action="store_true", help="no talk on stderr but errors")
    output.add_argument("--verbose", action="store_true", help="every answer, not only those that change")

    changing = argparse.ArgumentParser(add_help=False)
    how = changing.add_argument_group("how a fix is written")
    how.add_argument("--style", choices=("documented", "explicit", "minimal"), default="documented", help="default: documented")
    how.add_argument("--unsafe", action="store_true", help="take fixes too that may lose a lookup")

    validating = argparse.ArgumentParser(add_help=False)
    validating.add_argument("--validate", choices=("auto", "model", "none"), default="auto", help="who judges the change; default: auto")

    applying = argparse.ArgumentParser(add_help=False)
    write = applying.add_argument_group("writing")
    write.add_argument("--yes", action="store_true", help="do not ask")
    write.add_argument("--timeout", type=_seconds, default=180.0, metavar="S", help="until every replica has to answer; default: 180")

    root = argparse.ArgumentParser(
        "remedy",
        description="Finds what makes a CoreDNS configuration break its clients, proves the repair, applies it and undoes it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action="version", version=f"remedy {__version__}")
    verbs = root.add_subparsers(metavar="VERB", dest="verb")

    def verb(name: str, about: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        return verbs.add_parser(
            name,
            help=about,
            description=about[0].upper() + about[1:] + ".",
            parents=[*parents, common],
            epilog=_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    verb("scan", "what is wrong, and where", changing).add_argument("targets", nargs="*", metavar="TARGET")
    diff = verb("diff", "the change as a unified diff, and the answers that change with it", changing)
    diff.add_argument("targets", nargs="*", metavar="TARGET")
    diff.add_argument("--out", metavar="PLAN", help="save the plan, for: remedy apply PLAN")
    diff.add_argument("--validate", choices=("auto", "model", "none"), default="auto", help="who judges the change; default: auto")
    validate = verb("validate", "what each resolver gets, before and after the change", changing, validating)
    validate.add_argument("targets", nargs="*", metavar="TARGET|PLAN")
    apply = verb(
        "apply", "make the change, wait until every replica answers by it, undo it if one does not", changing, validating, applying
    )
    apply.add_argument("targets", nargs="*", metavar="TARGET|PLAN")
    apply.add_argument("--dry-run", action="store_true", help="stop before writing; like diff")
    apply.add_argument("--expect", metavar="FINGERPRINT", help="write only if the plan has this fingerprint")
    rollback = verb("rollback", "put back what a record says stood there before", applying)
    rollback.add_argument("record", nargs="?", metavar="RECORD", help="default: the newest change of the live Corefile")
    rollback.set_defaults(targets=[])
    verb("history", "the records: who changed what, when, and how it ended").add_argument("record", nargs="?", metavar="RECORD")
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code is the contract's."""
    root = parser()
    options = root.parse_args(arguments)
    if options.verb is None:
        root.print_help(sys.stderr)
        return 2
    from remedy import verbs
    from remedy.signals import Signals

    with Signals() as signals:
        try:
            return verbs.run(options, signals)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 2
        except RemedyError as error:
            if signals.number and error.exit_code < 5:
                error = Interrupted(signals.number)
            verbs.report(error)
            return error.exit_code
        except Exception as error:
            verbs.report_fault(error, writing=signals.writing)
            return 70


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds between 0 and a day")
    return value


if __name__ == "__main__":
    sys.exit(main())
