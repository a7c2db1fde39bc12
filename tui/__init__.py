"""The terminal interface of remedy, over the same service as the command line.

Importing this package loads nothing of textual: `run` does, and is called by `remedy tui` alone.
"""

from __future__ import annotations

import argparse
import sys


def run(options: argparse.Namespace) -> int:
    """One sitting, from the words of the command line to the exit code. InputError where there is no terminal."""
    from remedy.errors import InputError

    if not all(stream is not None and not stream.closed and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise InputError("the terminal interface needs a terminal", "without one: remedy scan, remedy diff, remedy apply --yes")
    from remedy.verbs.given import settle

    if "-" in options.targets:
        raise InputError("standard input is the terminal here", "name a file: remedy tui FILE")
    from tui.app import RemedyApp
    from tui.given import command, given

    settle(options)
    start = given(options)
    app = RemedyApp(start)
    code = app.run() or 0
    if app.under_way is not None and app.fault is None:
        code = app.under_way.wait() or code if app.writing else code
    if app.fault is not None:
        from tui import crash

        code = crash.end(app.fault, app.under_way, command("tui", start))
    elif app.session is not None:
        from tui.leaving import summary

        sys.stdout.write(summary(app.session, app.under_way))
        sys.stdout.flush()
    if app.session is not None:
        app.session.close()
    return code
