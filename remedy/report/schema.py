"""The JSON Schemas (draft 2020-12) of the documents that remedy prints and keeps: one file a document, in schemas/.

Every file stands alone: what two documents share is written out in both, and a test keeps the copies equal. A field may be added to a
document at any time, so no schema forbids one that it does not name.
"""

from __future__ import annotations

from remedy.errors import InputError

NAMES = ("scan", "plan", "validation", "record", "history", "hash", "explain", "doctor")


def text(name: str) -> str:
    """The schema of the document `remedy.NAME/1`, as JSON text. InputError where there is no such document."""
    if name not in NAMES:
        raise InputError(f"no document is called {name}", f"the documents: {', '.join(NAMES)}")
    from importlib.resources import files  # also reads from a zip, where there is no path to open

    return (files("remedy.report") / "schemas" / f"{name}.json").read_text("utf-8")
