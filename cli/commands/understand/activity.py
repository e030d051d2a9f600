"""`whalecurve activity`: what customers do beside buying, from a file of events."""

from pathlib import Path
from typing import Annotated

import typer
from typer.models import OptionInfo

from whalecurve.cli.options.groups import takes_groups
from whalecurve.cli.options.orders import OrderLog
from whalecurve.cli.options.output import Overwrite
from whalecurve.cli.options.panels import SCORING_PANEL, WRITING_PANEL
from whalecurve.cli.options.running import Limits, Running
from whalecurve.cli.options.scoring import ScoringOptions
from whalecurve.cli.options.values import days, ids_in

EVENTS = "What events are: columns or SQL expressions"
MEASURES = "What is measured"


def _column(words: str, *, usual: str) -> OptionInfo:
    option: OptionInfo = typer.Option(help=words, metavar="SQL", show_default=usual, rich_help_panel=EVENTS)
    return option


def _span(words: str, *, usual: str) -> OptionInfo:
    option: OptionInfo = typer.Option(
        parser=days, metavar="SPAN", help=words, show_default=usual, rich_help_panel=MEASURES
    )
    return option


@takes_groups(settings_file=True)
def activity_command(
    *,
    events: Annotated[
        str,
        typer.Option(help="Files, directory, glob or URL of events: customer, time, type.", metavar="FILE"),
    ],
    scores: Annotated[
        Path | None,
        typer.Option(
            help="Result of whalecurve score for the same orders and options; nothing is scored again then.",
            show_default="the orders are scored first",
        ),
    ] = None,
    orders: OrderLog,
    events_preset: Annotated[
        str | None,
        typer.Option(
            help='Tool whose export the events are: ga4, klaviyo; "" for none.',
            show_default="recognised by its columns",
            rich_help_panel=EVENTS,
        ),
    ] = None,
    event_customer: Annotated[str | None, _column("Customer id.", usual="customer_id, user_id ...")] = None,
    event_time: Annotated[str | None, _column("Date or datetime.", usual="time, timestamp ...")] = None,
    event_type: Annotated[str | None, _column("What happened.", usual="type, event ...")] = None,
    event_channel: Annotated[
        str | None, _column('Where from; "" leaves it out.', usual="channel, medium ..., if there")
    ] = None,
    event_value: Annotated[
        str | None, _column('What is put into a cart is worth; "" leaves it out.', usual="value ..., if there")
    ] = None,
    event_visitor: Annotated[
        str | None, _column("Visitor id of rows without a customer.", usual="visitor_id ..., if there")
    ] = None,
    event_kinds: Annotated[
        str | None,
        typer.Option(
            help="What own types of events are: quiz_done=view,Chat=support. Kinds: view, cart, checkout, purchase, "
            "email_sent, email_opened, email_clicked, support, other.",
            metavar="TYPE=KIND,...",
            show_default="by their usual names",
            rich_help_panel=EVENTS,
        ),
    ] = None,
    recent_days: Annotated[int, _span("What is recent.", usual="90d")] = 90,
    session_minutes: Annotated[
        int, typer.Option(help="Minutes of silence that end a session.", rich_help_panel=MEASURES)
    ] = 30,
    abandoned_days: Annotated[int, _span("Without a purchase for so long, a cart is abandoned.", usual="7d")] = 7,
    recovered_days: Annotated[int, _span("With one in the time after, it is recovered.", usual="30d")] = 30,
    window_sessions: Annotated[
        int, typer.Option(help="Recent sessions that make a window shopper.", rich_help_panel=MEASURES)
    ] = 3,
    unreachable_days: Annotated[
        int, _span("Without any activity for so long, a customer is unreachable.", usual="180d")
    ] = 180,
    level: Annotated[float, typer.Option(help="Confidence level of intervals.", rich_help_panel=MEASURES)] = 0.95,
    model: Annotated[
        str, typer.Option(help="Purchase model: bgnbd, mbgnbd, pnbd, auto.", rich_help_panel=SCORING_PANEL)
    ] = "bgnbd",
    scoring: ScoringOptions,
    out: Annotated[Path | None, typer.Option(help="Directory to write to.", rich_help_panel=WRITING_PANEL)] = None,
    overwrite: Overwrite = False,
    limits: Limits,
    running: Running,
) -> None:
    """Follow customers by their events: sessions, carts, e-mails, channels; and test whether activity tells who buys.

    Example: [bold]whalecurve activity orders.parquet --events events.parquet --scores scores --out activity[/bold]
    """
    with running.started("activity") as on_stage:
        from whalecurve import engine
        from whalecurve.cli.reports.phrases import json_text
        from whalecurve.cli.reports.understand.activity import activity_text

        settings = engine.ActivitySettings(
            events_preset=events_preset, event_customer=event_customer, event_time=event_time, event_type=event_type,
            event_channel=event_channel, event_value=event_value, event_visitor=event_visitor,
            event_kinds=_kinds(event_kinds), recent_days=recent_days, session_minutes=session_minutes,
            abandoned_days=abandoned_days, recovered_days=recovered_days, window_sessions=window_sessions,
            unreachable_days=unreachable_days, level=level,
        )  # fmt: skip
        found = engine.measure_activity(
            orders.source, events, columns=orders.columns, window=orders.window(),
            scoring=engine.Scoring(model=model, **scoring.settings), settings=settings, scores=scores, out=out,
            overwrite=overwrite, max_refused=limits.max_refused, memory=limits.memory, jobs=running.jobs,
            on_stage=on_stage,
        )  # fmt: skip
    record = found.to_dict()
    running.show(json_text(record) if running.as_json else activity_text(record, out))


def _kinds(text: str | None) -> dict[str, str]:
    """Kinds by type; a type may hold equals signs, a kind may not."""
    from whalecurve.engine import InputError

    kinds = {}
    for one in ids_in(text):
        name, sign, kind = one.rpartition("=")
        if not sign:
            raise InputError(f'--event-kinds "{one}" says no kind; write TYPE=KIND, as quiz_done=view')
        kinds[name.strip()] = kind.strip()
    return kinds
