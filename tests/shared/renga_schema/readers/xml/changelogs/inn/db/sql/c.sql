-- a plain script
CREATE TABLE plain (id int, a varchar(5));
