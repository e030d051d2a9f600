"""Columns that say what became of an order, and the states of one that is no sale."""

from collections.abc import Collection

from whalecurve.engine.shop_exports.aliases import plain
from whalecurve.engine.sql_text import literal, quoted

NO_SALES = (
    "cancelled", "canceled", "void", "voided", "failed", "declined", "pending", "expired", "draft", "test",
    "pendingpayment", "refunded", "chargeback", "fraud",
)  # fmt: skip
"""What a status says of an order that is none, not yet, or no longer."""
MOST_STATES = 30
"""Values of a column of states; one with more is something else."""
FLAGS = ("test", "cancelled", "canceled", "void", "voided")
TIMES = ("cancelledat", "canceledat", "voidedat", "cancelledon", "canceledon")
"""Names, plain, of columns that say so by being true, or by having a time at all."""
SUMS = ("amount", "total", "value", "sum", "revenue")


def says_state(name: str) -> bool:
    """Whether a column is one of states, by its name."""
    return plain(name).endswith(("status", "state"))


def is_flag(name: str) -> bool:
    """Whether a column that is true or false says of an order that it is no sale, by its name."""
    return plain(name).removeprefix("is") in FLAGS


def is_end(name: str) -> bool:
    """Whether a column has the time at which an order became none, by its name."""
    return plain(name) in TIMES


def says_refund(name: str) -> bool:
    """Whether a column of numbers is what was given back, by its name: no count, rate or id of refunds."""
    folded = plain(name)
    return folded in ("refund", "refunds", "refunded") or ("refund" in folded and any(part in folded for part in SUMS))


def no_sales(states: Collection[str]) -> list[str]:
    """Those of the values of a column of states that are of no sale, as they are written; none of a column of words."""
    odd = [state for state in states if plain(state).removeprefix("wc") in NO_SALES]
    return odd if len(states) <= MOST_STATES else []


def keeps_others(name: str, states: Collection[str]) -> str:
    """The condition that leaves out lines of these states, and keeps those without one."""
    return f"COALESCE({quoted(name)}, '') NOT IN ({', '.join(map(literal, states))})"
