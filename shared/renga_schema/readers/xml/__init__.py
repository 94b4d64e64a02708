"""Read XML: Renga's own format, Liquibase changelogs and Moodle's XMLDB, told apart by the root element."""
