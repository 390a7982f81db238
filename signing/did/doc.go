// Package did owns did:web: where the document of a DID is, what it says of keys,
// and the document that we publish ourselves.
//
//	did:web:… ──► [URL] ──► [Resolver] (agreed hosts only) ──► [Parse] ──► keys that may
//	                                                                       sign, and why
//	                                                                       others may not
//
// A key counts if the document lists it under assertionMethod and it is one that
// signs. That a DID document says so is no trust: whose DID it is says the
// partner record, or an identity anchor of a registrar on our list.
package did
