"""A Finding: a problem at its place in a Document, with the fix that is proposed, its alternatives, and the reason that silences it.

`fix.edits` are on the text that the rule saw, which after a first round of fixes is no longer the Document's: what is written are the edits
of a Repair.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from remedy.rules import Fix


class Finding(NamedTuple):
    """Lines and columns count from 1, columns in code points, ends are exclusive; `corefile_*`: in the Corefile.

    `suppressed` is the reason that a comment gives for leaving it alone; `place` what `id` is made of: the Corefile's identity, the span
    and its source.
    """

    code: str
    name: str
    severity: str
    message: str
    line: int
    column: int
    end_line: int
    end_column: int
    corefile_line: int
    corefile_column: int
    fix: Fix | None = None
    alternatives: tuple[Fix, ...] = ()
    suppressed: str | None = None
    place: str = ""

    @property
    def id(self) -> str:
        """Stable for the same text: the code and a digest of the span."""
        import hashlib  # opens OpenSSL; most runs never ask for an id

        return f"{self.code}-{hashlib.sha256(self.place.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"

    @property
    def wrong(self) -> bool:
        """Does it count against the text? An info line does not, nor what a comment suppresses with a reason."""
        return self.severity != "info" and self.suppressed is None

    @property
    def fixable(self) -> bool:
        """Is there a way to repair it, and nobody who says that it is to stay?"""
        return self.fix is not None and self.suppressed is None

    def to_data(self) -> dict[str, Any]:
        """F (contract)."""
        plain = {name: getattr(self, name) for name in self._fields[: self._fields.index("fix")]}
        fix, alternatives = self.fix and _fix_to_data(self.fix), [_fix_to_data(each) for each in self.alternatives]
        suppressed = None if self.suppressed is None else {"reason": self.suppressed}
        return {"id": self.id, **plain, "fix": fix, "alternatives": alternatives, "suppressed": suppressed}

    @staticmethod
    def from_data(data: dict[str, Any]) -> Finding:
        """A finding of a saved plan, to be shown: its fixes have no edits."""
        plain = {name: data[name] for name in Finding._fields[: Finding._fields.index("fix")]}
        suppressed = data.get("suppressed") and data["suppressed"]["reason"]
        alternatives = tuple(_fix_from_data(each) for each in data.get("alternatives", ()))
        return Finding(**plain, fix=data["fix"] and _fix_from_data(data["fix"]), alternatives=alternatives, suppressed=suppressed)


def _fix_to_data(fix: Fix) -> dict[str, str]:
    return {"title": fix.title, "name": fix.name, "safety": fix.safety, "why": fix.why}


def _fix_from_data(data: dict[str, Any]) -> Fix:
    return Fix(data["title"], data["name"], (), data["safety"], data.get("why", ""))
