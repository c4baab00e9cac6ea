"""Long runs are made once, and never half."""

import kept_runs
import pytest


def test_a_run_is_made_once_and_then_read(tmp_path):
    asked = []
    for _ in range(2):
        found = kept_runs.kept(tmp_path, "a run", lambda: asked.append(1) or {"−ELBO": 19.5})
        assert found == {"−ELBO": 19.5}
    assert len(asked) == 1


def test_the_cpu_seconds_of_runs_are_counted_by_the_beginning_of_their_names(tmp_path):
    for name in ("GRU 0", "GRU 1", "mixture 0"):
        kept_runs.kept(tmp_path, name, lambda: {"sum": sum(range(3 * 10**7))})
    both, mixture = (kept_runs.cpu_seconds(tmp_path, begin) for begin in ("GRU", "mixture"))
    assert 0.1 <= mixture < both < 60
    assert kept_runs.cpu_seconds(tmp_path) == pytest.approx(both + mixture)


def test_a_run_that_stops_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        kept_runs.kept(tmp_path, "a run", stop)
    assert list(tmp_path.iterdir()) == []


def stop():
    raise KeyboardInterrupt


def test_another_plan_has_another_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_runs, "RUNS", tmp_path)
    one, other = (kept_runs.folder("doses", (1, last)) for last in (2, 3))
    assert one != other
    assert one == kept_runs.folder("doses", (1, 2))
    assert one.is_dir()
