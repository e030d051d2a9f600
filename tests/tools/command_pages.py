"""`docs/commands/`: a page for each command, of its own help. `python -m tests.tools.command_pages` writes them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from whalecurve.cli.main import COMMANDS, PANELS, app_of

FOLDER = Path(__file__).parents[2] / "docs" / "commands"
MARKUP = re.compile(r"\[/?bold\]")
ARGUMENTS, OTHER = "Arguments", "Options"
TYPES = {"str": "text", "int": "whole number", "float": "number", "path": "path", "Any": "text"}
"""What values are called that Typer names after Python's types."""
HEAD = """# Commands

Each page lists the options that `whalecurve COMMAND --help` prints. They can stand in a settings file as well: see
[order logs](../orders.md).

"""


def pages() -> dict[str, str]:
    """The text of each page, by its file."""
    commands = dict(_commands(get_command(app_of()), ""))
    index = [HEAD]
    for package, panel in PANELS.items():
        names = [name for name in commands if COMMANDS[name.split()[0]] == package]
        index += [f"## {panel}\n\n| command | what it does |\n| --- | --- |\n"]
        index += [f"| [{name}]({_file(name)}) | {_cell(_words(commands[name])[0])} |\n" for name in names]
        index += ["\n"]
    own = {_file(name): _page(name, command) for name, command in commands.items()}
    return {"README.md": "".join(index).rstrip() + "\n"} | own


def _commands(group: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix}{name} ")
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
    is_flag = not is_argument and param.is_flag
    value = "" if is_flag else _value(param)
    cells = (f"`{name}`", value, _default(param), _told(param))
    return f"| {' | '.join(_cell(cell) for cell in cells)} |\n"


def _value(param: Any) -> str:
    kind = param.display_type(None).strip("<>")
    several = re.fullmatch(r"list\[(.*)\]", kind)
    words = (several[1] if several else kind).split("|")
    return ", ".join(TYPES.get(word, word) for word in words) + (", several" if several else "")


def _default(param: Any) -> str:
    if param.required:
        return "required"
    if isinstance(param.show_default, str):
        return param.show_default
    if param.default is None or isinstance(param.default, bool):
        return {None: "", True: "yes", False: "no"}[param.default]
    return str(getattr(param.default, "value", param.default))


def _told(param: Any) -> str:
    variable = f" Environment: `{param.envvar}`." if param.envvar else ""
    return f"{MARKUP.sub('`', param.help or '')}{variable}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, text in pages().items():
        (FOLDER / file).write_text(text, encoding="utf-8")
