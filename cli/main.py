"""The app: its commands, imported without the engine so that help answers at once."""

import traceback
from typing import Annotated

import typer

from whalecurve.cli.commands.act.export import export_command
from whalecurve.cli.commands.act.sample import sample_command
from whalecurve.cli.commands.act.triggers import triggers_command
from whalecurve.cli.commands.operate.convert import convert_command
from whalecurve.cli.commands.operate.simulate import simulate_command
from whalecurve.cli.commands.operate.warmup import warmup_command
from whalecurve.cli.commands.start.check import check_command
from whalecurve.cli.commands.start.demo import demo_command
from whalecurve.cli.commands.start.init import init_command
from whalecurve.cli.commands.start.report import report_command
from whalecurve.cli.commands.start.score import score_command
from whalecurve.cli.commands.understand.compare import compare_command
from whalecurve.cli.commands.understand.concentration import concentration_command
from whalecurve.cli.commands.understand.explain import explain_command
from whalecurve.cli.commands.understand.measures import measures_command
from whalecurve.cli.commands.understand.profile import profile_command
from whalecurve.cli.commands.understand.validate import validate_command
from whalecurve.cli.errors import BUG
from whalecurve.cli.options.once_each import OnceEach

START, UNDERSTAND, ACT, OPERATE = "Start here", "Understand", "Act", "Operate"

app = typer.Typer(
    name="whalecurve",
    help="What each customer is worth, and what to do about it, from order logs of any size.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _version(*, value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"whalecurve {version('whalecurve')}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Score customers from order logs."""


app.command("demo", rich_help_panel=START)(demo_command)
app.command("init", rich_help_panel=START)(init_command)
app.command("check", rich_help_panel=START)(check_command)
app.command("score", rich_help_panel=START)(score_command)
app.command("report", rich_help_panel=START)(report_command)
app.command("concentration", rich_help_panel=UNDERSTAND)(concentration_command)
app.command("measures", rich_help_panel=UNDERSTAND)(measures_command)
app.command("validate", rich_help_panel=UNDERSTAND)(validate_command)
app.command("explain", rich_help_panel=UNDERSTAND)(explain_command)
app.command("profile", rich_help_panel=UNDERSTAND)(profile_command)
app.command("compare", rich_help_panel=UNDERSTAND)(compare_command)
app.command("sample", rich_help_panel=ACT)(sample_command)
app.command("export", rich_help_panel=ACT)(export_command)
app.command("triggers", rich_help_panel=ACT)(triggers_command)
app.command("convert", rich_help_panel=OPERATE)(convert_command)
app.command("simulate", rich_help_panel=OPERATE)(simulate_command)
app.command("warmup", rich_help_panel=OPERATE)(warmup_command)
for command in app.registered_commands:
    command.cls = OnceEach


def main() -> None:
    """Run `whalecurve`. A bug keeps its traceback and ends with a status of its own, which no bad input has."""
    try:
        app(prog_name="whalecurve")
    except Exception:
        traceback.print_exc()
        raise SystemExit(BUG) from None
