"""The result that tells who is in a segment: opened and held against the orders, or made for the purpose."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields

from whalecurve.engine.errors import InputError, setting, shown
from whalecurve.engine.files import Paths
from whalecurve.engine.orders import Orders
from whalecurve.engine.publication import Result, open_result
from whalecurve.engine.scoring.score import score
from whalecurve.engine.segments import LABELS, named
from whalecurve.engine.settings import Columns, Scoring, Window
from whalecurve.engine.stages import OnStage
from whalecurve.engine.unfinished import temporary_directory


@contextmanager
def scored(
    paths: Paths,
    columns: Columns,
    window: Window,
    scoring: Scoring,
    *,
    max_refused: float | None,
    memory: int | None,
    jobs: int | None,
    on_stage: OnStage | None,
) -> Iterator[Result]:
    """A result of the orders, in a directory that goes with the block."""
    with temporary_directory() as folder:
        out = folder / "scores"
        score(
            paths, out=out, columns=columns, window=window, scoring=scoring, layout="flat",
            max_refused=max_refused, memory=memory, jobs=jobs, measures=False, on_stage=on_stage,
        )  # fmt: skip
        yield open_result(out)


def check_fits(result: Result, orders: Orders, window: Window, scoring: Scoring) -> None:
    """Make sure that a result is of these orders, read alike; settings that were left at their defaults fit any.

    Raises
    ------
    InputError
        Other orders, or a definition that differs, named with both values.
    """
    inputs = result.manifest.get("inputs", [])
    theirs = sorted((one["rows"] or 0, one["bytes"] or 0) for one in inputs)
    ours = sorted((file.n_rows or 0, file.n_bytes or 0) for file in orders.files)
    if theirs != ours:
        raise InputError(
            f"{setting('scores', result.path)}: scored {_size(theirs)}, which are not {orders.name} ({_size(ours)}); "
            f"name the "
            f"result of these orders, or leave {setting('scores')} out"
        )
    known = result.definitions
    usual = Scoring()
    asked: dict[str, object] = {f"columns.{role}": filled.mapping for role, filled in orders.mapping.roles.items()}
    asked |= {name: setting for name, setting in orders.definitions.items() if name != "columns"}
    told: dict[str, object] = {f"columns.{role}": text for role, text in known.get("columns", {}).items()}
    told |= {name: one for name, one in known.items() if name != "columns"}
    given = {
        "as_of": window.as_of and window.as_of.isoformat(),
        "since": window.since and window.since.isoformat(),
        "timezone": window.timezone,
    }
    asked |= {name: one for name, one in given.items() if one is not None}
    for field in fields(Scoring):
        wanted = getattr(scoring, field.name)
        if wanted != getattr(usual, field.name):
            asked[field.name] = list(wanted) if isinstance(wanted, tuple) else wanted
    names = [*asked, *(name for name in told if name.startswith("columns.") and name not in asked)]
    differing = [name for name in names if asked.get(name) != told.get(name)]
    if differing:
        found = "; ".join(f"{name} {shown(told.get(name))} there, {shown(asked.get(name))} here" for name in differing)
        raise InputError(
            f"{setting('scores', result.path)}: definitions do not fit: {found}; give the same settings as to score, "
            f"or leave "
            f"{setting('scores')} out"
        )


def segment_column(result: Result, segment: str) -> tuple[str, str]:
    """The column that holds a segment of the scheme, or a cell of its matrix, and the name as it is there.

    Raises
    ------
    InputError
        No such segment; the message lists all.
    """
    table = result.segments.drop_nulls("segment")
    name = named(segment, table["segment"].to_list(), setting("segment"))
    schemes = table.filter(segment=name)["scheme"].to_list()
    return next(column for scheme, column in LABELS.items() if scheme in schemes), name


def _size(files: list[tuple[int, int]]) -> str:
    n = len(files)
    return f"{n:,} file{'' if n == 1 else 's'} of {sum(rows for rows, _ in files):,} rows"
