"""The segment that is explained, as a result names it."""

from whalecurve.engine.errors import setting
from whalecurve.engine.publication import Result
from whalecurve.engine.segments import LABELS, named


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
