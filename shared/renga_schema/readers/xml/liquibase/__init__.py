"""Read a Liquibase changelog: its changes are applied in order, as a database would apply them."""
