"""Groups of options: declared once as a dataclass, taken by every command as one value.

A group is a dataclass whose fields are options, typed and described as Typer has them. A command names the groups in
its signature, beside the options that are its own; what Typer sees is the signature with every group spelt out.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache, wraps
from inspect import Parameter, Signature, signature
from typing import Any

from whalecurve.cli.options.panels import ADVANCED_PANEL
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.settings_file import Config

Command = Callable[..., None]


def takes_groups(*, settings_file: bool = False) -> Callable[[Command], Command]:
    """Spell out the groups in a command's signature for Typer, and hand them to the command as values.

    The options stand where their group does, advanced ones last. Typer reads the signature and the annotations, so both
    are set; it calls by name, so all parameters are keywords, required ones in any place.

    Parameters
    ----------
    settings_file : whether the command takes --config, which fills in the other options and is none of its business

    Raises
    ------
    TypeError
        Two options of one name.
    """

    def spell_out(command: Command) -> Command:
        options = (
            [Parameter("config", Parameter.KEYWORD_ONLY, default=None, annotation=Config)] if settings_file else []
        )
        groups: dict[str, tuple[type, list[str]]] = {}
        for name, parameter in signature(command).parameters.items():
            kind = parameter.annotation
            if isinstance(kind, type) and is_dataclass(kind):
                members = _options_of(kind)
                groups[name] = kind, [member.name for member in members]
                options += members
            else:
                options.append(parameter.replace(kind=Parameter.KEYWORD_ONLY))
        options.sort(key=_is_advanced)
        names = [option.name for option in options]
        if len(set(names)) < len(names):
            raise TypeError(f"{command.__name__}: options of one name among {', '.join(names)}")

        @wraps(command)
        def with_groups(**given: Any) -> None:  # noqa: ANN401 - whatever the options are
            found = given.pop("config") if settings_file else None
            values: dict[str, Any] = {
                name: kind(**{n: given.pop(n) for n in members}) for name, (kind, members) in groups.items()
            }
            for running in values.values():
                if found is not None and isinstance(running, Running):
                    running.say(f"settings from {found}")
            command(**given, **values)

        with_groups.__signature__ = Signature(options)  # type: ignore[attr-defined]
        with_groups.__annotations__ = {option.name: option.annotation for option in options}
        return with_groups

    return spell_out


def _is_advanced(option: Parameter) -> bool:
    """Whether an option stands in the panel that comes last."""
    declared = getattr(option.annotation, "__metadata__", ())
    return any(getattr(one, "rich_help_panel", None) == ADVANCED_PANEL for one in declared)


@cache
def _options_of(group: type) -> tuple[Parameter, ...]:
    """The options of a group, as parameters."""
    declared: tuple[Field[Any], ...] = fields(group)
    defaults = (Parameter.empty if option.default is MISSING else option.default for option in declared)
    return tuple(
        Parameter(option.name, Parameter.KEYWORD_ONLY, default=default, annotation=option.type)
        for option, default in zip(declared, defaults, strict=True)
    )
