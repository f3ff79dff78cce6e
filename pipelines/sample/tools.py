"""Running the programs that the builder needs: Chromium, LibreOffice, fontconfig."""

import shutil
import subprocess


class MissingTool(Exception):  # noqa: N818 - the name states the situation
    """A program the builder needs is not installed."""


class ToolFailed(Exception):  # noqa: N818 - the name states the situation
    """A program the builder needs ended with an error."""


def run(program: str, *arguments: str) -> str:
    """Run a program found on the path; return what it prints.

    Raises:
        MissingTool: it is not installed.
        ToolFailed: it ended with an error.
    """
    path = shutil.which(program)
    if path is None:
        raise MissingTool(f"{program} is not installed; pipelines.sample.build says what a build needs")
    # The arguments are the builder's own; no shell sees them.
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise ToolFailed(f"{program} ended with {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
