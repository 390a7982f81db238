package native_test

import (
	"strings"
	"testing"

	"accord/attestation"
	"accord/formats/native"
	"accord/internal/fault"

	"github.com/google/go-cmp/cmp"
)

// FuzzDecode: whatever the readers accept both forms carry, and whatever they
// refuse has a code.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(minimal))
	f.Add([]byte(minimalXML))
	f.Add(native.AppendJSON(nil, everything()))
	f.Add(native.AppendXML(nil, everything()))
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, decode := range []func([]byte) (*attestation.Submission, error){native.DecodeJSON, native.DecodeXML} {
			s, err := decode(src)
			if err != nil {
				for _, e := range fault.All(err) {
					if e.Code == fault.Internal {
						t.Fatalf("unclassified: %v", err)
					}
				}
				continue
			}
			fromJSON, err := native.DecodeJSON(native.AppendJSON(nil, s))
			if err != nil {
				t.Fatal(err)
			}
			fromXML, err := native.DecodeXML(native.AppendXML(nil, s))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(fromJSON, fromXML); d != "" {
				t.Fatal(d)
			}
		}
	})
}

// TestExtensions_areNestedAsDeepAsBothFormsAllow: the last depth that one form
// accepts the other accepts too.
func TestExtensions_areNestedAsDeepAsBothFormsAllow(t *testing.T) {
	t.Parallel()
	nested := func(n int) string {
		return strings.Replace(minimal, `"dates"`,
			`"extensions":{"urn:x":`+strings.Repeat("[", n)+`"x"`+strings.Repeat("]", n)+`},"dates"`, 1)
	}
	s, err := native.DecodeJSON([]byte(nested(61)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := native.DecodeXML(native.AppendXML(nil, s)); err != nil {
		t.Error(err)
	}
	if _, err := native.DecodeJSON([]byte(nested(62))); fault.CodeOf(err) != fault.JSONDepth {
		t.Error(err)
	}
}

func TestDecodeXML_refusesWhatHasNoJSONForm(t *testing.T) {
	t.Parallel()
	src := strings.Replace(minimalXML, "</at:Object>", "</at:Object>"+
		strings.Repeat(`<at:Object type="product"><at:Name xml:lang="en">P</at:Name></at:Object>`, 2000), 1)
	if _, err := native.DecodeXML([]byte(src)); fault.CodeOf(err) != fault.JSONTooManyMembers {
		t.Error(err)
	}
}
