"""Options that are given once."""

from collections import Counter
from typing import Any

import typer
from typer.core import TyperCommand


class OnceEach(TyperCommand):
    """A command that takes every option once, unless it is a list: of two values, neither is silently dropped."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - Typer moved the class it passes
        """Refuse repeated options, then parse."""
        given: list[Any] = self.make_parser(ctx).parse_args(args=list(args))[2]
        for param, times in Counter(given).items():
            if times > 1 and param.param_type_name == "option" and not param.multiple:
                raise typer.BadParameter(f"given {times} times; give it once", ctx=ctx, param=param)
        return super().parse_args(ctx, args)
