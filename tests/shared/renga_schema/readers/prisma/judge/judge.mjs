// What Prisma Migrate makes of a schema from nothing: its SQL, or why it refuses. The engine asks a database for its
// version and nothing else, so what answers here is no database.
import { readFileSync } from "node:fs";
import * as glue from "./node_modules/@prisma/schema-engine-wasm/schema_engine_bg.js";

globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) };
const file = "./node_modules/@prisma/schema-engine-wasm/schema_engine_bg.wasm";
const { instance } = await WebAssembly.instantiate(readFileSync(file), { "./schema_engine_bg.js": glue });
glue.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start?.();

const VERSIONS = { sqlite: "3.45.0", postgresql: "PostgreSQL 16.0", postgres: "PostgreSQL 16.0", cockroachdb: "CockroachDB CCL v23.1.0" };

const done = (value) => ({ ok: true, value, map: (make) => done(make(value)), flatMap: (make) => make(value) });

const connectTo = (database) => {
  const provider = database === "sqlite" ? "sqlite" : "postgres";
  const connection = {
    provider,
    adapterName: "none",
    queryRaw: async () => done({ columnTypes: [7], columnNames: ["version"], rows: [[VERSIONS[database]]] }),
    executeRaw: async () => done(0),
    executeScript: async () => done(undefined),
    getConnectionInfo: () => done({ schemaName: "public", supportsRelationJoins: false }),
    dispose: async () => done(undefined),
  };
  const connect = async () => done(connection);
  return { provider, adapterName: "none", connect, connectToShadowDb: connect };
};

const answer = async (content) => {
  const [, database] = content.match(/^datasource[^}]*?provider\s*=\s*"(\w+)"/m) ?? [];
  if (!(database in VERSIONS)) {
    return { refused: `The engine without a database knows no ${database}.` };
  }
  const path = "schema.prisma";
  try {
    const engine = await glue.SchemaEngine.new({ datamodels: [[path, content]] }, () => {}, connectTo(database));
    const { stdout } = await engine.diff({
      from: { tag: "empty" },
      to: { tag: "schemaDatamodel", files: [{ path, content }] },
      script: true,
      exitCode: null,
      shadowDatabaseUrl: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    return { sql: stdout };
  } catch (error) {
    return { refused: error.message };
  }
};

const answers = {};
for (const [name, text] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  answers[name] = await answer(text);
}
process.stdout.write(JSON.stringify(answers));
