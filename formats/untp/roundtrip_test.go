package untp_test

import (
	"testing"
	"time"

	"accord/formats/dialect"
	"accord/formats/native"
	"accord/formats/untp"
	"accord/internal/strictjson"
)

// TestDecode_carriesEverySample: what is read from a foreign credential and
// written in its own version is the same by RFC 8785, through our own dialect.
func TestDecode_carriesEverySample(t *testing.T) {
	t.Parallel()
	for _, name := range samples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := foreign(t, "untp", "samples", name)
			s, losses := mustDecode(t, src)
			if len(losses) > 0 {
				t.Errorf("losses: %v", losses)
			}
			if found, _ := s.Validate(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); len(found) > 0 {
				t.Errorf("findings: %v", found)
			}
			again := mustNative(t, native.AppendJSON(nil, s))
			format := untp.Name
			if codec(t, untp.NameOld).Recognises(src) {
				format = untp.NameOld
			}
			out, losses := mustEncode(t, format, again, dialect.Options{})
			if got, want := canonical(t, out), canonical(t, src); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if w := dialect.Above(losses, dialect.Warning); len(w) > 0 {
				t.Errorf("losses: %v", w)
			}
			t.Logf("%d residual pieces of %d octets", len(s.Residual), len(src))
		})
	}
}

func canonical(t testing.TB, src []byte) string {
	t.Helper()
	out, err := strictjson.Canonical(src)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
