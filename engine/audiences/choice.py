"""One row a contact: who of an audience is written, and why the others are not."""

from dataclasses import dataclass

import polars as pl

from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.targets import Target

NO_CONTACT, NO_CONSENT, UNUSABLE, DUPLICATE, UNCHANGED = (
    "no contact",
    "no consent",
    "not usable",
    "duplicate",
    "unchanged",
)
REASONS: tuple[str, ...] = (NO_CONTACT, NO_CONSENT, UNUSABLE, DUPLICATE, UNCHANGED)
"""Why a customer of an audience is not on its list; the first that holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Who is on a list.

    rows : customer_id, email, phone, in the order of ids
    left_out : customers by why they are not
    unusable : contacts that are given and cannot be used, by why, also where the row has another one
    n_taken : phone numbers left out of a row since a better customer has the same
    n_unclear : customers whose consent is written as neither yes nor no
    n_refused_elsewhere : addresses on the list that another customer has, too, who has not agreed
    """

    rows: pl.DataFrame
    left_out: dict[str, int]
    unusable: dict[str, int]
    n_taken: int
    n_unclear: int
    n_refused_elsewhere: int


def everybody(own: pl.DataFrame) -> Chosen:
    """A list of ids, where there are no contacts."""
    nothing = pl.lit(None, dtype=pl.String)
    rows = own.select(CUSTOMER, email=nothing, phone=nothing)
    return Chosen(
        rows=rows, left_out=dict.fromkeys(REASONS, 0), unusable={}, n_taken=0, n_unclear=0, n_refused_elsewhere=0
    )


def one_a_contact(own: pl.DataFrame, target: Target) -> Chosen:
    """The customers whom a target can reach, each address and each phone number in one row.

    Of customers who share an address the best is kept: the highest value, of equal ones the least id. A phone number
    stays with the best who are left; one who has no other contact then is a duplicate, too.

    Parameters
    ----------
    own
        customer_id, value, and what `ContactSource.of` adds, in the order of ids.
    """
    email, phone = pl.col("email"), pl.col("phone")
    is_usable = email.is_not_null() if target.needs == "email" else email.is_not_null() | phone.is_not_null()
    steps = [
        (NO_CONTACT, ~pl.col("is_given")),
        (NO_CONSENT, ~pl.col("is_agreed")),
        (UNUSABLE, ~is_usable),
    ]
    left_out = dict.fromkeys(REASONS, 0)
    agreed = own
    for why, is_out in steps:
        kept = agreed.filter(~is_out)
        left_out[why], agreed = agreed.height - kept.height, kept
    ranked = agreed.sort("value", descending=True, nulls_last=True, maintain_order=True)  # equal ones stay by id
    of_address = ranked.filter(email.is_null() | email.is_first_distinct())
    is_first = phone.is_null() | phone.is_first_distinct()
    of_number = of_address.with_columns(phone=pl.when(is_first).then(phone))
    rows = of_number.filter(email.is_not_null() | phone.is_not_null())
    n_emptied = of_address["phone"].count() - of_number["phone"].count()
    n_dropped = of_number.height - rows.height
    left_out[DUPLICATE] = ranked.height - rows.height
    return Chosen(
        rows=rows.select(CUSTOMER, "email", "phone").sort(CUSTOMER),
        left_out=left_out,
        unusable=_faults(own),
        n_taken=n_emptied - n_dropped,
        n_unclear=own.filter(pl.col("is_given") & pl.col("is_unclear")).height,
        n_refused_elsewhere=rows.join(own.filter(~pl.col("is_agreed")), on="email", how="semi").height,
    )


def gone(before: pl.DataFrame, chosen: Chosen, reached: pl.DataFrame | None) -> pl.DataFrame:
    """Who was on a list and is no longer: customer_id, email, phone, in the order of ids.

    Contacts that are on the list for another customer stay there, and are null here; so are those of customers of whom
    no contact is known any more.

    Parameters
    ----------
    before
        Customers of the last export.
    reached
        All who were or are on the list, with what `ContactSource.of` adds; None where the list is one of ids.
    """
    left = before.select(CUSTOMER).join(chosen.rows, on=CUSTOMER, how="anti").sort(CUSTOMER)
    if reached is None:
        nothing = pl.lit(None, dtype=pl.String)
        return left.select(CUSTOMER, email=nothing, phone=nothing)
    contacts = left.join(reached.select(CUSTOMER, "email", "phone"), on=CUSTOMER, how="left", maintain_order="left")
    return contacts.with_columns(
        pl.when(~pl.col(kind).is_in(chosen.rows[kind].drop_nulls().implode())).then(kind).alias(kind)
        for kind in ("email", "phone")
    )


def _faults(own: pl.DataFrame) -> dict[str, int]:
    """Contacts that cannot be used, by why, the most frequent first."""
    faults = pl.concat([own["email_fault"], own["phone_fault"].rename("email_fault")]).drop_nulls()
    counts = faults.value_counts().sort("count", "email_fault", descending=[True, False])
    return dict(counts.iter_rows())
