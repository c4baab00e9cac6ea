"""The notebook servers in which readers open the chapters: JupyterLab; the classic notebook with Colab's versions."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = {path.stem: nbformat.read(path, as_version=4) for path in sorted((ROOT / "book").glob("*.ipynb"))}
COLAB = ROOT / ".venv-colab/bin/python"  # `make hosts` builds it
START_LIMIT, RUN_LIMIT = 180, 600  # seconds, many times what they take: a server up or a notebook open, a chapter run


@dataclass(frozen=True)
class Host:
    """A kind of notebook server: its command, and in JavaScript what its page knows of the open notebook."""

    command: tuple[str, ...]
    settings: str  # the class that holds the server's settings
    url: str
    says: str | None  # what its console says before the notebook can be run
    ready: str  # whether the notebook is open and its kernel answers
    run: str  # run all cells
    finished: str  # whether they have run
    counts: str  # of each code cell that is not empty, its execution count
    errors: str  # of every cell, as texts
    state: str  # what keys must not change: the selected cell, the mode, and every cell's kind and source
    own_noise: str  # a regular expression: complaints about the host's own fonts
    python: str = sys.executable  # that of its kernel
    library: Path = ROOT / "vae_lib"  # where its kernel finds vae_lib
    variables: tuple[tuple[str, str], ...] = ()  # of its environment, besides ours


LAB = Host(
    command=(sys.executable, "-m", "jupyterlab", "--LabApp.expose_app_in_browser=True"),
    settings="ServerApp",
    url="lab/tree/{}?reset",
    says=None,
    ready="""() => window.jupyterapp?.shell?.currentWidget?.context?.isReady
        && jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.connectionStatus === "connected" """,
    run="() => void jupyterapp.commands.execute('notebook:run-all-cells').then(() => (window.ran = true))",
    finished="() => window.ran",
    counts="""() => jupyterapp.shell.currentWidget.content.widgets.map((cell) => cell.model)
        .filter((cell) => cell.type === "code" && cell.sharedModel.source.trim()).map((cell) => cell.executionCount)""",
    errors="""() => jupyterapp.shell.currentWidget.content.widgets.flatMap((cell) => cell.model.outputs?.toJSON() ?? [])
        .filter((output) => output.output_type === "error").map((error) => `${error.ename}: ${error.evalue}`)""",
    state="""() => {
        const { activeCellIndex, mode, widgets } = jupyterapp.shell.currentWidget.content;
        return [activeCellIndex, mode, widgets.map(({ model }) => [model.type, model.sharedModel.source])];
    }""",
    own_noise="(?!)",
)
CLASSIC = Host(
    command=(str(COLAB), "-m", "notebook"),
    settings="NotebookApp",
    url="notebooks/{}",
    # ipywidgets 7 looks for widgets in the kernel, in two ways; one made meanwhile would never be drawn.
    says="Failed to fetch ipywidgets through",
    ready="() => window.Jupyter?.notebook?._fully_loaded && Jupyter.notebook.kernel?.is_connected()",
    run="""() => new Promise((answered) => Jupyter.notebook.kernel.comm_info("jupyter.widget", answered))
        .then(() => Jupyter.notebook.execute_all_cells())""",
    finished="() => Jupyter.notebook.get_cells().every((cell) => cell.input_prompt_number !== '*')",
    counts="""() => Jupyter.notebook.get_cells().filter((cell) => cell.cell_type === "code" && cell.get_text().trim())
        .map((cell) => cell.input_prompt_number)""",
    errors="""() => Jupyter.notebook.get_cells().flatMap((cell) => cell.output_area?.outputs ?? [])
        .filter((output) => output.output_type === "error").map((error) => `${error.ename}: ${error.evalue}`)""",
    state="""() => {
        const { notebook } = Jupyter;
        return [notebook.get_selected_index(), notebook.mode,
                notebook.get_cells().map((cell) => [cell.cell_type, cell.get_text()])];
    }""",
    own_noise="about:blank|MathJax|^Failed to load resource",  # its MathJax looks for fonts that it does not have
    python=str(COLAB),
    library=next((ROOT / ".venv-colab").glob("lib/python*/site-packages")) / "vae_lib",  # the first cell put it there
    variables=(("PYTHONPATH", str(ROOT / "tests/colab")),),  # where google.colab is
)
HOSTS = {"lab": LAB, "classic": CLASSIC}


@dataclass(frozen=True)
class Server:
    """A running server: what it is, where it answers, the folder that it shows, its log."""

    host: Host
    address: str
    folder: Path
    log: Path


running: list[Server] = []  # whose logs a failing test shows


@contextmanager
def started(host: Host) -> Iterator[Server]:
    """A server of this kind, in an empty folder, with nothing of the user's settings and no network."""
    with tempfile.TemporaryDirectory(prefix="notebooks-") as folder:
        home, port = Path(folder), free_port()
        server = Server(host, f"http://127.0.0.1:{port}", home / "notebooks", home / "log")
        server.folder.mkdir()
        with server.log.open("w") as log:
            command = [*host.command, *options(host.settings, port)]
            process = subprocess.Popen(command, cwd=server.folder, env=environment(home, host), stdout=log, stderr=log)
        running.append(server)
        try:
            wait_until_up(server, process)
            yield server
        finally:
            process.terminate()  # the server ends its kernels
            process.wait(START_LIMIT)
            running.remove(server)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def options(settings: str, port: int) -> list[str]:
    values = {"token": "", "password": "", "disable_check_xsrf": True, "ip": "127.0.0.1", "port": port}
    return ["--no-browser", "--allow-root", *(f"--{settings}.{name}={value}" for name, value in values.items())]


def environment(home: Path, host: Host) -> dict[str, str]:
    """Ours without Jupyter's variables, its folders in `home`: the only kernel left is the server's own Python."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))}
    folders = {f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    return {**ours, **folders, "IPYTHONDIR": str(home / "ipython"), **dict(host.variables)}


def wait_until_up(server: Server, process: subprocess.Popen) -> None:
    for _ in range(10 * START_LIMIT):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode}:\n{server.log.read_text()}")
        try:
            urllib.request.urlopen(f"{server.address}/api", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"no server within {START_LIMIT} s:\n{server.log.read_text()}")


@contextmanager
def opened(page, server: Server, name: str, notebook: nbformat.NotebookNode) -> Iterator:
    """The page with this notebook open in the server, not yet run; at the end its kernel is shut down."""
    nbformat.write(notebook, server.folder / f"{name}.ipynb")
    url = f"{server.address}/{server.host.url.format(f'{name}.ipynb')}"
    if said := server.host.says:
        with page.expect_console_message(lambda message: said in message.text, timeout=1000 * START_LIMIT):
            page.goto(url)
    else:
        page.goto(url)
    page.wait_for_function(server.host.ready, timeout=1000 * START_LIMIT)
    yield page
    page.goto("about:blank")
    for session in page.request.get(f"{server.address}/api/sessions").json():
        page.request.delete(f"{server.address}/api/sessions/{session['id']}")


def run_all(page, host: Host) -> None:
    page.evaluate(host.run)
    page.wait_for_function(host.finished, timeout=1000 * RUN_LIMIT)
