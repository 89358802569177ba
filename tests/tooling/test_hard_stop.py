"""What a machine that was cut off leaves behind must not keep the next start away."""

import os
import subprocess

import pytest

from devtool import engine, postgres


@pytest.fixture
def dead():
    """The number of a process that is no more."""
    child = subprocess.Popen(["true"])
    child.wait()
    return child.pid


def leave(folder, number):
    file = folder / "postmaster.pid"
    file.write_text(f"{number}\n{folder}\n1795389522\n5439\n/run\n\n 1 2\nready   \n")
    return file


def test_dead_server_is_forgotten(tmp_path, dead):
    file = leave(tmp_path, dead)
    assert postgres.forget_dead(tmp_path) is None
    assert not file.exists()


def test_half_written_file_is_forgotten(tmp_path):
    file = tmp_path / "postmaster.pid"
    file.write_text("")
    assert postgres.forget_dead(tmp_path) is None
    assert not file.exists()


def test_number_of_another_program_is_forgotten(tmp_path):
    file = leave(tmp_path, os.getpid())
    assert postgres.forget_dead(tmp_path) is None
    assert not file.exists()


def test_running_server_is_kept(tmp_path):
    # The kernel names a process after the file it was started by.
    program = tmp_path / "postgres"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([str(program), "60"]) as child:
        try:
            file = leave(tmp_path, child.pid)
            assert postgres.forget_dead(tmp_path) == child.pid
            assert file.exists()
        finally:
            child.kill()


def test_engine_is_not_mistaken_for_another_program(tmp_path):
    file = tmp_path / "dockerd.pid"
    file.write_text(str(os.getpid()))
    engine.forget_dead(file)
    assert not file.exists()
