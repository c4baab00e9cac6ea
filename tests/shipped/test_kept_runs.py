"""Long runs are made once, and never half."""

import kept_runs
import pytest


def test_a_run_is_made_once_and_then_read(tmp_path):
    asked = []
    for _ in range(2):
        found = kept_runs.kept(tmp_path, "a run", lambda: asked.append(1) or {"−ELBO": 19.5})
        assert found == {"−ELBO": 19.5}
    assert len(asked) == 1


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
