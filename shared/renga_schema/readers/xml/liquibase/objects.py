"""Sequences, views and stored code."""

import re
from typing import Final

from renga_schema.model import DataType, Other, Ref, Routine, Sequence, SequenceOptions, View
from renga_schema.readers.sql.cursor import Unparsed
from renga_schema.readers.sql.moving import move_view, refuse_taken
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.xml.account import flag, number, required
from renga_schema.readers.xml.liquibase.session import Session
from renga_schema.readers.xml.tree import Element

_NUMBERS: Final = {
    "startValue": "start",
    "incrementBy": "increment",
    "minValue": "minimum",
    "maxValue": "maximum",
    "cacheSize": "cache",
}
_VIEW: Final = re.compile(
    r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?P<materialized>MATERIALIZED\s+)?VIEW\s+[\w.\"`\[\]]+\s+AS\s+(?P<query>.*)",
    re.IGNORECASE | re.DOTALL,
)


def _options(element: Element, base: SequenceOptions) -> SequenceOptions:
    given = {field: number(element, attribute) for attribute, field in _NUMBERS.items()}
    changed: dict[str, object] = {field: value for field, value in given.items() if value is not None}
    if element.attributes.get("cycle"):
        changed["cycle"] = flag(element, "cycle")
    options = base.model_copy(update=changed)
    # What every engine does anyway is not said, so that equal sequences are equal.
    plain = {"increment": 1, "minimum": 1, "cache": 1, "start": 1}
    quiet = {name: None for name, value in plain.items() if getattr(options, name) == value}
    return options if (options.increment or 1) < 0 else options.model_copy(update=quiet)


def create_sequence(session: Session, element: Element) -> Outcome:
    """`createSequence`."""
    ref = session.ref(element, "sequenceName")
    if session.builder.sequences.get(ref.namespace, ref.name) is not None:
        raise session.builder.duplicate("sequence", ref, element.offset)
    type_: DataType | None = session.type(element, "dataType") if element.attributes.get("dataType") else None
    session.builder.sequences.put(
        Sequence(
            name=ref.name,
            namespace=ref.namespace,
            origin=session.place(element),
            type=type_,
            options=_options(element, SequenceOptions()),
        )
    )
    return "applied"


def _sequence(session: Session, element: Element, attribute: str = "sequenceName") -> Sequence:
    ref = session.ref(element, attribute)
    found = session.builder.find(session.builder.sequences, ref)
    if found is None:
        known = session.builder.sequences.names()
        raise session.builder.missing("sequence", ref, element.offset, known)
    return found


def alter_sequence(session: Session, element: Element) -> Outcome:
    """`alterSequence`."""
    sequence = _sequence(session, element)
    options = _options(element, sequence.options)
    session.builder.sequences.put(sequence.model_copy(update={"options": options}))
    return "applied"


def drop_sequence(session: Session, element: Element) -> Outcome:
    """`dropSequence`."""
    session.builder.sequences.remove(_sequence(session, element))
    return "applied"


def rename_sequence(session: Session, element: Element) -> Outcome:
    """`renameSequence`."""
    sequence = _sequence(session, element, "oldSequenceName")
    new = sequence.model_copy(update={"name": session.spelled(required(element, "newSequenceName"))})
    refuse_taken(session.builder, sequence, new.ref, element.offset)
    session.builder.sequences.rename(sequence.ref, new)
    counted, counts = f"nextval('{sequence.name}')", f"nextval('{new.name}')"
    for table in session.builder.tables:
        for column in list(table.columns.values()):
            if column.default is not None and column.default.text == counted:
                table.put(column.model_copy(update={"default": session.expression(counts)}))
    return "applied"


def create_view(session: Session, element: Element) -> Outcome:
    """createView: its text is the query or, with `fullDefinition`, the whole statement."""
    ref = session.ref(element, "viewName")
    if session.builder.views.get(ref.namespace, ref.name) and not flag(element, "replaceIfExists"):
        raise session.builder.duplicate("view", ref, element.offset)
    query, materialized = element.text.strip(), False
    if not query:
        if path := element.attributes.get("path"):
            session.lose(ref, f"a view whose query is in {path}", "It is left out.", element)
            return "ledger"
        message = "createView gives no query."
        raise Unparsed(message, element.offset, code="READ-XML", help_="Write the SELECT between its tags.")
    if flag(element, "fullDefinition"):
        match = _VIEW.fullmatch(query)
        if match is None:
            kept = Other(
                name=ref.name,
                namespace=ref.namespace,
                origin=session.place(element),
                kind="view",
                definition=query,
            )
            session.builder.others.add(kept)
            return "kept"
        query, materialized = match["query"], match["materialized"] is not None
    view = View(
        name=ref.name,
        namespace=ref.namespace,
        comment=element.attributes.get("remarks") or None,
        origin=session.place(element),
        query=query.rstrip("; \n\r\t"),
        materialized=materialized,
    )
    session.builder.views.put(view)
    return "applied"


def _view(session: Session, element: Element, attribute: str = "viewName") -> View:
    ref = session.ref(element, attribute)
    found = session.builder.find(session.builder.views, ref)
    if found is None:
        raise session.builder.missing("view", ref, element.offset, session.builder.views.names())
    return found


def drop_view(session: Session, element: Element) -> Outcome:
    """dropView; with `ifExists` there may be none."""
    if flag(element, "ifExists"):
        ref = session.ref(element, "viewName")
        if session.builder.find(session.builder.views, ref) is None:
            return "noted"
    session.builder.views.remove(_view(session, element))
    return "applied"


def rename_view(session: Session, element: Element) -> Outcome:
    """`renameView`."""
    view = _view(session, element, "oldViewName")
    new = Ref(name=session.spelled(required(element, "newViewName")), namespace=view.namespace)
    move_view(session.builder, view, new, element.offset)
    return "applied"


def set_view_remarks(session: Session, element: Element) -> Outcome:
    """`setViewRemarks`."""
    view = _view(session, element)
    session.builder.views.put(view.model_copy(update={"comment": element.attributes.get("remarks") or None}))
    return "applied"


def drop_routine(session: Session, element: Element) -> Outcome:
    """`dropProcedure` and `dropFunction`."""
    kind = element.name.removeprefix("drop").lower()
    ref = session.ref(element, f"{kind}Name")
    builder = session.builder
    if not builder.routines.keep(lambda each: each.kind != kind or each.name.lower() != ref.name.lower()):
        raise builder.missing(kind, ref, element.offset, builder.routines.names())
    return "applied"


def drop_trigger(session: Session, element: Element) -> Outcome:
    """`dropTrigger`."""
    ref = session.ref(element, "triggerName")
    owner = session.table(element).ref if element.attributes.get("tableName") else None
    builder = session.builder
    found = [each for each in builder.triggers if each.name.lower() == ref.name.lower() and owner in {None, each.table}]
    if not found:
        raise builder.missing("trigger", ref, element.offset, builder.triggers.names())
    for trigger in found:
        builder.triggers.remove(trigger)
    return "applied"


def keep_code(session: Session, element: Element) -> Outcome:
    """createProcedure, createFunction, createTrigger and the like without a dialect: kept as written."""
    body = element.first("procedureBody") or element
    text = body.text.strip() or element.attributes.get("procedureText", "")
    kind = element.name.removeprefix("create").lower()
    name = next((value for key, value in element.attributes.items() if key == f"{kind}Name"), "")
    if not text:
        file = element.attributes.get("path", "another file")
        session.lose(name or element.name, f"a {kind} whose text is in {file}", "It is left out.", element)
        return "ledger"
    name = session.spelled(name) if name else kind
    builder, origin = session.builder, session.place(element)
    if kind == "procedure":
        builder.routines.add(Routine(name=name, origin=origin, kind="procedure", definition=text))
    elif kind == "function":
        builder.routines.add(Routine(name=name, origin=origin, kind="function", definition=text))
    else:
        builder.others.add(Other(name=name, origin=origin, kind=kind, definition=text))
    return "kept"
