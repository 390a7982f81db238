package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/client"
	"accord/signing"
)

// refusal is one row of reliability.md's table as a request and its answer.
type refusal struct {
	name   string
	method string // empty: POST
	path   string // empty: /v1/attestations
	media  string // empty: application/jose; "-": none
	header map[string]string
	body   []byte
	anon   bool // no token
	status int
	code   string
	silent bool // no input was sent, so nothing is audited
}

// token makes a bearer token of a body.
func (w *world) token(b body) string {
	tok, err := client.NewToken(client.Identity{Issuer: "urn:accord:partner:" + string(b.id), Key: b.auth}, w.issuer, w.now())
	require.NoError(w.t, err)
	return tok
}

func (w *world) auditLines() int {
	raw, err := os.ReadFile(filepath.Join(w.dir, "audit.ndjson"))
	require.NoError(w.t, err)
	return bytes.Count(raw, []byte("\n"))
}

// refuse sends one request and holds its answer, the archive and the audit log
// against what the row says.
func (w *world) refuse(t *testing.T, token string, c refusal) {
	t.Helper()
	method, path, media := c.method, c.path, c.media
	if method == "" {
		method = http.MethodPost
	}
	if path == "" {
		path = "/v1/attestations"
	}
	if media == "" {
		media = "application/jose"
	}
	req, err := http.NewRequestWithContext(t.Context(), method, w.server.URL+path, bytes.NewReader(c.body))
	require.NoError(t, err)
	if !c.anon {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if media != "-" {
		req.Header.Set("Content-Type", media)
	}
	for k, v := range c.header {
		req.Header.Set(k, v)
	}
	size, lines := w.archive.Size(), w.auditLines()
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	var p struct{ Code string }
	require.NoError(t, json.Unmarshal(raw, &p), string(raw))
	assert.Equal(t, c.code, p.Code, string(raw))
	assert.Equal(t, c.status, res.StatusCode)
	assert.Equal(t, "application/problem+json", res.Header.Get("Content-Type"))
	assert.Equal(t, size, w.archive.Size(), "the archive changed")
	want := 1
	if c.silent {
		want = 0
	}
	assert.Equal(t, lines+want, w.auditLines(), "audit lines")
}

// run sends every row to one gateway, one after the other.
func (w *world) run(t *testing.T, rows []refusal) {
	t.Helper()
	token := w.token(w.cb)
	for _, c := range rows {
		t.Run(c.name, func(t *testing.T) { w.refuse(t, token, c) })
	}
}

// raw signs arbitrary octets as if they were a document.
func (b body) raw(t *testing.T, payload string) []byte {
	t.Helper()
	jws, err := b.doc.Sign([]byte(payload), signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyJSON, IssuedAt: time.Now()})
	require.NoError(t, err)
	return jws
}
