"""Customer ids that differ in case, or in white space at their ends, told apart by neither."""

from collections.abc import Collection
from dataclasses import replace

import polars as pl

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.mapping.roles import Role


def normalised(customer: Role, steps: Collection[str], place: str) -> Role:
    """The role of the customer with ids in the form that tells them apart; `place` names the log.

    Parameters
    ----------
    steps
        "trim" takes white space off both ends, "lower" gives letters their lower case, as Unicode has it.

    Raises
    ------
    InputError
        Ids that are no text.
    """
    if not isinstance(customer.dtype, pl.String):
        raise InputError(
            f'{place}: {setting("customer")} "{customer.mapping}" is {customer.dtype}, and only ids of text have case '
            f"and white space; leave {setting('normalise_ids')} out"
        )
    return replace(customer, expr=normal_form(customer.expr, steps))


def normal_form(ids: pl.Expr, steps: Collection[str]) -> pl.Expr:
    """Ids of text in the form that tells them apart."""
    ids = ids.str.strip_chars() if "trim" in steps else ids
    return ids.str.to_lowercase() if "lower" in steps else ids


def normalised_text(word: str, steps: Collection[str]) -> str:
    """One id in the same form."""
    return str(pl.select(normal_form(pl.lit(word), steps)).item()) if steps else word
