"""What a spend model expects of a purchase, beside what purchases have brought: how far off it is, and for whom."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from whalecurve.engine.errors import Message
from whalecurve.engine.models import Fit, FitData, spend_model

BIASED = 0.05
"""From here on, up or down, the level is worth a note."""
FIRST_DIFFERS = 0.25
"""From here on it is worth a note that first purchases bring more or less than what one-time buyers are expected to."""
BLOCK = 1_000_000
"""Customers whose expectations are worked out together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendLevel:
    """Value of one purchase: expected, and as it was.

    expected, actual : means over the repeat customers, each counted once: of what is expected of a purchase of theirs,
        and of their repeat purchases so far
    n_repeat, n_losses : repeat customers; those whose repeat purchases brought nothing or less
    of_one_time_buyers : expected of a purchase of a one-time buyer, by what others' repeat purchases brought
    first_of_one_time_buyers, first_of_repeat_customers : mean first purchase, see `FirstPurchases`
    """

    expected: float
    actual: float
    n_repeat: int
    n_losses: int
    of_one_time_buyers: float
    first_of_one_time_buyers: float | None
    first_of_repeat_customers: float | None

    @property
    def bias(self) -> float | None:
        """Expected over actual, less 1; None where purchases brought nothing on average."""
        return self.expected / self.actual - 1.0 if self.actual > 0.0 else None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self) | {"bias": self.bias}

    def notes(self, name: str, remedy: str) -> list[str]:
        """What a reader of CLV should know of it, in whole sentences; `remedy` ends the first of them."""
        said = []
        beside = f"{self.expected:,.2f} expected of a purchase of a repeat customer, {self.actual:,.2f} so far"
        if self.bias is None:
            said.append(f"{name}: {beside}; CLV is not to be trusted{remedy}")
        elif abs(self.bias) >= BIASED:
            level = f"{abs(self.bias):.0%} too {'high' if self.bias > 0.0 else 'low'}"
            said.append(f"{name}: {beside}, so CLV is about {level}{remedy}")
        first, expected = self.first_of_one_time_buyers, self.of_one_time_buyers
        if first is not None and abs(expected - first) >= FIRST_DIFFERS * abs(first):
            repeat = self.first_of_repeat_customers
            others = "" if repeat is None else f" (of repeat customers: {repeat:,.2f})"
            said.append(
                f"one-time buyers: {expected:,.2f} expected of a purchase, as repeat purchases of others bring; "
                f"their own first one brought {first:,.2f} on average{others}, so their CLV may be too "
                f"{'high' if expected > first else 'low'}"
            )
        return [Message(words) for words in said]


def spend_level(fit_data: FitData, fit: Fit) -> SpendLevel | None:
    """Hold a spend model against what the customers have spent; None without repeat customers."""
    x, m, expected_value = fit_data.x, fit_data.m, spend_model(fit.model).expected_value
    if not x.size:
        return None
    blocks = [slice(start, start + BLOCK) for start in range(0, x.size, BLOCK)]
    totals = [float(expected_value(x[some], m[some], *fit.values).sum()) for some in blocks]
    return SpendLevel(
        expected=sum(totals) / x.size,
        actual=float(m.sum()) / x.size,
        n_repeat=x.size,
        n_losses=int(np.count_nonzero(m <= 0.0)),
        of_one_time_buyers=float(expected_value(0.0, 0.0, *fit.values)),
        first_of_one_time_buyers=fit_data.firsts.of_one_time_buyers,
        first_of_repeat_customers=fit_data.firsts.of_repeat_customers,
    )
