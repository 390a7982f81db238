package untp

import (
	"strings"

	"accord/formats/jsondoc"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// version is a released version of the credential.
type version string

// The versions that are read. 0.6.0 and 0.6.1 differ in nothing but the name of
// their context.
const (
	v070 version = "0.7.0"
	v061 version = "0.6.1"
	v060 version = "0.6.0"
)

// The contexts by which a credential says what it is. The first is that of the
// W3C Verifiable Credentials Data Model v2.0, section 4.3.
const (
	contextW3C = "https://www.w3.org/ns/credentials/v2"
	context070 = "https://vocabulary.uncefact.org/untp/0.7.0/context/"
	context061 = "https://test.uncefact.org/vocabulary/untp/dcc/0.6.1/"
	context060 = "https://test.uncefact.org/vocabulary/untp/dcc/0.6.0/"
)

var contexts = map[string]version{context070: v070, context061: v061, context060: v060}

// old reports whether the version is one of 0.6.
func (v version) old() bool { return v == v061 || v == v060 }

// format is the name of the format in a residual.
func (v version) format() string { return "untp-dcc-" + string(v) }

// context returns the second context of the version.
func (v version) context() string {
	switch v {
	case v061:
		return context061
	case v060:
		return context060
	default:
		return context070
	}
}

// isUNTP reports whether a context is one of UNTP, of whatever version.
func isUNTP(s string) bool {
	return strings.HasPrefix(s, "https://vocabulary.uncefact.org/untp/") ||
		strings.HasPrefix(s, "https://test.uncefact.org/vocabulary/untp/")
}

// versionOf reads @context: the W3C context first, that of one version of UNTP
// second, extensions behind them and none of these twice. Contexts of two
// versions give two meanings to one word, so nothing is guessed.
func versionOf(root *jsondoc.Value) (version, fault.List) {
	var found fault.List
	add := func(code fault.Code, at, detail string) { found = append(found, fault.At(code, at, detail)) }
	list := root.Member("@context")
	if list == nil {
		add(fault.SchemaMissingField, "/@context", "required")
		return "", found
	}
	if list.Kind != strictjson.Array {
		add(fault.SchemaType, "/@context", "a list of contexts is due")
		return "", found
	}
	var v version
	seen := map[string]bool{}
	for i := range list.Elements {
		e := &list.Elements[i]
		at := pointerAt("/@context", i)
		if e.Kind != strictjson.String {
			add(fault.SchemaType, at, "the URL of a context is due")
			continue
		}
		if seen[e.Text] {
			add(fault.SchemaDuplicateField, at, "the context is named twice")
		}
		seen[e.Text] = true
		switch known, ours := contexts[e.Text]; {
		case i == 0:
			if e.Text != contextW3C {
				add(fault.SchemaNamespace, at, "the first context must be "+contextW3C)
			}
			if ours {
				v = known
			}
		case ours && v != "" && v != known:
			add(fault.SchemaNamespace, at, "contexts of two versions of UNTP are mixed")
		case ours && i > 1 && v == "":
			add(fault.SchemaNamespace, at, "the context of UNTP must be the second")
			v = known
		case ours:
			v = known
		case isUNTP(e.Text):
			add(fault.SchemaNamespace, at, "a version of UNTP that is not read; 0.7.0, 0.6.1 and 0.6.0 are")
		}
	}
	if v == "" && len(found) == 0 {
		add(fault.SchemaNamespace, "/@context", "names no context of UNTP")
	}
	return v, found
}
