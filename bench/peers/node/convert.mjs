// A tuned Node program that does what BenchmarkXMLToUNTP of formats/cnca does:
// a certificate report in XML is read with fast-xml-parser, its fields and check
// digits are checked, it becomes the canonical document, and that a UNTP
// credential 0.7.0 as JSON text. It carries no residual, tells no losses and
// checks no well-formedness beyond the parser's, so it does less.
//
//   node convert.mjs REPORT.xml [SECONDS]
//
// prints JSON: {"mbps", "documents", "bytes"}, by processor time, so that other
// load on the machine does not count; --print prints the credential.
import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { XMLParser } from "fast-xml-parser";

const parser = new XMLParser({ ignoreAttributes: false, parseTagValue: false, trimValues: false, processEntities: true });
const unescape = (name) => (name.includes("_x") ? name.replace(/_x([0-9A-F]{4,6})_/g, (_, h) => String.fromCodePoint(parseInt(h, 16))) : name);
const names = new Map(); // by element, as a tuned program would keep them
const nameOf = (el) => { let n = names.get(el); if (n === undefined) names.set(el, (n = unescape(el))); return n; };

const economies = { 156: "CN", CHN: "CN", CN: "CN", 554: "NZ", NZL: "NZ", NZ: "NZ", 344: "HK", HKG: "HK", HK: "HK" };
const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
function uscc(s) {
  if (s.length !== 18) return false;
  let sum = 0;
  for (let i = 0; i < 17; i++) { const v = alphabet.indexOf(s[i]); if (v < 0) return false; sum += v * weights[i]; }
  return s[17] === alphabet[(31 - (sum % 31)) % 31] && orgCode(s.slice(8, 17));
}
const orgWeights = [3, 7, 9, 10, 5, 8, 4, 2];
function orgCode(s) {
  let sum = 0;
  for (let i = 0; i < 8; i++) { const c = s.charCodeAt(i); sum += (c < 58 ? c - 48 : c - 55) * orgWeights[i]; }
  return s[8] === "0X987654321"[sum % 11];
}
function date(s) {
  if (s === "" || s === "0000-00-00" || s === "00000000" || s === "长期有效") return undefined;
  const m = /^(\d{4})-?(\d\d)-?(\d\d)$/.exec(s);
  if (!m || Number.isNaN(Date.parse(`${m[1]}-${m[2]}-${m[3]}`))) throw new Error("doc.date_invalid");
  return `${m[1]}-${m[2]}-${m[3]}`;
}
function party(f, prefix, role) {
  const name = f[prefix + "名称(主)"];
  if (!name) return undefined;
  const p = { role, name: [{ lang: "zh-CN", value: name }], identifiers: [], attributes: [] };
  if (f[prefix + "名称(次)"]) p.name.push({ lang: "en", value: f[prefix + "名称(次)"] });
  const country = f[prefix + "所在国家地区"];
  if (country && !(p.country = economies[country])) throw new Error("schema.format");
  const code = f[prefix + "组织机构代码"];
  if (code) {
    const ok = code.length === 9 ? orgCode(code) : uscc(code);
    if (!ok) throw new Error("schema.format");
    p.identifiers.push({ scheme: code.length === 9 ? "cn.gb11714" : "cn.uscc", value: code });
  }
  p.address = [f[prefix + "地址(主)"], f[prefix + "地址(次)"]].filter(Boolean).map((value, i) => ({ lang: i ? "en" : "zh-CN", value }));
  p.postcode = f[prefix + "邮编"];
  p.subdivision = f[prefix + "注册地行政区划"];
  p.contacts = [{ name: f[prefix + "联系人"], phone: f[prefix + "电话"] }];
  for (const a of ["机构类型", "经济类型", "国民经济行业", "经营范围"]) if (f[prefix + a]) p.attributes.push({ name: a, value: f[prefix + a] });
  return p;
}
const rules = /^CNCA-.*:/;
function read(xml) {
  const root = parser.parse(xml)["证书报告"];
  if (root["@_xmlns"] !== "urn:accord:cnca:1") throw new Error("schema.namespace");
  const f = {};
  for (const el in root) { const v = root[el]; if (el[0] !== "@" && el[0] !== "#") { if (typeof v !== "string") throw new Error("schema.type"); f[nameOf(el)] = v.trim(); } }
  const number = f["证书编号"];
  if (!/^20\d\d\d{12}$/.test(number)) throw new Error("schema.format");
  const s = {
    kind: "certification", number, identifiers: [{ scheme: "cn.cnca.ccc", value: number }],
    issuer: { name: f["发证机构名称"], approval: f["发证机构批准号"] },
    issued: date(f["发证日期"]), first: date(f["初次获证日期"]), expires: date(f["到期日期"]), changed: date(f["变更时间"]), decided: date(f["认证决定日期"]),
    mode: f["认证模式"], standards: [], rule: undefined, name: f["产品名称及单元(主)"], nameEn: f["产品名称及单元(次,英)"], models: [], complete: true,
    client: party(f, "委托人", "client"), manufacturer: party(f, "生产者", "manufacturer"), factory: party(f, "生产企业", "factory"), events: [], remark: f["备注"],
    certificate: f["附件1扫描件"],
  };
  for (const item of f["认证依据的标准和技术要求"].split(/[、;；,，\n]/)) {
    const id = item.trim();
    if (rules.test(id)) { s.rule = id; continue; }
    const m = /^(.+)-(\d{4})$/.exec(id);
    s.standards.push(m ? { id: m[1], edition: m[2] } : { id });
  }
  for (const item of f["规格型号"].split(/[、;；,，\n]/)) {
    if (item.includes("见附页")) { s.complete = false; continue; }
    const m = /^(.+)（(.+)）$/.exec(item.trim());
    s.models.push(m ? { model: m[1], note: m[2] } : { model: item.trim() });
  }
  s.events.push({ seq: 1, event: "issue", effective: s.first ?? s.issued });
  if (f["变更原因"] && s.changed) s.events.push({ seq: 2, event: "amend", effective: s.changed, reason: f["变更原因"] });
  switch (f["证书状态"]) {
    case "01": case "有效": break;
    case "02": case "暂停": s.events.push({ seq: s.events.length + 1, event: "suspend", effective: date(f["暂停开始"]), until: date(f["暂停结束"]), reason: f["暂停原因"] }); break;
    case "03": case "撤销": s.events.push({ seq: s.events.length + 1, event: "withdraw", effective: date(f["撤销日期"]), reason: f["撤销原因"] }); break;
    case "04": case "注销": s.events.push({ seq: s.events.length + 1, event: "cancel", effective: date(f["注销时间"]), reason: f["注销原因"] }); break;
    default: throw new Error("schema.format");
  }
  return s;
}
const id = (scheme, value) => `urn:accord:id:${scheme}:${encodeURIComponent(value)}`;
function uuid(text) {
  const h = createHash("sha256").update(text).digest("hex");
  return `urn:uuid:${h.slice(0, 8)}-${h.slice(8, 12)}-8${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
}
const instant = (day, next) => new Date(Date.parse(day + "T00:00:00+08:00") + (next ? 86400000 : 0)).toISOString().replace(".000Z", "Z");
function write(s) {
  const subject = id("cn.cnca.ccc", s.number), title = "certification " + s.number;
  const ref = (p) => (p.identifiers.length ? id(p.identifiers[0].scheme, p.identifiers[0].value) : undefined);
  return JSON.stringify({
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://vocabulary.uncefact.org/untp/0.7.0/context/"],
    type: ["DigitalConformityCredential", "VerifiableCredential"], id: uuid(subject),
    issuer: { type: ["CredentialIssuer"], id: id("cn.cnca.approval", s.issuer.approval), name: s.issuer.name },
    validFrom: instant(s.issued), validUntil: s.expires && instant(s.expires, true), name: title,
    credentialSubject: {
      type: ["ConformityAttestation"], id: subject, name: title, assessorLevel: "3rdParty", assessmentLevel: "authority-mandate", attestationType: "certification",
      issuedToParty: { type: ["Party"], id: ref(s.client), name: s.client.name[0].value, registeredId: s.client.identifiers[0]?.value },
      referenceScheme: { type: ["ConformityScheme"], id: "https://www.cnca.gov.cn/ccc", name: "强制性产品认证" },
      referenceProfile: s.rule && { type: ["ConformityProfile"], id: id("cn.cnca.rule", s.rule), name: s.rule },
      conformityCertificate: s.certificate && { linkURL: s.certificate, linkName: s.certificate },
      conformityAssessment: [{
        type: ["ConformityAssessment"], id: subject + "#a1", name: "Attestation",
        assessmentCriteria: s.rule ? [{ type: ["Criterion"], id: id("cn.cnca.rule", s.rule), name: s.rule }] : [],
        assessmentDate: instant(s.issued).slice(0, 10), assessedPerformance: [],
        assessedProduct: s.models.map((m) => ({ product: { type: ["Product"], id: `urn:accord:model:${s.number}:${encodeURIComponent(m.model)}`, name: s.name, modelNumber: m.model } })),
        assessedFacility: s.factory && [{ facility: { type: ["Facility"], id: ref(s.factory), name: s.factory.name[0].value } }],
        referenceStandard: s.standards.map((q) => ({ type: ["Standard"], id: `urn:accord:id:std:${encodeURIComponent(q.id)}:${q.edition ?? ""}`, name: q.edition ? `${q.id}-${q.edition}` : q.id })),
        specifiedCondition: s.remark ? [s.remark] : [],
        conformityTopic: [{ type: ["ConformityTopic"], id: "https://vocabulary.uncefact.org/untp/conformity-topic/product-safety-standards", name: "product-safety-standards" }],
      }],
      "urn:accord:untp:attestation:1": { "@type": "@json", "@value": { lang: "zh-CN", regime: "compulsory", mode: s.mode, parties: [s.manufacturer, s.factory].filter(Boolean).map((p) => ({ role: p.role, name: p.name[0].value, id: ref(p), country: p.country })) } },
    },
  });
}

const [file, seconds] = process.argv.slice(2).filter((a) => !a.startsWith("--"));
const source = readFileSync(file); // octets, as they come from a connection
const convert = () => Buffer.from(write(read(source.toString("utf8"))));
if (process.argv.includes("--print")) {
  process.stdout.write(convert());
} else {
  for (let i = 0; i < 2000; i++) convert(); // warm
  const end = process.hrtime.bigint() + BigInt(Number(seconds ?? 5) * 1e9), before = process.cpuUsage();
  let n = 0;
  while (process.hrtime.bigint() < end) { for (let i = 0; i < 100; i++) convert(); n += 100; }
  const used = process.cpuUsage(before), took = (used.user + used.system) / 1e6;
  console.log(JSON.stringify({ mbps: Math.round((n * source.length) / took / 1e4) / 100, documents: n, bytes: source.length }));
}
