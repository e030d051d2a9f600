"""Where a past is cut, again and again, each time a holdout earlier (Tashman 2000, Int. J. Forecasting 16, 437-450)."""


def origins_of(first_day: int, last_day: int, holdout_days: int, most: int, least_past: int = 1) -> list[int]:
    """Last days of the past before holdouts of so many days, which do not overlap; the latest first.

    Parameters
    ----------
    first_day, last_day
        The days observed, both included, since 1970.
    most
        Origins at most.
    least_past
        Days before an origin at least, itself included.
    """
    origins = [last_day - holdout_days * (i + 1) for i in range(most)]
    return [origin for origin in origins if origin - first_day + 1 >= least_past]
