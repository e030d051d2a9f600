"""Targets ship as TOML: each is complete, documented, and of forms that there are."""

import pytest

from whalecurve.engine import InputError
from whalecurve.engine.targets import EMAIL_FORMS, FIELDS, PHONE_FORMS, target_called, targets

FILES = ("csv", "parquet")


def test_every_target_is_of_forms_and_fields_that_there_are():
    assert set(targets()) == {*FILES, "google", "hubspot", "klaviyo", "mailchimp", "meta", "tiktok"}
    for name, target in targets().items():
        assert target.name == name
        assert target.format in FILES
        assert target.email in EMAIL_FORMS
        assert target.phone in PHONE_FORMS
        assert target.needs in ("email", "contact", "nothing")
        assert set(target.columns.values()) <= set(FIELDS)
        assert len(set(target.columns.values())) == len(target.columns)


def test_every_tool_says_where_its_rules_are_documented():
    for name in set(targets()) - set(FILES):
        assert target_called(name).sources
        assert all(source.startswith("https://") for source in target_called(name).sources)


def test_those_that_show_advertisements_get_hashed_contacts_and_nothing_else():
    hashed = {name for name, target in targets().items() if target.is_hashed}
    assert hashed == {"google", "meta", "tiktok"}
    for name in hashed:
        assert set(target_called(name).columns.values()) == {"email", "phone"}
        assert target_called(name).properties == ()


def test_an_unknown_one_is_refused_with_those_that_there_are():
    with pytest.raises(InputError) as told:
        target_called("facebok")
    assert str(told.value).startswith('`target` "facebok": no such target; choose one of csv, google, hubspot, ')
    with pytest.raises(InputError, match='did you mean "klaviyo"'):
        target_called("Klavio")
