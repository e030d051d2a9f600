"""What a reader of activity should know, in whole sentences."""

from whalecurve.engine.activity.events import Events
from whalecurve.engine.activity.settings import ActivitySettings
from whalecurve.engine.errors import Message, setting
from whalecurve.engine.orders import day_at
from whalecurve.engine.publication import Result

KIND = setting("event_kinds", "NAME=cart")


def notes_on(
    result: Result,
    events: Events,
    settings: ActivitySettings,
    *,
    as_of: int,
    first_day: int | None,
    last_day: int | None,
    has_times: bool,
) -> tuple[Message, ...]:
    """What limits the numbers.

    Parameters
    ----------
    as_of
        The last day observed, since 1970.
    first_day, last_day
        Of the events of customers of the result; None where there are none.
    has_times
        Whether any event has a time of day.
    """
    said = [*result.not_reliable, *_on_source(events)]
    if first_day is None or last_day is None:
        return tuple(map(Message, [*said, "no event is of a customer of the orders: are ids of one kind?"]))
    if not has_times:
        said.append("events have no times of day, so a day with any is a session")
    begin = f"events begin on {day_at(first_day)}"
    if first_day > as_of - settings.recent_days + 1:
        said.append(f"{begin}, so what is recent is of fewer than {settings.recent_days} days")
    if first_day > as_of - settings.unreachable_days + 1:
        said.append(f"{begin}, fewer than {settings.unreachable_days} days back, so nobody is called unreachable")
    if last_day < as_of:
        said.append(f"events end on {day_at(last_day)}, {as_of - last_day} days before the orders do")
    return tuple(map(Message, said))


def _on_source(events: Events) -> list[str]:
    """How the file is read, and what in it is not understood."""
    said, preset = [], events.source.preset
    if preset is not None:
        said += [f"events are read as {preset.title}", *preset.notes]
    if events.of_no_kind:
        named, n = ", ".join(list(events.of_no_kind)[:5]), sum(events.of_no_kind.values())
        said.append(f"{n:,} events are of unknown types, and count as visits: {named}; say what they are with {KIND}")
    if "cart" not in events.by_kind:
        said.append(f"there are no events of carts; if they have another name, say so with {KIND}")
    return said
