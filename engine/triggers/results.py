"""The list of a day. Frozen."""

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.notebook import Displayed
from whalecurve.engine.triggers.choice import ANOTHER, COOLING
from whalecurve.engine.triggers.settings import TRIGGERS, Triggering


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Triggered(Displayed):
    """Who is to be written to on a day, and why.

    customers : customer_id, trigger, priority (1 for the most important of the customer's), detail, rfm_segment, value,
        clv; the most important triggers first, then by CLV
    held_back : events that are not told, with `reason`
    since : the day of the last list; None where there was none
    is_again : whether the list of this day had been made before, and is that one
    scores : run id of the result
    """

    customers: pl.DataFrame
    held_back: pl.DataFrame
    on: date
    since: date | None
    is_again: bool
    as_of: str
    scores: str
    settings: Triggering
    warnings: tuple[str, ...]
    out: Path | None = None

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Events of each trigger that is looked for, or was as the list was made: told, and held back by reason."""
        told = dict(self.customers.group_by("trigger").len().iter_rows())
        held = {(trigger, why): n for trigger, why, n in self.held_back.group_by("trigger", "reason").len().iter_rows()}
        happened = {*told, *(trigger for trigger, _ in held)}
        return {
            name: {
                "told": told.get(name, 0),
                "cooling_off": held.get((name, COOLING), 0),
                "another_trigger": held.get((name, ANOTHER), 0),
            }
            for name in dict.fromkeys((*self.settings.looked_for, *(name for name in TRIGGERS if name in happened)))
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON, without any id."""
        settings = asdict(self.settings) | {"on": self.on.isoformat(), "triggers": self.settings.looked_for}
        return {
            "on": self.on.isoformat(),
            "since": None if self.since is None else self.since.isoformat(),
            "is_again": self.is_again,
            "as_of": self.as_of,
            "scores": self.scores,
            "settings": {name: list(value) if isinstance(value, tuple) else value for name, value in settings.items()},
            "customers": self.customers["customer_id"].n_unique(),
            "triggers": self.counts,
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """The day, and how many customers of which trigger."""
        told = {name.replace("_", " "): n["told"] for name, n in self.counts.items() if n["told"]}
        return {"on": self.on, "customers": self.customers["customer_id"].n_unique(), **told, "in": self.out}
