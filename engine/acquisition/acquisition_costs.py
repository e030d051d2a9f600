"""What new customers cost, by campaign or channel of their first order, and when it is back."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import accumulate
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.acquisition.cells import Cell, Cells, in_currency, joined
from whalecurve.engine.acquisition.costs import Costs, read_costs
from whalecurve.engine.acquisition.first_orders import customers_of, earnings_of, totals_of
from whalecurve.engine.acquisition.marginal import marginal_of
from whalecurve.engine.acquisition.output import publish
from whalecurve.engine.acquisition.payback import Cohort, Payback, Point, curve, months_observed, payback_of
from whalecurve.engine.acquisition.results import (
    COHORTS_SCHEMA,
    CURVES_SCHEMA,
    UNMATCHED_SCHEMA,
    VALUES_SCHEMA,
    AcquisitionCosts,
)
from whalecurve.engine.acquisition.settings import Acquiring
from whalecurve.engine.customer_shares import passes_for, shares_of
from whalecurve.engine.errors import InputError, Message, counted, listed, setting
from whalecurve.engine.money import UNITS
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import Orders, scan_orders, scored_columns, scored_files
from whalecurve.engine.publication import Result, check_target, open_result, window_of
from whalecurve.engine.settings import Given, ObservedWindow, Window, taken
from whalecurve.engine.stages import OnStage, Stages
from whalecurve.engine.statistics import normal_quantile

Curves = dict[tuple[str, date], tuple[tuple[int, ...], tuple[int, ...]]]
"""Running sums of what was earned and of its squares, by value and month of the first purchase."""


def acquisition_costs(
    scores: str | Path,
    costs: Paths,
    *,
    settings: Acquiring | Given | None = None,
    orders: Paths | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    on_stage: OnStage | None = None,
) -> AcquisitionCosts:
    """Set what was spent on campaigns or channels against the customers whose first order names them.

    Parameters
    ----------
    scores
        Directory that `score` wrote.
    costs
        File (Parquet, Arrow, CSV) of spend by campaign or channel, and day or month; or a frame.
    settings
        Which columns are what.
    orders
        The orders that were scored, where they have moved.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    AcquisitionCosts
        Cost, return and payback by campaign or channel; `values` is a frame of them.

    Raises
    ------
    InputError
        Input that cannot be worked with; nothing is written then.

    Examples
    --------
    >>> import whalecurve as wc
    >>> import polars as pl
    >>> costs = pl.DataFrame({"channel": ["web", "app"], "month": ["2025-01", "2025-01"], "spend": [30.0, 90.0]})
    >>> found = wc.acquisition("scores", costs)
    >>> found.values.columns[:4]
    ['scope', 'value', 'spend', 'customers']
    """
    stages, asked = Stages(on_stage), taken(Acquiring, settings) or Acquiring()
    with stages.stage("open"):
        result = open_result(scores)
        window = window_of(result, Window())
        told = read_costs(costs, asked, window.timezone)
        lines = scan_orders(scored_files(result, orders), scored_columns(result), [told.by], window.timezone)
        if out is not None:
            check_target(Path(out), overwrite=overwrite, orders=lines.paths, results=[scores])
    with stages.stage("customers"):
        totals, curves = _read(result, lines, window, told.by)
    with stages.stage("match"):
        first_day = date.fromisoformat(result.manifest.get("first_day", result.as_of.isoformat()))
        cells = joined(told, totals, first_day, result.as_of)
        if not cells.by_value:
            raise InputError(_nothing_matches(told, cells))
        found = _found(result, told, cells, curves, asked)
        found = replace(found, warnings=(*lines.notes, *found.warnings))
    if out is None:
        return found
    publish(found, Path(out), result, lines, stages)
    return replace(found, out=Path(out))


def _read(result: Result, orders: Orders, window: ObservedWindow, by: str) -> tuple[pl.DataFrame, Curves]:
    """Customers by cell, and what they earned by age; a share of the customers at a time."""
    totals, earned = [], []
    for share in shares_of(passes_for(int(result.manifest["rows"]["used"]))):
        customers = customers_of(result, orders, window, by, share)
        totals.append(totals_of(customers))
        earned.append(earnings_of(orders, window, customers, result.definitions["value"], share))
    keys = ["origin", "value", "month"]
    summed = (
        pl.concat(totals)
        .group_by(keys)
        .agg(
            pl.col("customers", "earned", "squares").sum(),
            clv=pl.when(pl.col("clv").count() > 0).then(pl.col("clv").sum()),
        )
    )
    return summed.sort(keys), _curves(pl.concat(earned), result.as_of)


def _curves(earned: pl.DataFrame, as_of: date) -> Curves:
    """Of each cohort, sums until the end of each month of age that was observed of all its customers."""
    steps: dict[tuple[str, date], dict[int, tuple[int, int]]] = {}
    sums = earned.group_by("value", "month", "age").agg(pl.col("earned", "squares").sum())
    for value, month, age, money, squares in sums.iter_rows():
        steps.setdefault((value, month), {})[age] = (money, squares)
    curves: Curves = {}
    for (value, month), by_age in steps.items():
        ages = range(months_observed(month, as_of))
        added = [by_age.get(age, (0, 0)) for age in ages]
        curves[value, month] = (
            tuple(accumulate(money for money, _ in added)),
            tuple(accumulate(square for _, square in added)),
        )
    return curves


def _found(result: Result, costs: Costs, cells: Cells, curves: Curves, asked: Acquiring) -> AcquisitionCosts:
    z = normal_quantile(0.5 + asked.level / 2.0)
    values, cohorts, points = [], [], []
    by_spend = sorted(cells.by_value, key=lambda name: (-sum(c.spend for c in cells.by_value[name].values()), name))
    everything: list[Cohort] = []
    for value in by_spend:
        own = [_cohort(value, month, cell, curves, result.as_of) for month, cell in cells.by_value[value].items()]
        everything += own
        drawn = curve(own, z)
        points += _drawn("value", value, None, drawn)
        values.append(_value_row("value", value, cells.by_value[value], cells, drawn, asked, z, result.as_of))
        for cohort in own:
            drawn = curve([cohort], z) if cohort.spend > 0 else []
            points += _drawn("value", value, cohort.month, drawn)
            cell = cells.by_value[value][cohort.month]
            cohorts.append({"value": value, "month": cohort.month, **_money(cell, payback_of(drawn), z)})
    together = curve(everything, z)
    points += _drawn("matched", None, None, together)
    matched = _added(cells.by_value.values(), cells.months)
    values.append(_value_row("matched", None, matched, cells, together, asked, z, result.as_of))
    values.append(_value_row("blended", None, cells.everybody, cells, [], asked, z, result.as_of))
    unmatched = [
        {"what": one.what, "value": one.value, "spend": in_currency(one.spend), "customers": one.customers}
        for one in cells.unmatched
    ]
    return AcquisitionCosts(
        values=pl.DataFrame(values, schema=VALUES_SCHEMA),
        cohorts=pl.DataFrame(cohorts, schema=COHORTS_SCHEMA),
        curves=pl.DataFrame(points, schema=CURVES_SCHEMA),
        unmatched=pl.DataFrame(unmatched, schema=UNMATCHED_SCHEMA),
        by=costs.by,
        value=result.definitions["value"],
        first_month=cells.months[0].isoformat()[:7],
        last_month=cells.months[-1].isoformat()[:7],
        rows={"read": costs.n_rows, "refused": costs.refused},
        settings=asked,
        as_of=result.as_of.isoformat(),
        scores=result.manifest["run_id"],
        warnings=tuple(_warnings(result, costs, cells, values)),
    )


def _cohort(value: str, month: date, cell: Cell, curves: Curves, as_of: date) -> Cohort:
    nothing = (0,) * months_observed(month, as_of)
    earned, squares = curves.get((value, month), (nothing, nothing))
    return Cohort(month=month, spend=cell.spend, customers=cell.customers, earned=earned, squares=squares)


def _value_row(
    scope: str,
    value: str | None,
    by_month: Mapping[date, Cell],
    cells: Cells,
    drawn: list[Point],
    asked: Acquiring,
    z: float,
    as_of: date,
) -> dict[str, Any]:
    total = sum(by_month.values(), Cell())
    whole = [month for month in cells.months if month >= cells.first_day and is_over(month, as_of)]
    line = [by_month.get(month, Cell()) for month in whole]
    marginal = marginal_of(
        [in_currency(cell.spend) for cell in line], [cell.customers for cell in line], asked.level, asked.min_months
    )
    return {
        "scope": scope,
        "value": value,
        **_money(total, payback_of(drawn), z),
        "customers_without_spend": sum(cell.customers for cell in by_month.values() if cell.spend == 0),
        "months": sum(cell.spend != 0 for cell in by_month.values()),
        "marginal_cac": marginal.cost,
        "marginal_low": marginal.low,
        "marginal_high": marginal.high,
        "marginal_reason": marginal.reason,
    }


def is_over(month: date, as_of: date) -> bool:
    """Whether a calendar month is over by the end of a day."""
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return (after - as_of).days <= 1


def _money(cell: Cell, payback: Payback, z: float) -> dict[str, Any]:
    """What a cell cost, what it brought and is expected to bring, and when that is back; None where nothing was spent.

    The interval of CLV:CAC is how far the mean of as many customers scatters, their CLV taken as it is.
    """
    is_bought = cell.spend > 0 and cell.customers > 0
    ratio, low, high = None, None, None
    if is_bought and cell.clv is not None:
        worth = cell.earned + cell.clv
        ratio = worth / cell.spend
        if cell.customers > 1:
            n = cell.customers
            error = math.sqrt(max(0, n * cell.squares - worth * worth) / (n - 1)) / cell.spend
            low, high = ratio - z * error, ratio + z * error
    return {
        "spend": in_currency(cell.spend),
        "customers": cell.customers,
        "cac": cell.spend / (cell.customers * UNITS) if is_bought else None,
        "earned": in_currency(cell.earned),
        "clv": None if cell.clv is None else in_currency(cell.clv),
        "clv_cac": ratio,
        "clv_cac_low": low,
        "clv_cac_high": high,
        "payback_month": payback.month if is_bought else None,
        "payback_low": payback.low if is_bought else None,
        "payback_high": payback.high if is_bought else None,
        "months_observed": payback.observed,
    }


def _drawn(scope: str, value: str | None, month: date | None, points: list[Point]) -> list[dict[str, Any]]:
    return [
        {
            "scope": scope, "value": value, "cohort": month, "months": p.months, "customers": p.customers,
            "spend": p.spend, "earned": p.earned, "earned_per_customer": p.per_customer, "low": p.low, "high": p.high,
        }
        for p in points
    ]  # fmt: skip


def _added(of_values: Any, months: list[date]) -> dict[date, Cell]:  # noqa: ANN401 - cells by month, of each value
    together = {month: Cell() for month in months}
    for by_month in of_values:
        for month, cell in by_month.items():
            together[month] += cell
    return together


def _nothing_matches(costs: Costs, cells: Cells) -> str:
    spent = sorted(str(value) for value in costs.table["value"].unique().drop_nulls())
    there = sorted(str(one.value) for one in cells.unmatched if one.customers and one.value is not None)
    found = f"first orders name {listed(there, 5)}" if there else "first orders of these months name none"
    return (
        f"{costs.place}: nothing spent goes with a new customer by {costs.by}: costs name {listed(spent, 5)}; {found}; "
        f"name another dimension with {setting('by')}, or write both alike"
    )


def _warnings(result: Result, costs: Costs, cells: Cells, values: list[dict[str, Any]]) -> Iterator[str]:
    yield from map(Message, result.not_reliable)
    for why, n in costs.refused.items():
        yield Message(f"{costs.place}: {counted(n, 'row')} {why} left out")
    alike = {one.value.strip().casefold(): one.value for one in cells.unmatched if one.customers and one.value}
    for one in cells.unmatched:
        other = alike.get(one.value.strip().casefold()) if one.value and one.spend else None
        if other is not None:
            yield Message(f'costs name "{one.value}" and first orders "{other}": write them alike if they are the same')
    last = cells.months[-1]
    if costs.is_monthly and cells.months[0] < cells.first_day:
        yield Message(
            f"{cells.months[0].isoformat()[:7]} is observed from {cells.first_day} on: its costs may be of all of it, "
            f"its customers are those since"
        )
    if costs.is_monthly and not is_over(last, result.as_of):
        yield Message(
            f"{last.isoformat()[:7]} is not over on {result.as_of}: its costs may be of the whole month, its customers "
            f"are those so far"
        )
    if values[-1]["clv"] is None:
        yield Message("customers have no CLV, so there is no CLV:CAC; what they have earned so far is told")
