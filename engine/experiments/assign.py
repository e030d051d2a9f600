"""Customers of a result divided among the arms of an experiment."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from whalecurve.engine.coded_words import labelled
from whalecurve.engine.errors import InputError, Message, counted, listed, setting, shown
from whalecurve.engine.experiments.arm_of_customer import arms_at, balanced_bounds, hash_bounds
from whalecurve.engine.experiments.assignment_file import COLUMNS, EVERYBODY, KNOWN, scan_assignment
from whalecurve.engine.experiments.design import Design
from whalecurve.engine.experiments.hash_places import buckets, first_place, places_of
from whalecurve.engine.experiments.output import publish
from whalecurve.engine.experiments.record import RECORD, CellCount, Record, Wave, read_experiment
from whalecurve.engine.experiments.results import Assigned, balance_of
from whalecurve.engine.publication import CUSTOMER, Result, check_target, held, open_result
from whalecurve.engine.segments import LABELS, segments_asked
from whalecurve.engine.settings import Given, day, taken
from whalecurve.engine.stages import OnStage, Stages
from whalecurve.kernels.arrays import Int64

MOST_STALE = 31
"""Days from the last one that a result observed, beyond which it is worth a word that it says little of the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What is assigned: to whom of a result, by which design; `earlier` is what the experiment has already."""

    result: Result
    design: Design
    entered: date
    earlier: Record | None
    directory: Path | None

    @property
    def labels(self) -> list[str]:
        """Columns of labels."""
        names = [LABELS[scheme] for scheme in (self.design.scheme, *self.design.strata)]
        return list(dict.fromkeys(names))

    def eligible(self, columns: Sequence[str]) -> pl.LazyFrame:
        """Customers of the segments who are not assigned yet, with labels and these columns of the result."""
        own = self.result.take(CUSTOMER, *self.labels, *(name for name in columns if name in self.result.columns))
        if self.design.segments is not None:
            own = own.filter(pl.col(LABELS[self.design.scheme]).is_in(self.design.segments))
        if self.earlier is not None:
            assert self.directory is not None, "it was read from there"
            own = own.join(scan_assignment(self.directory).select(CUSTOMER), on=CUSTOMER, how="anti")
        labels = {"segment": pl.col(LABELS[self.design.scheme]).cast(pl.String), "stratum": _stratum(self.design)}
        return own.with_columns(**labels)


def assign_experiment(
    scores: str | Path,
    *,
    design: Design | Given,
    start: date | str | None = None,
    out: str | Path | None = None,
    on_stage: OnStage | None = None,
) -> Assigned:
    """Divide the customers of a result among the arms of an experiment, and keep who is where.

    The same customer gets the same arm whatever the order of the customers is; by the method "hash" whoever the others
    are, too. With what an experiment of this name holds already nothing is changed: its record is frozen, and where
    entry is rolling, those who are new are added.

    Parameters
    ----------
    scores
        Directory that `score` wrote.
    design
        What the experiment is.
    start
        The first day on which customers are followed; None: the day after the last one that the result observed.
    out
        Directory of the experiment, written whole or not at all. None: nothing is written.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Assigned
        Who is in which arm, and the record of the experiment.

    Raises
    ------
    InputError
        A directory that is no such result, segments that it does not have, nobody to assign; an `out` that holds
        another experiment, or this one by another design.

    Examples
    --------
    >>> import whalecurve as wc
    >>> design = {"name": "spring", "arms": "offer:0.5,control:0.5", "days": 28}
    >>> found = wc.assign_experiment("scores", design=design, out="spring")
    >>> found.customers.collect().height
    300
    """
    stages, asked = Stages(on_stage), taken(Design, design)
    assert asked is not None, "a design is given"
    target = None if out is None else Path(out)
    with stages.stage("open"):
        result = open_result(scores)
        asked = _resolved(asked, result)
    with held(target, "out") if target is not None else nullcontext():
        with stages.stage("assign"):
            earlier = None if target is None else _earlier(target, asked, result)
            job = _Job(
                result=result,
                design=asked,
                entered=_entered(result, start, earlier),
                earlier=earlier,
                directory=target,
            )
            if earlier is not None and earlier.waves[-1].scores == result.manifest["run_id"]:
                assert target is not None, "it was read from there"
                return _assigned(job, scan_assignment(target), earlier, target, n_new=0)
            new = _new(job)
            record = _record(job, new)
        found = _assigned(job, _all(job, new), record, target, n_new=new.height)
        if target is None:
            return found
        publish(found, target, result, stages)
    return replace(found, customers=scan_assignment(target))


def _resolved(design: Design, result: Result) -> Design:
    """The design with its metric, and with segments by the names that the result has for them."""
    value = result.definitions["value"]
    if design.metric == "margin" and value != "margin":
        raise InputError(
            f"{setting('metric', 'margin')}: customers of {result.path} are valued by {value}; choose "
            f"{setting('metric', 'revenue')}, or score orders with margin"
        )
    segments = None if design.segments is None else segments_asked(result, design.scheme, design.segments)
    return replace(design, metric=design.metric or value, segments=None if segments is None else tuple(segments))


def _earlier(out: Path, design: Design, result: Result) -> Record | None:
    """What a directory holds of the experiment; None where it is new.

    Raises
    ------
    InputError
        It holds something else, or the same experiment by another design, or one that nobody may enter any more.
    """
    if not (out / RECORD).is_file():
        check_target(out, overwrite=False, results=[result.path])
        return None
    check_target(out, overwrite=True, results=[result.path])
    record = read_experiment(out)
    if record.name != design.name:
        raise InputError(
            f'{setting("out", out)}: holds the experiment "{record.name}"; choose another directory for '
            f"{setting('name', design.name)}"
        )
    _check_frozen(record, design, result, out)
    last = record.waves[-1]
    if last.scores == result.manifest["run_id"]:
        return record
    if design.entry == "together":
        raise InputError(
            f"{setting('out', out)}: customers of {design.name} entered together on {last.entered}, and nobody enters "
            f"later; read it, or choose another name and directory"
        )
    if result.as_of <= last.as_of:
        raise InputError(
            f"{result.path}: is as of {result.as_of}, and customers of {design.name} entered by a result as of "
            f"{last.as_of}; give a later one"
        )
    return record


def _check_frozen(record: Record, design: Design, result: Result, out: Path) -> None:
    was, now = record.design.to_dict(), design.to_dict()
    for field in fields(design):
        if was[field.name] != now[field.name]:
            told = [_told(record.design, field.name), _told(design, field.name)]
            raise InputError(
                f"{out / RECORD}: {design.name} was assigned with {setting(field.name)} {told[0]}, not {told[1]}; the "
                f"record is frozen: give the same, or choose another name and directory"
            )
    if record.value != (value := result.definitions["value"]):
        raise InputError(
            f"{out / RECORD}: customers of {design.name} were valued by {record.value}, in {result.path} they are by "
            f"{value}; give a result as it was"
        )


def _told(design: Design, name: str) -> str:
    plain = design.to_dict()[name]
    return ",".join(f"{arm['name']}:{arm['share']}" for arm in plain) if name == "arms" else shown(plain)


def _entered(result: Result, start: date | str | None, earlier: Record | None) -> date:
    entered = day("start", start) or result.as_of + timedelta(days=1)
    if entered <= result.as_of:
        raise InputError(
            f"{setting('start', entered)}: {result.path} observed orders up to {result.as_of}, which are known when "
            f"customers are assigned; choose a later day, or score the orders before"
        )
    if earlier is not None and entered < earlier.waves[-1].entered:
        raise InputError(
            f"{setting('start', entered)}: others did on {earlier.waves[-1].entered}; choose that day, or a later one"
        )
    if earlier is not None and entered == earlier.waves[-1].entered and result.as_of != earlier.waves[-1].as_of:
        raise InputError(
            f"{setting('start', entered)}: others enter on that day who were known up to {earlier.waves[-1].as_of}, "
            f"and {result.path} knows orders up to {result.as_of}; choose a later day"
        )
    return entered


def _stratum(design: Design) -> pl.Expr:
    if not design.strata:
        return pl.lit(EVERYBODY)
    labels = [pl.col(LABELS[scheme]).cast(pl.String).fill_null("none") for scheme in design.strata]
    return pl.concat_str(labels, separator=" / ")


def _new(job: _Job) -> pl.DataFrame:
    """Customers who are assigned now, in the order of ids: customer_id and `COLUMNS`, with Enums for words."""
    eligible = _eligible(job, list(KNOWN))
    new = _placed(eligible, job, hash_bounds(job.design.arms) if job.design.method == "hash" else _balanced(job))
    if not new[CUSTOMER].is_sorted():  # it is in a result whose layout is flat
        new = new.sort(CUSTOMER)
    if new["arm"].count() == 0 and job.earlier is None:
        raise InputError(f"{job.result.path}: nobody to assign; name other segments, or another part of the layer")
    return new


def _eligible(job: _Job, columns: Sequence[str]) -> pl.DataFrame:
    """The eligible customers who take part, with Enums for words, and `in_holdout`."""
    query = job.eligible(columns)
    words = {name: query.select(name).unique().collect(engine="streaming")[name] for name in ("segment", "stratum")}
    enums = {name: pl.Enum(own.drop_nulls().sort()) for name, own in words.items()}
    wanted = [CUSTOMER, *enums, *(name for name in columns if name in job.result.columns)]
    coded = query.with_columns(pl.col(name).cast(enum) for name, enum in enums.items()).select(wanted)
    return _taking_part(coded.collect(engine="streaming"), job.design)


def _balanced(job: _Job) -> Int64:
    own = _eligible(job, ()).filter(~pl.col("in_holdout"))
    present: dict[str, list[int]] = {}
    numbers = {arm.name: number for number, arm in enumerate(job.design.arms)}
    for cell in job.earlier.cells if job.earlier is not None else ():
        counts = present.setdefault(cell.stratum, [0] * len(numbers))
        counts[numbers[cell.arm]] = cell.customers
    name = job.design.name
    return balanced_bounds(places_of(own[CUSTOMER], name), own["stratum"], job.design.arms, present, name)


def _taking_part(eligible: pl.DataFrame, design: Design) -> pl.DataFrame:
    """The customers in the experiment's part of the layer, and `in_holdout`."""
    own = eligible
    if design.layer is not None:
        place = places_of(own[CUSTOMER], design.layer.layer)
        own = own.filter((place >= first_place(design.layer.low)) & (place < first_place(design.layer.high)))
    if not design.held_out:
        return own.with_columns(in_holdout=pl.lit(value=False))
    return own.with_columns(
        in_holdout=pl.Series(places_of(own[CUSTOMER], design.holdout_name) < first_place(design.held_out))
    )


def _placed(own: pl.DataFrame, job: _Job, bounds: Int64) -> pl.DataFrame:
    places = places_of(own[CUSTOMER], job.design.name)
    arm = labelled([arm.name for arm in job.design.arms], pl.lit(pl.Series(arms_at(places, bounds, own["stratum"]))))
    placed = own.with_columns(
        buckets(places),
        arm=pl.when(~pl.col("in_holdout")).then(arm),
        entered=pl.lit(job.entered, pl.Date),
        **{name: pl.lit(None, dtype) for name, dtype in KNOWN.items() if name not in own.columns},
    )
    known = [pl.col(name).cast(dtype) for name, dtype in KNOWN.items()]
    return placed.select(CUSTOMER, *(name for name in COLUMNS if name not in KNOWN), *known)


def _all(job: _Job, new: pl.DataFrame) -> pl.LazyFrame:
    """Those who were assigned earlier and those who are now, in the order of ids."""
    worded = new.lazy().with_columns(pl.col("arm", "stratum", "segment").cast(pl.String))
    if job.earlier is None:
        return worded
    assert job.directory is not None, "it was read from there"
    return pl.concat([scan_assignment(job.directory), worded]).sort(CUSTOMER)


def _record(job: _Job, new: pl.DataFrame) -> Record:
    """The record with those who are new."""
    wave = Wave(
        entered=job.entered,
        scores=job.result.manifest["run_id"],
        as_of=job.result.as_of,
        customers=new["arm"].count(),
        held_out=int(new["in_holdout"].sum()),
    )
    counts = {(cell.stratum, cell.arm): cell.customers for cell in (job.earlier.cells if job.earlier else ())}
    for stratum, arm, n in new.drop_nulls("arm").group_by("stratum", "arm").len().iter_rows():
        counts[stratum, arm] = counts.get((stratum, arm), 0) + n
    strata = sorted({stratum for stratum, _ in counts})
    return Record(
        design=job.design,
        value=job.result.definitions["value"],
        waves=(*(job.earlier.waves if job.earlier else ()), wave),
        cells=tuple(
            CellCount(stratum=stratum, arm=arm.name, customers=counts.get((stratum, arm.name), 0))
            for stratum in strata
            for arm in job.design.arms
        ),
    )


def _assigned(job: _Job, customers: pl.LazyFrame, record: Record, out: Path | None, *, n_new: int) -> Assigned:
    return Assigned(
        customers=customers,
        record=record,
        table=balance_of(customers, record),
        n_new=n_new,
        scores=job.result.manifest["run_id"],
        as_of=job.result.as_of.isoformat(),
        warnings=tuple(_warnings(job, record)),
        out=out,
    )


def _warnings(job: _Job, record: Record) -> Iterator[Message]:
    late = (job.entered - job.result.as_of).days
    if late > MOST_STALE:
        yield Message(
            f"customers enter {late} days after {job.result.as_of}, the last day that the result observed: it says "
            f"little of them by then"
        )
    empty = list(dict.fromkeys(cell.stratum for cell in record.cells if not cell.customers))
    if empty:
        few = counted(len(empty), "stratum") if len(empty) == 1 else f"{len(empty):,} strata"
        yield Message(f"an arm has nobody in {few}, where nothing can be compared: {listed(empty, most=8)}")
