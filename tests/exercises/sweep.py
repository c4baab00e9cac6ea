"""Sweeps over the exercises, too long for every run: `python sweep.py mutants`, `seeds`, `blind`, and names of some.

*mutants*: every change of one operator, constant, sign or axis in a solution, and every term dropped, must be refused,
unless it gives what the solution gives on a third input. *seeds*: solutions, oracles and unusual answers, each judged
on 100 seeds of inputs and of draws, must all pass. *blind*: what is said of the answers of `answers/blind_*.py`, a line
each, and how many are refused, named and generic; whether a name is right a reader judges, from the author's words.
"""

import ast
import copy
import inspect
import sys
import textwrap
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
from answers import blind, files
from vae_lib import exercises
from vae_lib.exercises.engine import ByHand
from vae_lib.exercises.engine.by_hand import apply, close
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


def changed(tree: ast.AST):
    """Every change of one place in a tree: in words, and the new tree."""
    expressions = []

    class Collect(ast.NodeVisitor):
        def generic_visit(self, node):
            if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
                expressions.append(node)
            super().generic_visit(node)

    Collect().visit(tree)
    for number, node in enumerate(expressions):
        for what, new in changes(node):
            mutant = Replaced(number, copy.deepcopy(new)).visit(copy.deepcopy(tree))
            yield f"line {node.lineno}, {ast.unparse(node)}: {what}", ast.fix_missing_locations(mutant)


def mutants(thing) -> list[tuple[str, object]]:
    """Every change of one place in the source of a function or class, and what it makes."""
    found = []
    for words, mutant in changed(ast.parse(textwrap.dedent(inspect.getsource(thing)))):
        names = dict(vars(inspect.getmodule(thing)))
        try:
            exec(compile(mutant, "mutant", "exec"), names)
        except Exception:  # no Python, or none that can be defined
            continue
        found.append((words, names[thing.__name__]))
    return found


def mutants_by_hand(module) -> list[tuple[str, dict]]:
    """The same of the steps of an exercise by hand: its `STEPS`, one of them changed."""
    tree, found = ast.parse(inspect.getsource(module)), []
    [steps] = [n.value for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "STEPS"]
    for key, step in zip(steps.keys, steps.values, strict=True):
        if isinstance(step, ast.Lambda):
            for words, mutant in changed(step.body):
                new = ast.Expression(ast.Lambda(step.args, mutant))
                function = eval(compile(ast.fix_missing_locations(new), "mutant", "eval"), dict(vars(module)))
                found.append((f"{key.value}: {words}", module.STEPS | {key.value: function}))
    return found


def entries(check: ByHand, steps: dict) -> dict[str, np.ndarray]:
    values = dict(check.numbers)
    for name, step in steps.items():
        values[name] = apply(step, values)
    return {name: values[name] for name in steps}


def same_on_a_third_input(check, mutant) -> bool:
    """Are its statistics those of the solution there? Where it draws: from ten times the calls."""
    other = check.for_student(THIRD)
    if isinstance(other, ByHand):
        return all(close(value, other.expected[name]) for name, value in entries(other, mutant).items())
    pieces = list(other.pieces.values()) if hasattr(other, "pieces") else [other]
    for piece in pieces:
        drawn = piece.calls > 100
        for call, right in zip(piece.plan, piece.of_solution, strict=True):
            [seen] = observe(mutant, [replace(call, calls=call.calls * (10 if drawn else 1))], THIRD)
            if seen.status != "value" or piece._lost([seen]):
                return False
            if call.paths:
                if piece._slopes(0, seen.paths):
                    return False
                continue
            came = piece.statistics(seen, call)
            if any(n in came and misfit(came[n], right[n]) > 1e30 for n in piece.names):
                return False
    return True


def of_name(name: str):
    """The check, its module, and the answers of students."""
    return getattr(exercises, f"check_{name}"), sys.modules[f"vae_lib.exercises.{name}"], files()[name]


def run_mutants(name: str) -> int:
    check, module, _ = of_name(name)
    by_hand = isinstance(check, ByHand)
    found, refused, left_out, bad = mutants_by_hand(module) if by_hand else mutants(check.solution), 0, [], 0
    for words, mutant in found:
        if check.judge(entries(check, mutant) if by_hand else mutant).status == "wrong":
            refused += 1
        elif same_on_a_third_input(check, mutant):
            left_out.append(words)
        else:
            bad += 1
            print(f"ACCEPTED | {name} | {words}", flush=True)
    print(f"{name}: {len(found)} mutants, {refused} refused, {len(left_out)} the same as the solution:")
    print("".join(f"    {words}\n" for words in left_out), flush=True)
    return bad


def run_seeds(name: str, count: int = 100) -> int:
    check, _, file = of_name(name)
    if isinstance(check, ByHand):  # its answers are numbers of the book: a student's own have others
        refused = [n for n in range(count) if (own := check.for_student(n)).judge(own.expected).status != "right"]
        print(f"{name} | the steps | {count} seeds, refused at {refused}", flush=True)
        return len(refused)
    right = [("the solution", check.solution)] + [(words, answer) for answer, words, key in file.ANSWERS if not key]
    right += [("the oracle", file.oracle)] if callable(file.oracle) else []
    bad = 0
    for words, answer in right:
        start = time.process_time()
        refused = [seed for seed in range(count) if check.for_student(seed).judge(answer).status != "right"]
        bad += len(refused)
        seconds = (time.process_time() - start) / count
        print(f"{name} | {words} | {count} seeds, refused at {refused} | {seconds:.2f} s each", flush=True)
    return bad


def run_blind(name: str) -> int:
    (check, *_), counts = of_name(name), Counter()
    for answer, words, is_right in blind()[name].ANSWERS if name in blind() else ():
        verdict = check.judge(answer)
        kind = kind_of(verdict, is_right)
        counts[kind] += 1
        print(f"{name} | {words} | {kind} | {verdict.key} | {verdict.sentence}", flush=True)
    print(f"{name}: {dict(counts)}", flush=True)
    return counts["ACCEPTED"] + counts["UNFAIR"] + counts["OURS"]


def kind_of(verdict, is_right: bool) -> str:
    if verdict.status == "ours is broken":
        return "OURS"
    if is_right:
        return "right" if verdict.status == "right" else "UNFAIR"
    if verdict.status == "not attempted":
        return "open"
    if verdict.status != "wrong":
        return "ACCEPTED"
    what_is = verdict.key.endswith(("/what-is", "-some"))
    return "generic" if verdict.key.endswith(GENERIC) else "what is" if what_is else "named"


if __name__ == "__main__":
    torch.set_num_threads(1)
    sweep = {"mutants": run_mutants, "seeds": run_seeds, "blind": run_blind}[sys.argv[1]]
    sys.exit(min(1, sum(sweep(name) for name in sys.argv[2:] or files())))
