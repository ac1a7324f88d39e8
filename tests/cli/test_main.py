"""Exit codes, the two streams and instant help, with commands made up for the purpose."""

import errno
import json
import subprocess
import sys
import types
from dataclasses import replace
from pathlib import Path

import pytest

from napari_hypseg.cli.display.output import Outcome
from napari_hypseg.cli.main import main
from napari_hypseg.cli.parsing.parser import HYPSEG, add_json
from napari_hypseg.cli.registry import COMMANDS, CommandEntry
from napari_hypseg.errors import HypsegError, InputError, OutputError, ProjectError, SettingError


@pytest.fixture
def pretend(monkeypatch):
    """Make the command `pretend`, whose work is the function that is handed in."""

    def make(work):
        def configure(parser, words):
            parser.add_argument("--number", type=int, default=1)
            add_json(parser)

        module = types.ModuleType("pretend_command")
        module.configure = configure
        module.execute = work
        monkeypatch.setitem(sys.modules, "pretend_command", module)
        commands = (*COMMANDS, CommandEntry("pretend", "a made-up command", "pretend_command"))
        monkeypatch.setattr(main, "__defaults__", (None, replace(HYPSEG, commands=commands)))

    return make


def raising(error):
    def work(arguments, display):
        raise error

    return work


def test_result_goes_to_stdout_and_the_code_is_zero(pretend, capsys):
    pretend(lambda arguments, display: Outcome({"number": arguments.number}, f"It is {arguments.number}."))
    assert main(["pretend", "--number", "7"]) == 0
    assert capsys.readouterr() == ("It is 7.\n", "")


def test_json_is_one_object_even_if_a_library_prints(pretend, capsys):
    def work(arguments, display):
        sys.stdout.write("chatter of a library")
        display.note("a note that is part of the result")
        return Outcome({"value": float("nan"), "path": Path("a/b")}, "for people")

    pretend(work)
    assert main(["pretend", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"value": None, "path": str(Path("a/b"))}
    assert "a note" not in captured.err


@pytest.mark.parametrize(
    ("kind", "code"), [(HypsegError, 1), (SettingError, 2), (InputError, 3), (OutputError, 4), (ProjectError, 5)]
)
def test_an_error_is_one_sentence_and_its_own_code(pretend, capsys, kind, code):
    pretend(raising(kind("tomogram.mrc is cut off; copy it again.")))
    assert main(["pretend"]) == code
    assert capsys.readouterr() == ("", "hypseg: tomogram.mrc is cut off; copy it again.\n")


def test_with_json_an_error_is_an_object_too(pretend, capsys):
    pretend(raising(InputError("a.mrc is cut off.")))
    assert main(["pretend", "--json"]) == 3
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"error": "a.mrc is cut off."}
    assert captured.err == "hypseg: a.mrc is cut off.\n"


def test_a_defect_leaves_its_traceback_in_a_file(pretend, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    pretend(raising(ZeroDivisionError("division by zero")))
    assert main(["pretend"]) == 70
    sentence = capsys.readouterr().err
    (log,) = tmp_path.glob("hypseg-*.log")
    assert sentence.count("\n") == 1
    assert str(log) in sentence
    assert "Traceback" not in sentence
    assert "Traceback" in log.read_text()


def test_a_full_disk_is_no_defect(pretend, capsys):
    pretend(raising(OSError(errno.ENOSPC, "No space left on device", "out.hypseg/leaves")))
    assert main(["pretend"]) == OutputError.exit_code
    assert "out.hypseg/leaves" in capsys.readouterr().err


def test_ctrl_c_is_130(pretend, capsys):
    pretend(raising(KeyboardInterrupt()))
    assert main(["pretend"]) == 130
    assert capsys.readouterr().err.startswith("hypseg: Stopped")


def test_wrong_usage_is_one_sentence_and_2(pretend, capsys):
    pretend(raising(AssertionError("never called")))
    assert main(["pretend", "--number", "many"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("hypseg: ")
    assert captured.err.count("\n") == 1
    assert "--number" in captured.err


def test_wrong_usage_with_json_is_an_object(capsys):
    assert main(["run", "--json", "--out"]) == 2
    captured = capsys.readouterr()
    assert "--out" in json.loads(captured.out)["error"]
    assert "--out" in captured.err


def test_unknown_command_is_2(capsys):
    assert main(["fly"]) == 2
    assert "fly" in capsys.readouterr().err


def test_no_words_is_the_help(capsys):
    assert main([]) == 0
    assert "hypseg run" in capsys.readouterr().out


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_every_command_has_a_help_with_an_example(entry, capsys):
    assert main([entry.name, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"hypseg {entry.name}" in text.split("examples:")[1]


def run_hypseg(*words, **options):
    return subprocess.run(
        [sys.executable, "-m", "napari_hypseg.cli", *words], capture_output=True, text=True, timeout=120, **options
    )


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from napari_hypseg.cli.main import main; main(['--help']);"
        "heavy = {'torch', 'numpy', 'pydantic', 'napari', 'qtpy', 'zarr', 'rich', 'scipy'} & set(sys.modules);"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_version():
    done = run_hypseg("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("napari-hypseg ")


@pytest.mark.skipif(sys.platform == "win32", reason="a closed pipe is another error there")
def test_a_reader_that_goes_away_is_no_traceback():
    script = f"{sys.executable} -m napari_hypseg.cli --help | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", f"sleep 0.2; {script}"], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() in ("0", "141")
    assert done.stderr == ""
