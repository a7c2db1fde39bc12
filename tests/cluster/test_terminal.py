"""The interface in a real terminal on a real cluster: from the incident to a healed cluster and back, by keys alone.

A musl pod is asked before, between and after, since it is what the incident broke.
"""

from __future__ import annotations

from pathlib import Path

from tests.command import Command
from tests.terminal import terminal
from tests.testbed.cluster import INCIDENT, Testbed
from tests.testbed.namespace import ENTER

SHOP = "shop.example.cn"


def test_from_the_incident_to_a_healed_cluster_and_back_by_keys_alone(incident: Testbed, remedy: Command, tmp_path: Path) -> None:
    environment = {"LC_ALL": "C.UTF-8", **remedy.variables}
    assert incident.musl(SHOP).text == "Name does not resolve"
    with terminal(tmp_path, remedy.argv("tui", "--settle", "5"), environment, prefix=ENTER) as here:
        here.until("! AAAA001", "2 of 2 ready", "live", "kube-system/coredns", "template ANY AAAA {")
        here.keys("a")
        here.until("model ✓ passed")
        here.keys("c")
        screen = here.until("canary ✓ passed", "lookups that fail now will succeed", patience=120)
        assert "NXDOMAIN" in screen
        assert "NODATA" in screen
        here.keys("p")
        screen = here.until("write it?  y yes", patience=120)
        for words in ("write kube-system/coredns/Corefile in context", "-3 +1 lines", "✓ validation by canary: passed", "fingerprint"):
            assert words in screen
        here.keys("y")
        screen = here.until("every replica has it", patience=120)
        pods = [name for name, _ in incident.pods()]
        for name in pods:
            assert f"{name}   written ── kubelet told" in screen
        assert screen.count("verified ✓") == len(pods)
        screen = here.until("✓ done and verified", patience=120)
        for name in pods:
            assert f"✓ {name}:" in screen
        assert "remedy rollback" in screen
        found = incident.musl(SHOP)
        assert (found.code, bool(found.addresses)) == (0, True)
        assert incident.corefile() != INCIDENT

        here.keys("Escape")
        here.until("findings: none")
        here.keys("h")
        here.until("✓ 20", "applied", "validation (canary): passed")
        here.keys("r")
        here.until("put it back?  y yes", "lost again")
        here.keys("y")
        here.until("✓ put back and verified", patience=120)
        assert incident.corefile() == INCIDENT
        assert incident.musl(SHOP).text == "Name does not resolve"
        here.keys("q")
        assert here.ended() == 0
        assert "remedy" in here.screen
