"""Container images written by hand as OCI image archives, because no registry is within reach.

An image name must be written in full (docker.io/local/NAME:TAG): the kubelet asks for the full form and never pulls.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import build
from .config import PAUSE_IMAGE
from .manifests import COREDNS_IMAGE, GLIBC_IMAGE, MUSL_IMAGE
from .places import CONTAINERD_SOCKET, STATE

_ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
_APPLETS = ("cat", "grep", "ls", "nslookup", "ping", "ps", "sh", "sleep", "wget")
CTR = ("ctr", "--address", str(CONTAINERD_SOCKET), "--namespace", "k8s.io")


def load() -> None:
    """Write the images and hand them to the testbed's containerd, which must be running."""
    musl: dict[str, Path | str] = {"getaddrinfo": build.musl_getaddrinfo(), "lookups": build.musl_lookups(), "pause": build.pause()}
    musl |= {"bin/busybox": Path("/usr/bin/busybox")} | {f"bin/{name}": "busybox" for name in _APPLETS}
    glibc: dict[str, Path | str] = {"getaddrinfo": build.glibc_getaddrinfo(), "lookups": build.glibc_lookups(), "pause": build.pause()}
    glibc |= {str(path).lstrip("/"): path for name in ("getaddrinfo", "lookups") for path in build.libraries(Path(str(glibc[name])))}
    for name, files, entrypoint in (
        (PAUSE_IMAGE, {"pause": build.pause()}, ["/pause"]),
        (COREDNS_IMAGE, {"coredns": build.coredns()}, ["/coredns"]),
        (MUSL_IMAGE, musl, ["/pause"]),
        (GLIBC_IMAGE, glibc, ["/pause"]),
    ):
        bring(name, files, entrypoint)


def bring(name: str, files: Mapping[str, Path | str], entrypoint: Sequence[str]) -> None:
    """Write an image, and hand it to the testbed's containerd."""
    archive = STATE / "image.tar"
    write(archive, name, files, entrypoint)
    argv = [*CTR, "images", "import", str(archive)]
    done = subprocess.run(argv, capture_output=True, timeout=120)
    archive.unlink()
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)}: {done.stderr.decode(errors='replace').strip()}")


def write(archive: Path, name: str, files: Mapping[str, Path | str], entrypoint: Sequence[str]) -> None:
    """One layer holding `files` (a Path is copied as a program, a str becomes a symbolic link)."""
    layer = _tar({path: source.read_bytes() if isinstance(source, Path) else source for path, source in files.items()})
    config = _json(
        {
            "architecture": _ARCHITECTURE,
            "os": "linux",
            "config": {"Entrypoint": list(entrypoint), "Env": ["PATH=/bin:/"]},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        }
    )
    kind = "application/vnd.oci.image"
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": f"{kind}.manifest.v1+json",
            "config": _described(f"{kind}.config.v1+json", config),
            "layers": [_described(f"{kind}.layer.v1.tar", layer)],
        }
    )
    entry = _described(f"{kind}.manifest.v1+json", manifest)
    index = {"schemaVersion": 2, "manifests": [{**entry, "annotations": {"io.containerd.image.name": name}}]}
    blobs = {f"blobs/sha256/{_digest(blob)[7:]}": blob for blob in (layer, config, manifest)}
    archive.write_bytes(_tar({"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": _json(index), **blobs}))


def _tar(members: Mapping[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, content in members.items():
            info = tarfile.TarInfo(path)
            info.mode = 0o755
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def _described(media_type: str, blob: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": _digest(blob), "size": len(blob)}


def _digest(blob: bytes) -> str:
    return "sha256:" + hashlib.sha256(blob).hexdigest()


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
