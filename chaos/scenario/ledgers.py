"""Checks a stack's ledgers against its services and links, and a scenario's writers against the ledgers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from chaos.errors import Problem
from chaos.model.ledger import BUILT_IN, LedgerFacts, LedgerStore
from chaos.model.stack import CLIENTS, Stack
from chaos.patterns import PatternError, pattern
from chaos.scenario.placeholders import placeholders, stray
from chaos.scenario.places import Document, Loc
from chaos.suggestions import known_words

_WRITE_WORDS = frozenset(BUILT_IN)


def check_ledger(stack: Stack, name: str, facts: LedgerFacts, document: Document) -> Iterator[Problem]:
    """Every problem of one ledger of ``stack``."""
    loc: Loc = ("ledgers", name)
    what = f"ledger {name}"
    yield from _check_entry(stack, what, facts, document, loc)
    yield from _check_write(what, facts, document, loc)
    for key, known in (
        ("write", _WRITE_WORDS),
        ("fields", _WRITE_WORDS),
        ("observe", frozenset({"id"})),
        ("stores", frozenset({"prefix"})),
    ):
        yield from _check_words(f"{what}, {key}", known, document, (*loc, key))
    if facts.write.command is not None:
        service = facts.write.command.service
        yield from _check_service(stack, what, service, document, (*loc, "write", "command", "service"))
    for store, declared in facts.stores.items():
        where: Loc = (*loc, "stores", store)
        yield from _check_store(stack, f"{what}, store {store}", facts, declared, document, where)
    yield from _check_exclusive(what, facts, document, loc)


def check_writers(document: Document, stack: Stack, profiles: Collection[str]) -> Iterator[Problem]:
    """The ``ledgers:`` of a scenario with these active ``profiles``."""
    active = stack.with_profiles(profiles)
    entries = document.data.get("ledgers")
    seen: set[str] = set()
    for index, entry in enumerate(entries) if isinstance(entries, list) else ():
        name = entry.get("ledger") if isinstance(entry, dict) else None
        loc: Loc = ("ledgers", index, "ledger")
        if not isinstance(name, str):
            continue  # already reported as a missing or wrong key
        if name not in stack.ledgers:
            yield document.problem(loc, f"unknown ledger {name!r}", known_words(name, stack.ledgers))
            continue
        if name in seen:
            yield document.problem(loc, f"ledger {name} is listed twice", "keep one of the two")
        seen.add(name)
        absent = sorted(_services(stack.ledgers[name]) & (set(stack.services) - set(active.services)))
        if absent:
            message = f"ledger {name} needs {', '.join(absent)}, which no active profile starts"
            yield document.problem(loc, message, "add the profile under profiles:")


def _services(facts: LedgerFacts) -> set[str]:
    calls = [store.http or store.command for store in facts.stores.values()]
    named = {call.service for call in (*calls, facts.write.command) if call is not None}
    return named | ({facts.entry.target} if facts.entry is not None else set())


def _check_entry(
    stack: Stack, what: str, facts: LedgerFacts, document: Document, loc: Loc
) -> Iterator[Problem]:
    if facts.entry is None:
        for key, needs in (
            ("write", facts.write.request is not None),
            ("observe", facts.observe is not None),
        ):
            if needs:
                message = f"{what}: {key} sends a request, but there is no entry: with the link for it"
                yield document.problem((*loc, key), message, f"add entry: {CLIENTS}->SERVICE")
        return
    if facts.entry not in stack.links:
        message = f"{what}: unknown link {facts.entry}"
        yield document.problem((*loc, "entry"), message, known_words(str(facts.entry), map(str, stack.links)))
    elif facts.entry.client != CLIENTS:
        message = f"{what}: writers are clients, and {facts.entry} is not a link of {CLIENTS}"
        yield document.problem((*loc, "entry"), message, f"name a link that begins with {CLIENTS}")


def _check_write(what: str, facts: LedgerFacts, document: Document, loc: Loc) -> Iterator[Problem]:
    write = facts.write
    both = sorted(set(write.acknowledged) & set(write.refused))
    if both:
        message = f"{what}: {', '.join(map(str, both))} is under both acknowledged and refused"
        yield document.problem((*loc, "write"), message, "list a status under one of the two, or neither")
    if write.prints is not None:
        if write.command is None:
            yield document.problem((*loc, "write", "prints"), f"{what}: prints needs command")
        try:
            pattern(write.prints)
        except PatternError as error:
            message = f"{what}: prints is not a regular expression: {error}"
            yield document.problem((*loc, "write", "prints"), message)
    given = document.at((*loc, "write"))
    if "id" not in placeholders(given):
        message = f"{what}: write does not use $id, so gameday could not find any write again"
        yield document.problem((*loc, "write"), message, "send it as the id, reference or key of the write")
    if facts.conflict and not {"slot", "from", "to"} & placeholders(given):
        message = f"{what}: without $slot, $from or $to no write can conflict with another"
        yield document.problem((*loc, "conflict"), message, "use one of the three, or remove conflict")


def _check_words(what: str, known: frozenset[str], document: Document, loc: Loc) -> Iterator[Problem]:
    given = document.at(loc)
    for text in stray(given):
        yield document.problem(
            loc, f"{what}: a $ in {text!r} is not a placeholder", "write $$ for a dollar sign"
        )
    for word in sorted(placeholders(given) - known):
        yield document.problem(loc, f"{what}: unknown placeholder ${word}", known_words(word, known))


def _check_service(stack: Stack, what: str, service: str, document: Document, loc: Loc) -> Iterator[Problem]:
    if service not in stack.services:
        message = f"{what}: unknown service {service!r}"
        yield document.problem(loc, message, known_words(service, stack.services))


def _check_store(
    stack: Stack, what: str, facts: LedgerFacts, store: LedgerStore, document: Document, loc: Loc
) -> Iterator[Problem]:
    for kind, call in (("http", store.http), ("command", store.command)):
        if call is not None:
            yield from _check_service(stack, what, call.service, document, (*loc, kind, "service"))
    http = store.http
    targets = {link.target for link in stack.link_names()}
    if http is not None and http.port is None and http.service in set(stack.services) - targets:
        message = f"{what}: no link leads to {http.service!r}, so its port is unknown"
        yield document.problem((*loc, "http"), message, "add port:")
    if store.rows and store.format != "json":
        message = f"{what}: rows is a path in a JSON answer, and the format of this store is {store.format}"
        yield document.problem((*loc, "rows"), message, "remove rows")
    known = _field_names(facts)
    for name in store.fields:
        if name not in known:
            message = f"{what}: {name!r} is not a field of the ledger, so there is nothing to compare it with"
            yield document.problem((*loc, "fields", name), message, known_words(name, known), key=True)


def _field_names(facts: LedgerFacts) -> Mapping[str, None]:
    names = dict.fromkeys(facts.fields)
    if facts.exclusive is not None:
        exclusive = facts.exclusive
        names |= dict.fromkeys((exclusive.resource, exclusive.start, exclusive.end, *exclusive.when))
    return names


def _check_exclusive(what: str, facts: LedgerFacts, document: Document, loc: Loc) -> Iterator[Problem]:
    exclusive = facts.exclusive
    if exclusive is None:
        return
    fields = facts.stores[facts.authority].fields
    for name in (exclusive.resource, exclusive.start, exclusive.end, *exclusive.when):
        if name not in fields:
            message = f"{what}: exclusive needs {name!r} in every row, and {facts.authority} does not have it"
            fix = "add it to fields of the first store, which is the authority"
            yield document.problem((*loc, "exclusive"), message, fix)
