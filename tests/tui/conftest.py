"""Every sitting has a state folder of its own."""

from __future__ import annotations

from tests.tui.sitting import state

__all__ = ["state"]
