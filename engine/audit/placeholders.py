"""Customers who may be nobody: ids that look like placeholders, and one id with a large part of all lines."""

from collections.abc import Iterable
from itertools import product
from typing import Any

import polars as pl

from whalecurve.engine.errors import Message, counted, listed, setting

WORDS: tuple[str, ...] = ("null", "(null)", "\\n", "nan", "nat", "none", "nil", "na", "n/a", "#n/a", "<na>")
WORDS += ("undefined", "unknown", "missing", "guest", "anonymous", "anon")
WORDS += ("test", "empty", "n.a.", "-", "--", "?")
"""Ids, in lower case, that stand for no customer in most logs."""
CASES = ["".join(letters) for word in WORDS for letters in product(*({letter, letter.upper()} for letter in word))]
"""They in capitals and not: to look an id up is a hundred times faster than to change its case."""
ZERO = "0"
NUMBERS = (ZERO, "-1", "00000000-0000-0000-0000-000000000000")
TIMES_OTHERS = 3
"""How many times the lines of the average other customer make 0 a placeholder: the first of numbered customers may be a
customer."""
LARGE, LEAST_LINES, LEAST_CUSTOMERS = 0.05, 1_000, 100
"""Share of the lines from which a customer is remarked, in a log of so many lines and customers at least: of few
customers one may well have a large part."""
MOST_TIES = int(1 / LARGE) + 1
"""Of more customers with equally many lines, none has a large part of them."""
MOST_NAMED = 5


class CustomerLines:
    """What is remarkable about the number of lines that customers have, as they pass in batches."""

    def __init__(self) -> None:
        """Nobody has passed yet."""
        self._n_customers = self._n_lines = 0
        self._most: tuple[object, int] | None = None
        self._suspects: dict[object, int] = {}

    def add(self, ids: pl.Series, n_lines: pl.Series) -> None:
        """Take some customers, each with the number of lines that is theirs; every customer comes once."""
        if not ids.len():
            return
        self._n_customers += ids.len()
        self._n_lines += int(n_lines.cast(pl.Int64).sum())
        most = int(n_lines.cast(pl.Int64).to_numpy().max())
        if self._most is None or most >= self._most[1]:
            ties: list[Any] = ids.filter(n_lines == most).head(MOST_TIES).to_list()
            if self._most is not None and most == self._most[1]:
                ties.append(self._most[0])
            self._most = (min(ties), most)  # whatever the order of the batches
        looks = _looks_like_nobody(ids)
        if looks.any():
            self._suspects |= dict(zip(ids.filter(looks), n_lines.filter(looks).cast(pl.Int64), strict=True))

    def notes(self) -> list[Message]:
        """What a reader should be told, a sentence each."""
        suspects = {
            customer: n
            for customer, n in self._suspects.items()
            if _text(customer) != ZERO or self._is_far_above_others(n)
        }
        said = []
        if suspects:
            most_first = sorted(suspects.items(), key=lambda entry: (-entry[1], _text(entry[0])))
            named = listed([f"{_quoted(customer)} with {self._share(n)}" for customer, n in most_first], MOST_NAMED)
            said.append(
                f"customer ids that look like placeholders: {named}; if they stand for nobody, give "
                f"{_advice(customer for customer, _ in most_first)}"
            )
        if self._most is not None and self._most[0] not in suspects and self._is_large(self._most[1]):
            customer, n = self._most
            said.append(
                f"customer {_quoted(customer)} alone has {self._share(n)}; if the id stands for nobody in "
                f"particular, as a guest or a till, give {_advice([customer])}"
            )
        return [Message(words) for words in said]

    def _is_far_above_others(self, n: int) -> bool:
        others = self._n_customers - 1
        return others > 0 and n * others > TIMES_OTHERS * (self._n_lines - n)

    def _is_large(self, n: int) -> bool:
        is_judged = self._n_lines >= LEAST_LINES and self._n_customers >= LEAST_CUSTOMERS
        return is_judged and n > LARGE * self._n_lines

    def _share(self, n: int) -> str:
        return f"{counted(n, 'line')} ({n / self._n_lines:.1%})"


def _looks_like_nobody(ids: pl.Series) -> pl.Series:
    """Which ids look like placeholders; whether 0 is one depends on its lines."""
    if ids.dtype.is_integer():
        looks: list[object] = [0] if ids.dtype.is_unsigned_integer() else [0, -1]
    else:
        looks = [text.encode() if ids.dtype == pl.Binary() else text for text in (*CASES, *NUMBERS)]
    return ids.is_in(pl.Series(looks, dtype=ids.dtype).implode())


def _text(customer: object) -> str:
    return customer.decode(errors="replace") if isinstance(customer, bytes) else str(customer)


def _quoted(customer: object) -> str:
    return str(customer) if isinstance(customer, int) else f'"{_text(customer)}"'


def _advice(ids: Iterable[object]) -> str:
    return setting("nobody", [_text(customer) for customer in ids])
