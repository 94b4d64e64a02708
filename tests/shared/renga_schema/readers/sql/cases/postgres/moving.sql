-- What has a new name has it everywhere; a schema may be made with all that is in it.
CREATE SCHEMA app
  CREATE VIEW people_view AS SELECT id FROM people
  CREATE TABLE people (id serial PRIMARY KEY, name text)
  CREATE INDEX people_name ON people (name)
  CREATE SEQUENCE extra
  GRANT SELECT ON people TO PUBLIC;
CREATE TYPE status AS ENUM ('a', 'b');
CREATE TYPE pair AS (x int, y status);
CREATE DOMAIN dom AS status CHECK (VALUE <> 'a') CONSTRAINT second CHECK (VALUE <> 'b');
CREATE TABLE t (s status DEFAULT 'a', l status[], d dom, p pair);
ALTER TYPE status RENAME TO status_old;
CREATE TYPE status AS ENUM ('a', 'b', 'c');
ALTER TABLE t ALTER s DROP DEFAULT, ALTER s TYPE status USING s::text::status, ALTER s SET DEFAULT 'c';
ALTER TYPE pair ADD ATTRIBUTE z text COLLATE "C", DROP ATTRIBUTE x;
ALTER TYPE pair RENAME ATTRIBUTE z TO w;
CREATE TYPE loose AS (w text);
ALTER TYPE loose ALTER ATTRIBUTE w SET DATA TYPE varchar(20);
ALTER DOMAIN dom DROP CONSTRAINT dom_check;
ALTER DOMAIN dom RENAME CONSTRAINT second TO third;
ALTER DOMAIN dom ADD CONSTRAINT nn NOT NULL;
ALTER DOMAIN dom RENAME TO domain2;
ALTER SEQUENCE app.people_id_seq RENAME TO people_numbers;
CREATE SEQUENCE other;
CREATE TABLE u (id int DEFAULT nextval('other'), k bigint DEFAULT nextval('public.other'::regclass));
ALTER SEQUENCE other RENAME TO another;
ALTER SCHEMA app RENAME TO application;
ALTER SEQUENCE another SET SCHEMA application;
CREATE TYPE holder AS (a int, b int);
CREATE TABLE held OF holder;
ALTER TYPE holder ADD ATTRIBUTE c text CASCADE, DROP ATTRIBUTE a CASCADE;
