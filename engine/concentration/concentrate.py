"""Concentration of value: over customers, or over any dimension of the order lines."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import polars as pl

from whalecurve.engine.audit import Audit, audit_orders, refuse_too_many, turnover_is_safe
from whalecurve.engine.concentration.appendix import appendix
from whalecurve.engine.concentration.curves import concentration, curve
from whalecurve.engine.concentration.members import customer_members, dimension_members, with_guests
from whalecurve.engine.concentration.output import publish
from whalecurve.engine.concentration.ranking import with_concentration
from whalecurve.engine.concentration.results import Breakdown, Concentrated, MemberConcentration
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import Orders, scan_orders, value_column
from whalecurve.engine.publication import check_target
from whalecurve.engine.runtime import memory_budget
from whalecurve.engine.settings import DEFAULT_NAMES, Columns, Given, Window, check_list, taken
from whalecurve.engine.stages import OnStage, Stages

CUSTOMER = "customer"


def concentrate(
    orders: Paths,
    by: Sequence[str] = (CUSTOMER,),
    *,
    columns: Columns | Given | None = None,
    window: Window | Given | None = None,
    value: Literal["margin", "revenue"] | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    max_refused: float | None = None,
    memory: int | None = None,
    on_stage: OnStage | None = None,
) -> Concentrated:
    """How the value of an order log is spread over customers, products, brands, cities: over any dimension.

    Parameters
    ----------
    orders
        Files (Parquet, Arrow, CSV), directories, globs or URLs; or a frame (Polars, pandas, Arrow, DuckDB).
    by
        Dimensions, each a column or an SQL expression; "customer" is whatever plays the role of the customer. A line
        without a customer has no part in the values by customer, and its full part in those of other dimensions.
    value
        "margin" or "revenue"; None takes margin where lines carry it.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    max_refused
        As for `score`.
    memory
        Bytes to keep to; None takes a fixed share of what is there. By customer, lines are read as for `score`; by
        other dimensions part of the customers at a time, in as many passes as it asks for. The members found come on
        top.
    columns
        Which column, or SQL expression, plays which role: a `Columns`, or a dict of its names. None: columns
        of the usual names.
    window
        The days observed and their time zone: a `Window`, or a dict of its names. None: all days, up to the
        last one in the data.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Concentrated
        Shares of the top, Gini, Pareto classes and curves of each dimension.

    Raises
    ------
    InputError
        Input that cannot be worked with; nothing is written then.

    Examples
    --------
    >>> import whalecurve as wc
    >>> found = wc.concentration("shop/orders", ["category", "city"])
    >>> [breakdown.by for breakdown in found.breakdowns]
    ['category', 'city']
    """
    columns, window = taken(Columns, columns) or Columns(), taken(Window, window) or Window()
    stages = Stages(on_stage)
    with stages.stage("open"):
        names = _names(by, columns)
        dimensions = [name for name in names if name != CUSTOMER]
        scanned = scan_orders(orders, columns, dimensions, timezone=window.timezone)
        measured, budget = value_column(scanned, value), memory_budget(memory, scanned.n_rows)
        if out is not None:
            check_target(Path(out), overwrite=overwrite, orders=scanned.paths)
    with stages.stage("audit"):
        audits = _audits(scanned, window, names, max_refused)
    breakdowns = []
    for name in names:
        audit = audits[name]
        with stages.stage(f"by {name}"):
            if name == CUSTOMER:
                members = customer_members(scanned, audit.window, measured, budget.now)
            else:
                n_passes = budget.now.passes(audit.n_used)
                members = dimension_members(with_guests(scanned), name, audit.window, measured, n_passes)
            breakdowns.append(_breakdown(name, audit, members))
    study = Concentrated(value=measured, breakdowns=tuple(breakdowns))
    if out is not None:
        publish(study, Path(out), scanned, audits, stages)
    return replace(study, out=None if out is None else Path(out))


def _names(by: Sequence[str], columns: Columns) -> list[str]:
    """The dimensions, those that are the customer under one name."""
    check_list("by", by)
    if not by:
        raise InputError(f"{setting('by')} names no dimension; name customer, a column or an SQL expression")
    customers = (CUSTOMER, columns.customer or DEFAULT_NAMES["customer"])
    names = [CUSTOMER if name in customers else name for name in by]
    if names.count(CUSTOMER) > 1:
        raise InputError(f"{setting('by')} names the customer twice ({', '.join(by)}); name each dimension once")
    return names


def _audits(orders: Orders, window: Window, names: Sequence[str], max_refused: float | None) -> dict[str, Audit]:
    """The audit of the lines that count, by dimension: lines that name a customer, or all."""
    audits = {}
    if CUSTOMER in names:
        audits[CUSTOMER] = audit_orders(orders, window)
        refuse_too_many(orders, audits[CUSTOMER], max_refused)
        turnover_is_safe(orders, audits[CUSTOMER])
    others = [name for name in names if name != CUSTOMER]
    if others:
        everybody = audit_orders(with_guests(orders), window)
        refuse_too_many(orders, everybody, max_refused)
        audits |= dict.fromkeys(others, everybody)
    return audits


def _breakdown(name: str, audit: Audit, members: pl.DataFrame) -> Breakdown:
    best_first = with_concentration(members).sort("value_rank", "member", nulls_last=True)
    populations = {"all": best_first}
    if name == CUSTOMER:
        populations["repeat"] = best_first.filter(pl.col("n_purchase_days") > 1)
    return Breakdown(
        by=name,
        audit=audit,
        n_lines_without_customer=int(members["n_lines_without_customer"].sum()),
        members=best_first,
        populations={population: _population(table) for population, table in populations.items()},
    )


def _population(members: pl.DataFrame) -> MemberConcentration:
    values = members["value"].to_numpy()
    groups = members["rfm_segment"] if "rfm_segment" in members.columns else None
    return MemberConcentration(
        measures=concentration(values),
        appendix=appendix(values, groups),
        curve=curve(values).rename({"share_of_customers": "share_of_members"}),
    )
