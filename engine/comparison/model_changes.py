"""What moved in the models between two results: thresholds of the scores, parameters."""

import math
from collections.abc import Iterator
from typing import Any

from whalecurve.engine.publication import Result
from whalecurve.engine.segments import VALUE_AXES

SCORED = ("days_since_last", "n_purchase_days", "value")
FITS = ("transactions", "spend")

Changes = list[dict[str, Any]]


def moved_thresholds(old: Result, new: Result) -> Changes:
    """The cut-offs of R, F and M for each score above 1, and what counts as high value, and as gone (score None).

    `difference` is new less old; None where a score is not given in one of them.
    """
    before, after = old.model["thresholds"], new.model["thresholds"]
    rows = []
    if before["bins"] == after["bins"] and not (_is_nested(old) or _is_nested(new)):
        for name in SCORED:
            for score, cuts in enumerate(zip(before[name], after[name], strict=True), start=2):
                rows.append(_moved(*cuts, threshold=name, score=score))
    axes = [column for column in VALUE_AXES.values() if any(f"{column}_high_value" in cuts for cuts in (before, after))]
    for column in axes:
        cutoffs = (thresholds.get(f"{column}_high_value") for thresholds in (before, after))
        rows.append(_moved(*cutoffs, threshold=column, score=None))
    horizons = [_horizon(result) for result in (old, new)]
    return [*rows, _moved(*horizons, threshold="risk_horizon", score=None)] if any(horizons) else rows


def _horizon(result: Result) -> int | None:
    """The risk horizon in days; of a result from before there was a choice, the one that was given."""
    record = result.model.get("risk")
    days: int | None = record["horizon_days"] if record else result.definitions.get("risk_days")
    return days


def moved_parameters(old: Result, new: Result) -> Changes:
    """Parameters of the models that both results fitted.

    `in_standard_errors` is the difference over sqrt(SE_old^2 + SE_new^2), the standard error of a difference
    between independent samples. Where the new log holds the old one the samples overlap, so that the difference
    varies less than that: the number is then a cautious one. None where a standard error is not known.
    """
    rows = []
    for part in FITS:
        before, after = old.model[part], new.model[part]
        if before["model"] != after["model"] or not (before["params"] and after["params"]):
            continue
        errors = [fit["standard_errors"] or {} for fit in (before, after)]
        for name in before["params"]:
            if name in after["params"]:
                row = _moved(before["params"][name], after["params"][name], model=before["model"], parameter=name)
                error_old, error_new = (of_fit.get(name) for of_fit in errors)
                row |= {"standard_error_old": error_old, "standard_error_new": error_new}
                rows.append(row | {"in_standard_errors": _ratio(row["difference"], error_old, error_new)})
    return rows


def model_warnings(old: Result, new: Result) -> Iterator[str]:
    """Why some of the above cannot be compared, and what else a reader should know, in whole sentences."""
    if old.model["thresholds"]["bins"] != new.model["thresholds"]["bins"]:
        yield "the numbers of scores differ: no thresholds of R, F and M are compared"
    elif _is_nested(old) or _is_nested(new):
        yield "nested scores have thresholds of their own in every cell: those of R, F and M are not compared"
    for part in FITS:
        before, after = old.model[part], new.model[part]
        without = [result for result in (old, new) if not result.model[part]["params"]]
        if without:
            yield f"{part}: {without[0].path} has no fitted model, so no parameters are compared"
        elif before["model"] != after["model"]:
            yield f"{part}: {before['model']}, then {after['model']}: no parameters are compared"
    for result in (old, new):
        if (result.model.get("risk") or {}).get("withheld"):
            yield f"{result.path}: risk is withheld, so nobody there is in a cell of the matrix, or at risk"
    versions = [result.manifest.get("version") for result in (old, new)]
    if versions[0] != versions[1]:
        yield f"the results are of whalecurve {versions[0]} and {versions[1]}"


def _is_nested(result: Result) -> bool:
    return any(isinstance(cuts, list) for cuts in result.model["thresholds"]["n_purchase_days"])


def _moved(old: float | None, new: float | None, **what: object) -> dict[str, Any]:
    difference = None if old is None or new is None else new - old
    return what | {"old": old, "new": new, "difference": difference}


def _ratio(difference: float, old_error: float | None, new_error: float | None) -> float | None:
    error = 0.0 if old_error is None or new_error is None else math.hypot(old_error, new_error)
    return difference / error if error > 0.0 else None
