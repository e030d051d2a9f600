"""Sessions and carts of one customer in plain Python, from the definitions in docs/activity.md."""

from datetime import timedelta

SITE = ("view", "cart", "checkout", "purchase", "other")
STEPS = {"checkout": 2, "cart": 1}


def sessions(events, purchase_days, minutes=30):
    """Sessions as (day, channel, has_cart, has_checkout, bought) from (time, kind, channel), in order of time.

    Events of one moment go by the name of their channel, those without one last.
    """
    visits = sorted((e for e in events if e[1] in SITE), key=lambda e: (e[0], e[2] is None, e[2] or ""))
    groups = []
    for event in visits:
        if groups and event[0] - groups[-1][-1][0] < timedelta(minutes=minutes):
            groups[-1].append(event)
        else:
            groups.append([event])
    found = [
        {
            "day": group[0][0].date(),
            "channel": next((channel for _, _, channel in group if channel is not None), None),
            "cart": any(kind == "cart" for _, kind, _ in group),
            "checkout": any(kind == "checkout" for _, kind, _ in group),
            "bought": False,
        }
        for group in groups
    ]
    for day in purchase_days:
        own = [one for one in found if one["day"] == day]
        if own:
            step = max(2 if one["checkout"] else 1 if one["cart"] else 0 for one in own)
            last = [one for one in own if (2 if one["checkout"] else 1 if one["cart"] else 0) == step][-1]
            last["bought"] = True
    return [tuple(one.values()) for one in found]


def carts(puts, purchase_days, as_of, abandoned=7, recovered=30):
    """Carts as (first, last, value, state, recovered, decided) from days and values of things put in, in any order."""
    found = []
    for day, value in sorted(puts, key=lambda put: put[0]):
        following = min((bought for bought in purchase_days if bought >= day), default=None)
        if found and found[-1]["taken"] == following and (day - found[-1]["last"]).days <= abandoned:
            found[-1]["last"] = day
            found[-1]["value"] += value
        else:
            found.append({"first": day, "last": day, "value": value, "taken": following})
    rows = []
    for cart in found:
        silent = (as_of - cart["last"]).days
        waited = None if cart["taken"] is None else (cart["taken"] - cart["last"]).days
        is_bought = waited is not None and waited <= abandoned
        state = "bought" if is_bought else "abandoned" if silent >= abandoned else "open"
        is_back = state == "abandoned" and waited is not None and waited <= abandoned + recovered
        is_decided = state == "abandoned" and silent >= abandoned + recovered
        rows.append((cart["first"], cart["last"], cart["value"], state, is_back, is_decided))
    return rows
