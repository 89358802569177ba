"""Every name rule against a corpus of hostile values, and the built names."""

import itertools

import pytest
from clouder_lib import names
from clouder_lib.errors import ClouderError, NameRefused

HOSTILE = [
    "",
    ";id",
    "a;id",
    "$(id)",
    "a$(id)",
    "`id`",
    "a|id",
    "a&&id",
    "a\nb",
    "a\n",
    "\na",
    "a\r",
    "a\x00",
    "a\x00b",
    "-a",
    "--option=x",
    " a",
    "a ",
    "a b",
    "'a'",
    '"a"',
    "a%0ab",
    "${IFS}",
    "../a",
    "a/../b",
    "/etc/passwd",
    "a\\b",
    "{{7*7}}",
    "%s",
    "<script>",
    "a" * 10_000,
    "p\u0430ypal",
    "a\u200bb",
    "\uff41",
    "caf\u00e9",
    "\u0661",
    "a\u2028",
]
SLUGS = [
    names.check_type_name,
    names.check_application_code,
    names.check_environment_prefix,
    names.check_service_suffix,
    names.check_tag_code,
    names.check_base_name,
]
CHECKS = [
    *SLUGS,
    names.check_option_name,
    names.check_volume_line,
    names.check_node_name,
    names.check_domain,
    names.check_database_suffix,
    names.check_system_user,
    names.check_image_name,
    names.check_image_version,
    names.check_email,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_hostile_values_are_refused(check, value):
    with pytest.raises(NameRefused) as caught:
        check(value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("value", [None, False, 3, b"a", ["a"]])
def test_what_is_no_text_is_refused(check, value):
    with pytest.raises(NameRefused, match="is empty"):
        check(value)


def test_a_refusal_is_also_a_value_error_and_tells_the_rule():
    with pytest.raises(ValueError, match=r"type name .*“A”.* small letters") as caught:
        names.check_type_name("A")
    assert isinstance(caught.value, ClouderError)
    assert caught.value.transient is False


def test_look_alikes_are_shown_by_their_code():
    with pytest.raises(NameRefused, match=r"p\\u0430ypal"):
        names.check_domain("p\u0430ypal")


@pytest.mark.parametrize("check", SLUGS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("value", ["a", "a1", "odoo-exec", "1a", "a-b-c"])
def test_slugs(check, value):
    assert check(value) == value


@pytest.mark.parametrize("value", ["a--b", "a-", "-", "A", "a_b", "a.b"])
def test_a_type_name_is_a_strict_slug(value):
    with pytest.raises(NameRefused):
        names.check_type_name(value)


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (names.check_option_name, ["a", "admin_password", "x1"], ["1a", "_a", "a-b"]),
        (names.check_node_name, ["local", "n1.example.com"], ["a..b", ".a", "a.", "A"]),
        (
            names.check_domain,
            [
                "example.com",
                "demo.localhost",
                "xn--caf-dma.fr",
                "3com.com",
            ],
            [
                "127.0.0.1",
                "a..b",
                "a.",
                "a.-b",
                "Ex.com",
                "a_b.c",
                "localhost",
                "www.a.b",
            ],
        ),
        (names.check_base_name, ["www", "a--b", "1"], ["a.b", "a-", "_a"]),
        (names.check_database_suffix, ["ccnet", "a_b"], ["a-b", "1"]),
        (names.check_system_user, ["odoo", "_apt", "www-data"], ["0", "Root", "a:b"]),
        (
            names.check_image_name,
            ["odoo", "odoo_exec", "a.b-c"],
            ["a..b", "a/b", "a:b"],
        ),
        (names.check_image_version, ["19.0.20261122", "_x", "V1"], [".a", "-a", "a/b"]),
        (
            names.check_email,
            ["jane@example.com", "j.d+x@a.b.org", "J@Ex.com", "root@localhost"],
            ["jane", "@a.b", "a@", "a@b@c", "a..b@c.d", "a@-b.c", "a@b..c", "x\n@a.b"],
        ),
        (names.check_volume_line, ["data", "conf_d", "file-store"], ["a.b", "a_", "A"]),
    ],
)
def test_other_kinds(check, good, bad):
    for value in good:
        assert check(value) == value
    for value in bad:
        with pytest.raises(NameRefused):
            check(value)


@pytest.mark.parametrize(
    ("check", "limit"),
    [
        (names.check_application_code, 20),
        (names.check_environment_prefix, 20),
        (names.check_base_name, 63),
        (names.check_system_user, 32),
        (names.check_image_version, 128),
    ],
)
def test_limits(check, limit):
    assert check("a" * limit)
    with pytest.raises(NameRefused, match=f"{limit} are allowed"):
        check("a" * (limit + 1))


def test_a_domain_has_labels_of_63_at_most():
    assert names.check_domain(f"{'a' * 63}.org")
    with pytest.raises(NameRefused, match="between two dots"):
        names.check_domain(f"{'a' * 64}.org")


def test_container_and_child_names():
    assert names.container_name("demo", "odoo") == "demo-odoo"
    assert names.child_suffix("odoo", "exec") == "odoo-exec"
    assert names.container_name("a" * 20, "b" * 42)
    with pytest.raises(NameRefused, match="63 are allowed"):
        names.container_name("a" * 20, "b" * 43)
    with pytest.raises(NameRefused):
        names.child_suffix("odoo", "a" * 21)


def test_volume_names_never_collide():
    one = names.volume_name("demo-odoo-data", "files")
    other = names.volume_name("demo-odoo", "data-files")
    assert one == "demo-odoo-data.files"
    assert one != other
    assert names.volume_name("demo-odoo", "code", "19.0.1") == "demo-odoo.code.19.0.1"
    with pytest.raises(NameRefused):
        names.volume_name("demo-odoo", "code", "../x")
    with pytest.raises(NameRefused):
        names.volume_name("demo.odoo", "code")


def test_network_role_and_image_names():
    assert names.network_name("demo") == "clouder-demo"
    assert names.role_name("demo-odoo-exec", "s", 12) == "demo_odoo_exec_s12"
    long = names.role_name("a" * 63, "b", 1234)
    assert len(long) == 63
    assert long.endswith("a_b1234")
    assert names.image_reference("odoo", "19.0.1") == "clouder/odoo:19.0.1"


def test_host_and_database_names():
    assert names.base_fulldomain("www", "example.com") == "example.com"
    assert names.base_fulldomain("shop", "example.com") == "shop.example.com"
    assert names.database_names("shop.example.com", []) == {"": "shop.example.com"}
    assert names.database_names("s.example.com", ["ccnet", "hub"]) == {
        "ccnet": "s.example.com_ccnet",
        "hub": "s.example.com_hub",
    }
    with pytest.raises(NameRefused, match=r"database name .* 63 are allowed"):
        names.database_names(f"{'a' * 60}.org", [])


@pytest.mark.parametrize("name", ["postgres", "template0", "template1"])
def test_postgresqls_own_databases_are_nobodys(name):
    with pytest.raises(NameRefused):
        names.database_names(name, [])


def test_suggested_suffixes() -> None:
    def first(number: int, *texts: str, room: int = 20) -> list[str]:
        return list(itertools.islice(names.suggest_suffixes(texts, room), number))

    assert first(3, "hello", "hello.example.com") == [
        "hello",
        "hello-example-com",
        "hello-example-com-2",
    ]
    assert first(1, "xn--caf-dma") == ["xn-caf-dma"]
    assert first(2, "") == ["service", "service-2"]
    assert first(3, "abcdefgh-ijk", room=9) == ["abcdefgh", "abcdefg-2", "abcdefg-3"]


@pytest.mark.parametrize("text", ["-", "é", "a..b", "A B", "x" * 500, "--a--", "9"])
def test_suggested_suffixes_are_valid(text: str) -> None:
    for suffix in itertools.islice(names.suggest_suffixes([text], 12), 120):
        assert len(suffix) <= 12
        assert names.check_service_suffix(suffix) == suffix


@pytest.mark.parametrize("text", ["a\u2028b", "\u2029", "a\nb", "a\0b", " ", ""])
def test_a_title_is_one_line(text):
    with pytest.raises(names.NameRefused):
        names.check_title(text)
