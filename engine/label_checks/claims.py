"""What each label claims of the customers who carry it: that they then buy, or spend, more or less than others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import polars as pl

from whalecurve.engine.schemes import Scheme
from whalecurve.engine.segments import LABELS, parts_of

EVERYBODY = "all others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A label, and what is held against what happened.

    scheme, label : as `segments.parquet` has them, and "risk" and "spend_falling" beside these
    has_label : which customers carry it; null where a customer has no label of the scheme, who is not compared then
    among, compared_with : the customers who are compared, all with a label where None; who the others are, in words
    outcome : what the claim is of, that they buy again or what they spend
    says : in which direction from the others; None where the label claims nothing
    """

    scheme: str
    label: str
    has_label: pl.Expr
    among: pl.Expr | None = None
    compared_with: str = EVERYBODY
    outcome: Literal["bought", "spent"] = "bought"
    says: Literal["more", "less"] | None = None


def claims_of(scheme: Scheme) -> list[Claim]:
    """Every label of a scheme, and those that all schemes have, in the order in which a run tables them."""
    return [
        *_of_risk(),
        *_of_matrix(scheme),
        *_of_segments(scheme),
        *_of_tiers("clv_tier", [tier.name for tier in scheme.clv_tiers.labels]),
        *_of_falling_spend(scheme),
        *_of_stages(scheme),
        *_of_tiers("loyalty_tier", [tier.name for tier in scheme.loyalty.labels]),
    ]


def _of_risk() -> Iterator[Claim]:
    yield Claim(scheme="risk", label="high", has_label=pl.col("risk") == "high", says="less")


def _of_matrix(scheme: Scheme) -> Iterator[Claim]:
    """What each cell is for: of the valuable, who buys less; who brings little, who most; of the others, who stays."""
    column, value = pl.col(LABELS["matrix"]), pl.col("value_class")
    retain, divest, grow, maintain = (cell.name for cell in scheme.matrix)
    high: dict[str, Any] = {"among": value == "high", "compared_with": "others of high value"}
    low: dict[str, Any] = {"among": value == "low", "compared_with": "others of low value"}
    cell = partial(Claim, scheme="matrix")
    yield cell(label=retain, has_label=column == retain, says="less", **high)
    yield cell(label=divest, has_label=column == divest, says="less", outcome="spent")
    yield cell(label=grow, has_label=column == grow, says="more", outcome="spent")
    yield cell(label=maintain, has_label=column == maintain, says="more", **low)


def _of_segments(scheme: Scheme) -> Iterator[Claim]:
    """A segment of recent customers claims more buyers than others with as many purchases have, a silent one fewer.

    Recent is an R above the middle score in all cells of the segment, silent one below; as many purchases an F between
    the least and the most of the segment. A segment that reaches the middle is held against all others, and claims
    more or fewer buyers as the mean of its R and F is above the middle or below; at the middle it claims nothing.
    """
    cells: dict[str, list[tuple[int, int]]] = {}
    for cell in scheme.cells:
        owner = scheme.segment_of(cell)
        if owner is not None:
            cells.setdefault(owner.name, []).append(cell[:2])
    for segment in scheme.segments:
        if segment.where is not None:  # whom it takes depends on more than scores: it may be anybody in its ranges
            cells[segment.name] = [cell[:2] for cell in scheme.cells if segment.takes(cell)]
    for segment in scheme.segments:
        recency, frequency = zip(*cells[segment.name], strict=True)
        middle, has_label = scheme.bins + 1, pl.col(LABELS["rfm"]) == segment.name
        is_recent, is_silent = 2 * min(recency) > middle, 2 * max(recency) < middle
        twice = sum(recency) + sum(frequency) - middle * len(recency)
        alike = pl.col("f_score").is_between(min(frequency), max(frequency))
        is_apart = is_recent or is_silent
        yield Claim(
            scheme="rfm",
            label=segment.name,
            has_label=has_label,
            among=alike if is_apart else None,
            compared_with="others with as many purchases" if is_apart else EVERYBODY,
            says="more" if is_recent else "less" if is_silent else _direction(twice),
        )


def _direction(above: int) -> Literal["more", "less"] | None:
    return "more" if above > 0 else "less" if above < 0 else None


def _of_tiers(name: str, labels: Sequence[str]) -> Iterator[Claim]:
    """A tier claims to spend more than the tiers below it, the last one less than those above."""
    place = pl.col(LABELS[name]).to_physical()
    for i, label in enumerate(labels):
        is_last = i == len(labels) - 1
        yield Claim(
            scheme=name,
            label=label,
            has_label=place == i,
            among=None if i == 0 or is_last else place >= i,
            compared_with=EVERYBODY if i == 0 or is_last else "those below",
            outcome="spent",
            says="less" if is_last else "more",
        )


def _of_falling_spend(scheme: Scheme) -> Iterator[Claim]:
    """Falling spend claims fewer buyers, and so it does within the middle CLV tier, whom practice calls at risk."""
    falls = pl.col("spend_falling")
    middle = scheme.clv_tiers.middle.name
    yield Claim(scheme="spend_falling", label="falling", has_label=falls, says="less")
    yield Claim(
        scheme="spend_falling",
        label=f"falling, {middle} tier",
        has_label=falls,
        among=pl.col(LABELS["clv_tier"]) == middle,
        compared_with=f"others of the {middle} tier",
        says="less",
    )


def _of_stages(scheme: Scheme) -> Iterator[Claim]:
    """New customers claim more buyers than others with one purchase day, active ones than all; late ones fewer.

    Dormant ones are held against those who are in time, and churned ones against all others.
    """
    column = pl.col(LABELS["lifecycle_stage"])
    new, active, dormant, churned = (part.name for part in parts_of(scheme)["lifecycle_stage"])
    once: dict[str, Any] = {"among": pl.col("n_purchase_days") == 1, "compared_with": "others with one purchase day"}
    early: dict[str, Any] = {"among": column != churned, "compared_with": f"{new} and {active} customers"}
    stage = partial(Claim, scheme="lifecycle_stage")
    yield stage(label=new, has_label=column == new, says="more", **once)
    yield stage(label=active, has_label=column == active, says="more")
    yield stage(label=dormant, has_label=column == dormant, says="less", **early)
    yield stage(label=churned, has_label=column == churned, says="less")
