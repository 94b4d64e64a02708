// What @dbml/core makes of DBML: the SQL of its exporter, or why it refuses.
import { readFileSync } from "node:fs";
import { ModelExporter, Parser } from "@dbml/core";

const answer = (text) => {
  try {
    const model = new Parser().parse(text, "dbmlv2").normalize();
    return { sql: ModelExporter.export(model, "postgres", false) };
  } catch (error) {
    const lines = (error.diags ?? []).map(({ location, message }) => `${location?.start.line}: ${message}`);
    return { refused: lines.join("\n") || String(error) };
  }
};

const texts = JSON.parse(readFileSync(0, "utf8"));
const answers = Object.entries(texts).map(([name, text]) => [name, answer(text)]);
process.stdout.write(JSON.stringify(Object.fromEntries(answers)));
