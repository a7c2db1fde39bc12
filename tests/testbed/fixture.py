"""The session fixture `testbed`: one cluster per test run, reset by the tests that change it.

Import it into a conftest (or run pytest with -p tests.testbed.fixture). Where the cluster cannot run the tests skip
and say why; under CI=true that is a failure.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .cluster import Testbed, down, up
from .machine import unable


@pytest.fixture(scope="session")
def testbed() -> Iterator[Testbed]:
    """The running testbed; taken down at the end of the run unless REMEDY_TESTBED_KEEP=1."""
    reason = unable()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(f"testbed: {reason}")
    if reason:
        pytest.skip(f"testbed: {reason}")
    running = up()
    try:
        yield running
    finally:
        if os.environ.get("REMEDY_TESTBED_KEEP") != "1":
            down()
