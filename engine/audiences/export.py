"""Lists of customers for a tool: who is on them, how they can be reached, and what is said of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from whalecurve.engine.audiences.choice import Chosen, everybody, gone, one_a_contact
from whalecurve.engine.audiences.contact_source import ContactSource, contact_source
from whalecurve.engine.audiences.listed import listed_customers
from whalecurve.engine.audiences.members import Audience, audiences, members
from whalecurve.engine.audiences.output import Writing, write_records
from whalecurve.engine.audiences.results import Exported, ListCounts
from whalecurve.engine.audiences.settings import Exporting
from whalecurve.engine.audiences.state import NAME, ExportState, open_state
from whalecurve.engine.audiences.table import columns_of
from whalecurve.engine.errors import InputError, Message, listed, setting
from whalecurve.engine.order_files import Paths
from whalecurve.engine.paths import is_url
from whalecurve.engine.publication import (
    CUSTOMER,
    Result,
    check_place,
    check_target,
    digest_of,
    held,
    open_result,
    published,
)
from whalecurve.engine.settings import Given, taken
from whalecurve.engine.stages import OnStage, Stages
from whalecurve.engine.targets import Target, target_called


def export(
    scores: str | Path,
    target: str,
    *,
    out: str | Path,
    settings: Exporting | Given | None = None,
    contacts: Paths | None = None,
    changed_since: str | Path | None = None,
    overwrite: bool = False,
    on_stage: OnStage | None = None,
) -> Exported:
    """Write lists of customers of a result as a tool takes them: one file a segment, one row a contact.

    Parameters
    ----------
    scores
        Directory that `score` wrote.
    target
        The tool (google, hubspot, klaviyo, mailchimp, meta, tiktok), or csv or parquet for any other.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`.
    settings
        Who is on the lists, and what they say.
    contacts
        File or frame with addresses or phone numbers of customers. None: ids are the addresses where the target takes
        contacts, and else all that is written.
    changed_since
        Directory that keeps what was exported, new or empty at first: only rows that changed since are written.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Exported
        The files and how many contacts each has.

    Raises
    ------
    InputError
        Input that cannot be worked with; nothing is written then.

    Examples
    --------
    >>> import whalecurve as wc
    >>> lists = wc.export("scores", "csv", out="lists")
    >>> lists.out.name
    'lists'
    """
    stages, asked = Stages(on_stage), taken(Exporting, settings) or Exporting()
    keeps = None if changed_since is None else Path(changed_since)
    with stages.stage("open"):
        tool = target_called(target)
        result = open_result(scores)
        read = [contacts] if isinstance(contacts, str | Path) and not is_url(str(contacts)) else []
        check_target(Path(out), overwrite=overwrite, results=[scores, *read])
        _check_apart(keeps, Path(out), scores)
    with held(keeps, NAME):
        state = None if keeps is None else open_state(keeps)
        job = _job(result, tool, asked, contacts, state, stages)
        found = _written(job, Path(out), stages)
        if state is not None:
            state.settle()
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What is to be written."""

    result: Result
    target: Target
    asked: Exporting
    source: ContactSource | None
    columns: dict[str, str]
    lists: list[Writing]
    n_in_several: int
    state: ExportState | None


def _check_apart(keeps: Path | None, out: Path, scores: str | Path) -> None:
    """The state lies neither in what is written nor in what is read."""
    if keeps is None:
        return
    check_place(keeps, NAME, results=[scores])
    here, there = keeps.resolve(), out.resolve()
    if here.is_relative_to(there) or there.is_relative_to(here):
        raise InputError(f"{setting(NAME, keeps)}: the state and the lists lie in one another; name another directory")


def _job(
    result: Result,
    target: Target,
    asked: Exporting,
    contacts: Paths | None,
    state: ExportState | None,
    stages: Stages,
) -> _Job:
    with stages.stage("contacts"):
        source = contact_source(result, contacts, asked, target)
        columns = columns_of(result, target, source, asked)
        on_list = None if asked.listed is None else listed_customers(result, asked.listed)
        lists = audiences(result, asked, on_list)
        reached = members(result, asked, on_list)
        if source is not None:
            reached = source.of(reached, target)
        if source is not None and source.file is None and reached["email"].null_count() == reached.height:
            raise InputError(
                f"{target.title} takes contacts, and no id of a customer is an e-mail address; name a file that has "
                f"them with {setting('contacts')}"
            )
    with stages.stage("choose"):
        chosen = [(one, _chosen(reached, one, target, source)) for one in lists]
    return _Job(
        result=result,
        target=target,
        asked=asked,
        source=source,
        columns=columns,
        lists=[_writing(one, who, target, asked, source, state) for one, who in chosen],
        n_in_several=_n_in_several([who.rows for _, who in chosen]),
        state=state,
    )


def _writing(
    audience: Audience,
    chosen: Chosen,
    target: Target,
    asked: Exporting,
    source: ContactSource | None,
    state: ExportState | None,
) -> Writing:
    """The list, with those of the last export; who left it is sought among the contacts once more."""
    if state is None:
        return Writing(audience=audience, chosen=chosen, before=None, gone=None)
    before = state.before(_key(audience, target, asked), chosen.rows.schema[CUSTOMER])
    left = before.select(CUSTOMER).join(chosen.rows, on=CUSTOMER, how="anti")
    reached = None if source is None else source.of(left, target)
    return Writing(audience=audience, chosen=chosen, before=before, gone=gone(before, chosen, reached))


def _chosen(reached: pl.DataFrame, audience: Audience, target: Target, source: ContactSource | None) -> Chosen:
    own = reached if audience.segment is None else reached.filter(pl.col("segment") == audience.segment)
    return everybody(own) if source is None else one_a_contact(own, target)


def _n_in_several(lists: Sequence[pl.DataFrame]) -> int:
    """Addresses that are on more than one list."""
    if len(lists) < 2:
        return 0
    addresses = pl.concat([rows["email"].drop_nulls() for rows in lists])
    return addresses.value_counts().filter(pl.col("count") > 1).height


def _key(audience: Audience, target: Target, asked: Exporting) -> str:
    """What a list is known by in the state: the same target, segment and condition."""
    kind = "listed" if asked.listed is not None else asked.scheme
    who = [kind if audience.segment is not None else None, audience.segment, asked.where]
    return f"{target.name}/{audience.stem}/{digest_of(who)}"


def _written(job: _Job, out: Path, stages: Stages) -> Exported:
    with published(out) as staging:
        with stages.stage("write"):
            counts = [one.write(job.result, job.columns, job.target, job.asked, staging) for one in job.lists]
        found = Exported(
            target=job.target,
            lists=tuple(counts),
            columns=job.columns,
            settings=job.asked,
            as_of=job.result.as_of.isoformat(),
            scores=job.result.manifest["run_id"],
            warnings=(*_not_reliable(job), *_warnings(job, counts)),
            out=out,
        )
        contacts = None if job.source is None or job.source.file is None else job.source.file.place
        write_records(found, staging, job.result, contacts, job.state, stages)
        if job.state is not None:
            job.state.prepare({_key(one.audience, job.target, job.asked): one.state for one in job.lists}, out)
    return found


def _not_reliable(job: _Job) -> list[str]:
    """Why CLV and risk are not reliable, where a list tells them or goes by a condition."""
    is_told = {"risk", "churn_risk", "clv"} & {*job.columns.values()} or job.asked.where is not None
    return job.result.not_reliable if is_told else []


def _warnings(job: _Job, counts: Sequence[ListCounts]) -> Iterable[Message]:
    target = job.target
    if job.source is not None and job.source.consent is None:
        yield Message(
            f"nothing says who may be contacted: name the column of {setting('contacts')} that does with "
            f"{setting('consent')}, or make sure that all have agreed"
        )
    if n := sum(one.chosen.n_unclear for one in job.lists):
        yield Message(f"{setting('consent')} of {n:,} customers is neither yes nor no, and counts as no")
    small = [f"{one.file} ({_n_whole(one):,})" for one in counts if _n_whole(one) < target.least_rows]
    if small:
        yield Message(f"{target.title} asks for at least {target.least_rows:,} rows a list: {listed(small)}")
    large = [
        one.file
        for one in counts
        if one.n_bytes > (target.most_bytes or one.n_bytes) or one.n_rows > (target.most_rows or one.n_rows)
    ]
    if large:
        limit = [f"{target.most_rows:,} rows"] if target.most_rows else []
        limit += [f"{target.most_bytes // 1_000_000:,} MB"] if target.most_bytes else []
        yield Message(f"{target.title} takes up to {' and '.join(limit)} in a file; divide {listed(large)}")
    if n := sum(one.n_gone or 0 for one in counts):
        yield Message(
            f"customers of the last export who are on their list no longer: {n:,}; take off in the tool who is in "
            f"{listed([one.gone_file for one in counts if one.gone_file])}"
        )
    if n := sum(one.chosen.n_refused_elsewhere for one in job.lists):
        yield Message(f"addresses on the lists that are also those of customers who have not agreed: {n:,}")
    if job.n_in_several:
        yield Message(f"addresses on more than one of the lists: {job.n_in_several:,}")
    if not job.lists:
        yield Message(f"nobody is on the list of {setting('listed', job.asked.listed)}, so that no file is written")
    n = sum(one.n_formulas for one in job.lists)
    if n and target.format == "csv" and not job.asked.keeps_formulas:
        yield Message(
            f"texts that a spreadsheet would run as formulas, as they begin with =, +, - or @, and that an apostrophe "
            f"is put before: {n:,}; {setting('keeps_formulas', True)} leaves them as they are"
        )


def _n_whole(counts: ListCounts) -> int:
    """Rows of the list, whether or not they changed."""
    return counts.n_rows + counts.left_out["unchanged"]
