"""`whalecurve experiment plan`: how large an experiment has to be, by the past."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import RUNNING_PANEL, WRITING_PANEL
from whalecurve.cli.options.running import Running
from whalecurve.cli.options.values import days, share, size

QUESTION, TEST, PAST = "What is asked", "How it is tested", "How the past is looked at"


@takes_groups(settings_file=True)
def plan_command(
    *,
    scores: Annotated[Path, typer.Argument(help="Directory that whalecurve score wrote.", metavar="DIR")],
    metric: Annotated[
        Literal["margin", "revenue", "orders", "conversion"] | None,
        typer.Option(
            help="What is compared.",
            show_default="margin, where customers are valued by it, else revenue",
            rich_help_panel=QUESTION,
        ),
    ] = None,
    length: Annotated[
        int,
        typer.Option(
            "--days", parser=days, metavar="SPAN", help="How long customers are followed.", rich_help_panel=QUESTION
        ),
    ] = 28,
    effect: Annotated[
        float | None,
        typer.Option(
            parser=share,
            metavar="SHARE",
            help="Change of the mean that shall be seen, as 3%: how many customers does it take?",
            show_default="how small may it be?",
            rich_help_panel=QUESTION,
        ),
    ] = None,
    customers: Annotated[
        int | None,
        typer.Option(
            help="Customers in all arms: what do they show?", show_default="all there are", rich_help_panel=QUESTION
        ),
    ] = None,
    segment: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this RFM segment; repeat it for several.", show_default="all", rich_help_panel=QUESTION
        ),
    ] = None,
    arms: Annotated[
        str,
        typer.Option(
            help="Arms with their shares; the smallest is compared with the control.",
            metavar="ARM:SHARE,...",
            rich_help_panel=TEST,
        ),
    ] = "treated:0.5,control:0.5",
    control: Annotated[
        str | None,
        typer.Option(help="Arm that the others are compared with.", show_default="control", rich_help_panel=TEST),
    ] = None,
    cap: Annotated[
        float,
        typer.Option(
            help="Quantile of the time before at which outcomes are cut for the test, 1 for not at all.",
            rich_help_panel=TEST,
        ),
    ] = 0.99,
    alpha: Annotated[
        float, typer.Option(help="Chance to see an effect where there is none.", rich_help_panel=TEST)
    ] = 0.05,
    power: Annotated[float, typer.Option(help="Chance to see one that there is.", rich_help_panel=TEST)] = 0.8,
    looks: Annotated[int, typer.Option(help="How often it is read, the last time included.", rich_help_panel=TEST)] = 1,
    windows: Annotated[
        int, typer.Option(help="Windows of the past that are looked at, at most.", rich_help_panel=PAST)
    ] = 6,
    replays: Annotated[
        int, typer.Option(help="How often customers are assigned in them, to try the test.", rich_help_panel=PAST)
    ] = 1000,
    orders: Annotated[
        list[str] | None,
        typer.Option(
            help="Files, directory, glob or URL of the order lines that were scored, where they have moved; repeat it "
            "for several.",
            show_default="where they were scored",
            rich_help_panel=PAST,
        ),
    ] = None,
    memory: Annotated[
        int | None,
        typer.Option(
            parser=size,
            metavar="SIZE",
            help="Memory limit, e.g. 4GB.",
            show_default="60% of available memory",
            envvar="WHALECURVE_MEMORY",
            rich_help_panel=RUNNING_PANEL,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Directory to write the plan to.", show_default="none", rich_help_panel=WRITING_PANEL),
    ] = None,
    overwrite: Overwrite = False,
    running: Running,
) -> None:
    """Say how many customers an effect takes, or what effect they show, by how much they varied in the past.

    Example: [bold]whalecurve experiment plan scores --metric margin --days 28 --effect 3%[/bold]
    """
    with running.started("experiment plan") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.act.experiment.plan import plan_text
        from whalecurve.cli.reports.phrases import json_text

        planning = {
            "metric": metric, "days": length, "effect": effect, "customers": customers, "segments": segment,
            "arms": arms, "control": control, "cap": cap, "alpha": alpha, "power": power, "looks": looks,
            "windows": windows, "replays": replays,
        }  # fmt: skip
        planned = engine.plan_experiment(
            scores, planning=planning, orders=orders, out=out, overwrite=overwrite, memory=memory, on_stage=on_stage
        )
    record = planned.to_dict()
    running.show(json_text(record) if running.as_json else plan_text(record, out))
