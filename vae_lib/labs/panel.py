"""Chapters 3 and 5: a lab is a panel of settings. Touching one runs torch in the kernel, in pieces, until stopped.

Where no kernel runs, on the page and on GitHub, its recorded result stands in its place: never a dead slider.
"""

import asyncio
import base64
import html
import io
import math
import time
from collections.abc import Callable, Iterator

import ipywidgets as widgets
from matplotlib import style
from matplotlib.figure import Figure

from vae_lib.page.drawing import drawn

PAUSE = 0.3  # seconds that a setting stays as it is before a run begins
REDRAW = 1.0  # seconds of work between two pictures: drawing one takes a few tenths
RECORDED = (
    "A recorded result, with the settings named below. Run this cell in JupyterLab or Colab, and a panel appears in "
    "which you choose the settings and torch computes."
)
VIEW = "application/vnd.jupyter.widget-view+json"

Step = tuple[int, int, Callable[[], dict]]  # pieces done, pieces in all, and a function that returns the result so far


class Lab:
    """A panel that runs `run(**values of settings)` when a setting changes or Run is pressed, and can be stopped.

    `run` is a generator of steps; the event loop is free between two of them, so that Stop is heard and other cells
    run. `show` makes HTML of results, the last one newest: of this panel's, and of the `recorded` ones that stand where
    no kernel runs. `unit` is what is counted. `settings` maps the names of `run`'s arguments to ipywidgets.
    """

    def __init__(
        self, unit: str, settings: dict[str, widgets.Widget], run: Callable, show: Callable, recorded: list[dict]
    ):
        self.unit, self.settings, self.run, self.show = unit, settings, run, show
        self.earlier = show(recorded, picture_format="svg+xml")
        self.results: list[dict] = []
        self.task: asyncio.Task | None = None
        self.loop = _running_loop()
        self.start_button = widgets.Button(description="Run", icon="play")
        self.stop_button = widgets.Button(description="Stop", icon="stop", disabled=True)
        self.progress = widgets.FloatProgress(min=0.0, max=1.0, layout={"width": "140px"})
        self.status = widgets.HTML("Change a setting, or press Run. Until then this is a recorded result.")
        self.view = widgets.HTML(self.earlier)
        for widget in settings.values():
            widget.observe(lambda _: self._soon(self._start, PAUSE), "value")
        self.start_button.on_click(lambda _: self._soon(self._start, 0))
        self.stop_button.on_click(lambda _: self._soon(self._stop))
        controls = widgets.Box(list(settings.values()), layout={"flex_flow": "row wrap"})
        row = widgets.Box([self.start_button, self.stop_button, self.progress], layout={"flex_flow": "row wrap"})
        self.panel = widgets.VBox([controls, row, self.status, self.view])

    def __repr__(self) -> str:
        return f"A lab of {len(self.settings)} settings: {', '.join(self.settings)}"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.panel.model_id}
        return {"text/plain": repr(self), "text/html": f"<div><p>{RECORDED}</p>{self.earlier}</div>", VIEW: view}

    def _soon(self, callback: Callable, *arguments) -> None:
        """On the kernel's own loop: JupyterLab may deliver a widget's messages on another thread."""
        self.loop = self.loop or asyncio.get_running_loop()
        self.loop.call_soon_threadsafe(callback, *arguments)

    def _start(self, pause: float) -> None:
        self._stop()
        self.task = self.loop.create_task(self._work(pause))

    def _stop(self) -> None:
        if self.task:
            self.task.cancel()

    async def _work(self, pause: float) -> None:
        counted, result, drawn = "", None, -math.inf
        self.stop_button.disabled = False
        try:
            await asyncio.sleep(pause)
            self.status.value = "Running."
            for done, total, result in self.run(**{name: widget.value for name, widget in self.settings.items()}):
                counted = f"{thousands(done)} of {thousands(total)} {self.unit}"
                self.progress.value, self.status.value = done / total, f"Running: {counted}."
                if time.monotonic() - drawn > REDRAW:
                    self.view.value, drawn = self.show([*self.results, result()]), time.monotonic()
                await asyncio.sleep(0)
            self._finish(f"Done: {counted}.", result)
        except asyncio.CancelledError:
            if self.task is asyncio.current_task():  # else a newer run has begun
                self._finish(f"Stopped after {counted}." if counted else "Stopped.", result)
        except Exception as error:  # nobody awaits the task: what is not shown here would be lost
            self._finish(f"<b>{type(error).__name__}</b>: {html.escape(str(error))}", None)

    def _finish(self, status: str, result: Callable[[], dict] | None) -> None:
        self.stop_button.disabled, self.status.value = True, status
        if result:
            self.results.append(result())
            self.view.value = self.show(self.results)


def picture(figure_of: Callable[[dict], Figure], result: dict, alt: str, picture_format: str) -> str:
    """The figure of a result as an `<img>`, in the book's style, with no trace in matplotlib's state."""
    with style.context(["default", "vae_lib.page.book"]):
        figure = figure_of(result)
        drawing = drawn(figure).encode() if picture_format == "svg+xml" else _png(figure)
    source = f"data:image/{picture_format};base64,{base64.b64encode(drawing).decode()}"
    return f'<img alt="{html.escape(alt)}" src="{source}" style="width: 520px; max-width: 100%">'


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=144)
    return buffer.getvalue()


def table(header: list[str], rows: list[list[str]]) -> str:
    """An HTML table; cells are HTML."""
    cell = 'style="text-align: left; padding: 2px 12px 2px 0"'
    lines = [f"<tr>{''.join(f'<th {cell}>{name}</th>' for name in header)}</tr>"]
    lines += [f"<tr>{''.join(f'<td {cell}>{value}</td>' for value in row)}</tr>" for row in rows]
    return f"<table>{''.join(lines)}</table>"


def table_of_runs(header: list[str], runs: list[tuple[str, list[str]]]) -> str:
    """A table in which each run's description has a line of its own above its numbers, so that it fits a phone."""
    cell = 'style="text-align: left; padding: 0 12px 2px 0"'
    lines = [f"<tr>{''.join(f'<th {cell}>{name}</th>' for name in header)}</tr>"]
    for description, values in runs:
        lines.append(
            f'<tr><td colspan="{len(header)}" style="text-align: left; padding-top: 6px">{description}</td></tr>'
        )
        lines.append(f"<tr>{''.join(f'<td {cell}>{value}</td>' for value in values)}</tr>")
    return f"<table>{''.join(lines)}</table>"


def thousands(number: float, decimals: int = 0) -> str:
    return f"{number:,.{decimals}f}".replace(",", "\u202f").replace("-", "−")


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:  # no kernel: a plain interpreter
        return None


def steps_to_the_end(steps: Iterator[Step]) -> dict:
    """The result of a run that nobody stops: what is recorded."""
    *_, (_, _, result) = steps
    return result()


def rounded(value, digits: int = 5):
    """Every float in lists and dicts, rounded to `digits` significant digits, for a record."""
    if isinstance(value, dict):
        return {name: rounded(part, digits) for name, part in value.items()}
    if isinstance(value, list):
        return [rounded(part, digits) for part in value]
    return float(f"{value:.{digits}g}") if isinstance(value, float) else value
