"""A look at an experiment: the metric that decides, and, at the end, all else that is said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from whalecurve.engine.effects import chances_of_best, sequence_factor, sequence_p
from whalecurve.engine.readouts.adjustment import Adjusted, adjusted
from whalecurve.engine.readouts.clv_after import clv_rows
from whalecurve.engine.readouts.estimates import Row, by_segment, decisive, net_of, other_metrics, with_q
from whalecurve.engine.readouts.sequential import Look, looks_of
from whalecurve.engine.readouts.timing import Timing
from whalecurve.engine.readouts.verdict import Verdict, verdict_of
from whalecurve.engine.readouts.worth import worth_of
from whalecurve.engine.statistics import normal_below
from whalecurve.engine.trials import Cohort, Compared, Planned, is_money


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What the look gives, before it is put together."""

    effects: list[Row]
    adjustment: dict[str, Any]
    looks: tuple[Look, ...]
    worth: tuple[Row, ...]
    clv: tuple[Row, ...]
    verdicts: tuple[Verdict, ...]
    chances: dict[str, float]


def look_at(plan: Planned, timing: Timing, cohort: Cohort, cost: float) -> Looked:
    """The look itself: the metric that decides, and, at the end, all else."""
    found = adjusted(plan, cohort)
    alpha = plan.alpha / len(plan.treated)  # Bonferroni: each treated arm may be the one that works
    means = found.cohort.compared(found.metric, found.covariates)
    looks = tuple(looks_of(plan, found, timing.looks, alpha)) if plan.is_sequential else ()
    rows = [_at_this_look(row, timing, looks, alpha) for row in decisive(plan, found, means, level=1.0 - alpha)]
    verdicts = tuple(
        verdict_of(plan, timing, arm, means.difference(i), alpha=alpha, direction=_direction(rows[i - 1], looks))
        for i, arm in enumerate(plan.treated, 1)
    )
    looked = Looked(
        effects=[row | {"is_decisive": True} for row in rows],
        adjustment=found.to_dict(),
        looks=looks,
        worth=(),
        clv=(),
        verdicts=verdicts,
        chances={},
    )
    return _completed(looked, plan, timing, found, means, cost) if timing.is_final else looked


def _completed(looked: Looked, plan: Planned, timing: Timing, found: Adjusted, means: Compared, cost: float) -> Looked:
    """With other metrics, segments and money, which are not looked at before the end."""
    cohort, level = found.cohort, _level(plan, timing, found.cohort)
    others = [*other_metrics(plan, cohort, level), *by_segment(plan, found, means, cost, level)]
    if timing.kind == "confidence sequence":
        others = [_at_this_look(row, timing, (), plan.alpha) for row in others]
    arms = net_of(means.arms, cost if is_money(plan.metric) else 0.0)
    return replace(
        looked,
        effects=[*looked.effects, *(row | {"is_decisive": False} for row in with_q(others))],
        worth=tuple(worth_of(plan, cohort, cost, level)),
        clv=tuple(clv_rows(cohort, level)),
        chances=dict(zip(plan.arms, chances_of_best(arms), strict=True)),
    )


def _level(plan: Planned, timing: Timing, cohort: Cohort) -> float:
    """Of intervals; those of a confidence sequence are as wide as it is now, told as a level."""
    if timing.kind != "confidence sequence":
        return 1.0 - plan.alpha
    return float(2.0 * normal_below(sequence_factor(cohort.table.height, plan.alpha)) - 1.0)


def _at_this_look(row: Row, timing: Timing, looks: Sequence[Look], alpha: float) -> Row:
    """Interval and p as the way of looking has them."""
    error = row["standard_error"]
    if timing.kind == "fixed" or not error:
        return row
    if timing.kind == "confidence sequence":
        n = row["customers_control"] + row["customers_treated"]
        reach, p = sequence_factor(n, alpha), sequence_p(row["effect"] / error, n)
    else:
        reach = next(look.critical for look in reversed(looks) if look.arm == row["arm"])
        p = None  # a level of its own at each look: what counts is whether the boundary was crossed
    low, high = row["effect"] - reach * error, row["effect"] + reach * error
    base = row["control_mean"]
    relative = {"relative_low": low / base, "relative_high": high / base} if base > 0.0 else {}
    return row | {"low": low, "high": high, "p": p} | relative


def _direction(row: Row, looks: Sequence[Look]) -> float:
    """The effect where no effect is left out, now or at the first look that decided it; else 0."""
    own = [look for look in looks if look.arm == row["arm"]]
    if own:
        return next((look.effect for look in own if look.is_crossed), 0.0)
    return float(row["effect"]) if row["low"] > 0.0 or row["high"] < 0.0 else 0.0
