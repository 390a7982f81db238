// Package archtest owns the import rules of the house: which folder may import
// which, and where a third party has its home (docs/architecture.md). Its test
// holds the repository against them; nothing else imports it.
package archtest
