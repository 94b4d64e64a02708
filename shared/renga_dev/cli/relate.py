"""`renga relate`: the foreign keys that a schema does not declare, with no runtime."""

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any, Literal

import click

from renga_dev.cli._designs import read_design
from renga_dev.cli._edge import Misuse

if TYPE_CHECKING:
    from renga_infer.relating import Answer, Relation
    from renga_schema import Reading


@click.command()
@click.argument("sources", metavar="FILES|DIR|-...", nargs=-1, required=True)
@click.option("--dialect", metavar="DIALECT", help="The SQL dialect; detected where it is not given.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "ddl", "json"]),
    default="table",
    show_default=True,
    help="A table with reasons, the DDL that declares what is proposed, or one JSON object.",
)
@click.option(
    "--threshold",
    metavar="P",
    type=click.FloatRange(0, 1),
    help="The lowest probability that is shown; by default that from which the model proposes.",
)
@click.option("--rules", is_flag=True, help="Ask the rules of naming alone, and no model.")
@click.option(
    "--url", metavar="URL", help="Ask an inference service; by default the model that comes with Renga, here."
)
def command(
    *,
    sources: tuple[str, ...],
    dialect: str | None,
    form: Literal["table", "ddl", "json"],
    threshold: float | None,
    rules: bool,
    url: str | None,
) -> None:
    """Propose the foreign keys that a schema does not declare.

    Each has a probability and reasons that can be checked by looking at the schema. Exit status: 0, 1 when nothing
    could be read or the service did not answer, 2 on misuse.
    """
    if rules and (url or threshold is not None):
        raise Misuse("--rules asks no model: --url and --threshold are of the model.")
    reading = read_design(sources, dialect)
    try:
        from renga_infer.relating import MODEL
    except ModuleNotFoundError as error:
        raise Misuse(f"This wants the package {error.name!r}: install renga[infer-server].") from None
    answer = _answer(reading, threshold, rules=rules, url=url)
    if form == "json":
        click.echo(json.dumps(_as_json(answer, None if rules else MODEL), indent=2, ensure_ascii=False))
    elif form == "ddl":
        click.echo(_ddl(reading, answer), nl=False)
    else:
        _table(answer, None if rules else MODEL)


def _answer(reading: "Reading", threshold: float | None, *, rules: bool, url: str | None) -> "Answer":
    from renga_dev.proposing import NoServiceUrl, ask
    from renga_infer.errors import InferenceError, ModelRefusedError
    from renga_infer.relating import Question

    question = Question(reading.schema)
    if rules:
        return question.by_rules()
    try:
        return asyncio.run(ask(question, url, at_least=threshold))
    except (InferenceError, ModelRefusedError) as error:
        raise click.ClickException(f"{error} --rules asks no model.") from None
    except ModuleNotFoundError as error:
        raise Misuse(f"This wants the package {error.name!r}: install renga[infer-server,infer-client].") from None
    except NoServiceUrl as error:
        raise Misuse(str(error)) from None


def _ddl(reading: "Reading", answer: "Answer") -> str:
    from renga_dev.constraints import script

    dialect = reading.schema.dialect or "postgres"
    if dialect == "mssql":
        click.echo("Nothing here writes DDL for mssql; this is PostgreSQL's.", err=True)
        dialect = "postgres"
    return script(reading.schema, answer.relations, dialect)


def _as_json(answer: "Answer", model: str | None) -> dict[str, Any]:
    return {
        "found_by": "model" if model else "rules",
        "model": model,
        "version": answer.version,
        "proposals": [
            {
                "table": one.link.table,
                "columns": [one.link.column],
                "target": one.link.target,
                "target_columns": [one.link.key],
                "probability": one.probability,
                "reasons": list(one.reasons),
            }
            for one in answer.relations
        ],
    }


def _table(answer: "Answer", model: str | None) -> None:
    from rich.table import Table

    from renga_dev.plural import plural
    from renga_dev.proposing import teller
    from renga_dev.timeline import console

    if answer.relations:
        table = Table(box=None, pad_edge=False)
        for title in ("column", "refers to", "probability", "because"):
            table.add_column(title, justify="right" if title == "probability" else "left")
        for one in answer.relations:
            table.add_row(*_row(one))
        console().print(table)
    who = teller(answer, rules=model is None)
    sys.stdout.flush()
    click.echo(f"{plural(len(answer.relations), 'foreign keys')} proposed by {who}.", err=True)


def _row(one: "Relation") -> tuple[str, str, str, str]:
    link = one.link
    chance = "" if one.probability is None else f"{one.probability:.0%}"
    return f"{link.table}.{link.column}", f"{link.target}.{link.key}", chance, "; ".join(one.reasons)
