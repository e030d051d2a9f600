"""The seed list for look-alike audiences: ids or contacts of the segment, best first, hashed if asked."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from whalecurve.engine.errors import InputError, listed, setting
from whalecurve.engine.orders import as_text
from whalecurve.engine.profiling.settings import Seeding
from whalecurve.engine.profiling.traits import Traits, column_of

DIGITS = (7, 15)
"""Digits that an international telephone number may have (ITU-T E.164 for the most)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeds:
    """The seeds, and what became of the customers without one.

    table : the seeds in a column named after what they are (`email`, or `email_sha256`); rank, clv, value if asked
    n_members : customers in the segment
    n_without, n_unusable, n_twice : of those looked at, without a seed, with one that is none, with one that a better
        customer has
    """

    table: pl.DataFrame
    n_members: int
    n_without: int
    n_unusable: int
    n_twice: int

    def to_dict(self) -> dict[str, int | str]:
        """Counts alone: no id leaves by this way."""
        return {
            "column": self.table.columns[0],
            "seeds": self.table.height,
            "members": self.n_members,
            "without": self.n_without,
            "unusable": self.n_unusable,
            "twice": self.n_twice,
        }


def seed_list(members: pl.DataFrame, traits: Traits | None, asked: Seeding) -> Seeds:
    """Seeds of the segment, by CLV, best first; customers without a CLV last; of equal ones, the lesser id first.

    Normalised is what is hashed: trimmed and in lower case, in UTF-8; a phone number as a plus sign and its digits.
    Seeds that are not hashed are written so, too, but ids stay as they are. Seeds that come again are kept once.

    Parameters
    ----------
    members
        customer_id, in_segment, value, clv.

    Raises
    ------
    InputError
        A seed column without a file that has it.
    """
    own = members.filter("in_segment").sort(
        "clv", "customer_id", descending=[True, False], nulls_last=True, maintain_order=True
    )
    seeds, name = own["customer_id"], "customer_id"
    if asked.column is not None:
        if traits is None:
            raise InputError(
                f"{setting('column', asked.column)}: there is no file to take it from; name it with "
                f"{setting('customers')}"
            )
        if asked.column not in traits.columns:
            raise InputError(
                f"{traits.path}: {setting('column', asked.column)} is not in it; there are "
                f"{listed(list(traits.columns))}"
            )
        seeds, name = column_of(traits, own.select("customer_id"), asked.column)["value"], asked.column
    is_text = asked.column is not None or asked.is_hashed
    ready = seeds if not is_text else _text(seeds, asked.resolved_kind)
    table = own.select("clv", "value").insert_column(0, ready.alias("seed"))
    table = table.with_columns(is_given=_is_given(seeds))
    usable = table.filter(pl.col("seed").is_not_null())
    once = usable.unique("seed", keep="first", maintain_order=True)
    n_without = table.height - int(table["is_given"].sum())
    best = once if asked.size is None else once.head(asked.size)
    named = _hashed(best, name) if asked.is_hashed else best.rename({"seed": name})
    column = named.columns[0]
    ranked = named.select(column, rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64), clv="clv", value="value")
    return Seeds(
        table=ranked if asked.has_values else ranked.select(column),
        n_members=own.height,
        n_without=n_without,
        n_unusable=table.height - usable.height - n_without,
        n_twice=usable.height - once.height,
    )


def _as_text(seeds: pl.Series) -> pl.Series:
    return seeds.to_frame("seed").select(as_text(seeds.dtype, "seed")).to_series()


def _is_given(seeds: pl.Series) -> pl.Series:
    text = _as_text(seeds)
    return (text.str.strip_chars() != "").fill_null(value=False)


def _text(seeds: pl.Series, kind: str) -> pl.Series:
    """Normalised seeds; null where there is none that could be matched."""
    text = _as_text(seeds)
    plain: Callable[[str], str | None] = normalised_phone if kind == "phone" else normalised_text
    words = [None if word is None else plain(word) for word in text.to_list()]
    if kind == "email":
        words = [word if word is not None and "@" in word else None for word in words]
    return pl.Series("seed", words, dtype=pl.String)


def normalised_text(text: str) -> str | None:
    """Trimmed and in lower case; None if nothing is left."""
    return text.strip().lower() or None


def normalised_phone(text: str) -> str | None:
    """A plus sign and the digits of an international number; None for what is none.

    Everything but digits goes, "(0)" with it, and an initial 00 stands for the plus sign. A number that begins with a
    single 0 names no country, so nobody could match it.
    """
    digits = "".join(letter for letter in text.replace("(0)", "") if letter in "0123456789")
    digits = digits.removeprefix("00") if "+" not in text else digits
    is_number = DIGITS[0] <= len(digits) <= DIGITS[1] and not digits.startswith("0")
    return f"+{digits}" if is_number else None


def _hashed(table: pl.DataFrame, name: str) -> pl.DataFrame:
    hashes = [hashlib.sha256(seed.encode()).hexdigest() for seed in table["seed"]]
    return table.select(pl.Series(f"{name}_sha256", hashes, dtype=pl.String), pl.exclude("seed"))
