// Package carrytest owns what every dialect that is carried is held to: a
// document comes back as the same canonical XML, and the table for people says
// what is read.
package carrytest

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/formats/generic"
	"accord/formats/native"
	"accord/internal/fault"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// Canonical is Canonical XML 1.1 with comments of the root element, read by a
// reader that is not ours.
func Canonical(t testing.TB, src []byte) []byte {
	t.Helper()
	tree := etree.NewDocument()
	// XML 1.0, section 2.11; encoding/xml leaves comments out.
	if err := tree.ReadFromBytes(bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))); err != nil {
		t.Fatal(err)
	}
	out, err := dsig.MakeC14N11WithCommentsCanonicalizer().Canonicalize(tree.Root())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ComesBack holds that a document is read, that what is read is valid and passes
// through both native forms, and that it is written again as the same document
// with no loss. It returns what was read.
func ComesBack(t testing.TB, c dialect.Codec, src []byte) (*attestation.Submission, []dialect.Blob, []dialect.Loss) {
	t.Helper()
	s, blobs, losses, err := c.Read(src)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	if findings, _ := s.Validate(time.Now()); len(findings) > 0 {
		t.Fatalf("what was read is not valid: %v", findings)
	}
	same := func(name string, s *attestation.Submission) {
		out, lost, err := c.Encode(s, dialect.Options{Blob: dialect.BlobStore(blobs)})
		if err != nil || len(lost) > 0 {
			t.Fatalf("%s: write: %v, %v", name, lost, err)
		}
		want, err := generic.FromXML(src)
		if fault.CodeOf(err) == fault.HTTPBodyTooLarge {
			if !bytes.Equal(Canonical(t, src), Canonical(t, out)) {
				t.Fatalf("%s: canonical XML differs", name)
			}
			return
		}
		got, err2 := generic.FromXML(out)
		if err != nil || err2 != nil || !bytes.Equal(want, got) {
			t.Fatalf("%s: the infoset differs: %v, %v", name, err, err2)
		}
		if !bytes.Contains(src, []byte("&#")) && !bytes.Equal(Canonical(t, src), Canonical(t, out)) {
			t.Fatalf("%s: canonical XML differs", name)
		}
	}
	same("as it was read", s)
	back, err := native.DecodeJSON(native.AppendJSON(nil, s))
	if err != nil {
		t.Fatalf("as native JSON: %v", err)
	}
	same("by native JSON", back)
	if back, err = native.DecodeXML(native.AppendXML(nil, s)); err != nil {
		t.Fatalf("as native XML: %v", err)
	}
	same("by native XML", back)
	return s, blobs, losses
}

var (
	lastIndex = regexp.MustCompile(`/\d+$`)
	anyIndex  = regexp.MustCompile(`/\d+`)
	ordinal   = regexp.MustCompile(`\[\d+\]`)
	prefix    = regexp.MustCompile(`/[^/:]+:`)
)

// Row is a field that was read and where it came from, as a table has them.
func Row(pointer, path string) dialect.Row {
	for _, leaf := range []string{"/value", "/lexical"} {
		pointer = strings.TrimSuffix(pointer, leaf)
	}
	if strings.HasPrefix(pointer, "/conditions/") {
		pointer = "/conditions/0" // a list of lists
	} else {
		pointer = lastIndex.ReplaceAllString(pointer, "")
	}
	pointer = strings.TrimPrefix(anyIndex.ReplaceAllString(pointer, "[]"), "/")
	path = prefix.ReplaceAllString(ordinal.ReplaceAllString(path, ""), "/")
	path = strings.ReplaceAll(path, "/list/", "/") // lists may stand in lists
	_, path, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return dialect.Row{Canonical: strings.ReplaceAll(pointer, "/", "."), Foreign: path}
}

// HoldRows holds a table against the fields that were taken from documents: each
// pair of a field and a place is a row, and each row with both was seen.
func HoldRows(t testing.TB, rows []dialect.Row, documents ...map[string]string) {
	t.Helper()
	seen := map[dialect.Row]bool{}
	for _, fields := range documents {
		for pointer, path := range fields {
			seen[Row(pointer, path)] = true
		}
	}
	for row := range seen {
		if !slices.ContainsFunc(rows, func(r dialect.Row) bool { return r.Canonical == row.Canonical && r.Foreign == row.Foreign }) {
			t.Errorf("the table has no row %q ← %q", row.Canonical, row.Foreign)
		}
	}
	for _, r := range rows {
		if r.Canonical != "" && r.Foreign != "" && !seen[dialect.Row{Canonical: r.Canonical, Foreign: r.Foreign}] {
			t.Errorf("no document showed the row %q ← %q", r.Canonical, r.Foreign)
		}
	}
}

// Shared returns the files of a folder of the shared test data that end with a
// suffix, by their name, and skips the test where they are not there.
func Shared(t testing.TB, folder, suffix string) map[string][]byte {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", folder, "*"+suffix))
	if len(paths) == 0 {
		t.Skip("the shared test data (../shared/data) is not there")
	}
	files := make(map[string][]byte, len(paths))
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = src
	}
	return files
}

// Found returns the findings of an error as "code path".
func Found(err error) (found []string) {
	for _, f := range fault.All(err) {
		found = append(found, string(f.Code)+" "+f.At)
	}
	return found
}
