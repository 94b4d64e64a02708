-- What pg_dump 18 writes: a not-null before the parent that brings the column; and everything quoted.
CREATE TABLE "public"."parents" (
    "id" "int4" NOT NULL,
    "at" "timestamptz" DEFAULT "now"() NOT NULL,
    "raw" "bytea",
    "one" "char"
);
CREATE SEQUENCE "public"."parents_id_seq" AS integer;
ALTER SEQUENCE "public"."parents_id_seq" OWNED BY "public"."parents"."id";
CREATE TABLE "public"."heirs" (
    "more" "varchar"(20),
    CONSTRAINT "parents_id_not_null" NOT NULL "id",
    NOT NULL "raw"
)
INHERITS ("public"."parents");
ALTER TABLE ONLY "public"."parents" ALTER COLUMN "id" SET DEFAULT "nextval"('"public"."parents_id_seq"'::"regclass");
