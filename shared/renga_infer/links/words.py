"""Words that names are made of, in the languages that schemas are written in. Lower case, without accents.

They are features, not rules: training decides what each is worth.
"""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KEY_WORDS: Final = _words(
    "id ids fk key pk ref uuid guid uid gid srl no nr num nbr number code cd cod codigo cve clave ident "
    "sid oid ptr numero nummer nro idn kode kod identifier identificador"
)
"""What stands before or behind the name of the thing that is referred to."""

ID_WORDS: Final = _words("id ids fk ref uuid guid uid gid srl ident oid ptr identifier")
"""Those key words that say nothing but "this identifies"."""

GENERIC_KEYS: Final = _words("id uuid guid code key name pk uid no number oid slug")
"""Names of keys that many tables share, so that an equal name means little."""

PERSONS: Final = _words(
    "user users person people member members employee employees staff account accounts customer customers contact "
    "contacts client clients usuario usuarios utilisateur utilisateurs benutzer mitarbeiter kunde kunden persona "
    "personas persoon medewerker gebruiker utente utenti pessoa cliente clientes empleado empleados employe personne "
    "party actor profile login agent"
)
"""Tables of those who act."""

USERS: Final = _words(
    "user users usuario usuarios utilisateur utilisateurs benutzer gebruiker utente utenti uzytkownik pengguna"
)
"""Tables of those who log in."""

ACTORS: Final = _words(
    "by author owner creator user manager assignee sender receiver recipient approver editor reviewer moderator "
    "operator supervisor responsible updater modifier submitter reporter boss chief leader lead admin administrator "
    "uploader inviter invitee requester requestor poster publisher commenter buyer seller participant autor "
    "usuario responsable verantwortlicher ersteller besitzer creador redacteur auteur proprietaire employee person "
    "staff member mgr follower following voter actor uid "
    "chef vorgesetzter jefe"
)
"""Roles that people play towards a row."""

PARENTS: Final = _words(
    "parent padre pere eltern mother father root ancestor predecessor previous prev next successor superior reports "
    "boss original source master main replaced supersedes duplicate child parentid pid oberkategorie ouder pai "
    "base template clone copied reply thread"
)
"""Words of a column that refers to its own table."""

TYPE_WORDS: Final = frozenset(("type", "class", "model", "kind", "table", "entity", "tipo", "typ"))
"""What stands beside the id of a polymorphic reference: `commentable_id` beside `commentable_type`."""
