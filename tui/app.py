"""The application: it owns the session, hears of signals and of what others do, and knows what the keys of every screen do.

Whatever blocks goes through `work`, on a thread, so that no key waits for a cluster; a change that is under way has one of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import SystemCommand
from textual.filter import Monochrome, NoColor
from textual.message import Message
from textual.screen import Screen

from tui import actions, paint
from tui.given import Given, command
from tui.screens.commands import Commands
from tui.screens.findings import FindingsScreen
from tui.screens.page import Page
from tui.screens.trouble import TroubleScreen
from tui.watch import watch
from tui.widgets.pane import Pane
from tui.working import Working

if TYPE_CHECKING:
    from tui.found import Place
    from tui.session import Session
    from tui.underway import UnderWay, Work

_TICK_SECONDS = 0.5
_THEMES: Mapping[str, str] = {"dark": "textual-dark", "light": "textual-light", "ansi": "ansi-dark", "none": "ansi-dark"}


class Noticed(Message):
    """Somebody looked again at what was read: whose text is another one by now, "" for nobody's."""

    def __init__(self, documents: object, changed: str) -> None:
        super().__init__()
        self.documents, self.changed = documents, changed


class Told(Message):
    """The change that is under way has come further."""


class RemedyApp(Working):
    """`session` is None until the first look is done. `pause`: seconds between two looks at what others do; 0 for the usual ones."""

    CSS_PATH = "remedy.tcss"
    TITLE = "remedy"
    BINDINGS: ClassVar = []

    def __init__(self, given: Given, *, environment: Mapping[str, str] | None = None, pause: float = 0.0) -> None:
        environment = paint.environment() if environment is None else environment
        super().__init__(first_palette(environment), paint.signs(environment))
        self.given = given
        self.under_way: UnderWay | None = None
        self.asked_to_leave = 0
        self.fault: Exception | None = None
        self._ended = threading.Event()
        self._between = pause
        self.theme = _THEMES[self.palette]
        self.set_class(self.signs is paint.ASCII, "-ascii")
        if self.palette == "none":  # textual's own way makes greys of a terminal's default colours: black on black
            self._filters = [each for each in self._filters if not isinstance(each, Monochrome)] + [NoColor()]

    async def on_mount(self) -> None:
        if self.palette == "dark" and self.console.color_system == "standard":
            self._paint_by("ansi")
        await self.push_screen(FindingsScreen())
        self.set_interval(_TICK_SECONDS, self._tick)
        self.screen.call_after_refresh(self.look)  # what it loads would hold up the first picture
        watch(self._look_again, self._wait, self._ended)
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self.caught, number)

    @property
    def place(self) -> Place | None:
        return self.session.place if self.session else None

    def look(self) -> None:
        """Read everything and look at it."""

        def scanned() -> Session:
            from tui.session import begun

            if self.session is None:
                return begun(self.given)
            self.session.scan()
            return self.session

        def shown(session: Session) -> None:
            first, self.session = self.session is None, session
            while len(self.screen_stack) > 2 and (first or isinstance(self.screen, TroubleScreen)):
                self.pop_screen()
            if first:
                self._tell_cut_off()
            self.aside(session.look_aside)
            self.aside(session.count)

        self.work("reading and looking", scanned, shown)

    def begin_at(self, given: Given) -> None:
        """Another sitting in place of this one, somewhere else."""
        from tui.session import begun

        before, written = self.session, self.session.written if self.session else ()

        def shown(session: Session) -> None:
            if before:
                self.aside(before.close)
            self.given, self.session, session.written = given, session, written
            while len(self.screen_stack) > 2:
                self.pop_screen()
            self.aside(session.look_aside)
            self.aside(session.count)

        self.work("reading and looking", lambda: begun(given), shown)

    # ---- what others do meanwhile

    def _wait(self) -> None:
        """Until there is a reason to look."""
        if self.session is None:
            self._ended.wait(self._between or _TICK_SECONDS)
        else:
            self.session.wait(self._ended, self._between)

    def _look_again(self) -> bool:
        """Look; False where that has to wait for what is under way here."""
        session = self.session
        if session is None:
            return True
        if self.writing or self.busy:
            return False
        documents = session.documents
        self.post_message(Noticed(documents, session.overtaken()))
        return True

    def on_noticed(self, noticed: Noticed) -> None:
        session = self.session
        if session is not None and noticed.documents is session.documents and noticed.changed != session.stale:
            session.stale = noticed.changed
            self._repaint_lines()

    # ---- a change that is under way

    @property
    def writing(self) -> bool:
        """Is a change under way?"""
        return self.under_way is not None and not self.under_way.ended

    def begin(self, work: Work, command: str = "apply") -> None:
        """Carry it out in view of every replica, in place of the screen that asked; `command` is what does the same."""
        from tui.screens.apply import ApplyScreen
        from tui.underway import UnderWay

        if self.writing:
            self.say("not possible: a change is under way", "warning")
            return
        self.under_way = UnderWay(work, lambda: self.post_message(Told()))
        self.switch_screen(ApplyScreen(command))

    def on_told(self) -> None:
        under_way = self.under_way
        if under_way is None or not under_way.ended:
            self.update()
        elif self.asked_to_leave:
            self.exit(under_way.code or 128 + self.asked_to_leave)
        elif isinstance(self.screen, Page) and self.screen.NAME == "apply" and self.session is not None:
            from tui import verbs
            from tui.screens.done import DoneScreen

            self.switch_screen(DoneScreen(verbs.outcome(self.session, under_way.record, under_way.error)))

    def caught(self, number: int) -> None:
        """A signal. Before a write it ends remedy; from then on it asks for the undo, and remedy ends after that."""
        self.asked_to_leave = number
        gone = number == signal.SIGHUP  # the terminal is, and whatever is written to it may block for ever
        if self.under_way is not None and not self.under_way.ended:
            self.under_way.stop.set()
            if gone:
                self.under_way.abandon()
            self.say("stopping: the old text is put back, and proven; then remedy ends")
        elif gone:
            threading.Thread(target=self._vanish, args=(128 + number,), name="leaving").start()
        else:
            self.exit(128 + number)

    def _vanish(self, code: int) -> None:
        """End without the terminal."""
        with contextlib.suppress(Exception):
            if self.session is not None:
                self.session.close()
        os._exit(code)

    def home(self) -> None:
        """To the findings, read anew."""
        while len(self.screen_stack) > 2:
            self.pop_screen()
        self.look()

    def _tell_cut_off(self) -> None:
        """What a killed remedy left behind comes before all else."""
        from tui.screens.history import HistoryScreen

        if self.session is not None and self.session.cut_off:
            self.push_screen(HistoryScreen())
            many = len(self.session.cut_off)
            self.say(f"! {many} change{'s were' if many > 1 else ' was'} cut off: r takes it back, f finishes it, esc leaves it", "alert")

    # ---- what keys do everywhere

    def do_again(self) -> None:
        self.look()

    def free(self) -> bool:
        """May a screen be opened that asks something at once? Where something is awaited still, that is said."""
        if self.busy:
            self.say(f"not possible: still {self.busy.what}; esc stops waiting for it", "warning")
        return self.busy is None

    def do_answers(self) -> None:
        from tui.screens.answers import AnswersScreen

        if (self.session and self.session.plan) or self.free():
            self.push_screen(AnswersScreen())

    def do_apply(self) -> None:
        from tui.screens.confirm import ConfirmScreen

        if self.free():
            self.push_screen(ConfirmScreen())

    def do_history(self) -> None:
        from tui.screens.history import HistoryScreen

        if self.free():
            self.push_screen(HistoryScreen())

    def do_change(self) -> None:
        from tui.screens.change import ChangeScreen

        self.push_screen(ChangeScreen())

    def do_pick(self) -> None:
        from tui.screens.pick import PickScreen

        if self.free():
            self.push_screen(PickScreen())

    def do_back(self) -> None:
        if self.busy:
            self.say(f"no longer waiting for: {self.busy.what}")
            self.busy = None
        elif len(self.screen_stack) > 2 and (self.session is not None or not isinstance(self.screen, TroubleScreen)):
            self.pop_screen()

    def do_leave(self) -> None:
        if self.writing:
            self.say("not possible: a change is under way; x on its screen stops it and puts the old text back", "warning")
        else:
            self.exit(self.under_way.lasting if self.under_way else 0)

    async def action_quit(self) -> None:
        """What the library's own key does."""
        self.do_leave()

    def action_help_quit(self) -> None:
        self.say("q leaves; esc goes back; nothing is lost")

    def do_theme(self) -> None:
        order = ("dark", "light", "ansi")
        if self.palette == "none":
            self.say("not possible: NO_COLOR is set", "warning")
            return
        self._paint_by(order[(order.index(self.palette) + 1) % len(order)])
        self.update()

    def _paint_by(self, palette: str) -> None:
        self.palette = palette
        self.theme = _THEMES[palette]

    def do_keys(self) -> None:
        from tui.screens.keys import KeysScreen

        if isinstance(self.screen, Page) and not isinstance(self.screen, KeysScreen):
            pane = self.screen.focused
            self.push_screen(KeysScreen(self.screen, pane if isinstance(pane, Pane) else None))

    def do_palette(self) -> None:
        self.action_command_palette()

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, Commands):
            self.push_screen(Commands())

    def do_copy_command(self) -> None:
        """The command of the screen's own question."""
        if isinstance(self.screen, Page):
            words = self.session.command(self.screen.command) if self.session else command(self.screen.command, self.given)
            self.copy_to_clipboard(words)
            self.say(f"copied: {words}")

    def do_copy_diff(self) -> None:
        session = self.session
        if session is None:
            return
        if session.plan is None:
            self.work("planning", session.make_plan, lambda _: self.do_copy_diff())
            return
        diff = "".join(change.diff for change in session.pending.changes)
        self.copy_to_clipboard(diff.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
        self.say(f"copied the diff: {diff.count(chr(10))} lines" if diff else "not possible: there is nothing to change")

    def do_export(self) -> None:
        session = self.session
        if session is None:
            return

        def export() -> tuple[str, ...]:
            from tui import verbs

            return verbs.export(session)

        self.work("writing the review", export, lambda paths: self.say(f"written: {', '.join(paths)}"))

    def _handle_exception(self, error: Exception) -> None:
        """A fault in remedy itself: kept for the report; nothing of it goes to the terminal from here, where it could hold secrets."""
        self.fault = self.fault or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()

    def on_unmount(self) -> None:
        self._ended.set()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every action of the screen, by its name."""
        for action in actions.of(screen.NAME if isinstance(screen, Page) else ""):
            if action.name != "palette":
                yield SystemCommand(
                    action.label, f"{action.help} ({actions.key(action)})", lambda name=action.name: self._act(name, screen)
                )

    def _act(self, name: str, screen: Screen[Any]) -> None:
        """On the screen that it was chosen for: another may have taken its place, where it is another thing."""
        if self.screen is screen and isinstance(screen, Page):
            screen.action_act(name)
        else:
            self.say("not possible: another screen is shown by now", "warning")


def first_palette(environment: Mapping[str, str]) -> str:
    """No colours where NO_COLOR asks for that; light where the terminal says that its ground is light; else dark."""
    if environment.get("NO_COLOR"):
        return "none"
    ground = environment.get("COLORFGBG", "").rpartition(";")[2]
    return "light" if ground in ("7", "15") else "dark"
