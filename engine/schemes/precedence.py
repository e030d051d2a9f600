"""Which of a customer's actions comes first: the steps of `[next_best_action]`, in order.

`precedence` lists divisions and their parts: "segment", "matrix", "clv_tier", "lifecycle" or "loyalty" stands for every
part of it, "matrix.retain", "lifecycle.new", "clv_tier.high", "segment.Champions" or "loyalty.gold" for one. Parts go
by the key of their table in the TOML file, segments and loyalty tiers, which have none, by name. The first step that
applies to a customer gives the action, so the last one has to be a whole division: nobody with a purchase is left out.
"""

from collections.abc import Mapping, Sequence

from whalecurve.engine.errors import InputError, listed
from whalecurve.engine.schemes.toml_tables import Table, check_keys, subtable

USUAL = ("matrix.retain", "lifecycle.new", "segment")
"""High value at high risk first, then new customers, then the segment."""

KEY = "next_best_action"


def read_precedence(scheme: Table, source: str) -> tuple[str, ...]:
    """The steps in a scheme's file, or the usual ones; which of them there are is checked with the scheme."""
    if KEY not in scheme:
        return USUAL
    where = f"{source}: {KEY}"
    table = subtable(scheme, KEY, f"{source}: ", f"write [{KEY}]")
    check_keys(table, where, required=("precedence",))
    steps = table["precedence"]
    if not isinstance(steps, list) or not steps or not all(isinstance(step, str) for step in steps):
        raise InputError(f"{where}: precedence is {steps!r}, expected a list such as {_written(USUAL)}")
    return tuple(steps)


def check_precedence(steps: Sequence[str], parts: Mapping[str, Sequence[str]], source: str) -> None:
    """Refuse steps that do not exist, that no customer can reach, and a last one that leaves customers out.

    parts : keys or names of the parts of each division
    """
    where = f"{source}: {KEY}.precedence"
    known = {division: division for division in parts}
    known |= {f"{division}.{part}": division for division, keys in parts.items() for part in keys}
    for position, step in enumerate(steps):
        if step not in known:
            division = step.partition(".")[0]
            there = [f"{division}.{part}" for part in parts[division]] if division in parts else list(parts)
            raise InputError(f'{where}: no "{step}"; there are {listed(there)}')
        before = next((taken for taken in steps[:position] if taken in (step, known[step])), None)
        if before is not None:
            raise InputError(f'{where}: "{step}" comes after "{before}", which takes all of its customers; remove it')
    if steps[-1] not in parts:
        raise InputError(
            f'{where}: the last step is "{steps[-1]}", which leaves customers without an action; end with a whole '
            f"division: {listed(list(parts))}"
        )


def _written(steps: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{step}"' for step in steps) + "]"
