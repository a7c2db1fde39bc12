"""Every screen in a state worth looking at, reached as a person reaches it: what golden files and the README's pictures are made of."""

from __future__ import annotations

import socket
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from remedy import journal
from remedy.cluster.embedded import INCIDENT
from remedy.errors import RemedyError, UndoError, UnhealthyError
from remedy.journal import Record
from remedy.work import Event
from tests.tui.sitting import Sitting
from tui.given import Given

Go = Callable[[Sitting], Awaitable[None]]
DEMO = Given(demo=True, settle=0.1, validate="model")
HEALED = INCIDENT.replace("    template ANY AAAA {\n        rcode NXDOMAIN\n    }\n", "    template IN AAAA .\n")


def steady(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """The same user, machine and folder wherever it runs."""
    monkeypatch.setattr(socket, "gethostname", lambda: "host")
    monkeypatch.setenv("LOGNAME", "user")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    monkeypatch.chdir(folder)
    (folder / "Corefile").write_text(INCIDENT)
    (folder / "healed.Corefile").write_text(HEALED)
    (folder / "broken.Corefile").write_text(".:53 {\n    template ANY\n")


async def findings(_here: Sitting) -> None:
    """As it starts."""


async def change(here: Sitting) -> None:
    await here.press("enter")


async def answers(here: Sitting) -> None:
    await here.press("a")


async def question(here: Sitting) -> None:
    await change(here)
    await here.press("p")
    await here.until(lambda: "write it?  y" in here.text)


async def done(here: Sitting) -> None:
    await question(here)
    await here.press("y")
    await here.until(lambda: "how it ended" in here.text)


async def history(here: Sitting) -> None:
    await done(here)
    await here.press("h")


async def way_back(here: Sitting) -> None:
    await history(here)
    await here.press("r")
    await here.until(lambda: "put it back?  y" in here.text)


async def rolled_back(here: Sitting) -> None:
    await way_back(here)
    await here.press("y")
    await here.until(lambda: "put back and verified" in here.text)


async def records(here: Sitting) -> None:
    await rolled_back(here)
    await here.press("h")


async def refused_question(here: Sitting) -> None:
    """A question that nobody may say yes to."""
    await change(here)
    await here.press("p")
    await here.until(lambda: "it cannot be written" in here.text)


async def keys(here: Sitting) -> None:
    await here.press("question_mark")


async def pick(here: Sitting) -> None:
    await here.press("c")


async def no_records(here: Sitting) -> None:
    await here.press("h")


async def searching(here: Sitting) -> None:
    await here.press("slash", *"aaaa")


async def side_by_side(here: Sitting) -> None:
    await here.press("enter", "d")


async def left(here: Sitting) -> None:
    await here.press("space", "enter")


async def every_name(here: Sitting) -> None:
    await here.press("a", "a")


async def not_possible(here: Sitting) -> None:
    """A prover that cannot work here."""
    await here.press("a", "s")


async def overtaken(here: Sitting) -> None:
    await change(here)
    Path("Corefile").write_text(INCIDENT + "\n")
    await here.until(lambda: "somebody else changed" in here.text)


async def overtaken_question(here: Sitting) -> None:
    """A question that can only be answered with no."""
    await question(here)
    Path("Corefile").write_text(INCIDENT + "\n")
    await here.until(lambda: "somebody else changed" in here.text)


async def cut_off(here: Sitting) -> None:
    await done(here)
    await here.press("escape")
    record = journal.history()[0]
    journal._save(record._replace(outcome="started"))
    await here.press("h")


def _ended(error: RemedyError, *events: Event) -> Go:
    """An apply that told this, and ended so."""

    async def go(here: Sitting) -> None:
        def work(on_event: Callable[[Event], None], _stop: threading.Event) -> Record | None:
            for event in events:
                on_event(event)
            raise error

        await question(here)
        here.app.begin(work)
        await here.until(lambda: "how it ended" in here.text)

    return go


def _told(*events: Event) -> Go:
    """An apply that has told just this, and goes on."""

    async def go(here: Sitting) -> None:
        heard = threading.Event()

        def work(on_event: Callable[[Event], None], stop: threading.Event) -> Record | None:
            for event in events:
                on_event(event)
            heard.set()
            stop.wait(30)
            return None

        await question(here)
        here.app.begin(work)
        await here.until(heard.is_set)
        await here.until(lambda: "applying" in here.text or "putting back" in here.text)

    return go


_RECORD = "01M84C7EFY442A515MAFRZNM7E"
_BEGUN = (
    Event("writing", "kube-system/coredns/Corefile"),
    Event("recorded", f"record {_RECORD}", command="kubectl"),
    Event("written", "kube-system/coredns/Corefile", seconds=0.0),
    Event("replica", "answers as before, waiting for its reload", "coredns-1", 0.0, state="old"),
    Event("replica", "answers as before, waiting for its reload", "coredns-2", 0.1, state="old"),
    Event("step", "its kubelet was told to look", "coredns-1", 0.1, state="poked"),
    Event("step", "its kubelet was told to look", "coredns-2", 0.1, state="poked"),
    Event("step", "its CoreDNS has seen the new text", "coredns-1", 1.4, state="noticed"),
    Event("replica", "answers as predicted, and runs the predicted hash", "coredns-1", 1.4, state="new"),
)
_WAITING = Event("waiting", "1 of 2 replicas answer as predicted", seconds=2.0)
_UNDOING = (
    *_BEGUN,
    Event("replica", "CoreDNS refused to load the new text, and runs the old one; its log says why", "coredns-2", 1.9, state="failed"),
    Event("undoing", "coredns-2: CoreDNS refused to load the new text, and runs the old one; its log says why"),
    Event("replica", "shop.example.cn. AAAA is nodata, expected nxdomain", "coredns-1", 0.2, state="old"),
)
applying = _told(*_BEGUN, _WAITING)
undoing = _told(*_UNDOING)
put_back = _ended(UnhealthyError("coredns-2: CoreDNS refused to load the new text; the old text is live again, verified"), *_UNDOING)
stuck = _ended(
    UndoError(
        "interrupted; and the old text could not be put back: the API server of context prod does not answer",
        "put it back by hand: kubectl --context prod -n kube-system patch configmap coredns --type merge --patch-file /state/0.undo",
    ),
    *_UNDOING,
)

STATES: dict[str, tuple[Given, Go]] = {
    "findings": (DEMO, findings),
    "findings-of-a-file": (Given(targets=("Corefile",)), findings),
    "read-only": (DEMO._replace(read_only=True), findings),
    "change": (DEMO, change),
    "answers": (DEMO, answers),
    "question": (DEMO, question),
    "applying": (DEMO, applying),
    "undoing": (DEMO, undoing),
    "done": (DEMO, done),
    "history": (DEMO, history),
    "way-back": (DEMO, way_back),
    "rolled-back": (DEMO, rolled_back),
    "records": (DEMO, records),
    "refused-question": (DEMO._replace(validate="sandbox", coredns="/absent"), refused_question),
    "trouble": (Given(targets=("broken.Corefile",)), findings),
    "keys": (DEMO, keys),
    "pick": (DEMO, pick),
    "no-records": (DEMO, no_records),
    "searching": (DEMO, searching),
    "side-by-side": (DEMO, side_by_side),
    "left": (DEMO, left),
    "every-name": (DEMO, every_name),
    "not-possible": (Given(targets=("Corefile",), coredns="/absent"), not_possible),
    "overtaken": (Given(targets=("Corefile",), validate="model"), overtaken),
    "overtaken-question": (Given(targets=("Corefile",), validate="model"), overtaken_question),
    "cut-off": (DEMO, cut_off),
    "put-back": (DEMO, put_back),
    "stuck": (DEMO, stuck),
    "healed": (Given(targets=("healed.Corefile",)), findings),
    "healed-answers": (Given(targets=("healed.Corefile",)), answers),
    "several": (Given(targets=(".",)), findings),
    "moving": (Given(targets=("Corefile",), coredns_version="1.11.3", to="1.15.0"), change),
}
