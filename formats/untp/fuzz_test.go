package untp_test

import (
	"bytes"
	"testing"

	"accord/formats/dialect"
	"accord/formats/native"
	"accord/formats/untp"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// FuzzDecode: whatever comes in gives findings with codes, or a submission that
// validates, survives our own dialect and gives back the same credential.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(own(f)))
	f.Add([]byte(old(f)))
	for _, s := range documents(f) {
		out, _ := mustEncode(f, untp.Name, s, dialect.Options{})
		f.Add(out)
	}
	f.Add([]byte(`{"type":"EnvelopedVerifiableCredential","id":"data:application/vc+jwt,e30.e30.AA"}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		s, losses, err := codec(t, untp.Name).Decode(src)
		if err != nil {
			for _, g := range fault.All(err) {
				if g.Code == fault.Internal {
					t.Fatalf("an error without a code: %v", err)
				}
			}
			return
		}
		if found, _ := s.Validate(future); len(found) > 0 {
			t.Fatalf("does not validate: %v", found)
		}
		text := native.AppendJSON(nil, s)
		again, err := native.DecodeJSON(text)
		if err != nil {
			t.Fatalf("does not survive our dialect: %v\n%s", err, text)
		}
		format := untp.Name
		for _, r := range s.Residual {
			if r.Format != "untp-dcc-0.7.0" {
				format = untp.NameOld
			}
		}
		if bytes.Contains(src, []byte("dcc/0.6.")) {
			return // which version it is may stand in an escape
		}
		out, _, err := codec(t, format).Encode(again, dialect.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(losses) > 0 || bytes.Contains(src, []byte("statusListIndex")) {
			return
		}
		want, err := strictjson.Canonical(src)
		if err != nil {
			return // a number without a canonical form
		}
		if got, err := strictjson.Canonical(out); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%v\ngot  %s\nwant %s", err, got, want)
		}
	})
}
