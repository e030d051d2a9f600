"""A scheme for scores of 1 to 5 read for 1 to k: the same shares of the customers, as near as k scores can.

Score j of k is about the customers around the share (j - 1/2) / k, score s of 5 about those around (s - 1/2) / 5. A
reading says of which score of 5 each score of k takes the place, in the same order. Of all readings that one is taken
which leaves the fewest segments without a cell, and of these the one with the least sum of distances between shares
(of two with the same, the one whose scores stand for the lower ones). Each of the k ** 3 cells has then exactly one
segment, that of the cell of 5 whose place it takes, and a better score never stands for a worse one.

| k | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| 3 | 1 | 3 | 5 | | | | | | | |
| 4, standard | 1 | 3 | 4 | 5 | | | | | | |
| 4, soulmates | 1 | 2 | 4 | 5 | | | | | | |
| 6 | 1 | 2 | 3 | 3 | 4 | 5 | | | | |
| 7 | 1 | 2 | 2 | 3 | 4 | 4 | 5 | | | |
| 8 | 1 | 1 | 2 | 3 | 3 | 4 | 5 | 5 | | |
| 9 | 1 | 1 | 2 | 2 | 3 | 4 | 4 | 5 | 5 | |
| 10 | 1 | 1 | 2 | 2 | 3 | 3 | 4 | 4 | 5 | 5 |

Three scores leave one segment without a cell: Promising (standard) and About to dump you (soulmates).
"""

import itertools
from collections.abc import Callable, Iterable

Cell = tuple[int, int, int]
ScoreMap = tuple[int, ...]
"""Which score of the scheme each of the scores 1..k takes the place of."""


def score_map_of(bins: int, scheme_bins: int, segment_of: Callable[[Cell], str]) -> ScoreMap:
    """The reading of the scores 1..bins that the module's text describes.

    Parameters
    ----------
    bins, scheme_bins : int
        Number of scores asked for, and that the scheme is written for.
    segment_of
        Name of the segment of each cell (r, f, m) of the scheme.
    """
    scores = range(1, scheme_bins + 1)
    names = {cell: segment_of(cell) for cell in itertools.product(scores, scores, scores)}
    reached: dict[frozenset[int], int] = {}

    def preference(reading: ScoreMap) -> tuple[int, int, ScoreMap]:
        stands_for = frozenset(reading)
        if stands_for not in reached:
            reached[stands_for] = len({names[cell] for cell in itertools.product(stands_for, stands_for, stands_for)})
        return -reached[stands_for], _distance(reading, scheme_bins), reading

    return min(itertools.combinations_with_replacement(scores, bins), key=preference)


def span_within(span: tuple[int, int], reading: Iterable[int]) -> tuple[int, int] | None:
    """The scores that take the place of those in a range, both ends included; None where none does."""
    low, high = span
    places = [score for score, stands_for in enumerate(reading, start=1) if low <= stands_for <= high]
    return (places[0], places[-1]) if places else None


def _distance(reading: ScoreMap, scheme_bins: int) -> int:
    """Sum of distances between the shares (j - 1/2) / k and those read for them, in units of 1 / (2 k bins)."""
    k = len(reading)
    return sum(
        abs(scheme_bins * (2 * score - 1) - k * (2 * stands_for - 1))
        for score, stands_for in enumerate(reading, start=1)
    )
