"""The way of a newcomer, on real processes: look at the demonstration, publish a policy, prove it, and see it on the wall."""

import json
import shutil
from collections.abc import Iterator

import httpx
import pytest
from system_room import Home, folder


@pytest.fixture
def place() -> Iterator[Home]:
    """A home that is not there yet, beside a policy to start from."""
    made = folder()
    home = Home(made / "home", {}, None)  # type: ignore[arg-type]
    try:
        yield home
    finally:
        if home.postmasters():
            home.stop_database()
        shutil.rmtree(made)


@pytest.mark.slow
def test_from_the_demonstration_to_a_proven_wall(place: Home) -> None:
    """The demonstration leaves nobody behind but itself; kept proofs stand on the wall, and only those of this text."""
    file = place.folder.parent / "acme.yaml"
    assert place.command("init", str(file)).returncode == 0
    other = file.with_name("other.yaml")
    other.write_text(file.read_text("utf-8").replace("acme-", "other-"), encoding="utf-8")

    shown = place.command("demo", "--once", "--pack", str(other))
    assert shown.returncode == 0, shown.stderr
    looked = json.loads(place.command("doctor", "--json").stdout)["findings"]
    assert [one["what"] for one in looked if one["what"].startswith("operator")] == ["operator other"]

    assert place.command("publish", str(file)).returncode == 0
    wrong = place.command("prove", str(file), "--clause", "acme-0")
    assert wrong.returncode == 2
    assert "acme-0" in wrong.stderr
    kept = place.command("prove", str(file), "--keep")
    assert kept.returncode == 0, kept.stderr
    assert "kept with version 1 of acme" in kept.stderr

    file.write_text(file.read_text("utf-8") + "# another text\n", encoding="utf-8")
    stale = place.command("prove", str(file), "--keep")
    assert stale.returncode == 2
    assert "publish this one first" in stale.stderr

    with place.serving() as serving:
        wall = httpx.get(f"{serving.address}/console/acme?lang=en").text
        page = httpx.get(f"{serving.address}/policy/acme?lang=en").text
    assert wall.count('data-status="kept"') == 10
    assert "not affiliated" not in wall + page  # it is the company's own
