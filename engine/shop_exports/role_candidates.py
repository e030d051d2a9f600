"""Which columns may play a role: by their names and by what they hold, tried on a sample before they are offered."""

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import polars as pl

from whalecurve.engine.shop_exports.aliases import CLOSE, HUNDREDTHS, called, plain
from whalecurve.engine.shop_exports.money_and_times import TOLERATED, Spelling, money_in, times_in
from whalecurve.engine.shop_exports.role_types import suits
from whalecurve.engine.sql_text import quoted, sql_expression

MAIL = r"^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$"
TRIED = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What Polars raises over an expression that does not suit the rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A column, or an SQL expression, that may play a role.

    columns : what it is worked out from
    why : what speaks for it, in words
    doubts : what speaks against it, a sentence each
    """

    mapping: str
    columns: tuple[str, ...]
    why: str
    doubts: tuple[str, ...] = ()


def candidates(role: str, sample: pl.DataFrame, taken: Collection[str] = (), like: str = "") -> list[Candidate]:
    """What may play a role, the likeliest first.

    Each was run on the sample, and gave a value of the role's type wherever a cell was filled, up to 2 % of them.

    Parameters
    ----------
    role
        A role of the mapping.
    sample
        Rows of the log, as `sample_of` takes them.
    taken
        Columns that play other roles.
    like
        A name that was meant for one of the columns; those that are nearly called so come first, then those that are
        called as the role usually is, then those that hold what it needs.
    """
    free = sample.select(name for name in sample.columns if name not in taken)
    near = difflib.get_close_matches(plain(like), [plain(name) for name in free.columns], cutoff=CLOSE) if like else []
    meant = [c for name in free.columns if plain(name) in near for c in _column(role, name, free, f'nearly "{like}"')]
    found: dict[str, Candidate] = {}
    for candidate in [*meant, *_possible(role, free)]:
        if candidate.mapping not in found and works(role, candidate, sample):
            found[candidate.mapping] = candidate
    return list(found.values())


def works(role: str, candidate: Candidate, sample: pl.DataFrame) -> bool:
    """Whether a candidate gives values of the role's type on the sample wherever its columns are filled."""
    try:
        values = sample.select(role=_expression(candidate.mapping, sample))["role"]
    except TRIED:
        return False
    if not suits(role, values.dtype):
        return False
    filled = sample.select(pl.all_horizontal(is_filled(name, sample.schema[name]) for name in candidate.columns))
    n_filled = int(filled.to_series().sum())
    n_lost = int((filled.to_series() & values.is_null()).sum())
    return sample.is_empty() or (n_filled > 0 and n_lost <= TOLERATED * n_filled)


def _expression(mapping: str, sample: pl.DataFrame) -> pl.Expr:
    return pl.col(mapping) if mapping in sample.columns else sql_expression(mapping)


def is_filled(name: str, dtype: pl.DataType) -> pl.Expr:
    """Whether a cell says something: it is not null, and no text of nothing but white space."""
    column = pl.col(name)
    return column.is_not_null() & (column.str.strip_chars() != "") if dtype == pl.String() else column.is_not_null()


def _possible(role: str, free: pl.DataFrame) -> Iterator[Candidate]:
    """Candidates that have not been tried, those by name before those by content."""
    named = called(role, free.columns)
    if role == "amount":
        yield from _amounts(named, free)
        yield from _numbers(free)
        return
    for name in named:
        yield from _column(role, name, free, f'called "{name}"')
    if role == "time":
        for name in free.columns:
            if not free[name].dtype.is_numeric():
                yield from _column(role, name, free, "its values are dates")
    if role == "customer":
        for name in free.columns:
            if _is_mail(free[name]):
                yield from _column(role, name, free, "its values are e-mail addresses")


def _is_mail(values: pl.Series) -> bool:
    if values.dtype != pl.String():
        return False
    filled = values.drop_nulls()
    return int(filled.str.contains(MAIL).sum()) > (1 - TOLERATED) * filled.len()


def _mail(bare: Candidate, values: pl.Series) -> Candidate:
    """Addresses as ids: without case and spaces around, where some differ in nothing else from how they should be."""
    if values.equals(values.str.strip_chars().str.to_lowercase(), null_equal=True):
        return bare
    return replace(bare, mapping=f"LOWER(TRIM({quoted(bare.mapping)}))", why=f"{bare.why} (addresses without case)")


def _numbers(free: pl.DataFrame) -> Iterator[Candidate]:
    """Columns of numbers with decimals, whatever they are called, but for costs and the like."""
    kinds = ("cost", "margin", "quantity", "order", "customer")
    others = {name for kind in kinds for name in called(kind, free.columns)}
    for name in (name for name in free.columns if name not in others):
        dtype = free[name].dtype
        if dtype.is_float() or dtype.is_decimal() or dtype == pl.String():
            yield from _column("amount", name, free, "its values are numbers with decimals", needs_decimals=True)


def _amounts(named: list[str], free: pl.DataFrame) -> Iterator[Candidate]:
    """Amounts of lines; where there is none, price by quantity; then anything that is called like an amount."""
    prices, quantities = called("unit_price", free.columns), called("quantity", free.columns)
    totals = [name for name in named if name not in prices]
    for name in totals:
        yield from _column("amount", name, free, f'called "{name}"')
    for price in prices:
        for quantity in quantities:
            factors = [money_in(quoted(name), free[name]) for name in (quantity, price)]
            if factors[0] is not None and factors[1] is not None:
                yield _joined(factors[0], factors[1], (quantity, price))
    for price in prices:
        yield from _column("amount", price, free, f'called "{price}"')
    for name in (name for name in free.columns if plain(name).endswith(HUNDREDTHS)):
        for candidate in _column("amount", name, free, f'called "{name}", so hundredths'):
            yield replace(candidate, mapping=f"{_factor(quoted(name))} / 100.0")


def _joined(quantity: Spelling, price: Spelling, columns: tuple[str, str]) -> Candidate:
    told = "; ".join(spelling.told for spelling in (quantity, price) if spelling.told)
    return Candidate(
        mapping=f"{_factor(quantity.sql)} * {_factor(price.sql)}",
        columns=columns,
        why=f'quantity "{columns[0]}" by unit price "{columns[1]}"' + (f" ({told})" if told else ""),
        doubts=tuple(spelling.doubt for spelling in (quantity, price) if spelling.doubt),
    )


def _factor(sql: str) -> str:
    return f"({sql})" if sql.startswith("CASE") else sql


def _column(role: str, name: str, free: pl.DataFrame, why: str, *, needs_decimals: bool = False) -> Iterator[Candidate]:
    """The column as it is spelled, if it can play the role."""
    values = free[name]
    bare = Candidate(mapping=name, columns=(name,), why=why)
    if role == "time":
        spelling = times_in(quoted(name), values)
    elif role in ("amount", "margin", "cost"):
        spelling = money_in(quoted(name), values)
    elif role == "customer" and _is_mail(values):
        yield _mail(bare, values)
        return
    elif role == "return_flag" or not values.dtype.is_float():
        yield bare
        return
    else:
        spelling = Spelling(sql=f"TRY_CAST({quoted(name)} AS BIGINT)", told="whole numbers kept as decimals")
        if not values.drop_nulls().drop_nans().is_in(values.round()).all():
            return
    if spelling is None or (needs_decimals and not _has_decimals(spelling, free)):
        return
    yield replace(
        bare,
        mapping=name if spelling.sql == quoted(name) else spelling.sql,
        why=f"{why} ({spelling.told})" if spelling.told else why,
        doubts=(spelling.doubt,) if spelling.doubt else (),
    )


def _has_decimals(spelling: Spelling, free: pl.DataFrame) -> bool:
    numbers = free.select(number=sql_expression(spelling.sql).cast(pl.Float64))["number"].drop_nulls()
    return bool((numbers != numbers.round()).any())
