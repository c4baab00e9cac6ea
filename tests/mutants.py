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
MODULES += ("estimators", "discrete", "exact/enumeration", "exact/mixture")
MODULES += ("chains", "exact/chains", "exact/kalman", "exact/mean_field")
MODULES += ("sequences", "conditional", "exact/information", "exact/strings", "exact/grammar")
TABLE = (ROOT / "tests" / "mutants.md").read_text()
EXPLAINED = re.findall(r"^\| `([^`|]*)`[^|]* \| `[^|]*` \| `([^|]*)` \|", TABLE, re.MULTILINE)  # module, mutant
SETTINGS = r"""
[tool.mutmut]
source_paths = ["vae_lib"]
only_mutate = ["vae_lib/{module}.py"]
do_not_mutate_patterns = ['^ *raise ', '^ *shapes = f"']
pytest_add_cli_args_test_selection = ["{tests}"]
"""
# mutmut passes over a decorated function: the copy has the decorator, say `@property`, as a call after the function.
DECORATED = re.compile(r"^( *)@(.+)\n\1(def (\w+)\(.*\n(?:\1[ )].*\n|\n)+)", re.MULTILINE)


def copied(module: str) -> Path:
    """A copy of library and tests in which mutmut mutates this one module."""
    folder = ROOT / "_build" / "mutants" / module
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("vae_lib", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    source = folder / "vae_lib" / f"{module}.py"
    source.write_text(DECORATED.sub(r"\1\3\1\4 = \2(\4)\n\n", source.read_text()))
    (folder / "pyproject.toml").write_text(
        (ROOT / "pyproject.toml").read_text() + SETTINGS.format(module=module, tests=tests(module))
    )
    return folder


def tests(module: str) -> str:
    """The module's own tests: those of exact/quadrature are tests/exact/test_quadrature.py.

    Where another room has a module of the same name, as chains, they are tests/exact/test_exact_chains.py.
    """
    room, _, name = module.rpartition("/")
    found = [path for path in (f"test_{name}.py", f"test_{room}_{name}.py") if (ROOT / "tests" / room / path).exists()]
    return str(Path("tests", room, *found))


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
    modules = sys.argv[1:] or MODULES
    print(f"{'module':<22} mutants  killed  survived   score", flush=True)
    scores, changes = zip(*map(tested, modules), strict=True)
    survivors = {after: before for module in changes for before, after in module}
    explained = {after for module, after in EXPLAINED if module in modules}
    for after, before in survivors.items():
        print(f"\n- {before}\n+ {after}\n{'explained' if after in explained else 'NOT EXPLAINED'} in tests/mutants.md")
    for after in explained - survivors.keys():
        print(f"\n+ {after}\nexplained in tests/mutants.md, but NO SURVIVOR")
    return int(min(scores) < 0.9 or survivors.keys() != explained)


if __name__ == "__main__":
    sys.exit(main())
