"""Options that are given once."""

from collections import Counter
from typing import Any

import typer
from typer.core import TyperCommand

from whalecurve.cli.errors import usage_reported

ARGUMENTS = "whalecurve.arguments"
"""Where a context keeps the words that its command was given."""


class OnceEach(TyperCommand):
    """A command that takes every option once, unless it is a list: of two values, neither is silently dropped.

    Wrong usage is reported as JSON where the command is asked for JSON.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - Typer moved the class it passes
        """Refuse repeated options, then parse."""
        ctx.meta[ARGUMENTS] = given_words = list(args)  # parsing empties the list
        with usage_reported(given_words):
            given: list[Any] = self.make_parser(ctx).parse_args(args=list(args))[2]
            for param, times in Counter(given).items():
                if times > 1 and param.param_type_name == "option" and not param.multiple:
                    raise typer.BadParameter(f"given {times} times; give it once", ctx=ctx, param=param)
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer moved the class it passes
        """Do the work."""
        with usage_reported(ctx.meta.get(ARGUMENTS, ())):
            return super().invoke(ctx)
