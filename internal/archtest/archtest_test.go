package archtest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"

	"accord/internal/archtest"

	"github.com/google/go-cmp/cmp"
)

// listed is what this test needs of go list.
type listed struct {
	ImportPath string
	Imports    []string
}

func list(t *testing.T) (module string, packages []archtest.Package) {
	t.Helper()
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Path}}\n{{.Dir}}").Output()
	if err != nil {
		t.Fatalf("go list -m: %v", err)
	}
	module, dir, _ := strings.Cut(strings.TrimSpace(string(root)), "\n")
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "./...")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return module, packages
		case err != nil:
			t.Fatal(err)
		}
		packages = append(packages, archtest.Package{Path: p.ImportPath, Imports: p.Imports})
	}
}

func TestRepository_keepsTheRules(t *testing.T) {
	t.Parallel()
	module, packages := list(t)
	if len(packages) < 10 {
		t.Fatalf("go list shows only %d packages", len(packages))
	}
	for _, violation := range archtest.Check(module, packages) {
		t.Error(violation)
	}
}

// A checker that finds nothing wrong in what is wrong is itself broken.
func TestCheck_catchesViolations(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path, imported, want string
	}{
		{"m/attestation", "m/formats", "attestation imports formats"},
		{"m/attestation", "m/internal/fault", ""},
		{"m/formats/native", "m/formats/xmldoc", ""},
		{"m/formats/native", "m/attestation", ""},
		{"m/formats/native", "m/signing", "formats/native imports signing"},
		{"m/signing", "m/formats/xmldoc", "signing imports formats/xmldoc"},
		{"m/signing/xmlsig", "m/formats/xmldoc", ""},
		{"m/signing/xmlsig", "m/formats/native", "signing/xmlsig imports formats/native"},
		{"m/partners/recognition", "m/partners", ""},
		{"m/partners/recognition", "m/storage", "partners/recognition imports storage"},
		{"m/storage", "m/storage/local", "storage imports storage/local"},
		{"m/storage/storagetest", "m/storage", ""},
		{"m/storage/local", "m/storage", ""},
		{"m/storage/local", "m/storage/mongo", "storage/local imports storage/mongo"},
		{"m/gateway", "m/storage", ""},
		{"m/gateway", "m/storage/local", "gateway imports storage/local"},
		{"m/gateway", "m/gateway/api", "gateway imports gateway/api"},
		{"m/gateway", "m/configs", "gateway imports configs"},
		{"m/gateway/api", "m/gateway", ""},
		{"m/gateway/api/submit", "m/gateway/api", ""},
		{"m/gateway/api", "m/client", "gateway/api imports client"},
		{"m/gateway/outbox", "m/client", ""},
		{"m/client", "m/gateway", "client imports gateway"},
		{"m/configs", "m/internal/obs", ""},
		{"m/configs", "m/partners", "configs imports partners"},
		{"m/internal/obs", "m/attestation", "internal/obs imports attestation"},
		{"m/cmd/accord", "m/storage/local", ""},
		{"m/cmd/accord", "m/configs/agreements", ""},
		{"m/ledger", "m/cmd/accord", "ledger imports cmd/accord"},
		{"m/util", "m/internal/fault", "util: the folder is not in the table"},
		{"m", "fmt", ".: the folder is not in the table"},
		{"m/ledger", "fmt", ""},
		{"m/signing", "github.com/lestrrat-go/jwx/v2/jws", ""},
		{"m/gateway", "github.com/lestrrat-go/jwx/v2/jws", "gateway imports github.com/lestrrat-go/jwx/v2/jws, whose home is signing"},
		{"m/cmd/accord", "github.com/beevik/etree", "cmd/accord imports github.com/beevik/etree, whose home is formats"},
		{"m/formats/xmldoc", "github.com/beevik/etree", ""},
		{"m/gateway", "github.com/gorilla/mux", "gateway imports github.com/gorilla/mux, whose home is gateway/api, gateway/console"},
		{"m/gateway/api", "github.com/gorilla/mux", ""},
		{"m/storage", "modernc.org/sqlite", "storage imports modernc.org/sqlite, whose home is storage/local"},
		{"m/storage/local", "go.mongodb.org/mongo-driver/v2/mongo", "storage/local imports go.mongodb.org/mongo-driver/v2/mongo, whose home is storage/mongo"},
	} {
		var want []string
		if test.want != "" {
			want = []string{test.want}
		}
		got := archtest.Check("m", []archtest.Package{{Path: test.path, Imports: []string{test.imported}}})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s → %s: (-want +got)\n%s", test.path, test.imported, diff)
		}
	}
}
