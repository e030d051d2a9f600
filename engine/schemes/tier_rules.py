"""Tiers and stages of a scheme: CLV tiers, stages of the life cycle, loyalty tiers; names, shares and actions.

All three tables of the TOML file may be left out, and so may any key of the first two: what is left out is as below.
`[clv_tiers]` has `high`, `middle` and `low` with `name` and `action`, the first two with a `share` of the customers.
`[lifecycle]` has `active_until`, `falling_beyond` and `dormant_until`, shares of a customer's gaps, and `new`,
`active`, `dormant` and `churned` with `name` and `action`. `[[loyalty.tier]]` lists the tiers, best first, with `name`,
`action`, and a `share` of the customers with value in the last 365 days, or else the least `amount` of that value; the
last tier takes the rest, and has neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

from whalecurve.engine.errors import InputError
from whalecurve.engine.schemes.toml_tables import Table, check_keys, check_names, decimal, number_of, subtable, text_of

CLV_TIERS = ("high", "middle", "low")
STAGES = ("new", "active", "dormant", "churned")
POINTS = ("active_until", "falling_beyond", "dormant_until")
MOST_TIERS = 10
HUNDREDTHS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Name of a cell of the matrix, a tier or a stage, and what to do about its customers."""

    name: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClvTiers:
    """Three tiers by clv.

    high_share, middle_share : of the customers with a clv; the low tier has the rest
    """

    high: Label = Label(
        name="high",
        action="Give them the best service and a contact of their own; check every month that nobody grows silent.",
    )
    middle: Label = Label(
        name="middle",
        action="Grow them with recommendations and bundles; win back those whose spend is falling before they are low.",
    )
    low: Label = Label(name="low", action="Serve them by automation, and test at low cost what makes them buy more.")
    high_share: float = 0.2
    middle_share: float = 0.3

    @property
    def labels(self) -> tuple[Label, ...]:
        """Best first."""
        return (self.high, self.middle, self.low)

    @property
    def tops(self) -> tuple[Fraction, ...]:
        """Share of the customers in each tier or a better one, the last tier left out."""
        return tuple(accumulate(map(decimal, (self.high_share, self.middle_share))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """Four stages by the days since the last purchase, held against the customer's rhythm.

    active_until, dormant_until : a customer is active up to the point by which this share of their gaps is over,
        dormant up to the second one, and churned beyond
    falling_beyond : spend is falling beyond the point by which this share of the gaps is over
    """

    new: Label = Label(name="new", action="Welcome them, and give a reason for the second purchase while it is due.")
    active: Label = Label(name="active", action="Keep the rhythm: tell them what is new when the next purchase is due.")
    dormant: Label = Label(
        name="dormant", action="They are later than usual: remind them of what they bought, with a reason to come now."
    )
    churned: Label = Label(
        name="churned", action="Make one win-back offer; after that, leave them out of what costs money."
    )
    active_until: float = 0.8
    falling_beyond: float = 0.9
    dormant_until: float = 0.95

    @property
    def labels(self) -> tuple[Label, ...]:
        """From the first stage to the last."""
        return (self.new, self.active, self.dormant, self.churned)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoyaltyTier:
    """A tier by the value of the last 365 days: a share of the customers, or the least amount; None in the last."""

    name: str
    action: str
    share: float | None = None
    amount: float | None = None


def numbers_in(part: ClvTiers | Lifecycle | LoyaltyTier) -> dict[str, float]:
    """Shares and amounts by the names of their fields."""
    numbers = {field.name: getattr(part, field.name) for field in fields(part)}
    return {name: number for name, number in numbers.items() if isinstance(number, float)}


BY_SHARES = (
    LoyaltyTier(
        name="platinum", share=0.05, action="Invite them in person: first access, gifts, and a say in what comes next."
    ),
    LoyaltyTier(name="gold", share=0.15, action="Reward them with early access and free delivery; show the way up."),
    LoyaltyTier(name="silver", share=0.3, action="Tell them how little is missing to gold, and what gold brings."),
    LoyaltyTier(name="bronze", action="Let them collect from the first purchase on, with a first reward within reach."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loyalty:
    """Tiers by the value of the last 365 days, best first."""

    labels: tuple[LoyaltyTier, ...] = BY_SHARES

    @property
    def tops(self) -> tuple[Fraction, ...]:
        """Share of the customers in each tier or a better one, the last left out; empty where tiers are amounts."""
        return tuple(accumulate(decimal(tier.share) for tier in self.labels if tier.share is not None))

    @property
    def amounts(self) -> tuple[float, ...]:
        """Least value of each tier but the last, in currency; empty where tiers are shares."""
        return tuple(tier.amount for tier in self.labels if tier.amount is not None)


def read_clv_tiers(scheme: Table, source: str) -> ClvTiers:
    """The table `clv_tiers` of a scheme."""
    table, where, usual = _optional(scheme, "clv_tiers", source), f"{source}: clv_tiers", ClvTiers()
    check_keys(table, where, optional=CLV_TIERS)
    given: dict[str, Any] = {}
    for key, default in zip(CLV_TIERS, usual.labels, strict=True):
        shares = ("share",) if key != "low" else ()
        tier = subtable(table, key, f"{where}.", "give it a name and an action")
        check_keys(tier, f"{where}.{key}", optional=("name", "action", *shares))
        given[key] = _label(tier, default, f"{where}.{key}")
        if "share" in tier:
            given[f"{key}_share"] = _share(tier, f"{where}.{key}")
    return ClvTiers(**given)


def read_lifecycle(scheme: Table, source: str) -> Lifecycle:
    """The table `lifecycle` of a scheme."""
    table, where, usual = _optional(scheme, "lifecycle", source), f"{source}: lifecycle", Lifecycle()
    check_keys(table, where, optional=(*POINTS, *STAGES))
    given: dict[str, Any] = {}
    for key, default in zip(STAGES, usual.labels, strict=True):
        stage = subtable(table, key, f"{where}.", "give it a name and an action")
        check_keys(stage, f"{where}.{key}", optional=("name", "action"))
        given[key] = _label(stage, default, f"{where}.{key}")
    given |= {key: number_of(table, key, where, _SHARE_OF_GAPS) for key in POINTS if key in table}
    return Lifecycle(**given)


def read_loyalty(scheme: Table, source: str) -> Loyalty:
    """The table `loyalty` of a scheme."""
    table, where = _optional(scheme, "loyalty", source), f"{source}: loyalty"
    if not table:
        return Loyalty()
    check_keys(table, where, required=("tier",))
    tiers = table["tier"]
    if not isinstance(tiers, list) or not all(isinstance(tier, dict) for tier in tiers):
        raise InputError(f"{where}: tier is not a list of tables; begin each tier with [[loyalty.tier]]")
    return Loyalty(labels=tuple(_loyalty_tier(tier, f"{where}: tier {i}") for i, tier in enumerate(tiers, start=1)))


def _loyalty_tier(tier: Table, where: str) -> LoyaltyTier:
    where = f'{where} "{tier["name"]}"' if "name" in tier else where
    check_keys(tier, where, required=("name", "action"), optional=("share", "amount"))
    return LoyaltyTier(
        name=text_of(tier, "name", where),
        action=text_of(tier, "action", where),
        share=_share(tier, where) if "share" in tier else None,
        amount=number_of(tier, "amount", where, "an amount in currency such as 500") if "amount" in tier else None,
    )


def _optional(scheme: Table, key: str, source: str) -> Table:
    return subtable(scheme, key, f"{source}: ", f"write [{key}]")


def _label(table: Mapping[str, Any], usual: Label, where: str) -> Label:
    named = {"name": usual.name, "action": usual.action} | dict(table)
    return Label(name=text_of(named, "name", where), action=text_of(named, "action", where))


def _share(table: Table, where: str) -> float:
    return number_of(table, "share", where, "a share of the customers such as 0.2")


_SHARE_OF_GAPS = "a share of the gaps between purchases, 0.01 to 0.99 with two decimals at most"


def check_tiers(clv_tiers: ClvTiers, lifecycle: Lifecycle, loyalty: Loyalty, source: str) -> None:
    """Refuse names given twice, shares that leave nobody for the last tier, numbers out of range.

    Raises
    ------
    InputError
        One line that names the file, the table, what was found and what was expected.
    """
    check_names((label.name for label in clv_tiers.labels), f"{source}: clv_tiers", "tiers")
    check_names((label.name for label in lifecycle.labels), f"{source}: lifecycle", "stages")
    check_names((label.name for label in loyalty.labels), f"{source}: loyalty", "tiers")
    _check_shares((clv_tiers.high_share, clv_tiers.middle_share), f"{source}: clv_tiers")
    _check_lifecycle(lifecycle, f"{source}: lifecycle")
    _check_loyalty(loyalty, f"{source}: loyalty")


def _check_loyalty(loyalty: Loyalty, where: str) -> None:
    *better, last = loyalty.labels or (None,)
    if last is None or not 1 <= len(better) < MOST_TIERS:
        raise InputError(f"{where}: the number of tiers is {len(loyalty.labels)}, expected 2 to {MOST_TIERS}")
    if last.share is not None or last.amount is not None:
        raise InputError(f'{where}: tier "{last.name}" is the last and takes the rest; leave its share or amount out')
    n_shares, n_amounts = (sum(getattr(tier, key) is not None for tier in better) for key in ("share", "amount"))
    if (n_shares, n_amounts) not in ((len(better), 0), (0, len(better))):
        raise InputError(
            f"{where}: of {len(loyalty.labels)} tiers, {n_shares} with a share and {n_amounts} with an amount; "
            f"give every tier but the last a share, or every one an amount"
        )
    if n_shares:
        _check_shares(tuple(tier.share for tier in better if tier.share is not None), where)
    for above, below in pairwise((*loyalty.amounts, 0.0) if n_amounts else ()):
        if not above > below:
            raise InputError(
                f"{where}: amount {above:g} comes before {below:g}; amounts are above 0, and fall from tier to tier"
            )


def _check_shares(shares: tuple[float, ...], where: str) -> None:
    if not all(share > 0.0 for share in shares) or sum(map(decimal, shares)) >= 1:
        given = ", ".join(f"{share:g}" for share in shares)
        raise InputError(f"{where}: shares are {given}, expected numbers above 0 that add up to less than 1")


def _check_lifecycle(lifecycle: Lifecycle, where: str) -> None:
    for key in POINTS:
        share = getattr(lifecycle, key)
        if not 0.01 <= share <= 0.99 or HUNDREDTHS % decimal(share).denominator:
            raise InputError(f"{where}: {key} is {share:g}, expected {_SHARE_OF_GAPS}")
    if lifecycle.active_until > lifecycle.dormant_until:
        raise InputError(
            f"{where}: active_until is {lifecycle.active_until:g} and dormant_until {lifecycle.dormant_until:g}; "
            f"the second must not be less"
        )
