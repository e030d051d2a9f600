"""Messages and progress, on stderr; results go to stdout."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(title: str) -> Iterator[Callable[[str], None]]:
    """A spinner with the stage at work, on a terminal only. Yields a function that takes the stage's name."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title)
        yield lambda stage: bar.update(task, description=f"{title}: {stage}")


def set_up_logging(*, verbose: bool) -> None:
    """One line a stage on stderr if asked for; warnings always."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(message)s",
        stream=sys.stderr,
    )


def limit_threads(jobs: int | None) -> None:
    """Cap the threads of Polars and numba. Works only before either is imported."""
    if jobs is not None:
        jobs = min(jobs, os.cpu_count() or 1)
        os.environ["POLARS_MAX_THREADS"] = str(jobs)
        os.environ["NUMBA_NUM_THREADS"] = str(jobs)
