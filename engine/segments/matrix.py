"""Stage: churn risk and value at stake -> cell of the risk x value matrix, with its action."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.coded_words import labelled, picked
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.schemes import Scheme, decimal
from whalecurve.engine.segments.best_shares import cutoffs
from whalecurve.engine.segments.columns import VALUE_AXES


def value_cutoff(values: NDArray[np.float64], quantile: float = 0.8) -> float | None:
    """Least value at stake (or other value) that counts as high, of the customers with one.

    It is the smallest one whose mid-rank share, (less + equal / 2) / n, is at least
    `quantile` (read as the decimal it prints as). Equal customers are never divided; a tied
    group at the cutoff is high as soon as half of it lies in the best fifth. Where not even
    the best group gets there (one customer in a handful, or a large tie), the best group it
    is: see `cutoffs`, which puts them into another order. None where there is nobody.
    """
    if not 0.0 < quantile < 1.0:
        raise InputError(f"{setting('value_quantile', quantile)} is out of range; choose a number between 0 and 1")
    cuts = cutoffs(values, [1 - decimal(quantile)])
    return None if cuts is None else cuts[0]


def value_record(axis: str, cutoff: float | None) -> dict[str, float | None]:
    """The cutoff for `model.json`, under the name of the column that it is of."""
    return {f"{VALUE_AXES[axis]}_high_value": cutoff}


def value_cutoff_of(thresholds: Mapping[str, Any], axis: str) -> float | None:
    """The cutoff as `value_record` has it; KeyError where there is none of that axis."""
    cutoff: float | None = thresholds[f"{VALUE_AXES[axis]}_high_value"]
    return cutoff


def with_matrix(
    customers: pl.LazyFrame,
    scheme: Scheme,
    *,
    cutoff: float | None,
    axis: str = "stake",
    risk_threshold: float = 0.5,
    is_risk_withheld: bool = False,
) -> pl.LazyFrame:
    """Add churn_risk, risk, value_class, matrix_segment and matrix_action.

    churn_risk = 1 - p_purchase; risk is "high" from the threshold on; value_class is "high"
    at or above the cutoff of the axis' column. All five are null where p_purchase or that column is null or NaN,
    and everywhere when the cutoff is None; all but value_class, where risk is withheld.
    """
    value = pl.col(VALUE_AXES[axis])
    is_placed = pl.col("p_purchase").is_not_nan() & value.is_not_nan() & pl.lit(cutoff is not None)
    churn_risk = 1.0 - pl.col("p_purchase")
    is_safe = (churn_risk < risk_threshold).cast(pl.Int16)
    is_cheap = (value < (0.0 if cutoff is None else cutoff)).cast(pl.Int16)
    tells = is_placed & pl.lit(not is_risk_withheld)
    cell = pl.when(tells).then(2 * is_safe + is_cheap)  # the order of scheme.matrix
    return customers.with_columns(
        churn_risk=pl.when(tells).then(churn_risk),
        risk=picked(("high", "high", "low", "low"), cell),
        value_class=picked(("high", "low"), pl.when(is_placed).then(is_cheap)),
        matrix_segment=labelled([part.name for part in scheme.matrix], cell),
        matrix_action=picked([part.action for part in scheme.matrix], cell),
    )
