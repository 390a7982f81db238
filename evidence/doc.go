// Package evidence owns what a stranger checks offline: the receipts, reports,
// decisions, high-water marks and trust lists that gateways sign, and the check
// of a document against them without asking anybody.
//
//	receipt:  octets ─► record.digest ─► leaf ─► proof ─► checkpoint ─► vkey
//	document: JWS ─► payload ─► issuer ─► trust ─► signature and content ─► report
//
// Each message has one Go type, one typ, one strict reader and one signer; the
// payloads are RFC 8785 JSON exactly as on the page of wire formats, so two
// programs that follow the page interoperate.
//
// A document that does not verify is not an error: it is a [Report] with
// findings. A receipt that does not is a [ReceiptCheck] that shows the step
// that failed. The package does no I/O and has no clock; how documents are
// decoded is brought by the caller (it does not know formats), and who is
// trusted is a [Directory], which is a trust list here and the partner
// directory in a gateway.
package evidence
