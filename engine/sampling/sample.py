"""A random sample of the customers of a result: so many of each segment, and as many more in reserve."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from whalecurve.engine.errors import Message, listed, setting
from whalecurve.engine.order_files import Paths
from whalecurve.engine.paths import is_url
from whalecurve.engine.publication import CUSTOMER, Result, check_target, open_result
from whalecurve.engine.sampling.draw import drawn
from whalecurve.engine.sampling.excluded import excluded_ids
from whalecurve.engine.sampling.output import publish
from whalecurve.engine.sampling.results import Sampled
from whalecurve.engine.sampling.settings import Sampling
from whalecurve.engine.sampling.strata import Stratum, in_proportion
from whalecurve.engine.segments import LABELS, segments_asked
from whalecurve.engine.settings import Given, taken
from whalecurve.engine.stages import OnStage, Stages

TOLD = ("last_purchase", "n_purchase_days", "value")
"""Columns of the result that whoever asks a customer should know."""

LISTS = pl.Enum(["sample", "reserve"])


def sample(
    scores: str | Path,
    *,
    settings: Sampling | Given | None = None,
    exclude: Sequence[Paths] = (),
    exclude_key: str | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    on_stage: OnStage | None = None,
) -> Sampled:
    """Draw customers at random from each segment of a result, for a survey or for interviews.

    Parameters
    ----------
    scores
        Directory that `score` wrote.
    settings
        How they are drawn.
    exclude
        Customers who are not to be asked, as they were lately: files or frames of ids, or directories of earlier
        samples.
    exclude_key
        Column of ids in these; None: customer_id, or the only column.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Sampled
        Customers by segment, with the weight of each.

    Raises
    ------
    InputError
        A directory that is no such result, a segment that it does not have, files of ids that cannot be read, an `out`
        that cannot be written.

    Examples
    --------
    >>> import whalecurve as wc
    >>> drawn = wc.sample("scores", settings={"per_segment": 5})
    >>> drawn.customers.columns[:3]
    ['customer_id', 'segment', 'list']
    """
    stages, asked = Stages(on_stage), taken(Sampling, settings) or Sampling()
    with stages.stage("open"):
        result = open_result(scores)
        segments = segments_asked(result, asked.scheme, asked.segments)
        if out is not None:
            read = [path for path in exclude if isinstance(path, str | Path) and not is_url(str(path))]
            check_target(Path(out), overwrite=overwrite, results=[scores, *read])
        left_out = excluded_ids(exclude, exclude_key, result.columns[CUSTOMER])
    with stages.stage("draw"):
        found = _sampled(result, segments, asked, left_out)
    if out is None:
        return found
    publish(found, Path(out), result, stages)
    return replace(found, out=Path(out))


def _sampled(result: Result, segments: list[str], asked: Sampling, left_out: pl.DataFrame) -> Sampled:
    label = LABELS[asked.scheme]
    everybody = result.take(CUSTOMER, label).collect(engine="streaming").sort(CUSTOMER)
    is_asked = everybody.select(pl.col(CUSTOMER).is_in(left_out[CUSTOMER].implode()).not_()).to_series()
    members = {name: everybody.filter(pl.col(label) == name, is_asked)[CUSTOMER] for name in segments}
    sizes = {name: int((everybody[label] == name).sum()) for name in segments}
    wanted = _wanted(asked, [sizes[name] for name in segments])
    places = {name: place for place, name in enumerate(result.segments.filter(scheme=asked.scheme)["segment"])}
    strata, tables = [], []
    for name, n in zip(segments, wanted, strict=True):
        ids = members[name]
        n_sample = min(n, ids.len())
        n_reserve = min(asked.reserve_of(n_sample), ids.len() - n_sample)
        order = drawn(ids.len(), n_sample + n_reserve, asked.seed, places[name])
        strata.append(
            Stratum(
                segment=name,
                n_customers=sizes[name],
                n_excluded=sizes[name] - ids.len(),
                n_drawn=n_sample,
                n_reserve=n_reserve,
                interview_below=asked.interview_below,
            )
        )
        tables.append(_listed(ids.gather(order), strata[-1]))
    customers = pl.concat(tables)
    details = result.take(CUSTOMER, *TOLD).join(customers.lazy().select(CUSTOMER), on=CUSTOMER, how="semi")
    n_unknown = left_out.height - int((~is_asked).sum())
    return Sampled(
        customers=customers.join(details.collect(engine="streaming"), on=CUSTOMER, how="left", maintain_order="left"),
        strata=tuple(strata),
        settings=asked if asked.segments is None else replace(asked, segments=tuple(segments)),
        as_of=result.as_of.isoformat(),
        scores=result.manifest["run_id"],
        n_without_segment=everybody.height - sum(sizes.values()),
        n_unknown=n_unknown,
        warnings=tuple(_warnings(asked, strata, wanted, n_unknown)),
    )


def _wanted(asked: Sampling, sizes: list[int]) -> list[int]:
    """How many of each segment are asked for."""
    per_segment = asked.resolved_per_segment
    return in_proportion(asked.total or 0, sizes) if per_segment is None else [per_segment] * len(sizes)


def _listed(ids: pl.Series, stratum: Stratum) -> pl.DataFrame:
    """Customers of a segment in the order in which they were drawn: the sample, then the reserve."""
    n = stratum.n_drawn
    is_sample = pl.col("place") <= n
    return (
        ids.to_frame()
        .with_columns(segment=pl.lit(stratum.segment), place=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
        .select(
            CUSTOMER,
            "segment",
            list=pl.when(is_sample).then(pl.lit("sample")).otherwise(pl.lit("reserve")).cast(LISTS),
            place=pl.when(is_sample).then("place").otherwise(pl.col("place") - n),
            weight=pl.when(is_sample).then(pl.lit(stratum.weight, dtype=pl.Float64)),
        )
    )


def _warnings(asked: Sampling, strata: list[Stratum], wanted: list[int], n_unknown: int) -> Iterable[Message]:
    few = [stratum.segment for stratum in strata if stratum.method == "interview" and stratum.n_customers]
    if few:
        yield Message(
            f"fewer than {asked.interview_below} customers are in {listed(few)}: talk to them, as shares of so few "
            f"answers say little; {setting('interview_below')} moves the bound"
        )
    short = [f"{s.segment} ({s.n_drawn:,} of {n:,})" for s, n in zip(strata, wanted, strict=True) if s.n_drawn < n]
    if short:
        yield Message(f"fewer customers than were asked for could be drawn from {listed(short)}")
    nobody = [s.segment for s, n in zip(strata, wanted, strict=True) if n == 0 and s.n_customers]
    if nobody:
        yield Message(
            f"nobody is drawn from {listed(nobody)}; ask for more with {setting('total')}, or for a number of each"
        )
    dry = [s.segment for s in strata if s.n_drawn and s.n_reserve < asked.reserve_of(s.n_drawn)]
    if dry:
        yield Message(f"the reserve is shorter than was asked for in {listed(dry)}: all who may be asked are on a list")
    if n_unknown:
        yield Message(f"{n_unknown:,} of the ids that were excluded are not in the result")
