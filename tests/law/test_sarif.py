"""The SARIF log holds what viewers need: the version, a rule for every result, a place with a line, and links."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent))
from law_room import EVERYTHING, HERE, edited, good

from shounuo.cli.main import furnished
from shounuo.core.consistency import check
from shounuo.law.lint import lint
from shounuo.law.requirement import requirements
from shounuo.law.sarif import Checked, log

TODAY = date(2026, 11, 21)

# What the published schema (SARIF 2.1.0) lets each object hold, and what it must: of the objects we write.
SHAPES: dict[str, tuple[set[str], set[str]]] = {
    "log": ({"$schema", "version", "runs"}, {"version", "runs"}),
    "run": ({"tool", "columnKind", "artifacts", "results", "properties"}, {"tool"}),
    "tool": ({"driver"}, {"driver"}),
    "driver": ({"name", "semanticVersion", "rules"}, {"name"}),
    "rule": (
        {
            "id",
            "name",
            "shortDescription",
            "fullDescription",
            "help",
            "helpUri",
            "defaultConfiguration",
            "properties",
        },
        {"id"},
    ),
    "result": (
        {"ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints", "properties"},
        {"message"},
    ),
    "location": ({"physicalLocation", "logicalLocations"}, set()),
    "place": ({"artifactLocation", "region"}, set()),
    "artifact": ({"location", "sourceLanguage"}, set()),
}


def shaped(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """The object, once its keys are found to be those the schema allows and asks for."""
    allowed, needed = SHAPES[kind]
    assert needed <= set(value) <= allowed, (kind, set(value))
    return value


def checked(policy: Any) -> Checked:
    """A policy with everything that was found in it."""
    return Checked(name="a policy.yaml", own=check(policy), law=lint(policy, TODAY, EVERYTHING))


def written(*files: Checked) -> dict[str, Any]:
    """A log as it is read back from its JSON."""
    return dict(json.loads(json.dumps(log(files, TODAY, "1.2.3"), ensure_ascii=False)))


@pytest.fixture(scope="module")
def sample() -> dict[str, Any]:
    """A log of a policy with a contradiction, with gaps, and with faults of its own."""
    return written(
        checked(edited({"text.shown-at.sign-in": "needed"}, ["rights.relatives", "contact.hotline"]))
    )


def test_a_log_has_the_shape_of_the_schema(sample: dict[str, Any]) -> None:
    """Every object has the keys SARIF 2.1.0 allows and asks for, and its closed words are kept."""
    shaped("log", sample)
    assert sample["version"] == "2.1.0"
    assert sample["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = sample["runs"]
    shaped("run", run)
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    driver = shaped("driver", shaped("tool", run["tool"])["driver"])
    for rule in (shaped("rule", one) for one in driver["rules"]):
        assert all(
            rule[key]["text"] for key in ("shortDescription", "fullDescription", "help") if key in rule
        )
        assert rule.get("helpUri", "https://").startswith(("http://", "https://"))
    for artifact in run["artifacts"]:
        assert shaped("artifact", artifact)["location"]["uri"] == "a%20policy.yaml"


def test_every_result_has_rule_level_message_and_line(sample: dict[str, Any]) -> None:
    """A result names its rule twice (by id and place), and points at a line of the file."""
    (run,) = sample["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["results"]
    for result in (shaped("result", one) for one in run["results"]):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning")
        assert result["message"]["text"]
        (location,) = result["locations"]
        place = shaped("place", shaped("location", location)["physicalLocation"])
        assert place["artifactLocation"]["uri"] == "a%20policy.yaml"
        assert place["region"]["startLine"] >= 1
    assert len({rule["id"] for rule in rules}) == len(rules)


def test_a_result_says_what_a_finding_says(sample: dict[str, Any]) -> None:
    """Article, remedy, the other laws that ask the same, and a link to the law where we know one."""
    (run,) = sample["runs"]
    results = {one["ruleId"]: one for one in run["results"]}
    rules = {one["id"]: one for one in run["tool"]["driver"]["rules"]}
    assert results["pipl-7"]["level"] == "error"
    assert results["pipl-7"]["properties"]["also"] == [
        "ndsr-21a: Network Data Security Management Regulation, art. 21(1)"
    ]
    assert "art. 49" in results["pipl-49"]["message"]["text"]
    assert rules["pipl-49"]["helpUri"].startswith("http")
    assert rules["pipl-49"]["properties"]["inForce"] == "2021-11-01"


def test_fingerprints_tell_results_apart_and_outlive_lines() -> None:
    """No two results share a mark; a blank line above changes none."""

    def marks(policy: Any) -> list[str]:
        (run,) = written(checked(policy))["runs"]
        return [one["partialFingerprints"]["ruleAndEntry/v1"] for one in run["results"]]

    from shounuo.language.load import load

    text = (HERE / "good.yaml").read_text("utf-8")
    here, below = marks(load(text, "x.yaml")), marks(load("\n\n" + text, "x.yaml"))
    assert sorted(here) == sorted(below)
    assert len(set(here)) == len(here)


def test_a_clean_policy_makes_a_log_without_results() -> None:
    """Nothing found is a log all the same."""
    file = Checked(name="good.yaml", own=(), law=lint(good(), TODAY, EVERYTHING))
    (run,) = written(file)["runs"]
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []


def test_laws_whose_text_we_can_link_to_are_linked() -> None:
    """Most requirements of the law on personal information lead to its text."""
    assert all(
        one.editions[-1][0].url for one in requirements() if one.id.startswith(("pipl-", "ndsr-", "gdpr-"))
    )


def run(*args: str) -> Any:
    """The command, as it is called."""
    return CliRunner().invoke(furnished(), ["lint", *args], catch_exceptions=False)


def test_the_command_prints_a_log_for_all_packs() -> None:
    """`shounuo lint --all --sarif` is one log of one run over every pack, and JSON and nothing else."""
    (one,) = json.loads(run("--all", "--sarif", "--at", "2026-11-21").stdout)["runs"]
    assert [file["location"]["uri"] for file in one["artifacts"]] == [
        "changlian.yaml", "huiju.yaml", "kexun.yaml", "tuyi.yaml", "vnet.yaml",
    ]  # fmt: skip


def test_the_command_prints_everything_of_a_finding_as_json() -> None:
    """Requirement, severity, line, entry, article, force, text, says, asks, remedy, date, and who else asks."""
    found = json.loads(run("huiju", "--json", "--at", "2026-11-21", "--fact", "ecommerce=true").stdout)
    assert found["policy"] == "huiju"
    keys = {
        "requirement", "severity", "line", "entry", "article", "force", "text", "asks", "says", "remedy", "in_force",
        "pending", "also",
    }  # fmt: skip
    assert found["law"]
    assert all(set(one) == keys and set(one["article"]) == {"zh", "en"} for one in found["law"])
    every = json.loads(run("--all", "--json", "--at", "2026-11-21").stdout)
    assert [one["policy"] for one in every["policies"]] == ["changlian", "huiju", "kexun", "tuyi", "vnet"]


def test_the_command_asks_for_one_thing() -> None:
    """A pack or all of them; one form of output; a day that exists; a fact that is one."""
    from shounuo.errors import Misconfigured

    for args in (
        (), ("huiju", "--all"), ("huiju", "--json", "--sarif"), ("huiju", "--at", "2026-02-30"),
        ("huiju", "--fact", "minors=perhaps"), ("huiju", "--fact", "minors"), ("huiju", "--fact", "pi_subjects=٣"),
    ):  # fmt: skip
        with pytest.raises(Misconfigured):
            run(*args)
