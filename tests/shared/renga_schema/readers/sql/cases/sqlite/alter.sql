-- ALTER and DROP change the model as SQLite changes the database.
CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE children (id INTEGER PRIMARY KEY, parent_id INT REFERENCES parents (id), junk TEXT);
CREATE INDEX children_parent ON children (parent_id);
CREATE TABLE gone (id INT);
ALTER TABLE parents RENAME TO guardians;
ALTER TABLE children RENAME COLUMN parent_id TO guardian_id;
ALTER TABLE children ADD COLUMN added TEXT DEFAULT 'x';
ALTER TABLE children DROP COLUMN junk;
DROP TABLE gone;
DROP TABLE IF EXISTS never_was;
