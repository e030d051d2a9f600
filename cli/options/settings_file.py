"""Settings in a TOML file, under the names of the options they stand for.

One file serves all commands. Settings stand at its top or in a section that all commands share (`[columns]`), or in
one of a command's own (`[score]`), which holds for that command alone and wins there. What two commands call alike and
mean otherwise is never taken over from one to the other.

Read without what the engine computes with: the number of threads may be one of the settings, and must be known before
that is imported.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from whalecurve.cli.options.panels import SECTIONS
from whalecurve.cli.options.values import ids_text

SETTINGS_FILE = "whalecurve.toml"
"""The settings file that commands find by themselves, in the directory that they run in."""

SHARED = tuple(dict.fromkeys(SECTIONS.values()))
"""Sections that all commands share."""

STORAGE, STORAGE_OPTION = "storage", "storage_option"
"""The section of options of object stores, and the option that has them all."""

VERSION = 1
"""Of the form of settings files: what `version` may be."""

IDS = frozenset(("nobody", "fill_down", "text", "event_kinds"))
"""Options that are lists of ids or names with commas between; one with a comma in it stands in quotes."""

LISTS = IDS | {
    *(
        "allow",
        "arms",
        "beside",
        "by",
        "columns",
        "first_by",
        "next_by",
        "covariate_columns",
        "fail_on",
        "properties",
        "strata",
    ),
    "triggers",
    "weight_by",
}
"""All options that are lists with commas between. In TOML they may be lists."""

APART = {
    "acquisition": frozenset(("by",)),
    "baskets": frozenset(("by",)),
    "budget": frozenset(("amount",)),
    "habits": frozenset(("by",)),
    "newcomers": frozenset(("by",)),
    "export": frozenset(("where",)),
    "subscriptions": frozenset(("model", "period")),
    "triggers": frozenset(("state",)),
    "experiment.assign": frozenset(("holdout",)),
    "whatif": frozenset(("discount", "horizon")),
}
"""Options of commands that are called as those of others and mean something else, as a condition of customers, not of
order lines: they are taken from the command's own section alone. A command of a group has its name after the group's.
"""

PARAMETERS = {"for": "target"}
"""Options named by words that Python keeps for itself, and the parameters that they give."""


@dataclass(frozen=True)
class Options:
    """The options that settings may stand for.

    command : the command that reads the file
    sections : of each command, its options by name, with the shared section that each belongs to, None for none
    repeated : options of the command that may be given several times
    """

    command: str
    sections: Mapping[str, Mapping[str, str | None]]
    repeated: Collection[str] = ()

    @property
    def own(self) -> Mapping[str, str | None]:
        """The options of the command."""
        return self.sections[self.command]

    @property
    def of_all(self) -> dict[str, set[str]]:
        """The options of all commands, those of this command first, with the shared sections that each may stand in."""
        homes: dict[str, set[str]] = {name: set() for name in self.own}
        for of_one in self.sections.values():
            for name, section in of_one.items():
                homes.setdefault(name, set()).update({section} if section else ())
        return homes


def read_settings(path: Path, options: Options) -> dict[str, Any]:
    """Option values by name, dashes turned to underscores: those that the command has.

    Raises
    ------
    BadParameter
        A file that is missing or no TOML, or of another version; a section or a name that no command has, or one in
        the wrong section; a setting that is given twice; a value that is a table, or a list where there is one value.
    """
    table = _table(path)
    if (version := table.pop("version", VERSION)) != VERSION:
        raise typer.BadParameter(f"{path}: version is {version}; this whalecurve reads version {VERSION}")
    general: dict[str, Any] = {}
    special: dict[str, Any] = {}
    for key, value in _by_section(table, options):
        if not isinstance(value, dict):
            _put(general, key, value, path, options)
        elif key == STORAGE:
            _put(general, STORAGE_OPTION, _storage_options(path, value), path, options, section=key)
        elif key in SHARED:
            for name, one in value.items():
                _put(general, name, one, path, options, section=key)
        elif key in options.sections:
            of_one = Options(key, {key: options.sections[key]})
            target: dict[str, Any] = special if key == options.command else {}
            for name, one in value.items():
                _put(target, name, one, path, of_one, section=key)
        else:
            _refuse_section(path, key, options)
    apart = APART.get(options.command, frozenset())
    meant = {name: value for name, value in general.items() if name not in apart}
    settings = {name: value for name, value in {**meant, **special}.items() if name in options.own}
    return {name: _value(path, name, value, options) for name, value in settings.items()}


def _by_section(table: Mapping[str, Any], options: Options) -> Iterator[tuple[str, Any]]:
    """Settings and sections by name, [experiment.assign] as one of its own."""
    for key, value in table.items():
        if isinstance(value, dict) and any(name.startswith(f"{key}.") for name in options.sections):
            yield from ((f"{key}.{name}", own) for name, own in value.items())
        else:
            yield key, value


def _storage_options(path: Path, section: dict[str, Any]) -> list[str]:
    """The section for object stores, whose names are those of their options and not of ours."""
    for name, value in section.items():
        if isinstance(value, dict | list):
            raise typer.BadParameter(f'{path}: "{name}" is a {type(value).__name__}, expected a single value')
    return [f"{name}={str(one).lower() if isinstance(one, bool) else one}" for name, one in section.items()]


def _table(path: Path) -> dict[str, Any]:
    import tomllib  # imported late, as few runs read such a file

    from whalecurve.engine.errors import InputError
    from whalecurve.engine.paths import read_text

    try:
        return tomllib.loads(read_text(path, "check the path"))
    except InputError as error:
        raise typer.BadParameter(str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f'{path} is no TOML ({error}); write lines like amount = "net_revenue"') from error


def _put(
    settings: dict[str, Any], key: str, value: object, path: Path, options: Options, section: str | None = None
) -> None:
    """Add a setting, checked as to its name, its section and its being the only one."""
    name, where = PARAMETERS.get(key, key.replace("-", "_")), f" in [{section}]" if section else ""
    known = options.of_all
    if name not in known:
        close = _nearest(name, known)
        hint = f'did you mean "{close}"?' if close else f"there are {', '.join(sorted(options.own))}"
        raise typer.BadParameter(f'{path}: unknown setting "{key}"{where}; {hint}')
    if section in SHARED and section not in known[name]:
        homes = " or ".join(f"[{one}]" for one in sorted(known[name]))
        home = f"in {homes}" if homes else "at the top of the file or in a command's own section"
        raise typer.BadParameter(f'{path}: "{key}" does not belong{where}; write it {home}')
    if name in settings:
        raise typer.BadParameter(f'{path}: "{key}" is given twice; give it once')
    settings[name] = value


def _value(path: Path, name: str, value: object, options: Options) -> Any:  # noqa: ANN401 - whatever the option is
    """A setting's value as the command line would have it."""
    values = value if isinstance(value, list) and (name in options.repeated or name in LISTS) else [value]
    for one in values:
        if isinstance(one, dict | list):
            raise typer.BadParameter(f'{path}: "{name}" is a {type(one).__name__}, expected a single value')
    texts = [one if isinstance(one, bool) else str(one) for one in values]
    if name in options.repeated:
        return texts
    if not isinstance(value, list):
        return texts[0]
    return ids_text(map(str, texts)) if name in IDS else ",".join(map(str, texts))


def _refuse_section(path: Path, key: str, options: Options) -> NoReturn:
    names = [*SHARED, *options.sections]
    if key.replace("-", "_") in options.of_all:
        raise typer.BadParameter(f'{path}: "{key}" is a dict, expected a single value')
    close = _nearest(key, names)
    hint = f"did you mean [{close}]?" if close else f"there are {', '.join(f'[{name}]' for name in names)}"
    raise typer.BadParameter(f"{path}: unknown section [{key}]; {hint}")


def _nearest(name: str, names: Collection[str]) -> str | None:
    import difflib  # imported late, as few runs make such a mistake

    return next(iter(difflib.get_close_matches(name, names, n=1)), None)


def _with_settings(context: typer.Context, path: Path | None) -> Path | None:
    """Take a settings file for the defaults of the other options: the one that is named, else the one that is here.

    The value that the command gets is the file that was found without being named, which is worth a word.
    """
    if context.resilient_parsing:
        return None
    found = Path(SETTINGS_FILE) if path is None and Path(SETTINGS_FILE).is_file() else path
    if found is not None:
        settings = read_settings(found, _options_of_app(context))
        context.default_map = {**(context.default_map or {}), **settings}
    return found if path is None else None


def _options_of_app(context: typer.Context) -> Options:
    """What settings may stand for, in the commands of the program that take a settings file.

    The app may have the one that is run alone; its context then has what gives all.
    """
    root = context.find_root()
    gives: Any = root.obj
    commands: Mapping[str, Any] = getattr(root.command, "commands", {}) if gives is None else gives()
    name = _name_of(context)
    there_are = {name: context.command} | dict(_single_commands(commands))
    sections = {key: _options_of(command) for key, command in there_are.items() if _takes_settings(command)}
    repeated = {p.name for p in context.command.params if p.name and getattr(p, "multiple", False)}
    return Options(name, sections, repeated)


def _name_of(context: typer.Context) -> str:
    """The name of a command, after that of its group and a point where it is in one."""
    group = context.parent
    name = context.command.name or ""
    return name if group is None or group.parent is None else f"{group.command.name}.{name}"


def _single_commands(commands: Mapping[str, Any], group: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in commands.items():
        own = getattr(command, "commands", None)
        if own is None:
            yield group + name, command
        else:
            yield from _single_commands(own, f"{name}.")


def _takes_settings(command: Any) -> bool:  # noqa: ANN401 - Typer moved the class it passes
    return any(param.name == "config" for param in command.params)


def _options_of(command: Any) -> dict[str, str | None]:  # noqa: ANN401 - Typer moved the class it passes
    """The options of a command by name, with the shared section that each belongs to."""
    return {
        p.name: SECTIONS.get(p.rich_help_panel)
        for p in command.params
        if p.name and p.param_type_name == "option" and p.name not in ("config", "help")
    }


Config = Annotated[
    Path | None,
    typer.Option(
        help="TOML file with any of these options by name; the command line wins.",
        show_default=f"{SETTINGS_FILE}, where there is one",
        callback=_with_settings,
        is_eager=True,
        envvar="WHALECURVE_CONFIG",
    ),
]
