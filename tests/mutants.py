"""Mutation tests (`make mutants`): would a module's own tests notice if a formula of it were wrong? See mutants.md.

mutmut changes one thing at a time in a copy under _build/mutants, never here, and runs the tests that reach it. What
an error says is left alone. A score below 90 % fails, and so do survivors that are not those that mutants.md explains.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = ("distributions", "objectives", "gradients", "exact/linear_gaussian")
MODULES += ("exact/rate_distortion", "exact/landscape", "cures", "priors")
TABLE = (ROOT / "tests" / "mutants.md").read_text()
EXPLAINED = set(re.findall(r"^\| `[^|]* \| `[^|]*` \| `([^|]*)` \|", TABLE, re.MULTILINE))
SETTINGS = r"""
[tool.mutmut]
source_paths = ["vae_lib"]
only_mutate = ["vae_lib/{module}.py"]
do_not_mutate_patterns = ['^ *raise ', '^ *shapes = f"']
pytest_add_cli_args_test_selection = ["{tests}"]
"""
# mutmut passes over a decorated function: the copy has `@property` as a call after the function.
PROPERTY = re.compile(r"^( +)@property\n\1(def (\w+)\(.*\n(?:\1 .*\n|\n)+)", re.MULTILINE)


def copied(module: str) -> Path:
    """A copy of library and tests in which mutmut mutates this one module."""
    folder = ROOT / "_build" / "mutants" / module
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("vae_lib", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    source = folder / "vae_lib" / f"{module}.py"
    source.write_text(PROPERTY.sub(r"\1\2\1\3 = property(\3)\n\n", source.read_text()))
    (folder / "pyproject.toml").write_text(
        (ROOT / "pyproject.toml").read_text() + SETTINGS.format(module=module, tests=tests(module))
    )
    return folder


def tests(module: str) -> str:
    """The module's own tests: those of exact/quadrature would be tests/exact/test_quadrature.py."""
    room, _, name = f"tests/{module}".rpartition("/")
    return f"{room}/test_{name}.py"


def mutmut(folder: Path, *arguments: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT / ".venv-mutants")}
    command = [sys.executable, "-m", "mutmut", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"mutmut {arguments[0]} failed in {folder}:\n{done.stdout}{done.stderr}")
    return done.stdout


def change(folder: Path, mutant: str) -> tuple[str, str]:
    """The code as it is and as the mutant has it, in one line each."""
    lines = re.findall(r"^([-+])(?![-+]{2} ) *(.*)", mutmut(folder, "show", mutant), re.MULTILINE)
    before, after = (" ".join(line for sign, line in lines if sign == side) for side in "-+")
    return before, after


def tested(module: str) -> tuple[float, list[tuple[str, str]]]:
    """The module's score, after printing its row, and the changes that its tests let pass."""
    folder = copied(module)
    mutmut(folder, "run", "--max-children", "2")
    results = dict(re.findall(r"^ *(\S+): (.+)$", mutmut(folder, "results", "--all", "true"), re.MULTILINE))
    survivors = [mutant for mutant, result in results.items() if result not in ("killed", "timeout")]
    killed = len(results) - len(survivors)
    score = killed / len(results)
    print(f"{module:<22} {len(results):7} {killed:7} {len(survivors):9} {score:7.1%}", flush=True)
    return score, [change(folder, mutant) for mutant in survivors]


def main() -> int:
    print(f"{'module':<22} mutants  killed  survived   score", flush=True)
    scores, changes = zip(*map(tested, MODULES), strict=True)
    survivors = {after: before for module in changes for before, after in module}
    for after, before in survivors.items():
        print(f"\n- {before}\n+ {after}\n{'explained' if after in EXPLAINED else 'NOT EXPLAINED'} in tests/mutants.md")
    for after in EXPLAINED - survivors.keys():
        print(f"\n+ {after}\nexplained in tests/mutants.md, but NO SURVIVOR")
    return int(min(scores) < 0.9 or survivors.keys() != EXPLAINED)


if __name__ == "__main__":
    sys.exit(main())
