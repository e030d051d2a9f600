"""Settings in a TOML file, under the names of the options they stand for.

Read without what the engine computes with: the number of threads may be one of the settings, and must be known before
that is imported.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any

import typer

SETTINGS_FILE = "whalecurve.toml"
"""The settings file that commands find by themselves, in the directory that they run in."""


def read_settings(
    path: Path, known: Collection[str], elsewhere: Collection[str] = (), repeated: Collection[str] = ()
) -> dict[str, Any]:
    """Option values by name, dashes turned to underscores.

    Parameters
    ----------
    path
        The TOML file.
    known
        Options of the command.
    elsewhere
        Options of other commands, which one file may serve too: they are passed over.
    repeated
        Those of `known` that may be given several times: their value is a list, or the only one of it.

    Raises
    ------
    BadParameter
        A file that is missing or no TOML, an unknown name, a value that is a table, a list where there is one value.
    """
    import difflib  # imported late, as few runs read such a file
    import tomllib

    from whalecurve.engine.errors import InputError
    from whalecurve.engine.paths import read_text

    try:
        table = tomllib.loads(read_text(path, "check the path"))
    except InputError as error:
        raise typer.BadParameter(str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f'{path} is no TOML ({error}); write lines like amount = "net_revenue"') from error
    settings = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in known and name in elsewhere:
            continue
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f'did you mean "{close[0]}"?' if close else f"there are {', '.join(sorted(known))}"
            raise typer.BadParameter(f'{path}: unknown setting "{key}"; {hint}')
        values = value if name in repeated and isinstance(value, list) else [value]
        for one in values:
            if isinstance(one, dict | list):
                raise typer.BadParameter(f'{path}: "{key}" is a {type(one).__name__}, expected a single value')
        texts = [one if isinstance(one, bool) else str(one) for one in values]
        settings[name] = texts if name in repeated else texts[0]
    return settings


def _with_settings(context: typer.Context, path: Path | None) -> Path | None:
    """Take a settings file for the defaults of the other options: the one that is named, else the one that is here."""
    if context.resilient_parsing:
        return path
    found = Path(SETTINGS_FILE) if path is None and Path(SETTINGS_FILE).is_file() else path
    if found is not None:
        own, others = _options_of(context.command), _options_of_all(context)
        repeated = {p.name for p in context.command.params if p.name and getattr(p, "multiple", False)}
        context.default_map = {**(context.default_map or {}), **read_settings(found, own, others, repeated)}
    if path is None and found is not None:
        typer.echo(f"settings from {found}", err=True)
    return path


def _options_of(command: Any) -> set[str]:  # noqa: ANN401 - Typer moved the class it passes
    options = {p.name for p in command.params if p.name and p.param_type_name == "option"}
    return options - {"config", "help"}


def _options_of_all(context: typer.Context) -> set[str]:
    """Options of all commands of the app."""
    app = context.parent.command if context.parent is not None else context.command
    commands: dict[str, Any] = getattr(app, "commands", {})
    return {name for command in commands.values() for name in _options_of(command)}


Config = Annotated[
    Path | None,
    typer.Option(
        help="TOML file with any of these options by name; what is given here wins.",
        show_default=f"{SETTINGS_FILE}, where there is one",
        callback=_with_settings,
        is_eager=True,
    ),
]
