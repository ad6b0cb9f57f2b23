"""What all tests share: lanes, the versions in the header, a browser without a network, QGIS,
PostGIS.

Every test gets the mark of its one lane here: `long` where the test itself says so; `system` if it
asks for a program (`chromium`, `browser`, `offline_page`, `axe`, `in_qgis`, `postgis`) or for the
real layers (`shared_data`), or says so; `laws` if hypothesis drives it or it says so; else `fast`.
Long tests run only when `-m` names them. Where a program is missing its tests are skipped with the
reason; with CI=true they fail.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas
import pandas
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import is_hypothesis_test, settings

from tests import own_definition as own_definitions
from tests import postgres, programs

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request, WebError

    from tests.postgres import Server

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Only the system's own Python can import the QGIS of the system.
QGIS_PYTHON = "/usr/bin/python3"
HANGS_S = 300
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
OUTSIDE = {"chromium", "axe", "in_qgis", "postgis", "shared_data"}
# The slowest first, so that no process is left alone with one of them at the end.
LANES = ("long", "system", "laws", "fast")
# The first example pays for loading PROJ; on CI the examples are the same in every run, unless
# the point is to find new ones. So many find a law that is broken; rare cases are for `--deep`.
settings.register_profile(
    "quick", deadline=None, derandomize=os.environ.get("CI") == "true", max_examples=30
)
settings.register_profile("deep", deadline=None, max_examples=2000)
PROFILE = os.environ.get("KCNGEO_PROFILE", "quick")
settings.load_profile(PROFILE)
TIMES_DEEPER = 20


def pytest_report_header() -> list[str]:
    gdal = ".".join(map(str, pyogrio.__gdal_version__))
    proj, geos = pyproj.proj_version_str, shapely.geos_version_string
    return [
        f"GDAL {gdal} (pyogrio {pyogrio.__version__}), PROJ {proj}, GEOS {geos}",
        f"geopandas {geopandas.__version__}, shapely {shapely.__version__}, "
        f"pandas {pandas.__version__}",
    ]


@pytest.hookimpl(tryfirst=True)  # the marks must be there when -m chooses by them
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    lanes = {item: lane_of(item) for item in items}
    for item, lane in lanes.items():
        item.add_marker(getattr(pytest.mark, lane))
        if lane == "laws" and PROFILE == "deep":
            try_many_more(item)
    left_out = [item for item in items if lanes[item] == "long"]
    if left_out and "long" not in config.option.markexpr:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if lanes[item] != "long"]
    if hasattr(config, "workerinput"):  # one of several processes, which get file after file
        files: dict[Path, list[pytest.Item]] = {}
        for item in items:
            files.setdefault(item.path, []).append(item)
        slowest = {
            path: (min(LANES.index(lanes[one]) for one in tests), -len(tests))
            for path, tests in files.items()
        }
        items.sort(key=lambda item: slowest[item.path])


def pytest_collection_finish() -> None:
    # What is imported and collected stays to the end; to look through it again and again for
    # garbage took a tenth of the time of small tests.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def lane_of(item: pytest.Item) -> str:
    """Tell the one lane a test belongs to."""
    if item.get_closest_marker("long"):
        return "long"
    if OUTSIDE & set(getattr(item, "fixturenames", ())) or item.get_closest_marker("system"):
        return "system"
    if item.get_closest_marker("laws"):
        return "laws"
    is_law = isinstance(item, pytest.Function) and is_hypothesis_test(item.obj)
    return "laws" if is_law else "fast"


def try_many_more(item: pytest.Item) -> None:
    """Multiply the examples of a law that names their number, which no profile can change."""
    own = item.obj._hypothesis_internal_use_settings  # type: ignore[attr-defined]
    if own.max_examples == settings.default.max_examples:
        return
    item.obj._hypothesis_internal_use_settings = settings(  # type: ignore[attr-defined]
        own, max_examples=own.max_examples * TIMES_DEEPER, derandomize=False
    )


@pytest.fixture
def own_definition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Add a definition of the fill rate by a file alone, as if it came with the library."""
    own = own_definitions.own_registry(tmp_path)
    monkeypatch.setattr(sys.modules["kcngeo.standards.registry"], "_shipped", lambda: own)
    return own_definitions.NAME


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real layers kept beside the repository, in ../shared/data."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real layers in ../shared/data")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium executable."""
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is not None:
        return found
    reason = f"no Chromium on the PATH (looked for {', '.join(CHROMIUM_NAMES)})"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, which judges how accessible a page is; `run.py test` fetches it."""
    if programs.AXE_FILE.is_file():
        return programs.AXE_FILE.read_text(encoding="utf-8")
    reason = "no axe-core (with CI=true, run.py test fetches it by npm)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for the whole run; a page that was opened is drawn, on a busy machine too."""
    from playwright.sync_api import Page, sync_playwright

    def drawn(load: Callable[..., Any]) -> Callable[..., Any]:
        def load_and_wait(page: Page, *arguments: Any, **options: Any) -> Any:
            answer = load(page, *arguments, **options)
            # Pages unpack their data after they were loaded, and are busy until then.
            for frame in page.frames:
                frame.wait_for_function("document.documentElement.ariaBusy !== 'true'")
            return answer

        return load_and_wait

    Page.goto, Page.reload = drawn(Page.goto), drawn(Page.reload)  # type: ignore[method-assign]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def in_qgis(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Ask QGIS, without a window: `in_qgis("task", argument=…)` runs a function of the program
    `tests/qgis/inside.py`, or of another, in the Python that QGIS belongs to and gives what it
    returns.
    """
    home = tmp_path_factory.mktemp("qgis")
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    environment = {**kept, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    environment |= {"QT_QPA_PLATFORM": "offscreen", "PYTHONUTF8": "1"}
    usual = ROOT / "tests" / "qgis" / "inside.py"

    def ask(task: str, *, program: Path = usual, **arguments: Any) -> Any:
        done = subprocess.run(
            [QGIS_PYTHON, program, task],
            input=json.dumps(arguments),
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    probe = [QGIS_PYTHON, "-c", "import qgis.core"]
    if Path(QGIS_PYTHON).exists() and subprocess.run(probe, capture_output=True).returncode == 0:
        return ask
    reason = f"no QGIS for {QGIS_PYTHON} (Debian: python3-qgis)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgis() -> Iterator[Server]:
    """One PostGIS server for the whole run, with the roles `owner` and `reader`."""
    found = postgres.programs()
    server = postgres.Server(found) if found is not None else None
    has_postgis = server is not None and server.run(
        "SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'"
    )
    if server is None or not has_postgis:
        reason = "no PostgreSQL with PostGIS (Debian: postgresql-17-postgis-3)"
        if server is not None:
            server.stop()
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    server.run("CREATE EXTENSION postgis")
    server.run(f"CREATE ROLE reader LOGIN PASSWORD '{postgres.PASSWORD}'")
    yield server
    server.stop()


@pytest.fixture
def offline_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open a page without network; it may ask for nothing and break nowhere.

    The browser speaks Vietnamese; another language is given by
    `@pytest.mark.parametrize("offline_page", ["en-GB"], indirect=True)`.
    At the end the test fails if any page asked for an http address, threw an error, or wrote one
    to the console.
    """
    complaints: list[str] = []

    def note_request(asked: Request) -> None:
        if asked.url.startswith(("http:", "https:")):
            complaints.append(f"asked for {asked.url}")

    def note_error(error: WebError) -> None:
        complaints.append(f"threw {error.error}")

    def note_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"wrote {message.text}")

    context = browser.new_context(offline=True, locale=getattr(request, "param", "vi-VN"))
    # Against a page that hangs: a busy machine may well need more than the usual half a minute.
    context.set_default_timeout(HANGS_S * 1000)
    context.on("request", note_request)
    context.on("weberror", note_error)
    context.on("console", note_console)
    yield context.new_page()
    context.close()
    assert not complaints, "the page " + "; ".join(complaints)
