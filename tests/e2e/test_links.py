"""Every link of every installed template: set up twice, probed, undone twice, undone dead.

A new template adds what it leaves behind to :data:`linked.TRACES`; without that the last
test fails.
"""

import pytest
from clouder_lib.wait import wait_for

from . import linked
from .conftest import deploy

SUGGESTED = ("dns", "mail")


@pytest.fixture(scope="module")
def world(infra, engine):
    """Return an owner for each type of link: a base, and what else is linked."""
    made = linked.World(infra, engine)
    yield made
    made.close()


@pytest.fixture(params=sorted(linked.TRACES), ids="-".join)
def one(request, world):
    """Return one link for each type of target, set up."""
    link = world.link(request.param)
    link.do("deploy")
    return link


def test_setting_up_twice_changes_nothing(one):
    assert one.traces()
    facts = one.facts()
    one.do("deploy")
    assert one.facts() == facts
    one.do("probe")
    assert one.state() == "working"


def test_undoing_twice_leaves_nothing(one):
    one.do("withdraw")
    assert (one.state(), one.traces()) == ("withdrawn", False)
    one.do("withdraw")
    assert (one.state(), one.traces()) == ("withdrawn", False)
    one.do("deploy")
    assert (one.state(), one.traces()) == ("working", True)


def test_a_dead_target_is_told_when_it_is_back(one, world):
    if not one.container:
        assert one.kind in linked.WITHOUT_CONTAINER
        return
    world.stop(one)
    try:
        one.do("withdraw")
        assert one.state() == "withdrawing"
    finally:
        world.start(one)
    world.look_after_links()

    def told():
        return one.state() == "withdrawn", one.state()

    wait_for("the target to be told", told, 120)
    assert not one.traces()
    one.do("deploy")
    assert one.state() == "working"


def test_a_broken_link_is_told(world):
    link = world.link(("service", "odoo", "postgres"))
    link.do("deploy")
    world.stop(link)
    try:
        world.look_after_links()
        wait_for(
            "the link to be broken",
            lambda: (link.state() == "broken", link.state()),
            120,
        )
        problems = world.api(
            "clouder.problem", "search_read", [("kind", "=", "link")], fields=["name"]
        )
        assert link.title() in [row["name"] for row in problems]
    finally:
        world.start(link)
    deploy(world.api, link.target)
    link.do("probe")
    assert link.state() == "working"


def test_every_type_of_link_is_here(world):
    assert world.linked_types() == set(linked.TRACES) | linked.ELSEWHERE
