package api_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/evidence"
	"accord/formats"
	"accord/formats/bitstring"
	"accord/internal/fault"
	"accord/partners"
	"accord/signing"
)

// scan is a binary that a document names, and namedBlob its digest.
var (
	scan      = bytes.Repeat([]byte("a scanned certificate "), 4096)
	namedBlob = hexDigest(scan)
)

func hexDigest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// naming gives a document another number and a link to a binary.
func naming(serial, digest string) func(*attestation.Submission) {
	return func(s *attestation.Submission) {
		numbered(serial)(s)
		s.Evidence = append(s.Evidence, attestation.Evidence{Purpose: "certificate", Link: attestation.Link{
			URL: "https://cb.example.cn/" + digest, Digests: []attestation.LinkDigest{{Alg: "sha-256", Value: digest}},
		}})
	}
}

// dialects asks for what the formats of the field brought.
func (a *asked) dialects(t *testing.T) {
	one := "/v1/attestations/" + a.id
	a.do(t, ask{method: "GET", path: one + "/conversion", token: a.nz, want: 200})
	a.do(t, ask{method: "GET", path: one + "/conversion?format=untp&lang=en&revision=1", token: a.nz, accept: "application/jose", want: 200})
	a.do(t, ask{method: "GET", path: one + "/conversion?format=native%2Bxml", token: a.nz, want: 422})
	a.do(t, ask{method: "GET", path: "/v1/attestations/nothing/conversion", token: a.nz, want: 404})
	put := ask{method: "PUT", path: "/v1/blobs/" + namedBlob, token: a.cb, media: "application/octet-stream", body: scan}
	a.all(t, put, []ask{
		{want: 200}, {want: 200}, {body: scan[1:], want: 400}, {header: map[string]string{"Content-Encoding": "gzip"}, want: 415},
	})
	a.do(t, ask{method: "PUT", path: "/v1/blobs/" + strings.ToUpper(namedBlob), token: a.cb, body: scan, want: 422})
	a.do(t, ask{method: "PUT", path: "/v1/blobs/" + namedBlob, token: a.cb, body: make([]byte, 64<<20+1), want: 413})
	a.do(t, ask{method: "GET", path: "/v1/blobs/" + namedBlob, token: a.cb, want: 404})
	a.submit(t, fixture(t, naming("000850", namedBlob)), 201)
	a.do(t, ask{method: "GET", path: "/v1/blobs/" + namedBlob, token: a.nz, want: 200})
	a.do(t, ask{method: "GET", path: "/v1/status-lists/0?timestamp=2026-01-01T00:00:00Z", want: 200})
	a.do(t, ask{method: "GET", path: "/v1/status-lists/1", want: 404})
	a.do(t, ask{method: "GET", path: "/v1/status-lists/0?timestamp=now", want: 422})
}

// TestDialects_areNegotiated: every dialect that can be written is answered by
// Accept and by format=, and what it loses stands beside it.
func TestDialects_areNegotiated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nz := w.token(w.nz)
	id := w.filed(t, fixture(t, nil))
	original, _ := w.do(t, ask{method: "GET", path: "/v1/attestations/" + id + "/original", token: nz, want: 200})
	require.NotNil(t, original)
	written := 0
	for _, c := range formats.Dialects() {
		if c.Encode == nil {
			continue
		}
		query := "/v1/attestations/" + id + "?format=" + url.QueryEscape(c.Name)
		res, body := w.do(t, ask{method: "GET", path: query, token: nz})
		if res.StatusCode == http.StatusNotAcceptable {
			assert.Contains(t, string(body), "cannot be written as "+c.Name)
			continue
		}
		written++
		require.Equal(t, 200, res.StatusCode, "%s: %s", c.Name, body)
		assert.Equal(t, c.MediaTypes[0], res.Header.Get("Content-Type"), c.Name)
		assert.NotEmpty(t, res.Header.Get("Accord-Losses"), c.Name)
		first, _ := formats.DialectByMediaType(c.MediaTypes[0])
		if first.Name == c.Name {
			res, again := w.do(t, ask{method: "GET", path: "/v1/attestations/" + id, accept: c.MediaTypes[0], token: nz, want: 200})
			assert.Equal(t, string(body), string(again), c.Name)
			assert.Equal(t, c.MediaTypes[0], res.Header.Get("Content-Type"))
		}
		// The statement is about these octets, and nobody else signed it.
		link, _, _ := strings.Cut(strings.TrimPrefix(res.Header.Get("Link"), "<"), ">")
		_, raw := w.do(t, ask{method: "GET", path: link, token: nz, accept: "application/jose", want: 200})
		st, err := evidence.OpenConversion(raw, []*signing.Key{w.doc.Key()}, time.Now())
		require.NoError(t, err)
		assert.Equal(t, attestation.DigestOf(body), st.Target.Digest, c.Name)
		assert.Equal(t, c.Mapping.ID, st.Mapping.ID)
		assert.Equal(t, w.issuer, st.Iss)
		count, _, _ := strings.Cut(res.Header.Get("Accord-Losses"), ";")
		assert.Equal(t, count, jsonNumber(len(st.Losses)), c.Name)
		// And it can be read again.
		_, err = formats.Read(c.Name, body)
		assert.NoError(t, err, c.Name)
	}
	require.Positive(t, written)
	_, list := w.do(t, ask{method: "GET", path: "/v1/attestations/" + id, accept: "image/png", token: nz, want: 406})
	for _, c := range formats.Dialects() {
		if c.Encode != nil {
			assert.Contains(t, string(list), c.MediaTypes[0])
		}
	}
	for path, want := range map[string]int{
		"?format=pdf": 422, "?format=untp&at=2026-01-01T00:00:00Z": 422, "?format=untp&lang=%20": 422, "?format=untp&revision=9": 404,
	} {
		w.do(t, ask{method: "GET", path: "/v1/attestations/" + id + path, token: nz, want: want})
	}
	w.do(t, ask{method: "GET", path: "/v1/attestations/" + id + "?format=untp", accept: "application/xml", token: nz, want: 406})
	_, xml := w.do(t, ask{method: "GET", path: "/v1/attestations/" + id + "?format=native%2Bxml", token: nz, want: 200})
	assert.Contains(t, string(xml), "urn:accord:attestation:1")
}

func jsonNumber(n int) string { b, _ := json.Marshal(n); return string(b) }

func (w *world) filed(t *testing.T, sub *attestation.Submission) string {
	t.Helper()
	w.do(t, ask{method: "POST", path: "/v1/attestations?destination=NZ", token: w.token(w.cb), media: "application/jose", body: w.cb.sign(t, sub), want: 201})
	return string(sub.SeriesOf("cn-example-cb"))
}

// TestCredential_isOfTheGateway: a credential that was made of a certificate
// names the gateway as its issuer, leads to the original by digest, and its key
// is in the DID document.
func TestCredential_isOfTheGateway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := fixture(t, nil)
	id := w.filed(t, sub)
	res, raw := w.do(t, ask{method: "GET", path: "/v1/attestations/" + id, accept: "application/vc+jwt", token: w.token(w.nz), want: 200})
	assert.Equal(t, "application/vc+jwt", res.Header.Get("Content-Type"))
	cred, err := signing.ReadCredential(raw)
	require.NoError(t, err)
	did, key := w.did(t)
	require.Equal(t, did, cred.Issuer)
	require.NoError(t, signing.VerifyCredential(cred, key))
	assert.True(t, strings.HasPrefix(cred.Signatures[0].KID, did+"#"))
	_, original := w.do(t, ask{method: "GET", path: "/v1/attestations/" + id + "/original", token: w.token(w.nz), want: 200})
	read, err := formats.Read("untp", cred.Payload)
	require.NoError(t, err)
	assert.NotNil(t, read.Submission)
	assert.NotContains(t, string(cred.Payload), string(original))
}

// did returns the gateway's DID and its key, as anybody finds them.
func (w *world) did(t *testing.T) (string, *signing.Key) {
	t.Helper()
	_, raw := w.do(t, ask{method: "GET", path: "/.well-known/did.json", want: 200})
	var d struct {
		ID        string   `json:"id"`
		Assertion []string `json:"assertionMethod"`
		Methods   []struct {
			ID  string          `json:"id"`
			JWK json.RawMessage `json:"publicKeyJwk"`
		} `json:"verificationMethod"`
	}
	require.NoError(t, json.Unmarshal(raw, &d))
	require.Len(t, d.Methods, 1)
	require.Equal(t, []string{d.Methods[0].ID}, d.Assertion)
	require.Equal(t, "did:web:"+strings.ReplaceAll(strings.TrimPrefix(w.issuer, "http://"), ":", "%3A"), d.ID)
	key, err := signing.ParseKey(d.Methods[0].JWK)
	require.NoError(t, err)
	return d.ID, key
}

// statusEntry is where the credential of a document says its status is.
func (w *world) statusEntry(t *testing.T, id string) (list string, index int) {
	t.Helper()
	_, raw := w.do(t, ask{method: "GET", path: "/v1/attestations/" + id, accept: "application/vc", token: w.token(w.nz), want: 200})
	var vc struct {
		Status struct {
			Purpose string `json:"statusPurpose"`
			Index   int    `json:"statusListIndex"`
			List    string `json:"statusListCredential"`
		} `json:"credentialStatus"`
	}
	require.NoError(t, json.Unmarshal(raw, &vc))
	require.Equal(t, "suspension", vc.Status.Purpose)
	return strings.TrimPrefix(vc.Status.List, w.issuer), vc.Status.Index
}

// bits reads a status list and checks that it is the gateway's.
func (w *world) bits(t *testing.T, path string) []byte {
	t.Helper()
	_, raw := w.do(t, ask{method: "GET", path: path, want: 200})
	return w.listed(t, raw)
}

func (w *world) listed(t *testing.T, raw []byte) []byte {
	t.Helper()
	cred, err := signing.ReadCredential(raw)
	require.NoError(t, err)
	did, key := w.did(t)
	require.Equal(t, did, cred.Issuer)
	require.NoError(t, signing.VerifyCredential(cred, key))
	list, err := bitstring.Parse(cred.Payload)
	require.NoError(t, err)
	require.Equal(t, []bitstring.Purpose{bitstring.Suspension}, list.Purposes)
	require.Equal(t, did, list.Issuer)
	require.Positive(t, list.TTL)
	// Unpacked here by hand: what anybody else reads of it.
	packed, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(list.Encoded, "u"))
	require.NoError(t, err)
	z, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	out, err := io.ReadAll(z)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(out), 16<<10)
	return out
}

// checked says of the credential of a document what a verifier of the W3C's
// makes of it.
func (w *world) checked(t *testing.T, id string, invalid bool) {
	t.Helper()
	_, vc := w.do(t, ask{method: "GET", path: "/v1/attestations/" + id, accept: "application/vc", token: w.token(w.nz), want: 200})
	entries, err := bitstring.Entries(vc)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	_, raw := w.do(t, ask{method: "GET", path: strings.TrimPrefix(entries[0].List, w.issuer), want: 200})
	cred, err := signing.ReadCredential(raw)
	require.NoError(t, err)
	list, err := bitstring.Parse(cred.Payload)
	require.NoError(t, err)
	status, err := bitstring.Check(&entries[0], list, w.now())
	require.NoError(t, err)
	require.Equal(t, invalid, status.Invalidates())
}

func bit(list []byte, i int) bool { return list[i/8]&(0x80>>(i%8)) != 0 }

func ones(list []byte) (n int) {
	for i := range 8 * len(list) {
		if bit(list, i) {
			n++
		}
	}
	return n
}

// TestStatusList_failsClosed: the bit is set from the moment the attestation is
// anything but valid, and only then; the list as of before tells what was.
func TestStatusList_failsClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := &asked{world: w, cb: w.token(w.cb), nz: w.token(w.nz)}
	a.id = w.filed(t, fixture(t, nil))
	other := w.filed(t, fixture(t, numbered("000860")))
	report := fixture(t, func(s *attestation.Submission) { numbered("000861")(s); s.Kind = attestation.TestReport })
	w.do(t, ask{method: "POST", path: "/v1/attestations", token: a.cb, media: "application/jose", body: w.cb.sign(t, report)})
	list, index := w.statusEntry(t, a.id)
	w.checked(t, a.id, false)
	_, neighbour := w.statusEntry(t, other)
	require.NotEqual(t, index, neighbour)
	require.Zero(t, ones(w.bits(t, list)))

	cb := w.as(&w.cb)
	w.do(t, ask{method: "POST", path: "/v1/status", token: a.cb, media: "application/jose", body: a.statement(t, cb, a.id, attestation.EventSuspend), want: 201})
	w.checked(t, a.id, true)
	suspended := w.bits(t, list)
	require.True(t, bit(suspended, index))
	require.False(t, bit(suspended, neighbour))
	require.Equal(t, 1, ones(suspended))
	require.Zero(t, ones(w.bits(t, list+"?timestamp=2025-01-01T00:00:00Z")), "before the suspension")
	require.Equal(t, 2, ones(w.bits(t, list+"?timestamp=2000-01-01T00:00:00Z")), "before they were issued nothing is valid")

	w.do(t, ask{method: "POST", path: "/v1/status", token: a.cb, media: "application/jose", body: a.statement(t, cb, a.id, attestation.EventRestore), want: 201})
	require.Zero(t, ones(w.bits(t, list)))

	w.advance(40 * 365 * 24 * time.Hour) // everything has expired
	require.Equal(t, 2, ones(w.bits(t, list)))
	w.advance(-40 * 365 * 24 * time.Hour)
	w.do(t, ask{method: "GET", path: list + "?timestamp=2999-01-01T00:00:00Z", want: 422})
	for _, path := range []string{"/v1/status-lists/00", "/v1/status-lists/-1", "/v1/status-lists/x", "/v1/status-lists/99999999999999"} {
		w.do(t, ask{method: "GET", path: path, want: 404})
	}
}

// TestStatusList_isTheSameEverywhere: where a series stands in the list follows
// from the ledger, so that another gateway on it says the same.
func TestStatusList_isTheSameEverywhere(t *testing.T) {
	t.Parallel()
	w, there := newShared(t, setting{})
	a := &asked{world: w, cb: w.token(w.cb)}
	a.id = w.filed(t, fixture(t, nil))
	w.do(t, ask{method: "POST", path: "/v1/status", token: a.cb, media: "application/jose", body: a.statement(t, w.as(&w.cb), a.id, attestation.EventSuspend), want: 201})
	list, index := w.statusEntry(t, a.id)
	want := w.bits(t, list)
	require.True(t, bit(want, index))
	res, err := there.Get(t.Context(), list, nil, "application/vc+jwt")
	require.NoError(t, err)
	require.Equal(t, want, w.listed(t, res.Body))
}

// TestConversion_obeysTheAgreement: a partner whose agreement allows no loss
// above a severity gets the list of what would be lost instead.
func TestConversion_obeysTheAgreement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.filed(t, fixture(t, nil))
	nz, cb := w.token(w.nz), w.token(w.cb)
	path := "/v1/attestations/" + id + "?format=untp"
	w.do(t, ask{method: "GET", path: path, token: nz, want: 200})
	w.allowLosses(t, "info")

	_, body := w.do(t, ask{method: "GET", path: path, token: nz, want: 406})
	var p struct {
		Code      fault.Code
		Available []string
		Errors    []struct{ Pointer, Code, Detail string }
	}
	require.NoError(t, json.Unmarshal(body, &p))
	assert.Equal(t, fault.ConversionLoss, p.Code)
	assert.Equal(t, []string{"application/json", "application/xml"}, p.Available)
	require.NotEmpty(t, p.Errors)
	for _, e := range p.Errors {
		assert.NotEmpty(t, e.Pointer)
		assert.Contains(t, e.Detail, "cn-nz-eeemra-2008 allows no loss above info")
	}
	for _, accept := range []string{"application/vc", "application/vc+jwt"} {
		w.do(t, ask{method: "GET", path: "/v1/attestations/" + id, accept: accept, token: nz, want: 406})
	}
	w.do(t, ask{method: "GET", path: "/v1/attestations/" + id + "/conversion", token: nz, want: 406})
	w.do(t, ask{method: "GET", path: "/v1/attestations/" + id, token: nz, want: 200})
	w.do(t, ask{method: "GET", path: path, token: cb, want: 200}) // its own document

	// The feed goes on, and says why the document is not there.
	_, feed := w.do(t, ask{method: "GET", path: "/v1/changes?include=document&format=untp", token: nz, accept: "application/x-ndjson", want: 200})
	assert.Contains(t, string(feed), `"code":"conversion.loss"`)
	assert.NotContains(t, string(feed), `"document":`)
}

// allowLosses changes the agreement of the world.
func (w *world) allowLosses(t *testing.T, upTo string) {
	t.Helper()
	res, err := w.as(nil).Get(t.Context(), "/v1/agreements?id=cn-nz-eeemra-2008", nil, "")
	require.NoError(t, err)
	var list struct {
		Items []struct {
			Value  *partners.Agreement
			Change json.RawMessage
		}
	}
	require.NoError(t, json.Unmarshal(res.Body, &list))
	require.Len(t, list.Items, 1)
	last, err := partners.ParseChange(list.Items[0].Change)
	require.NoError(t, err)
	value := list.Items[0].Value
	value.Rules.MaxLossSeverity = upTo
	c, err := partners.NewChange(w.issuer, partners.Target{Kind: partners.TargetAgreement, ID: string(value.ID)}, value, w.now(), last)
	require.NoError(t, err)
	payload, err := c.Payload()
	require.NoError(t, err)
	jws, err := w.operator.Sign(payload, signing.Header{Typ: signing.TypRegistry, IssuedAt: w.now()})
	require.NoError(t, err)
	_, err = w.as(nil).Register(t.Context(), "agreements", jws)
	require.NoError(t, err)
}

// TestFeed_inADialect: documents of a feed page are converted, each with its
// losses beside it.
func TestFeed_inADialect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.filed(t, fixture(t, nil))
	nz := w.token(w.nz)
	for _, c := range formats.Dialects() {
		if c.Encode == nil {
			continue
		}
		_, raw := w.do(t, ask{method: "GET", path: "/v1/changes?include=document&lang=en&format=" + url.QueryEscape(c.Name), token: nz, want: 200})
		var page struct {
			Items []struct {
				Kind       string
				Document   json.RawMessage
				Conversion struct {
					Format, Code string
					Losses       []formats.Loss
				}
			}
		}
		require.NoError(t, json.Unmarshal(raw, &page))
		seen := 0
		for _, line := range page.Items {
			if line.Kind != "attestation" {
				continue
			}
			seen++
			assert.Equal(t, c.Name, line.Conversion.Format)
			assert.Equal(t, line.Conversion.Code != "", line.Document == nil, c.Name)
		}
		require.Equal(t, 1, seen)
	}
	w.do(t, ask{method: "GET", path: "/v1/changes?include=document&format=pdf", token: nz, want: 422})
}

// TestCredential_isSubmitted: a body hands in its own credential, which is
// answered to others byte for byte; the gateway does not speak for the body.
func TestCredential_isSubmitted(t *testing.T) {
	t.Parallel()
	cb := newBody(t, "cn-example-cb")
	const kid = "did:web:cb.example.cn#key-1"
	w := newWorldIn(t, setting{cb: cb, record: func(p *partners.Partner) {
		for i := range p.Trust.Keys {
			if p.Trust.Keys[i].Use == string(signing.UseDoc) {
				p.Trust.Keys[i].JWK["kid"] = kid
			}
		}
	}})
	o := formats.Options{}
	o.By.ID, o.By.Name = "did:web:cb.example.cn", "Example certification body"
	payload, _, err := formats.Write("untp", fixture(t, numbered("000870")), o)
	require.NoError(t, err)
	raw, err := cb.doc.SignCredential(payload, kid, time.Now())
	require.NoError(t, err)
	post := ask{method: "POST", path: "/v1/attestations", token: w.token(w.cb), media: "application/vc+jwt", body: raw}
	res, body := w.do(t, post)
	require.Equal(t, 201, res.StatusCode, "%s", body)
	var acc struct{ ID string }
	require.NoError(t, json.Unmarshal(body, &acc))
	post.want = 200
	w.do(t, post) // a replay

	res, own := w.do(t, ask{method: "GET", path: "/v1/attestations/" + acc.ID, accept: "application/vc+jwt", token: w.token(w.nz), want: 200})
	assert.Equal(t, string(raw), string(own))
	assert.Empty(t, res.Header.Get("Accord-Losses"))
	_, plain := w.do(t, ask{method: "GET", path: "/v1/attestations/" + acc.ID, accept: "application/vc", token: w.token(w.nz), want: 200})
	assert.Equal(t, string(payload), string(plain))
	w.do(t, ask{method: "GET", path: "/v1/attestations/" + acc.ID, token: w.token(w.nz), want: 200})

	forged, err := w.nz.doc.SignCredential(payload, kid, time.Now())
	require.NoError(t, err)
	for name, row := range map[string]ask{
		"another key":     {body: forged, want: 422},
		"no JWS":          {body: payload, want: 400},
		"with a field":    {body: raw, header: map[string]string{"JWS-Signature": "a..b"}, want: 400},
		"as an accord":    {body: raw, media: "application/jose", want: 400},
		"not secured":     {body: payload, media: "application/vc", want: 415},
		"of another DID":  {body: resigned(t, cb, payload, "did:web:other.example#key-1"), want: 403},
		"no such version": {body: resigned(t, cb, bytes.Replace(payload, []byte("untp/0.7.0"), []byte("untp/0.9.0"), 1), kid), want: 422},
	} {
		row.method, row.path, row.token = "POST", "/v1/attestations", w.token(w.cb)
		if row.media == "" {
			row.media = "application/vc+jwt"
		}
		t.Log(name)
		w.do(t, row)
	}
}

// resigned secures octets whatever they are.
func resigned(t *testing.T, b body, payload []byte, kid string) []byte {
	t.Helper()
	raw, err := b.doc.Sign(payload, signing.Header{Typ: signing.TypCredential, Cty: "vc", KID: kid, IssuedAt: time.Now()})
	require.NoError(t, err)
	return raw
}

// TestBlobs_areSeenWithTheirDocuments: exactly who may see a document that names
// a binary may read it.
func TestBlobs_areSeenWithTheirDocuments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cb, nz := w.token(w.cb), w.token(w.nz)
	path := "/v1/blobs/" + namedBlob
	hidden := func(why string) {
		t.Helper()
		for _, token := range []string{cb, nz, w.operatorToken()} {
			_, body := w.do(t, ask{method: "GET", path: path, token: token, want: 404})
			assert.Contains(t, string(body), "resource.not_found", why)
		}
	}
	hidden("nothing is there")
	for range 2 {
		_, body := w.do(t, ask{method: "PUT", path: path, token: cb, body: scan, want: 200})
		require.JSONEq(t, `{"digest":"sha-256:`+namedBlob+`","size":`+jsonNumber(len(scan))+`}`, string(body))
	}
	hidden("no document names it")

	// A document that only sender and issuer see.
	private := fixture(t, naming("000880", namedBlob))
	private.Kind = attestation.InspectionReport
	res, body := w.do(t, ask{method: "POST", path: "/v1/attestations", token: cb, media: "application/jose", body: w.cb.sign(t, private)})
	require.Equal(t, 201, res.StatusCode, "%s", body)
	res, got := w.do(t, ask{method: "GET", path: path, token: cb, want: 200})
	assert.Equal(t, "attachment", res.Header.Get("Content-Disposition"))
	assert.True(t, bytes.Equal(scan, got))
	w.do(t, ask{method: "HEAD", path: path, token: cb, want: 200})
	w.do(t, ask{method: "GET", path: path, token: nz, want: 404})

	w.filed(t, fixture(t, naming("000881", namedBlob)))
	_, got = w.do(t, ask{method: "GET", path: path, token: nz, want: 200})
	assert.True(t, bytes.Equal(scan, got))

	w.do(t, ask{method: "GET", path: path, want: 401})
	w.do(t, ask{method: "PUT", path: path, body: scan, want: 401})
	w.do(t, ask{method: "GET", path: "/v1/blobs/..%2F..%2Fx", token: cb, want: 404})
	w.do(t, ask{method: "PUT", path: "/v1/blobs/x", token: cb, body: scan, want: 422})
	w.do(t, ask{method: "PUT", path: path, token: cb, body: scan[1:], want: 400})
	w.do(t, ask{method: "POST", path: path, token: cb, body: scan, want: 405})
	refused := hexDigest(scan[1:])
	w.do(t, ask{method: "PUT", path: "/v1/blobs/" + refused, token: cb, body: scan, want: 400})
	w.filed(t, fixture(t, naming("000882", refused)))
	w.do(t, ask{method: "GET", path: "/v1/blobs/" + refused, token: nz, want: 404}) // it was never kept
}

// TestDialects_areSubmitted: a report of the field is handed in as it is, signed
// detached; the cty says what it is, and it is archived byte for byte.
func TestDialects_areSubmitted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, name := range []string{"cnca+json", "cnca+xml"} {
		c, ok := formats.Dialect(name)
		require.True(t, ok, name)
		body, _, err := formats.Write(name, fixture(t, numbered([]string{"000890", "000891"}[i])), formats.Options{Lang: "zh"})
		require.NoError(t, err)
		media := "application/" + name[len("cnca+"):]
		cty := strings.TrimPrefix(c.MediaTypes[0], "application/")
		sign := func(cty string) map[string]string {
			sig, err := w.cb.doc.SignDetached(body, signing.Header{Typ: signing.TypAttestation, Cty: cty, IssuedAt: time.Now()})
			require.NoError(t, err)
			return map[string]string{"JWS-Signature": sig}
		}
		post := ask{method: "POST", path: "/v1/attestations", token: w.token(w.cb), media: media, body: body, header: sign(cty)}
		res, answer := w.do(t, post)
		require.Equal(t, 201, res.StatusCode, "%s: %s", name, answer)
		var acc struct{ ID string }
		require.NoError(t, json.Unmarshal(answer, &acc))
		res, original := w.do(t, ask{method: "GET", path: "/v1/attestations/" + acc.ID + "/original", token: w.token(w.nz), want: 200})
		require.Equal(t, string(body), string(original))
		_, report := w.do(t, ask{method: "POST", path: "/v1/verify", media: media, body: body, header: map[string]string{"JWS-Signature": res.Header.Get("JWS-Signature")}, want: 200})
		require.Contains(t, string(report), `"result":"passed"`, name)
		w.do(t, ask{method: "GET", path: "/v1/attestations/" + acc.ID, token: w.token(w.nz), want: 200})
		_, again := w.do(t, ask{method: "GET", path: "/v1/attestations/" + acc.ID + "?lang=zh&format=" + url.QueryEscape(name), token: w.token(w.cb), want: 200})
		require.Equal(t, string(body), string(again), "what came in a dialect goes out in it as it was")

		// The signed cty decides, and it must fit the Content-Type.
		for _, row := range []ask{
			{header: sign("vnd.example.other+" + name[len("cnca+"):]), want: 400},
			{media: map[string]string{"application/json": "application/xml", "application/xml": "application/json"}[media], header: sign(cty), want: 400},
			{media: c.MediaTypes[0], header: sign(cty), want: 415},
			{header: sign(map[string]string{"cnca+json": signing.CtyJSON, "cnca+xml": signing.CtyXML}[name]), want: 422},
		} {
			post.header, post.want, post.media = row.header, row.want, media
			if row.media != "" {
				post.media = row.media
			}
			w.do(t, post)
		}
	}
}

// TestVerify_credential: the public may hold a credential against the gateway
// that made it, or whose body made it.
func TestVerify_credential(t *testing.T) {
	t.Parallel()
	const kid = "did:web:cb.example.cn#key-1"
	cb := newBody(t, "cn-example-cb")
	w := newWorldIn(t, setting{cb: cb, record: func(p *partners.Partner) {
		for i := range p.Trust.Keys {
			if p.Trust.Keys[i].Use == string(signing.UseDoc) {
				p.Trust.Keys[i].JWK["kid"] = kid
			}
		}
	}})
	o := formats.Options{}
	o.By.ID, o.By.Name = "did:web:cb.example.cn", "Example certification body"
	payload, _, err := formats.Write("untp", fixture(t, numbered("000892")), o)
	require.NoError(t, err)
	raw, err := cb.doc.SignCredential(payload, kid, time.Now())
	require.NoError(t, err)
	_, report := w.do(t, ask{method: "POST", path: "/v1/verify", media: "application/vc+jwt", body: raw, want: 200})
	assert.Contains(t, string(report), `"result":"passed"`)
	forged, err := w.nz.doc.SignCredential(payload, kid, time.Now())
	require.NoError(t, err)
	_, report = w.do(t, ask{method: "POST", path: "/v1/verify", media: "application/vc+jwt", body: forged, want: 200})
	assert.Contains(t, string(report), `"result":"failed"`)
}
