package bitstring

import (
	"strconv"
	"strings"

	"accord/formats/jsondoc"
	"accord/internal/strictjson"
)

// Purpose says what a list tells (section 2.1.1).
type Purpose string

// The purposes of the specification.
const (
	Refresh    Purpose = "refresh"    // a newer credential is there; does not invalidate
	Revocation Purpose = "revocation" // not reversible
	Suspension Purpose = "suspension" // reversible
	Message    Purpose = "message"    // says what statusMessage says
)

// The types of an entry, of a list and of the credential that carries it.
const (
	TypeEntry      = "BitstringStatusListEntry"
	TypeList       = "BitstringStatusList"
	TypeCredential = "BitstringStatusListCredential"
)

// Entry points from a credential to its place in a list (section 2.1).
type Entry struct {
	ID        string
	Purpose   Purpose
	Index     uint64
	List      string   // URL of the status list credential
	Size      int      // bits, 1 where the entry does not say
	Messages  []string // statusMessage by status value; nil if there is none
	Reference []string
}

// Entries returns the entries of the credentialStatus of an unsecured credential;
// it may be one object or a list of them (VCDM 2.0, section 4.10). Status of
// other types is left out, for whom it is not known it is to be ignored. An entry
// that is not well formed is a MALFORMED_VALUE_ERROR at its place.
func Entries(credential []byte) ([]Entry, error) {
	root, err := jsondoc.Parse(credential)
	if err != nil {
		return nil, &Error{MalformedValue, err}
	}
	status := root.Member("credentialStatus")
	if status == nil {
		return nil, nil
	}
	const at = "/credentialStatus"
	if status.Kind != strictjson.Array {
		e, ok, err := entryOf(status, at)
		if !ok {
			return nil, err
		}
		return []Entry{e}, err
	}
	var out []Entry
	for i := range status.Elements {
		e, ok, err := entryOf(&status.Elements[i], at+"/"+strconv.Itoa(i))
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, e)
		}
	}
	return out, nil
}

func entryOf(v *jsondoc.Value, at string) (e Entry, ok bool, err error) {
	if v.Kind != strictjson.Object {
		return e, false, malformed(at, "an object is due")
	}
	if !hasType(v.Member("type"), TypeEntry) {
		return e, false, nil
	}
	e = Entry{ID: str(v, "id"), Purpose: Purpose(str(v, "statusPurpose")), List: str(v, "statusListCredential"), Size: 1}
	if e.Purpose == "" {
		return e, false, malformed(at+"/statusPurpose", "required")
	}
	if !strings.Contains(e.List, ":") {
		return e, false, malformed(at+"/statusListCredential", "the URL of a status list credential is due")
	}
	if e.Index, err = indexOf(v.Member("statusListIndex"), at+"/statusListIndex"); err != nil {
		return e, false, err
	}
	if m := v.Member("statusSize"); m != nil {
		if e.Size, err = strconv.Atoi(m.Text); m.Kind != strictjson.Number || err != nil || e.Size < 1 || e.Size > MaxSize {
			return e, false, malformed(at+"/statusSize", "want an integer of 1 to 8")
		}
	}
	if e.Messages, err = messagesOf(v.Member("statusMessage"), e.Size, at+"/statusMessage"); err != nil {
		return e, false, err
	}
	if e.Messages == nil && (e.Size > 1 || e.Purpose == Message) {
		return e, false, malformed(at+"/statusMessage", "required where statusSize is more than 1 or the purpose is message")
	}
	e.Reference = strs(v.Member("statusReference"))
	return e, true, nil
}

// indexOf reads statusListIndex: a string in base 10 as the W3C has it, or an
// integer as UNTP has it (section 2.1; domain.md, §1.4).
func indexOf(v *jsondoc.Value, at string) (uint64, error) {
	if v == nil {
		return 0, malformed(at, "required")
	}
	n, err := strconv.ParseUint(v.Text, 10, 63)
	if v.Kind != strictjson.String && v.Kind != strictjson.Number || err != nil || strconv.FormatUint(n, 10) != v.Text {
		return 0, malformed(at, "want an integer from 0 in base 10")
	}
	return n, nil
}

// messagesOf reads statusMessage: one message for each value, told by a number in
// hexadecimal with 0x (section 2.1).
func messagesOf(v *jsondoc.Value, size int, at string) ([]string, error) {
	if v == nil {
		return nil, nil
	}
	if v.Kind != strictjson.Array || len(v.Elements) != 1<<size {
		return nil, malformed(at, "want one message for each of the 2^statusSize values")
	}
	out := make([]string, len(v.Elements))
	seen := make([]bool, len(v.Elements))
	for i := range v.Elements {
		m := &v.Elements[i]
		digits, ok := strings.CutPrefix(str(m, "status"), "0x")
		n, err := strconv.ParseUint(digits, 16, 16)
		if !ok || err != nil || n >= uint64(len(out)) || seen[n] {
			return nil, malformed(at+"/"+strconv.Itoa(i)+"/status", "want each value once, as 0x0, 0x1, …")
		}
		out[n], seen[n] = str(m, "message"), true
	}
	return out, nil
}

func str(v *jsondoc.Value, name string) string {
	if m := v.Member(name); m != nil && m.Kind == strictjson.String {
		return m.Text
	}
	return ""
}

// strs reads a string or a list of strings.
func strs(v *jsondoc.Value) (out []string) {
	if v == nil {
		return nil
	}
	if v.Kind == strictjson.String {
		return []string{v.Text}
	}
	for i := range v.Elements {
		if v.Elements[i].Kind == strictjson.String {
			out = append(out, v.Elements[i].Text)
		}
	}
	return out
}

func hasType(v *jsondoc.Value, typ string) bool {
	for _, t := range strs(v) {
		if t == typ {
			return true
		}
	}
	return false
}
