"""What an experiment is: what is fixed before it begins, and stays."""

from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, Literal, get_args

from whalecurve.engine.errors import InputError, listed, setting
from whalecurve.engine.experiments.shares import Arm, Slice, arms_of, plain_name, share_of, share_text, slice_of
from whalecurve.engine.segments import LABELS, SegmentScheme
from whalecurve.engine.settings import check_lists, check_share, whole

Method = Literal["hash", "balanced"]
Entry = Literal["together", "rolling"]
Metric = Literal["margin", "revenue", "orders", "conversion"]

CONTROL = "control"
MOST_DAYS, MOST_LOOKS = 3_650, 52


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Settings of an experiment. Once customers are assigned by them, they are frozen.

    name : of the experiment; customers are hashed with it, so that those of another name are assigned independently
    arms : with their shares, which add up to 1; text like "offer:0.5,control:0.5" and dicts are welcome
    control : the arm that the others are compared with; None: the one called control
    method : "hash": each customer by their own hash, whoever the others are; "balanced": exact shares in each stratum,
        in the order of hashes
    entry : "together": all enter on one day; "rolling": assigned again later, those who are new enter then
    scheme, segments : whose customers take part; None for all
    strata : schemes whose labels divide the customers into strata, within each of which arms are compared
    layer : the part of a layer of experiments that this one has; None: it shares its customers with others
    held_out : share of all customers that no experiment has, the same ones for all of one `holdout_name`
    hypothesis : what is expected, in words
    metric : what is compared: "margin", "revenue", "orders", or "conversion", whether they buy at all; None: margin
        where customers are valued by it, else revenue
    days : how long customers are followed from the day that they enter on
    effect : the least change that shall be seen, as a share of the control's mean; None: none is said
    cap : quantile of the time before at which outcomes are cut for the test, not for the money; 1: not at all
    alpha, power : chance to see an effect where there is none, and to see one of `effect`
    looks : how often it is read, the last time included, at equal distances
    """

    name: str
    arms: tuple[Arm, ...]
    control: str | None = None
    method: Method = "hash"
    entry: Entry = "together"
    scheme: SegmentScheme = "rfm"
    segments: tuple[str, ...] | None = None
    strata: tuple[SegmentScheme, ...] = ()
    layer: Slice | None = None
    held_out: Fraction = Fraction(0)
    holdout_name: str = "holdout"
    hypothesis: str | None = None
    metric: Metric | None = None
    days: int = 28
    effect: float | None = None
    cap: float = 0.99
    alpha: float = 0.05
    power: float = 0.8
    looks: int = 1

    def __post_init__(self) -> None:
        check_lists(self, "segments", "strata")
        put = object.__setattr__  # frozen, and text is welcome
        put(self, "name", plain_name(self.name, "name"))
        put(self, "holdout_name", plain_name(self.holdout_name, "holdout_name"))
        put(self, "arms", arms_of(self.arms))
        put(self, "layer", slice_of(self.layer))
        put(self, "held_out", share_of(self.held_out, "held_out"))
        put(self, "control", control_of(self.arms, self.control))
        self._check_names()
        self._check_numbers()

    def _check_names(self) -> None:
        for name, kind in (("method", Method), ("entry", Entry), ("metric", Metric)):
            value, there_are = getattr(self, name), get_args(kind)
            if value not in there_are and not (name == "metric" and value is None):
                raise InputError(f'{setting(name)} "{value}" is unknown; choose one of {listed(there_are)}')
        for scheme in (self.scheme, *self.strata):
            if scheme not in LABELS:
                name = "scheme" if scheme == self.scheme else "strata"
                raise InputError(f'{setting(name)} "{scheme}" is unknown; choose one of {listed(list(LABELS))}')
        if len(set(self.strata)) < len(self.strata):
            raise InputError(f"{setting('strata')}: name each scheme once")
        salts = [
            self.name,
            *([self.layer.layer] if self.layer else []),
            *([self.holdout_name] if self.held_out else []),
        ]
        if len(set(salts)) < len(salts):
            raise InputError(
                f"{setting('name', self.name)}: experiment, layer and holdout need names of their own, as equal ones "
                f"hash customers alike"
            )
        if self.held_out == 1:
            raise InputError(f"{setting('held_out', share_text(self.held_out))} leaves nobody; choose a share below 1")

    def _check_numbers(self) -> None:
        for name in ("alpha", "power", "cap", *(["effect"] if self.effect is not None else [])):
            value = getattr(self, name)
            check_share(name, value, "0.05", with_one=name == "cap")
        for name, most in (("days", MOST_DAYS), ("looks", MOST_LOOKS)):
            object.__setattr__(self, name, whole(name, getattr(self, name), 1, most, "4"))

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON; shares as text, so that they are read back as they were."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        return plain | {
            "arms": [{"name": arm.name, "share": share_text(arm.share)} for arm in self.arms],
            "segments": None if self.segments is None else list(self.segments),
            "strata": list(self.strata),
            "layer": None if self.layer is None else str(self.layer),
            "held_out": share_text(self.held_out),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Design":
        """What `to_dict` made.

        Raises
        ------
        InputError
            A value that will not do.
        KeyError, TypeError
            Data of another shape.
        """
        arms = tuple(Arm(arm["name"], share_of(arm["share"], "arms")) for arm in data["arms"])
        segments = None if data["segments"] is None else tuple(data["segments"])
        return cls(**data | {"arms": arms, "segments": segments, "strata": tuple(data["strata"])})


def control_of(arms: tuple[Arm, ...], asked: str | None) -> str:
    """The arm that the others are compared with: the one that is named, or the one called control.

    Raises
    ------
    InputError
        There is none.
    """
    names = [arm.name for arm in arms]
    found = next((name for name in names if name.casefold() == (asked or CONTROL).casefold()), None)
    if found is not None:
        return found
    if asked is None:
        raise InputError(
            f"{setting('arms')}: none is called {CONTROL}; say which the others are compared with: "
            f"{setting('control', names[-1])}"
        )
    raise InputError(f'{setting("control")} "{asked}" is not an arm; choose one of {listed(names)}')
