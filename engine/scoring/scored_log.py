"""The result that a job needs of its orders: one that is named, held against them, or one made for the purpose."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

from whalecurve.engine.errors import InputError, setting, shown
from whalecurve.engine.order_files import Paths, sizes_in_words, sizes_of
from whalecurve.engine.orders import Orders
from whalecurve.engine.publication import Result, open_result
from whalecurve.engine.scoring.score import score
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


def fitting(scores: str | Path, orders: Orders, window: Window, scoring: Scoring) -> Result:
    """The result at a path, which is of these orders, read alike; settings left at their defaults fit any.

    Raises
    ------
    InputError
        No result; one of other orders, or a definition that differs, named with both values.
    """
    result = open_result(scores)
    check_fits(result, orders, window, scoring)
    return result


def check_fits(result: Result, orders: Orders, window: Window, scoring: Scoring) -> None:
    """Make sure that a result is of these orders, read alike; settings that were left at their defaults fit any.

    Raises
    ------
    InputError
        Other orders, or a definition that differs, named with both values.
    """
    scored_files = sizes_of((file["rows"], file["bytes"]) for file in result.manifest.get("inputs", []))
    given_files = sizes_of((file.n_rows, file.n_bytes) for file in orders.files)
    if scored_files != given_files:
        raise InputError(
            f"{setting('scores', result.path)}: scored {sizes_in_words(scored_files)}, which are not {orders.name} "
            f"({sizes_in_words(given_files)}); name the result of these orders, or leave {setting('scores')} out"
        )
    there = {f"columns.{role}": text for role, text in result.definitions.get("columns", {}).items()}
    there |= {name: value for name, value in result.definitions.items() if name != "columns"}
    here = _definitions(orders, window, scoring)
    names = [*here, *(name for name in there if name.startswith("columns.") and name not in here)]
    differing = [
        f"{name} {shown(there.get(name))} there, {shown(here.get(name))} here"
        for name in names
        if here.get(name) != there.get(name)
    ]
    if differing:
        raise InputError(
            f"{setting('scores', result.path)}: definitions do not fit: {'; '.join(differing)}; give the same settings "
            f"as to score, or leave {setting('scores')} out"
        )


def _definitions(orders: Orders, window: Window, scoring: Scoring) -> dict[str, object]:
    """How orders are read and scored, as the model of a result has it; of days and scores, what was given alone."""
    days = {
        "as_of": window.as_of and window.as_of.isoformat(),
        "since": window.since and window.since.isoformat(),
        "timezone": window.timezone,
    }
    usual = Scoring()
    chosen = {field.name: getattr(scoring, field.name) for field in fields(Scoring)}
    return {
        **{f"columns.{role}": filled.mapping for role, filled in orders.mapping.roles.items()},
        **{name: value for name, value in orders.definitions.items() if name not in ("columns", *_beside(orders))},
        **{name: value for name, value in days.items() if value is not None},
        **{
            name: list(value) if isinstance(value, tuple) else value
            for name, value in chosen.items()
            if value != getattr(usual, name)
        },
    }


def _beside(orders: Orders) -> tuple[str, ...]:
    """Settings of attributes, which change no score unless lines are selected by them."""
    return () if orders.mapping.filters_by_attributes else tuple(orders.mapping.attribute_settings)
