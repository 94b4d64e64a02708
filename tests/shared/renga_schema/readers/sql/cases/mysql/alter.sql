-- ALTER, RENAME and DROP change the model as MariaDB changes the database.
CREATE DATABASE shop;
USE shop;
CREATE TABLE people (
  id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(40) NOT NULL,
  nick varchar(40),
  price decimal(8,2) DEFAULT 0,
  twice decimal(9,2) AS (price * 2) VIRTUAL,
  junk int,
  UNIQUE (name),
  UNIQUE (name, nick),
  KEY both_names (nick, junk)
) ENGINE=InnoDB;
CREATE TABLE orders LIKE people;
ALTER TABLE orders DROP COLUMN twice, DROP COLUMN junk, DROP KEY name_2, ADD person int unsigned AFTER id,
  ADD CONSTRAINT FOREIGN KEY (person) REFERENCES people (id) ON DELETE SET NULL;
ALTER TABLE people CHANGE nick nickname varchar(60) NOT NULL DEFAULT 'x' COMMENT 'short', MODIFY name varchar(80) FIRST;
ALTER TABLE people RENAME COLUMN junk TO rest, RENAME KEY both_names TO short_names, ADD CHECK (rest > 0);
ALTER TABLE people ALTER COLUMN rest SET DEFAULT 7, ADD COLUMN (a tinyint(1), b bit(4) DEFAULT b'11');
CREATE UNIQUE INDEX by_rest ON people (rest DESC, nickname(5));
RENAME TABLE orders TO purchases;
ALTER TABLE purchases DROP PRIMARY KEY, MODIFY id bigint NOT NULL, ADD PRIMARY KEY (id, name), COMMENT='bought';
DROP INDEX name ON people;
CREATE TABLE gone (id int);
DROP TABLE gone;
CREATE OR REPLACE VIEW names AS SELECT name FROM people;
