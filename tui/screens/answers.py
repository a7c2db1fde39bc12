"""What every client gets, before and after: by the model at once, by the sandbox or a canary on a key.

A prover that is asked goes on when the screen is left; its verdict is there when the screen is opened again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static

from tui.paint import Line, Signs, line
from tui.screens.page import Page, bindings
from tui.views import answers
from tui.views.answers import Judge
from tui.widgets.pane import Pane

if TYPE_CHECKING:
    from remedy.validate.prover import Method
    from remedy.validate.verdict import Validation
    from tui.session import Session

KEYS: dict[Method, str] = {"model": "m", "sandbox": "s", "canary": "c"}
_TICK_SECONDS = 0.5


class AnswersScreen(Page):
    NAME = "answers"
    COMMAND = "validate"
    FOOTER = ("apply", "model", "sandbox", "canary", "everything")
    BINDINGS: ClassVar[list[BindingType]] = bindings("answers")

    def __init__(self) -> None:
        super().__init__()
        self._everything = False
        self._shown: Method | None = None
        self._planned: object = None  # the documents that were planned last, or could not be

    def body(self) -> Iterable[Widget]:
        yield Static(id="judges")
        yield Pane(id="answers")

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(_TICK_SECONDS, self._tick)
        session = self.session
        if session is not None and session.plan is not None and session.judging.strongest is None:
            self._ask("model")

    def _plan(self, session: Session) -> None:
        """What was read is planned once, and again when it was read anew."""
        if session.plan is None and self._planned is not session.documents and self.remedy.busy is None:
            self._planned, self._shown = session.documents, None
            self.remedy.work("planning the change", session.make_plan, lambda _: self._ask("model"))

    def update(self) -> None:
        session = self.session
        if session is None:
            return
        self._plan(session)
        found = judges(session)
        columns = max(self.app.size.width - 2, 20)
        self.query_one("#judges", Static).update(self.remedy.text(answers.judges(found, self.remedy.signs, columns)))
        pane = self.query_one("#answers", Pane)
        pane.entitle(title(session))
        shown = lines(self._validation(session), self.remedy.signs, columns - 2, everything=self._everything)
        pane.show(shown)

    def _validation(self, session: Session) -> Validation | None:
        """The one that was asked for last, or the strongest there is."""
        judging = session.judging
        return (judging.validations.get(self._shown) if self._shown else None) or judging.strongest

    def _tick(self) -> None:
        if self.session is not None and self.session.judging.asked:
            self.update()

    def do_model(self) -> None:
        self._ask("model")

    def do_sandbox(self) -> None:
        self._ask("sandbox")

    def do_canary(self) -> None:
        self._ask("canary")

    def do_everything(self) -> None:
        self._everything = not self._everything
        self.update()

    def _ask(self, method: Method) -> None:
        session = self.session
        if session is None:
            return
        self._shown = method
        if session.judged.changes and method in session.judging.validations:
            self.update()
            return
        what = f"asking the {method}" if session.judged.changes else "asking what clients get now"
        self.remedy.work(what, lambda: _asked(session, method), lambda _: None)


def _asked(session: Session, method: Method) -> Validation | None:
    """What this method says of the change, and where there is none, what clients get now; it blocks."""
    from tui import verbs  # loaded on this thread: a key does not wait for it

    return verbs.validate(session, method) if session.judged.changes else verbs.today(session)


def title(session: Session) -> str:
    """What is asked: about a change, about another release, or about today."""
    if not session.judged.changes:
        return "answers today: there is nothing to change"
    releases = session.judged.releases
    return f"answers, {releases}" if releases else "answers"


def judges(session: Session) -> list[Judge]:
    """Each way to validate, and how far it is."""
    if not session.judged.changes:
        return []
    found, judging = [], session.judging
    for method, key in KEYS.items():
        validation, why, since = judging.validations.get(method), judging.unavailable.get(method, ""), judging.asked.get(method)
        state = "asking" if since is not None else "done" if validation else "refused" if why else "idle"
        seconds = time.monotonic() - since if since is not None else judging.took.get(method, 0.0)
        found.append(Judge(method, key, cast("answers.State", state), seconds, validation, why))
    return found


def lines(validation: Validation | None, signs: Signs, columns: int, *, everything: bool) -> list[Line]:
    """The verdict first, since it is what one looks for; the table below it."""
    if validation is None:
        return [line((" nothing was asked yet", "dim"))]
    return [
        *answers.verdict(validation, signs, columns),
        line(),
        *answers.table(validation, signs, columns, everything=everything or not any(each.differs for each in validation.answers)),
    ]
