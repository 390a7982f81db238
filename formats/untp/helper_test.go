package untp_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/formats/native"
	"accord/formats/untp"
)

var update = flag.Bool("update", false, "write the embedded schemas and golden files anew")

// foreign reads a file of the data beside the repository, which is never copied.
func foreign(t testing.TB, name ...string) []byte {
	t.Helper()
	root := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(root); err != nil {
		t.Skip("../shared/data is not here; it is external test data")
	}
	src, err := os.ReadFile(filepath.Join(append([]string{root}, name...)...))
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// samples are the foreign credentials.
var samples = []string{
	"ConformityCredential_instance.json", "ConformityCredential_battery_instance.json",
	"ConformityCredential_smelter_instance.json", "dcc-0.6.0-example-data.json", "dcc-simple.json",
}

func codec(t testing.TB, name string) dialect.Codec {
	t.Helper()
	for _, c := range untp.Codecs() {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no codec %s", name)
	return dialect.Codec{}
}

func mustDecode(t testing.TB, src []byte) (*attestation.Submission, []dialect.Loss) {
	t.Helper()
	s, losses, err := codec(t, untp.Name).Decode(src)
	if err != nil {
		t.Fatal(err)
	}
	return s, losses
}

func mustEncode(t testing.TB, name string, s *attestation.Submission, o dialect.Options) ([]byte, []dialect.Loss) {
	t.Helper()
	out, losses, err := codec(t, name).Encode(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return out, losses
}

func mustNative(t testing.TB, src []byte) *attestation.Submission {
	t.Helper()
	s, err := native.DecodeJSON(src)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// future is after every date of a fixture.
var future = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
