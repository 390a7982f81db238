package xmldoc_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"accord/formats/xmldoc"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"
	dsig "github.com/russellhaering/goxmldsig"
)

// corpus returns every XML file of the shared test data by its path in there.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	root := filepath.Join(filepath.Dir(dir), "shared", "data")
	if _, err := os.Stat(root); err != nil {
		t.Skipf("the shared test data is not there: %v", err)
	}
	files := map[string][]byte{}
	err = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if ext := filepath.Ext(path); ext != ".xml" && ext != ".xsd" {
			return nil
		}
		name, _ := filepath.Rel(root, path)
		files[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the shared test data has no XML")
	}
	return files
}

// uncanonical names the files for which canonical XML is not defined, since
// they use a relative namespace URI (Canonical XML 1.1, section 1.3). The
// files that are there now all can be canonicalised.
var uncanonical = map[string]bool{}

func TestSerialise_givesTheCorpusBack(t *testing.T) {
	t.Parallel()
	for name, src := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := xmldoc.Parse(src)
			if err != nil {
				t.Fatal(err)
			}
			out, err := doc.Serialise()
			if err != nil {
				t.Fatal(err)
			}
			if relative := relativeSpaces(t, src); (len(relative) > 0) != uncanonical[name] {
				t.Errorf("namespace URIs %q cannot be canonicalised", relative)
			}
			for algorithm := range canonicalizers() {
				if !bytes.Equal(canonical(t, algorithm, src), canonical(t, algorithm, out)) {
					t.Errorf("%s of what was written differs", algorithm)
				}
			}
			again, err := xmldoc.Parse(out)
			if err != nil {
				t.Fatal(err)
			}
			if twice, err := again.Serialise(); err != nil || !bytes.Equal(out, twice) {
				t.Errorf("writing is not stable: %v", err)
			}
		})
	}
}

// canonicalizers returns fresh ones: exclusive, inclusive 1.0 and 1.1, with
// and without comments.
func canonicalizers() map[dsig.AlgorithmID]dsig.Canonicalizer {
	m := map[dsig.AlgorithmID]dsig.Canonicalizer{}
	for _, c := range []dsig.Canonicalizer{
		dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList(""),
		dsig.MakeC14N10ExclusiveWithCommentsCanonicalizerWithPrefixList(""),
		dsig.MakeC14N10RecCanonicalizer(),
		dsig.MakeC14N10WithCommentsCanonicalizer(),
		dsig.MakeC14N11Canonicalizer(),
		dsig.MakeC14N11WithCommentsCanonicalizer(),
	} {
		m[c.Algorithm()] = c
	}
	return m
}

// canonical reads src with etree's own reader, so that a slip of the gate does
// not hide itself, and canonicalises the root element.
func canonical(t testing.TB, algorithm dsig.AlgorithmID, src []byte) []byte {
	t.Helper()
	tree := etree.NewDocument()
	// XML 1.0, section 2.11; encoding/xml leaves comments out.
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	if err := tree.ReadFromBytes(src); err != nil {
		t.Fatal(err)
	}
	out, err := canonicalizers()[algorithm].Canonicalize(tree.Root())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// relativeSpaces returns the namespace URIs in src that are no absolute URI.
func relativeSpaces(t *testing.T, src []byte) (found []string) {
	t.Helper()
	s := xmldoc.NewScanner(src, xmldoc.Limits{})
	for {
		kind, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		if kind == xmldoc.EOF {
			return found
		}
		for _, b := range s.NS() {
			if b.URI != "" && !strings.Contains(b.URI, ":") {
				found = append(found, b.URI)
			}
		}
	}
}

// The gate must see what etree sees through encoding/xml: the same tree.
func TestParse_agreesWithEtree(t *testing.T) {
	t.Parallel()
	for name, src := range corpus(t) {
		doc, err := xmldoc.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		c := dsig.MakeC14N10WithCommentsCanonicalizer()
		got, err := c.Canonicalize(doc.Tree.Root())
		if err != nil {
			t.Fatal(err)
		}
		if want := canonical(t, c.Algorithm(), src); !bytes.Equal(got, want) {
			t.Errorf("%s: the trees differ: %s", name, cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")))
		}
	}
}
