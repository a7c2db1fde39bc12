"""Records kept in the cluster, beside what they describe, so that another machine can roll a change back.

They are ConfigMaps of the target's own namespace, told from live ones by a label. Without the right to write them remedy works all the
same: the record that counts is the one on the operator's own disk.
"""

from __future__ import annotations

import base64
import binascii
import zlib

from remedy.cluster.door import Door
from remedy.errors import ClusterError

LABEL = "remedy/record"
OUTCOME = "remedy/outcome"
_NAME = "remedy-record-"
_KEY, _PACKED = "record.json", "record.json.zlib"
_LARGE = 64 << 10
_MOST = 900 << 10  # an object of more than 1 MiB is refused
_KEPT = 20


def keep(door: Door, namespace: str, id_: str, text: str, outcome: str, *, new: bool) -> str:
    """Store a record, or its new state; returns why it could not be, or an empty string."""
    packed = base64.b64encode(zlib.compress(text.encode("utf-8"))).decode() if len(text) > _LARGE else ""
    if len(packed or text) > _MOST:
        return "it is too large for a ConfigMap"
    body = {
        "metadata": {"name": _name(id_), "labels": {LABEL: "true"}, "annotations": {OUTCOME: outcome}},
        **({"binaryData": {_PACKED: packed}} if packed else {"data": {_KEY: text}}),
    }
    try:
        if new:
            door.create("configmaps", namespace, body)
        else:
            door.patch("configmaps", namespace, _name(id_), body)
    except ClusterError as error:
        return f"{error}"
    return ""


def kept(door: Door, namespace: str) -> list[str]:
    """The texts of all records. ClusterError where they cannot be listed."""
    texts = []
    for each in door.select("configmaps", namespace, f"{LABEL}=true"):
        packed = (each.get("binaryData") or {}).get(_PACKED)
        try:
            texts.append(zlib.decompress(base64.b64decode(packed)).decode() if packed else str((each.get("data") or {})[_KEY]))
        except (KeyError, ValueError, binascii.Error, zlib.error):  # somebody else's, or damaged
            continue
    return texts


def prune(door: Door, namespace: str) -> None:
    """Remove all but the newest and the unfinished."""
    try:
        found = door.select("configmaps", namespace, f"{LABEL}=true")
        finished = [each for each in found if (each["metadata"].get("annotations") or {}).get(OUTCOME) not in (None, "started")]
        for each in sorted(finished, key=lambda each: str(each["metadata"]["name"]), reverse=True)[_KEPT:]:
            door.delete("configmaps", namespace, each["metadata"]["name"])
    except ClusterError:
        return


def _name(id_: str) -> str:
    return _NAME + id_.lower()
