"""A proposal as a settings file: TOML with comments, which the other commands take."""

import json
import os
import uuid
from pathlib import Path

from whalecurve.engine.errors import InputError, reason, setting
from whalecurve.engine.paths import refuse_impossible
from whalecurve.engine.proposal.results import Proposal


def settings_text(proposal: Proposal) -> str:
    """The settings that were decided, each under why; below, as comments, what is not sure."""
    kind = f"{proposal.title}, recognised by its columns" if proposal.title else "Roles were found by names and content"
    lines = [
        f"# How {_line(proposal.log)} is read, as `whalecurve init` proposes it by {proposal.n_sampled:,} of its rows.",
        f"# {kind}. Change what is wrong; an option that is given to a command wins.",
        "version = 1",
        "",
        "[columns]",
    ]
    for i, decision in enumerate(proposal.decisions):
        why = [f"# {_line(decision.why)}"] if decision.why else []
        lines += [*([""] if i else []), *why, f"{decision.setting} = {_quoted(decision.value)}"]
    for title, told in (("Not sure", proposal.doubts), ("To know", proposal.notes)):
        lines += ["", f"# {title}:", *(f"# - {_line(words)}" for words in told)] if told else []
    if proposal.dimensions:
        lines += ["", f"# Columns to compare by: {_line(', '.join(proposal.dimensions))}"]
    return "\n".join(lines) + "\n"


def write_settings(proposal: Proposal, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Write the settings file, whole or not at all.

    Parameters
    ----------
    proposal
        What `propose` found.
    path
        The file to write, as whalecurve.toml.
    overwrite
        Whether it may be replaced.

    Returns
    -------
    None

    Raises
    ------
    InputError
        There is one already, and `overwrite` is not given; a place that cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> import whalecurve as wc
    >>> wc.write_settings(wc.init("shop/orders"), "proposed.toml")
    >>> print(Path("proposed.toml").read_text().splitlines()[0])
    # How shop/orders/part-00000.parquet is read, as `whalecurve init` proposes it by 2,000 of its rows.
    """
    target = Path(path)
    refuse_impossible(target, str(target))
    if target.exists() and not (overwrite and target.is_file()):
        raise InputError(f"{target}: is there already; replace it with {setting('overwrite', True)}, or name another")
    staged = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    try:
        staged.write_text(settings_text(proposal), encoding="utf-8")
        staged.replace(target)
    except OSError as error:
        staged.unlink(missing_ok=True)
        raise InputError(f"{target}: cannot be written ({reason(error)}); choose another place") from error


def _quoted(text: str) -> str:
    """A TOML string: JSON's escapes are among its own."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _line(text: str) -> str:
    """Text for a comment: one line, without control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
