"""A store in which everything happens with a handful of lines: pieces, partitions, groups, division, files."""

from contextlib import contextmanager

import pytest

from whalecurve.engine.runtime import memory
from whalecurve.engine.store import line_batches, lines_to_totals, store
from whalecurve.engine.store import totals_tables as totals

SIZES = {
    store: {"PIECE_LINES": 23, "LINES_OF_PART": 5, "GROUP_LINES": 11, "SPLIT_LINES": 13, "PIECE_BYTES": 400},
    lines_to_totals: {"PIECE_LINES": 23, "SAMPLED_ROWS": 3},
    totals: {"BLOCK": 16},
    line_batches: {"ROWS": 40},
    memory: {"READING": 0, "WRITING": 0, "BYTES_PER_CUSTOMER": 0},
}
HELD = {"MOST_HELD": 300, "TOTALS_HELD": 300}
"""Bytes of lines, and of totals and days, that stay in memory."""


def make_tiny(patch, *, is_filed=True):
    """Sizes of a few lines; with `is_filed`, hardly anything stays in memory."""
    for module, sizes in SIZES.items():
        for name, size in sizes.items():
            patch.setattr(module, name, size)
    for name, size in HELD.items() if is_filed else ():
        patch.setattr(lines_to_totals, name, size)


@contextmanager
def tiny_store(*, is_filed=True):
    """Within, every store is tiny."""
    with pytest.MonkeyPatch.context() as patch:
        make_tiny(patch, is_filed=is_filed)
        yield
