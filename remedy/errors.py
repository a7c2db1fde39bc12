"""Everything remedy refuses, as one tree; the exit code of the command line sits on each class.

A newcomer would raise ValueError: an operator then reads a traceback. Raise one of these, with what happened, where, and what to do next.

    RemedyError                 2   usage or environment
    ├── InputError              2   something that was to be read cannot be
    │   ├── NoCorefileError     2   what was read holds none
    │   ├── ParseError          2   a text that CoreDNS refuses (FILE:LINE:COLUMN)
    │   └── ManifestError       2   YAML or JSON without a Corefile that can be read and edited
    ├── RuleError               2   a rule cannot be used, or its fix does not do what it promises; nothing was written
    ├── ClusterError            2   the API server: unreachable, forbidden, not found
    │   └── UnknownOutcomeError 2   a write was sent and no answer came; what is live has to be looked at
    ├── StateError              2   records cannot be written or read
    ├── ConflictError           3   the target is not the one planned for; nothing was written
    ├── ValidationError         4   the validation failed or could not tell; nothing was written
    │   └── UnavailableError    4   a prover cannot work here, and another may
    ├── UnhealthyError          5   written, not healthy, the old text is live again
    ├── UndoError               6   the old text could not be put back; a person must
    └── Interrupted         130/143 stopped by a signal before anything was written
"""

from __future__ import annotations


class RemedyError(Exception):
    """What happened (`str(error)`) and what to do next (`hint`, empty if the message already says it)."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class InputError(RemedyError):
    """A file, a stream or an argument cannot be used as it is."""


class NoCorefileError(InputError):
    """A file was read and holds no Corefile in any form."""


class ParseError(InputError):
    """CoreDNS would refuse this text; `line` and `column` count from 1, `column` in code points; `path` is where the text was read.

    The place is the one where a person has to change something; CoreDNS itself names the line that it had reached: `said` is its whole
    message. `file` is the imported file that the place is in, "" for the Corefile; `excerpt` its line, with a caret below.
    """

    def __init__(
        self, message: str, line: int, column: int, hint: str = "", path: str = "", *, said: str = "", file: str = "", excerpt: str = ""
    ) -> None:
        super().__init__(message, hint)
        self.line = line
        self.column = column
        self.path = path
        self.said = said
        self.file = file
        self.excerpt = excerpt


class ManifestError(InputError):
    """A YAML or JSON text cannot be read, holds no Corefile, or a change cannot be written in the scalar's own style."""


class RuleError(RemedyError):
    """A rule of another package cannot be used, or a fix does not do what it promises; nothing was written."""


class ClusterError(RemedyError):
    """The API server refused, did not answer, or does not hold what was asked for; `status` is its HTTP status, 0 without an answer."""

    status = 0


class UnknownOutcomeError(ClusterError):
    """A write was sent and no answer came: it may or may not have been carried out."""


class StateError(RemedyError):
    """The folder of records cannot be used, or a record in it cannot be read."""


class ConflictError(RemedyError):
    """The target changed after the plan was made; nothing was written."""

    exit_code = 3


class ValidationError(RemedyError):
    """The candidate failed its validation, or nothing could tell; nothing was written."""

    exit_code = 4


class UnavailableError(ValidationError):
    """A prover cannot work on this machine or in this cluster; the message says why."""


class UnhealthyError(RemedyError):
    """The change was written but the replicas did not take it; the old text is live again and verified."""

    exit_code = 5


class UndoError(RemedyError):
    """The old text could not be put back or not be verified; the message holds the command that a person must run."""

    exit_code = 6


class Interrupted(RemedyError):
    """A signal stopped remedy before anything was written (128 + the signal's number)."""

    def __init__(self, signal: int = 2) -> None:
        super().__init__("interrupted; nothing was written")
        self.exit_code = 128 + signal
