"""Where the code goes past the rights of a user, it says why."""

from pathlib import Path

import pytest

from devtool import sudo_rule

REPO = Path(__file__).parents[2]


def reasons(text: str) -> list[str]:
    return [reason for _line, reason in sudo_rule.places(text)]


def test_every_place_has_its_reason() -> None:
    assert not sudo_rule.check(REPO)


def test_the_places_are_found() -> None:
    files = list(sudo_rule.addon_files(REPO))
    assert sum(len(sudo_rule.places(path.read_text())) for path in files) > 100
    assert {path.relative_to(REPO).parts[0] for path in files} >= {
        "clouder",
        "clouder_template_odoo",
    }


@pytest.mark.parametrize(
    "text",
    [
        "x = self.sudo().name",
        "x = self.sudo(True).name",
        "return_value = (\n    self\n    .sudo()\n)",
        "for one in self.sudo():\n    # nothing\n    one.go()",
        "env = api.Environment(cr, SUPERUSER_ID, {})",
        "env = self.env(su=True)",
        "# sudo: why\nx = self.sudo()",  # too short for a reason
        "# sudo: a reason for something else\n\nx = 1\ny = self.sudo()",
    ],
)
def test_without_a_reason(text: str) -> None:
    assert reasons(text) == [""]


@pytest.mark.parametrize(
    "text",
    [
        "# sudo: the field is our own\nx = self.sudo().name",
        "# More words.\n# sudo: the field is our own\nx = self.sudo().name",
        "x = self.sudo().name  # sudo: the field is our own",
        "if a:\n    pass\nelif self.sudo():\n    # sudo: the field is our own\n    b()",
        "# sudo: the field is our own\nfor one in self.sudo():\n    one.go()",
        "x = f(\n    # sudo: the field is our own\n    self.sudo(),\n)",
    ],
)
def test_with_a_reason(text: str) -> None:
    assert reasons(text) == ["the field is our own"]


@pytest.mark.parametrize("text", ["x = self.sudo(False)", "env = self.env(su=False)"])
def test_giving_rights_back_needs_none(text: str) -> None:
    assert not reasons(text)
