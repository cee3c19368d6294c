"""Every command, and what their exit codes mean.

| code | meaning |
|---|---|
| 0 | done; the answer is yes |
| 1 | done; the answer is no: a promise is broken, a use refused, a file not verified, a rule of law violated |
| 2 | not done: the input or the set-up is wrong, and the message says what to do |

Heavy modules are imported inside the commands, so that `--help` is quick.
"""

import signal
import sys
from typing import Annotated

import structlog
import typer

from shounuo import errors

app = typer.Typer(
    name="shounuo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="守诺: compiles a privacy policy into the rules a running system obeys, and proves clause by clause that they are kept.",
)

OperatorOption = Annotated[
    str | None,
    typer.Option("--operator", "-o", help="the operator's public name; not needed when there is only one"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON instead of text")]
PackArgument = Annotated[str, typer.Argument(help="the name of a pack, such as `huiju`, or a policy file")]


def furnished() -> typer.Typer:
    """The application with every command in it."""
    from shounuo.cli import commands, difference, explain, house, keys, proving, rendering  # noqa: F401 - each adds its commands to `app`

    return app


def main() -> None:
    """Run a command. Our own errors are a plain sentence; anything else is our fault and says so."""
    furnished()
    # What is printed is the answer, so what is logged goes to stderr: the one there is when the line is written.
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything opened is closed
    try:
        app(standalone_mode=True)
    except errors.BadPolicy as error:
        typer.echo(error.told(), err=True)
        sys.exit(2)
    except errors.Refused as error:
        clauses = f" [{', '.join(error.clauses)}]" if error.clauses else ""
        typer.echo(f"{error}{clauses}", err=True)
        sys.exit(1)
    except errors.ShounuoError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    except OSError as error:  # a file of the caller's that cannot be read or written; ours are told above
        typer.echo(
            f"`{error.filename}`: {error.strerror}" if error.filename else str(error.strerror), err=True
        )
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
