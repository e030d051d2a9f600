"""Pages of the configuration: every key of a settings file, from the options of the commands.

`python -m tests.tools.command_pages` writes them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from tests.tools.command_pages import cell, default_of, meaning_of, single_commands, value_of
from whalecurve.cli.main import COMMANDS, PANELS, app_of
from whalecurve.cli.options.panels import SECTIONS
from whalecurve.cli.options.settings_file import LISTS, PARAMETERS, SETTINGS_FILE, STORAGE

DOCS = Path(__file__).parents[2] / "docs"
PAGE, PAGE_OF_COMMANDS = DOCS / "configuration.md", DOCS / "configuration-commands.md"
NOT_IN_FILES = ("config", "help", "storage_option")
"""Options that no file has: the one that names it, and the one whose values are a section."""

WRITTEN_OTHERWISE = {parameter: key for key, parameter in PARAMETERS.items()}
HEAD = f"""# Configuration: every key of {SETTINGS_FILE}

Whatever a command takes as an option can stand in a settings file, so that a nightly job is one short line. Commands
take `{SETTINGS_FILE}` in the directory that they run in, or the file that `--config` or `WHALECURVE_CONFIG` names, and
say so. [`whalecurve init`](commands/init.md) writes one by looking at your orders.

```toml
version = 1

[columns]
customer = "CustomerID"
amount = "Quantity * UnitPrice"
nobody = ["guest", "0"]     # lines of guests count for no customer

[scoring]
horizon = "180d"

[score]                     # for this command alone, where it wins
out = "scores"
overwrite = true
```

- **Keys** are the names of options with `_` for `-`. Flags are `true` or `false`. Paths are relative to the directory
  that the command runs in.
- **Lists**, such as `{"`, `".join(sorted(LISTS)[:4])}` and options that may be given several times, are TOML lists,
  or text with commas.
- **Sections**: the shared ones below hold for all commands, and so does what stands at the top of the file.
  [Sections of commands](configuration-commands.md) have the keys that one command alone knows. A command passes over
  what it has no option for; a key that no command has is an error that names the nearest one.
- **Precedence**: the command line, then the environment, then a command's own section, then shared sections, then the
  default.
"""
STORES = f"""## [{STORAGE}]

Options of object stores by their own names, such as `aws_region` and `keep_runs`: see
[object stores](object-stores.md#who-asks).
"""
HEAD_OF_COMMANDS = f"""# Configuration: sections of commands

Keys of `{SETTINGS_FILE}` that one command knows, in its own section or at the top of the file. Keys that commands
share, and how the file is read, are in [configuration](configuration.md).
"""


def pages() -> dict[Path, str]:
    """The text of each page."""
    commands = {name: own for name, own in single_commands(get_command(app_of())) if _takes_settings(own)}
    shared = "\n".join([HEAD, *_shared(commands), STORES])
    own = [HEAD_OF_COMMANDS]
    for package, panel in PANELS.items():
        names = [name for name in commands if COMMANDS[name.split()[0]] == package]
        if rows := [row for name in names for row in _own(name, commands[name])]:
            own.append(_table(f"## {panel}", ("section", "key"), rows))
    return {PAGE: shared, PAGE_OF_COMMANDS: "\n".join(own)}


def all_keys() -> set[str]:
    """Every key that some command takes from a file."""
    commands = [own for _, own in single_commands(get_command(app_of())) if _takes_settings(own)]
    return {_key(param) for command in commands for param in _options(command)}


def _shared(commands: dict[str, Any]) -> Iterator[str]:
    for section in dict.fromkeys(SECTIONS.values()):
        found: dict[str, list[Any]] = {}
        for command in commands.values():
            for param in _options(command):
                if SECTIONS.get(param.rich_help_panel) == section:
                    found.setdefault(_key(param), []).append(param)
        if found:
            rows = [(f"`{key}`", *_told(params)) for key, params in found.items()]
            yield _table(f"## [{section}]", ("key",), rows)


def _own(name: str, command: Any) -> list[tuple[str, ...]]:
    """Rows of the options that belong to no shared section."""
    section = name.replace(" ", ".")
    options = [param for param in _options(command) if SECTIONS.get(param.rich_help_panel) is None]
    return [(f"`[{section}]`", f"`{_key(param)}`", *_told([param])) for param in options]


def _told(params: list[Any]) -> tuple[str, str, str]:
    """Value, default and meaning of an option that several commands may have."""
    values, defaults, meanings = (
        list(dict.fromkeys(tell(param) for param in params)) for tell in (value_of, default_of, meaning_of)
    )
    default = defaults[0] if len(defaults) == 1 else "by command"
    return values[0] or "true, false", default, meanings[0]


def _table(title: str, first: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    columns = (*first, "value", "default", "meaning")
    lines = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    lines += [f"| {' | '.join(cell(text) for text in row)} |" for row in rows]
    return "\n".join([title, "", *lines, ""])


def _options(command: Any) -> list[Any]:
    return [p for p in command.params if p.param_type_name == "option" and p.name not in NOT_IN_FILES]


def _key(param: Any) -> str:
    return WRITTEN_OTHERWISE.get(param.name, param.name)


def _takes_settings(command: Any) -> bool:
    return any(param.name == "config" for param in command.params)
