"""What files hold, in an order that does not depend on where they lie, and in words."""

from whalecurve.engine.order_files import sizes_in_words, sizes_of


def test_files_are_the_same_whatever_their_order_and_unknown_sizes_count_as_none():
    assert sizes_of([(3, 900), (2, None)]) == sizes_of([(2, 0), (3, 900)]) == [(2, 0), (3, 900)]
    assert sizes_of([(3, 900)]) != sizes_of([(3, 901)])


def test_words_say_how_many_files_and_what_they_hold_in_all():
    assert sizes_in_words([(3, 900)]) == "1 file of 3 rows in 900 bytes"
    assert sizes_in_words([(1_000, 2_000), (500, 3_000)]) == "2 files of 1,500 rows in 5,000 bytes"
    assert sizes_in_words([]) == "0 files of 0 rows in 0 bytes"
