"""What all screens share: the line that says where one is, the line of what was said last, the keys that matter now.

A key runs an action of the registry; where that is not possible, the reason is said in place of doing nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from remedy.mask import visible
from tui import actions, paint
from tui.paint import Line, line

if TYPE_CHECKING:
    from textual.widgets import Input

    from tui.app import RemedyApp
    from tui.found import Place
    from tui.session import Session


_SHORTEST = 12


def bindings(screen: str) -> list[BindingType]:
    """The keys of a screen, as the registry says."""
    return [Binding(action.keys, f"act('{action.name}')", action.label, show=False, priority=False) for action in actions.of(screen)]


class Page(Screen[None]):
    """`NAME` is the screen's name in the registry. Screens write `body` and `update`; what they do on keys are methods `do_ACTION`."""

    NAME: ClassVar[str] = ""
    COMMAND: ClassVar[str] = "scan"  # the verb that asks the screen's question
    FOOTER: ClassVar[tuple[str, ...]] = ()  # the five actions that matter now
    words = ""  # what is searched for

    @property
    def remedy(self) -> RemedyApp:
        app: RemedyApp = self.app  # type: ignore[assignment]
        return app

    @property
    def session(self) -> Session | None:
        return self.remedy.session

    @property
    def command(self) -> str:
        """What a person would type after `remedy` to ask the same."""
        return self.COMMAND

    def equal(self, action: actions.Action) -> str:
        """What a person would type after `remedy` in place of this key here."""
        return action.command

    def body(self) -> Iterable[Widget]:
        """The widgets between the lines at the top and at the bottom."""
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self._focused_before: Widget | None = None

    def update(self) -> None:
        """Show what the session holds now."""

    def compose(self) -> ComposeResult:
        yield Static(id="header")
        yield from self.body()
        yield Static(id="note")
        yield Static(id="footer")

    def on_mount(self) -> None:
        self.refresh_all()

    def on_screen_resume(self) -> None:
        self.refresh_all()

    def on_resize(self) -> None:
        self.call_after_refresh(self.refresh_all)

    @property
    def whole(self) -> bool:
        """Are all its widgets there? A message may come while it is put together or taken away."""
        return self.is_mounted and bool(self.query("#footer"))

    def refresh_all(self) -> None:
        """Everything that may have changed."""
        if not self.whole:
            return
        self.set_class(self.app.size.width < 70, "-narrow")
        self.set_class(self.app.size.height < 18, "-short")
        self.set_class(self.app.size.height < 12, "-tiny")
        self.refresh_lines()
        self.update()

    def refresh_lines(self) -> None:
        """The lines at the top and at the bottom."""
        app, columns = self.remedy, max(self.app.size.width, 1)
        self.query_one("#header", Static).update(
            app.text([header(app.place, columns, app.signs.cut, asked=app.given.context or ", ".join(app.given.targets))])
        )
        self.query_one("#note", Static).update(app.text([paint.fit(app.note(), columns, app.signs.cut)]))
        shown = [(actions.named(name), self._why_not(name)) for name in self.FOOTER or self._own()]
        self.query_one("#footer", Static).update(
            app.text([footer(shown, columns, first=len(app.screen_stack) <= 2 or (self.session is None and self.NAME == "trouble"))])
        )

    def _own(self) -> list[str]:
        return [action.name for action in actions.ACTIONS if self.NAME in action.screens][:5]

    def action_act(self, name: str) -> None:
        """What a key stands for."""
        self.remedy.said = ""
        why = self._why_not(name)
        if why:
            self.remedy.say(f"not possible: {why}", "warning")
            return
        method = getattr(self, f"do_{name}", None) or getattr(self.remedy, f"do_{name}")
        method()
        if self.is_current:
            self.refresh_lines()

    # ---- searching

    def do_filter(self) -> None:
        """Ask for the words in place of the line above the footer."""
        from textual.widgets import Input

        if not self.query("#ask"):
            self._focused_before = self.focused
            ask = Input(self.words, placeholder="words to look for; enter keeps them, esc takes them away", id="ask", compact=True)
            ask.cursor_blink = False
            self.mount(ask, before="#note")
            self.query_one("#note").display = False
            ask.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.words = event.value
        self.update()
        self.found()

    def on_input_submitted(self) -> None:
        self._asked()

    def _asked(self) -> None:
        self.query("#ask").remove()
        self.query_one("#note").display = True
        self.set_focus(self._focused_before)

    def found(self) -> None:
        """Go to the first place that holds the words."""

    def step(self, by: int) -> None:
        """Go to another place that holds the words."""

    def do_next(self) -> None:
        self._step(1)

    def do_previous(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        if self.words:
            self.step(by)
        else:
            self.remedy.say("not possible: nothing is searched for; / begins", "warning")

    def do_back(self) -> None:
        if self.query("#ask") or (self.words and not self.remedy.busy):
            self.words = ""
            if self.query("#ask"):
                self._asked()
            self.update()
        else:
            self.remedy.do_back()

    def _why_not(self, name: str) -> str:
        action = actions.named(name)
        if self.session is not None:
            return action.possible(self.session)
        if action.name == "pick" and not self.remedy.busy:  # where a cluster does not answer, another may
            return actions.CLUSTER_ONLY if self.remedy.given.targets else ""
        if action.possible is actions._always:
            return ""
        return "still looking" if self.remedy.busy else "nothing has been read yet"


def header(place: Place | None, columns: int, cut: str = "…", *, asked: str = "") -> Line:
    """Where one is: cluster, object, version, replicas, and whether what is written is live; before that is known, what was `asked` for."""
    if place is None:
        return paint.fit(line((" remedy ", "title"), f"  {paint.tame(visible(asked))}"), columns, cut)
    mode = f" {place.mode} "
    left = columns - paint.width(line(mode)) - 1
    name, others = paint.tame(visible(place.name)), [visible(each) for each in (place.context, place.version, place.replicas) if each]
    spare = left - paint.width(line(" remedy   ", *(f"  {word}" for word in others)))
    if place.mode.startswith("files") and paint.width(line(name)) > spare > _SHORTEST:  # of a long path the end tells most
        name = f"{cut}{name[len(name) - spare + len(cut) :]}"
    words = (*others[: bool(place.context)], name, *others[bool(place.context) :])
    whole = line((" remedy ", "title"), *(f"  {word}" for word in words if word))
    return (*_filled(paint.fit(whole, left, cut), left), (mode, "alert" if "read-only" in place.mode else "title"))


def _filled(painted: Line, columns: int) -> Line:
    return (*painted, (" " * max(columns - paint.width(painted), 0), ""))


def footer(shown: Sequence[tuple[actions.Action, str]], columns: int, *, first: bool) -> Line:
    """The keys that matter now, those that are not possible in parentheses, and at the right the way out; what is too much is left out."""
    last = line(("? ", "key"), "keys  ", ("q ", "key"), "leave") if first else line(("? ", "key"), "keys  ", ("esc ", "key"), "back")
    left: Line = ((" ", ""),)
    for action, why in shown:
        words = (("(", "off"), (f"{actions.key(action)} {action.label}", "off"), (")  ", "off"))
        piece: Line = words if why else line((f"{actions.key(action)} ", "key"), f"{action.label}  ")
        if paint.width(left) + paint.width(piece) + paint.width(last) > columns:
            break
        left = (*left, *piece)
    return (*_filled(left, columns - paint.width(last)), *last)
