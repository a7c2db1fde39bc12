"""The question before a write: everything that speaks for and against it on one screen; the answer that does nothing is the default.

What is confirmed is what is written: the plan is handed on as it was shown, and the text that is live is tested again by the write itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static

from remedy import service
from remedy.errors import RemedyError
from tui.actions import Action
from tui.paint import line
from tui.screens.page import Page, bindings
from tui.views import confirm
from tui.views.confirm import Question
from tui.widgets.pane import Pane

if TYPE_CHECKING:
    from remedy.journal import Record
    from tui.found import Checked
    from tui.session import Session


class ConfirmScreen(Page):
    """Of the change that is planned, or with `undoes` of the way back from that record."""

    NAME = "confirm"
    COMMAND = "apply"
    FOOTER = ("yes", "no", "copy_command")
    BINDINGS: ClassVar[list[BindingType]] = bindings("confirm")

    def __init__(self, undoes: Record | None = None) -> None:
        super().__init__()
        self._undoes = undoes
        self.question: Question | None = None

    def body(self) -> Iterable[Widget]:
        yield Pane(id="question")
        yield Static(id="decide")

    def on_mount(self) -> None:
        super().on_mount()
        session, undoes = self.session, self._undoes
        if session is None:
            return
        what = "looking whether it can be put back" if undoes else "looking whether it can be written, and asking the strongest prover"
        self.remedy.work(what, lambda: asked(session, undoes), self._show)

    @property
    def command(self) -> str:
        return f"rollback {self._undoes.id}" if self._undoes else self.COMMAND

    def equal(self, action: Action) -> str:
        return f"{self.command} --yes" if action.name == "yes" else action.command

    def _show(self, question: Question) -> None:
        self.question = question

    def update(self) -> None:
        pane = self.query_one("#question", Pane)
        pane.entitle("put it back?" if self._undoes else "write it?")
        columns = max(self.app.size.width - 4, 20)
        shown = confirm.lines(self.question, self.remedy.signs, columns) if self.question else [line((" still looking", "dim"))]
        pane.show(shown)
        self.query_one("#decide", Static).update(self.remedy.text([confirm.question(self.question, self.remedy.signs)]))

    def do_yes(self) -> None:
        session, question, undoes = self.session, self.question, self._undoes
        if session is None or question is None:
            self.remedy.say("not possible: still looking", "warning")
            return
        if question.refused:
            self.remedy.say(f"not possible: {question.refused}", "warning")
            return
        from tui import verbs

        if undoes:
            self.remedy.begin(lambda on_event, stop: verbs.rollback(session, undoes, question.plan, on_event, stop), self.command)
        else:
            self.remedy.begin(lambda on_event, stop: verbs.apply(session, question.plan, on_event, stop, question.validation))

    def do_no(self) -> None:
        if self.question is None:
            self.remedy.busy = None
        self.remedy.say("nothing was written")
        self.app.pop_screen()

    def do_back(self) -> None:
        self.do_no()

    def do_again(self) -> None:
        """Another text is another question: the screen that asked plans it again."""
        self.do_no()
        self.remedy.look()


def asked(session: Session, undoes: Record | None) -> Question:
    """Everything that can be known before the write; it blocks. Whatever stands in the way is its answer, not an error."""
    from tui import verbs  # loaded on this thread: a key does not wait for it

    question = Question(session.pending, undoes=undoes.id if undoes else "")
    try:
        checked = verbs.check_back(session, undoes) if undoes else verbs.check(session)
        question = _question(checked, undoes)
        if undoes:
            return question._replace(validation=verbs.judge_back(session, checked.plan))
        if not question.refused and (validation := verbs.judge(session, checked.plan)):
            question = question._replace(validation=validation)
            service.require(validation)
            question = question._replace(validation=verbs.endured(session, checked.plan, validation))
    except RemedyError as error:
        return question._replace(refused=_said(error))
    return question


def _question(checked: Checked, undoes: Record | None) -> Question:
    owners = tuple(each.removeprefix("owner: ") for each in checked.owners.splitlines())
    warnings = tuple(f"{each.text}{f'; {each.hint}' if each.hint else ''}" for each in checked.warnings)
    dropped = tuple(_said(each) for each in checked.refused if each is not checked.stopped)
    refused = _said(checked.stopped) if checked.stopped else "" if checked.plan.changes else "there is nothing to change"
    return Question(checked.plan, None, owners, warnings, dropped, undoes.id if undoes else "", refused, checked.advice)


def _said(error: RemedyError) -> str:
    return f"{error}; {error.hint}" if error.hint else str(error)
