"""`docs/commands/`: a page for each command, of its own help. `python -m tests.tools.command_pages` writes them.

It writes the pages of the configuration, too: whoever changes an option runs one command.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from whalecurve.cli.main import COMMANDS, PANELS, app_of

FOLDER = Path(__file__).parents[2] / "docs" / "commands"
MARKUP = re.compile(r"\[/?bold\]")
ARGUMENTS, OTHER = "Arguments", "Options"
TYPES = {
    "str": "text",
    "int": "whole number",
    "int range": "whole number",
    "float": "number",
    "float range": "number",
    "path": "path",
    "Any": "text",
    "object": "text",
    "datetime": "day",
    "%Y-%m-%d": "day",
}
"""What values are called that Typer names after Python's types."""
HEAD = """# Commands

Each page lists the options that `whalecurve COMMAND --help` prints. They can stand in a settings file as well: see
[configuration](../configuration.md).

"""


def pages() -> dict[str, str]:
    """The text of each page, by its file."""
    commands = dict(single_commands(get_command(app_of())))
    index = [HEAD]
    for package, panel in PANELS.items():
        names = [name for name in commands if COMMANDS[name.split()[0]] == package]
        index += [f"## {panel}\n\n| command | what it does |\n| --- | --- |\n"]
        index += [f"| [{name}]({_file(name)}) | {cell(_words(commands[name])[0])} |\n" for name in names]
        index += ["\n"]
    own = {_file(name): _page(name, command) for name, command in commands.items()}
    return {"README.md": "".join(index).rstrip() + "\n"} | own


def single_commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its whole name, those of groups too."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from single_commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def _file(name: str) -> str:
    return f"{name.replace(' ', '-')}.md"


def _words(command: Any) -> tuple[str, str]:
    """What it does, and its example."""
    text, _, example = MARKUP.sub("`", command.help).partition("\n\nExample: ")
    return " ".join(text.split()), " ".join(example.split())


def _page(name: str, command: Any) -> str:
    what, example = _words(command)
    blocks = [f"# whalecurve {name}\n\n{what}\n"]
    if example:
        blocks.append(f"Example: {example}\n")
    panels: dict[str, list[str]] = {ARGUMENTS: []}
    for param in command.params:
        panels.setdefault(_panel(param), []).append(_row(param))
    for panel, rows in panels.items():
        if not rows:
            continue
        blocks.append(
            f"## {panel}\n\n| option | value | default | meaning |\n| --- | --- | --- | --- |\n{''.join(rows)}"
        )
    return "\n".join(blocks)


def _panel(param: Any) -> str:
    return ARGUMENTS if param.param_type_name == "argument" else (param.rich_help_panel or OTHER)


def _row(param: Any) -> str:
    is_argument = param.param_type_name == "argument"
    name = param.metavar or param.name.upper() if is_argument else ", ".join([*param.opts, *param.secondary_opts])
    cells = (f"`{name}`", value_of(param), default_of(param), meaning_of(param))
    return f"| {' | '.join(map(cell, cells))} |\n"


def value_of(param: Any) -> str:
    """What is given to an option; nothing to a flag."""
    if param.param_type_name == "option" and param.is_flag:
        return ""
    kind = param.display_type(None).strip("<>")
    several = re.fullmatch(r"list\[(.*)\]", kind)
    words = (several[1] if several else kind).split("|")
    return ", ".join(TYPES.get(word, word) for word in words) + (", several" if several else "")


def default_of(param: Any) -> str:
    """What holds where an option is not given."""
    if param.required:
        return "required"
    if isinstance(param.show_default, str):
        return param.show_default
    if param.default is None or isinstance(param.default, bool):
        return {None: "", True: "yes", False: "no"}[param.default]
    return str(getattr(param.default, "value", param.default))


def meaning_of(param: Any) -> str:
    """The help of an option, with the variable of the environment that stands for it."""
    variable = f" Environment: `{param.envvar}`." if param.envvar else ""
    return f"{MARKUP.sub('`', param.help or '')}{variable}"


def cell(text: str) -> str:
    """Text as a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    from tests.tools import settings_page  # imported late: it is made of what is here

    FOLDER.mkdir(exist_ok=True)
    for file, text in pages().items():
        (FOLDER / file).write_text(text, encoding="utf-8")
    for path, text in settings_page.pages().items():
        path.write_text(text, encoding="utf-8")
