// A tuned Node server that does the work of POST /v1/attestations without a
// ledger: token and document verified (ES256), the payload read, its RFC 8785
// digest taken, the row written to SQLite in groups, one durable commit a
// group, answered after it. It is the peer that docs/performance.md compares
// with; it is not a gateway.
//
//   node server.mjs PORT DATABASE KEYS.json
//
// KEYS.json: {"audience": URL, "doc": JWK, "auth": JWK}
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import Fastify from "fastify";
import { compactVerify, importJWK, jwtVerify } from "jose";
import Database from "better-sqlite3";
import canonicalize from "canonicalize";

const [port, file, keyFile] = process.argv.slice(2);
const keys = JSON.parse(readFileSync(keyFile, "utf8"));
const docKey = await importJWK(keys.doc, "ES256");
const authKey = await importJWK(keys.auth, "ES256");

const db = new Database(file);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec(`CREATE TABLE IF NOT EXISTS documents (
  idx INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT UNIQUE, digest TEXT,
  number TEXT, issuer TEXT, body BLOB, received TEXT)`);
const insert = db.prepare(
  "INSERT INTO documents (content, digest, number, issuer, body, received) VALUES (?,?,?,?,?,?) ON CONFLICT(content) DO NOTHING RETURNING idx");
const known = db.prepare("SELECT idx FROM documents WHERE content = ?");

// Group commit: what arrived while the last group was written is the next one.
let queue = [];
let scheduled = false;
const flush = db.transaction((rows) => rows.map((r) => insert.get(...r.values)?.idx));
function commit(values) {
  return new Promise((resolve, reject) => {
    queue.push({ values, resolve, reject });
    if (!scheduled) {
      scheduled = true;
      setImmediate(() => {
        scheduled = false;
        const group = queue;
        queue = [];
        try {
          flush.immediate(group).forEach((idx, i) => group[i].resolve(idx));
        } catch (err) {
          group.forEach((row) => row.reject(err));
        }
      });
    }
  });
}

const tokens = new Map(); // verified tokens by text, as the gateway caches them
async function partner(header) {
  const text = header?.replace(/^Bearer /, "") ?? "";
  const seen = tokens.get(text);
  if (seen && seen.exp > Date.now() / 1000) return seen;
  const { payload } = await jwtVerify(text, authKey, { audience: keys.audience, typ: "accord-auth+jwt" });
  if (tokens.size > 10000) tokens.clear();
  tokens.set(text, payload);
  return payload;
}

const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const required = ["modelVersion", "kind", "party", "regime", "identifiers", "issuer", "parties", "objects", "dates", "statusEvents"];

const app = Fastify({ logger: false, bodyLimit: 1 << 20 });
app.addContentTypeParser("application/jose", { parseAs: "buffer" }, (_req, body, done) => done(null, body));
app.post("/v1/attestations", async (req, reply) => {
  let sender;
  try { sender = await partner(req.headers.authorization); } catch { return reply.code(401).send({ code: "auth.missing" }); }
  const body = req.body;
  let payload;
  try { ({ payload } = await compactVerify(body, docKey, { algorithms: ["ES256"] })); } catch { return reply.code(422).send({ code: "jws.signature_invalid" }); }
  const doc = JSON.parse(Buffer.from(payload).toString("utf8"));
  for (const name of required) if (!(name in doc)) return reply.code(422).send({ code: "schema.missing_field", at: "/" + name });
  const content = "sha-256:" + sha256(canonicalize(doc));
  const digest = "sha-256:" + sha256(body);
  const received = new Date().toISOString();
  const idx = await commit([content, digest, doc.identifiers[0].value, sender.iss, body, received]);
  if (idx === undefined) return reply.code(200).send({ index: known.get(content).idx, content, digest });
  return reply.code(201).send({ index: idx, content, digest, received });
});
app.get("/healthz", async () => "ok");
await app.listen({ port: Number(port), host: "127.0.0.1" });
