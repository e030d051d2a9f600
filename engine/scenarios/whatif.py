"""What if customers stayed longer, bought more often or for more: CLV of all, now and then."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from whalecurve.engine.errors import InputError, Message, setting
from whalecurve.engine.publication import Result, check_target, open_result
from whalecurve.engine.scenarios.basis import Basis, basis_of, movers, value_factor
from whalecurve.engine.scenarios.break_even import break_evens
from whalecurve.engine.scenarios.changed_rates import NONE, Change
from whalecurve.engine.scenarios.evaluation import Evaluated, Future, acquired, evaluated, last_month
from whalecurve.engine.scenarios.odds_for_target import factor_for
from whalecurve.engine.scenarios.output import publish
from whalecurve.engine.scenarios.pairs import Pairs, pairs_of
from whalecurve.engine.scenarios.results import SCHEMA, Assumption, Supposed
from whalecurve.engine.scenarios.settings import Levers
from whalecurve.engine.scenarios.sums import ALL
from whalecurve.engine.scenarios.tornado import tornado_of
from whalecurve.engine.settings import Given, taken
from whalecurve.engine.stages import OnStage, Stages
from whalecurve.engine.statistics import normal_quantile

FEW = 30
"""New customers of the last month below which they say little of those to come."""


def whatif(
    scores: str | Path,
    *,
    levers: Levers | Given | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    on_stage: OnStage | None = None,
) -> Supposed:
    """CLV of the customers of a result if, from its last day on, they stayed, bought or paid otherwise.

    What is past stays: P(alive), and what each customer's own history says of them. Nothing is read but the result.

    Parameters
    ----------
    scores
        Directory that `score` wrote, with CLV and without covariates.
    levers
        What changes; nothing where it is None.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Supposed
        CLV now and then, by segment; which assumptions matter.

    Raises
    ------
    InputError
        A directory that is no such result, a lever that it cannot be moved by, an `out` that cannot be written.

    Examples
    --------
    >>> import whalecurve as wc
    >>> found = wc.whatif("scores", levers={"retention": 0.05})
    >>> found.table.columns[:3]
    ['scheme', 'segment', 'customers']
    """
    stages, asked = Stages(on_stage), taken(Levers, levers) or Levers()
    with stages.stage("open"):
        result = open_result(scores)
        if out is not None:
            check_target(Path(out), overwrite=overwrite, results=[scores])
        basis = basis_of(result)
        moves, segments = movers(basis, asked)
        value = value_factor(basis, asked)
    with stages.stage("read"):
        pairs = pairs_of(result, moves, basis.clock)
        if not pairs.alive.any():
            raise InputError(f"{result.path}: nobody there is active who could change; name other segments")
    with stages.stage("suppose"):
        future = Future(change=_change(basis, pairs, asked), value=value, steps=_steps(basis, asked))
        found = evaluated(basis, pairs, future, moves, keeps_worth=asked.worth is not None)
        supposed = _supposed(basis, pairs, found, future, replace(asked, segments=segments))
    if out is None:
        return supposed
    publish(supposed, Path(out), result, stages)
    return replace(supposed, out=Path(out))


def _steps(basis: Basis, asked: Levers) -> Any:  # noqa: ANN401 - a schedule, or None for that of the result
    is_same = asked.annual_discount is None and asked.horizon_days is None
    return None if is_same else basis.steps(asked)


def _change(basis: Basis, pairs: Pairs, asked: Levers) -> Change:
    """The factors on odds and rate; for points of retention, the odds that move it so far, at the new rate."""
    change = Change(odds=1.0 + asked.retention, rate=1.0 + asked.purchase_rate)
    if not asked.yearly_retention:
        return change
    now = pairs.retention(basis.purchases, NONE, basis.year)
    wanted = now + asked.yearly_retention
    odds = factor_for(lambda factor: pairs.retention(basis.purchases, replace(change, odds=factor), basis.year), wanted)
    if odds is None:
        raise InputError(
            f"{setting('yearly_retention', asked.yearly_retention)}: {now:.1%} of today's active customers are "
            f"expected to be active in a year, and no odds of staying make that {wanted:.1%}; suppose fewer points"
        )
    return replace(change, odds=odds)


def _supposed(basis: Basis, pairs: Pairs, found: Evaluated, future: Future, asked: Levers) -> Supposed:
    z = normal_quantile(0.5 + asked.level / 2.0)
    return Supposed(
        table=_table(basis, found, future, asked, z),
        assumptions=tuple(_assumptions(basis, pairs, future, asked)),
        tornado=tornado_of(basis, pairs, found, z) if asked.tornado else None,
        break_evens=() if asked.worth is None else break_evens(basis, pairs, asked.worth, found.nudged, z),
        levers=asked,
        model=basis.purchases.model,
        as_of=basis.result.as_of.isoformat(),
        scores=basis.result.manifest["run_id"],
        warnings=tuple(_warnings(basis.result, found, asked)),
    )


def _table(basis: Basis, found: Evaluated, future: Future, asked: Levers, z: float) -> pl.DataFrame:
    rows: list[tuple[str, str | None, dict[str, Any]]] = [(ALL, None, found.of(ALL, None))]
    if asked.acquire:
        n, sums = found.sums.of(ALL, None)
        new = acquired(found, future, asked.acquire, last_month(basis.result.as_of))
        together = {name: total + new[name] for name, total in sums.items()}
        rows.append(("acquired", None, found.told(asked.acquire, new)))
        rows.append(("total", None, found.told(n + asked.acquire, together)))
    for scheme, names in basis.schemes.items():
        rows += [(scheme, name, found.of(scheme, name)) for name in names]
        outside = found.of(scheme, None)
        rows += [(scheme, None, outside)] if outside["customers"] else []
    return pl.DataFrame([_row(*row, z) for row in rows], schema=SCHEMA)


def _row(scheme: str, segment: str | None, told: dict[str, Any], z: float) -> dict[str, Any]:
    row: dict[str, Any] = {"scheme": scheme, "segment": segment, "customers": told["customers"]}
    for name, key in (("clv_now", "now"), ("clv_then", "then"), ("difference", "difference")):
        low, high = _bounds(told[key], told[f"{key}_error"], z, in_logs=key != "difference")
        row |= {name: told[key], f"{name}_low": low, f"{name}_high": high}
    if told["customers"] and not told["known"]:
        row |= dict.fromkeys((name for name in SCHEMA if name.startswith(("clv", "difference"))), None)
    return row | {f"expected_purchases_{when}": told[f"purchases_{when}"] for when in ("now", "then")}


def _bounds(estimate: float, error: float | None, z: float, *, in_logs: bool) -> tuple[float | None, float | None]:
    """Bounds at z standard errors, on the scale of logarithms for what keeps its sign; None where they are unknown."""
    if error is None:
        return None, None
    if not in_logs or estimate == 0.0:
        return estimate - z * error, estimate + z * error
    with np.errstate(over="ignore"):
        spread = float(np.exp(z * error / abs(estimate)))
    if not np.isfinite(spread):
        return None, None
    return min(estimate / spread, estimate * spread), max(estimate / spread, estimate * spread)


def _assumptions(basis: Basis, pairs: Pairs, future: Future, asked: Levers) -> Iterator[Assumption]:
    change, fit = future.change, basis.purchases
    yield Assumption(
        name="yearly_retention",
        now=pairs.retention(fit, NONE, basis.year),
        then=pairs.retention(fit, change, basis.year),
    )
    yield Assumption(name="retention", factor=change.odds)
    yield Assumption(name="purchase_rate", factor=change.rate)
    yield Assumption(name="basket", factor=1.0 + asked.basket)
    if basis.margin_rate is not None:
        yield Assumption(name="margin_rate", now=basis.margin_rate, then=basis.margin_rate + asked.margin_rate)
    for name in ("annual_discount", "horizon_days"):
        now, then = getattr(basis.scoring, name), getattr(asked, name)
        yield Assumption(name=name, now=now, then=now if then is None else then)


def _warnings(result: Result, found: Evaluated, asked: Levers) -> Iterator[str]:
    yield from map(Message, result.not_reliable)
    if not found.has_errors:
        yield Message("no intervals: a model of the result has no standard errors, or errors without bound")
    first, last = last_month(result.as_of)
    size, _ = found.sums.of("cohort", "last")
    if asked.acquire and size < FEW:
        yield Message(f"only {size:,} customers bought for the first time from {first} to {last}: new ones may differ")
