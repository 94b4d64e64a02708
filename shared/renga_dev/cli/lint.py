"""`renga lint`: what the rules find in a schema, with no runtime; on request with the foreign keys it leaves out."""

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any, Literal

import click

from renga_dev.cli._designs import read_design
from renga_dev.cli._edge import Misuse

if TYPE_CHECKING:
    from renga_schema import Proposal, Reading
    from renga_schema.lint import Report

MODEL, RULES = "model", "rules"
"""Who can be asked for links beside a service."""


@click.command()
@click.argument("sources", metavar="FILES|DIR|-...", nargs=-1, required=True)
@click.option("--dialect", metavar="DIALECT", help="The SQL dialect; detected where it is not given.")
@click.option("--rule", "rules", metavar="ID", multiple=True, help="Apply this rule alone; may be given several times.")
@click.option(
    "--links",
    "links",
    metavar="model|rules|URL",
    help="Report foreign keys that are not declared (DSN-FK-MISSING): as the model that comes with Renga finds them, as"
    " rules of naming do, or as an inference service does.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info", "never"]),
    default="error",
    show_default=True,
    help="The lowest severity that makes the exit status 1.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="For whom."
)
def command(
    *,
    sources: tuple[str, ...],
    dialect: str | None,
    rules: tuple[str, ...],
    links: str | None,
    fail_on: Literal["error", "warning", "info", "never"],
    form: Literal["text", "json"],
) -> None:
    """Check a schema against the rules.

    Exit status: 0, 1 when there is a finding of the severity of --fail-on or nothing could be read, 2 on misuse.
    """
    from renga_schema import lint

    reading = read_design(sources, dialect)
    proposals = () if links is None else _proposals(reading, links)
    try:
        report = lint.check(reading.schema, rules=rules or None, losses=reading.losses, proposals=proposals)
    except lint.UnknownRuleError as error:
        raise Misuse(f"{error}.") from None
    if form == "json":
        told: dict[str, Any] = {"findings": [each.model_dump(mode="json") for each in report.findings]}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        _tell(report)
    sys.exit(report.at_least(fail_on))


def _proposals(reading: "Reading", links: str) -> "tuple[Proposal, ...]":
    """What who is asked proposes; where a service is away the rules do, and standard error says so."""
    from renga_schema import Proposal

    try:
        from renga_dev.proposing import NoServiceUrl, ask, teller
        from renga_infer.errors import InferenceError, ModelRefusedError
        from renga_infer.relating import Question
    except ModuleNotFoundError as error:
        raise Misuse(f"This wants the package {error.name!r}: install renga[infer-server].") from None
    question, by_rules = Question(reading.schema), links == RULES
    if by_rules:
        answer = question.by_rules()
    else:
        try:
            answer = asyncio.run(ask(question, None if links == MODEL else links))
        except (InferenceError, ModelRefusedError) as error:
            click.echo(f"{error} The rules are asked instead.", err=True)
            answer, by_rules = question.by_rules(), True
        except ModuleNotFoundError as error:
            raise Misuse(f"This wants the package {error.name!r}: install renga[infer-server,infer-client].") from None
        except NoServiceUrl as error:
            raise Misuse(f"--links: {error} It is {MODEL}, {RULES}, or the URL of an inference service.") from None
    click.echo(f"Undeclared foreign keys are looked for by {teller(answer, rules=by_rules)}.", err=True)
    return Proposal.of_links(reading.schema, answer.relations)


def _tell(report: "Report") -> None:
    from rich.console import Console

    from renga_dev.diagnostics import diagnostic_lines
    from renga_dev.plural import plural

    out = Console(highlight=False, soft_wrap=True)
    for finding in report.findings:
        for line in diagnostic_lines(finding, (finding.origin and finding.origin.file) or "input"):
            out.print(line)
    counts = ", ".join(plural(count, f"{severity}s") for severity, count in report.counts.items() if severity != "info")
    sys.stdout.flush()
    click.echo(f"{counts}, {report.counts['info']} info.", err=True)
