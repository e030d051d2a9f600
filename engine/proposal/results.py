"""What is proposed for a log: what was decided and why, and what is not sure."""

from dataclasses import dataclass
from typing import Any

from whalecurve.engine.notebook import Displayed
from whalecurve.engine.settings import Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is proposed for one setting.

    setting : a role, or `keep` or `fill_down`; or `query`, as it was given
    why : what spoke for it; empty where the export has it so
    """

    setting: str
    value: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Proposal(Displayed):
    """How an order log may be read.

    log : what messages call it
    export : the name of the export that it was recognised as; None where roles go by names and content
    title : that export in words; empty where there is none
    columns : what is proposed, as the other jobs take it
    doubts : what may be otherwise, a sentence each
    notes : what to know of the numbers of this export
    dimensions : columns that customers and sales may be compared by
    n_sampled : rows that decided
    n_tried, refused : lines that were read by the proposal, and those of them that would be refused, by reason
    """

    log: str
    export: str | None
    title: str
    columns: Columns
    decisions: tuple[Decision, ...]
    doubts: tuple[str, ...]
    notes: tuple[str, ...]
    dimensions: tuple[str, ...]
    n_sampled: int
    n_tried: int
    refused: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "log": self.log,
            "export": self.export,
            "title": self.title,
            "settings": {decision.setting: decision.value for decision in self.decisions},
            "why": {decision.setting: decision.why for decision in self.decisions},
            "doubts": list(self.doubts),
            "notes": list(self.notes),
            "dimensions": list(self.dimensions),
            "rows_sampled": self.n_sampled,
            "lines_tried": self.n_tried,
            "refused": self.refused,
        }

    def facts(self) -> dict[str, object]:
        """The export, what was decided, and how much is not sure."""
        return {
            "log": self.log,
            "export": self.title or None,
            **{decision.setting: decision.value for decision in self.decisions},
            "not sure": len(self.doubts),
        }
