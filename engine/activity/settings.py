"""What is read of a file of events, and where the limits of its measures lie."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from whalecurve.engine.activity.kinds import KINDS
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.settings import MOST_DAYS, check_share, whole

MINUTES_A_DAY = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivitySettings:
    """How events are read and what is told of them.

    events_preset : the tool whose export the file is, as "ga4"; None: what its columns tell; "": none
    event_customer, event_time, event_type, event_channel, event_value, event_visitor : the column that plays a role, or
        an SQL expression over columns; None: as the preset has it, or by the usual names; "" leaves an optional one out
    event_kinds : what own types of events are, as {"quiz_done": "view"}; the kinds are `KINDS`
    recent_days : recent is what happened in so many days up to the last one observed
    session_minutes : silence of so many minutes ends a session
    abandoned_days : a cart is abandoned if no purchase follows within so many days of the last thing put into it
    recovered_days : and recovered if one follows in so many days after these
    window_sessions : recent sessions from which on a customer who has not bought recently is a window shopper
    unreachable_days : days without any activity after which a customer counts as unreachable
    level : confidence level of intervals
    """

    events_preset: str | None = None
    event_customer: str | None = None
    event_time: str | None = None
    event_type: str | None = None
    event_channel: str | None = None
    event_value: str | None = None
    event_visitor: str | None = None
    event_kinds: Mapping[str, str] = field(default_factory=dict)
    recent_days: int = 90
    session_minutes: int = 30
    abandoned_days: int = 7
    recovered_days: int = 30
    window_sessions: int = 3
    unreachable_days: int = 180
    level: float = 0.95

    def __post_init__(self) -> None:
        for name, kind in self.event_kinds.items():
            if kind not in KINDS:
                raise InputError(
                    f'{setting("event_kinds")} says that "{name}" is "{kind}"; there are {", ".join(KINDS)}'
                )
        for name in ("recent_days", "recovered_days", "unreachable_days"):
            whole(name, getattr(self, name), 1, MOST_DAYS, "90")
        whole("abandoned_days", self.abandoned_days, 0, MOST_DAYS, "7")
        whole("session_minutes", self.session_minutes, 1, MINUTES_A_DAY, "30")
        whole("window_sessions", self.window_sessions, 1, 10_000, "3")
        check_share("level", self.level, "0.95")
