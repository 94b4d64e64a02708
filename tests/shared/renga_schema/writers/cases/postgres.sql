-- A library, with one of everything that PostgreSQL has and the model holds.
CREATE SCHEMA archive;
COMMENT ON SCHEMA archive IS 'What nobody lends any more';

CREATE TYPE loan_state AS ENUM ('open', 'returned', 'it''s lost');
COMMENT ON TYPE loan_state IS 'Where a copy is';

CREATE DOMAIN isbn AS varchar(13) NOT NULL CONSTRAINT isbn_length CHECK (length(VALUE) IN (10, 13));

CREATE TYPE shelf AS (room text, level smallint);

CREATE SEQUENCE ticket START WITH 1000 INCREMENT BY 10 CACHE 5 CYCLE;

CREATE FUNCTION initials(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT left(name, 1) $$;
COMMENT ON FUNCTION initials(name text) IS 'For the labels';

CREATE TABLE branch (
    id smallserial PRIMARY KEY,
    name varchar(80) NOT NULL UNIQUE,
    main_branch_id smallint,
    head_librarian_id bigint,
    opened timestamptz NOT NULL DEFAULT now(),
    "Fax Number" text
);
COMMENT ON TABLE branch IS 'A house with books';
COMMENT ON COLUMN branch."Fax Number" IS 'Nobody uses it';

CREATE TABLE librarian (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 2) PRIMARY KEY,
    branch_id smallint NOT NULL REFERENCES branch (id) ON DELETE RESTRICT,
    name text NOT NULL COLLATE "C",
    label text GENERATED ALWAYS AS (upper(name)) STORED,
    salary numeric(10, 2) CONSTRAINT salary_is_paid CHECK (salary > 0),
    skills text[] NOT NULL DEFAULT '{}',
    settings jsonb NOT NULL DEFAULT '{"theme": "dark"}',
    works interval,
    badge uuid DEFAULT gen_random_uuid(),
    seat shelf,
    CHECK (id > 0) NO INHERIT
);
COMMENT ON CONSTRAINT salary_is_paid ON librarian IS 'By law';

ALTER TABLE branch ADD CONSTRAINT branch_head_fk FOREIGN KEY (head_librarian_id) REFERENCES librarian (id)
    ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE branch ADD FOREIGN KEY (main_branch_id) REFERENCES branch (id) NOT VALID;

CREATE TABLE book (
    isbn isbn,
    edition smallint NOT NULL DEFAULT 1,
    title text NOT NULL,
    price money,
    cover bytea,
    is_listed boolean NOT NULL DEFAULT true,
    published date CHECK (published < CURRENT_DATE),
    ticket_no bigint DEFAULT nextval('ticket'::regclass),
    CONSTRAINT book_pk PRIMARY KEY (isbn, edition),
    CONSTRAINT book_title_key UNIQUE NULLS NOT DISTINCT (title, published)
);
CREATE INDEX book_title_lower_idx ON book (lower(title) text_pattern_ops);
CREATE INDEX book_listed_idx ON book (published DESC NULLS LAST) INCLUDE (price) WHERE is_listed;
CREATE UNIQUE INDEX book_one_listed_idx ON book (ticket_no) WHERE is_listed AND ticket_no > 0;
COMMENT ON INDEX book_listed_idx IS 'For the front page';

CREATE TABLE loan (
    id bigserial,
    isbn isbn NOT NULL,
    edition smallint NOT NULL,
    state loan_state NOT NULL DEFAULT 'open',
    during tstzrange NOT NULL,
    lent_on date NOT NULL,
    PRIMARY KEY (id, lent_on),
    FOREIGN KEY (isbn, edition) REFERENCES book (isbn, edition) MATCH FULL ON UPDATE CASCADE
) PARTITION BY RANGE (lent_on);
CREATE TABLE loan_2026 PARTITION OF loan FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX loan_state_idx ON loan USING hash (state);

CREATE TABLE room (
    no integer PRIMARY KEY,
    booked tsrange,
    note text,
    CONSTRAINT room_once EXCLUDE USING gist (booked WITH &&) WHERE (no > 10)
);

CREATE UNLOGGED TABLE archive.book (isbn varchar(13) PRIMARY KEY, note text);
CREATE TABLE archive.map (scale integer) INHERITS (room);

CREATE VIEW listed AS SELECT b.isbn, b.title FROM book b WHERE b.is_listed;
CREATE MATERIALIZED VIEW loans_per_day AS SELECT lent_on, count(*) AS loans FROM loan GROUP BY lent_on;
CREATE UNIQUE INDEX loans_per_day_idx ON loans_per_day (lent_on);
COMMENT ON VIEW listed IS 'What the catalogue shows';

CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END; $$;
CREATE TRIGGER room_stamp BEFORE UPDATE OF note ON room FOR EACH ROW EXECUTE FUNCTION stamp();

ALTER TABLE room ENABLE ROW LEVEL SECURITY;
CREATE POLICY room_quiet ON room FOR SELECT USING (no < 100);
