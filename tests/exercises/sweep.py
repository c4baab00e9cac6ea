"""Sweeps over the exercises of the newer form, too long for every run: `python sweep.py mutants`, `seeds`, `blind`.

*mutants*: every change of one operator, constant, sign or axis in a solution, and every term dropped, must be refused,
unless it gives what the solution gives on a third input. *seeds*: solutions, oracles and unusual answers, each judged
on 100 seeds of inputs and of draws, must all pass. *blind*: what is said of the answers of `answers/blind_*.py`, a line
each, and how many are refused, named and generic; whether a name is right a reader judges, from the author's words.
"""

import ast
import copy
import inspect
import runpy
import sys
import textwrap
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
from answers import elbo as answers_to_elbo
from answers import kl as answers_to_kl
from answers import reparameterize as answers_to_reparameterize
from answers import vae as answers_to_vae
from vae_lib import exercises
from vae_lib.exercises import check_elbo, check_kl, check_reparameterize, check_vae, elbo, kl, reparameterize, vae
from vae_lib.exercises.engine.observe import observe
from vae_lib.exercises.engine.statistics import misfit

OPERATORS = [ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow]
GENERIC = "/unknown", "/shape", "/not-finite"
THIRD = 1234  # the seed of the third input


def changes(node: ast.AST):
    """What may stand in a node's place, with a word for it."""
    if isinstance(node, ast.BinOp):
        for operator in OPERATORS:
            if not isinstance(node.op, operator):
                yield operator.__name__, ast.BinOp(node.left, operator(), node.right)
        yield "left alone", node.left
        yield "right alone", node.right
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        for value in (node.value + 1, node.value * 2, node.value / 2, -node.value, 0):
            yield f"{node.value} → {value}", ast.Constant(value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "no sign", node.operand
        if isinstance(node.operand, ast.Constant):
            yield "axis 0", ast.Constant(0)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield f"no .{node.func.attr}", node.func.value
        swaps = {"sum": "mean", "mean": "sum", "exp": "log", "rsample": "sample"}
        if node.func.attr in swaps:
            function = ast.Attribute(node.func.value, swaps[node.func.attr], ast.Load())
            yield f".{function.attr}", ast.Call(function, node.args, node.keywords)
    if isinstance(node, ast.Name | ast.Call | ast.BinOp):
        yield "minus", ast.UnaryOp(ast.USub(), node)


class Replaced(ast.NodeTransformer):
    def __init__(self, number: int, new: ast.AST):
        self.number, self.new, self.seen = number, new, -1

    def generic_visit(self, node):
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            self.seen += 1
            if self.seen == self.number:
                return self.new
        return super().generic_visit(node)


def mutants(thing) -> list[tuple[str, object]]:
    """Every change of one place in the source of a function or class, and what it makes."""
    source = textwrap.dedent(inspect.getsource(thing))
    tree, found = ast.parse(source), []
    expressions = []

    class Collect(ast.NodeVisitor):
        def generic_visit(self, node):
            if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
                expressions.append(node)
            super().generic_visit(node)

    Collect().visit(tree)
    for number, node in enumerate(expressions):
        for what, new in changes(node):
            mutant = ast.fix_missing_locations(Replaced(number, copy.deepcopy(new)).visit(copy.deepcopy(tree)))
            names = dict(vars(inspect.getmodule(thing)))
            try:
                exec(compile(mutant, "mutant", "exec"), names)
            except Exception:  # no Python, or none that can be defined
                continue
            found.append((f"line {node.lineno}, {ast.unparse(node)}: {what}", names[thing.__name__]))
    return found


def same_on_a_third_input(check, mutant) -> bool:
    """Are its statistics those of the solution there? Where it draws: from ten times the calls."""
    other = check.for_student(THIRD)
    pieces = list(other.pieces.values()) if hasattr(other, "pieces") else [other]
    for piece in pieces:
        drawn = piece.calls > 100
        for call, right in zip(piece.plan, piece.of_solution, strict=True):
            [seen] = observe(mutant, [replace(call, calls=call.calls * (10 if drawn else 1))], THIRD)
            if seen.status != "value" or seen.lost:
                return False
            if call.paths:
                if piece._slopes(0, seen.paths):
                    return False
                continue
            came = piece.statistics(seen, call)
            if any(n in came and misfit(came[n], right[n]) > 1e30 for n in piece.names):
                return False
    return True


def run_mutants() -> int:
    bad = 0
    checks = (check_kl, kl.solution), (check_reparameterize, reparameterize.solution), (check_elbo, elbo.solution)
    for check, solution in (*checks, (check_vae, vae.Solution)):
        found, refused, left_out = mutants(solution), 0, []
        for words, mutant in found:
            if check.judge(mutant).status == "wrong":
                refused += 1
            elif same_on_a_third_input(check, mutant):
                left_out.append(words)
            else:
                bad += 1
                print(f"ACCEPTED | {check.name} | {words}", flush=True)
        print(f"{check.name}: {len(found)} mutants, {refused} refused, {len(left_out)} the same as the solution:")
        print("".join(f"    {words}\n" for words in left_out), flush=True)
    return bad


def right_answers():
    files = {check_kl: answers_to_kl, check_reparameterize: answers_to_reparameterize, check_elbo: answers_to_elbo}
    for check, file in files.items():
        yield check, "the solution", check.solution
        yield check, "the oracle", file.oracle
        yield from ((check, words, answer) for answer, words, key in file.ANSWERS if not key)
    yield check_vae, "the solution", vae.Solution
    yield from ((check_vae, words, answer) for answer, words, key in answers_to_vae.ANSWERS if not key)


def run_seeds(count: int = 100) -> int:
    bad = 0
    for check, words, answer in right_answers():
        start = time.process_time()
        refused = [seed for seed in range(count) if check.for_student(seed).judge(answer).status != "right"]
        bad += len(refused)
        seconds = (time.process_time() - start) / count
        print(f"{check.name} | {words} | {count} seeds, refused at {refused} | {seconds:.2f} s each", flush=True)
    return bad


def run_blind() -> int:
    bad = 0
    for path in sorted((Path(__file__).parents[1] / "answers").glob("blind_*.py")):
        name = path.stem.removeprefix("blind_")
        check, counts = getattr(exercises, f"check_{name}"), Counter()
        for answer, words, is_right in runpy.run_path(str(path))["ANSWERS"]:
            verdict = check.judge(answer)
            kind = kind_of(verdict, is_right)
            counts[kind] += 1
            bad += kind in ("ACCEPTED", "UNFAIR", "OURS")
            print(f"{name} | {words} | {kind} | {verdict.key} | {verdict.sentence}", flush=True)
        print(f"{name}: {dict(counts)}", flush=True)
    return bad


def kind_of(verdict, is_right: bool) -> str:
    if verdict.status == "ours is broken":
        return "OURS"
    if is_right:
        return "right" if verdict.status == "right" else "UNFAIR"
    if verdict.status != "wrong":
        return "ACCEPTED"
    return "generic" if verdict.key.endswith(GENERIC) else "what is" if verdict.key.endswith("/what-is") else "named"


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.exit(bool({"mutants": run_mutants, "seeds": run_seeds, "blind": run_blind}[sys.argv[1]]()))
