// Package recognition answers one question: does partner P recognise document A
// at time t for a purpose, by which agreement, and if not, why not.
//
//	snapshot as of K ──► candidates ──► every check of every scope ──► combine ──► caps ──► Decision
//	question + facts ─────────────────────────▲
//
// The checks are tables, one file a family: A the document, G the agreement, S
// the scope, D the body, C the conditions (domain.md, section 6.3). They are
// pure: what has to be found out about the document (who signed, its status,
// which accreditations are known) comes with the question, and the terms come
// from a partners.Snapshot, so a decision can be repeated as known at K.
//
// What cannot be known is said to be unknown, and unknown is never recognised.
// The package neither signs decisions (evidence) nor finds documents (gateway).
package recognition
