"""Where the value of an option comes from: asked for, or its default."""

import typer


def is_given(context: typer.Context, option: str, *, in_a_file: bool = True) -> bool:
    """Whether an option was asked for: on the command line, in the environment or, if those count, in a settings file.

    option : the name of its parameter
    """
    source = context.get_parameter_source(option)
    return source is not None and source.name not in ("DEFAULT", *(() if in_a_file else ("DEFAULT_MAP",)))
