package jsondoc_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"accord/formats/jsondoc"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

func TestParse_keepsOrderAndDigits(t *testing.T) {
	t.Parallel()
	src := `{"z":[0.20,1E400,-0,9007199254740993,{"b":"\u00e9\n","a":null}],"a":{},"":[true,false]}`
	v, err := jsondoc.Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(src, `\u00e9`, "é", 1)
	if got := string(v.Append(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if _, err := v.Canonical(); fault.CodeOf(err) != fault.JSONNumberRange {
		t.Errorf("a number without a canonical form: %v", err)
	}
}

func TestParse_isStrict(t *testing.T) {
	t.Parallel()
	for src, code := range map[string]fault.Code{
		`{"a":1,"\u0061":2}`: fault.JSONDuplicateMember,
		`{} x`:               fault.JSONTrailingData,
		`"\ud800"`:           fault.JSONInvalidUnicode,
		``:                   fault.JSONEmpty,
		strings.Repeat("[", 65) + strings.Repeat("]", 65): fault.JSONDepth,
	} {
		if _, err := jsondoc.Parse([]byte(src)); fault.CodeOf(err) != code {
			t.Errorf("%.20s: %v, want %s", src, err, code)
		}
	}
}

func TestValue_At(t *testing.T) {
	t.Parallel()
	v, err := jsondoc.Parse([]byte(`{"a/b":{"~":[10,{"":"x"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	for pointer, want := range map[string]string{
		"": `{"a/b":{"~":[10,{"":"x"}]}}`, "/a~1b/~0/0": "10", "/a~1b/~0/1/": `"x"`,
	} {
		got := v.At(pointer)
		if got == nil || string(got.Append(nil)) != want {
			t.Errorf("%q: %v", pointer, got)
		}
	}
	for _, pointer := range []string{"a", "/x", "/a~1b/~0/2", "/a~1b/~0/01", "/a~1b/~0/-", "/a~1b/~0/0/1"} {
		if got := v.At(pointer); got != nil {
			t.Errorf("%q: %s", pointer, got.Append(nil))
		}
	}
	if jsondoc.Escape("a/b~") != "/a~1b~0" {
		t.Error(jsondoc.Escape("a/b~"))
	}
}

// TestParse_carriesEveryForeignFile reads each JSON file of the data next to
// the repository: the tree has the same canonical form as the octets.
func TestParse_carriesEveryForeignFile(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(root); err != nil {
		t.Skip("../shared/data is not here; it is external test data")
	}
	files := 0
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.Contains(filepath.Ext(path), ".json") {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		v, err := jsondoc.Parse(src)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		files++
		want, err := strictjson.Canonical(src)
		if err != nil {
			return nil // a number that has no canonical form
		}
		if got, err := v.Canonical(); err != nil || string(got) != string(want) {
			t.Errorf("%s: %v", path, err)
		}
		return nil
	})
	if err != nil || files < 10 {
		t.Errorf("%d files, %v", files, err)
	}
}
