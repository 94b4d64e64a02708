CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN cents AS integer CHECK (VALUE >= 0);
CREATE TABLE people (
    person_id bigserial PRIMARY KEY,
    full_name varchar(50) NOT NULL,
    mood mood DEFAULT 'ok',
    born date,
    changed timestamptz NOT NULL DEFAULT now(),
    balance numeric(10, 2) NOT NULL DEFAULT 0,
    fee cents,
    active boolean NOT NULL DEFAULT true,
    ratio double precision,
    photo bytea,
    CONSTRAINT one_name UNIQUE (full_name, born)
);
CREATE TABLE visits (
    person_id bigint NOT NULL REFERENCES people ON DELETE CASCADE,
    at timestamp NOT NULL,
    notes text,
    PRIMARY KEY (person_id, at)
);
CREATE UNIQUE INDEX one_note ON visits (notes);
