-- What a parent hands down to partitions and heirs, and what the engine makes by itself.
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TABLE owners (id int PRIMARY KEY);
CREATE TABLE events (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at date NOT NULL,
    owner int NOT NULL REFERENCES owners,
    span int4range,
    CONSTRAINT counted CHECK (id > 0),
    PRIMARY KEY (id, at),
    UNIQUE (owner, at),
    CONSTRAINT once EXCLUDE (id WITH =, at WITH =)
) PARTITION BY RANGE (at);
CREATE INDEX by_owner ON events (owner);
CREATE UNIQUE INDEX by_at ON events (at, span);
CREATE TRIGGER touched BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER told AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION touch();
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY HASH (at);
CREATE TABLE events_2024_one PARTITION OF events_2024 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE events_rest PARTITION OF events DEFAULT;
CREATE TABLE events_old (at date NOT NULL, id bigint NOT NULL, owner int NOT NULL, span int4range,
    CONSTRAINT counted CHECK (id > 0));
CREATE INDEX old_by_owner ON events_old (owner);
ALTER TABLE events ATTACH PARTITION events_old FOR VALUES FROM ('2000-01-01') TO ('2001-01-01');
CREATE TABLE notes (event bigint, at date, FOREIGN KEY (event, at) REFERENCES events);
CREATE TABLE people (name text CONSTRAINT named CHECK (name <> ''), born date NOT NULL, CONSTRAINT adult CHECK (born < current_date) NO INHERIT);
CREATE TABLE staff (boss int REFERENCES owners) INHERITS (people);
CREATE TABLE guards (shift text NOT NULL CONSTRAINT shifts CHECK (shift IN ('day', 'night'))) INHERITS (staff);
CREATE INDEX people_name ON people (lower(name));
CREATE DOMAIN percent AS numeric(5, 2) NOT NULL CHECK (VALUE >= 0) CHECK (VALUE <= 100);
CREATE TYPE money_span AS RANGE (subtype = numeric);
CREATE TABLE shares (id smallserial PRIMARY KEY, part percent, span money_span, code text UNIQUE, CONSTRAINT only_one EXCLUDE (code WITH =));
CREATE MATERIALIZED VIEW part_sums AS SELECT part, count(*) AS many FROM shares GROUP BY part;
CREATE UNIQUE INDEX part_sums_part ON part_sums (part);
CREATE VIEW big AS SELECT * FROM shares WHERE part > 50;
CREATE TRIGGER big_in INSTEAD OF INSERT ON big FOR EACH ROW EXECUTE FUNCTION touch();
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON shares DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TEMPORARY TABLE scratch (id serial PRIMARY KEY, note text UNIQUE);
CREATE SCHEMA stock;
CREATE TABLE stock.bins (id int PRIMARY KEY);
CREATE TABLE copies (LIKE owners INCLUDING ALL);
CREATE RULE silent AS ON DELETE TO copies DO INSTEAD NOTHING;
