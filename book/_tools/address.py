"""Is the address in `_config.yml` ours? Every install cell runs what lies there, so it must be what publishes the book.

`address.py` prints a line where this checkout's `origin` is another repository, or where there is none; `make book`
goes on all the same. `address.py https://github.com/owner/name` stops unless the address is that one, and the workflow
that publishes calls it so.
"""

import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def repository() -> dict[str, str]:
    """What `_config.yml` says of it: its url and its branch, or a release's tag."""
    return yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]


def name(url: str) -> str:
    """Host, owner and name of a repository, however its address is written; without a user's name and password."""
    bare = re.sub(r"^\w+://|^[^/]*@(?=[^/]+:)", "", url.strip()).removesuffix("/").removesuffix(".git")
    return re.sub(r"^[^/]*@", "", bare).replace(":", "/").casefold()


def origin() -> str | None:
    """The address that this checkout came from, or None."""
    command = ["git", "remote", "get-url", "origin"]
    try:
        return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def warning(address: str, here: str | None) -> str | None:
    """What `make book` says: nothing where the address is this checkout's own."""
    if here and name(address) == name(here):
        return None
    whose = (
        f"is not where this checkout came from, {name(here)}" if here else "may be anybody's: git has no origin here"
    )
    where = "CONTRIBUTING.md, To adopt the book for another course"
    return f"_config.yml's address, {address}, {whose}. Before you publish, see {where}."


def refusal(address: str, publisher: str) -> str | None:
    """Why the book must not be published: nothing where the address is the publisher's own."""
    if name(address) == name(publisher):
        return None
    return (
        f"expected repository.url of _config.yml to be the repository that publishes, {publisher}, got {address}: "
        "whoever owns that address could run code in your students' notebooks. Set it, `make notebooks`, commit, push."
    )


if __name__ == "__main__":
    address = repository()["url"]
    if len(sys.argv) > 1:
        sys.exit(refusal(address, sys.argv[1]))
    if line := warning(address, origin()):
        print(line)
