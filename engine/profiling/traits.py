"""Attributes of customers from a file beside the orders, in the segment and in the base."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from whalecurve.engine.order_files import MOST_LEVELS, CustomerFile, Paths, open_customer_file
from whalecurve.engine.orders import as_text
from whalecurve.engine.profiling.settings import Profiling
from whalecurve.engine.profiling.shares import of_customers, of_sums
from whalecurve.engine.statistics import RatioSums

FEW_NUMBERS = 10
"""Up to so many different numbers are told one by one, more in fifths of the base."""

CUTS = (0.2, 0.4, 0.6, 0.8)
OTHER = "(other)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """The file of customers: one row each, `customer_id` in the type of the orders; nothing is read until collected."""

    file: CustomerFile
    rows: pl.LazyFrame
    columns: dict[str, pl.DataType]

    @property
    def path(self) -> str:
        """What messages call the file."""
        return self.file.place


def read_traits(path: Paths, key: str, dtype: pl.DataType, texts: Collection[str] = ()) -> Traits:
    """Open the file of customers.

    Parameters
    ----------
    path
        A file, or several as a directory, glob or URL.
    key
        Column of ids.
    dtype
        Type of the ids in the orders.
    texts
        Columns of text files whose cells stay as they are written.

    Raises
    ------
    InputError
        A file that cannot be read, no such column, ids of another type, a customer twice.
    """
    file = open_customer_file(path, key, "customers_key", texts)
    same = file.ids_as(dtype, "customers_key", file.attributes)
    with file.read():
        schema = dict(same.collect_schema())
        file.check_once(file.rows([]).filter(pl.col(key).is_not_null()))
    own = (
        same.rename({key: "customer_id"})
        if key == "customer_id"
        else same.drop("customer_id", strict=False).rename({key: "customer_id"})
    )
    columns = {name: kind for name, kind in schema.items() if name not in (key, "customer_id")}
    return Traits(file=file, rows=own, columns=columns)


def column_of(traits: Traits, customers: pl.DataFrame, name: str) -> pl.DataFrame:
    """The customers, in their order, with an attribute as `value`; null for those that the file does not have."""
    column = traits.rows.select("customer_id", value=pl.col(name))
    mine = column.join(customers.lazy().select("customer_id"), on="customer_id", how="semi")
    with traits.file.read():
        values = mine.collect(engine="streaming")
    return customers.join(values, on="customer_id", how="left", maintain_order="left")


def who(
    traits: Traits, customers: pl.DataFrame, asked: Profiling, leave_out: tuple[str, ...]
) -> tuple[dict[str, dict[str, pl.DataFrame]], list[str]]:
    """Rows of `profile_shares` by attribute and measure, "customers" and, of numbers, "mean"; and warnings.

    Shares are of the customers whose value is known. Those of whom it is not come last, as null, with their share of
    all.

    Text and truth values are told one by one, numbers of more than `FEW_NUMBERS` kinds in fifths of the base. Values of
    fewer than `min_customers` customers are pooled, so that nobody can be told apart; so is text with more than
    `MOST_LEVELS` values left out, as are dates and nested columns. `leave_out`: columns that are contacts.
    """
    tables: dict[str, dict[str, pl.DataFrame]] = {}
    warnings = []
    for name, dtype in traits.columns.items():
        if name in leave_out:
            continue
        if dtype.is_nested() or dtype.is_temporal() or dtype in (pl.Binary(), pl.Object(), pl.Null()):
            warnings.append(f"{name}: {dtype} is no attribute to count; it is left out")
            continue
        column = column_of(traits, customers, name)
        if dtype.is_numeric():
            column = column.with_columns(pl.col("value").cast(pl.Float64).fill_nan(None))
        n_values = column["value"].n_unique()
        if not dtype.is_numeric() and n_values > MOST_LEVELS:
            warnings.append(
                f"{name}: more than {MOST_LEVELS} different values; left out as an id, a contact or free text"
            )
            continue
        tables[name] = {"customers": _shares(_in_words(column, dtype, n_values), asked)}
        if dtype.is_numeric() and dtype != pl.Boolean():
            tables[name]["mean"] = _mean(column, asked)
    having = customers.lazy().join(traits.rows, on="customer_id", how="semi").select(pl.len())
    with traits.file.read():
        n_without = customers.height - int(having.collect(engine="streaming").item())
    if n_without:
        warnings.append(f"{traits.path}: has no row for {n_without:,} of {customers.height:,} customers")
    return tables, warnings


def _in_words(column: pl.DataFrame, dtype: pl.DataType, n_values: int) -> pl.DataFrame:
    value = pl.col("value")
    if not dtype.is_numeric():
        return column.with_columns(value=as_text(dtype))
    if n_values <= FEW_NUMBERS:
        return column.with_columns(_number(column, value))
    quantiles = [column["value"].quantile(cut, "lower") for cut in CUTS]
    cuts = sorted({cut for cut in quantiles if cut is not None})
    texts = _labels(cuts)
    names = [f"up to {texts[0]}", *(f"over {a} to {b}" for a, b in pairwise(texts)), f"over {texts[-1]}"]
    place = pl.sum_horizontal((value > cut).cast(pl.Int16) for cut in cuts)
    named = pl.lit(pl.Series(names, dtype=pl.Enum(names))).gather(pl.when(value.is_not_null()).then(place))
    return column.with_columns(value=named)


def _number(column: pl.DataFrame, value: pl.Expr) -> pl.Expr:
    numbers = column["value"].drop_nulls().unique().sort()
    names = _labels(numbers.to_list())
    return value.replace_strict(numbers, pl.Series(names, dtype=pl.Enum(names)), return_dtype=pl.Enum(names))


def _labels(numbers: list[float]) -> list[str]:
    """Different numbers as texts that differ, six digits long where that will do."""
    texts = [f"{number:.0f}" if number.is_integer() and abs(number) < 1e15 else f"{number:.6g}" for number in numbers]
    return texts if len(set(texts)) == len(texts) else [repr(number) for number in numbers]


def _shares(column: pl.DataFrame, asked: Profiling) -> pl.DataFrame:
    counts = column.group_by("value").agg(
        n_segment=pl.col("in_segment").sum().cast(pl.Int64), n_base=pl.len().cast(pl.Int64)
    )
    ordered = counts.sort("value", nulls_last=True).with_columns(pl.col("value").cast(pl.String))
    is_few = (pl.col("n_base") < asked.min_customers) & pl.col("value").is_not_null()
    few = ordered.filter(is_few)
    kept = ordered.filter(~is_few)
    if not few.is_empty():
        pooled = few.select(pl.lit(OTHER).alias("value"), pl.col("n_segment", "n_base").sum())
        kept = pl.concat([kept, pooled])
    is_known = pl.col("value").is_not_null()
    known = column.filter(is_known)
    sides = ((kept.filter(is_known), known), (kept.filter(~is_known), column))
    return pl.concat(of_customers(rows, int(of["in_segment"].sum()), of.height, asked) for rows, of in sides)


def _mean(column: pl.DataFrame, asked: Profiling) -> pl.DataFrame:
    """The mean of the values that are finite."""
    finite = column.with_columns(pl.col("value").cast(pl.Float64)).filter(pl.col("value").is_finite())
    sides = (finite.filter("in_segment"), finite)
    sums = []
    for side in sides:
        y = side["value"].to_numpy()
        n = np.array([float(y.size)])
        sums.append(RatioSums(y=np.array([y.sum()]), x=n, yy=np.array([(y * y).sum()]), yx=np.array([y.sum()]), xx=n))
    values = pl.DataFrame({"value": ["mean"], "n_segment": [sides[0].height], "n_base": [finite.height]})
    return of_sums(values, sums[0], sums[1], asked)
