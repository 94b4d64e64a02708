-- ALTER and DROP change the model as PostgreSQL changes the database.
CREATE TABLE parents (id serial PRIMARY KEY, name text, code char(2) UNIQUE, junk int CHECK (junk > 0));
CREATE TABLE children (id bigserial, parent_id int REFERENCES parents, tall smallserial NOT NULL);
CREATE TABLE gone (id int REFERENCES parents (id));
CREATE INDEX ON children (parent_id);
CREATE INDEX ON children (lower('x' || parent_id));
ALTER TABLE parents RENAME TO guardians;
ALTER TABLE children RENAME COLUMN parent_id TO guardian_id;
ALTER TABLE guardians
  ADD COLUMN added timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
  ALTER COLUMN name SET NOT NULL,
  ALTER name TYPE varchar(20) USING name::varchar,
  ALTER COLUMN name SET DEFAULT 'a, b',
  DROP COLUMN junk,
  DROP CONSTRAINT parents_code_key;
ALTER TABLE guardians ADD COLUMN IF NOT EXISTS added int;
ALTER TABLE IF EXISTS nowhere ADD COLUMN x int;
ALTER TABLE children ADD CONSTRAINT adult CHECK (id > 18) NOT VALID;
ALTER TABLE children VALIDATE CONSTRAINT adult;
ALTER TABLE children RENAME CONSTRAINT adult TO grown;
ALTER TABLE children ALTER COLUMN tall DROP DEFAULT;
CREATE UNIQUE INDEX one_each ON children (guardian_id, tall);
ALTER TABLE children ADD CONSTRAINT one_each_key UNIQUE USING INDEX one_each;
CREATE SCHEMA archive;
ALTER TABLE children SET SCHEMA archive;
CREATE VIEW v AS SELECT 1;
ALTER VIEW v RENAME TO w;
CREATE SEQUENCE counter AS smallint INCREMENT -1 MINVALUE -10 CYCLE;
ALTER SEQUENCE counter INCREMENT BY -2 NO MINVALUE OWNED BY guardians.name;
ALTER INDEX archive.children_lower_idx RENAME TO shouted;
DROP TABLE gone CASCADE;
DROP TABLE IF EXISTS never_was;
SET search_path TO archive, public;
CREATE TABLE here (id int, guardian int REFERENCES guardians (id), child bigint);
CREATE TABLE copied (LIKE guardians INCLUDING DEFAULTS INCLUDING INDEXES, extra int);
