"""Every action has its equal on the command line, and a key of its own on each screen."""

from __future__ import annotations

import importlib
import shlex
from collections import Counter
from pathlib import Path

import pytest

from remedy.cli import parser
from tests.command import Command
from tests.tui.keys import SCREENS
from tui import actions
from tui.actions import ACTIONS, Action
from tui.app import RemedyApp
from tui.given import Given, command, given
from tui.screens.page import Page

GIVEN = Given(
    targets=("Corefile",),
    context="prod",
    namespace="kube-system",
    configmap="coredns",
    coredns_version="1.11.3",
    request_timeout=5.0,
    style="minimal",
    soa=True,
    fix=(("AAAA001-0123abcd", "delete"),),
    search=("example.org",),
    unsafe=True,
    select=("AAAA001",),
    ignore=("CFG",),
    probe=("shop.example.cn",),
    strict=True,
    timeout=60.0,
    settle=2.0,
    no_poke=True,
    force_owner=True,
)


@pytest.mark.parametrize("start", [Given(), GIVEN, Given(demo=True)], ids=["bare", "flags", "demo"])
@pytest.mark.parametrize("action", [action for action in ACTIONS if action.command], ids=lambda action: action.name)
def test_the_command_of_an_action_is_one_that_the_command_line_takes(action: Action, start: Given) -> None:
    words = shlex.split(command(action.command, start))[1:]
    if words[0].startswith("--"):
        with pytest.raises(SystemExit) as ended:
            parser(words).parse_args(words)
        assert ended.value.code == 0
    else:
        assert parser(words).parse_args(words).verb == words[0]


def test_only_what_changes_the_picture_alone_has_no_command_and_the_undo_which_is_ctrl_c_there() -> None:
    pictures = {"filter", "next", "previous", "no", "back", "theme", "palette", "leave"}
    assert {action.name for action in ACTIONS if not action.command} == pictures | {"stop"}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_every_action_is_carried_out_by_every_screen_that_it_is_on(action: Action) -> None:
    assert all(hasattr(screen, f"do_{action.name}") or hasattr(RemedyApp, f"do_{action.name}") for screen in screens(action))


def screens(action: Action) -> list[type[Page]]:
    """The classes of the screens that have this action."""
    modules = {importlib.import_module(f"tui.screens.{name}") for name in SCREENS}
    classes = [each for module in modules for each in vars(module).values() if isinstance(each, type)]
    named = {each.NAME: each for each in classes if issubclass(each, Page) and each.NAME}
    assert set(named) == set(SCREENS)
    return [named[name] for name in (action.screens or SCREENS)]


def test_what_a_sitting_was_started_with_comes_back_as_the_same_words() -> None:
    words = shlex.split(command("tui", GIVEN))[1:]
    assert given(parser(words).parse_args(words)) == GIVEN


@pytest.mark.parametrize("screen", sorted({screen for action in ACTIONS for screen in action.screens}))
def test_no_key_stands_for_two_actions_of_a_screen(screen: str) -> None:
    keys = Counter(key for action in actions.of(screen) for key in action.keys.split(","))
    assert [key for key, count in keys.items() if count > 1] == []


def test_without_a_terminal_the_interface_says_what_to_use_instead(tmp_path: Path) -> None:
    remedy = Command(tmp_path / "state", tmp_path)
    done = remedy("tui", "--demo")
    assert done.code == 2
    assert "needs a terminal" in done.err
    assert "remedy scan" in done.err
    assert remedy().code == 2


def test_what_an_action_does_is_said_in_words_that_fit_80_columns() -> None:
    assert [action.name for action in ACTIONS if len(action.help) > 48] == []
