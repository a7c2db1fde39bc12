"""Everything that can be done, once: its key, its words, where, how the command line does the same, and why it is not possible now.

Bindings, the footer, the list of keys and the palette are all read from here. What a key does is the method `do_NAME` of a screen, or of
the application.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tui.session import Session


CLUSTER_ONLY = "these are files; contexts are those of a cluster"


def _always(_session: Session) -> str:
    return ""


def _findings(session: Session) -> str:
    return "" if session.rows else "there is no finding"


def _read(session: Session) -> str:
    return "" if session.documents else "nothing has been read yet"


def _planned(session: Session) -> str:
    if session.plan is None:
        return "no change has been planned yet"
    return "" if session.pending.changes else "there is nothing to change"


def _provable(session: Session) -> str:
    return "" if session.judged.changes else _planned(session)


def _allowed(session: Session) -> str:
    return "this sitting is read-only (--read-only)" if session.given.read_only else session.missing


def _fresh(session: Session) -> str:
    return f"{session.stale}; plan it again first (r)" if session.stale else _allowed(session)


def _writable(session: Session) -> str:
    if session.refused:
        return f"{session.refused} of the targets cannot be read, and an apply is of all of them or of none"
    return _fresh(session) or _planned(session)


def _cluster(session: Session) -> str:
    return "" if session.live else CLUSTER_ONLY


def _canary(session: Session) -> str:
    return _provable(session) if session.live else "a canary is a pod beside the live ones, and these are files"


class Action(NamedTuple):
    """`keys` as the terminal library names them, the first is shown; without `screens` it is everywhere. `command` is what a person would
    type after `remedy`; "" where only the picture changes.
    """

    name: str
    keys: str
    label: str
    help: str
    screens: tuple[str, ...] = ()
    command: str = ""
    possible: Callable[[Session], str] = _always


_BOTH = ("findings", "change")
ACTIONS: tuple[Action, ...] = (
    Action("change", "enter", "change", "show exactly what would be written", ("findings",), "diff", _findings),
    Action("take", "space", "take/leave", "take this finding's fix, or leave it alone", _BOTH, "diff", _findings),
    Action("style", "s", "style", "as documented, as explicit or as short as can be", ("change",), "diff", _findings),
    Action("other_fix", "f", "other fix", "another way to fix the finding under the cursor", ("change",), "diff", _findings),
    Action("side_by_side", "d", "side by side", "both texts beside each other, or one column", ("change",), "diff", _planned),
    Action("soa", "o", "SOA", "with an SOA record, for caches to keep NODATA", ("change",), "diff", _findings),
    Action("unsafe", "u", "unsafe", "take fixes that may lose a lookup, or do not", ("change",), "diff", _findings),
    Action("filter", "slash", "filter", "show only what holds these words, or search", (*_BOTH, "keys")),
    Action("next", "n", "next", "the next place that holds the words", (*_BOTH, "keys")),
    Action("previous", "N", "previous", "the place before that holds the words", (*_BOTH, "keys")),
    Action("again", "r", "look again", "read everything again, look at it and plan it", (*_BOTH, "answers", "confirm", "trouble"), "scan"),
    Action("pick", "c", "where", "another context, or another ConfigMap", ("findings", "trouble"), "doctor", _cluster),
    Action("choose", "enter", "look there", "look at this context, or begin with this text", ("pick",), "scan"),
    Action("copy_diff", "y", "copy diff", "the diff, into the terminal's clipboard", _BOTH, "diff", _findings),
    Action("copy_command", "Y", "copy command", "the same as a command line, to the clipboard", (), "diff"),
    Action("export", "e", "export", "the review as files in the current folder", _BOTH, "diff --format markdown", _findings),
    Action("answers", "a,v", "answers", "what every client gets, before and after", ("findings", "change"), "validate", _read),
    Action("apply", "p", "apply", "write the change, after a question", ("change", "answers"), "apply", _writable),
    Action("model", "m", "model", "ask the model: at once, and nothing is touched", ("answers",), "validate --validate model", _provable),
    Action("sandbox", "s", "sandbox", "ask a real CoreDNS on this machine", ("answers",), "validate --validate sandbox", _provable),
    Action("canary", "c", "canary", "ask a throw-away pod of the cluster's own image", ("answers",), "validate --validate canary", _canary),
    Action("everything", "a", "all names", "also the names that are answered as before", ("answers",), "validate --verbose", _read),
    Action("yes", "y", "yes", "write exactly what this screen says", ("confirm",), "apply --yes", _fresh),
    Action("no", "n,enter", "no", "write nothing, and go back", ("confirm",)),
    Action("stop", "x", "stop and undo", "put the old text back, proven on every replica", ("apply",)),
    Action("rollback", "r", "roll back", "put back what stood before it, after a question", ("history",), "rollback RECORD", _allowed),
    Action("finish", "f", "finish", "prove what an apply that was cut off has written", ("history",), "apply", _allowed),
    Action("history", "h", "history", "the records of changes, and the way back", ("findings", "change", "done"), "history", _read),
    Action("back", "escape", "back", "the screen before; nothing is lost"),
    Action("theme", "t", "theme", "dark, light, the terminal's own colours"),
    Action("palette", "ctrl+p,colon", "commands", "find an action by its name"),
    Action("keys", "question_mark,f1", "keys", "all keys of this screen, to be searched", (), "--help"),
    Action("leave", "q", "leave", "end, with a summary of what was done"),
)
_SHOWN = {"slash": "/", "question_mark": "?", "colon": ":", "escape": "esc", "pageup": "pgup", "pagedown": "pgdn"}


def named(name: str) -> Action:
    return next(action for action in ACTIONS if action.name == name)


def of(screen: str) -> tuple[Action, ...]:
    """Those of a screen, its own first."""
    own = tuple(action for action in ACTIONS if screen in action.screens)
    return (*own, *(action for action in ACTIONS if not action.screens))


def key(action: Action) -> str:
    """The first of its keys, as it is written on a keyboard."""
    return written(action.keys.split(",")[0])


def written(name: str) -> str:
    """A key's name as it is written on a keyboard."""
    return _SHOWN.get(name, name)
