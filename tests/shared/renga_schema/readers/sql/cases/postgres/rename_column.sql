-- What is computed from a column follows its new name; strings, functions, types and other columns do not.
CREATE TABLE people (
    id integer PRIMARY KEY,
    lower text COLLATE "C" CHECK (lower <> 'lower' AND lower(lower) = lower),
    date date,
    next date GENERATED ALWAYS AS (date + 1) STORED,
    span int4range,
    CONSTRAINT late CHECK ("date" > '2000-01-01'::date),
    CONSTRAINT apart EXCLUDE USING gist (span WITH &&) WHERE (lower(span) > 0)
);
CREATE INDEX by_name ON people (lower(lower), id) WHERE lower IS NOT NULL;
CREATE POLICY recent ON people USING (date > '2020-01-01'::date) WITH CHECK (id > 0);
CREATE TABLE staff (salary money) INHERITS (people);
COMMENT ON COLUMN people.id IS 'not handed down';
CREATE TABLE heirs (LIKE people) INHERITS (people);
ALTER TABLE people RENAME COLUMN lower TO "Name";
ALTER TABLE people RENAME COLUMN date TO born;
ALTER TABLE people RENAME span TO period;
CREATE TABLE bookings (room int4range, EXCLUDE USING gist (room WITH &&));
ALTER TABLE bookings DROP COLUMN room;
