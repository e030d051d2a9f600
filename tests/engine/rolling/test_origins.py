from whalecurve.engine.rolling import origins_of


def test_holdouts_follow_each_other_back_from_the_last_day():
    assert origins_of(1, 100, 10, 4) == [90, 80, 70, 60]


def test_an_origin_needs_its_past():
    assert origins_of(1, 100, 30, 4, least_past=40) == [70, 40]
    assert origins_of(1, 100, 100, 4) == []
