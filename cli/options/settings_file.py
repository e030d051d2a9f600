"""Settings in a TOML file, under the names of the options they stand for.

Read without the engine: the number of threads may be one of the settings, and must be known before it is imported.
"""

import difflib
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import typer


def read_settings(path: Path, known: Collection[str]) -> dict[str, Any]:
    """Option values by name, dashes turned to underscores.

    Raises
    ------
    BadParameter
        A file that is missing or no TOML, an unknown name, a value that is a table or a list.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read ({error.strerror}); check the path") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f'{path} is no TOML ({error}); write lines like amount = "net_revenue"') from error
    settings = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f'did you mean "{close[0]}"?' if close else f"there are {', '.join(sorted(known))}"
            raise typer.BadParameter(f'{path}: unknown setting "{key}"; {hint}')
        if isinstance(value, dict | list):
            raise typer.BadParameter(f'{path}: "{key}" is a {type(value).__name__}, expected a single value')
        settings[name] = value if isinstance(value, bool) else str(value)
    return settings
