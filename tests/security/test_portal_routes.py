"""Every route of the website that takes an id, with the ids of another customer.

The routes are read from the controllers, so a new one is tried as soon as it is there.
"""

import ast
import contextlib
import pathlib
import re
import xmlrpc.client

import pytest
from clouder_rpc import ENDED

from .visitors import essence, shown

CONTROLLERS = pathlib.Path(__file__).parents[2] / "clouder_website" / "controllers"
GHOST = 2_000_000_000
URL = "/my/instances"
ID, WORD = re.compile(r"<int:(\w+)>"), re.compile(r"<string:(\w+)>")
VERBS = (
    "open", "password", "restart", "reset", "title", "delete", "keep",
    "domain", "domain-check", "domain-remove", "purge", "unlink", "write", "__class__",
)  # fmt: skip
WATCHED = (
    "title",
    "state",
    "wanted",
    "delete_on",
    "write_date",
    "alias_ids",
    "job_ids",
)


def written_routes():
    """Return the paths of all routes of the controllers, as they are written there."""
    trees = [ast.parse(path.read_text()) for path in sorted(CONTROLLERS.glob("*.py"))]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    known = {
        node.targets[0].id: node.value.value
        for node in nodes
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    return [
        path
        for node in nodes
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "http.route"
        # One that only changes what is done at an address of Odoo's has none.
        and node.args
        for path in _paths(node.args[0], known)
    ]


def _paths(node, known):
    """Return the paths that the first argument of a route means."""
    if isinstance(node, ast.List):
        return [path for one in node.elts for path in _paths(one, known)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(_paths(one, known)[0] for one in node.values)]
    if isinstance(node, ast.FormattedValue):
        return [known[node.value.id]]
    return [known[node.id] if isinstance(node, ast.Name) else node.value]


ROUTES = [
    path
    for path in written_routes()
    if any(name != "page" for name in ID.findall(path))
]


def addresses(route, ids):
    """Return the addresses that a route means with these ids."""
    path = ID.sub(lambda found: str(ids[found[1]]), route)
    words = WORD.findall(path)
    if words == ["verb"]:
        return [WORD.sub(verb, path) for verb in VERBS]
    assert set(words) <= {"token"}, f"{route}: what is to be tried here?"
    return [WORD.sub("x" * 43, path)]


@pytest.fixture(scope="module")
def running(world, sql):
    """Both customers' bases run, the foreign one with a job of its own; its id."""
    base = world.foreign["clouder.base"]
    caller = world.foreign.callers["deployer"]
    job = caller("clouder.base", "deploy", [base])
    with contextlib.suppress(xmlrpc.client.Fault):
        caller("clouder.job", "cancel", [job])
    assert caller("clouder.job", "wait", [job], timeout=60)["state"] in ENDED
    for one in (base, world.own["clouder.base"]):
        sql(
            "UPDATE clouder_base SET state = 'running', wanted = 'running', "
            "deployed_at = now() WHERE id = %s",
            one,
        )
    return job


@pytest.fixture(scope="module")
def order(shop):
    """The number of an order of somebody else."""
    return int(shop.confirmed()[1].split("/")[-2])


@pytest.fixture(scope="module")
def people(shop, world):
    """All who try: visitors by name, the public one first."""
    callers = {
        "client": world.client,
        **world.outsiders,
        "deployer": world.own.callers["deployer"],
    }
    return {
        "public": shop.visitor(),
        **{who: shop.visitor(caller) for who, caller in callers.items()},
    }


def test_the_routes_are_found():
    assert f"{URL}/<int:base_id>" in ROUTES
    assert f"{URL}/<int:base_id>/<string:verb>" in ROUTES
    assert f"{URL}/<int:base_id>/jobs/<int:job_id>" in ROUTES
    assert "/instances/progress/<int:order_id>/<string:token>/enter" in ROUTES


@pytest.mark.parametrize("route", ROUTES)
def test_what_is_foreign_is_answered_as_what_is_not_there(
    world, running, order, people, route
):
    base = world.foreign["clouder.base"]
    before = world.api.read("clouder.base", base, *WATCHED)
    foreign = {"base_id": base, "job_id": running, "order_id": order}
    ghosts = dict.fromkeys(foreign, GHOST)
    form = {"confirm": f"shop.{world.foreign.name}.test", "title": "Mine now",
            "domain": "mine.example", "alias": "1"}  # fmt: skip
    pairs = list(zip(addresses(route, foreign), addresses(route, ghosts), strict=True))
    for who, visitor in people.items():
        for pair in pairs:
            for call in (visitor.at, lambda path, to=visitor: to.submit(path, **form)):
                theirs, nobodys = (
                    essence(call(path), GHOST, *foreign.values()) for path in pair
                )
                assert theirs == nobodys, (who, pair[0])
                assert theirs[0] in ((303,) if "login" in theirs[1] else (404, 405))
                assert world.foreign.name not in theirs[2]
    assert world.api.read("clouder.base", base, *WATCHED) == before


def test_a_foreign_job_on_an_own_instance(world, running, people):
    own = world.own["clouder.base"]
    for job in (running, world.foreign["clouder.job"], world.own["clouder.job"], GHOST):
        answer = people["client"].at(f"{URL}/{own}/jobs/{job}")
        assert answer.status_code == 404, job


def test_the_owner_gets_his_pages(world, running, people):
    """Else the tests above would pass for want of a right."""
    page = people["client"].at(f"{URL}/{world.own['clouder.base']}")
    assert page.status_code == 200
    assert world.own.name in shown(page)
    assert world.own.name in shown(people["client"].at(URL))


@pytest.mark.parametrize("query", [
    {}, {"search": "shop", "search_in": "all"}, {"filterby": "all"},
    {"search": "%", "search_in": "address"}, {"search_in": "service_id", "search": "o"},
    {"sortby": "service_id.name"}, {"filterby": "[(1, '=', 1)]"}, {"search": "\0"},
])  # fmt: skip
def test_the_list_has_no_foreign_instance(world, people, running, query):
    for who in ("client", "portal", "deployer", "employee"):
        page = people[who].at(URL, params=query)
        assert page.status_code == 200, who
        assert world.foreign.name not in page.text
    page = people["client"].at(f"{URL}/page/1", params=query)
    assert world.foreign.name not in page.text


def test_the_instances_of_a_company_are_those_of_its_people(world, people):
    """An account without a customer has none."""
    for who in ("portal", "employee", "deployer"):
        text = people[who].at(URL).text
        assert f"{URL}/{world.own['clouder.base']}" not in text


def test_every_verb_needs_the_token_of_the_session(world, running, people):
    own = world.own["clouder.base"]
    before = world.api.read("clouder.base", own, *WATCHED)
    for verb in VERBS:
        for token in ("", people["portal"].token, "0" * 40 + "o9999999999"):
            answer = people["client"].submit(f"{URL}/{own}/{verb}", csrf_token=token)
            assert answer.status_code == 400, verb
    assert world.api.read("clouder.base", own, *WATCHED) == before
