"""Corefiles: text to tree, edits, and the hash of a running configuration. Importing the package loads none of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from remedy.corefile.hash import reload_hash
else:

    def __getattr__(name: str) -> object:
        if name != "reload_hash":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from remedy.corefile.hash import reload_hash

        return reload_hash


__all__ = ["reload_hash"]
