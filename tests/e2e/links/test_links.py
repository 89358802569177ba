"""Every link of every installed template: set up twice, probed, undone twice, undone dead.

A new template adds what it leaves behind to :data:`traces.TRACES`; without that the last
test fails.
"""

import pytest

from .. import linked, traces

SUGGESTED = ("dns", "mail")


@pytest.fixture(scope="module")
def world(infra, engine):
    """Return an owner for each type of link: a base, and what else is linked."""
    made = linked.World(infra, engine)
    yield made
    made.close()


@pytest.fixture(params=sorted(traces.TRACES), ids="-".join)
def one(request, world):
    """Return one link for each type of target, set up."""
    link = world.link(request.param)
    link.do("deploy")
    return link


def told_when_back(world, link):
    """Undo a link whose target is dead, bring that back, and see that nothing is left."""
    try:
        link.do("withdraw")
        early = link.kind in traces.WITHOUT_TARGET
        assert link.state() == ("withdrawn" if early else "withdrawing")
    finally:
        world.start(link)
    world.await_state(link, "withdrawn")
    assert not link.present()
    link.do("deploy")
    assert link.state() == "working"
    assert link.whole(), link.traces()


def test_setting_up_twice_changes_nothing(one):
    assert one.whole(), one.traces()
    facts = one.facts()
    one.do("deploy")
    assert one.facts() == facts
    one.do("probe")
    assert one.state() == "working"


def test_undoing_twice_leaves_nothing(one):
    one.do("withdraw")
    assert (one.state(), one.present()) == ("withdrawn", set())
    one.undo_again()
    assert (one.state(), one.present()) == ("withdrawn", set())
    one.do("deploy")
    assert one.state() == "working"
    assert one.whole(), one.traces()


def test_a_stopped_target_is_told_when_it_is_back(one, world):
    if not one.container:
        assert one.kind in traces.WITHOUT_TARGET
        return
    world.stop(one)
    told_when_back(world, one)


@pytest.mark.parametrize("kind", traces.LOST, ids="-".join)
def test_a_lost_target_is_told_when_it_is_back(kind, world):
    link = world.link(kind)
    link.do("deploy")
    world.lose(link)
    told_when_back(world, link)


def test_a_broken_link_is_told_and_set_up_again(world):
    link = world.link(traces.POSTGRES)
    link.do("deploy")
    world.stop(link)
    try:
        world.await_state(link, "broken")
        problems = world.api(
            "clouder.problem", "search_read", [("kind", "=", "link")], fields=["name"]
        )
        assert link.title() in [row["name"] for row in problems]
    finally:
        world.start(link)
    world.await_state(link, "working")


def test_a_dead_optional_target_fails_no_deployment(world):
    link = world.link(("base", "odoo", "bind"))
    link.do("deploy")
    with world.frozen(link):
        job = world.api("clouder.base", "deploy", [world.base])
        status = world.api.follow(job)
        assert status["state"] == "done", world.api.story(status)
        assert link.state() == "broken"
        assert world.api.read("clouder.base", world.base, "state") == "running"
    world.start(link)
    world.await_state(link, "working")
    assert link.whole(), link.traces()


def test_every_type_of_link_is_here(world):
    assert world.linked_types() == set(traces.TRACES)


def test_every_template_loses_a_target():
    """All but what has no container; a template is what its type of target is of."""
    lost = {kind[2] for kind in traces.LOST}
    assert lost == {kind[2] for kind in traces.TRACES} - {"acme"}
