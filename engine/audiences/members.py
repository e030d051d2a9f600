"""Who is on each list: the customers of a segment, of those whom a condition holds for."""

from dataclasses import dataclass
from itertools import chain, count

import polars as pl

from whalecurve.engine.audiences.settings import Exporting
from whalecurve.engine.errors import ColumnMissingError, InputError, listed, reason, setting
from whalecurve.engine.mapping import as_meant
from whalecurve.engine.publication import CUSTOMER, Result
from whalecurve.engine.segments import LABELS, segments_asked, slug
from whalecurve.engine.sql_text import sql_expression

EVERYBODY = "customers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """A list of customers.

    segment : the segment that it is of, or the trigger, or the part of a sample; None for customers of any
    stem : the name of its file, without what it ends in
    """

    segment: str | None
    stem: str


def audiences(result: Result, asked: Exporting, on_list: pl.DataFrame | None = None) -> tuple[Audience, ...]:
    """The lists that are asked for, in the order of the scheme; names of files are slugs of those of segments.

    on_list : see `listed_customers`; None where customers of the result are meant

    Raises
    ------
    InputError
        A segment that the result does not have.
    """
    if on_list is not None:
        names = on_list["segment"].unique(maintain_order=True).to_list()
    elif asked.segments is None:
        return (Audience(segment=None, stem=EVERYBODY),)
    else:
        names = segments_asked(result, asked.scheme, asked.segments)
    stems: list[str] = []
    for name in names:
        stem = slug(name) or "segment"
        numbered = (f"{stem}_{n}" for n in count(2))
        stems.append(next(one for one in chain([stem], numbered) if one not in stems))
    return tuple(Audience(segment=name, stem=stem) for name, stem in zip(names, stems, strict=True))


def condition(result: Result, asked: Exporting) -> pl.Expr:
    """Whether a customer is on any of the lists, over the columns of `customers`.

    Raises
    ------
    InputError
        A condition that is no SQL, that names columns which there are not, or that is neither true nor false.
    """
    label = LABELS[asked.scheme]
    is_asked = pl.lit(value=True)
    if asked.segments is not None:
        is_asked = pl.col(label).is_in(segments_asked(result, asked.scheme, asked.segments))
    return is_asked if asked.where is None else is_asked & _where(result, asked.where)


def _where(result: Result, text: str) -> pl.Expr:
    available = list(result.columns)
    try:
        expr = sql_expression(text)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise InputError(
            f'{setting("where")} "{text}" is not a valid SQL condition ({reason(error)}); there are {listed(available)}'
        ) from error
    for name in expr.meta.root_names():
        if name not in available:
            raise ColumnMissingError(
                role="where", mapping=text, wanted=name, available=available, where=str(result.path)
            )
    expr = as_meant(expr, result.columns, written=f'{setting("where")} "{text}"')
    try:
        dtype = result.customers.select(expr.alias("is_met")).collect_schema()["is_met"]
    except pl.exceptions.PolarsError as error:
        raise InputError(f'{setting("where")} "{text}" cannot be computed ({reason(error)}); fix it') from error
    if dtype != pl.Boolean():
        raise InputError(
            f'{setting("where")} "{text}" gives {dtype}, not true or false; write a condition, as '
            f"{setting('where', 'clv > 100')}"
        )
    return expr.fill_null(value=False)


def members(result: Result, asked: Exporting, on_list: pl.DataFrame | None = None) -> pl.DataFrame:
    """Everybody on any of the lists, in the order of ids: customer_id, segment (null where none is named), value.

    Raises
    ------
    InputError
        As `condition`; a condition that fails on a customer.
    """
    label = LABELS[asked.scheme]
    rows = result.take(*dict.fromkeys((CUSTOMER, label, "value", *_roots(result, asked))))
    segment = pl.lit(None, dtype=pl.String) if asked.segments is None else pl.col(label).cast(pl.String)
    value = pl.col("value").cast(pl.Float64).fill_nan(None)
    chosen = rows.filter(condition(result, asked)).select(CUSTOMER, segment=segment, value=value)
    if on_list is not None:
        chosen = chosen.drop("segment").join(on_list.lazy(), on=CUSTOMER).select(CUSTOMER, "segment", "value")
    try:
        return chosen.collect(engine="streaming").sort(CUSTOMER, maintain_order=True)
    except pl.exceptions.PolarsError as error:
        if asked.where is None:
            raise
        raise InputError(  # without the reason, which may hold a customer's data
            f'{setting("where")} "{asked.where}" fails on a customer; write TRY_CAST for CAST, so that bad values give '
            f"NULL"
        ) from error


def _roots(result: Result, asked: Exporting) -> list[str]:
    return [] if asked.where is None else _where(result, asked.where).meta.root_names()
