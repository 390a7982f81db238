// Package signing owns JSON Web Signatures: what is read, which of it is
// believed, and what Accord emits.
//
//	octets ──► Read ──► Message ──► Verifier.Verify ──► Verification
//	           form,     payload,    key of the partner,  passed, failed or
//	           header    headers     primitive, time      indeterminate, and why
//	           policy
//
// Reading is strict and is done here: one canonical base64url, JSON without
// duplicates, an algorithm from the list, crit understood, typ and cty of the
// endpoint. The signature is checked over the octets that were received; nothing
// is encoded again. The primitives are those of the standard library and, for
// signing and for the rarer algorithms, of jwx, which lives in this package only.
//
// The package knows partners only as [Trust], a set of keys and pinned anchors,
// and has no clock: whoever asks brings the time that is proven.
package signing
