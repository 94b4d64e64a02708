CREATE TABLE orders (id int, x int, UNIQUE (y));
CREATE INDEX i ON orders (ref);
ALTER TABLE orders DETACH PARTITION orders;
