"""SQL with tables that descend from tables: inheritance and partitions, wide, deep and in rings."""

from hostile.pieces import SIZE, in_turn, numbered

DESCENDANTS: dict[str, str] = {
    "inheritance chain": numbered("CREATE TABLE t~+ (c~ int) INHERITS (t~);", "CREATE TABLE t0 (a int);"),
    "inheritance of many": numbered("CREATE TABLE t~ (a int);", size=SIZE // 2)
    + numbered("t~,", "CREATE TABLE u () INHERITS (", "t0);", size=SIZE // 2),
    "children": numbered("CREATE TABLE u~ () INHERITS (t);", "CREATE TABLE t (a int);", "ALTER TABLE t ADD b int;"),
    "children and ADD": numbered("CREATE TABLE u~ () INHERITS (t);", "CREATE TABLE t (a int);", size=SIZE // 2)
    + numbered("ALTER TABLE t ADD c~ int;", size=SIZE // 2),
    "children and RENAME": numbered("CREATE TABLE u~ () INHERITS (t);", "CREATE TABLE t (a0 int);", size=SIZE // 2)
    + numbered("ALTER TABLE t RENAME a~ TO a~+;", size=SIZE // 2),
    "chain and RENAME": numbered("CREATE TABLE t~+ () INHERITS (t~);", "CREATE TABLE t0 (a0 int);", size=SIZE // 2)
    + numbered("ALTER TABLE t0 RENAME a~ TO a~+;", size=SIZE // 2),
    "INHERIT in a ring": in_turn(
        "CREATE TABLE t~ (a int);",
        "ALTER TABLE t~ INHERIT t~+;",
        after="ALTER TABLE t5 INHERIT t0;ALTER TABLE t0 ADD b int;",
    ),
    "partitions": numbered(
        "CREATE TABLE p~ PARTITION OF t FOR VALUES IN (~);", "CREATE TABLE t (a int) PARTITION BY LIST (a);"
    ),
    "wide partitions": numbered("c~ int,", "CREATE TABLE t (", "a int) PARTITION BY LIST (a);", size=20_000)
    + numbered("CREATE TABLE p~ PARTITION OF t DEFAULT;", size=SIZE - 20_000),
    "partitions of partitions": numbered(
        "CREATE TABLE t~+ PARTITION OF t~ DEFAULT PARTITION BY LIST (a);",
        "CREATE TABLE t0 (a int) PARTITION BY LIST (a);",
        "DROP TABLE t0;",
    ),
    "ATTACH": in_turn(
        "CREATE TABLE p~ (a int);",
        "ALTER TABLE t ATTACH PARTITION p~ FOR VALUES IN (~);",
        before="CREATE TABLE t (a int) PARTITION BY LIST (a);",
    ),
    "ATTACH in a ring": in_turn(
        "CREATE TABLE t~ (a int);",
        "ALTER TABLE t~ ATTACH PARTITION t~+ DEFAULT;",
        after="ALTER TABLE t5 ATTACH PARTITION t0 DEFAULT;DROP TABLE t0;",
    ),
    "ATTACH of indexes": in_turn(
        "CREATE INDEX i~ ON t (a);", "ALTER INDEX p ATTACH PARTITION i~;", before="CREATE TABLE t (a int);"
    ),
    "partition keys and ADD": numbered(
        "CREATE TABLE p~ PARTITION OF t DEFAULT;", "CREATE TABLE t (a int) PARTITION BY LIST (a);", size=SIZE // 2
    )
    + numbered("ALTER TABLE t ADD c~ int;", size=SIZE // 2),
    "partition indexes": numbered(
        "CREATE TABLE p~ PARTITION OF t DEFAULT;", "CREATE TABLE t (a int) PARTITION BY LIST (a);", size=SIZE // 2
    )
    + numbered("CREATE INDEX i~ ON t (a);", size=SIZE // 2),
    "partitions in one": numbered(
        "PARTITION p~ VALUES LESS THAN (~),",
        "CREATE TABLE t (a int) PARTITION BY RANGE (a) (",
        "PARTITION p VALUES LESS THAN MAXVALUE)",
    ),
    "subpartitions": numbered(
        "PARTITION p~ VALUES LESS THAN (~) (SUBPARTITION s~),",
        "CREATE TABLE t (a int) PARTITION BY RANGE (a) SUBPARTITION BY HASH (a) (",
        "PARTITION p VALUES LESS THAN MAXVALUE)",
    ),
    "ADD PARTITION": numbered("ALTER TABLE t ADD PARTITION (PARTITION p~);", "CREATE TABLE t (a int);"),
}
