"""The theme's style sheet in a built book: rules that can match stay, in their order; the rest is gone."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "book" / "_ext"))
from lean_styles import left

PAGES = {"on", "open", "row"}
KEPT = [
    "a{color:red}",
    ".on{color:red}",
    'nav .on > .row::before{content:".off{}"}',
    '#id[data-x=".off"]{color:red}',
    ".on:not(.off){color:red}",
    ":is(.off, .on){color:red}",
    "@media (min-width: 3em){.on{color:red}\n}",
    "@supports (display: grid){@media print{.on{color:red}\n}\n}",
    "@font-face{font-family:off}",
    "@keyframes off{from{top:0}}",
    '@import "off.css";',
]
GONE = [".off{color:red}", ".on.off{color:red}", ".on .off a{}", "@media print{.off{}}", "@supports (top: 0){.off{}}"]


@pytest.mark.parametrize("rule", KEPT)
def test_a_rule_that_can_match_stays_as_it_is(rule):
    assert left(rule, PAGES) == rule + "\n"


@pytest.mark.parametrize("rule", GONE)
def test_a_rule_with_a_class_that_no_page_has_goes(rule):
    assert left(rule, PAGES) == ""


def test_of_a_list_the_selectors_that_can_match_stay():
    assert left(".off, .on ,a.off,.row:is(.a,.b){top:0}", PAGES) == ".on,.row:is(.a,.b){top:0}\n"


def test_rules_stay_in_their_order_and_a_second_time_nothing_changes():
    once = left(".row{top:0} /* .on */ .off{top:1} .on{top:2}", PAGES)
    assert once == ".row{top:0}\n.on{top:2}\n" == left(once, PAGES)


def test_a_sheet_that_cannot_be_read_is_an_error():
    with pytest.raises(ValueError, match="cannot be read"):
        left(".on", PAGES)
