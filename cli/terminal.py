"""Results as a terminal shows them: folded to its width, with a little colour.

In a pipe or a file, text stays as it is, one note and one row a line, for `grep` and for mails.
"""

import os
import re
import shutil
import sys
import textwrap
from itertools import groupby
from operator import itemgetter

MOST = 80
"""Columns of prose at most: longer lines are hard to read."""

RULE = re.compile(r"-+( +-+)*")
BOLD, DIM, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
COMMAND = "next: "
NOTE = re.compile(r"(note|not sure|warning|next):")
REMARK = re.compile(rf"{NOTE.pattern}|\.\.\. ")
"""What may stand right below a table: a note, or how many more rows there are."""


def dressed(text: str) -> str:
    """A result for stdout as it is: on a terminal with lines and tables that fit its width, and with colour."""
    if not sys.stdout.isatty():
        return text
    fitted = fold(text, shutil.get_terminal_size().columns)
    return coloured(fitted) if _has_colour() else fitted


def fold(text: str, width: int) -> str:
    """Break prose at spaces, with what follows set in, and tables that are too wide between columns.

    Prose has 80 columns at most. A command to be run stays in one line, so that it can be copied.
    """
    is_table = _table_lines(lines := text.split("\n"))
    folded: list[str] = []
    for one, group in groupby(zip(lines, is_table, strict=True), key=itemgetter(1)):
        block = [line for line, _ in group]
        folded += _fitted(block, width) if one else [_folded(line, min(width, MOST)) for line in block]
    return "\n".join(folded)


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
    """Whether each line is part of a table: the one above a rule, the rule, and all to an empty line or a remark."""
    is_table = [False] * len(lines)
    inside = False
    for i, line in enumerate(lines):
        inside = bool(line) and not REMARK.match(line) and (inside or RULE.fullmatch(line) is not None)
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


def _fitted(table: list[str], width: int) -> list[str]:
    """A table that fits: with narrow gaps, or else in several, of which each has the first column."""
    if max(map(len, table)) <= width:
        return table
    spans = [found.span() for found in re.finditer("-+", table[1])]
    widths = [end - start for start, end in spans]
    if sum(widths) + len(widths) - 1 <= width:
        return _of_columns(table, spans, " ")
    blocks, used = [[spans[0]]], widths[0]
    for span, wide in zip(spans[1:], widths[1:], strict=True):
        if used + 2 + wide > width and len(blocks[-1]) > 1:
            blocks.append([spans[0]])
            used = widths[0]
        blocks[-1].append(span)
        used += 2 + wide
    head, *others = (_of_columns(table, block, "  ") for block in blocks)
    return [*head, *(line for block in others for line in ("", *block))]


def _of_columns(table: list[str], spans: list[tuple[int, int]], gap: str) -> list[str]:
    return [gap.join(line[start:end].ljust(end - start) for start, end in spans).rstrip() for line in table]


def _has_colour() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
