"""The command on the real cluster, from inside its network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.command import Command
from tests.testbed.cluster import INCIDENT, Testbed


@pytest.fixture
def incident(testbed: Testbed) -> Iterator[Testbed]:
    """The cluster on the night of the incident, healthy in all else."""
    testbed.reset(INCIDENT)
    with testbed.namespace():
        yield testbed


@pytest.fixture
def remedy_as(testbed: Testbed, tmp_path: Path) -> Callable[[Path], Command]:
    """The command with a given kubeconfig."""
    return lambda kubeconfig: Command(tmp_path / "state", tmp_path, {"KUBECONFIG": str(kubeconfig)}, validate="model")


@pytest.fixture
def remedy(incident: Testbed, remedy_as: Callable[[Path], Command]) -> Command:
    """The command as the cluster's administrator, with the incident live."""
    return remedy_as(incident.kubeconfig)
