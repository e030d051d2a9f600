"""The stages of a run as they pass: one log line and one timing each."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

logger = logging.getLogger("whalecurve")

OnStage = Callable[[str], None]
"""Called with the name of each stage as it begins, and with "NAME: how far it is" while it goes on, for progress."""

OnLines = Callable[[int], None]
"""Called with the number of order lines that have been read so far."""


class Stages:
    """Times stages in order. `seconds` maps each stage to its duration."""

    def __init__(self, on_stage: OnStage | None = None) -> None:
        self._on_stage = on_stage
        self._now = ""
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what runs inside."""
        self._now = name
        if self._on_stage is not None:
            self._on_stage(name)
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 4)
        logger.info("%s: %.3f s", name, self.seconds[name])

    def lines_read(self, n_lines: int | None) -> OnLines:
        """What tells how many order lines of so many, None where that is not known, the stage has read."""
        total = "" if n_lines is None else f" of {n_lines:,}"

        def tell(n: int) -> None:
            if self._on_stage is not None:
                self._on_stage(f"{self._now}: {n:,}{total} order lines")

        return tell
