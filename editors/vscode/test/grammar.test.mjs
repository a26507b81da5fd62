// The TextMate grammar is held to the lexer: every token of every .seg file
// under examples, and of some that are made to be hard, has a scope of its kind.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { filesBelow, here, root } from "./help.mjs";

const require = createRequire(import.meta.url);
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");

const word = /^(keyword|variable|entity|constant\.language)\b/;
const scopeOf = {
  word,
  quoted: /^(variable\.other\.quoted|entity\.name)\b/,
  text: /^(string\.quoted|punctuation\.definition\.string)\b/,
  number: /^constant\.numeric\.segql$/,
  percent: /^constant\.numeric\.percent\b/,
  date: /^constant\.other\.date\b/,
  month: /^constant\.other\.month\b/,
  time: /^constant\.other\.time\b/,
  regex: /^string\.regexp\b/,
  operator: /^(keyword\.operator|punctuation)\b/,
  comment: /^comment\b/,
};
const reserved = /^(keyword|constant\.language)\b/;

const hard = `# Ghi chú "không phải chữ" /không/ 👍
segment \`nhóm \`\` 👍\` of customer {   # sau ngoặc
  title: "Dấu \\" và \\\\ rồi \\u{1F44D}"
  priority: 2
  valid_from: 2027-01-15

  where \`Thu nhập\` >= 1_000.5 and tuổi between 18 and 35
    and not (tên matches /^a\\/b"#[x]+$/i or mã ~contains "x")
    and lúc since 2025-03-08T10:30:00+07:00 and ngày on 2025-03-08 and tháng in 2025-03
    and count(orders in last 30 days where customer.in = "x" and status != "y") >= 3
    and any(orders as o followed by directly.visits within 3 days where page starts with "p")
    and sum(quantity*(price-cost)/2 of orders) > -5 and x in top 10% per city and y in bottom 5
    and not in segment lifecycle.loyal and a has none of ["b", "c"] and d is missing
  expect share(email is known) >= 80%
}
split s { a "A" when none(orders) b otherwise }
holdout h of segment s.a {
  control: 10%
  test: otherwise
}
trait t = case { when a = 1: 2 otherwise: 3 }
`;

async function load() {
  await oniguruma.loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (s) => new oniguruma.OnigString(s),
    }),
    loadGrammar: async (scope) => {
      const path = join(here, "syntaxes", "segql.tmLanguage.json");
      return scope === "source.segql" ? textmate.parseRawGrammar(readFileSync(path, "utf8"), path) : null;
    },
  });
  return registry.loadGrammar("source.segql");
}

// scopes gives the innermost scope of each UTF-16 unit of a text.
function scopes(grammar, text) {
  const out = [];
  let state = textmate.INITIAL;
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    for (const t of tokens) {
      for (let i = t.startIndex; i < Math.min(t.endIndex, line.length); i++) {
        out.push(t.scopes.at(-1));
      }
    }
    out.push("");
  }
  return out;
}

test("every token has a scope of its kind", async () => {
  const grammar = await load();
  const made = join(mkdtempSync(join(tmpdir(), "segql-")), "hard.seg");
  writeFileSync(made, hard);
  const files = [...filesBelow(join(root, "examples"), ".seg"), made];
  assert.ok(files.length > 20, `${files.length} files`);
  const lines = execFileSync("go", ["run", "./internal/lexemes", ...files], { cwd: root, maxBuffer: 1 << 28 }).toString().trim().split("\n");
  let seen = 0;
  const kinds = new Set();
  for (const line of lines) {
    const { file, tokens } = JSON.parse(line);
    const text = readFileSync(file, "utf8").normalize("NFC").replace(/^\ufeff/, "");
    const at = scopes(grammar, text);
    for (const t of tokens) {
      const what = `${file}: ${t.kind} ${text.slice(t.start, t.end)} has the scope ${at[t.start]}`;
      assert.match(at[t.start], t.reserved ? reserved : scopeOf[t.kind], what);
      if (t.kind !== "text" && t.kind !== "operator") {
        assert.equal(at[t.end - 1], at[t.start], what);
      }
      kinds.add(t.kind);
      seen++;
    }
  }
  assert.deepEqual([...kinds].sort(), Object.keys(scopeOf).sort());
  assert.ok(seen > 5000, `${seen} tokens`);
});

test("what is between tokens has no scope of its own", async () => {
  const grammar = await load();
  const at = scopes(grammar, "segment a { where city = \"x\" }");
  assert.equal(at[7], "source.segql");
  assert.equal(at[0], "keyword.declaration.segql");
  assert.equal(at[8], "entity.name.type.segql");
});
