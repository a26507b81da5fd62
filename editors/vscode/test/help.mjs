// What the tests share: where things are, and the segql program.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const here = dirname(dirname(fileURLToPath(import.meta.url)));
export const root = dirname(dirname(here));

// segql is the program that SEGQL names, else one built of this tree.
export function segql() {
  if (process.env.SEGQL) {
    return process.env.SEGQL;
  }
  const program = join(mkdtempSync(join(tmpdir(), "segql-")), process.platform === "win32" ? "segql.exe" : "segql");
  execFileSync("go", ["build", "-o", program, "./cmd/segql"], { cwd: root, stdio: "inherit" });
  return program;
}

// filesBelow are the files of a folder that end so.
export function filesBelow(dir, ending) {
  if (!existsSync(dir)) {
    return [];
  }
  return readdirSync(dir).sort().flatMap((name) => {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) {
      return name.startsWith(".") || name === "node_modules" ? [] : filesBelow(path, ending);
    }
    return name.endsWith(ending) ? [path] : [];
  });
}
