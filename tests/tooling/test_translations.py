"""Every text that people read is there in French, and says the same."""

import re
from pathlib import Path

import polib
import pytest

REPO = Path(__file__).parents[2]
POTS = sorted(REPO.glob("clouder*/i18n/*.pot"))
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdf%]|\{\w*\}|%(?=$)")
TAG = re.compile(r"</?(?:a|b|br|code|em|i|li|p|span|strong|ul)\b[^>]*>")


def _terms(path: Path) -> dict[tuple[str | None, str], polib.POEntry]:
    return {(e.msgctxt, e.msgid): e for e in polib.pofile(str(path)) if not e.obsolete}


def _shape(text: str) -> tuple[list[str], list[str]]:
    return sorted(PLACEHOLDER.findall(text)), sorted(TAG.findall(text))


def test_every_addon_has_its_texts() -> None:
    addons = {p.parent.name for p in REPO.glob("clouder*/__manifest__.py")}
    assert {pot.stem for pot in POTS} == addons


@pytest.mark.parametrize("pot", POTS, ids=lambda pot: pot.stem)
def test_every_term_is_translated(pot: Path) -> None:
    wanted, given = _terms(pot), _terms(pot.with_name("fr.po"))
    empty = [key[1] for key, entry in given.items() if not entry.msgstr.strip()]
    assert not empty, "no French in fr.po"
    assert not [key[1] for key in wanted if key not in given], "not in fr.po"
    assert not [key[1] for key in given if key not in wanted], "no longer in the pot"
    assert not [key[1] for key, entry in given.items() if "fuzzy" in entry.flags]


@pytest.mark.parametrize("pot", POTS, ids=lambda pot: pot.stem)
def test_translations_keep_the_shape_of_their_terms(pot: Path) -> None:
    """Placeholders and tags must be the same, or formatting fails when it matters."""
    for entry in polib.pofile(str(pot.with_name("fr.po"))):
        assert _shape(entry.msgid) == _shape(entry.msgstr), entry.msgid


def test_the_same_term_is_the_same_in_all_addons() -> None:
    seen: dict[str, str] = {}
    for pot in POTS:
        for entry in polib.pofile(str(pot.with_name("fr.po"))):
            assert seen.setdefault(entry.msgid, entry.msgstr) == entry.msgstr
