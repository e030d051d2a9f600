import sys

import pytest

from whalecurve.engine.errors import InputError
from whalecurve.engine.extras import needed


def test_a_library_that_is_there_is_imported():
    assert needed("json.decoder", extra="more", place="a.json").JSONDecoder


def test_one_that_is_not_is_named_with_what_installs_it():
    with pytest.raises(InputError) as caught:
        needed("nosuchlibrary.part", extra="more", place="a.x: an X file")
    assert str(caught.value) == (
        "a.x: an X file, which needs nosuchlibrary; install it: pip install 'whalecurve[more]'"
    )


def test_a_library_that_lacks_one_of_its_own_keeps_its_traceback(tmp_path, monkeypatch):
    (tmp_path / "brokenlibrary.py").write_text("import nosuchlibrary\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="nosuchlibrary"):
        needed("brokenlibrary", extra="more", place="a.x")
    assert "brokenlibrary" not in sys.modules
