"""The hand-written pages and texts: their numbers are computed here, their names and links exist."""

import json
import math
import re
import runpy
import subprocess
import tomllib
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

import matplotlib.pyplot as plt
import minutes
import nbformat
import numpy as np
import pytest
import scipy.linalg
import torch
import yaml
from anchors import anchor
from torch.distributions import Normal, kl_divergence

from vae_lib.exact import worked_example
from vae_lib.model import VAE
from vae_lib.networks import BernoulliDecoder, GaussianEncoder
from vae_lib.objectives import elbo_terms
from vae_lib.page.plotting import as_svg

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
HAND_WRITTEN = {path.stem: path.read_text() for path in sorted(BOOK.glob("*.md"))}
REFERENCES = HAND_WRITTEN.pop("references")
INDEX, ABOUT, NOTATION = HAND_WRITTEN["index"], HAND_WRITTEN["about"], HAND_WRITTEN["notation"]
README, CONTRIBUTING = (ROOT / "README.md").read_text(), (ROOT / "CONTRIBUTING.md").read_text()
SOURCES = "".join(
    path.read_text()
    for folder, glob in [("book", "*.ipynb"), ("vae_lib", "*.py")]
    for path in sorted((ROOT / folder).glob(glob))
)
CONTENTS = re.findall(r"file: (\S+)", (ROOT / "_toc.yml").read_text())
CHAPTERS = [path for path in sorted(BOOK.glob("[0-9]*.ipynb")) if f"book/{path.stem}" in CONTENTS]
NUMERALS = dict(enumerate(["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"]))
SIGMA = np.diag([0.25, 4.0])  # the covariance of the notation page


# The first page, and how to use the book


def test_the_landing_picture_is_what_its_code_draws():
    landing = runpy.run_path(str(BOOK / "_tools" / "landing.py"))
    with plt.style.context("vae_lib.page.book"):
        assert landing["PICTURE"].read_text() == as_svg(landing["landing"]()).data


def opening(path: Path) -> str:
    return "".join(json.loads(path.read_text())["cells"][0]["source"])


def stated(path: Path) -> tuple[int, int]:
    """The minutes of a chapter's core path: of reading, of its exercises."""
    return tuple(map(int, re.search(r"\*\*Time:\*\* about (\d+) .*? and (\d+) for its exer", opening(path)).groups()))


def test_the_loss_in_the_headline_is_the_j_of_chapter_2():
    values = worked_example.forward(worked_example.X[0], worked_example.WEIGHTS, worked_example.EPS[0])
    assert re.search(r"^# Your loss prints ([\d.]+)\.", INDEX, re.MULTILINE)[1] == f"{float(values['J']):.4f}"


def test_the_core_path_adds_up():
    read, worked = zip(*map(stated, CHAPTERS[:5]), strict=True)
    assert f"{' + '.join(map(str, read))} = {sum(read)} minutes of reading, and {sum(worked)} for exercises" in ABOUT
    assert f"Five chapters, {sum(read)} minutes." in INDEX
    assert f"The core path takes about {sum(read)} minutes to read" in README


def test_the_night_before_the_deadline_takes_20_minutes_of_core_sections():
    rows = re.findall(r"^\| \[(.+?)\]\((\S+?)#\S+\) \| (\d+) minutes \|$", ABOUT, re.MULTILINE)
    total = 0
    for heading, file, said in rows:
        sections = minutes.sections(nbformat.read(BOOK / file, as_version=4))
        took = {title: seconds / 60 for title, deeper, seconds in sections if not deeper}[heading]
        assert max(1, round(took)) == int(said), heading
        total += took
    assert minutes.about(total) == 20
    assert f"{NUMERALS[len(rows)]} sections, 20 minutes." in INDEX
    assert {"The encoder: μ and log σ²", "L, not Σ"} <= {heading for heading, *_ in rows}  # the two usual traps


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_maps_give_every_chapter_in_the_contents_its_link_title_and_minutes(path):
    title = re.match(r"# (\d+)\. (.*)", opening(path))
    assert f"| [{title[1]}. {title[2]}]({path.name}) | {stated(path)[0]} min |" in ABOUT
    point = f" · R{title[1]}" if int(title[1]) <= 5 else ""
    place = (
        rf"\*\*\[{re.escape(f'{title[1]}. {title[2]}')}\]\({path.name}\)\*\*\n\n.+\n\n  {stated(path)[0]} min{point}\n"
    )
    assert re.search(place, INDEX)
    assert f"| {title[1]} | [{title[2]}](book/{path.name}) |" in README


# Notation and errata


def test_every_name_in_the_notation_table_is_used():
    table = NOTATION.split("## The table")[1].split("## θ and ϕ")[0]
    codes = [
        code
        for row in re.findall(r"^\| \$?[^|]+\| ([^|]*)\|", table, re.MULTILINE)
        for code in re.findall("`(.*?)`", row)
    ]
    assert len(codes) > 20
    assert [code for code in codes if not re.search(rf"\b{re.escape(code)}\b", SOURCES)] == []


def test_sigma_transposed_eps_has_the_covariance_that_the_errata_print():
    z = SIGMA.T @ np.random.default_rng(0).standard_normal((2, 1_000_000))
    np.testing.assert_allclose(np.cov(z), SIGMA.T @ SIGMA, rtol=0.01, atol=0.01)
    variances = (f"{value:g}" for value in np.diag(SIGMA.T @ SIGMA))
    assert rf"\mathrm{{diag}}({', '.join(variances)})" in NOTATION


def test_scipy_returns_the_upper_factor_that_makes_the_hand_out_right():
    Sigma = np.array([[1.0, 0.5], [0.5, 2.0]])
    A = scipy.linalg.cholesky(Sigma)
    assert A[1, 0] == 0
    np.testing.assert_allclose(A.T @ A, Sigma, rtol=1e-15)


@pytest.mark.parametrize(("mu", "log_var"), [(0.0, 0.0), (1.5, -2.0), (-1.0, 1.4)])
def test_the_kl_that_fits_sigma_transposed_eps_has_the_fourth_power_of_sigma(mu, log_var):
    mu, sigma = torch.tensor(mu, dtype=torch.double), torch.tensor(log_var / 2, dtype=torch.double).exp()
    expected = kl_divergence(Normal(mu, sigma**2), Normal(torch.zeros_like(mu), torch.ones_like(mu)))
    torch.testing.assert_close((mu**2 + sigma**4 - 1 - 2 * log_var) / 2, expected)
    assert r"$\tfrac12 (\mu^2 + \sigma^4 - 1 - 2 \log \sigma^2)$" in NOTATION


def test_the_table_of_sigma_follows_from_its_log_variances():
    log_var = np.log(np.diag(SIGMA))
    for symbol, values, form in [
        (r"\log \sigma^2", log_var, ".4f"),
        (r"\sigma^2", np.exp(log_var), ".4g"),
        (r"\sigma", np.exp(log_var / 2), ".4g"),
    ]:
        row = " | ".join(format(value, form).replace("-", "−") for value in values)
        assert f"| ${symbol}$ | {row} |" in NOTATION


def test_the_constant_of_four_dimensions_and_the_nat_are_as_printed():
    assert rf"$2 \log 2\pi \approx {2 * math.log(2 * math.pi):.4f}$" in NOTATION
    assert rf"$\log_2 e \approx {math.log2(math.e):.4f}$" in NOTATION


def gradients(term, model):
    """The gradient of a term by the encoder's and the decoder's parameters; None where it does not depend on them."""
    flat = []
    for part in (model.encoder, model.decoder):
        grads = torch.autograd.grad(term.sum(), part.parameters(), retain_graph=True, allow_unused=True)
        flat.append(None if grads[0] is None else torch.cat([grad.flatten() for grad in grads]))
    return flat


def test_without_the_trick_one_path_is_lost_and_no_other(monkeypatch):
    model = VAE(GaussianEncoder(6, 2, 5), BernoulliDecoder(2, 6, 5), 2).double()
    x = torch.bernoulli(torch.full((4, 6), 0.5, dtype=torch.double))

    def all_gradients():
        torch.manual_seed(1)
        return [gradients(term, model) for term in elbo_terms(model, x)]

    (reconstruction_theta, reconstruction_phi), (kl_theta, kl_phi) = all_gradients()
    monkeypatch.setattr(torch.distributions.Independent, "rsample", torch.distributions.Independent.sample)
    (lost, unchanged), (kl_theta_still, _) = all_gradients()
    assert reconstruction_theta.abs().max() > 0
    assert lost is None
    assert kl_phi is None
    torch.testing.assert_close(unchanged, reconstruction_phi, rtol=0, atol=0)
    torch.testing.assert_close(kl_theta_still, kl_theta, rtol=0, atol=0)


def test_the_squared_error_is_a_gaussian_of_unit_variance_and_without_its_half_one_of_variance_a_half():
    x, f = torch.randn(2, 4, dtype=torch.double)
    squared = (x - f).square().sum()
    unit = -Normal(f, 1.0).log_prob(x).sum()
    torch.testing.assert_close(unit, squared / 2 + 2 * math.log(2 * math.pi))
    half = -Normal(f, math.sqrt(0.5)).log_prob(x).sum()
    torch.testing.assert_close(half, squared + 2 * math.log(math.pi))


# The references


def entries(section: str) -> list[str]:
    return [" ".join(entry.split()) for entry in re.findall(r"^- (.+(?:\n  .+)*)", section, re.MULTILINE)]


def links(text: str) -> list[str]:
    return re.findall(r"\]\((https?://[^)\s]+)\)", text)


SECTIONS = dict(re.findall(r"^## (.+)\n\n((?:(?!## ).*\n)+)", REFERENCES, re.MULTILINE))
WORKS = {name: entries(section) for name, section in SECTIONS.items() if name != "The hand-out"}
NOT_LITERATURE = {"creativecommons.org", "docs.pytorch.org", "github.com", "opensource.org", "scikit-learn.org"}

each_work = pytest.mark.parametrize("work", [*chain(*WORKS.values())], ids=lambda work: work.split("). ")[0].strip("*"))


@each_work
def test_a_reference_has_a_year_and_shows_the_identifier_that_it_links(work):
    year = int(re.match(r"[^(]+\((\d{4})\)\. \*\S", work)[1])
    shown, address = re.search(r"\[([^]`]+)\]\((https?://[^)\s]+)\)", work).groups()
    kind, _, identifier = shown.partition(":")
    if kind == "arXiv":
        date, number = identifier.split(".")
        assert re.fullmatch(r"\d\d(0[1-9]|1[0-2])", date)
        assert re.fullmatch(r"\d{4}" if date < "1501" else r"\d{5}", number)
        assert 2000 + int(date[:2]) <= year
        assert address == f"https://arxiv.org/abs/{identifier}"
    elif kind == "doi":
        assert re.fullmatch(r"10\.\d{4,5}/[\w.:/-]+\w", identifier)
        assert address == f"https://doi.org/{identifier}"
    else:
        assert re.sub(r"^https?://|/$", "", address) == shown


def test_no_work_stands_twice_in_the_references():
    titles = [re.search(r"\(\d{4}\)\. \*(.+?)\*", work)[1].casefold() for works in WORKS.values() for work in works]
    assert titles
    assert len(set(titles)) == len(titles)
    assert len(set(links(REFERENCES))) == len(links(REFERENCES))


def test_every_work_that_the_book_links_stands_in_the_references():
    bare = r"https://(?:arxiv\.org/abs/[\d.]+\d|doi\.org/[\w.:/-]+\w|openreview\.net/forum\?id=\w+)"
    linked = set(re.findall(bare, SOURCES)) | set(links(SOURCES + "".join(HAND_WRITTEN.values())))
    assert linked
    assert {link for link in linked - set(links(REFERENCES)) if urlsplit(link).hostname not in NOT_LITERATURE} == set()


def test_every_work_is_cited_unless_it_is_there_to_learn_from_or_to_be_used():
    cited = set(re.findall(r"https?://[^\s)\\\"]+[^\s)\\\".,]", SOURCES + "".join(HAND_WRITTEN.values())))
    literature = [name for name in WORKS if name not in {"To learn from", "Data", "Software"}]
    assert [work for name in literature for work in WORKS[name] if links(work)[0] not in cited] == []


# The glossary


def headings(path: Path) -> list[str]:
    cells = json.loads(path.read_text())["cells"]
    markdown = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return [heading for source in markdown for heading in re.findall(r"^##+ (.+)$", source, re.MULTILINE)]


GLOSSARY = re.findall(r"^(\S.*)\n((?:  .+\n)+)", NOTATION.split("```{glossary}\n")[1].split("```")[0], re.MULTILINE)


@pytest.mark.parametrize(("word", "meaning"), GLOSSARY, ids=[word for word, _ in GLOSSARY])
def test_a_word_of_the_glossary_links_to_the_section_that_introduces_it(word, meaning):
    link = re.search(r"Chapter (\d+):\s+\[(?P<section>.+)\]\((?P<file>0?\1_\w+\.ipynb)#(?P<place>\S+)\)\.\n$", meaning)
    assert BOOK / link["file"] in CHAPTERS
    found = [text for text in headings(BOOK / link["file"]) if text.removesuffix(" *(deeper)*") == link["section"]]
    assert [anchor(heading) for heading in found] == [link["place"]]


# Texts and commands


def test_readme_and_contributing_link_to_files_that_exist():
    for text in (README, CONTRIBUTING):
        assert [path for path in re.findall(r"\]\((?!https)([^)#]+)\)", text) if not (ROOT / path).exists()] == []


def targets(file: str) -> list[str]:
    """The targets of a makefile that say what they do."""
    return re.findall(r"^([a-z-]+):.*##", (ROOT / file).read_text(), re.MULTILINE)


def test_the_texts_and_the_makefiles_name_the_same_targets():
    listed = re.findall(r"^\| `make ([a-z-]+)` \|", CONTRIBUTING, re.MULTILINE)
    known = targets("Makefile") + targets("tools.mk")
    assert sorted(listed) == sorted(known)
    assert set(re.findall(r"`?make ([a-z-]+)(?:`|  )", README + ABOUT + CONTRIBUTING)) <= set(known)


def test_make_help_lists_every_target_the_readers_first():
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^([a-z-]+) — \S", said, re.MULTILINE) == targets("Makefile") + targets("tools.mk")
    assert set(targets("Makefile")) == {"help", "book", "test", "all", "lab"}


def test_mending_a_typo_trains_nothing():
    would_run = subprocess.run(["make", "-n", "notebooks"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "book/_tools/notebooks.py" in would_run
    assert "assets.py" not in would_run


@pytest.mark.parametrize("goal", ["all", "weekly"])
def test_the_gates_that_contributing_lists_are_those_that_run(goal):
    would_run = subprocess.run(["make", "-n", goal], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    row = re.search(rf"^\| `make {goal}` \| [^:]+: ([^;|]+)", CONTRIBUTING, re.MULTILINE)[1]
    assert re.findall(r"^== make (\w+)$", would_run, re.MULTILINE) == re.findall("`(\\w+)`", row)


def test_contributing_explains_every_extension():
    for path in (BOOK / "_ext").glob("*.py"):
        assert f"| `{path.stem}` |" in CONTRIBUTING


def test_the_changelog_opens_with_the_version_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    versions = re.findall(r"^## (\d+\.\d+\.\d+) \(", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert versions[0] == project["version"]
    assert versions == sorted(versions, key=lambda version: [int(part) for part in version.split(".")], reverse=True)


def test_the_oldest_environment_has_the_bounds_of_the_package():
    bounds = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    oldest, newest = ((ROOT / f"tests/matrix/{name}.txt").read_text().splitlines() for name in ("oldest", "newest"))
    pins = {re.sub(r"\.0$", "", line).replace("==", ">=") for line in oldest if not line.startswith("#")}
    assert pins == {re.sub(r"(\.\d+)\.0$", r"\1", bound) for bound in bounds}
    assert {line for line in newest if not line.startswith("#")} == {bound.split(">=")[0] for bound in bounds}


def test_citation_configuration_and_package_agree():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert citation["title"] == config["title"]
    assert citation["authors"] == project["authors"] == [{"name": config["author"]}]
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    assert f"Copyright (c) {config['copyright']}, {config['author']}" in (ROOT / "LICENSE").read_text()
    assert f"Copyright {config['copyright']} {config['author']}" in (ROOT / "LICENSE-CONTENT").read_text()
