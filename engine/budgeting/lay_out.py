"""Lay out a budget over segments and offers."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.budgeting.frontier import Option, hull, in_order
from whalecurve.engine.budgeting.outcome import Outcome, outcome_of
from whalecurve.engine.budgeting.output import publish
from whalecurve.engine.budgeting.problem import Problem, Segment, problem_of, whole
from whalecurve.engine.budgeting.responses import Response, read_responses
from whalecurve.engine.budgeting.results import ALLOCATION_SCHEMA, FRONTIER_SCHEMA, OPTIONS_SCHEMA, Budget
from whalecurve.engine.budgeting.settings import Budgeting
from whalecurve.engine.errors import InputError, Message, listed, setting
from whalecurve.engine.publication import Result, check_target, open_result
from whalecurve.engine.segments import segments_asked
from whalecurve.engine.settings import Given, taken
from whalecurve.engine.stages import OnStage, Stages

FRONTIER, PROGRAM = "frontier", "linear program"
WORTH, LATER, WORSE, NEVER = "contact", "worth it, beyond the budget", "another offer is better", "not worth a contact"


def lay_out(
    scores: str | Path,
    responses: str | Path,
    *,
    settings: Budgeting | Given,
    out: str | Path | None = None,
    overwrite: bool = False,
    on_stage: OnStage | None = None,
) -> Budget:
    r"""Spend a budget where contacts are expected to bring most: response times value at stake, less the cost.

    Parameters
    ----------
    scores
        Directory that `score` wrote, with value at stake.
    responses
        TOML file of offers and what they bring, see `budgeting.responses`. Nothing is spent where it says nothing.
    settings
        The amount, and on whose segments.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Budget
        Contacts by segment and offer, what they are expected to bring, and other ways to spend the same.

    Raises
    ------
    InputError
        Input that cannot be worked with; nothing is written then.

    Examples
    --------
    >>> import whalecurve as wc
    >>> from pathlib import Path
    >>> text = '[[offer]]\nname = "mail"\ncost = 0.1\nresponse = 0.02\nerror = 0.01'
    >>> _ = Path("responses.toml").write_text(text)
    >>> plan = wc.budget("scores", "responses.toml", settings={"amount": 10.0})
    >>> plan.allocation.columns[:3]
    ['segment', 'offer', 'customers']
    """
    stages, asked = Stages(on_stage), taken(Budgeting, settings)
    assert asked is not None, "an amount was given"
    with stages.stage("open"):
        result = open_result(scores)
        if out is not None:
            check_target(Path(out), overwrite=overwrite, results=[scores])
        segments = _segments(result, asked)
        told = read_responses(responses, [segment.name for segment in segments])
    with stages.stage("spend"):
        problem = problem_of(segments, told)
        found = _found(result, problem, asked)
    if out is None:
        return found
    publish(found, Path(out), result, told, stages)
    return replace(found, out=Path(out))


def _segments(result: Result, asked: Budgeting) -> list[Segment]:
    names = segments_asked(result, asked.scheme, None)
    rows = {row["segment"]: row for row in result.segments.filter(scheme=asked.scheme).iter_rows(named=True)}
    if all(rows[name]["value_at_stake"] is None for name in names):
        raise InputError(f"{result.path}: customers have no value at stake, which responses are shares of; score again")
    return [
        Segment(name=name, customers=rows[name]["customers"], stake=rows[name]["value_at_stake"] or 0.0)
        for name in names
    ]


def _found(result: Result, problem: Problem, asked: Budgeting) -> Budget:
    solution = problem.solved(asked.amount)
    contacts = whole(solution)
    answered = sorted({option.segment for option in problem.options})
    return Budget(
        allocation=pl.DataFrame(_allocation(problem, contacts, asked), schema=ALLOCATION_SCHEMA),
        options=pl.DataFrame(_options(problem, contacts, asked), schema=OPTIONS_SCHEMA),
        frontier=pl.DataFrame([] if problem.is_capped else _frontier(problem), schema=FRONTIER_SCHEMA),
        total=_told(outcome_of(problem, contacts), asked),
        shadow_price=solution.shadow_price,
        comparisons={
            name: _told(outcome_of(problem, whole(problem.split(_shares(problem, asked.amount, by)))), asked)
            for name, by in (("even", "customers"), ("by_value", "stake"))
        },
        no_response=tuple(s.name for at, s in enumerate(problem.segments) if at not in answered and s.customers),
        method=PROGRAM if problem.is_capped else FRONTIER,
        settings=asked,
        as_of=result.as_of.isoformat(),
        scores=result.manifest["run_id"],
        warnings=tuple(_warnings(result, problem)),
    )


def _shares(problem: Problem, amount: float, by: str) -> list[float]:
    """The amount split over the segments that have a response: evenly over their customers, or by value at stake."""
    answered = {option.segment for option in problem.options}
    weights = [
        max(0.0, float(getattr(segment, by))) if at in answered else 0.0 for at, segment in enumerate(problem.segments)
    ]
    total = sum(weights)
    return [amount * weight / total if total > 0.0 else 0.0 for weight in weights]


def _told(outcome: Outcome, asked: Budgeting) -> dict[str, Any]:
    low, high = outcome.interval(asked.level)
    return {
        "customers": outcome.customers,
        "spend": outcome.spend,
        "gross": outcome.gross,
        "net": outcome.net,
        "net_low": low,
        "net_high": high,
        "chance_of_loss": outcome.chance_of_loss,
    }


def _allocation(
    problem: Problem, contacts: Mapping[tuple[int, int], int], asked: Budgeting
) -> Iterator[dict[str, Any]]:
    for (segment, offer), n in contacts.items():
        of = problem.segments[segment]
        told = _told(outcome_of(problem, {(segment, offer): n}), asked)
        yield {"segment": of.name, "offer": problem.offers[offer], "share": n / of.customers, **told}


def _options(problem: Problem, contacts: Mapping[tuple[int, int], int], asked: Budgeting) -> Iterator[dict[str, Any]]:
    """Every option, of one customer, in the order of segments."""
    useful = _on_hulls(problem)
    pairs = sorted(zip(problem.options, problem.of_option, strict=True), key=lambda p: (p[0].segment, p[0].offer))
    for option, response in pairs:
        segment = problem.segments[option.segment]
        told = _told(outcome_of(problem, {(option.segment, option.offer): 1}), asked)
        yield {
            "segment": segment.name,
            "offer": problem.offers[option.offer],
            "source": response.source,
            "value_at_stake": segment.mean_stake,
            "cost": option.cost,
            **{name: told[name] for name in ("gross", "net", "net_low", "net_high", "chance_of_loss")},
            "customers": segment.customers,
            "break_even": _break_even(option, response, segment),
            "verdict": _verdict(option, contacts, useful, capped=problem.is_capped),
        }


def _on_hulls(problem: Problem) -> set[tuple[int, int]]:
    edges = [
        edge
        for at in range(len(problem.segments))
        for edge in hull([option for option in problem.options if option.segment == at])
    ]
    return {(edge.after.segment, edge.after.offer) for edge in edges}


def _verdict(
    option: Option, contacts: Mapping[tuple[int, int], int], useful: set[tuple[int, int]], *, capped: bool
) -> str:
    key = option.segment, option.offer
    if key in contacts:
        return WORTH
    if option.net <= 0.0:
        return NEVER
    return LATER if capped or key in useful else WORSE


def _break_even(option: Option, response: Response, segment: Segment) -> float | None:
    """The least estimate that pays for a contact; None where no response does."""
    if not response.per_stake:
        return option.cost
    return option.cost / segment.mean_stake if segment.mean_stake > 0.0 else None


def _frontier(problem: Problem) -> Iterator[dict[str, Any]]:
    """All that could be bought, the best return first, whatever the budget."""
    groups = [[one for one in problem.options if one.segment == at] for at in range(len(problem.segments))]
    spend, net = 0.0, 0.0
    for edge in in_order(groups):
        n = problem.sizes[edge.after.segment]
        spend, net = spend + n * edge.cost, net + n * (edge.gross - edge.cost)
        yield {
            "segment": problem.segments[edge.after.segment].name,
            "offer": problem.offers[edge.after.offer],
            "instead_of": None if edge.before is None else problem.offers[edge.before.offer],
            "customers": int(n),
            "returned": edge.returned if edge.cost > 0.0 else None,
            "spend": spend,
            "net": net,
        }


def _warnings(result: Result, problem: Problem) -> Iterator[str]:
    yield from map(Message, result.not_reliable)
    if result.definitions["value"] == "revenue":
        yield Message(
            f"value is revenue in {result.path}, so contacts bring revenue less their cost, and goods cost more: score "
            f"with {setting('margin')} or {setting('cost')}"
        )
    unsure = sorted({one.offer for one in problem.responses.offers if one.error is None})
    if unsure:
        yield Message(
            f"how sure the response to {listed(unsure)} is, is not stated, so there are no intervals: give low and high"
        )
    if any(one.source == "experiment" and one.error is not None for one in problem.responses.offers):
        yield Message("effects of experiments are what their own days brought: what comes later is not in them")
