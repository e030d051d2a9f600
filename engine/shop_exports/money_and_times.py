"""How times and money are spelled in a column of text, and the SQL that reads them."""

import re
import unicodedata
from dataclasses import dataclass

import polars as pl

from whalecurve.engine.shop_exports.currency_codes import CURRENCY_CODES
from whalecurve.engine.sql_text import literal

TOLERATED = 0.02
"""Share of the filled cells of a sample that a reading may not read: one N/A is no reason to give a column up."""
FIRST_YEAR, LAST_YEAR = 1970, 2100
"""A format that finds other years read two digits for four, or a number for a date."""

FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d/%m/%y %H:%M",
    "%m/%d/%y %H:%M",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y %I:%M:%S %p",
    "%b %d, %Y %I:%M %p",
    "%b %d, %Y",
    "%B %d, %Y",
    "%Y%m%d%H%M%S",
    "%Y%m%d",
)
"""Formats of times, by frequency; day before month before month before day."""
WHOLE_SECONDS = 19
"""Letters of an ISO date and time to the second; fractions and offsets follow."""
TAIL = re.compile(r"(\.\d+)?\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)?")
OFFSET = "%.f%#z"
"""What reads such a tail: a time with an offset from UTC is an instant, as one of a zoned column is."""
NAMES_OF_UTC = ("UTC", "GMT")
EPOCHS = (("seconds", 1, "* 1000000"), ("milliseconds", 10**3, "* 1000"), ("microseconds", 10**6, ""))
FIRST_EPOCH, LAST_EPOCH = 631_152_000, 4_102_444_800
"""1990 and 2100 in seconds since 1970: whole numbers between are a probable epoch."""

SHORT_FORMS = ("kr", "zł", "Kč", "Ft", "Rs")
"""What stands beside amounts of money besides the signs of currencies and their codes."""
BEFORE_SIGN = re.compile(r"[A-Z]{0,3}")  # as in US$, R$
PIECE = re.compile(r"[^\d.,+()\-\u2212]+")
DOT = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d*)(\.\d*)?")
COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d*)(,\d*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """One way to read a column.

    sql : the expression that reads it
    told : how it is spelled, in words; empty where it is of its type already
    doubt : why it may be read otherwise; empty where it can not
    """

    sql: str
    told: str = ""
    doubt: str = ""


def times_in(sql: str, values: pl.Series) -> Spelling | None:
    """How an SQL expression, mostly a column, says times, by its values in a sample; None where it does not."""
    if isinstance(values.dtype, pl.Date | pl.Datetime):
        return Spelling(sql=sql)
    if values.dtype.is_integer():
        return _whole_times(sql, values)
    if not isinstance(values.dtype, pl.String):
        return None
    filled = _filled(values)
    if filled.is_empty():
        return None
    text = sql
    if not values.str.strip_chars().equals(values, null_equal=True):
        text = f"TRIM({text})"
    tails, ending, told, unsure = _tails(filled), "", "", ""
    if tails:
        filled = filled.str.slice(0, WHOLE_SECONDS)
        if all(tails.values()):
            ending, told = OFFSET, " with an offset from UTC"
            for name in NAMES_OF_UTC:
                text = f"REPLACE({text}, '{name}', 'Z')" if name in tails.values() else text
        else:
            text = f"LEFT({text}, {WHOLE_SECONDS})"
            is_torn = any(tails.values())
            unsure = "some have an offset from UTC, others none: all are read by their own clock" if is_torn else ""
    fitting = [written for written in FORMATS if _reads(filled, written)]
    if not fitting:
        return None
    best = min(fitting, key=lambda written: (*_unevenness(filled, written), fitting.index(written)))
    others = [written for written in fitting if _parsed(filled, written).ne_missing(_parsed(filled, best)).any()]
    doubts = [f"they fit {others[0]} as well; by {best} the days run more evenly down the file"] if others else []
    return Spelling(
        sql=f"TRY_STRPTIME({text}, {literal(best + ending)})",
        told=f"text like {filled[0]}, read as {best}{told}",
        doubt="; ".join([*doubts, *([unsure] if unsure else [])]),
    )


def _tails(filled: pl.Series) -> dict[str, str]:
    """What follows the seconds of ISO times, each with its offset, empty where it has none.

    Nothing where no time has a tail, or what follows one of them is something else.
    """
    tails = filled.str.slice(WHOLE_SECONDS).unique().to_list()
    matches = {tail: TAIL.fullmatch(tail) for tail in tails}
    if (filled.str.len_chars() < WHOLE_SECONDS).any() or not all(matches.values()) or tails == [""]:
        return {}
    return {tail: match[2] or "" for tail, match in matches.items() if match is not None}


def money_in(sql: str, values: pl.Series) -> Spelling | None:
    """How an SQL expression, mostly a column, says numbers, by its values in a sample; None where it does not."""
    if values.dtype.is_numeric():
        return Spelling(sql=sql)
    if not isinstance(values.dtype, pl.String):
        return None
    filled = _filled(values)
    pieces = sorted({piece for value in filled.unique() for piece in PIECE.findall(value)}, key=lambda p: (-len(p), p))
    pieces = [piece for piece in pieces if _is_currency(piece)]
    bare = filled
    for piece in pieces:
        bare = bare.str.replace_all(piece, "", literal=True)
    is_bracketed = bare.str.starts_with("(") & bare.str.ends_with(")")
    bare = bare.str.strip_chars("()").str.replace_all("\u2212", "-")
    source = sql
    marks = [*pieces, *(["(", ")"] if is_bracketed.any() else [])]
    for mark in marks:
        sql = f"REPLACE({sql}, {literal(mark)}, '')"
    if filled.str.contains("\u2212", literal=True).any():
        sql = f"REPLACE({sql}, '\u2212', '-')"
    convention = _convention(bare)
    if convention is None:
        return None
    number = f"TRY_CAST({convention.format(sql=sql)} AS DOUBLE)"
    if is_bracketed.any():
        number = f"CASE WHEN {source} LIKE '%(%' THEN -1 ELSE 1 END * {number}"
    is_unsure = bare.str.contains(r"^[+-]?\d{1,3}[.,]\d{3}$").all()
    doubt = f"{filled[0]} may be a thousand times as much, or as little" if is_unsure else ""
    return Spelling(sql=number, told=f"text like {filled[0]}", doubt=doubt)


def _filled(values: pl.Series) -> pl.Series:
    """The cells that say something."""
    text = values.drop_nulls().str.strip_chars()
    return text.filter(text != "")


def _whole_times(sql: str, values: pl.Series) -> Spelling | None:
    numbers = values.cast(pl.Int64, strict=False).drop_nulls()  # of what is larger, none is a time
    numbers = numbers.filter(numbers != 0)
    if numbers.is_empty():
        return None
    if numbers.is_between(19_700_101, 21_001_231).all() and _reads(numbers.cast(pl.String), "%Y%m%d"):
        return Spelling(sql=f"TRY_STRPTIME(CAST({sql} AS VARCHAR), '%Y%m%d')", told="numbers like 20240131")
    for unit, per_second, scaled in EPOCHS:
        if numbers.is_between(FIRST_EPOCH * per_second, LAST_EPOCH * per_second).all():
            written = f"CAST({sql} {scaled}".rstrip() + " AS TIMESTAMP)"
            return Spelling(sql=written, told=f"{unit} since 1970, days by the clock of UTC")
    return None


def _parsed(filled: pl.Series, written: str) -> pl.Series:
    return filled.str.strptime(pl.Datetime("us"), written, strict=False)


def _reads(filled: pl.Series, written: str) -> bool:
    """Whether a format reads (nearly) all of these texts, and finds years that orders may be of."""
    found = _parsed(filled, written)
    years = found.drop_nulls().dt.year()
    return found.null_count() <= TOLERATED * filled.len() and bool(years.is_between(FIRST_YEAR, LAST_YEAR).all())


def _unevenness(filled: pl.Series, written: str) -> tuple[int, int]:
    """How often days change their direction, down the file, and how far they go in all.

    A log in any order of time has the least by its own format: 2 January and 1 February are far apart by one of two.
    """
    steps = _parsed(filled, written).drop_nulls().dt.date().cast(pl.Int32).diff().drop_nulls()
    return min(int((steps < 0).sum()), int((steps > 0).sum())), int(steps.abs().sum())


def _is_currency(piece: str) -> bool:
    """Whether what stands beside a number may be the sign or code of a currency, or spaces and apostrophes within."""
    has_sign = any(unicodedata.category(letter) == "Sc" for letter in piece)
    rest = "".join(c for c in piece if unicodedata.category(c) not in ("Sc", "Zs") and c not in "'\u2019\t")
    is_known = rest == "" or rest in CURRENCY_CODES or rest in SHORT_FORMS
    return is_known or (has_sign and BEFORE_SIGN.fullmatch(rest) is not None)


def _convention(bare: pl.Series) -> str | None:
    """The SQL that leaves a plain number of text: whether a comma stands before the decimals, or between thousands."""
    values = [value for value in bare.unique().to_list() if re.search(r"\d", value)]
    n_allowed = TOLERATED * bare.len()
    if not values:
        return None
    counts = {
        convention: int((~bare.is_in([v for v in values if pattern.fullmatch(v)])).sum())
        for convention, pattern in (("dot", DOT), ("comma", COMMA))
    }
    if counts["dot"] <= n_allowed:
        has_thousands = any("," in value for value in values)
        return "REPLACE({sql}, ',', '')" if has_thousands else "{sql}"
    return "REPLACE(REPLACE({sql}, '.', ''), ',', '.')" if counts["comma"] <= n_allowed else None
