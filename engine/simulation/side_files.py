"""The files beside a simulated log, by the words that ask for them. A file of its own writes each."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from whalecurve.engine.errors import InputError, listed, setting
from whalecurve.engine.simulation.attributes import write_attributes
from whalecurve.engine.simulation.contracts import write_contracts
from whalecurve.engine.simulation.drawn import Drawn
from whalecurve.engine.simulation.events import write_events
from whalecurve.engine.simulation.habits import write_habits
from whalecurve.engine.simulation.surveys import write_surveys
from whalecurve.engine.simulation.tickets import write_tickets

Truth = dict[str, Any]

WRITERS: Mapping[str, Callable[[Drawn, Path], Truth]] = {
    "attributes": write_attributes,
    "contracts": write_contracts,
    "surveys": write_surveys,
    "tickets": write_tickets,
    "events": write_events,
    "habits": write_habits,
}
"""Each writes `WORD.parquet` into a directory, and returns what is true of it, as `truth.json` says it under its word.

What it draws comes from `drawn.generator(word)`, the customers and their orders alone, so no file changes the orders or
another file.
"""


def check_words(words: Collection[str]) -> None:
    """Raise InputError for a word that asks for no file, or is there twice."""
    for word in words:
        if word not in WRITERS:
            raise InputError(f'{setting("side_files")} "{word}" is unknown; choose one of {listed(sorted(WRITERS))}')
    if len(set(words)) < len(words):
        raise InputError(f"{setting('side_files', ','.join(words))} names a file twice; name each once")


def write_beside(words: Collection[str], drawn: Drawn, directory: Path) -> dict[str, Truth]:
    """Write the files that are asked for, and say what is true of each, by its word."""
    return {word: WRITERS[word](drawn, directory) for word in WRITERS if word in words}
