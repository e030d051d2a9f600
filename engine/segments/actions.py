"""Stage: segment, cell, tiers and stage of a customer -> what each says to do, and which of it comes first."""

from collections.abc import Mapping

import polars as pl

from whalecurve.engine.coded_words import labelled, picked
from whalecurve.engine.schemes import Scheme

COLUMNS = {
    "segment": "rfm_segment",
    "matrix": "matrix_segment",
    "clv_tier": "clv_tier",
    "lifecycle": "lifecycle_stage",
    "loyalty": "loyalty_tier",
}
"""Column of labels by the name of the division in a scheme's precedence."""


def with_actions(customers: pl.LazyFrame, scheme: Scheme) -> pl.LazyFrame:
    """Add segment_action, next_best_action and next_best_action_from.

    segment_action is that of the RFM segment. next_best_action is the action of the first step of the scheme's
    precedence that applies to the customer, and next_best_action_from which one that is, such as "matrix: Retain";
    null where none applies, as to whoever never bought. The frame needs the columns of `COLUMNS`, as Enums.
    """
    schema = customers.collect_schema()
    found = actions_of(scheme)
    segments = {segment.name: segment.action for segment in scheme.segments}
    numbers = {origin: number for number, (origin, _) in enumerate(found)}
    steps = [
        _coded(schema, division, {part.name: numbers[_origin(division, part.name)] for part in parts}, pl.Int16())
        for division, parts in scheme.steps
    ]
    position = pl.coalesce(steps)
    return customers.with_columns(
        segment_action=_coded(schema, "segment", segments, pl.String()),
        next_best_action=picked([action for _, action in found], position),
        next_best_action_from=labelled([origin for origin, _ in found], position),
    )


def actions_of(scheme: Scheme) -> list[tuple[str, str]]:
    """Every next best action there can be, in the order of precedence: where it is from, and its words."""
    found = {
        _origin(division, part.name): part.action for division, parts in scheme.steps for part in parts
    }  # a part that is named before its whole division keeps its place
    return list(found.items())


def _origin(division: str, name: str) -> str:
    return f"{division}: {name}"


def _coded(schema: pl.Schema, division: str, meaning: Mapping[str, str | int], dtype: pl.DataType) -> pl.Expr:
    """What the label of each customer means; null for labels that mean nothing here."""
    labels = schema[COLUMNS[division]]
    assert isinstance(labels, pl.Enum), "labels are Enums until they are written"
    means = [meaning.get(name) for name in labels.categories]
    return picked(means, pl.col(COLUMNS[division]).to_physical(), dtype)
