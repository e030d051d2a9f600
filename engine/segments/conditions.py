"""Conditions of a scheme's rules: expressions over scores, numbers of customers, and attributes from files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from whalecurve.engine.attributes import AttributeFile, AttributeRows, rows_with_ids, with_attributes
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.mapping import parsed_column, role_of, roots
from whalecurve.engine.schemes import Scheme

SCORES = {"r": "r_score", "f": "f_score", "m": "m_score"}
"""What the scores of a customer are called in conditions."""

NUMBERS: dict[str, pl.DataType] = {
    **dict.fromkeys(("first_purchase", "last_purchase"), pl.Date()),
    **dict.fromkeys(("n_purchase_days", "n_orders", "n_lines", "n_return_lines", "frequency"), pl.UInt32()),
    "days_since_last": pl.Int32(),
    **dict.fromkeys(("recency", "T", "revenue", "margin", "value", "monetary_value", "return_rate"), pl.Float64()),
    **dict.fromkeys(("average_order_value", "p_alive", "expected_purchases", "p_purchase"), pl.Float64()),
    **dict.fromkeys(("expected_value", "clv", "clv_total", "value_at_stake"), pl.Float64()),
}
"""Columns of customers that conditions may read, with their types: all that is known before segments are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What rules ask of customers beside ranges of scores.

    rules : the condition of each rule that has one, by its name
    attributes : the attributes that they read
    """

    rules: dict[str, pl.Expr]
    attributes: tuple[AttributeRows, ...] = ()

    def answered(self, customers: pl.LazyFrame) -> pl.LazyFrame:
        """Customers with a Boolean column for each rule, see `met`: whether they meet its condition; null is not met.

        A number that a kernel could not give is NaN until it is written, and greater than any where it is compared:
        here it is null. An attribute may be called as a column of customers that conditions do not read.
        """
        read = {name for rule in self.rules.values() for name in rule.meta.root_names()}
        unsure = [name for name in NUMBERS if name in read and NUMBERS[name].is_float()]
        beside = [name for part in self.attributes for name in part.types]
        own = set(customers.collect_schema().names()).intersection(beside)
        aside = {name: f"__own_{name}" for name in (*unsure, *sorted(own))}
        joined = with_attributes(customers.rename(aside), _of("customer_id", aside), self.attributes)
        asked = joined.with_columns(
            *(_of(score, aside).alias(name) for name, score in SCORES.items()),
            *(pl.col(aside[name]).fill_nan(None).alias(name) for name in unsure),
        )
        answers = [rule.fill_null(value=False).alias(met(name)) for name, rule in self.rules.items()]
        answered = asked.with_columns(answers).drop(*SCORES, *unsure, *beside)
        return answered.rename({name: whole for whole, name in aside.items()})


def met(rule: str) -> str:
    """The column that says who meets the condition of a rule."""
    return f"__meets_{rule}"


def _of(name: str, aside: Mapping[str, str]) -> pl.Expr:
    return pl.col(aside.get(name, name))


NO_CONDITIONS = Conditions(rules={})


def reads_conditions(scheme: Scheme) -> bool:
    """Whether any rule of the scheme has a condition."""
    return any(segment.where is not None for segment in scheme.segments)


def conditions_of(
    scheme: Scheme,
    attributes: Sequence[AttributeFile],
    ids: pl.DataType,
    normal: Callable[[pl.Expr], pl.Expr] | None,
    *,
    has_margin: bool,
) -> Conditions:
    """The conditions of a scheme's rules, held against the columns that there are. No row is read.

    Parameters
    ----------
    scheme
        The scheme.
    attributes
        Files of attributes.
    ids, normal
        The type of the customers' ids, and what gives ids the form that they have; see `rows_with_ids`.
    has_margin
        Whether customers have a margin.

    Raises
    ------
    InputError
        A column that is not there, or is one of customers and of a file; an expression that is no condition.
    """
    texts = {segment.name: segment.where for segment in scheme.segments if segment.where is not None}
    if not texts:
        return NO_CONDITIONS
    own = {**dict.fromkeys(SCORES, pl.UInt8()), **NUMBERS}
    if not has_margin:
        del own["margin"]
    homes = {name: file.place for file in attributes for name in file.names}
    places = {name: f'{scheme.source}: segment "{name}"' for name in texts}
    available = [*own, *(name for name in homes if name not in own)]
    exprs = {name: parsed_column("segments", text, available, places[name]) for name, text in texts.items()}
    read = roots(list(exprs.values()))
    both = next((name for name in read if name in own and name in homes), None)
    if both is not None:
        raise InputError(
            f'{scheme.source}: "{both}" is a column of customers and of {homes[both]}; rename it in '
            f"{setting('attributes')}"
        )
    joined = rows_with_ids(attributes, {name for name in read if name in homes}, ids, normal)
    types = own | {name: dtype for part in joined for name, dtype in part.types.items()}
    types = {name: types[name] for name in read}
    rules = {name: _condition(texts[name], expr, types, places[name]) for name, expr in exprs.items()}
    return Conditions(rules=rules, attributes=joined)


def _condition(text: str, expr: pl.Expr, types: dict[str, pl.DataType], place: str) -> pl.Expr:
    filled = role_of("segments", text, expr, types, place)
    if not isinstance(filled.dtype, pl.Boolean):
        raise InputError(
            f'{place}: where "{text}" gives {filled.dtype}, not true or false; write a condition, as "age >= 30"'
        )
    return filled.expr
