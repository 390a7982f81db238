// Package certs owns X.509: the certificates partners are pinned by, the chains
// that end in them, and the development PKI that `accord init` makes.
//
// It answers one question about somebody else's certificate: does this chain
// end, at that time, in a certificate we pinned for this partner?
//
//	x5c ──► leaf, intermediates ──► path at the proven time ──► pinned anchor ──► leaf names the partner
//
// Nothing is fetched: addresses inside certificates (AIA, CDP) are never
// followed. The package knows no JWS (signing), no partner records (partners)
// and keeps no state.
package certs
