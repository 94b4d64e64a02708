-- What nobody can create is no object of the schema, and the rest is read.
CREATE TABEL typo (id integer);
CREATE WIBBLE odd;
CREATE RULE silent AS ON DELETE TO kept DO INSTEAD NOTHING;
CREATE TABLE kept (id integer);
