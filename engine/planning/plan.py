"""Plan an experiment: how many customers, for how long, and with what chance, by what the log has shown."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from whalecurve.engine.effects import planned_boundaries
from whalecurve.engine.errors import InputError, Message, counted, setting
from whalecurve.engine.experiments import share_text
from whalecurve.engine.money import UNITS
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import day_at, scan_orders, scored_columns, scored_files
from whalecurve.engine.planning.history import MOST_CUSTOMERS, History, history_of
from whalecurve.engine.planning.output import publish
from whalecurve.engine.planning.replays import MOST_REPLAYED, Replays, replay, replayed
from whalecurve.engine.planning.results import REPLAYS, SIZES, PlannedExperiment
from whalecurve.engine.planning.settings import Planning
from whalecurve.engine.planning.spreads import KINDS, Spread, TwoArms, pooled, spreads_of
from whalecurve.engine.planning.windows import NO_SEGMENT, Labels, PastWindow, window_at
from whalecurve.engine.publication import CUSTOMER, Result, check_target, open_result, window_of
from whalecurve.engine.rfm import thresholds_from_dict
from whalecurve.engine.runtime import memory_budget
from whalecurve.engine.segments import LABELS, segments_asked
from whalecurve.engine.settings import Given, Window, taken
from whalecurve.engine.stages import OnStage, Stages
from whalecurve.engine.statistics import finite, wilson_interval

LENGTHS = (1, 2, 4)
"""Multiples of the length that is asked for, which are looked at as far as history goes."""

LEAST_CUSTOMERS = 30
"""Customers of a segment in all windows together, from which on something is said of it."""

SURE = 0.99
"""Level of the bounds of what replays show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """A plan under way: the result, what is asked, segments by name, and how many customers are there today."""

    result: Result
    asked: Planning
    labels: Labels
    segments: list[str]
    present: dict[str, int]

    @property
    def n(self) -> int:
        """Customers who are there to take part."""
        return sum(self.present.values())

    @property
    def unit(self) -> float:
        """Of the metric, in what it is told in."""
        return 1.0 / UNITS if self.asked.metric in ("margin", "revenue") else 1.0

    @property
    def test(self) -> TwoArms:
        """With as many looks as are asked for, at the bound of the last one."""
        bound = planned_boundaries(self.asked.looks, self.asked.alpha)[-1]
        return TwoArms(critical=bound, power=self.asked.power, shares=self.asked.shares, is_share=self.is_share)

    @property
    def is_share(self) -> bool:
        """Whether the metric is whether customers buy at all."""
        return self.asked.metric == "conversion"

    @property
    def cap(self) -> float:
        """The quantile at which outcomes are cut, 1 for not at all: a yes or no is not."""
        return 1.0 if self.is_share else self.asked.cap


def plan_experiment(
    scores: str | Path,
    *,
    planning: Planning | Given | None = None,
    orders: Paths | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    memory: int | None = None,
    on_stage: OnStage | None = None,
) -> PlannedExperiment:
    """Say what effect an experiment with these customers would show, and how many customers an effect takes.

    Windows of the past of the same length, with the customers who would have taken part then, tell how much the metric
    varies: as it is, capped, and adjusted by what customers did before, as `read_experiment` does. In each of them
    customers are then assigned again and again: how often does the test see an effect where there is none, and one that
    is added?

    Parameters
    ----------
    scores
        Directory that `score` wrote. Customers of it are those that there are; segments are by its cut-offs.
    planning
        What is thought of.
    orders
        The order files, where they are no longer where they were scored; None: as the manifest names them.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    memory
        Limit in bytes, for reading the orders; None: 60 % of what is available.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    PlannedExperiment
        Effects that would be seen by number of customers, and how the test did on history.

    Raises
    ------
    InputError
        A directory that is no such result, orders that are not those that were scored, a length that history does not
        cover, more customers than there are, an `out` that cannot be written.

    Examples
    --------
    >>> import whalecurve as wc
    >>> plan = wc.plan_experiment("scores", planning={"days": 28, "replays": 20})
    >>> plan.n_customers
    300
    """
    stages, asked = Stages(on_stage), taken(Planning, planning) or Planning()
    with stages.stage("open"):
        result = open_result(scores)
        if out is not None:
            check_target(Path(out), overwrite=overwrite, results=[scores])
        job = _job(result, asked)
        window = window_of(result, Window())
        log = scan_orders(scored_files(result, orders), scored_columns(result), (), window.timezone)
        if job.asked.metric == "margin" and not log.has_margin:
            raise InputError(f"{setting('metric', 'margin')}: the orders carry none; choose another metric")
    with stages.stage("read"):
        n_lines = int(result.manifest["rows"]["used"])
        ids = result.take(CUSTOMER).collect(engine="streaming")[CUSTOMER]
        n_stretches = max(job.asked.windows + 1, 2 * LENGTHS[-1])
        passes = memory_budget(memory, log.n_rows).passes(n_lines)
        history = history_of(log, window, ids, job.asked.days, n_stretches, passes, MOST_CUSTOMERS)
        _check_history(job, history)
    with stages.stage("vary"):
        windows = {m: _windows(job, history, m) for m in LENGTHS}
        _check_windows(job, windows[1])
        sizes = [row for m in LENGTHS if windows[m] for row in _sizes(job, windows[m], m)]
    with stages.stage("replay"):
        replays = _replays(job, history, windows[1])
    found = PlannedExperiment(
        sizes=pl.DataFrame(sizes, schema=SIZES),
        replays=pl.DataFrame(replays, schema=REPLAYS),
        windows=tuple((one.first_day.isoformat(), one.last_day.isoformat()) for one in windows[1]),
        settings=_settings(job),
        scores=result.manifest["run_id"],
        as_of=result.as_of.isoformat(),
        n_customers=job.n,
        verdict=_verdict(job, sizes[0]),
        warnings=tuple(_warnings(job, history, windows, replays)),
    )
    if out is None:
        return found
    publish(found, Path(out), result, stages)
    return replace(found, out=Path(out))


def _job(result: Result, asked: Planning) -> _Job:
    value = result.definitions["value"]
    if "scheme_rules" not in result.definitions:
        raise InputError(f"{result.path}: does not say what makes its segments; score its orders again")
    rules = result.definitions["scheme_rules"]["segments"]
    if any("where" in rule for rule in rules.values()):
        raise InputError(
            f"{result.path}: its segments have conditions, of which the past is not known; plan with a result of a "
            f"scheme of scores alone"
        )
    segments = segments_asked(result, "rfm", asked.segments)
    label = pl.col(LABELS["rfm"]).cast(pl.String).fill_null(NO_SEGMENT)
    counts = result.take(LABELS["rfm"], "n_purchase_days").filter(pl.col("n_purchase_days") > 0).group_by(label).len()
    there_are = dict(counts.collect(engine="streaming").iter_rows())
    names = segments if asked.segments is not None else [*segments, *([NO_SEGMENT] if NO_SEGMENT in there_are else [])]
    present = {name: int(there_are.get(name, 0)) for name in names}
    n = sum(present.values())
    if not n:
        raise InputError(f"{result.path}: nobody is in {setting('segment')}; name other segments")
    if asked.customers is not None and asked.customers > n:
        raise InputError(
            f"{setting('customers', asked.customers)}: {result.path} has {counted(n, 'customer')} to take part; plan "
            f"with no more, or with more segments"
        )
    labels = Labels(
        cuts=thresholds_from_dict(result.model["thresholds"]),
        rules=rules,
        value=value,
    )
    return _Job(
        result=result,
        asked=replace(asked, metric=asked.metric or value),
        labels=labels,
        segments=names,
        present=present,
    )


def _check_history(job: _Job, history: History) -> None:
    days = job.asked.days
    if history.n_stretches < 2:
        observed = history.as_of - history.first_day + 1
        raise InputError(
            f"{setting('days', days)}: orders of {observed:,} days say nothing of {days} days after as many before; "
            f"plan for {observed // 2:,} days at most, or score a longer log"
        )


def _check_windows(job: _Job, windows: Sequence[PastWindow]) -> None:
    if windows:
        return
    named = (
        setting("segments", job.asked.segments) if job.asked.segments is not None else setting("days", job.asked.days)
    )
    raise InputError(
        f"{named}: nobody was in it at the start of any past window of {job.asked.days} days; name other segments, or "
        f"plan for fewer days"
    )


def _windows(job: _Job, history: History, length: int) -> list[PastWindow]:
    """Those that history has room for, with as many days before each, and somebody in them; the latest first."""
    n = min(job.asked.windows, history.n_stretches // length - 1)
    names = None if job.asked.segments is None else job.segments
    found = [window_at(history, job.labels, str(job.asked.metric), length, at, names) for at in range(max(n, 0))]
    return [window for window in found if window.who.size]


def _by_segment(job: _Job, windows: Sequence[PastWindow]) -> list[dict[str, Spread]]:
    names = list(dict.fromkeys((*job.segments, *job.labels.rules, NO_SEGMENT)))
    return [spreads_of(window, job.cap, names) for window in windows]


def _sizes(job: _Job, windows: Sequence[PastWindow], length: int) -> Iterator[dict[str, Any]]:
    """A row for all; and one for each segment, of the length that is asked for."""
    spreads = _by_segment(job, windows)
    n = job.asked.customers or job.n
    yield _row(job, [pooled(list(own.values())) for own in spreads], None, n, length)
    if length > 1:
        return
    for name in job.segments:
        part = round(n * job.present[name] / job.n)
        yield _row(job, [own[name] for own in spreads if name in own], name, part, length)


def _row(job: _Job, spreads: Sequence[Spread], segment: str | None, n: int, length: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "days": job.asked.days * length,
        "segment": segment,
        "customers": n,
        "windows": len(spreads),
        "customers_then": sum(spread.n for spread in spreads),
    }
    if row["customers_then"] < LEAST_CUSTOMERS:
        return row
    whole, test = pooled(spreads), job.test
    row |= {"mean": whole.mean["plain"] * job.unit, "capped_mean": whole.mean["capped"] * job.unit}
    for kind in KINDS:
        row |= {
            f"deviation_{kind}": math.sqrt(whole.variance[kind]) * job.unit,
            f"detectable_{kind}": finite(test.detectable(whole, kind, n)),
        }
        if job.asked.effect is not None:
            needed = test.needed(whole, kind, job.asked.effect)
            row |= {
                f"needed_{kind}": math.ceil(needed) if math.isfinite(needed) else None,
                f"power_{kind}": finite(test.chance(whole, kind, n, job.asked.effect)),
            }
    each = [test.detectable(spread, "adjusted", n) for spread in spreads if spread.n >= LEAST_CUSTOMERS]
    seen = [one for one in each if math.isfinite(one)]
    return row | {"detectable_best_window": min(seen, default=None), "detectable_worst_window": max(seen, default=None)}


def _replays(job: _Job, history: History, windows: Sequence[PastWindow]) -> list[dict[str, Any]]:
    """What the tests saw where nothing was done, and where an effect was added: of all windows together."""
    asked, test = job.asked, replace(job.test, critical=planned_boundaries(1, job.asked.alpha)[0])
    if not asked.replays:
        return []
    chosen = [replayed(own, history.ids, history.draw, asked.customers or job.n, asked.shares) for own in windows]
    n = [own.ids.len() for own in chosen]
    spreads = [pooled(list(own.values())) for own in _by_segment(job, windows)]
    effect = asked.effect or test.detectable(pooled(spreads), "adjusted", sum(n) / len(n))
    is_added = math.isfinite(effect)
    added, each = effect if is_added else 0.0, max(1, round(asked.replays / len(chosen)))
    rounds = [
        replay(own, job.cap, asked.shares, added, asked.alpha, range(i * each, (i + 1) * each), is_share=job.is_share)
        for i, own in enumerate(chosen)
    ]
    rows = []
    for of_test in zip(*rounds, strict=True):
        row = {"customers": round(sum(n) / len(n)), **_rates(of_test, "false_alarms")}
        if is_added:
            chances = [test.chance(spread, of_test[0].test, k, effect) for spread, k in zip(spreads, n, strict=True)]
            by_formula = finite(sum(chances) / len(chances))
            row |= {"effect": effect, "seen_by_formula": by_formula, **_rates(of_test, "seen")}
        rows.append(row)
    return rows


def _rates(rounds: Sequence[Replays], name: str) -> dict[str, Any]:
    """How often a test saw something, with bounds."""
    total, k = sum(own.n for own in rounds), sum(getattr(own, name) for own in rounds)
    low, high = wilson_interval(np.array([k]), np.array([total]), SURE)
    row = {"test": rounds[0].test, "replays": total, name: k / total}
    return row | {f"{name}_low": float(low[0]), f"{name}_high": float(high[0])}


def _settings(job: _Job) -> dict[str, Any]:
    asked = job.asked
    return asdict(asked) | {
        "arms": [{"name": arm.name, "share": share_text(arm.share)} for arm in asked.arms],
        "treated": asked.treated,
        "segments": None if asked.segments is None else job.segments,
    }


def _verdict(job: _Job, whole: dict[str, Any]) -> str:
    asked, least = job.asked, whole.get("detectable_adjusted")
    n, days = whole["customers"], counted(asked.days, "day")
    if least is None:
        return f"the past says nothing of {asked.metric} over {days}: too few customers, or a mean that is not above 0"
    if asked.effect is None:
        return f"{counted(n, 'customer')} over {days} show a change of {least:.1%} of {asked.metric} or more"
    needed, power = whole["needed_adjusted"], f"{whole['power_adjusted']:.0%} of cases"
    if whole["power_adjusted"] >= asked.power:
        return f"{counted(n, 'customer')} over {days} are enough for {asked.effect:.1%}: it is seen in {power}"
    if needed <= job.n:
        return f"{asked.effect:.1%} takes {needed:,} customers over {days}; with {n:,} it is seen in {power}"
    return (
        f"{asked.effect:.1%} takes {needed:,} customers over {days}, and there are {job.n:,}: with {n:,} it is seen in "
        f"{power}; from {least:.1%} on, an effect is"
    )


def _warnings(
    job: _Job,
    history: History,
    windows: dict[int, list[PastWindow]],
    replays: Any,  # noqa: ANN401
) -> Iterator[Message]:
    asked = job.asked
    if len(windows[1]) == 1:
        yield Message(f"history has one window of {counted(asked.days, 'day')}: how much windows differ is not known")
    missing = [m * asked.days for m in LENGTHS if not windows[m]]
    if missing:
        yield Message(
            f"of {' and '.join(map(str, missing))} days nothing can be said, as orders begin on "
            f"{day_at(history.first_day)}"
        )
    if job.result.manifest["customers"]["all"] > MOST_CUSTOMERS:
        yield Message(f"variances are those of {history.n:,} customers, drawn by their hashes")
    for row in replays:
        if not row["false_alarms_low"] <= asked.alpha <= row["false_alarms_high"]:
            yield Message(
                f"the {row['test']} test sees an effect where there is none in {row['false_alarms']:.1%} of replays, "
                f"not in {asked.alpha:.1%}: {setting('cap')} at a lower quantile makes it honest"
            )
    if replays and max(row["customers"] for row in replays) >= MOST_REPLAYED:
        yield Message(f"replays are of {MOST_REPLAYED:,} customers of each window")
