"""The stages of a run as they pass: one log line and one timing each."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

logger = logging.getLogger("whalecurve")

OnStage = Callable[[str], None]
"""Called with the name of each stage as it begins, for progress."""


class Stages:
    """Times stages in order. `seconds` maps each stage to its duration."""

    def __init__(self, on_stage: OnStage | None = None) -> None:
        self._on_stage = on_stage
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what runs inside."""
        if self._on_stage is not None:
            self._on_stage(name)
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 4)
        logger.info("%s: %.3f s", name, self.seconds[name])
