"""Customer value: the headline numbers, and how far they can be relied on."""

from typing import Any

from whalecurve.engine.reporting import (
    N_,
    Block,
    Facts,
    Section,
    Tiles,
    count,
    customers,
    day,
    days,
    gettext,
    money,
    ngettext,
    percent,
    plainly,
)

EXPECTED = {
    None: N_("{n} purchases"),
    "week": N_("{n} weeks with a purchase"),
    "month": N_("{n} months with a purchase"),
    "quarter": N_("{n} quarters with a purchase"),
    "year": N_("{n} years with a purchase"),
}
"""What is expected of models of continuous time, and by period of those of discrete time."""


def worth_section(facts: Facts) -> Section:
    """The first section: how many customers, what they brought, what they are expected to bring."""
    counted = facts.manifest["customers"]
    total = facts.manifest["concentration"]["all"]["total"]
    again = gettext("{n} bought on more than one day", n=count(counted["repeat"]))
    tiles: list[tuple[str, str, str]] = [
        (gettext("customers"), count(counted["all"]), again),
        (facts.value_is, money(total), gettext("of all customers, returns taken off")),
    ]
    if facts.has_clv:
        expected = gettext("expected in the next {days}", days=days(facts.settings["horizon_days"]))
        tiles.append((gettext("customer lifetime value"), money(counted["clv"]), expected))
    retain = _retain(facts)
    if retain and retain["value_at_stake"] is not None:
        to_keep = gettext("{customers} to keep", customers=customers(retain["customers"]))
        tiles.append((gettext("at stake"), money(retain["value_at_stake"]), to_keep))
    blocks: list[Block] = [facts.not_reliable] if facts.not_reliable else []
    blocks += [Tiles(entries=tuple(tiles)), _who(facts), *_future(facts), *_at_stake(facts, retain)]
    return Section(name="worth", title=gettext("Customer value"), blocks=blocks)


def _who(facts: Facts) -> str:
    counted, record = facts.manifest["customers"], facts.manifest
    words: str = ngettext(
        "From {first} to {last}, {n} customer was observed, {buyers} of them with a purchase",
        "From {first} to {last}, {n} customers were observed, {buyers} of them with a purchase",
        counted["all"],
        first=day(record["first_day"]),
        last=day(record["as_of"]),
        buyers=count(counted["with_purchase"]),
    )
    if counted["with_purchase"]:
        words += gettext(
            " and {n} ({share} of buyers) with purchases on more than one day",
            n=count(counted["repeat"]),
            share=percent(counted["repeat"] / counted["with_purchase"]),
        )
    measured = facts.manifest["concentration"]["all"]
    if measured["top_20_share"] is None:
        return words + "."
    top = gettext(
        "The top 20% of customers account for {share} of {value}.",
        share=percent(measured["top_20_share"]),
        value=facts.value_is,
    )
    return f"{words}. {top}"


def _future(facts: Facts) -> list[str]:
    counted, settings = facts.manifest["customers"], facts.settings
    if not facts.has_clv:
        return [
            gettext(
                "There is no customer lifetime value: the log is not enough to fit the models of purchases and spend."
            )
        ]
    return [
        gettext(
            "In the {days} after {day}, the models expect {purchases}, with a value of {amount} discounted by "
            "{discount} a year. This is the customer lifetime value (CLV): what is still to come, without what was "
            "bought already.",
            days=days(settings["horizon_days"]),
            day=day(facts.manifest["as_of"]),
            purchases=_expected(counted["expected_purchases"], settings["period"]),
            amount=money(counted["clv"]),
            discount=plainly(settings["annual_discount"]),
        )
    ]


def _expected(n: float, period: str | None) -> str:
    """Expected purchases, or with models of discrete time the periods that have one."""
    return gettext(EXPECTED[period], n=count(n))


def _at_stake(facts: Facts, retain: dict[str, Any] | None) -> list[str]:
    if facts.risk_withheld or not retain or not retain["customers"] or retain["value_at_stake"] is None:
        return []
    return [
        ngettext(
            "{n} customer of high value is likely to leave ({cell}): {amount} of the next {days} is at stake.",
            "{n} customers of high value are likely to leave ({cell}): {amount} of the next {days} is at stake.",
            retain["customers"],
            cell=retain["segment"],
            amount=money(retain["value_at_stake"]),
            days=days(facts.settings["horizon_days"]),
        )
    ]


def _retain(facts: Facts) -> dict[str, Any] | None:
    """The cell of high value and high risk, the first one of the matrix."""
    cells = facts.of_scheme("matrix")
    return cells[0] if cells and not facts.risk_withheld else None
