"""Foreseen failures: each message names the place, what was found and what to do.

A message names a setting through `setting`, which marks it. As text, the message speaks Python: `rfm_bins=11`. A front
end writes the marked settings in its own words (`Message.written`), as the command line does with its options.
"""

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

MOST_LISTED = 40

NAME, VALUE, END = "\ufdd0", "\ufdd1", "\ufdd2"
"""Marks around a setting. Unicode keeps these code points for use inside a program: text from outside has none."""

MARKED = re.compile(f"{NAME}(\\w+)(?:{VALUE}([^{VALUE}{END}]*))?(?:{VALUE}([^{VALUE}{END}]*))?{END}")
UNMARKED = dict.fromkeys(map(ord, (NAME, VALUE, END)))

SIGNED = re.compile(r"(?i)\b(sig|signature|x-amz-signature|x-amz-security-token|x-amz-credential)=[^&\s\"')]*")
"""Signatures and tokens in URLs, with which anybody may do what the one who asked may."""

Write = Callable[[str, str | None], str]
"""How a front end writes a setting: its name in Python, and its value, None for a name alone or what is switched on."""


def setting(name: str, value: object = None) -> str:
    """A setting as part of a message's text.

    Parameters
    ----------
    name
        The parameter or field in Python.
    value
        One that it has or may be given, as the reader may write it: `overwrite=True`. None: the name alone, before
        text that was given and is wrong, which stands in quotes: `` `model` "crystal" is unknown ``.

    Returns
    -------
    str
        Marked text, to be put into an `InputError` or a `Message` and nowhere else.
    """
    if value is None:
        return f"{NAME}{name}{END}"
    if value is True:
        return f"{NAME}{name}{VALUE}True{END}"
    if isinstance(value, list | tuple):
        entries = [_plain(entry) for entry in value]
        return f"{NAME}{name}{VALUE}[{', '.join(map(_quoted, entries))}]{VALUE}{','.join(entries)}{END}"
    plain = _plain(value)
    literal = plain if isinstance(value, int | float | date) else _quoted(plain)
    return f"{NAME}{name}{VALUE}{literal}{VALUE}{plain}{END}"


def _plain(value: object) -> str:
    """A value in one line, without marks of its own."""
    return " ".join(str(value).splitlines()).translate(UNMARKED)


class Message(str):
    """One line of text that names settings. As text it speaks Python, wherever it is printed, logged or written."""

    __slots__ = ("marked",)
    marked: str

    def __new__(cls, text: str) -> "Message":
        """The message of marked text."""
        marked = text.marked if isinstance(text, Message) else "".join(map(_visible, " ".join(text.splitlines())))
        message = super().__new__(cls, MARKED.sub(_in_python, marked))
        message.marked = marked
        return message

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings that it names, in Python, in the order of the text."""
        return tuple(dict.fromkeys(mark[1] for mark in MARKED.finditer(self.marked)))

    def written(self, write: Write) -> str:
        """The text with each setting as `write` has it."""
        return MARKED.sub(lambda mark: write(mark[1], mark[3]), self.marked)

    def places(self) -> list[dict[str, Any]]:
        """Where the text names settings, as plain data: start and end there, setting, and value as in `written`."""
        places, end_of_mark, end = [], 0, 0
        for mark in MARKED.finditer(self.marked):
            start = end + mark.start() - end_of_mark
            end_of_mark, end = mark.end(), start + len(_in_python(mark))
            places.append({"start": start, "end": end, "setting": mark[1], "value": mark[3]})
        return places

    @classmethod
    def at_places(cls, text: str, places: Iterable[Mapping[str, Any]]) -> "Message":
        """The message of a text and the places where it names settings.

        Raises
        ------
        ValueError
            There are no such settings in these places.
        """
        marked, done = "", 0
        for place in places:
            start, end, name, value = (place[key] for key in ("start", "end", "setting", "value"))
            literal = text[start:end].removeprefix(f"{name}=")
            values = "" if literal == f"`{name}`" else VALUE + literal + ("" if value is None else f"{VALUE}{value}")
            mark = f"{NAME}{name}{values}{END}"
            if start < done or MARKED.sub(_in_python, mark) != text[start:end]:
                raise ValueError("no settings in these places")
            marked, done = marked + text[done:start] + mark, end
        return cls(marked + text[done:])


def _visible(letter: str) -> str:
    """A letter; control characters, which may steer a terminal, and bytes that are no text, as their codes."""
    return ascii(letter)[1:-1] if unicodedata.category(letter) in ("Cc", "Cs") and letter != "\t" else letter


def _in_python(mark: re.Match[str]) -> str:
    """A name in backquotes, as many are words of plain English, too: `where`, `by`, `time`."""
    return f"`{mark[1]}`" if mark[2] is None else f"{mark[1]}={mark[2]}"


def _quoted(text: str) -> str:
    """Text as Python reads it, in double quotes where they do."""
    escaped = text.replace("\\", "\\\\")
    if '"' in text and "'" not in text:
        return f"'{escaped}'"
    escaped = escaped.replace('"', '\\"')
    return f'"{escaped}"'


class InputError(Exception):
    """Input that cannot be worked with. The message is one line, made for the person who gave it.

    message : the line, which other words than Python's can be had from
    """

    message: Message

    def __init__(self, message: str) -> None:
        self.message = Message(message)
        super().__init__(self.message)

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings that the message names, in Python, what it is about before what would help."""
        return self.message.settings


class ColumnMissingError(InputError):
    """A mapped column that the files do not have.

    role, mapping, wanted : the role, what was written for it, and the column of it that is not there
    available : the columns that are
    fact : what is missing, without place and advice; hint : what would help
    is_column : whether the column is the whole mapping, and not a part of an expression or condition
    """

    def __init__(self, *, role: str, mapping: str, wanted: str, available: Iterable[str], where: str) -> None:
        names = list(available)
        folded = {name.casefold(): name for name in names}
        close = difflib.get_close_matches(wanted.casefold(), list(folded), n=1, cutoff=0.5)
        is_column = wanted == mapping and role not in ("where", "keep")
        if close:
            hint = f'did you mean "{folded[close[0]]}"?'
            hint += f" Name it with {setting(role, 'NAME')}" if is_column else ""
        else:
            hint = f"name one of them with {setting(role, 'NAME')}" if is_column else "write the expression over these"
        place = f"for {setting(role)}" if is_column else f'in {setting(role)} "{mapping}"'
        self.role, self.mapping, self.wanted, self.available = role, mapping, wanted, names
        self.fact, self.hint, self.is_column = f'no column "{wanted}" {place}', hint, is_column
        super().__init__(f"{where}: {self.fact}; there are {listed(names)}; {hint}")


class ColumnTypeError(InputError):
    """A mapped column whose type cannot serve its role. `fact` is the message without its place."""

    def __init__(self, *, role: str, mapping: str, found: str, expected: str, advice: str, where: str) -> None:
        self.fact = f'{setting(role)} "{mapping}" is {found}, expected {expected}; {advice}'
        super().__init__(f"{where}: {self.fact}")


class NotIdentifiedError(InputError):
    """Data that cannot tell a model's parameters; the message says why."""


class NothingObservedError(InputError):
    """There are usable orders, and none of them in the window."""


def listed(names: Sequence[str], most: int = MOST_LISTED, separator: str = ", ") -> str:
    """Names, or other short words, in a line: the first ones of very many."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return separator.join(names[:most]) + more


def counted(n: int, noun: str) -> str:
    """A number with its noun, in the plural where it is due."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def shown(value: object) -> str:
    """A setting's value as a message says it: text in quotes, the entries of a list without."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(entry if isinstance(entry, str) else shown(entry) for entry in value) or "nothing"
    return f'"{value}"' if isinstance(value, str) else str(value)


def reason(error: BaseException) -> str:
    """The first line of a library's complaint, without the parts of a URL that open doors."""
    return SIGNED.sub(r"\1=***", str(error).strip().partition("\n")[0].rstrip("."))
