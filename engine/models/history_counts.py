"""Histories counted while they come in: memory for those that are distinct, not for every customer's."""

import numpy as np

from whalecurve.engine.models.histories import Histories, collapsed, distinct, of_words
from whalecurve.kernels.arrays import Words

TOGETHER = 1 << 22
"""Words that are counted together at least."""


class HistoryCounts:
    """Counts of equal histories: words (`histories.words_of`), and those that are too long for one."""

    def __init__(self) -> None:
        """Nobody has come yet."""
        self._words, self._counts = np.empty(0, dtype=np.uint64), np.empty(0)
        self._new: list[Words] = []
        self._n_new = 0
        self._long: list[Histories] = []

    def add(self, histories: Words | Histories) -> None:
        """Add some customers' histories."""
        if isinstance(histories, Histories):
            self._long.append(histories)
            return
        self._new.append(histories)
        self._n_new += histories.size
        if self._n_new >= max(TOGETHER, self._words.size):
            self._collapse()

    def counted(self) -> Histories:
        """All of them, in whole units."""
        self._collapse()
        if not self._long:
            return of_words(self._words, self._counts)
        every = [of_words(self._words, self._counts), *self._long]
        return collapsed(
            *(np.concatenate([getattr(part, name) for part in every]) for name in ("x", "t_x", "T", "counts"))
        )

    def _collapse(self) -> None:
        """Count what has come since the last time."""
        if not self._new:
            return
        words, counts = distinct(np.concatenate(self._new))
        self._new.clear()
        self._n_new = 0
        if self._words.size:
            counts = np.concatenate([self._counts, counts])
            words, counts = distinct(np.concatenate([self._words, words]), counts)
        self._words, self._counts = words, counts
