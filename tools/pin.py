"""Copy the pins of requirements.lock into `[tool.uv] constraint-dependencies`, which `uv run` obeys without a lock file."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def pins(lock: str) -> list[str]:
    """Every `name==version` of a hashed requirements file, in its order."""
    return [
        f"{name}=={version}" for name, version in re.findall(r"^([A-Za-z0-9_.\-]+)==([^ \\;\n]+)", lock, re.M)
    ]


def main() -> None:
    """Write the pins."""
    project = ROOT / "pyproject.toml"
    wanted = pins((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    block = "constraint-dependencies = [\n" + "".join(f'    "{pin}",\n' for pin in wanted) + "]\n"
    text = project.read_text(encoding="utf-8")
    project.write_text(
        re.sub(r"constraint-dependencies = \[\n.*?\n\]\n", block, text, flags=re.S), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
