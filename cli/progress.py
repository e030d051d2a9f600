"""Progress on a terminal: the stage at work in plain words, and in the end how long each took."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WORDS = {
    "assign": "assigning customers",
    "audit": "checking order lines",
    "assortment": "comparing what segments buy",
    "baskets": "filling baskets",
    "choose": "choosing customers",
    "cluster": "finding clusters",
    "compare": "comparing",
    "contacts": "reading contacts",
    "contracts": "reading contracts",
    "count": "counting customers",
    "customers": "gathering customers",
    "draw": "drawing",
    "find": "finding triggers",
    "events": "counting events",
    "fit": "fitting models",
    "follow": "following customers",
    "groups": "grouping customers",
    "holdout": "reading what followed",
    "measures": "measuring over time",
    "match": "matching costs with customers",
    "open": "opening files",
    "origins": "fitting earlier days",
    "pairs": "counting pairs",
    "past": "fitting the past",
    "predict": "predicting",
    "read": "reading the result",
    "recommend": "recommending",
    "replenishment": "looking for what is bought again",
    "replay": "replaying the past",
    "residual": "looking beyond the horizon",
    "score": "scoring customers",
    "spend": "spending the budget",
    "summary": "reading order lines",
    "surveys": "reading surveys",
    "suppose": "supposing changes",
    "tables": "writing tables",
    "tickets": "reading tickets",
    "try": "trying recommendations",
    "usual": "reading what is usual",
    "vary": "comparing past windows",
    "when": "reading when they buy",
    "who": "reading who they are",
    "write": "writing",
}
"""What stages of the engine are called on a terminal; others keep their names."""

BRIEF = 2.0
"""Seconds up to which a run is not worth a recap."""


class Recap:
    """How long each stage took, from when the next one began."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        """No stage has begun."""
        self._now, self._began = now, now()
        self._stage: str | None = None
        self._since = self._began
        self._seconds: dict[str, float] = {}

    def stage(self, name: str) -> None:
        """Another stage has begun, or the same one is further on: "NAME: how far"."""
        stage = plain(name).partition(":")[0]
        if stage != self._stage:
            self._close()
            self._stage = stage

    def text(self, title: str) -> str:
        """All in a line, longest stages first; nothing of a brief run."""
        self._close()
        self._stage = None
        total = self._now() - self._began
        if total < BRIEF:
            return ""
        longest = sorted(self._seconds.items(), key=lambda one: -one[1])
        parts = [f"{name} {seconds:.1f}" for name, seconds in longest if seconds >= total / 50]
        return f"{title}: {total:.1f} s" + (f" ({', '.join(parts)})" if parts else "")

    def _close(self) -> None:
        now = self._now()
        if self._stage is not None:
            self._seconds[self._stage] = self._seconds.get(self._stage, 0.0) + now - self._since
        self._since = now


def plain(stage: str) -> str:
    """A stage in plain words, with how far it is."""
    name, colon, how_far = stage.partition(":")
    return f"{WORDS.get(name, name)}{colon}{how_far}"


@contextmanager
def progress(title: str, *, shown: bool = True) -> Iterator[Callable[[str], None]]:
    """A spinner with the stage at work, on a terminal only. Yields a function that takes the stage's name."""
    if not shown or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    recap = Recap()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title)

        def on_stage(stage: str) -> None:
            recap.stage(stage)
            bar.update(task, description=f"{title}: {plain(stage)}")

        yield on_stage
    if words := recap.text(title):
        sys.stderr.write(f"{words}\n")
        sys.stderr.flush()
