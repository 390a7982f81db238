package api_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/client"
	"accord/configs/agreements"
	"accord/formats/native"
	"accord/gateway/api"
	"accord/partners"
	"accord/signing"
)

// The document can be loaded, and names the same endpoints as the server.
func TestOpenAPI_namesEveryRoute(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(api.OpenAPI())
	require.NoError(t, err)
	var want, got []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			got = append(got, method+" "+path)
		}
	}
	for _, r := range newWorld(t).api.Routes() {
		want = append(want, r.Method+" "+strings.Replace(r.Path, ":.*}", "}", 1))
	}
	assert.ElementsMatch(t, want, got)
	assert.NoError(t, doc.Validate(t.Context()))
}

// The checker that stands before every test sees what is wrong.
func TestContract_catches(t *testing.T) {
	t.Parallel()
	c := newContract(t, newWorld(t).api.Routes())
	header := func(media string) http.Header {
		return http.Header{"Content-Type": {media}, "X-Content-Type-Options": {"nosniff"}, "Content-Security-Policy": {"default-src 'none'"}}
	}
	problem := `{"type":"urn:accord:error:x","title":"x","status":404,"code":"x","retryable":false}`
	for _, row := range []struct {
		name, method, path string
		status             int
		header             http.Header
		body, want         string
	}{
		{"good", "GET", "/healthz", 200, header("application/json"), `{"status":"alive"}`, ""},
		{"status", "GET", "/healthz", 204, header("application/json"), ``, "not declared"},
		{"no default", "GET", "/healthz", 500, header("application/problem+json"), problem, "not declared"},
		{"default is for few", "GET", "/v1/changes", 404, header("application/problem+json"), problem, "not declared"},
		{"media type", "GET", "/healthz", 200, header("text/plain"), `{"status":"alive"}`, "Content-Type"},
		{"sniffing", "GET", "/healthz", 200, http.Header{"Content-Type": {"application/json"}}, `{"status":"alive"}`, "guess"},
		{"page", "GET", "/healthz", 200, http.Header{"Content-Type": {"application/json"}, "X-Content-Type-Options": {"nosniff"}}, `{"status":"alive"}`, "run"},
		{"member", "GET", "/healthz", 200, header("application/json"), `{"status":"alive","more":1}`, "more"},
		{"null for a list", "GET", "/v1/attestations", 200, header("application/json"), `{"items":null}`, "items"},
		{"query", "GET", "/v1/attestations?secret=1", 200, header("application/json"), `{"items":[]}`, "secret"},
		{"header field", "GET", "/v1/attestations", 401, header("application/problem+json"), problem, "WWW-Authenticate"},
		{"second line", "POST", "/v1/messages:batch", 200, header("application/x-ndjson"), `{"line":1,"status":201}` + "\n" + `{"status":201}` + "\n", "line"},
		{"view", "GET", "/v1/attestations/x", 200, header("application/json"), `{"id":"x","revision":1,"source":{},"status":{}}`, "schema"},
		{"token", "GET", "/v1/trust-list", 200, header("application/jose"), `{}`, "schema"},
		{"no route", "GET", "/nowhere", 404, header("application/problem+json"), `{"code":"x"}`, "title"},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := c.check(httptest.NewRequest(row.method, row.path, nil), row.status, row.header, []byte(row.body))
			if row.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, row.want)
		})
	}
}

// ask is one request and the status it must be answered with.
type ask struct {
	method, path, token, media, accept string
	header                             map[string]string
	body                               []byte
	want                               int
}

// do sends a request and returns the answer with its body read.
func (w *world) do(t testing.TB, a ask) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), a.method, w.server.URL+a.path, bytes.NewReader(a.body))
	require.NoError(t, err)
	for name, value := range map[string]string{"Content-Type": a.media, "Accept": a.accept} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	for name, value := range a.header {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	if a.want != 0 {
		assert.Equal(t, a.want, res.StatusCode, "%s %s: %.500s", a.method, a.path, body)
	}
	return res, body
}

// operatorToken makes a bearer token of the operator.
func (w *world) operatorToken() string {
	tok, err := client.NewToken(client.Identity{Issuer: w.issuer, Key: w.operator}, w.issuer, w.now())
	require.NoError(w.t, err)
	return tok
}

// change signs the first change of a target, as register does.
func (w *world) change(t testing.TB, kind partners.TargetKind, id string, value any) []byte {
	t.Helper()
	c, err := partners.NewChange(w.issuer, partners.Target{Kind: kind, ID: id}, value, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), nil)
	require.NoError(t, err)
	payload, err := c.Payload()
	require.NoError(t, err)
	jws, err := w.operator.Sign(payload, signing.Header{Typ: signing.TypRegistry, IssuedAt: time.Now()})
	require.NoError(t, err)
	return jws
}

// TestOpenAPI_everyDeclaredAnswerOccurs sends requests until each operation of
// openapi.yaml has given every answer that is declared for it. What an answer
// looks like the contract checks on the way.
func TestOpenAPI_everyDeclaredAnswerOccurs(t *testing.T) {
	t.Parallel()
	w := newLimited(t, api.Limits{InFlight: 64, PartnerRate: 0.001, PartnerBurst: 400, PublicRate: 0.001, PublicBurst: 400})
	asked := newAsked(t, w)
	asked.documents(t)
	asked.dialects(t)
	asked.questions(t)
	asked.registry(t)
	asked.everyOperation(t)
	asked.overload(t)
	assert.Empty(t, w.contract.missing(), "declared in openapi.yaml and never answered")
}

// asked is a world whose endpoints are asked for everything.
type asked struct {
	*world
	cb, nz, op string // tokens
	id         string // of the document that is there
}

func newAsked(t *testing.T, w *world) *asked {
	a := &asked{world: w, cb: w.token(w.cb), nz: w.token(w.nz), op: w.operatorToken()}
	a.id = string(a.submit(t, fixture(t, nil), 201))
	return a
}

func (a *asked) submit(t *testing.T, sub *attestation.Submission, want int) attestation.ID {
	a.do(t, ask{method: "POST", path: "/v1/attestations?destination=NZ", token: a.cb, media: "application/jose", body: a.world.cb.sign(t, sub), want: want})
	return sub.SeriesOf("cn-example-cb")
}

// all sends requests that differ in little.
func (a *asked) all(t *testing.T, like ask, rows []ask) {
	t.Helper()
	for _, row := range rows {
		r := like
		if row.path != "" {
			r.path += row.path
		}
		if row.media != "" {
			r.media = row.media
		}
		if row.body != nil {
			r.body = row.body
		}
		r.accept, r.header, r.want = row.accept, row.header, row.want
		a.do(t, r)
	}
}

// badBodies are what every endpoint that takes a signed body refuses alike.
func badBodies() []ask {
	return []ask{
		{body: []byte("a.b"), want: 400},
		{body: bytes.Repeat([]byte("a"), 1<<20+1), want: 413},
		{media: "text/plain", want: 415},
	}
}

func (a *asked) documents(t *testing.T) {
	good := a.world.cb.sign(t, fixture(t, nil))
	conflict := fixture(t, func(s *attestation.Submission) {
		s.Objects[0].Models = append(s.Objects[0].Models, attestation.Model{Model: "UV99"})
	})
	foreign := fixture(t, func(s *attestation.Submission) { s.Issuer.Identifiers[1].Value = "did:web:regulator.example.nz" })
	wrong := a.nzKeySigns(t)
	for _, path := range []string{"/v1/attestations", "/v1/attestations:validate"} {
		like := ask{method: "POST", path: path, token: a.cb, media: "application/jose", body: good}
		a.all(t, like, append(badBodies(), []ask{
			{want: 200}, {body: a.world.cb.sign(t, foreign), want: 403},
			{body: a.world.cb.sign(t, conflict), want: 409}, {body: wrong, want: 422},
			{path: "?destination=AU", body: a.world.cb.sign(t, fixture(t, numbered("000801"))), want: 422},
		}...))
	}
	raw := native.AppendJSON(nil, fixture(t, numbered("000802")))
	sig, err := a.world.cb.doc.SignDetached(raw, signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyJSON, IssuedAt: time.Now()})
	require.NoError(t, err)
	a.do(t, ask{method: "POST", path: "/v1/attestations", token: a.cb, media: "application/json", body: raw, header: map[string]string{"JWS-Signature": sig}, want: 201})
	a.readDocuments(t, string(fixture(t, numbered("000802")).SeriesOf("cn-example-cb")))
	a.statuses(t)
	a.batches(t, good)
}

// nzKeySigns is a document that is signed with a key its sender has not.
func (a *asked) nzKeySigns(t *testing.T) []byte { return a.world.nz.sign(t, fixture(t, nil)) }

func (a *asked) readDocuments(t *testing.T, detached string) {
	one := "/v1/attestations/" + a.id
	for _, path := range []string{"", "/original", "/receipt", "/history", "/decisions"} {
		a.do(t, ask{method: "GET", path: one + path, token: a.nz, want: 200})
		a.do(t, ask{method: "HEAD", path: one + path, token: a.nz, want: 200})
		a.do(t, ask{method: "GET", path: "/v1/attestations/nothing" + path, token: a.nz, want: 404})
		a.do(t, ask{method: "GET", path: one + path + "?revision=first", token: a.nz, want: 422})
	}
	a.do(t, ask{method: "GET", path: one + "?revision=1&at=2026-01-01T00:00:00Z", token: a.nz, accept: "application/xml", want: 200})
	for _, accept := range []string{"application/jose", "application/json;q=0.1, application/jose"} {
		a.do(t, ask{method: "GET", path: one, token: a.nz, accept: accept, want: 200})
		a.do(t, ask{method: "GET", path: one + "/receipt", token: a.nz, accept: accept, want: 200})
	}
	a.do(t, ask{method: "GET", path: "/v1/attestations/" + detached + "/original", token: a.cb, want: 200})
	a.do(t, ask{method: "GET", path: "/v1/attestations/" + detached, token: a.cb, accept: "application/jose", want: 406})
	search := ask{method: "GET", path: "/v1/attestations", token: a.cb}
	a.all(t, search, []ask{
		{path: "?number=2024990708000802&issuer=cn-example-cb&status=valid&issued_from=2000-01-01&issued_to=2100-01-01&limit=1", want: 200},
		{path: "?limit=1", want: 200}, {path: "?holder=nobody&product=x&standard=y", want: 200},
		{path: "?cursor=forged", want: 400}, {path: "?cursor=" + goneCursor, want: 410}, {path: "?issued_from=x", want: 422},
	})
}

func (a *asked) statuses(t *testing.T) {
	cb := a.as(&a.world.cb)
	suspend := a.statement(t, cb, a.id, attestation.EventSuspend)
	like := ask{method: "POST", path: "/v1/status", token: a.cb, media: "application/jose", body: suspend}
	restored := a.statement(t, cb, a.id, attestation.EventRestore)
	nowhere := a.restatement(t, func(st *attestation.StatusStatement) { st.Subject.Number = "2024990708999999" })
	other := a.restatement(t, func(st *attestation.StatusStatement) { st.Subject.Issuer = "nz-regulator" })
	a.all(t, like, append(badBodies(), []ask{
		{body: restored, want: 409}, {body: nowhere, want: 404}, {body: other, want: 403},
		{want: 201}, {want: 200},
		{body: a.restatement(t, func(st *attestation.StatusStatement) { st.Effective.Value = "2025-02-30" }), want: 422},
	}...))
	feed := ask{method: "GET", path: "/v1/changes", token: a.nz}
	a.all(t, feed, []ask{
		{path: "?limit=1000&include=document,message,receipt", want: 200},
		{path: "?include=document&format=native%2Bxml", accept: "application/x-ndjson", want: 200},
		{path: "?limit=1", want: 200}, {path: "?cursor=forged", want: 400}, {path: "?cursor=" + goneCursor, want: 410}, {path: "?wait=long", want: 422},
	})
}

func (a *asked) batches(t *testing.T, good []byte) {
	line := []byte(`"` + string(good) + "\"\n{}\n")
	a.do(t, ask{method: "POST", path: "/v1/messages:batch", token: a.cb, media: "application/x-ndjson", body: line, want: 200})
	a.do(t, ask{method: "POST", path: "/v1/messages:batch", token: a.cb, media: "application/json", body: line, want: 415})
}

func (a *asked) questions(t *testing.T) {
	question := func(attestation, purpose string) []byte {
		return fmt.Appendf(nil, `{"attestation":%s,"purpose":%q,"facts":{"origin":"CN","shippedDirect":true}}`, attestation, purpose)
	}
	about := question(`{"id":"`+a.id+`"}`, "import")
	a.all(t, ask{method: "POST", path: "/v1/decisions:evaluate", token: a.nz, media: "application/json", body: about}, []ask{
		{want: 200}, {accept: "application/jose", want: 200}, {body: []byte("{"), want: 400},
		{body: question(`{"id":"nothing"}`, "import"), want: 404}, {body: question(`{"id":"x"}`, "resale"), want: 422},
		{body: bytes.Repeat([]byte(" "), 1<<20+1), want: 413}, {media: "application/xml", want: 415},
	})
	a.do(t, ask{method: "GET", path: "/v1/attestations/" + a.id + "/decisions", token: a.nz, want: 200})
	a.all(t, ask{method: "GET", path: "/v1/recognition"}, []ask{
		{path: "?from=CN&to=NZ&product=0708&standard=x&activity=certification&at=2026-01-01T00:00:00Z", want: 200},
		{path: "?from=CN&to=NZ", want: 200}, {path: "?from=XA&to=XB", want: 200}, {path: "?from=CN", want: 422},
	})
	number := "?number=" + fixture(t, nil).Identifiers[0].Value
	a.all(t, ask{method: "GET", path: "/v1/verify"}, []ask{
		{path: number + "&issuer=cn-example-cb&model=UV10&nonce=n&at=2026-01-01T00:00:00Z", want: 200},
		{path: number, accept: "application/jose", want: 200}, {path: "?number=unknown-1", want: 200}, {path: "?number=%00", want: 422},
	})
	upload := ask{method: "POST", path: "/v1/verify", media: "application/jose", body: a.world.cb.sign(t, fixture(t, nil))}
	a.all(t, upload, []ask{
		{want: 200}, {path: "?nonce=n", accept: "application/jose", want: 200}, {body: []byte("not a document"), want: 200},
		{header: map[string]string{"Content-Digest": "sha-256=:AAAA:"}, want: 400}, {body: bytes.Repeat([]byte("a"), 1<<20+1), want: 413},
		{media: "text/plain", want: 415}, {path: "?at=yesterday", want: 422},
	})
}

func (a *asked) registry(t *testing.T) {
	active := []partners.StatusSpan{{Span: partners.Span{From: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}, Status: "active"}}
	suspended := newBody(t, "au-suspended")
	record := a.partner(suspended, partners.Regulator, "AU", []attestation.Identifier{{Scheme: "did", Value: "did:web:suspended.example.au"}})
	record.Status = []partners.StatusSpan{{Span: partners.Span{From: active[0].From}, Status: "suspended"}}
	designation := &partners.Designation{
		ID: "cb-more", Body: "cn-example-cb", Agreement: "cn-nz-eeemra-2008", Activities: []string{"testing"}, Basis: "designation",
		DesignatedBy: "cn-authority", Periods: active,
	}
	sanction := &partners.Sanction{
		ID: "s-1", Target: partners.SanctionTarget{Kind: "holder", ID: "cn.cnca.factory:A000001"}, List: "national list", Authority: "nz-regulator",
		Reason: text("false marking"), Periods: []partners.Span{{From: active[0].From}},
	}
	for collection, v := range map[string]struct {
		kind  partners.TargetKind
		id    string
		value any
		first int // 200 where populate has made it
	}{
		"partners":     {partners.TargetPartner, "au-suspended", record, 201},
		"agreements":   {partners.TargetAgreement, "cn-nz-eeemra-2008", a.seed(t), 200},
		"designations": {partners.TargetDesignation, "cb-more", designation, 201},
		"sanctions":    {partners.TargetSanction, "s-1", sanction, 201},
	} {
		path := "/v1/" + collection
		post := ask{method: "POST", path: path, token: a.op, media: "application/jose", body: a.change(t, v.kind, v.id, v.value)}
		other := a.change(t, partners.TargetSanction, "s-2", nil)
		if v.kind == partners.TargetSanction {
			other = a.change(t, partners.TargetPartner, "s-2", nil)
		}
		a.all(t, post, append(badBodies(), []ask{
			{want: v.first}, {want: 200}, {body: a.change(t, v.kind, v.id, nil), want: 409}, {body: other, want: 422},
		}...))
		a.do(t, ask{method: "GET", path: path + "?limit=1&at=2026-01-01T00:00:00Z&id=" + v.id, token: a.op, want: 200})
		a.do(t, ask{method: "GET", path: path + "?cursor=forged", token: a.op, want: 400})
		a.do(t, ask{method: "GET", path: path + "?cursor=" + goneCursor, token: a.op, want: 410})
		a.do(t, ask{method: "GET", path: path + "?limit=0", token: a.op, want: 422})
	}
	a.forbidden(t, a.token(suspended))
}

// seed is the agreement that populate registers.
func (a *asked) seed(t *testing.T) *partners.Agreement {
	seeds, err := agreements.All()
	require.NoError(t, err)
	for _, s := range seeds {
		v, err := partners.ParseAgreement(s.Agreement)
		require.NoError(t, err)
		if v.ID == "cn-nz-eeemra-2008" {
			return v
		}
	}
	t.Fatal("the seed agreement is gone")
	return nil
}

// forbidden asks every operation that needs a partner as one that is
// suspended.
func (a *asked) forbidden(t *testing.T, suspended string) {
	a.each(t, func(path, method string, op *openapi3.Operation) {
		if op.Responses.Value("403") != nil {
			a.do(t, ask{method: method, path: path, token: suspended, want: 403})
		}
	})
}

// each calls f with every operation and a path that is there.
func (a *asked) each(t *testing.T, f func(path, method string, op *openapi3.Operation)) {
	for template, item := range a.contract.doc.Paths.Map() {
		path := strings.NewReplacer("/v1/status-lists/{id}", "/v1/status-lists/0", "{sha256}", namedBlob, "{id}", a.id, "{path}", "entries/000.p/1", "{name}", "attestation.schema.json").Replace(template)
		for method, op := range item.Operations() {
			f(path, method, op)
		}
	}
}

// everyOperation asks for what every operation answers alike.
func (a *asked) everyOperation(t *testing.T) {
	a.each(t, func(path, method string, op *openapi3.Operation) {
		token := a.cb
		if op.Security != nil && len(*op.Security) > 0 {
			token = a.op
		}
		if method == "GET" && !strings.Contains(path, "recognition") && !strings.Contains(path, "verify") {
			a.do(t, ask{method: method, path: path, token: token, want: 200})
		}
		if op.Responses.Value("401") != nil {
			a.do(t, ask{method: method, path: path, want: 401})
		}
		res, body := a.do(t, ask{method: method, path: path, token: token, media: "application/jose", accept: "image/png", want: 406})
		assert.Contains(t, string(body), `"available":["`, path)
		assert.Equal(t, "application/problem+json", res.Header.Get("Content-Type"))
	})
	a.do(t, ask{method: "GET", path: "/v1/schemas/attestation.xsd", accept: "application/*", want: 200})
	a.do(t, ask{method: "GET", path: "/v1/schemas/nothing", want: 404})
	a.do(t, ask{method: "GET", path: "/v1/ledger/tile/x/y", want: 404})
	a.do(t, ask{method: "GET", path: "/v1/ledger/proof?index=100000", want: 404})
	a.do(t, ask{method: "GET", path: "/v1/ledger/proof?index=x", want: 422})
	a.do(t, ask{method: "GET", path: "/nowhere", want: 404})
	a.do(t, ask{method: "DELETE", path: "/healthz", want: 405})
}

// overload uses every quota up, and then closes the archive.
func (a *asked) overload(t *testing.T) {
	for range 400 {
		a.do(t, ask{method: "GET", path: "/v1/changes", token: a.nz})
		a.do(t, ask{method: "GET", path: "/v1/changes", token: a.op})
		a.do(t, ask{method: "GET", path: "/v1/trust-list"})
	}
	a.each(t, func(path, method string, op *openapi3.Operation) {
		token := a.nz
		if op.Security != nil && len(*op.Security) > 0 {
			token = a.op
		}
		want := 429
		if op.Responses.Default() == nil {
			want = 200 // probes are answered under any load
		}
		res, _ := a.do(t, ask{method: method, path: path, token: token, want: want})
		if want == 429 {
			assert.NotEmpty(t, res.Header.Get("Retry-After"))
		}
	})
	require.NoError(t, a.archive.Close())
	a.do(t, ask{method: "GET", path: "/readyz", want: 503})
	a.do(t, ask{method: "GET", path: "/healthz", want: 200})
}
