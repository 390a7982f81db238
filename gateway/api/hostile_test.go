package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/client"
	"accord/formats/native"
	"accord/gateway/api"
	"accord/internal/fault"
	"accord/signing"
)

// model puts a text into the first model of the certificate, a value of one
// line.
func model(v string) func(*attestation.Submission) {
	return func(s *attestation.Submission) { s.Objects[0].Models[0].Model = v }
}

// Row 21 of reliability.md: a value of one line has one line, in both dialects,
// and nothing that makes a printed line say what it does not hold.
func TestRefuse_characters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const place = "UV10-place"
	good := fixture(t, model(place))
	asJSON, asXML := string(native.AppendJSON(nil, good)), string(native.AppendXML(nil, good))
	require.Contains(t, asJSON, place)
	require.Contains(t, asXML, place)
	for _, row := range []struct {
		name, json, xml string
		xmlStatus       int
		xmlCode         fault.Code
	}{
		{"control character", `\u0001`, "&#1;", 400, fault.XMLInvalidChar},
		{"raw control character", "", "\x01", 400, fault.XMLInvalidChar},
		{"NUL", `\u0000`, "&#0;", 400, fault.XMLInvalidChar},
		{"carriage return", `\r`, "&#13;", 422, fault.SchemaForbiddenChar},
		{"line feed", `\n`, "&#10;", 422, fault.SchemaForbiddenChar},
		{"both", `\r\n`, "\r\n", 422, fault.SchemaForbiddenChar},
		{"tab", `\t`, "&#9;", 422, fault.SchemaForbiddenChar},
		{"line separator", `\u2028`, "&#x2028;", 422, fault.SchemaForbiddenChar},
		{"next line", `\u0085`, "&#x85;", 422, fault.SchemaForbiddenChar},
		{"right-to-left override", `\u202e`, "&#x202e;", 422, fault.SchemaForbiddenChar},
		{"raw right-to-left override", "\u202e", "\u202e", 422, fault.SchemaForbiddenChar},
		{"isolate", `\u2066`, "&#x2066;", 422, fault.SchemaForbiddenChar},
		{"noncharacter", `\ufffe`, "&#xfffe;", 400, fault.XMLInvalidChar},
	} {
		t.Run(row.name, func(t *testing.T) {
			token := w.token(w.cb)
			if row.json != "" {
				body := w.cb.raw(t, strings.Replace(asJSON, place, "UV"+row.json+"10", 1))
				w.refuse(t, token, refusal{body: body, status: 422, code: string(fault.SchemaForbiddenChar)})
			}
			body := []byte(strings.Replace(asXML, place, "UV"+row.xml+"10", 1))
			sig, err := w.cb.doc.SignDetached(body, signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyXML, IssuedAt: time.Now()})
			require.NoError(t, err)
			w.refuse(t, token, refusal{media: "application/xml", header: map[string]string{"JWS-Signature": sig}, body: body, status: row.xmlStatus, code: string(row.xmlCode)})
		})
	}
}

// hostile are values that mean something to a browser, a spreadsheet or a log.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</Model><Model>`, `]]>`, `&amp;&lt;`,
	`=cmd|'/C calc'!A1`, `@SUM(1+1)`, `-2+3`, `\r\nSet-Cookie: x=1`, `{{7*7}}`, `'; DROP TABLE entries; --`, `../../etc/passwd`, `%0d%0aX-Evil: 1`,
}

// Row 36 of reliability.md: what stands in a value stays a value, in whatever
// form it is shown.
func TestHostile_valuesStayValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	sub := fixture(t, func(s *attestation.Submission) {
		for _, v := range hostile {
			s.Objects[0].Models = append(s.Objects[0].Models, attestation.Model{Model: v})
		}
	})
	acc, err := w.as(&w.cb).Submit(ctx, w.cb.sign(t, sub), "application/jose", "", "NZ")
	require.NoError(t, err)
	nz := w.as(&w.nz)
	models := func(got *attestation.Submission) (out []string) {
		for _, m := range got.Objects[0].Models {
			out = append(out, m.Model)
		}
		return out
	}
	for accept, decode := range map[string]func([]byte) (*attestation.View, error){
		"application/json": native.DecodeViewJSON, "application/xml": native.DecodeViewXML,
	} {
		body, err := nz.Document(ctx, acc.ID, accept)
		require.NoError(t, err)
		view, err := decode(body)
		require.NoError(t, err, accept)
		assert.Equal(t, models(sub), models(&view.Submission), accept)
	}
	page, err := nz.Changes(ctx, client.FeedQuery{Include: "document", Limit: 1000})
	require.NoError(t, err)
	last, err := native.DecodeJSON(page.Lines[len(page.Lines)-1].Document)
	require.NoError(t, err)
	assert.Equal(t, models(sub), models(last))

	// In a report the model that was asked for comes back, as a JSON value.
	for _, v := range hostile {
		res, body := w.do(t, ask{method: "GET", path: "/v1/verify?number=" + sub.Identifiers[0].Value + "&model=" + url.QueryEscape(v), want: 200})
		var report struct {
			Model struct{ Model, Result string }
		}
		require.NoError(t, json.Unmarshal(body, &report))
		assert.Equal(t, []string{v, "passed"}, []string{report.Model.Model, report.Model.Result})
		assert.Equal(t, "application/json", res.Header.Get("Content-Type"))
	}
}

// Row 36: what stands in a path, a query or a header field is not echoed
// unescaped, makes no header field, and no line of a log.
func TestHostile_requestsStayRequests(t *testing.T) {
	t.Parallel()
	out := &logged{}
	w := newWorldIn(t, setting{cb: newBody(t, "cn-example-cb"), limits: api.Limits{InFlight: 8}, log: out})
	token := w.token(w.cb)
	const evil = "<script>alert(1)</script>\r\nX-Evil: 1\r\n\r\n{\"level\":\"ERROR\",\"code\":\"forged\"}"
	var answers []*http.Response
	var bodies []string
	send := func(a ask) {
		res, body := w.do(t, a)
		answers, bodies = append(answers, res), append(bodies, string(body))
	}
	for _, path := range []string{
		"/v1/attestations/" + url.PathEscape(evil), "/" + url.PathEscape(evil), "/v1/schemas/" + url.PathEscape(evil),
		"/v1/ledger/tile/" + url.PathEscape(evil),
		"/v1/attestations?number=" + url.QueryEscape(evil), "/v1/attestations?status=" + url.QueryEscape(evil), "/v1/attestations?cursor=" + url.QueryEscape(evil),
		"/v1/attestations?limit=1&number=" + url.QueryEscape(evil), "/v1/changes?limit=1", "/v1/changes?include=" + url.QueryEscape(evil),
		"/v1/changes?format=" + url.QueryEscape(evil), "/v1/recognition?from=" + url.QueryEscape(evil) + "&to=NZ",
		"/v1/verify?number=" + url.QueryEscape(evil), "/v1/verify?number=1234&nonce=" + url.QueryEscape(evil),
	} {
		send(ask{method: "GET", path: path, token: token})
	}
	send(ask{method: "POST", path: "/v1/attestations?destination=" + url.QueryEscape(evil), token: token, media: "application/jose", body: w.cb.sign(t, fixture(t, nil)), want: 422})
	send(ask{method: "POST", path: "/v1/attestations", token: token, media: "application/jose", body: []byte(evil), want: 400})
	send(ask{method: "POST", path: "/v1/messages:batch", token: token, media: "application/x-ndjson", body: []byte(evil), want: 200})
	send(ask{method: "POST", path: "/v1/decisions:evaluate", token: token, media: "application/json", body: []byte(`{"attestation":{"id":"<script>"},"purpose":"<script>alert(1)</script>"}`), want: 422})
	send(ask{method: "GET", path: "/v1/changes", token: "<script>alert(1)</script>", want: 401})
	send(ask{method: "POST", path: "/v1/attestations", token: token, media: "text/html; x=\"<script>\"", body: []byte("x"), want: 415})
	for i, res := range answers {
		assert.Empty(t, res.Header.Get("X-Evil"), res.Request.URL)
		assert.NotContains(t, bodies[i], "<script", res.Request.URL)
		for name, values := range res.Header {
			assert.NotContains(t, strings.Join(values, ""), "<script", name)
		}
	}
	for i := range answers {
		assert.Less(t, answers[i].StatusCode, 500, bodies[i])
	}
	audit, err := os.ReadFile(w.dir + "/audit.ndjson")
	require.NoError(t, err)
	assert.NotContains(t, string(audit), "script")
	out.mu.Lock()
	defer out.mu.Unlock()
	for line := range strings.SplitSeq(strings.TrimSpace(out.b.String()), "\n") {
		var parsed map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &parsed), line)
		assert.NotEqual(t, "forged", parsed["code"])
		assert.NotContains(t, line, "script", "what a caller sent stands in the log")
	}
}

// Row 29 of reliability.md: identifiers and destinations are compared whole.
func TestRefuse_nothingByItsBeginning(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var rows []refusal
	for _, id := range []attestation.Identifier{
		{Scheme: "cn.cnca.approval", Value: "CNCA-R-2002-99"}, {Scheme: "cn.cnca.approval", Value: "CNCA-R-2002-9999"},
		{Scheme: "did", Value: "did:web:cb.example.c"}, {Scheme: "did", Value: "did:web:cb.example.cn:more"}, {Scheme: "did", Value: "did:web:CB.example.cn"},
	} {
		sub := fixture(t, func(s *attestation.Submission) { s.Issuer.Identifiers = []attestation.Identifier{id} })
		rows = append(rows, refusal{name: "identifier " + id.Value, body: w.cb.sign(t, sub), status: 403, code: "issuer.mismatch"})
	}
	for _, to := range []string{"N", "NZL", "nz", "nz-reg", "nz-regulator-2", "NZ "} {
		rows = append(rows, refusal{
			name: "destination " + to, path: "/v1/attestations?destination=" + url.QueryEscape(to), body: w.cb.sign(t, fixture(t, nil)), status: 422, code: "scope.out_of_agreement",
		})
	}
	w.run(t, rows)
	for _, to := range []string{"NZ", "nz-regulator", "NZ&destination=nz-regulator"} {
		w.do(t, ask{method: "POST", path: "/v1/attestations:validate?destination=" + to, token: w.token(w.cb), media: "application/jose", body: w.cb.sign(t, fixture(t, nil)), want: 200})
	}
	w.do(t, ask{method: "POST", path: "/v1/attestations:validate?destination=NZ&destination=AU", token: w.token(w.cb), media: "application/jose", body: w.cb.sign(t, fixture(t, nil)), want: 422})
}
