"""What the customers are worth: the headline numbers, and how far they can be relied on."""

from typing import Any

from whalecurve.engine.reporting import Block, Facts, Section, Tiles, count, money, percent, plainly


def worth_section(facts: Facts) -> Section:
    """The first section: how many customers, what they brought, what they are expected to bring."""
    customers, settings = facts.manifest["customers"], facts.settings
    total = facts.manifest["concentration"]["all"]["total"]
    tiles = [
        ("customers", count(customers["all"]), f"{count(customers['repeat'])} bought on more than one day"),
        (facts.value_is, money(total), "of all customers, returns taken off"),
    ]
    if facts.has_clv:
        days = settings["horizon_days"]
        tiles.append(("customer lifetime value", money(customers["clv"]), f"expected in the next {days:,} days"))
    retain = _retain(facts)
    if retain and retain["value_at_stake"] is not None:
        tiles.append(
            ("at stake", money(retain["value_at_stake"]), f"with {count(retain['customers'], 'customer')} to keep")
        )
    blocks: list[Block] = [facts.not_reliable] if facts.not_reliable else []
    blocks += [Tiles(entries=tuple(tiles)), _who(facts), *_future(facts), *_at_stake(facts, retain)]
    return Section(name="worth", title="What the customers are worth", blocks=blocks)


def _who(facts: Facts) -> str:
    customers, record = facts.manifest["customers"], facts.manifest
    words = (
        f"From {record['first_day']} to {record['as_of']}, {count(customers['all'], 'customer')} "
        f"{'was' if customers['all'] == 1 else 'were'} observed, "
        f"{count(customers['with_purchase'])} of them with a purchase"
    )
    if customers["with_purchase"]:
        share = percent(customers["repeat"] / customers["with_purchase"])
        words += f" and {count(customers['repeat'])} ({share} of buyers) with purchases on more than one day"
    measured = facts.manifest["concentration"]["all"]
    if measured["top_20_share"] is not None:
        words += f". The top 20% of customers account for {percent(measured['top_20_share'])} of {facts.value_is}"
    return words + "."


def _future(facts: Facts) -> list[str]:
    customers, settings = facts.manifest["customers"], facts.settings
    if not facts.has_clv:
        return ["There is no customer lifetime value: the log does not tell the models of spend and purchases."]
    period = settings["period"]
    counted = "purchases" if period is None else f"{period}s with a purchase"
    amount = f"{customers['expected_purchases']:,.0f} {counted}"
    return [
        f"In the {settings['horizon_days']:,} days after {facts.manifest['as_of']}, the models expect {amount}, with a "
        f"value of {money(customers['clv'])} discounted by {plainly(settings['annual_discount'])} a year. This is the "
        f"customer lifetime value (CLV): what is still to come, without what was bought already."
    ]


def _at_stake(facts: Facts, retain: dict[str, Any] | None) -> list[str]:
    if facts.risk_withheld or not retain or not retain["customers"] or retain["value_at_stake"] is None:
        return []
    n = retain["customers"]
    return [
        f"{count(n, 'customer')} of high value {'is' if n == 1 else 'are'} likely to leave ({retain['segment']}): "
        f"{money(retain['value_at_stake'])} of the next {facts.settings['horizon_days']:,} days is at stake with them."
    ]


def _retain(facts: Facts) -> dict[str, Any] | None:
    """The cell of high value and high risk, the first one of the matrix."""
    cells = facts.of_scheme("matrix")
    return cells[0] if cells and not facts.risk_withheld else None
