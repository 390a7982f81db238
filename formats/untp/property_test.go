package untp_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/formats/jsondoc"
	"accord/formats/native"
	"accord/formats/untp"
	"accord/internal/fault"
)

// unsaid returns the pointers of all that a document says and another does not.
func unsaid(t testing.TB, want, have []byte) (at []string) {
	t.Helper()
	a, err := jsondoc.Parse(want)
	if err != nil {
		t.Fatal(err)
	}
	b, err := jsondoc.Parse(have)
	if err != nil {
		t.Fatal(err)
	}
	var walk func(v, o *jsondoc.Value, path string)
	walk = func(v, o *jsondoc.Value, path string) {
		switch {
		case o == nil, o.Kind != v.Kind, o.Text != v.Text:
			at = append(at, path)
			return
		}
		for i := range v.Members {
			walk(&v.Members[i].Value, o.Member(v.Members[i].Name), path+jsondoc.Escape(v.Members[i].Name))
		}
		for i := range v.Elements {
			var e *jsondoc.Value
			if i < len(o.Elements) {
				e = &o.Elements[i]
			}
			walk(&v.Elements[i], e, path+"/"+strconv.Itoa(i))
		}
	}
	walk(a, b, "")
	return at
}

// covered reports whether a loss speaks of a place, or of what is around it or in
// it.
func covered(losses []dialect.Loss, at string) bool {
	for _, l := range losses {
		if l.Path == at || strings.HasPrefix(at, l.Path+"/") || strings.HasPrefix(l.Path, at+"/") {
			return true
		}
	}
	return false
}

// holds says that nothing of a document vanished in silence: what is read back
// from the credential is the document, but for what the losses speak of.
func holds(t testing.TB, format string, s *attestation.Submission) {
	t.Helper()
	out, losses := mustEncode(t, format, s, dialect.Options{})
	again, more, err := codec(t, format).Decode(out)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// In the credential the DID stands apart from the other numbers of the issuer.
	losses = append(losses, more...)
	again.Residual = s.Residual
	for _, at := range unsaid(t, native.AppendJSON(nil, s), native.AppendJSON(nil, again)) {
		if !covered(losses, at) && !strings.HasPrefix(at, "/issuer/identifiers/") {
			t.Errorf("%s: %s is lost in silence", format, at)
		}
	}
}

func documents(t testing.TB) map[string]*attestation.Submission {
	t.Helper()
	out := map[string]*attestation.Submission{}
	read := func(name string) {
		if src, err := os.ReadFile(filepath.FromSlash(name)); err == nil {
			out[name] = mustNative(t, src)
		}
	}
	read("testdata/full.json")
	read("testdata/management-system.json")
	read("testdata/test-report.json")
	read("../../../shared/data/canonical-example/ccc-vacuum.json")
	read("../../../shared/data/canonical-example/ccc-vacuum-r2.json")
	return out
}

func TestEncode_tellsEveryLoss(t *testing.T) {
	t.Parallel()
	docs := documents(t)
	if len(docs) < 3 {
		t.Fatal("the fixtures are not there")
	}
	for name, s := range docs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, format := range []string{untp.Name, untp.NameOld, untp.NameW3C} {
				holds(t, format, s)
			}
		})
	}
}

// TestEncode_tellsEveryLossOfOneMember leaves each member of a full document out
// in turn, so that no loss is covered by a neighbour alone.
func TestEncode_tellsEveryLossOfOneMember(t *testing.T) {
	t.Parallel()
	root, err := jsondoc.Parse(native.AppendJSON(nil, documents(t)["testdata/full.json"]))
	if err != nil {
		t.Fatal(err)
	}
	n, seen := 0, 0
	var walk func(v *jsondoc.Value)
	walk = func(v *jsondoc.Value) {
		for i := range v.Members {
			all := v.Members
			v.Members = append(append([]jsondoc.Member(nil), all[:i]...), all[i+1:]...)
			seen++
			if s, err := native.DecodeJSON(root.Append(nil)); err == nil && seen%3 == 0 { // a third, for time
				if found, _ := s.Validate(future); len(found) == 0 {
					n++
					for _, format := range []string{untp.Name, untp.NameOld} {
						holds(t, format, s)
					}
				}
			}
			v.Members = all
			walk(&v.Members[i].Value)
		}
		for i := range v.Elements {
			walk(&v.Elements[i])
		}
	}
	walk(root)
	if n < 20 {
		t.Errorf("only %d documents", n)
	}
}

// TestDecode_survivesEveryChange changes one value after the other: each document
// gives findings with codes, or a submission that validates and gives the same
// credential again.
func TestDecode_survivesEveryChange(t *testing.T) {
	t.Parallel()
	full, _ := mustEncode(t, untp.Name, documents(t)["testdata/full.json"], dialect.Options{})
	for _, test := range [...]struct{ format, src, inside string }{
		{untp.Name, own(t), ""}, {untp.NameOld, old(t), ""},
		{untp.Name, string(full), "/credentialSubject/urn:accord:untp:attestation:1"},
	} {
		format := test.format
		root, err := jsondoc.Parse([]byte(test.src))
		if err != nil {
			t.Fatal(err)
		}
		read, refused := 0, 0
		mutantsIn(root, root.At(test.inside), func(what string, src []byte) {
			s, losses, err := codec(t, format).Decode(src)
			if err != nil {
				refused++
				for _, f := range fault.All(err) {
					if f.Code == fault.Internal || f.Detail == "" {
						t.Errorf("%s: %v", what, err)
					}
				}
				return
			}
			read++
			if found, _ := s.Validate(future); len(found) > 0 {
				t.Errorf("%s: does not validate: %v", what, found)
			}
			out, _ := mustEncode(t, format, mustNative(t, native.AppendJSON(nil, s)), dialect.Options{})
			if len(losses) == 0 && canonical(t, out) != canonical(t, src) {
				t.Errorf("%s:\ngot  %s\nwant %s", what, out, src)
			}
		})
		if read < 50 || refused < 50 {
			t.Errorf("%s: %d read, %d refused", format, read, refused)
		}
	}
}
