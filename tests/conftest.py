"""What all tests share: the real cluster as a session fixture, and no silent skips in CI."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from tests.testbed.fixture import testbed

__all__ = ["testbed"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that use the cluster carry the marker `testbed`, whether or not their author thought of it."""
    for item in items:
        if "testbed" in getattr(item, "fixturenames", ()):
            item.add_marker("testbed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that cannot run says so; in CI that is a failure, or a missing part would hide as a skip."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and CI skips nothing: {call.excinfo.value if call.excinfo else ''}"
    return report
