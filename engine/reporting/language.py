"""The language of a report: its texts, and how numbers and dates are written in it.

Texts are written in the code in English, as gettext has them, and a translation is a file: `translations/LANGUAGE.po`.
Words that go into sentences can be asked for by case: where the English text says `{customers}`, a translation may say
`{customers:genitive}`, and has an entry for "{n} customer" with that context. The code knows nothing of cases.

A page is written in one language from its first section to its last chart, by functions at some three hundred places;
so the language is set around them once, and not handed down.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from gettext import NullTranslations
from typing import Self

from whalecurve.engine.reporting.notation import Notation, PlainNotation


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language: the tag of its texts (of the page's `lang`), its texts, and its way to write numbers."""

    tag: str = "en"
    texts: NullTranslations = field(default_factory=NullTranslations)
    notation: Notation = field(default_factory=PlainNotation)


_ENGLISH = Language()
_LANGUAGE = ContextVar("language", default=_ENGLISH)


class Phrase(str):
    """Text in the language of the report that goes into sentences, there in the case that a translation asks for."""

    _in_case: Callable[[str], str]

    def __new__(cls, in_case: Callable[[str], str]) -> Self:
        """The text itself is what there is without a case."""
        phrase = super().__new__(cls, in_case(""))
        phrase._in_case = in_case
        return phrase

    def __format__(self, case: str) -> str:
        return self._in_case(case)


@contextmanager
def written_in(language: Language) -> Iterator[None]:
    """Within the block, texts and numbers are of this language."""
    token = _LANGUAGE.set(language)
    try:
        yield
    finally:
        _LANGUAGE.reset(token)


def language() -> Language:
    """The language that is written in."""
    return _LANGUAGE.get()


def N_(message: str) -> str:
    """The message as it is: it is translated later, where it is used."""
    return message


def gettext(message: str, /, **values: object) -> str:
    """A text, with the values in their places."""
    text = language().texts.gettext(message)
    return text.format(**values) if values else text


def word(message: str, /) -> Phrase:
    """A text that goes into sentences; one that no translation has, as a name that somebody chose, stays as it is."""
    texts = language().texts if message else NullTranslations()  # gettext answers "" with the head of its file

    def in_case(case: str) -> str:
        text = texts.pgettext(case, message) if case else message
        return texts.gettext(message) if text == message else text

    return Phrase(in_case)


def ngettext(one: str, many: str, n: float, /, **values: object) -> Phrase:
    """A text about so many, `{n}` in it, in the plural where it is due. Numbers are rounded to whole ones."""
    texts, whole = language().texts, round(n)
    written = language().notation.number(whole, 0)

    def in_case(case: str) -> str:
        text = texts.npgettext(case, one, many, whole) if case else texts.ngettext(one, many, whole)
        return (texts.ngettext(one, many, whole) if text in (one, many) else text).format(n=written, **values)

    return Phrase(in_case)


def pgettext(context: str, message: str, /) -> str:
    """A text that reads differently in different places, as this one does here."""
    return language().texts.pgettext(context, message)
