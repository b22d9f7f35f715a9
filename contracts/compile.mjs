// Compiles src/*.sol to compiled/*.json, byte for byte the same on every machine. npm brings the
// compiler into a temporary folder; nothing is installed here. Run: node contracts/compile.mjs
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const COMPILER = "0.8.37";
const here = dirname(fileURLToPath(import.meta.url));

function loadCompiler(folder) {
  writeFileSync(join(folder, "package.json"), "{}");
  const wanted = ["install", "--ignore-scripts", "--no-audit", "--no-fund", `solc@${COMPILER}`];
  execFileSync("npm", wanted, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const solc = createRequire(join(folder, "package.json"))("solc");
  if (!solc.version().startsWith(`${COMPILER}+`)) throw new Error(`got solc ${solc.version()}`);
  return solc;
}

function compile(solc, file, source) {
  const settings = {
    evmVersion: "paris", // no PUSH0: runs on every chain of today
    optimizer: { enabled: true, runs: 200 },
    metadata: { appendCBOR: false, bytecodeHash: "none" }, // no paths in the bytecode
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
  };
  const input = { language: "Solidity", sources: { [file]: { content: source } }, settings };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  if (output.errors?.length) throw new Error(output.errors.map((e) => e.formattedMessage).join("\n"));
  return Object.values(output.contracts[file])[0];
}

const folder = mkdtempSync(join(tmpdir(), "kivuko-solc-"));
try {
  const solc = loadCompiler(folder);
  for (const file of readdirSync(join(here, "src")).filter((name) => name.endsWith(".sol")).sort()) {
    const source = readFileSync(join(here, "src", file), "utf8");
    const { abi, evm } = compile(solc, file, source);
    const compiled = {
      compiler: solc.version(),
      sourceSha256: createHash("sha256").update(source).digest("hex"),
      abi,
      bytecode: `0x${evm.bytecode.object}`,
    };
    const target = join(here, "compiled", file.replace(/\.sol$/, ".json"));
    writeFileSync(target, `${JSON.stringify(compiled, null, 1)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
