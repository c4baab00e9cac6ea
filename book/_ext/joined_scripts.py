"""The live figures of a chapter share one script: each of its modules is there once, and data that are the same, too.

In a notebook each figure's output is complete, and a module of `vae_lib.figures.base` stands in all of them. On the
page the first figure's script takes in those of the others: a module's scope is a constant with a name of its own.
"""

import re

SCOPE = re.compile(r"^const (\w+\$\w+) = \(\(\) => \{\n.*?^\}\)\(\);\n", re.MULTILINE | re.DOTALL)
STARTED = re.compile(r"^(const data = .*;\n)(start\(.*\);\n)", re.MULTILINE)
LAST = re.compile(r"^const \{ render \} = .*\n|^export default .*\n", re.MULTILINE)


def join(app, docname, body):
    scripts = body.select("[data-explorable] + script[type=module]")
    if scripts:
        scripts[0].string = joined([script.string for script in scripts])
    for script in scripts[1:]:
        script.decompose()


def joined(scripts: list[str]) -> str:
    """One module that starts the figures of them all, in order."""
    scopes = {scope[1]: scope[0] for script in scripts for scope in SCOPE.finditer(script)}
    starter = LAST.sub("", STARTED.sub("", SCOPE.sub("", scripts[0])))
    calls: dict[str, str] = {}
    for script in scripts:
        data, call = STARTED.search(script).groups()
        calls[data] = calls.get(data, "") + call
    blocks = [f"{{\n{data}{call}}}\n" for data, call in calls.items()]
    return "".join([*scopes.values(), starter, *blocks])


def setup(app):
    app.connect("chapter-parsed", join)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
