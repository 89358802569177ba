"""./dev lint finds what the house rules forbid, and nothing else."""

import pytest

from devtool import house_rules


@pytest.fixture
def repo(tmp_path):
    def write(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text)
        return house_rules.check(tmp_path)

    return write


@pytest.mark.parametrize(
    "line",
    [
        "run('ls', shell=True)",
        "os.system('ls')",
        "get(url, verify=False)",
        "client.set_missing_host_key_policy(AutoAddPolicy())",
        "x = service.type_id.name == 'odoo'",
        "self.env.cr.commit()",
        "time.sleep(1)",
    ],
)
def test_forbidden_word(repo, line):
    assert repo(a=f"def f():\n    {line}\n").startswith("a.py:2 `")


def test_clean_file(repo):
    assert repo(a="def f(x):\n    return x.committed\n") == ""


def test_long_function_and_file(repo):
    body = "    x = 1\n" * 40
    assert "f has 41 lines" in repo(a=f"def f():\n{body}")
    assert "401 lines" in repo(b="x = 1\n" * 401)


def test_one_name_for_two_models(repo):
    model = 'class A(Model):\n    _name = "clouder.a"\n'
    assert "b.py:2 _name clouder.a is already that of a.py:2" in repo(a=model, b=model)


def test_extension_is_no_second_model(repo):
    model = 'class A(Model):\n    _name = "clouder.a"\n'
    extension = f'{model}    _inherit = ["clouder.a", "mail.thread"]\n'
    assert repo(a=model, b=extension) == ""
