"""Results as a terminal shows them: folded to its width, with a little colour.

In a pipe or a file, text stays as it is, one note a line, for `grep` and for mails. COLUMNS sets a width there, too.
"""

import os
import re
import shutil
import sys
import textwrap

MOST = 80
"""Columns of prose at most: longer lines are hard to read."""

RULE = re.compile(r"-+( +-+)*")
BOLD, DIM, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
COMMAND = "next: "
NOTE = re.compile(r"(note|not sure|warning|next):")


def dressed(text: str) -> str:
    """A result for stdout as it is: with lines folded where its width is known, and with colour on a terminal."""
    width = _width()
    folded = text if width is None else fold(text, min(width, MOST))
    return coloured(folded) if _has_colour() else folded


def fold(text: str, width: int) -> str:
    """Break lines of prose at spaces, with what follows set in; tables, and commands to run, stay as they are."""
    is_table = _table_lines(lines := text.split("\n"))
    return "\n".join(line if one else _folded(line, width) for line, one in zip(lines, is_table, strict=True))


def coloured(text: str) -> str:
    """The first line and the heads of tables in bold, rules dimmed, the word before a note in bold.

    Bold and dim alone, which can be read on dark and on light ground.
    """
    lines = text.split("\n")
    rules = {i for i, line in enumerate(lines) if RULE.fullmatch(line)}
    heads = {i - 1 for i in rules} | {0}
    return "\n".join(_coloured(line, is_rule=i in rules, is_head=i in heads) for i, line in enumerate(lines))


def _coloured(line: str, *, is_rule: bool, is_head: bool) -> str:
    if is_rule:
        return f"{DIM}{line}{PLAIN}"
    if is_head and line:
        return f"{BOLD}{line}{PLAIN}"
    return NOTE.sub(lambda word: f"{BOLD}{word[0]}{PLAIN}", line, count=1) if NOTE.match(line) else line


def _table_lines(lines: list[str]) -> list[bool]:
    """Whether each line is part of a table: the one above a rule, the rule, and all to an empty line or a note."""
    is_table = [False] * len(lines)
    inside = False
    for i, line in enumerate(lines):
        inside = bool(line) and not NOTE.match(line) and (inside or RULE.fullmatch(line) is not None)
        is_table[i] = inside
        if inside and i and not is_table[i - 1]:
            is_table[i - 1] = True
    return is_table


def _folded(line: str, width: int) -> str:
    indent = line[: len(line) - len(line.lstrip())] + "  "
    wrapped = textwrap.wrap(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    )
    return "\n".join(wrapped) if len(line) > width and not line.startswith(COMMAND) else line


def _width() -> int | None:
    is_known = sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdecimal()
    return shutil.get_terminal_size().columns if is_known else None


def _has_colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
