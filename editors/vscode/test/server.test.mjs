// The server is started as the extension starts it, and driven over stdio on a
// copy of an example.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { filesBelow, here, root, segql } from "./help.mjs";

const require = createRequire(import.meta.url);
const { commandLine, quote, serverArguments } = require("../src/commands.js");
const program = segql();

// Client speaks JSON-RPC with a server process.
class Client {
  constructor(args) {
    this.process = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.errors = "";
    this.process.stderr.on("data", (data) => { this.errors += data; });
    this.exited = new Promise((resolve) => this.process.on("exit", resolve));
    this.buffer = Buffer.alloc(0);
    this.waiting = new Map();
    this.diagnostics = new Map();
    this.listeners = [];
    this.id = 0;
    this.process.stdout.on("data", (data) => this.read(data));
  }

  read(data) {
    this.buffer = Buffer.concat([this.buffer, data]);
    for (;;) {
      const head = this.buffer.indexOf("\r\n\r\n");
      if (head < 0) {
        return;
      }
      const length = Number(/Content-Length: (\d+)/.exec(this.buffer.toString("latin1", 0, head))[1]);
      if (this.buffer.length < head + 4 + length) {
        return;
      }
      const message = JSON.parse(this.buffer.toString("utf8", head + 4, head + 4 + length));
      this.buffer = this.buffer.subarray(head + 4 + length);
      if (message.method === "textDocument/publishDiagnostics") {
        this.diagnostics.set(message.params.uri, message.params);
        this.listeners.splice(0).forEach((f) => f());
      } else if (message.method === undefined) {
        this.waiting.get(message.id)(message);
      }
    }
  }

  send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    this.process.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.process.stdin.write(body);
  }

  notify(method, params) {
    this.send({ method, params });
  }

  request(method, params) {
    const id = ++this.id;
    this.send({ id, method, params });
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  async get(method, params) {
    const answer = await this.request(method, params);
    assert.equal(answer.error, undefined, method);
    return answer.result;
  }

  // until waits for diagnostics of a file for which a condition holds.
  async until(uri, holds) {
    while (!(this.diagnostics.has(uri) && holds(this.diagnostics.get(uri)))) {
      await new Promise((resolve) => this.listeners.push(resolve));
    }
    return this.diagnostics.get(uri);
  }
}

function project(name) {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "segql-")));
  cpSync(join(root, "examples", name), dir, { recursive: true });
  rmSync(join(dir, ".segql"), { recursive: true, force: true });
  return dir;
}

async function open(client, dir, file) {
  const path = join(dir, file);
  const uri = pathToFileURL(path).href;
  const text = readFileSync(path, "utf8");
  client.notify("textDocument/didOpen", { textDocument: { uri, languageId: "segql", version: 1, text } });
  return { uri, text };
}

const at = (text, part) => {
  const before = text.slice(0, text.indexOf(part)).split("\n");
  return { line: before.length - 1, character: before.at(-1).length };
};

test("the server answers an editor", { timeout: 120_000 }, async () => {
  const dir = project("food-retailer");
  const client = new Client(serverArguments({}));
  const { capabilities } = await client.get("initialize", {
    processId: process.pid,
    workspaceFolders: [{ uri: pathToFileURL(dir).href, name: "x" }],
    capabilities: { workspace: { workspaceEdit: { documentChanges: true } } },
  });
  assert.equal(capabilities.textDocumentSync.change, 2);
  client.notify("initialized", {});

  // The data is at hand: the example is right with its columns.
  const { uri, text } = await open(client, dir, "segments/people.seg");
  await client.until(uri, (d) => d.version === 1 && d.diagnostics.every((x) => x.severity > 1));

  const name = /^segment (\w+)/m.exec(text)[1];
  const position = at(text, `segment ${name}`);
  position.character += "segment ".length;
  const document = { textDocument: { uri } };
  const hover = await client.get("textDocument/hover", { ...document, position });
  assert.match(hover.contents.value, new RegExp(`segment ${name}`));
  const list = await client.get("textDocument/completion", { ...document, position: { ...at(text, "where "), character: at(text, "where ").character + 6 } });
  assert.ok(list.items.some((i) => i.label === "count") && list.items.length > 20);
  assert.ok((await client.get("textDocument/semanticTokens/full", document)).data.length > 100);
  assert.ok((await client.get("textDocument/codeLens", document)).some((l) => l.command.command === "segql.members"));
  assert.deepEqual(await client.get("textDocument/formatting", { ...document, options: {} }), []);
  const edit = await client.get("textDocument/rename", { ...document, position, newName: "renamed" });
  assert.ok(edit.documentChanges.length >= 1);

  // A mistake, and its end.
  client.notify("textDocument/didChange", {
    textDocument: { uri, version: 2 },
    contentChanges: [{ range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, text: "segment x { where }\n" }],
  });
  const broken = await client.until(uri, (d) => d.version === 2);
  assert.equal(broken.diagnostics[0].range.start.line, 0);
  assert.match(broken.diagnostics[0].code, /^SEG\d{4}$/);
  client.notify("textDocument/didChange", { textDocument: { uri, version: 3 }, contentChanges: [{ text }] });
  await client.until(uri, (d) => d.version === 3 && d.diagnostics.every((x) => x.severity > 1));

  assert.equal(await client.get("shutdown"), null);
  client.notify("exit");
  assert.equal(await client.exited, 0);
  assert.equal(client.errors, "");
});

test("an editor that leaves without shutdown is an error", { timeout: 120_000 }, async () => {
  const client = new Client(serverArguments({ data: false, sizes: false }));
  await client.get("initialize", { capabilities: {} });
  client.notify("exit");
  assert.equal(await client.exited, 1);
});

test("every example opens without errors", { timeout: 300_000 }, async () => {
  for (const example of filesBelow(join(root, "examples"), "catalog.yaml")) {
    const from = join(example, "..").slice(join(root, "examples").length + 1);
    const dir = project(from);
    const client = new Client(serverArguments({}));
    await client.get("initialize", { capabilities: {} });
    client.notify("initialized", {});
    // What is wrong with types is said once the columns of the data are known.
    const uri = pathToFileURL(join(dir, "mistake.seg")).href;
    client.notify("textDocument/didOpen", { textDocument: { uri, languageId: "segql", version: 1, text: "segment mistake { where nothing_like_it = 1 }\n" } });
    await client.until(uri, (d) => d.diagnostics.length > 0);
    client.diagnostics.delete(uri);
    for (const [file, found] of client.diagnostics) {
      assert.deepEqual(found.diagnostics.filter((d) => d.severity === 1), [], file);
    }
    await client.get("shutdown");
    client.notify("exit");
    assert.equal(await client.exited, 0, from);
  }
});

test("words stay words in a terminal", () => {
  assert.equal(commandLine("segql", ["members", "vip"], "/bin/bash"), "segql members vip");
  assert.equal(commandLine("/a b/segql", ["members", "x'; rm -rf $HOME"], "/bin/zsh"), `'/a b/segql' members 'x'\\''; rm -rf $HOME'`);
  assert.equal(commandLine("C:\\a b\\segql.exe", ["why", "it's"], "C:\\pwsh.exe"), "& 'C:\\a b\\segql.exe' why 'it''s'");
  assert.equal(commandLine("segql", ["members", 'a"b'], "C:\\cmd.exe"), 'segql members "a""b"');
  assert.equal(commandLine("segql", ["members", "a\nreboot"], "/bin/sh"), "segql members 'a reboot'");
  assert.equal(quote("nhóm.vip", "/bin/sh"), "'nhóm.vip'");
});

test("the manifest and the code agree", () => {
  const manifest = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
  const code = readFileSync(join(here, "src", "extension.js"), "utf8");
  const declared = /const commands = \{([^}]*)\}/.exec(code)[1];
  for (const { command } of manifest.contributes.commands) {
    assert.match(declared, new RegExp(`\\b${command.slice("segql.".length)}\\b`));
  }
  for (const key of Object.keys(manifest.contributes.configuration.properties)) {
    assert.ok(key === "segql.trace.server" || code.includes(`"${key.slice("segql.".length)}"`), key);
  }
  for (const [name, { body }] of Object.entries(JSON.parse(readFileSync(join(here, "snippets", "segql.json"), "utf8")))) {
    assert.ok(body.length > 0, name);
  }
  JSON.parse(readFileSync(join(here, "language-configuration.json"), "utf8"));
});
