"""Columns that say in which currency the money of a line is: sums over several add up what does not go together."""

import re
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from whalecurve.engine.errors import Message, listed, setting
from whalecurve.engine.object_stores import opened
from whalecurve.engine.order_files import OrderFile, agreed_types
from whalecurve.engine.orders import FAILURES, Orders, rows_with
from whalecurve.engine.paths import is_web_url
from whalecurve.engine.shop_exports import CURRENCY_CODES, MONEY_ROLES
from whalecurve.engine.sql_text import literal, quoted

WORDS = ("currencies", "ccy", "valuta", "devise", "divisa", "moneda", "moeda", "waehrung", "währung", "iso4217")
"""Words that, as a part of a column's name, say that it holds currencies."""
MAJOR = frozenset(re.findall(r"\w+", "USD EUR GBP JPY CNY CHF CAD AUD INR BRL MXN PLN SEK NOK DKK CZK"))
"""One of them at least is among the values of a column that is taken for currencies by content alone: ALL and TOP are
codes, and words."""
LINES_TO_GUESS = 10_000
MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Currencies:
    """A column with more than one currency, and how many lines have each, the most first.

    lines : by the currency in capitals and without blanks
    is_spelled_so : whether the column has no other spelling of them
    is_number : whether the column has numbers
    """

    column: str
    lines: dict[str, int]
    is_spelled_so: bool = True
    is_number: bool = False

    def said(self) -> Message:
        """What a reader should be told, and what to do."""
        codes = listed([f"{code} ({n:,})" for code, n in self.lines.items()], MOST_NAMED)
        condition = setting("where", self._condition(next(iter(self.lines))))
        return Message(
            f'"{self.column}" names several currencies, with so many lines each: {codes}; their amounts are '
            f"added up as they stand: convert them in {setting('amount')}, or choose one, as {condition}"
        )

    def _condition(self, code: str) -> str:
        """SQL that is true of the lines of a currency, however the column spells it."""
        column = quoted(self.column)
        if self.is_number:
            return f"{column} = {code}"
        return f"{column if self.is_spelled_so else f'UPPER(TRIM({column}))'} = {literal(code)}"


def several_currencies(orders: Orders) -> list[Currencies]:
    """The columns that name more than one currency among the lines that `where` selects.

    A column is one of currencies by its name, or as all of its values are ISO 4217 codes. One that the money is worked
    out from is none: the user knows it.
    """
    columns = _unknown_text(orders)
    several = []
    for name in _candidates(orders, columns):
        spelled = _lines_by_value(orders, name, columns[name])
        lines = _by_code(spelled)
        is_currency = says_currency(name) or (set(lines) <= CURRENCY_CODES and not MAJOR.isdisjoint(lines))
        if len(lines) > 1 and is_currency:
            several.append(
                Currencies(
                    column=name,
                    lines=lines,
                    is_spelled_so=set(lines) >= {value for value in spelled if value.strip()},
                    is_number=columns[name].is_integer(),
                )
            )
    return several


def currencies_in_footers(orders: Orders) -> list[Message]:
    """What a reader should be told of columns with a telling name that hold several values, as files' footers say.

    It costs no reading of rows, and so knows neither how many lines have each, nor what `where` selects: with that, it
    says nothing. Files end to be opened at the second value.
    """
    if orders.mapping.where is not None:
        return []
    return [
        Message(
            f'"{name}" names several currencies, as {" and ".join(sorted(codes)[:2])}; their amounts are added up as '
            f"they stand: convert them in {setting('amount')}, or choose one in {setting('where')}"
        )
        for name in _unknown_text(orders)
        if says_currency(name) and len(codes := _two_values(orders, name)) > 1
    ]


def _two_values(orders: Orders, name: str) -> set[str]:
    """Values of a column, until there are two, among the least and the greatest of its row groups."""
    codes: set[str] = set()
    for file in orders.files:
        if len(codes) > 1:
            break
        if name in file.schema and name not in file.partitions and not is_web_url(file.path):
            codes |= _extremes(file, name)
    return codes


def _extremes(file: OrderFile, name: str) -> set[str]:
    try:
        with opened(file.path, file.n_bytes) as content:  # a path would be taken for a URL where it holds a colon
            footer = pq.ParquetFile(content).metadata
    except (pa.ArrowException, OSError):
        return set()  # a type that Polars alone knows
    columns = {footer.schema.column(i).path: i for i in range(footer.num_columns)}
    if name not in columns:
        return set()
    groups = (footer.row_group(i).column(columns[name]).statistics for i in range(footer.num_row_groups))
    ends = [end for group in groups if group is not None and group.has_min_max for end in (group.min, group.max)]
    return {code for end in ends if (code := str(end).strip().upper())}


def says_currency(name: str) -> bool:
    """Whether a column's name has a word for currency among its words."""
    words = re.findall(r"[A-ZÄ]?[a-zä0-9]+|[A-ZÄ0-9]+", name)
    return any(_is_of_currency(word.casefold()) for word in words)


def _is_of_currency(word: str) -> bool:
    return word in WORDS or word.startswith("currency") or (word.endswith("currency") and word != "concurrency")


def _unknown_text(orders: Orders) -> dict[str, pl.DataType]:
    """Columns of text that money is not worked out from, without those that tell the currency of other money."""
    of_money = {name for role in MONEY_ROLES for name in orders.mapping.columns_of(role)}
    columns = {name: dtype for name, dtype in _text_columns(orders).items() if name not in of_money}
    own = {name for name in columns if _is_of_this_money(name, of_money)}
    return {name: dtype for name, dtype in columns.items() if name in own or not (own and says_currency(name))}


def _is_of_this_money(name: str, of_money: set[str]) -> bool:
    """Whether a column's name says that it is the currency of just the money that is counted.

    "Converted Currency" is that of "Converted Amount" and "Converted Amount Refunded", and "base_currency_code" that of
    "base_grand_total": the other columns of currency in such an export are those that customers paid in.
    """
    words = re.match(r"(?P<start>.+?)[\W_]*currenc", name.casefold())
    return words is not None and bool(of_money) and all(one.casefold().startswith(words["start"]) for one in of_money)


def _text_columns(orders: Orders) -> dict[str, pl.DataType]:
    """Columns of text in every file that has them, as text; with a telling name, whole numbers too."""

    def may_be_code(name: str, types: list[pl.DataType]) -> bool:
        is_text = all(isinstance(dtype, pl.String | pl.Categorical | pl.Enum | pl.Null) for dtype in types)
        return is_text or (says_currency(name) and all(dtype.is_integer() for dtype in types))

    return agreed_types(orders.files, may_be_code)


def _candidates(orders: Orders, columns: dict[str, pl.DataType]) -> list[str]:
    """Columns with a telling name, and those whose first values are all codes."""
    named = [name for name in columns if says_currency(name)]
    others = {name: dtype for name, dtype in columns.items() if name not in named and dtype == pl.String()}
    if not others:
        return named
    try:
        first = rows_with(orders, others).select(list(others)).head(LINES_TO_GUESS).collect()
    except FAILURES:
        return named
    coded = (name for name in others if set(first[name].drop_nulls().unique()) <= CURRENCY_CODES)
    return named + [name for name in coded if first[name].null_count() < first.height]


def _lines_by_value(orders: Orders, name: str, dtype: pl.DataType) -> dict[str, int]:
    """How many lines have each value, as it is spelled."""
    counts = rows_with(orders, {name: dtype}).select(value=pl.col(name).cast(pl.String)).group_by("value")
    try:
        return dict(counts.agg(n=pl.len()).drop_nulls().collect(engine="streaming").rows())
    except FAILURES:
        return {}  # a column that nobody mapped cannot be read


def _by_code(spelled: dict[str, int]) -> dict[str, int]:
    """The same by the code in capitals and without blanks, the most first; blank values are none."""
    lines: dict[str, int] = {}
    for value, n in spelled.items():
        if code := value.strip().upper():
            lines[code] = lines.get(code, 0) + n
    return dict(sorted(lines.items(), key=lambda entry: (-entry[1], entry[0])))
