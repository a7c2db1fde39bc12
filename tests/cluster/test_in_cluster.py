"""Inside a pod there is no kubeconfig: the service account that Kubernetes mounts is enough."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path

from ruamel.yaml import YAML

from tests.cluster.test_errors import DIAL, READ, WATCH, WRITE
from tests.command import Command
from tests.testbed.cluster import Testbed

# The client reads fixed paths below /var/run; a mount namespace of its own keeps them off the machine.
AS_A_POD = """
set -eu
mount --make-rprivate /
cp -r "$1" /tmp/held.$$
mount -t tmpfs tmpfs /run
mkdir -p /var/run/secrets/kubernetes.io
cp -r /tmp/held.$$ /var/run/secrets/kubernetes.io/serviceaccount
rm -r /tmp/held.$$
shift
exec "$@"
"""


def test_the_service_account_of_a_pod_is_enough(incident: Testbed, tmp_path: Path) -> None:
    held = YAML(typ="safe", pure=True).load(incident.restricted([READ, WRITE, WATCH, DIAL]))
    account = tmp_path / "account"
    account.mkdir()
    (account / "token").write_text(held["users"][0]["user"]["token"])
    cluster = held["clusters"][0]["cluster"]
    authority = cluster.get("certificate-authority-data")
    (account / "ca.crt").write_bytes(base64.b64decode(authority) if authority else Path(cluster["certificate-authority"]).read_bytes())
    host, _, port = cluster["server"].removeprefix("https://").partition(":")

    remedy = Command(
        tmp_path / "state", tmp_path, {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
    )
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", AS_A_POD, "pod", str(account), *remedy.argv("apply", "--yes", "--settle", "0")],
        env={**remedy.variables, "PATH": os.environ["PATH"]},
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert "template IN AAAA ." in incident.corefile()
