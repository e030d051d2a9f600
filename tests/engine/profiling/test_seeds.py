"""Seeds as ad platforms expect them: normalised, hashed, best first, each once."""

import hashlib

import polars as pl
import pytest

from whalecurve.engine import InputError, Seeding
from whalecurve.engine.profiling.seeds import seed_list
from whalecurve.engine.profiling.traits import read_traits

MEMBERS = pl.DataFrame(
    {
        "customer_id": [5, 1, 2, 3, 4, 9],
        "in_segment": [True, True, True, True, True, False],
        "value": [1.0, 2.0, 3.0, 4.0, 5.0, 99.0],
        "clv": [7.0, 7.0, 8.0, None, -1.0, 99.0],
    }
)
CONTACTS = pl.DataFrame(
    {
        "customer_id": [1, 2, 3, 4, 5, 9],
        "email": [" Test@Example.com ", "test@example.com", None, "nobody", "B@example.com", "x@example.com"],
        "phone": ["+49 (0)30 123-4567", "0049 30 1234567", "030 1234567", "", "+44 20 7946 0018", "+1"],
    }
)
TEST_AT_EXAMPLE = "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"  # as `sha256sum` prints it


@pytest.fixture
def traits(tmp_path):
    CONTACTS.write_parquet(tmp_path / "customers.parquet")
    return read_traits(tmp_path / "customers.parquet", "customer_id", pl.Int64())


def test_ids_come_by_clv_ties_by_id_and_those_without_one_last():
    found = seed_list(MEMBERS, None, Seeding(has_values=True))
    assert found.table.rows() == [
        (2, 1, 8.0, 3.0),
        (1, 2, 7.0, 2.0),
        (5, 3, 7.0, 1.0),
        (4, 4, -1.0, 5.0),
        (3, 5, None, 4.0),
    ]
    assert found.table.columns == ["customer_id", "rank", "clv", "value"]
    assert found.to_dict() == {
        "column": "customer_id", "seeds": 5, "members": 5, "without": 0, "unusable": 0, "twice": 0,
    }  # fmt: skip


def test_the_order_of_rows_does_not_matter():
    shuffled = MEMBERS.sample(fraction=1.0, shuffle=True, seed=3)
    first, second = (seed_list(rows, None, Seeding(size=3)).table for rows in (MEMBERS, shuffled))
    assert first["customer_id"].to_list() == second["customer_id"].to_list() == [2, 1, 5]


def test_addresses_are_normalised_hashed_and_kept_once(traits):
    found = seed_list(MEMBERS, traits, Seeding(column="email", is_hashed=True, has_values=True))
    assert found.table.columns == ["email_sha256", "rank", "clv", "value"]
    assert found.table["email_sha256"][0] == TEST_AT_EXAMPLE
    assert found.table["clv"].to_list() == [8.0, 7.0]  # customer 1 has the address of 2, who is better
    assert (found.n_without, found.n_unusable, found.n_twice) == (1, 1, 1)


def test_addresses_that_are_not_hashed_are_normalised_all_the_same(traits):
    found = seed_list(MEMBERS, traits, Seeding(column="email"))
    assert found.table.to_dict(as_series=False) == {"email": ["test@example.com", "b@example.com"]}


def test_a_size_counts_usable_seeds(traits):
    assert seed_list(MEMBERS, traits, Seeding(column="email", size=2)).table.height == 2


def test_ids_are_hashed_as_text():
    found = seed_list(MEMBERS, None, Seeding(is_hashed=True, size=1))
    assert found.table["customer_id_sha256"].to_list() == [
        "d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35"  # of "2"
    ]


def test_numbers_are_international(traits):
    found = seed_list(MEMBERS, traits, Seeding(column="phone"))
    assert found.table["phone"].to_list() == ["+49301234567", "+442079460018"]
    assert (found.n_without, found.n_unusable, found.n_twice) == (1, 1, 1)


@pytest.mark.parametrize(
    ("tool", "hashed"),
    [
        ("google", ["+49301234567", "+442079460018"]),
        ("tiktok", ["+49301234567", "+442079460018"]),
        ("meta", ["49301234567", "442079460018"]),
    ],
)
def test_numbers_are_hashed_as_the_tool_takes_them(traits, tool, hashed):
    found = seed_list(MEMBERS, traits, Seeding(column="phone", hash_for=tool))
    assert found.table["phone_sha256"].to_list() == [hashlib.sha256(text.encode()).hexdigest() for text in hashed]


def test_addresses_of_gmail_are_hashed_without_dots_for_google_alone(tmp_path):
    pl.DataFrame({"customer_id": [2], "email": ["Cloudy.SanFrancisco+shopping@gmail.com"]}).write_csv(
        tmp_path / "c.csv"
    )
    traits = read_traits(tmp_path / "c.csv", "customer_id", pl.Int64())
    for tool, text in (
        ("google", b"cloudysanfrancisco@gmail.com"),
        ("meta", b"cloudy.sanfrancisco+shopping@gmail.com"),
        (None, b"cloudy.sanfrancisco+shopping@gmail.com"),
    ):
        found = seed_list(MEMBERS, traits, Seeding(column="email", is_hashed=True, hash_for=tool))
        assert found.table["email_sha256"].to_list() == [hashlib.sha256(text).hexdigest()]


@pytest.mark.parametrize(
    ("column", "kind"), [("email", "email"), ("E-Mail", "email"), ("mobile_no", "phone"), ("loyalty_card", "text")]
)
def test_what_a_column_holds_is_told_by_its_name(column, kind):
    assert Seeding(column=column).resolved_kind == kind
    assert Seeding(column=column, kind="text").resolved_kind == "text"


def test_what_cannot_be_is_refused(traits):
    with pytest.raises(InputError, match='column="email": there is no file to take it from'):
        seed_list(MEMBERS, None, Seeding(column="email"))
    with pytest.raises(InputError, match='column="mail" is not in it; there are email, phone'):
        seed_list(MEMBERS, traits, Seeding(column="mail"))
    with pytest.raises(InputError, match="`size` must be at least 1, not 0"):
        Seeding(size=0)
    with pytest.raises(InputError, match='`kind` "fax" is unknown'):
        Seeding(kind="fax")
    with pytest.raises(InputError, match='`hash_for` "myspace": no such target'):
        Seeding(hash_for="myspace")
    with pytest.raises(InputError, match='hash_for="klaviyo" takes contacts as text; leave it out'):
        Seeding(hash_for="klaviyo")
