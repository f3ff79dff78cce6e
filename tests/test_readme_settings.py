"""The files of settings that the README shows are valid."""

import re
from pathlib import Path

from pipelines.fetch.limits import limits_of
from pipelines.report.notify import notifiers
from warehouse.layout import Home

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_settings_of_the_readme_are_valid(tmp_path: Path) -> None:
    settings, notify = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "fetch.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "notify.toml").write_text(notify, encoding="utf-8")
    assert limits_of(tmp_path).contact == "https://example.org/gongkai"
    made, problems = notifiers(Home(tmp_path), {"GONGKAI_MAIL_PASSWORD": "x"})
    assert [type(each).__name__ for each in made] == ["Webhook", "Mail", "FileNotifier"]
    assert problems == ()
