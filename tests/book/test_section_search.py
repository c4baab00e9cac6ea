"""The search's index: how words are cut, what a formula becomes, and the list of readers' words."""

import sys
from pathlib import Path

import pytest
import yaml
from sphinx.errors import ExtensionError

EXTENSIONS = Path(__file__).parents[2] / "book" / "_ext"
sys.path.insert(0, str(EXTENSIONS))

import section_search  # noqa: E402
from sections import Section, signs  # noqa: E402

WORDS = section_search.cutter()


@pytest.mark.parametrize(
    "forms",
    [
        "reparameterization reparametrisation reparameterized re-parameterization",
        "blurry blurred blurring blur",
        "colour color colours",
        "normalise normalize normalized normalising",
        "losses loss",
        "probabilities probability",
        "VAEs VAE",
    ],
)
def test_every_form_and_spelling_of_a_word_has_one_stem(forms):
    assert len({WORDS(form)[-1] for form in forms.split()}) == 1


def test_different_words_keep_different_stems():
    words = ["mean", "median", "loss", "latent", "log", "logit", "noise", "nat", "nan"]
    assert len({WORDS(word)[0] for word in words}) == len(words)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("q_θ(z | x)", "q(z|x)"),
        ("β-VAE", "beta-vae"),
        ("log_var", "log-var"),
        ("Σᵀε", "sigma t epsilon"),
        ("0,69", "0.69"),
        ("60,000", "60000"),
        ("BCELoss", "bce_loss"),
    ],
)
def test_what_is_written_in_two_ways_has_the_same_words(one, other):
    assert WORDS(one) == WORDS(other)


def test_names_that_are_one_word_stay_one():
    assert [WORDS(name) for name in ("NaN", "ReLU", "rsample", "5.5994")] == [["nan"], ["relu"], ["rsampl"], ["5.5994"]]


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"\beta = 1", "β = 1"),
        (r"q_\theta(z \mid x)", "q_θ(z ∣ x)"),
        (r"\tfrac12 \sigma^2", "½ σ²"),
        (r"\log p(x)", "log p(x)"),
        (r"\mathrm{KL}", "KL"),
    ],
)
def test_a_formula_becomes_signs(tex, text):
    assert signs(tex).strip() == text


def test_a_word_in_a_title_weighs_more_than_in_the_text_and_an_index_is_the_same_twice():
    of = [
        Section("book/a#x", "Blur", "a text on pixels", "", [], 1),
        Section("book/a#y", "Other", "a blur of pixels", "", [], 1),
    ]
    index = section_search.index(of, {"book/a": "A"}, WORDS)
    title, text = index["words"]["blur"]
    assert title > text
    assert section_search.index(of, {"book/a": "A"}, WORDS) == index


def test_a_place_that_is_not_there_stops_the_build():
    with pytest.raises(ExtensionError, match="expected the places of sections"):
        section_search.with_other_words([])


def test_no_word_of_the_list_stands_for_itself():
    listed = yaml.safe_load(section_search.WORDS.read_text(encoding="utf-8"))["words"]
    assert [said for said, written in listed.items() if set(WORDS(said)) == set(WORDS(written))] == []
