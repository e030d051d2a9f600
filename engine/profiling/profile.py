"""The ideal customer: who the best segment is, when and what it buys, where it came from and what it needs next."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from whalecurve.engine.errors import InputError, Message, setting
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import Reading
from whalecurve.engine.profiling.customers import Base, base_of
from whalecurve.engine.profiling.due import TOLD, due, due_counts
from whalecurve.engine.profiling.gaps import gap_curve, timing
from whalecurve.engine.profiling.lines import Asked, dimension_sums, time_sums
from whalecurve.engine.profiling.orders import USUAL, orders_of
from whalecurve.engine.profiling.output import publish
from whalecurve.engine.profiling.results import Profiled, tidy
from whalecurve.engine.profiling.seeds import Seeds, seed_list
from whalecurve.engine.profiling.segment import chosen, is_by_recency, members
from whalecurve.engine.profiling.settings import Profiling, Seeding
from whalecurve.engine.profiling.shares import of_customers, of_sums
from whalecurve.engine.profiling.sums import customers_by_value, of_measure, whole_of
from whalecurve.engine.profiling.traits import Traits, read_traits, who
from whalecurve.engine.publication import check_target, n_formulas, open_result
from whalecurve.engine.segments import Rhythm
from whalecurve.engine.settings import Given, taken
from whalecurve.engine.stages import OnStage, Stages

ShareTables = dict[tuple[str, str, str], pl.DataFrame]
"""Rows of `profile_shares` by question, dimension and measure."""


def profile(
    scores: str | Path,
    *,
    segment: str | None = None,
    matrix: str | None = None,
    tier: str | None = None,
    orders: Paths | None = None,
    customers: Paths | None = None,
    settings: Profiling | Given | None = None,
    seeding: Seeding | Given | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    on_stage: OnStage | None = None,
) -> Profiled:
    """Profile the ideal customers of a result against all customers with a purchase.

    Parameters
    ----------
    scores
        Directory that `score` wrote.
    segment, matrix, tier
        The RFM segment, the cell of the risk x value matrix, or the CLV tier (high, middle, low) to profile, one of
        them; none: the RFM segment at low risk with the highest mean value at stake.
    orders
        The order files, where they are no longer where they were scored; None: as the manifest names them.
    customers
        File or frame with attributes of customers, one row each.
    settings, seeding
        What is asked; what the seed list is to hold. It is made where it is written, and only there.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Profiled
        Shares by question and dimension, worth, timing, and who is due.

    Raises
    ------
    InputError
        Input that cannot be worked with; nothing is written then.

    Examples
    --------
    >>> import whalecurve as wc
    >>> found = wc.profile("scores", segment="Champions")
    >>> found.choice.name
    'Champions'
    """
    stages = Stages(on_stage)
    asked, sown = taken(Profiling, settings) or Profiling(), taken(Seeding, seeding) or Seeding()
    with stages.stage("open"):
        if out is None and sown != Seeding():
            raise InputError(f"a seed list needs a place to write it; name a directory with {setting('out')}")
        result = open_result(scores)
        choice = chosen(result, segment=segment, matrix=matrix, tier=tier, min_customers=asked.min_customers)
        reading, by = orders_of(result, orders, asked)
        if out is not None:
            check_target(Path(out), overwrite=overwrite, orders=reading.orders.paths, results=[scores])
        traits = None if customers is None else read_traits(customers, *_key(asked, reading), texts=_as_written(sown))
        everyone = members(result, choice)
        seeds = None if out is None else seed_list(everyone, traits, sown)
        warnings = list(reading.orders.notes)
        warnings += [] if seeds is None else [*_plus_signs(sown), *_formulas(seeds, sown)]
    with stages.stage("customers"):
        base = base_of(result, reading, everyone)
    shares: ShareTables = {}
    if traits is not None:
        with stages.stage("who"):
            shares |= _who(traits, base, asked, sown, warnings)
    with stages.stage("when"):
        shares |= _when(reading, base, asked)
    shares |= _dimensions(reading, base, by, asked, stages)
    shares |= _gaps(base, asked)
    own = timing(base.gaps.lengths.filter("in_segment"))
    told = everyone if set(TOLD) <= set(everyone.columns) else None
    due_days = due(base.customers, Rhythm.of(gap_curve(base.gaps.lengths)), result.as_of, told)
    if not any(by.values()):
        warnings.append(
            Message(
                f"no dimension is asked about; name columns with {setting('by')}, {setting('first_by')} and "
                f"{setting('next_by')}"
            )
        )
    n_segment, n_base = base.sizes
    profiled = Profiled(
        choice=choice,
        value=result.definitions["value"],
        as_of=result.as_of.isoformat(),
        scores=result.manifest["run_id"],
        rows=result.manifest["rows"],
        customers={"segment": n_segment, "base": n_base},
        worth=_worth(everyone),
        settings=asked,
        dimensions=by,
        table=tidy(shares),
        is_by_recency=is_by_recency(everyone, choice),
        timing={"segment": own, "base": timing(base.gaps.lengths)},
        due_counts=due_counts(due_days, result.as_of),
        due=due_days,
        seeds=seeds,
        warnings=(*result.not_reliable, *result.manifest.get("warnings", ()), *warnings),
    )
    if out is not None:
        publish(profiled, Path(out), reading.orders, sown, stages)
    return replace(profiled, out=None if out is None else Path(out))


def _as_written(asked: Seeding) -> set[str]:
    """The column of seeds: the zeros and the sign of a phone number are part of it."""
    return set() if asked.column is None else {asked.column}


def _formulas(seeds: Seeds, asked: Seeding) -> list[str]:
    """Say that seeds are not written as they are."""
    n = 0 if asked.is_raw else n_formulas(seeds.table)
    if n == 0:
        return []
    return [
        Message(
            f"seeds.csv: an apostrophe is put before {n:,} of its texts, which a spreadsheet would run as formulas "
            f"(they begin with =, +, - or @); {setting('is_raw', True)} leaves them as they are, as does seeds.parquet"
        )
    ]


def _plus_signs(asked: Seeding) -> list[str]:
    """Say which tools take the hashes of phone numbers, where none is named."""
    if not asked.is_hashed or asked.hash_for is not None or asked.resolved_kind != "phone":
        return []
    return [
        Message(
            f"phone numbers are hashed with their plus sign, as Google and TikTok take them and Meta does not; name "
            f"the tool with {setting('hash_for')}"
        )
    ]


def _key(asked: Profiling, reading: Reading) -> tuple[str, pl.DataType]:
    """Column of ids in the file of customers, and the type that ids have in the orders."""
    role = reading.orders.mapping.roles["customer"]
    is_column = role.expr.meta.is_column()
    return asked.customers_key or (role.mapping if is_column else "customer_id"), role.dtype


def _who(traits: Traits, base: Base, asked: Profiling, seeding: Seeding, warnings: list[str]) -> ShareTables:
    contacts = () if seeding.column is None else (seeding.column,)
    tables, told = who(traits, base.customers.select("customer_id", "in_segment"), asked, contacts)
    warnings += told
    return {("who", name, measure): rows for name, of in tables.items() for measure, rows in of.items()}


def _when(reading: Reading, base: Base, asked: Profiling) -> ShareTables:
    whole = whole_of(base.customers, "n_orders")
    shares: ShareTables = {}
    for facet, sums in time_sums(reading, base.customers).items():
        values = customers_by_value(sums, "orders")
        rows = of_sums(values, *of_measure(sums, values, "orders", whole), asked)
        shares["when", facet, "orders"] = rows
    return shares


def _dimensions(
    reading: Reading, base: Base, by: dict[str, tuple[str, ...]], asked: Profiling, stages: Stages
) -> ShareTables:
    """What is asked of each dimension; its lines are read once, whatever that is."""
    customers = base.customers
    value, orders = whole_of(customers, "value", is_money=True), whole_of(customers, "n_orders")
    lines = Asked(customers=customers, unit=value.unit)
    again = customers.filter(pl.col("second_day").is_not_null())
    n_again = int(again["in_segment"].sum()), again.height
    shares: dict[str, ShareTables] = {role: {} for role in USUAL}
    for name in reading.orders.dimensions:
        with stages.stage(f"by {name}"):
            sums = dimension_sums(reading, lines, name)
        bought = customers_by_value(sums, "bought")
        if name in by["by"]:
            for measure, whole in (("orders", orders), ("value", value)):
                rows = of_sums(bought, *of_measure(sums, bought, measure, whole), asked)
                shares["by"]["what", name, measure] = rows
            shares["by"]["what", name, "customers"] = of_customers(bought, *base.sizes, asked)
        if name in by["first_by"]:
            rows = of_customers(customers_by_value(sums, "first"), *base.sizes, asked)
            shares["first_by"]["where", name, "customers"] = rows
        if name in by["next_by"]:
            shares["next_by"]["next", name, "customers"] = of_customers(
                customers_by_value(sums, "next"), *n_again, asked
            )
            shares["next_by"]["next", name, "not bought"] = of_customers(_missing(bought, base), *base.sizes, asked)
    return shares["by"] | shares["first_by"] | shares["next_by"]


def _missing(bought: pl.DataFrame, base: Base) -> pl.DataFrame:
    """Customers who have never bought with a value; lines without one are no value."""
    n_segment, n_base = base.sizes
    with_value = bought.drop_nulls("value")
    return with_value.with_columns(n_segment=n_segment - pl.col("n_segment"), n_base=n_base - pl.col("n_base"))


def _gaps(base: Base, asked: Profiling) -> ShareTables:
    sums = base.gaps.buckets
    values = customers_by_value(sums, "gaps")
    if values.is_empty():
        return {}
    rows = of_sums(values, *of_measure(sums, values, "gaps", whole_of(base.customers, "n_gaps")), asked)
    return {("gap", "days to the next purchase", "gaps"): rows}


def _worth(everyone: pl.DataFrame) -> dict[str, dict[str, float | None]]:
    """Means of value, CLV and both, and the segment's shares of what all are worth."""
    names = ("value", "clv", "clv_total")
    worths = everyone.select("in_segment", *(pl.col(name).cast(pl.Float64) for name in names)).sort(names)
    own, every = (table.select(names) for table in (worths.filter("in_segment"), worths))
    (own_total,), (total,) = (table.sum().to_dicts() for table in (own, every))
    return {
        "segment": own.mean().to_dicts()[0],
        "base": every.mean().to_dicts()[0],
        "share": {name: own_total[name] / total[name] if total[name] > 0.0 else None for name in names},
    }
