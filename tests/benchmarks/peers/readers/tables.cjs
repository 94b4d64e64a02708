// @dbml/core reads one file whole: `tables.cjs DIALECT FILE` prints the number of tables, or fails with the reason.
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { Parser } = createRequire(process.cwd() + "/")("@dbml/core");

const [dialect, file] = process.argv.slice(2);
try {
  const database = new Parser().parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""), dialect);
  console.log(database.schemas.reduce((sum, schema) => sum + schema.tables.length, 0));
} catch (error) {
  const first = (error.diags ?? [error])[0];
  console.error(`${error.name ?? "Error"}: ${first.message}`);
  process.exit(1);
}
