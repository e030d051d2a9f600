"""The job behind `whalecurve init`: a sample of the files to a mapping, tried on lines of the log."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from whalecurve.engine.errors import InputError, Message, setting
from whalecurve.engine.order_files import OrderFile, Paths, find_files, named
from whalecurve.engine.orders import REFUSALS, checked_lines, failures_named, scan_orders
from whalecurve.engine.proposal.doubts import doubts_about, written_once
from whalecurve.engine.proposal.results import Decision, Proposal
from whalecurve.engine.settings import REQUIRED_ROLES, Columns, Window
from whalecurve.engine.shop_exports import (
    Candidate,
    Preset,
    called,
    candidates,
    expanded,
    preset_called,
    recognised,
    sample_of,
)
from whalecurve.engine.sql_text import sql_expression

OPTIONAL_ROLES = ("order", "margin", "cost", "return_flag")
CANDIDATE_ROLES = (*REQUIRED_ROLES, *OPTIONAL_ROLES)
TRIED_LINES = 20_000
"""Lines at the beginning of the log that are read by the proposal, to count those that it would refuse."""
MOST_DIMENSIONS = 8


def propose(orders: Paths, preset: str | None = None, given: Mapping[str, str] | None = None) -> Proposal:
    """Look at a sample of an order log and say how it may be read.

    Parameters
    ----------
    orders
        Files, directories, globs or URLs, as every job takes them.
    preset
        The export that it is; None: it is recognised by its columns, or else roles are found by names and content.
    given
        Columns, or SQL, by the role that they play. A column is read as the sample spells it.

    Returns
    -------
    Proposal
        Which column plays which role, why, and what is doubtful; `write_settings` keeps it.

    Raises
    ------
    InputError
        No rows; a file that cannot be read; an export that it is not; a role that every line needs and that nothing can
        play.

    Examples
    --------
    >>> import whalecurve as wc
    >>> proposal = wc.init("shop/orders")
    >>> proposal.columns.customer
    'customer_id'
    """
    for role in given or ():
        if role not in CANDIDATE_ROLES:
            raise InputError(f'"{role}" is not a role; choose one of {", ".join(CANDIDATE_ROLES)}')
    files = find_files(orders)
    sample, place = sample_of(files), named(files)
    if sample.is_empty():
        raise InputError(f"{place}: no rows at all; name the files that hold the orders")
    told = {role: _as_given(role, text, sample) for role, text in (given or {}).items()}
    known = recognised(sample.columns) if preset is None else [preset_called(preset)]
    proposal = None
    failed: list[str] = []
    for export in known:
        try:
            proposal = _by_export(export, sample, place, known, told)
            break
        except InputError as error:
            if preset is not None:
                raise
            failed.append(f"it has the columns of {export.title}, and yet: {error}")
    proposal = proposal or _by_names(sample, place, told)
    asked = tuple(Decision(setting="query", value=file.origin["query"]) for file in files if file.kind == "query")
    doubts, decisions = (*failed, *proposal.doubts), (*asked, *proposal.decisions)
    return _tried(replace(proposal, doubts=doubts, decisions=decisions), files)


def _as_given(role: str, text: str, sample: pl.DataFrame) -> Candidate:
    """What the user says plays the role, a column as it is spelled."""
    if text in sample.columns:
        spelled = candidates(role, sample.select([text]), like=text)
        return replace(spelled[0] if spelled else _untried(text, sample), why="as given")
    return _untried(text, sample)


def _untried(text: str, sample: pl.DataFrame) -> Candidate:
    """A mapping that nothing is known of: it is tried with all others."""
    try:
        names = sql_expression(text).meta.root_names()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        names = []
    columns = tuple(name for name in dict.fromkeys(names) if name in sample.columns)
    return Candidate(mapping=text, columns=columns, why="as given")


def _by_export(
    export: Preset, sample: pl.DataFrame, place: str, known: list[Preset], told: dict[str, Candidate]
) -> Proposal:
    found = expanded(export, sample, place)
    settings: dict[str, Any] = found.roles | {role: candidate.mapping for role, candidate in told.items()}
    decisions = [
        Decision(setting=role, value=sql, why=told[role].why if role in told else "") for role, sql in settings.items()
    ]
    if found.keep:
        settings["keep"] = found.keep
        decisions.append(Decision(setting="keep", value=found.keep, why="lines that are sales"))
    if found.fill_down:
        settings["fill_down"] = found.fill_down
        decisions.append(_fill_down(found.fill_down))
    others = [
        f"it may be read as {other.title}, too, with {setting('preset', other.name)}"
        for other in known
        if other is not export
    ]
    return _proposal(
        sample,
        place,
        settings,
        decisions,
        export=export.name,
        title=export.title,
        doubts=[*found.doubts, *others],
        notes=found.notes,
    )


def _by_names(sample: pl.DataFrame, place: str, told: dict[str, Candidate]) -> Proposal:
    roles: dict[str, list[Candidate]] = {}
    taken = {name for candidate in told.values() for name in candidate.columns}
    for role in CANDIDATE_ROLES:
        if role == "cost" and "margin" in roles:
            continue
        found = [told[role]] if role in told else candidates(role, sample, taken)
        if found:
            roles[role] = found
            taken.update(found[0].columns)
    decisions = [Decision(setting=role, value=found[0].mapping, why=found[0].why) for role, found in roles.items()]
    settings: dict[str, Any] = {role: found[0].mapping for role, found in roles.items()}
    once = _written_once(roles, sample)
    if once:
        settings["fill_down"] = once
        decisions.append(_fill_down(once))
    return _proposal(sample, place, settings, decisions, doubts=list(doubts_about(roles, sample)))


def _written_once(roles: dict[str, list[Candidate]], sample: pl.DataFrame) -> tuple[str, ...]:
    if "order" not in roles:
        return ()
    columns = [name for role in ("customer", "time") if role in roles for name in roles[role][0].columns]
    return tuple(written_once(tuple(columns), roles["order"][0], sample))


def _fill_down(columns: tuple[str, ...]) -> Decision:
    return Decision(setting="fill_down", value=",".join(columns), why="written on one line of an order only")


def _proposal(
    sample: pl.DataFrame,
    place: str,
    settings: dict[str, Any],
    decisions: list[Decision],
    *,
    doubts: list[str],
    export: str | None = None,
    title: str = "",
    notes: tuple[str, ...] = (),
) -> Proposal:
    """A proposal that has not been tried."""
    dimensions = dict.fromkeys(name for kind in ("product", "group") for name in called(kind, sample.columns))
    return Proposal(
        log=place,
        export=export,
        title=title,
        columns=Columns(**settings),
        decisions=tuple(decisions),
        doubts=tuple(Message(doubt) for doubt in doubts),
        notes=notes,
        dimensions=tuple(dimensions)[:MOST_DIMENSIONS],
        n_sampled=sample.height,
        n_tried=0,
        refused={},
    )


def _tried(proposal: Proposal, files: list[OrderFile]) -> Proposal:
    """The proposal with what becomes of the first lines of the log; raises InputError where it does not work."""
    log = scan_orders(files, proposal.columns)
    counts = checked_lines(log, Window()).head(TRIED_LINES).group_by("refusal").agg(n=pl.len())
    with failures_named(log):
        found = dict(counts.collect(engine="streaming").sort("refusal").rows())
    refused = {REFUSALS[code]: int(n) for code, n in found.items() if code}
    days = (
        f"days are those of {log.timezone}; if the shop is elsewhere, name its zone with {setting('timezone', 'ZONE')}"
    )
    doubts = (*proposal.doubts, *([Message(days)] if log.timezone is not None else []))
    return replace(proposal, doubts=doubts, n_tried=sum(found.values()), refused=refused)
