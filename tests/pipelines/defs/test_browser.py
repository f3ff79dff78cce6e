"""Dagster's own web interface over a run from the command line, looked at with a real browser."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import dagster as dg
import pytest

from warehouse.layout import HOME_VARIABLE, Home

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (BROWSER and DRIVER), reason="chromium and its driver are not installed")

ROOT = Path(__file__).parents[3]
SENTENCE = ["discover", "fetch", "read", "recognise", "validate", "store", "assemble", "publish"]
DEADLINE = 180


@pytest.fixture(scope="module")
def home(sample_home, tmp_path_factory):
    """A home after a run, that the web server may write to."""
    root = tmp_path_factory.mktemp("browsed") / "home"
    shutil.copytree(sample_home.root, root)
    return Home(root)


@pytest.fixture(scope="module")
def address(home, tmp_path_factory):
    """The address of Dagster's web server over that home."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("log") / "webserver.log"
    environment = {"DAGSTER_HOME": str(home.root / "dagster"), HOME_VARIABLE: str(home.root), "DO_NOT_TRACK": "1"}
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "dagster_webserver", "-h", "127.0.0.1", "-p", str(port), "-w", "workspace.yaml"],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + DEADLINE
        while not answers(f"{url}/server_info"):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        yield url
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(DEADLINE)


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own server
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def browser():
    """A browser without a screen."""
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    # In a container there is often neither a sandbox nor much shared memory.
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1700,1000"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


def shown(browser, *texts):
    """Wait until each text is displayed by an element of its own; returns those elements by text."""
    end = time.monotonic() + DEADLINE
    while True:
        found = {}
        for text in texts:
            elements = browser.find_elements("xpath", f"//*[normalize-space(text())='{text}']")
            found[text] = [element for element in elements if element.is_displayed()]
        missing = [text for text, elements in found.items() if not elements]
        if not missing:
            return found
        assert time.monotonic() < end, f"{missing} not in: {browser.find_element('tag name', 'body').text}"
        time.sleep(0.2)


def test_the_graph_reads_like_the_sentence_from_left_to_right(browser, address):
    browser.get(f"{address}/locations/pipelines/asset-groups/gongkai/lineage")
    nodes = {name: elements[-1].rect for name, elements in shown(browser, *SENTENCE).items()}
    assert sorted(SENTENCE, key=lambda name: nodes[name]["x"]) == SENTENCE
    # In one line.
    assert max(node["y"] for node in nodes.values()) - min(node["y"] for node in nodes.values()) < 10


def test_the_run_from_the_command_line_is_in_the_history(browser, address, home, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(home.root / "dagster"))
    with dg.DagsterInstance.get() as instance:
        (run,) = instance.get_runs()
    browser.get(f"{address}/runs")
    shown(browser, run.run_id[:8], "changed", "Success")


def test_the_checks_of_a_partition_are_shown(browser, address):
    browser.get(f"{address}/assets/validate?view=checks")
    shown(browser, "structure", "arithmetic", "plausibility")


def test_the_nightly_schedule_is_shown(browser, address):
    browser.get(f"{address}/automation")
    shown(browser, "nightly")
