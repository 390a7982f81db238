package api_test

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/client"
	"accord/signing"
)

// Rows 1 to 13 of reliability.md: the envelope.
func TestRefuse_jws(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := string(w.cb.sign(t, fixture(t, nil)))
	parts := strings.Split(good, ".")
	head := func(h string) []byte {
		return []byte(base64.RawURLEncoding.EncodeToString([]byte(h)) + "." + parts[1] + "." + parts[2])
	}
	kid := w.cb.doc.Key().KID
	h := func(alg, more string) []byte {
		return head(`{"alg":` + alg + `,"kid":"` + kid + `","typ":"accord-attestation+jose","cty":"json"` + more + `}`)
	}
	token, err := w.cb.doc.Sign([]byte(`{}`), signing.Header{Typ: signing.TypAuth, IssuedAt: time.Now()})
	require.NoError(t, err)
	w.run(t, []refusal{
		{name: "1 none", body: h(`"none"`, ""), status: 400, code: "jws.alg_not_allowed"},
		{name: "1 lower case", body: h(`"es256"`, ""), status: 400, code: "jws.alg_not_allowed"},
		{name: "2 HS256", body: h(`"HS256"`, ""), status: 400, code: "jws.alg_not_allowed"},
		{name: "3 crit empty", body: h(`"ES256"`, `,"crit":[]`), status: 400, code: "jws.crit_unsupported"},
		{name: "3 crit unknown", body: h(`"ES256"`, `,"crit":["x"],"x":1`), status: 400, code: "jws.crit_unsupported"},
		{name: "4 b64", body: h(`"ES256"`, `,"crit":["b64"],"b64":false`), status: 400, code: "jws.b64_unsupported"},
		{name: "5 duplicate", body: h(`"ES256"`, `,"\u0061lg":"ES256"`), status: 400, code: "jws.duplicate_header"},
		{name: "7 zero", body: []byte(parts[0] + "." + parts[1] + "." + strings.Repeat("A", 86)), status: 422, code: "jws.signature_invalid"},
		{name: "8 unknown kid", body: w.nz.sign(t, fixture(t, nil)), status: 422, code: "jws.key_unknown"},
		{name: "11 padding", body: []byte(good + "="), status: 400, code: "jws.base64"},
		{name: "11 line break", body: []byte(parts[0] + "." + parts[1] + "\n." + parts[2]), status: 400, code: "jws.base64"},
		{name: "12 two parts", body: []byte(parts[0] + "." + parts[1]), status: 400, code: "jws.malformed"},
		{name: "12 JWE", body: []byte(good + ".a.b"), status: 400, code: "jws.malformed"},
		{name: "13 typ", body: token, status: 400, code: "jws.typ_mismatch"},
	})
}

// Rows 30 to 35 of reliability.md: the transport and what is not there.
func TestRefuse_transport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.cb.sign(t, fixture(t, nil))
	big := bytes.Repeat([]byte("a"), 1<<20+1)
	w.run(t, []refusal{
		{name: "30 length", body: big, status: 413, code: "http.body_too_large"},
		{name: "32 encoding", body: good, header: map[string]string{"Content-Encoding": "gzip"}, status: 415, code: "http.content_encoding"},
		{name: "32 none", media: "-", body: good, status: 415, code: "http.media_type"},
		{name: "32 charset", media: "application/jose; charset=utf-16", body: good, status: 415, code: "http.media_type"},
		{name: "digest", body: good, header: map[string]string{"Content-Digest": "sha-256=:AAAA:"}, status: 400, code: "http.content_digest"},
		{name: "method", method: "DELETE", status: 405, code: "http.method", silent: true},
		{name: "35 absent", method: "GET", path: "/v1/attestations/00000000-0000-8000-8000-000000000000", status: 404, code: "resource.not_found", silent: true},
		{name: "35 cursor", method: "GET", path: "/v1/changes?cursor=forged", status: 400, code: "cursor.invalid", silent: true},
	})
}

// Tokens (wire.md) and operators.
func TestRefuse_auth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := client.Identity{Issuer: "urn:accord:partner:cn-example-cb", Key: w.cb.auth}
	tok := func(id client.Identity, aud string, at time.Time) map[string]string {
		raw, err := client.NewToken(id, aud, at)
		require.NoError(t, err)
		return map[string]string{"Authorization": "Bearer " + raw}
	}
	unknown := client.Identity{Issuer: "urn:accord:partner:nobody", Key: w.cb.auth}
	w.run(t, []refusal{
		{name: "no token", anon: true, status: 401, code: "auth.missing"},
		{name: "audience", header: tok(id, "https://other.example", time.Now()), status: 401, code: "auth.missing"},
		{name: "expired", header: tok(id, w.issuer, time.Now().Add(-time.Hour)), status: 401, code: "auth.missing"},
		{name: "future", header: tok(id, w.issuer, time.Now().Add(time.Hour)), status: 401, code: "auth.missing"},
		{name: "unknown issuer", header: tok(unknown, w.issuer, time.Now()), status: 401, code: "auth.missing"},
		{name: "operator only", path: "/v1/partners", status: 403, code: "auth.forbidden"},
		{name: "relay", path: "/v1/messages:batch?from=x", media: "application/x-ndjson", status: 403, code: "auth.forbidden"},
	})
}

// TestAnswers_obeyHTTP holds what any client of HTTP relies on.
func TestAnswers_obeyHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ask := func(method, path, authorization string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), method, w.server.URL+path, nil)
		require.NoError(t, err)
		if authorization != "" {
			req.Header.Set("Authorization", authorization)
		}
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		return res
	}
	assert.Equal(t, []string{"GET", "HEAD", "POST"}, ask("DELETE", "/v1/attestations", "").Header.Values("Allow"))
	assert.Equal(t, []string{"POST"}, ask("GET", "/v1/status", "").Header.Values("Allow"))
	assert.Equal(t, 200, ask("GET", "/v1/changes", "bearer "+w.token(w.cb)).StatusCode, "the scheme has no case")
	assert.Equal(t, 422, ask("GET", "/v1/attestations?issued_from=x", "Bearer "+w.token(w.cb)).StatusCode)
}
