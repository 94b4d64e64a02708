"""What the schema gives away."""

from collections.abc import Iterator
from typing import Final

from renga_schema.catalog import Catalog
from renga_schema.lint.naming import words
from renga_schema.lint.rule import Example, Finding, rule
from renga_schema.types import category

_PASSWORDS: Final = frozenset({"passphrase", "passwd", "password", "pwd"})
_OTHERWISE: Final = frozenset(
    {"argon", "bcrypt", "crypt", "crypted", "digest", "encrypted", "hash", "hashed", "salt", "salted"}
    | {"at", "changed", "date", "enabled", "expires", "expiry", "format", "hint", "history", "id", "key", "length"}
    | {"link", "policy", "question", "required", "reset", "token", "type", "url"}
)
_SHORTEST_SALTED_HASH: Final = 60  # bcrypt; Argon2, scrypt and PBKDF2 in their usual encodings are longer


@rule(
    "SEC-PLAINTEXT-PASSWORD",
    title="Password column too short for a salted hash",
    severity="warning",
    rationale="bcrypt, the shortest of the salted hashes fit for passwords, takes 60 characters. What is shorter holds "
    "passwords in clear text or under a hash that a graphics card tries a billion times a second.",
    fix="Store an Argon2id or bcrypt hash in a column of at least 100 characters, and call it password_hash.",
    bad=[
        Example("postgres", "CREATE TABLE account (id int PRIMARY KEY, password varchar(40));"),
        Example("mysql", "CREATE TABLE account (id int PRIMARY KEY, userPassword char(32));"),
    ],
    good=[
        Example("postgres", "CREATE TABLE account (id int PRIMARY KEY, password_hash varchar(40), password text);"),
        Example("mysql", "CREATE TABLE account (id int PRIMARY KEY, password varchar(255), password_hint char(9));"),
    ],
)
def short_password(catalog: Catalog) -> Iterator[Finding]:
    """Yield each text column that is named for a password and cannot hold a salted hash of one."""
    for table in catalog.schema.tables:
        for column in table.columns:
            size = column.type.arguments[0] if column.type.arguments else None
            if category(column.type) != "text" or not isinstance(size, int) or size >= _SHORTEST_SALTED_HASH:
                continue
            spoken = words(column.name)
            if spoken & _PASSWORDS and not spoken & _OTHERWISE:
                yield Finding(
                    f"{table.ref}.{column.name}",
                    f"{table.ref}.{column.name} is {column.type}, too short for a salted hash",
                    column.origin or table.origin,
                )
