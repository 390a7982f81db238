package untp_test

import (
	"os"
	"path/filepath"
	"testing"

	"accord/formats/untp"
)

func TestSchemas_areFresh(t *testing.T) {
	for _, name := range untp.SchemaNames() {
		made, err := untp.MakeSchema(name)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, '\n')
		if *update {
			if err := os.WriteFile(filepath.Join("schema", name+".json"), made, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if string(untp.Schema(name)) != string(made) {
			t.Errorf("schema/%s.json is not what the shapes say; go test ./formats/untp -run Schemas -update", name)
		}
	}
}
