// Package bitstring owns W3C Bitstring Status List v1.0: the list of bits, the
// credential that carries it, the entry that points into it, and the check.
//
//	entry of a credential ──► [Client.Check] ──► fetched, verified, cached list ──► [Check] ──► [Status]
//	bits ──► [List.Encode] ──► [Credential.Append] ──► signed and published by others
//
// It is pure but for [Client], which is given its way to the network and its way
// to verify. Each fault is one of the five of the specification ([Error]). What a
// bit means for an attestation is not said here: the exact word is that of the
// live status.
package bitstring
