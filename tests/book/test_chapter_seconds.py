"""The chapters' seconds: every chapter has a record, and the verdict is on the ratio."""

import json

import chapter_seconds
import pytest


def test_every_chapter_has_a_recorded_ratio():
    recorded = json.loads(chapter_seconds.RECORD.read_text())
    assert list(recorded) == [path.stem for path in chapter_seconds.chapters()]
    assert min(recorded.values()) > 0


@pytest.mark.parametrize(
    ("ratio", "recorded", "verdict"),
    [(14.9, 10.0, False), (15.1, 10.0, True), (5.0, 10.0, False), (0.1, None, True)],
)
def test_a_chapter_is_too_slow_above_one_and_a_half_times_its_record_or_without_one(ratio, recorded, verdict):
    assert chapter_seconds.too_slow(ratio, recorded) == verdict


def test_a_line_says_the_ratio_the_record_and_what_is_wrong():
    assert chapter_seconds.row("04_elbo", 16.0, 10.0).endswith(" 16.0 loops, recorded 10.0, TOO SLOW")
    assert chapter_seconds.row("04_elbo", 14.0, 10.0).endswith("recorded 10.0")
    assert chapter_seconds.row("09_new", 14.0, None).endswith("no record")
