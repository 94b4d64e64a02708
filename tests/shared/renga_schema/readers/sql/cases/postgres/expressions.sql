-- Expressions and signatures with comments, escape strings and NOT IN; tables that queries make.
CREATE FUNCTION f(a int, -- first, of two
  b text /* second */ = 'x') RETURNS int LANGUAGE sql AS 'select 1';
DROP FUNCTION f(int, text);
CREATE TABLE t (a int CHECK (a NOT IN (1, 2)), b text CHECK (b ~ E'^\\d+$' AND a BETWEEN 1 AND 9), c jsonb CHECK (c->>'k' <> ''), d text CHECK (d ~ '^x'));
SELECT 1 AS into_not FROM t;
SELECT 'into' FROM t;
SELECT a INTO TEMP x FROM t;
