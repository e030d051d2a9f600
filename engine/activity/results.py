"""What customers do beside buying. Frozen."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.activity.risk import ActivityTest
from whalecurve.engine.activity.settings import ActivitySettings
from whalecurve.engine.notebook import Displayed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Activity(Displayed):
    """Activity of the customers of a result.

    customers : one row each, in order of the ids
    segments : customers and their value by segment of activity and RFM segment; of all RFM segments first
    rates : how many sessions lead on, and what becomes of carts; of all, by RFM segment and by channel
    carts : carts and their value, by the same
    test : what a holdout says of activity; None where there was none; untested : why
    tally : what became of the rows of events; kinds, of_no_kind : rows by kind, and by type of those that are of none
    visitors : rows without a customer, and distinct visitors among them, None where visitors are not told
    channels : the share of each channel in the days of all customers; channel_prior : days that these shares are worth
        for a customer, None where customers differ by no more than chance
    """

    customers: pl.DataFrame
    segments: pl.DataFrame
    rates: pl.DataFrame
    carts: pl.DataFrame
    test: ActivityTest | None
    untested: str | None
    as_of: str
    first_day: str | None
    last_day: str | None
    preset: str | None
    columns: dict[str, str]
    tally: dict[str, Any]
    kinds: dict[str, int]
    of_no_kind: dict[str, int]
    visitors: dict[str, int | None]
    channels: dict[str, float]
    channel_prior: float | None
    settings: ActivitySettings
    scores: str
    rows: dict[str, Any]
    warnings: tuple[str, ...]
    out: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON: all but the customers."""
        return {
            "as_of": self.as_of,
            "scores": self.scores,
            "events": {
                "preset": self.preset,
                "columns": self.columns,
                "first_day": self.first_day,
                "last_day": self.last_day,
                **self.tally,
                "kinds": self.kinds,
                "of_no_kind": self.of_no_kind,
                "without_customer": self.visitors,
            },
            "settings": asdict(self.settings),
            "segments": self.segments.to_dicts(),
            "rates": self.rates.to_dicts(),
            "carts": self.carts.to_dicts(),
            "channels": self.channels,
            "channel_prior_days": self.channel_prior,
            "risk": {"test": None if self.test is None else self.test.to_dict(), "untested": self.untested},
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """Events and what they say of all."""
        rates = {row["measure"]: row["rate"] for row in self.rates.filter(by="all").to_dicts()}
        return {
            "events used": self.tally["used"],
            "customers with events": self.tally["customers"],
            "sessions with a purchase": rates["session_to_purchase"],
            "carts abandoned": rates["cart_abandoned"],
            "activity tells who buys": None if self.test is None else self.test.is_better,
            "in": self.out,
        }
