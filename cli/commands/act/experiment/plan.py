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
            help="Change of the mean to detect, e.g. 3%: how many customers does it take?",
            show_default="none: the smallest one is told",
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
        typer.Option(help="Only this RFM segment; repeatable.", show_default="all", rich_help_panel=QUESTION),
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
            help="Cap outcomes for the test at this quantile of the time before; 1 for no cap.",
            rich_help_panel=TEST,
        ),
    ] = 0.99,
    alpha: Annotated[
        float,
        typer.Option(help="Significance level: chance to see an effect where there is none.", rich_help_panel=TEST),
    ] = 0.05,
    power: Annotated[
        float, typer.Option(help="Power: chance to see an effect that is there.", rich_help_panel=TEST)
    ] = 0.8,
    looks: Annotated[
        int, typer.Option(help="Number of planned looks, the last one included.", rich_help_panel=TEST)
    ] = 1,
    windows: Annotated[int, typer.Option(help="Maximum number of past windows to use.", rich_help_panel=PAST)] = 6,
    replays: Annotated[
        int, typer.Option(help="Number of replayed assignments to check the test.", rich_help_panel=PAST)
    ] = 1000,
    orders: Annotated[
        list[str] | None,
        typer.Option(
            help="The scored order lines, if they have moved: files, directory, glob or URL; repeatable.",
            show_default="where they were when scored",
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
    """Plan an experiment: how many customers an effect takes, or the smallest one to detect, from past variation.

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
