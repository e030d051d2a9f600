"""Explain a segment: which values of which dimensions mark it, and which go with bad or good behaviour."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.explanation.anomalies import anomalies, flags
from whalecurve.engine.explanation.customers import customer_behaviour
from whalecurve.engine.explanation.named_segment import segment_column
from whalecurve.engine.explanation.output import publish
from whalecurve.engine.explanation.results import Dimension, Explained
from whalecurve.engine.explanation.segment_profile import segment_profile
from whalecurve.engine.explanation.settings import Explaining
from whalecurve.engine.explanation.values import customer_totals, value_sums
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import Orders, Reading, reading_of, scan_orders
from whalecurve.engine.publication import Result, check_target, window_of
from whalecurve.engine.runtime import Budget, memory_budget
from whalecurve.engine.schemes import load_scheme
from whalecurve.engine.scoring import fitting, scored
from whalecurve.engine.segments import LABELS, named, parts_of
from whalecurve.engine.settings import Columns, Given, Scoring, Window, taken
from whalecurve.engine.stages import OnStage, Stages


def explain(
    orders: Paths,
    segment: str,
    by: Sequence[str],
    *,
    columns: Columns | Given | None = None,
    window: Window | Given | None = None,
    scoring: Scoring | Given | None = None,
    settings: Explaining | Given | None = None,
    scores: str | Path | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    max_refused: float | None = None,
    memory: int | None = None,
    jobs: int | None = None,
    on_stage: OnStage | None = None,
) -> Explained:
    """Profile a segment by dimensions of the order lines, and find the values that go with bad or good behaviour.

    Parameters
    ----------
    orders
        Files (Parquet, Arrow, CSV), directories, globs or URLs; or a frame (Polars, pandas, Arrow, DuckDB).
    segment
        An RFM segment of the scheme, or a cell of its risk x value matrix.
    by
        Dimensions, each a column or an SQL expression. A return should carry the value of its sale: what an expression
        over a negative quantity says of it counts as returned there.
    scores
        A result of `score` over the same orders. None: they are scored first, by `scoring`.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    max_refused, jobs
        As for `score`, where the orders are scored here.
    memory
        Bytes to keep to; None takes a fixed share of what is there. Scoring keeps to it as `score` does. Then lines are
        grouped part of the customers at a time, in as many passes as it asks for. What does not depend on the lines
        comes on top: a small row a customer, and the sums of all values of a dimension.
    columns
        Which column, or SQL expression, plays which role: a `Columns`, or a dict of its names. None: columns
        of the usual names.
    window
        The days observed and their time zone: a `Window`, or a dict of its names. None: all days, up to the
        last one in the data.
    scoring
        How customers are scored: a `Scoring`, or a dict of its names. None: the defaults.
    settings
        How values are tested and which are shown: an `Explaining`, or a dict of its names.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Explained
        Profiles, anomalies and flags, a frame each.

    Raises
    ------
    InputError
        Input that cannot be worked with; nothing is written then.

    Examples
    --------
    >>> import whalecurve as wc
    >>> found = wc.explain("shop/orders", "Champions", ["channel"], scores="scores")
    >>> found.segment
    'Champions'
    """
    columns, window = taken(Columns, columns) or Columns(), taken(Window, window) or Window()
    scoring, settings = taken(Scoring, scoring) or Scoring(), taken(Explaining, settings) or Explaining()
    stages = Stages(on_stage)
    with stages.stage("open"):
        if not by:
            raise InputError(f"{setting('by')} names no dimension; name a column or an SQL expression")
        scanned = scan_orders(orders, columns, by, window.timezone)
        budget = memory_budget(memory, scanned.n_rows)
        if out is not None:
            check_target(Path(out), overwrite=overwrite, orders=scanned.paths, results=[scores])
        if scores is None:
            _check_segment(segment, scoring)
            opened: AbstractContextManager[Result] = scored(
                scanned.files, columns, window, scoring,
                max_refused=max_refused, memory=memory, jobs=jobs, on_stage=on_stage,
            )  # fmt: skip
        else:
            opened = nullcontext(fitting(scores, scanned, window, scoring))
    with opened as result:
        explained = _explained(result, scanned, segment, settings, window, budget, stages)
    if out is not None:
        publish(explained, Path(out), scanned, stages)
    return replace(explained, out=None if out is None else Path(out))


def _check_segment(segment: str, scoring: Scoring) -> None:
    """Name a wrong segment before scoring, not after."""
    scheme = load_scheme(scoring.segments, bins=scoring.rfm_bins)
    names = [part.name for parts in parts_of(scheme).values() for part in parts]
    named(segment, names, setting("segment"))


def _explained(
    result: Result,
    orders: Orders,
    segment: str,
    settings: Explaining,
    window: Window,
    budget: Budget,
    stages: Stages,
) -> Explained:
    column, segment = segment_column(result, segment)
    value = result.definitions["value"]
    with stages.stage("customers"):
        n_lines = int(result.manifest["rows"]["used"])
        reading = reading_of(orders, window_of(result, window), value, n_lines, budget.now)
        customers = customer_behaviour(result, reading, segment, column, settings.second_purchase_days)
    totals = customer_totals(customers, reading.money)
    if totals["segment"] == 0.0:
        raise InputError(f'{setting("segment")} "{segment}": no customer is in it; choose another')
    dimensions = []
    for by in orders.dimensions:
        with stages.stage(f"by {by}"):
            dimensions.append(_dimension(by, reading, customers, totals, settings))
    return Explained(
        segment=segment,
        scheme=next(scheme for scheme, name in LABELS.items() if name == column),
        value=value,
        as_of=result.as_of.isoformat(),
        scores=result.manifest["run_id"],
        rows=result.manifest["rows"],
        customers={name: int(totals[name]) for name in ("segment", "base", "observed")},
        rates=_rates(totals, reading),
        actions=tuple(_actions(result, column, segment)),
        settings=settings,
        dimensions=tuple(dimensions),
        warnings=tuple(
            dict.fromkeys(
                (
                    *(*result.not_reliable, *result.manifest.get("warnings", ())),
                    *(*orders.notes, *_warnings(totals, settings, dimensions)),
                )
            )
        ),
    )


def _actions(result: Result, column: str, segment: str) -> list[dict[str, Any]]:
    """The next best actions of the customers of a segment, most customers first."""
    names = ("next_best_action_from", "next_best_action")
    if not set(names) <= set(result.columns):
        return []
    own = result.take(column, *names).filter(pl.col(column) == segment).drop_nulls(names)
    counts = own.group_by(names).agg(customers=pl.len().cast(pl.Int64)).collect(engine="streaming")
    ordered = counts.sort("customers", names[0], descending=[True, False])
    return ordered.rename({names[0]: "from", names[1]: "action"}).to_dicts()


def _dimension(
    by: str, reading: Reading, customers: pl.DataFrame, totals: Mapping[str, float], settings: Explaining
) -> Dimension:
    sums = value_sums(reading, customers, by)
    values = sums.table
    named_values = values.drop_nulls("value")
    unlike = anomalies(sums, totals, settings, has_margin=reading.money is not None)
    return Dimension(
        by=by,
        values_per_customer=int(named_values["base"].sum()) / totals["base"],
        values_per_member=int(named_values["segment"].sum()) / totals["segment"],
        n_lines_without_value=int(values.filter(pl.col("value").is_null())["returns_x"].sum()),
        profile=segment_profile(values, totals, settings),
        anomalies=unlike,
        flags=flags(unlike),
    )


def _rates(totals: Mapping[str, float], reading: Reading) -> dict[str, float | None]:
    terms = {
        "second_purchase_rate": ("second", "observed"),
        "return_rate": ("returns_y", "returns_x"),
        "loss_share": ("loss", "base"),
        "margin_rate": ("margin", "revenue"),
    }
    if reading.money is None:
        del terms["margin_rate"]
    return {name: totals[a] / totals[b] if totals[b] > 0.0 else None for name, (a, b) in terms.items()}


def _warnings(totals: Mapping[str, float], settings: Explaining, dimensions: Sequence[Dimension]) -> list[str]:
    warnings = [
        f"{dimension.by}: {dimension.n_lines_without_value:,} sale lines have none; they count among the rest"
        for dimension in dimensions
        if dimension.n_lines_without_value
    ]
    if totals["observed"] < settings.min_customers:
        warnings.append(
            f"{totals['observed']:,.0f} customers have been observed for {settings.second_purchase_days} days: too few "
            "to compare second purchases"
        )
    return warnings
