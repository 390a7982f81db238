package native_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"accord/formats/native"
)

var update = flag.Bool("update", false, "write golden files and schemas")

func TestSchemas_areFresh(t *testing.T) {
	t.Parallel()
	published := native.Schemas()
	for name, want := range native.MadeSchemas() {
		if *update {
			if err := os.WriteFile(filepath.Join("schema", name), want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if !bytes.Equal(published[name], want) {
			t.Errorf("schema/%s is not what the description says; run this test with -update", name)
		}
		delete(published, name)
	}
	if !*update && len(published) > 0 {
		t.Errorf("schemas without a description: %v", published)
	}
}
