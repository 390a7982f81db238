package main

import "strings"

// help is the long help of a command: what the one line leaves out, the members
// of its result with --format json, and calls that work as they stand.
type help struct {
	about    string
	json     string // in the notation of jsonShape
	examples []string
}

// String lays the help out as kong's formatter keeps it.
func (h help) String() string {
	var b strings.Builder
	if h.about != "" {
		b.WriteString(h.about + "\n\n")
	}
	b.WriteString("Example:\n\n")
	for _, x := range h.examples {
		b.WriteString("  " + x + "\n")
	}
	if h.json != "" {
		b.WriteString("\nWith --format json:\n\n")
		for _, line := range wrap(h.json, helpWidth) {
			b.WriteString("  " + line + "\n")
		}
	}
	return b.String()
}

// helpWidth keeps indented lines, which kong does not wrap, within a terminal.
const helpWidth = 74

// wrap breaks a text at its spaces.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}

// The results that several commands have. A member with "?" may be absent, one
// with […] is a list; what stands in wire.md is only named.
const (
	jsonAccepted = "{id?, revision?, content, index, receipt?, warnings[{code, pointer?, detail}], code?}"
	jsonFinding  = "{code, at, detail, severity}"
	jsonReport   = "{ver, iss?, jti?, found, subject{…}, at, knownAt?, model{…}?, signature{…}?, content{…}?, status{effective, at, lastIndex?}?, result, findings[" + jsonFinding + "], policy{…}, decision?, checkpoint?, nonce?}"
	jsonRegistry = "{id, index, digest, value{…}, change{…}}"
	jsonJWK      = "{alg, kid, kty, use, crv?, x?, y?, n?, e?}"
	jsonAudit    = "{entries, batches?, bodies?, blobs?, root, kinds{…}?, problems[…], orphans[…]?, gateway?}"
)
