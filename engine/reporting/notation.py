"""How numbers, amounts and dates are written where no locale is asked for: in English, dates as ISO 8601 has them."""

from datetime import date
from typing import Protocol

WHOLE_FROM = 1_000.0
"""Amounts from here on are shown in whole units of currency."""


class Notation(Protocol):
    """How a language writes numbers and dates. Percentages are given as shares: 0.5 is 50 %."""

    @property
    def of_script(self) -> tuple[str, str | None] | None:
        """The locale and the currency that the page's script writes numbers by; None: as `PlainNotation` does."""

    def number(self, value: float, decimals: int) -> str:
        """A number with so many decimals."""
        ...

    def money(self, amount: float) -> str:
        """An amount: whole units from `WHOLE_FROM` on, else with the decimals of the currency."""
        ...

    def short_money(self, amount: float) -> str:
        """An amount in few characters, for axes and cells."""
        ...

    def percent(self, share: float, decimals: int, *, signed: bool) -> str:
        """A share as a percentage with so many decimals; `signed` ones above 0 have a plus."""
        ...

    def plainly(self, share: float) -> str:
        """A share as a percentage with no more decimals than it has."""
        ...

    def day(self, day: date) -> str:
        """A date."""
        ...

    def month(self, day: date) -> str:
        """The month of a date."""
        ...


class PlainNotation:
    """Numbers as Python writes them; needs nothing that has to be installed."""

    of_script: tuple[str, str | None] | None = None

    def number(self, value: float, decimals: int) -> str:
        """As 1,234.50."""
        return f"{value:z,.{decimals}f}"

    def money(self, amount: float) -> str:
        """As 1,234 and 12.50."""
        return self.number(amount, 0 if abs(amount) >= WHOLE_FROM else 2)

    def short_money(self, amount: float) -> str:
        """As 12.3k for 12,345."""
        for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
            if abs(amount) >= 0.99995 * size:
                return f"{self._three_digits(amount / size)}{letter}"
        return self._three_digits(amount)

    def percent(self, share: float, decimals: int, *, signed: bool) -> str:
        """As 12.3%."""
        return f"{share:+.{decimals}%}" if signed else f"{share:z.{decimals}%}"

    def plainly(self, share: float) -> str:
        """As 2.5%."""
        return f"{round(100 * share, 6):g}%"

    def day(self, day: date) -> str:
        """As 2011-12-09."""
        return day.isoformat()

    def month(self, day: date) -> str:
        """As 2011-12."""
        return f"{day:%Y-%m}"

    def _three_digits(self, amount: float) -> str:
        return self.number(amount, 0 if abs(amount) >= 99.95 else 1).removesuffix(".0")
