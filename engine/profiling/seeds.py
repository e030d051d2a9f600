"""The seed list for look-alike audiences: ids or contacts of the segment, best first, hashed if asked."""

from dataclasses import dataclass

import polars as pl

from whalecurve.engine.errors import InputError, listed, setting
from whalecurve.engine.orders import as_text
from whalecurve.engine.profiling.settings import Seeding
from whalecurve.engine.profiling.traits import Traits, column_of
from whalecurve.engine.targets import normalised_email, normalised_phone, normalised_text, sha256, target_called


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

    Normalised is what is hashed: trimmed and in lower case, in UTF-8; a phone number as a plus sign and its digits; or
    as the tool takes it that is named, see `engine/targets/contacts.py`. Seeds that are not hashed are written so, too,
    but ids stay as they are. Seeds that come again are kept once.

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
    is_text = asked.column is not None or asked.writes_hashes
    ready = _normalised(seeds, asked) if is_text else seeds
    table = own.select("clv", "value").insert_column(0, ready.alias("seed"))
    table = table.with_columns(is_given=_is_given(seeds))
    usable = table.filter(pl.col("seed").is_not_null())
    once = usable.unique("seed", keep="first", maintain_order=True)
    n_without = table.height - int(table["is_given"].sum())
    best = once if asked.size is None else once.head(asked.size)
    named = _hashed(best, name) if asked.writes_hashes else best.rename({"seed": name})
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


def _normalised(seeds: pl.Series, asked: Seeding) -> pl.Series:
    """Seeds in the form that is hashed; null where there is none that could be matched."""
    tool = None if asked.hash_for is None else target_called(asked.hash_for)
    text = pl.lit(_as_text(seeds))
    if asked.resolved_kind == "phone":
        plain = normalised_phone(text, "plus" if tool is None else tool.phone)
    elif asked.resolved_kind == "email":
        plain = normalised_email(text, "plain" if tool is None else tool.email)
    else:
        plain = normalised_text(text)
    return pl.select(plain.alias("seed")).to_series()


def _hashed(table: pl.DataFrame, name: str) -> pl.DataFrame:
    return table.select(sha256(table["seed"]).alias(f"{name}_sha256"), pl.exclude("seed"))
