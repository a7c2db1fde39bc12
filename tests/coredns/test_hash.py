"""The hash that remedy computes for a Corefile is the one that a CoreDNS logs when it starts with it.

One number covers words, lines, imports, variables and how plugins are grouped: this is the whole parser against the real one.
"""

from __future__ import annotations

import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from remedy.corefile.files import on_disk
from remedy.corefile.hash import reload_hash
from tests.command import Command
from tests.coredns.corefiles import START, Running, by_hand, composed
from tests.coredns.running import Placed, coredns, logged, place
from tests.testbed import build

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux: all of 127.0.0.0/8 is loopback there")

COMPOSED = 80
LEAST = {"1.15.0": 100, "1.10.1": 20, "1.8.0": 20}


@pytest.fixture(scope="module", params=LEAST)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def started(version: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Placed, str]]:
    """Every Corefile that this version can start with, where it was put, and what its CoreDNS logged."""
    program = build.coredns(version)
    release = tuple(map(int, version.split(".")))
    chosen = [running for running in [*by_hand(), *composed(COMPOSED)] if running.oldest <= release]
    root = tmp_path_factory.mktemp("coredns")

    def run(numbered: tuple[int, Running]) -> tuple[Placed, str]:
        number, running = numbered
        placed = place(root / f"{number:03}", running, number)
        with coredns(program, placed) as process:
            return placed, logged(process)

    with ThreadPoolExecutor(max_workers=4) as several:
        done = list(several.map(run, enumerate(chosen)))
    return dict(zip((running.name for running in chosen), done, strict=True))


def test_enough_corefiles_start_and_each_logs_a_hash(started: dict[str, tuple[Placed, str]], version: str) -> None:
    print(f"CoreDNS {version} started with {len(started)} Corefiles")
    assert len(started) >= LEAST[version]
    assert [f"{name}: {said}" for name, (_, said) in started.items() if said.startswith("no hash")] == []
    digits = 32 if version == "1.8.0" else 128
    assert {len(said) for _, said in started.values()} == {digits}
    assert len({placed.text for placed, _ in started.values()}) == len(started)


def test_the_computed_hash_is_the_logged_one(started: dict[str, tuple[Placed, str]], version: str) -> None:
    wrong = []
    for name, (placed, said) in started.items():
        computed = reload_hash(placed.text, version=version, path=str(placed.corefile), files=placed.files, environment=placed.environment)
        on_this_machine = reload_hash(
            placed.text, version=version, path=str(placed.corefile), files=on_disk, environment=placed.environment
        )
        if (computed, on_this_machine) != (said, said):
            wrong.append(name)
    assert wrong == []


def test_the_command_prints_the_logged_hash_of_every_corefile_that_stands_alone(
    started: dict[str, tuple[Placed, str]], version: str, tmp_path: Path
) -> None:
    alone = [(placed.corefile, said) for placed, said in started.values() if _alone(placed)]
    assert len(alone) >= LEAST[version]
    remedy = Command(tmp_path / "state", tmp_path)
    done = remedy("hash", "--coredns-version", version, *(str(corefile) for corefile, _ in alone))
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [f"{said}  {corefile}" for corefile, said in alone]


def test_a_corefile_that_does_not_stand_alone_has_no_hash_and_exit_code_2(
    started: dict[str, tuple[Placed, str]], version: str, tmp_path: Path
) -> None:
    remedy = Command(tmp_path / "state", tmp_path)
    others = [placed.corefile for placed, _ in started.values() if not _alone(placed)]
    assert len(others) >= 15
    done = remedy("hash", "--coredns-version", version, *map(str, others))
    assert (done.code, done.out) == (2, "")
    assert done.err.count("the hash depends on") == len(others)


def _alone(placed: Placed) -> bool:
    """Does its hash depend on nothing but the text?"""
    return not placed.files and not placed.environment and not any(mark in placed.text for mark in ("{$N", "{%N", "import none"))


def test_after_a_reload_the_metric_holds_the_hash_of_the_new_text(tmp_path: Path) -> None:
    endpoint = "  prometheus 127.0.0.1:5393\n"
    texts = [f"{START} 2s 1s\n{endpoint}}}\n".replace("reload\n 2s", "reload 2s"), f"# a line\n{START}{endpoint}  log\n}}\n"]
    placed = [place(tmp_path, Running("reload", text), 999) for text in texts]
    placed[0].corefile.write_text(placed[0].text)
    with coredns(build.coredns(), placed[0]) as process:
        assert logged(process) == reload_hash(placed[0].text)
        placed[0].corefile.write_text(placed[1].text)
        assert logged(process) == reload_hash(placed[1].text)
        address = placed[1].text.partition("prometheus ")[2].split()[0]
        assert f'value="{reload_hash(placed[1].text)}"}} 1' in _metrics(f"http://{address}/metrics")


def _metrics(url: str, seconds: float = 10.0) -> str:
    """What the endpoint says, once it names a reload."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with direct.open(url, timeout=2) as answer:
                said: str = answer.read().decode()
                if "coredns_reload_version_info{" in said:
                    return said
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"{url}: no coredns_reload_version_info within {seconds:g} s")
