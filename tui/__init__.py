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
    from tui.app import RemedyApp
    from tui.given import given

    return RemedyApp(given(options)).run() or 0
