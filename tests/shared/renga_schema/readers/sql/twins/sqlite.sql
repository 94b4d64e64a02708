CREATE TABLE people (
    person_id INTEGER PRIMARY KEY,
    full_name VARCHAR(50) NOT NULL,
    mood TEXT DEFAULT 'ok' CHECK (mood IN ('sad', 'ok')),
    born DATE,
    changed DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    balance DECIMAL(10, 2) NOT NULL DEFAULT 0,
    fee INT CHECK (fee >= 0),
    active BOOLEAN NOT NULL DEFAULT 1,
    ratio DOUBLE,
    photo BLOB,
    UNIQUE (full_name, born)
);
CREATE TABLE visits (
    person_id INTEGER NOT NULL REFERENCES people ON DELETE CASCADE,
    at DATETIME NOT NULL,
    notes TEXT UNIQUE,
    PRIMARY KEY (person_id, at)
) WITHOUT ROWID;
