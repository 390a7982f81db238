package native_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"accord/attestation"
	"accord/formats/native"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// holdAgainstJSONText reads a text as a submission and holds the result against
// jsontext, which makes canonical forms and knows nothing of our scanner: what
// is read is all that stands there, what is refused as JSON is no JSON, and
// what is accepted is JSON.
func holdAgainstJSONText(t testing.TB, src []byte) (accepted bool) {
	t.Helper()
	given := string(src)
	s, err := native.DecodeJSON(src)
	want, canonicalErr := strictjson.Canonical(src)
	if string(src) != given {
		t.Fatal("the reader changed what it read")
	}
	if err != nil {
		// One fault of the text, or findings of what is JSON; a text that is cut
		// at a limit may be no JSON behind it.
		code := fault.CodeOf(err)
		if isText := strings.HasPrefix(string(code), "json."); !isText && canonicalErr != nil {
			t.Fatalf("%v, but %v\n%.2000s", err, canonicalErr, src)
		}
		return false
	}
	if got := native.AppendJSON(nil, s); canonicalErr != nil || string(got) != string(want) {
		t.Fatalf("%.2000s\nis read as\n%s\nbut canonical is\n%s\n%v", src, got, want, canonicalErr)
	}
	return true
}

// TestDecodeJSON_readsWhatJSONTextReads changes octets all over documents that
// have every field; the fuzz target goes on where it ends.
func TestDecodeJSON_readsWhatJSONTextReads(t *testing.T) {
	t.Parallel()
	texts := [][]byte{native.AppendJSON(nil, everything()), native.AppendJSON(nil, certificate()), []byte(minimal)}
	accepted := 0
	for _, src := range texts {
		if !holdAgainstJSONText(t, src) {
			t.Errorf("refused: %.200s", src)
		}
		const changes = "\"\\{},:0e \n\x00\x80z"
		for i := 0; i < len(src); i += 1 + len(src)/1000 {
			for _, c := range []byte{changes[i%len(changes)], '"', 'z'} {
				changed := append([]byte(nil), src...)
				changed[i] = c
				if holdAgainstJSONText(t, changed) {
					accepted++
				}
			}
			holdAgainstJSONText(t, src[:i])
			// Spelled otherwise and spaced out, it is the same document.
			if c := src[i]; c >= 'a' && c <= 'z' && i > 0 && src[i-1] == '"' {
				escaped := string(src[:i]) + `\u00` + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]) + string(src[i+1:])
				if !holdAgainstJSONText(t, []byte(escaped)) {
					t.Errorf("refused: %.200s", escaped[i:])
				}
			}
		}
	}
	if accepted < 500 {
		t.Errorf("only %d changed documents are accepted: this test compares too little", accepted)
	}
}

func TestDecodeJSON_readsTheFieldAsJSONTextDoes(t *testing.T) {
	t.Parallel()
	root := "../../../shared/data"
	if _, err := os.Stat(root); err != nil {
		t.Skip("the field's documents are not at ../shared/data")
	}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		src, err := os.ReadFile(path)
		if err == nil {
			holdAgainstJSONText(t, src)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func FuzzDecodeJSON(f *testing.F) {
	f.Add([]byte(minimal))
	f.Add(native.AppendJSON(nil, everything()))
	f.Fuzz(func(t *testing.T, src []byte) { holdAgainstJSONText(t, src) })
}

// TestDecodeJSON_textsAreApart: the lists of texts of a document share memory,
// so one that grows must not write into the next.
func TestDecodeJSON_textsAreApart(t *testing.T) {
	t.Parallel()
	s, err := native.DecodeJSON(native.AppendJSON(nil, everything()))
	if err != nil {
		t.Fatal(err)
	}
	before := native.AppendJSON(nil, s)
	for _, texts := range []attestation.LText{s.Title, s.Description, s.Issuer.Name, s.Scheme.Name, s.Scope} {
		_ = append(texts, attestation.Text{Lang: "xx", Value: "overwritten"})
	}
	if after := native.AppendJSON(nil, s); string(after) != string(before) {
		t.Errorf("a list that grew changed another:\n%s\n%s", before, after)
	}
	for _, n := range []int{1, 31, 32, 33, 100} { // around the size of a piece
		one := `{"lang":"en","value":"x"}`
		src := strings.Replace(minimal, `"kind"`, `"title":[`+one+`],"scope":[`+one+strings.Repeat(","+one, n-1)+`],"kind"`, 1)
		s, err := native.DecodeJSON([]byte(src))
		if err != nil || len(s.Title) != 1 || len(s.Scope) != n || s.Scope[n-1].Value != "x" {
			t.Errorf("%d texts: %v", n, err)
		}
	}
}
