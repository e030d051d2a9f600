"""What a report is made of: plain tables of a result, small at any number of customers, and no id unless asked for."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.comparison.compare import compare
from whalecurve.engine.errors import InputError, listed, reason
from whalecurve.engine.money import UNITS
from whalecurve.engine.orders import as_text
from whalecurve.engine.publication import Result, open_result
from whalecurve.engine.reporting.beside import Beside, read_beside
from whalecurve.engine.reporting.language import Phrase, gettext, word
from whalecurve.engine.reporting.recorded_words import recorded

EDGES = tuple(float(f"{digit}e{power}") for power in range(-2, 13) for digit in (1, 2, 5))
"""Bounds of the bins of a distribution of amounts, three a decade."""

SEGMENT_COLUMNS = (
    *("scheme", "segment", "customers", "customer_share", "value", "value_share"),
    *("clv", "clv_share", "value_at_stake", "mean_churn_risk", "action"),
)
RECORDED = ("run_id", "version", "first_day", "inputs", "rows", "customers", "concentration", "warnings")
MODELLED = ("transactions", "spend", "calibration", "risk", "thresholds", "definitions")
"""What a report reads of a result, beside what `open_result` asks for."""

FIRST = 20
"""Customers who are named where ids were asked for."""

DETAILS = ("next_best_action", "rfm_segment", "value", "clv", "value_at_stake", "churn_risk", "last_purchase")
"""What is said of them."""

TAIL = 0.005
"""Share of the customers at either end of a distribution that one bin may hold."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Facts:
    """All numbers of a report.

    path : the result's directory as it was given, for commands that read it
    segments, concentration : as in its files
    measures : `measures.json`; None where the result has none, and then no periods, cohorts and gaps
    cells : r_score, f_score, customers, value (sum) of the cells that have customers
    clv_bins : low, high (null at the ends), customers: how many have a CLV from low up to below high; no rows
        without CLV
    beside : what other commands found of the same orders
    customers : the first customers with their ids, see `FIRST`; None unless they were asked for
    movement : what a comparison with an old result found, see `Movement.to_dict`; None without one
    """

    path: Path
    manifest: dict[str, Any]
    model: dict[str, Any]
    segments: pl.DataFrame
    concentration: pl.DataFrame
    measures: dict[str, Any] | None
    periods: pl.DataFrame | None
    cohorts: pl.DataFrame | None
    gaps: pl.DataFrame | None
    cells: pl.DataFrame
    clv_bins: pl.DataFrame
    customers: pl.DataFrame | None
    movement: dict[str, Any] | None
    beside: Beside

    @property
    def settings(self) -> dict[str, Any]:
        """Every definition that shaped a number."""
        settings: dict[str, Any] = self.model["definitions"]
        return settings

    @property
    def value_is(self) -> Phrase:
        """What value is of: margin or revenue."""
        return word(str(self.settings["value"]))

    @property
    def has_clv(self) -> bool:
        """Whether customers have a CLV."""
        return self.manifest["customers"]["clv"] is not None

    @property
    def risk_withheld(self) -> str | None:
        """Why nobody is told to be at risk; None where they are."""
        withheld: str | None = (self.model.get("risk") or {}).get("withheld")
        return withheld

    @property
    def not_reliable(self) -> str | None:
        """Why CLV and risk are not reliable, in a sentence; None where they are, or the result does not say."""
        reasons = [recorded(reason) for reason in (self.manifest.get("reliability") or {}).get("reasons") or []]
        return gettext("CLV and risk are not reliable: {reasons}.", reasons="; ".join(reasons)) if reasons else None

    def of_scheme(self, scheme: str) -> list[dict[str, Any]]:
        """The rows of `segments.parquet` of a scheme, those without customers too; none where it was not computed."""
        return self.segments.filter(pl.col("scheme") == scheme).to_dicts()

    def of_all(self) -> dict[str, Any] | None:
        """The measures of all customers; None where there are none."""
        groups = (self.measures or {}).get("groups") or []
        return next((group for group in groups if group["scheme"] == "all"), None)


def gather(
    path: str | Path,
    old: str | Path | None = None,
    allow: Collection[str] = (),
    beside: Iterable[str | Path] = (),
    *,
    with_ids: bool = False,
) -> Facts:
    """Read what a report needs from the directory of a result, and compare it with an old one if there is one.

    beside : directories of results of other commands
    with_ids : whether the first customers are named

    Raises
    ------
    InputError
        A directory that is no result of `score`, a file of it that cannot be read, results that cannot be compared.
    """
    result = open_result(path)
    _check_complete(result)
    others = read_beside(beside)
    movement = None if old is None else compare(old, path, allow=allow).to_dict()
    over_time = {name: _all_customers(result, name) for name in ("periods", "cohorts", "gaps")}
    cells, clv_bins = _counted(result)
    return Facts(
        path=Path(path),
        manifest=result.manifest,
        model=result.model,
        segments=result.segments,
        concentration=_table(result.directory / "concentration.parquet"),
        measures=result.measures,
        cells=cells,
        clv_bins=clv_bins,
        customers=_first(result) if with_ids else None,
        movement=movement,
        beside=others,
        **over_time,
    )


def _first(result: Result) -> pl.DataFrame:
    """The customers with most at stake, or where no CLV could be told with the highest value; of equal ones, by id.

    Returns
    -------
    DataFrame
        customer_id (text), next_best_action, rfm_segment, value, clv, value_at_stake, churn_risk, last_purchase
    """
    columns = result.columns
    by = "value_at_stake" if result.manifest["customers"]["clv"] is not None else "value"
    names = [name for name in ("customer_id", *DETAILS) if name in columns]
    best = result.take(*names).sort(by, "customer_id", descending=[True, False], nulls_last=True).head(FIRST)
    return best.with_columns(as_text(columns["customer_id"], "customer_id")).collect(engine="streaming")


def _check_complete(result: Result) -> None:
    """Refuse results of versions that did not write all that a report shows."""
    missing = [f"segments.parquet: {name}" for name in SEGMENT_COLUMNS if name not in result.segments.columns]
    missing += [f"manifest.json: {name}" for name in RECORDED if name not in result.manifest]
    missing += [f"model.json: {name}" for name in MODELLED if name not in result.model]
    if missing:
        raise InputError(
            f"{result.path}: a report needs what the result does not have ({listed(missing)}); it is of whalecurve "
            f"{result.manifest.get('version', 'unknown')}: score its orders again"
        )


def _all_customers(result: Result, name: str) -> pl.DataFrame | None:
    """A file of measures, of all customers; None where the result has none."""
    path = result.directory / "measures" / f"{name}.parquet"
    return _table(path).filter(pl.col("scheme") == "all") if path.is_file() else None


def _table(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path, glob=False, hive_partitioning=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError(f"{path}: cannot be read ({reason(error)}); score again, or restore it") from error


def _counted(result: Result) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cells of R and F, and bins of CLV, from one pass over four columns of the customers.

    Amounts are added up in whole millionths, and bins are counts, so that neither depends on the order of rows.
    """
    has_clv = "clv" in result.columns
    columns = result.take("r_score", "f_score", "value", *(["clv"] if has_clv else []))
    units = (pl.col("value") * UNITS).round().cast(pl.Int128)
    by_cell = (
        columns.drop_nulls(["r_score", "f_score"])
        .group_by("r_score", "f_score")
        .agg(customers=pl.len().cast(pl.Int64), units=units.sum())
        .sort("r_score", "f_score")
    )
    frames = [by_cell]
    if has_clv:
        clv = pl.col("clv").fill_nan(None)
        above = [(clv >= edge).sum().cast(pl.Int64).alias(str(i)) for i, edge in enumerate(EDGES)]
        frames.append(columns.select([*above, clv.count().cast(pl.Int64).alias("known")]))
    cells, *rest = pl.collect_all(frames, engine="streaming")
    cells = cells.with_columns(value=pl.Series([units / UNITS for units in cells["units"]], dtype=pl.Float64))
    return cells.drop("units"), _bins(list(rest[0].row(0)) if rest else [])


def _bins(counts: list[int]) -> pl.DataFrame:
    """Bins of a distribution, from how many are at each edge or above, and all.

    The few at either end, `TAIL` of all at most, are one bin each.
    """
    schema = {"low": pl.Float64(), "high": pl.Float64(), "customers": pl.Int64()}
    if not counts or not counts[-1]:
        return pl.DataFrame(schema=schema)
    *above, known = counts
    reached = [known, *above, 0]
    bounds = [None, *EDGES, None]
    rows = [(bounds[i], bounds[i + 1], reached[i] - reached[i + 1]) for i in range(len(reached) - 1)]
    few = TAIL * known
    below = max(i for i in range(len(rows)) if i == 0 or known - reached[i] <= few)
    beyond = min(i for i in range(len(rows)) if i == len(rows) - 1 or reached[i + 1] <= few)
    first = (None, rows[below][0], known - reached[below])
    last = (rows[beyond][1], None, reached[beyond + 1])
    kept = [*([first] if first[2] else []), *rows[below : beyond + 1], *([last] if last[2] else [])]
    return pl.DataFrame(kept, schema=schema, orient="row")
