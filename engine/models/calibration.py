"""How well a fitted purchase model describes the customers it was fitted to."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from whalecurve.engine.models.fitted_model import Fit
from whalecurve.engine.models.histories import Histories
from whalecurve.engine.models.purchase_models import purchase_model
from whalecurve.kernels.arrays import Vector

MOST_SHOWN = 7  # frequencies from here on are one group, as in the papers
GOOD, FAIR = 0.03, 0.10  # shares of misplaced customers below which a fit is called so, by convention


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Customers by number of repeat purchases, as counted and as the model expects them.

    frequency : 0 .. 7, the last one meaning 7 or more
    misplaced : share of customers that the model puts into a wrong group, half the summed absolute difference
    repeats, expected_repeats : repeat purchases in all
    """

    frequency: list[int]
    actual: list[float]
    expected: list[float]
    misplaced: float
    repeats: float
    expected_repeats: float

    @property
    def verdict(self) -> str:
        """The misfit in a word."""
        return "good" if self.misplaced < GOOD else "fair" if self.misplaced < FAIR else "poor"

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self) | {"verdict": self.verdict}


def calibrate(histories: Histories, fit: Fit) -> Calibration:
    """Compare a fit with its own data. Each customer is expected over the customer's own age T."""
    model = purchase_model(fit.model)
    ages = pl.DataFrame({"T": histories.T, "n": histories.counts}).group_by("T").agg(pl.col("n").sum()).sort("T")
    T, n = ages["T"].to_numpy(), ages["n"].to_numpy()
    counts = np.arange(MOST_SHOWN, dtype=np.float64)
    shares = model.pmf(counts[:, None], T[None, :], *fit.values)
    return calibration_of(
        histories.x,
        histories.counts,
        below=shares @ n,
        repeats=histories.n_repeats,
        expected_repeats=float((model.expected_purchases(T, *fit.values) * n).sum()),
    )


def calibration_of(
    x: Vector, counts: Vector | None, *, below: Vector, repeats: float, expected_repeats: float
) -> Calibration:
    """Customers as counted beside those expected.

    Parameters
    ----------
    x, counts
        float64[m], repeat purchases, and the customers behind each; None: one each.
    below
        float64[7], customers expected with 0 .. 6 repeat purchases; the rest has more.
    """
    n = float(x.size if counts is None else counts.sum())
    expected = np.append(below, max(n - float(below.sum()), 0.0))
    groups = np.minimum(x, MOST_SHOWN).astype(np.int64)
    actual = np.bincount(groups, weights=counts, minlength=MOST_SHOWN + 1).astype(np.float64)
    return Calibration(
        frequency=list(range(MOST_SHOWN + 1)),
        actual=actual.tolist(),
        expected=expected.tolist(),
        misplaced=float(np.abs(actual - expected).sum() / (2.0 * n)),
        repeats=repeats,
        expected_repeats=expected_repeats,
    )
