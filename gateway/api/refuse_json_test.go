package api_test

import (
	"regexp"
	"strings"
	"testing"

	"accord/attestation"
	"accord/formats/native"
)

// Rows 15b to 21 and 28 to 29 of reliability.md: the signature is good, the
// text is not.
func TestRefuse_json(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := string(native.AppendJSON(nil, fixture(t, nil)))
	put := func(member string) string { return "{" + member + "," + good[1:] }
	rows := []struct {
		name, payload string
		status        int
		code          string
	}{
		{"15b gateway member", put(`"id":"x"`), 422, "schema.gateway_field"},
		{"16 duplicate", put(`"x":"a","x":"b"`), 400, "json.duplicate_member"},
		{"16 escaped duplicate", put(`"x":"a","\u0078":"b"`), 400, "json.duplicate_member"},
		{"16 letter case", put(`"KIND":"a"`), 422, "schema.unknown_field"},
		{"17 depth", put(`"x":` + strings.Repeat("[", 70) + strings.Repeat("]", 70)), 400, "json.depth"},
		{"17 members", put(`"x":[` + strings.Repeat(`"",`, 10_001) + `""]`), 400, "json.too_many_members"},
		{"18 number range", put(`"x":1e400`), 400, "json.number_range"},
		{"18 number for string", strings.Replace(good, `"kind":"`, `"kind":1,"y":"`, 1), 422, "schema.type"},
		{"19 utf-8", put("\"x\":\"\xff\""), 400, "json.invalid_utf8"},
		{"19 bom", "\xef\xbb\xbf" + good, 400, "json.bom"},
		{"19 lone surrogate", put(`"x":"\ud800"`), 400, "json.invalid_unicode"},
		{"20 trailing", good + " {}", 400, "json.trailing_data"},
		{"20 trailing nul", good + "\x00", 400, "json.trailing_data"},
		{"syntax", good[:len(good)-1], 400, "json.syntax"},
		{"28 missing", regexp.MustCompile(`"modelVersion":"[^"]*",`).ReplaceAllString(good, ""), 422, "schema.missing_field"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			w.refuse(t, w.token(w.cb), refusal{body: w.cb.raw(t, r.payload), status: r.status, code: r.code})
		})
	}
	// An identifier of nobody says nothing (domain.md, section 3); one of
	// another partner is enough, and so is that none is registered.
	nobody := fixture(t, func(s *attestation.Submission) {
		s.Issuer.Identifiers = []attestation.Identifier{{Scheme: "cn.cnca.approval", Value: "CNCA-R-2002-998"}}
	})
	foreign := fixture(t, func(s *attestation.Submission) { s.Issuer.Identifiers[1].Value = "did:web:regulator.example.nz" })
	w.run(t, []refusal{
		{name: "29 nobody", body: w.cb.sign(t, nobody), status: 403, code: "issuer.mismatch"},
		{name: "29 issuer", body: w.cb.sign(t, foreign), status: 403, code: "issuer.mismatch"},
		{name: "29 destination", path: "/v1/attestations?destination=AU", body: w.cb.sign(t, fixture(t, nil)), status: 422, code: "scope.out_of_agreement"},
	})
}
