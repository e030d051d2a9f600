"""Locales: numbers, amounts and dates as CLDR has them, by Babel, and the texts of those that are translated."""

from datetime import date
from functools import cached_property, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.extras import needed
from whalecurve.engine.reporting.language import Language
from whalecurve.engine.reporting.notation import WHOLE_FROM

TRANSLATIONS = Path(__file__).parent / "translations"
"""A file a language, by its tag: `ru.po`, `pt_BR.po`."""

OF_CURRENCY = "en"
"""Locale of amounts where a currency is named and no locale."""


def language_of(locale: str | None, currency: str | None) -> Language:
    """The language for a locale as `de_DE` or `de-DE` and the code of a currency; English, as ever, without either.

    Raises
    ------
    InputError
        A locale or a currency that there is not; Babel is not installed.
    """
    if locale is None and currency is None:
        return Language()
    tag = OF_CURRENCY if locale is None else locale
    given = setting("currency", currency) if locale is None else setting("locale", locale)
    core = needed("babel.core", extra="locale", place=given)
    try:
        known = core.Locale.parse(tag.strip().replace("-", "_"))
    except (ValueError, TypeError, core.UnknownLocaleError):
        raise InputError(
            f"{setting('locale', tag)}: unknown; name a language, and a country where it matters, as de, de_CH or pt_BR"
        ) from None
    if currency is not None and currency not in known.currencies:
        raise InputError(
            f"{setting('currency', currency)}: unknown; name a currency by its code of three letters, as EUR or JPY"
        )
    translated, texts = _translation(str(known), known.language)
    return Language(tag=translated, texts=texts, notation=LocalNotation(known, currency))


def _translation(*names: str) -> tuple[str, NullTranslations]:
    """The tag and the texts of the first of these languages that there is a file of; English without one."""
    for name in names:
        if (TRANSLATIONS / f"{name}.po").is_file():
            return name.replace("_", "-"), _texts(name)
    return "en", NullTranslations()


@lru_cache
def _texts(name: str) -> GNUTranslations:
    """The texts of a file, compiled as gettext reads them."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with (TRANSLATIONS / f"{name}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=name))
    compiled.seek(0)
    return GNUTranslations(compiled)


class LocalNotation:
    """Numbers and dates of a locale, amounts in a currency where one is named."""

    def __init__(self, locale: Any, currency: str | None) -> None:  # noqa: ANN401 - Babel's, an extra
        self._locale, self._currency = locale, currency

    @property
    def of_script(self) -> tuple[str, str | None]:
        """As browsers know them."""
        return str(self._locale).replace("_", "-"), self._currency

    @cached_property
    def _whole(self) -> str:
        """The pattern of a whole number, with the groups of digits that are usual there."""
        pattern: str = self._locale.decimal_formats[None].pattern
        return pattern.split(";")[0].split(".")[0]

    @cached_property
    def _percentage(self) -> str:
        pattern: str = self._locale.percent_formats[None].pattern
        return pattern.split(";")[0]

    def number(self, value: float, decimals: int) -> str:
        """A number with so many decimals."""
        return self._decimal(value, f"{self._whole}.{'0' * decimals}" if decimals else self._whole)

    def money(self, amount: float) -> str:
        """An amount: whole units from 1,000 on, else with the decimals of the currency."""
        from babel.numbers import format_currency

        is_whole = abs(amount) >= WHOLE_FROM
        if self._currency is None:
            return self.number(amount, 0 if is_whole else 2)
        if not is_whole:
            return str(format_currency(_positive_zero(amount, 2), self._currency, locale=self._locale))
        pattern = self._locale.currency_formats["standard"].pattern.replace(".00", "")
        written = format_currency(amount, self._currency, pattern, locale=self._locale, currency_digits=False)
        return str(written)

    def short_money(self, amount: float) -> str:
        """An amount in few characters, without its currency, as the words for thousands are long enough."""
        from babel.numbers import format_compact_decimal

        if abs(amount) < WHOLE_FROM - 0.5:
            return self._decimal(amount, self._whole if abs(amount) >= 99.95 else f"{self._whole}.#")
        return str(format_compact_decimal(amount, locale=self._locale, fraction_digits=1))

    def percent(self, share: float, decimals: int, *, signed: bool) -> str:
        """A share as a percentage with so many decimals."""
        pattern = self._percentage.replace("0", f"0.{'0' * decimals}" if decimals else "0")
        return self._percent(_positive_zero(share, decimals + 2), f"+{pattern};-{pattern}" if signed else pattern)

    def plainly(self, share: float) -> str:
        """A share as a percentage with no more decimals than it has."""
        return self._percent(round(share, 8), self._percentage.replace("0", "0.####"))

    def day(self, day: date) -> str:
        """A date with the name of its month."""
        from babel.dates import format_date

        return str(format_date(day, "medium", locale=self._locale))

    def month(self, day: date) -> str:
        """A month with its name, and the year."""
        from babel.dates import format_skeleton

        return str(format_skeleton("yMMM", day, locale=self._locale))

    def _decimal(self, value: float, pattern: str) -> str:
        from babel.numbers import format_decimal

        decimals = len(pattern.partition(".")[2])
        return str(format_decimal(_positive_zero(value, decimals), pattern, locale=self._locale))

    def _percent(self, share: float, pattern: str) -> str:
        from babel.numbers import format_percent

        return str(format_percent(share, pattern, locale=self._locale))


def _positive_zero(value: float, decimals: int) -> float:
    """The value, 0 without a sign where that is all that so many decimals show of it."""
    return 0.0 if round(value, decimals) == 0.0 else value
