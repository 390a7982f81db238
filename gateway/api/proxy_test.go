package api_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/certs"
	"accord/client"
	"accord/gateway"
	"accord/gateway/api"
	"accord/partners"
)

// here is where the requests of the tests come from.
var here = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("10.0.0.0/8")}

// asked sends a request with header fields and returns status and body.
func (w *world) asked(t *testing.T, method, path string, header http.Header) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, w.server.URL+path, nil)
	require.NoError(t, err)
	req.Header = header
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(body)
}

// lastAudit is the newest line of the audit log.
func (w *world) lastAudit(t *testing.T) gateway.AuditLine {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.dir, "audit.ndjson"))
	require.NoError(t, err)
	lines := bytes.Split(bytes.TrimSpace(raw), []byte("\n"))
	var line gateway.AuditLine
	require.NoError(t, json.Unmarshal(lines[len(lines)-1], &line))
	return line
}

func TestProxy_theLastHopThatIsNoProxyIsTheClient(t *testing.T) {
	t.Parallel()
	w := newLimited(t, api.Limits{InFlight: 16, Proxies: here})
	for _, c := range []struct {
		name             string
		forwarded, plain []string
		want             string
	}{
		{"nothing said", nil, nil, "127.0.0.1"},
		{"one hop", nil, []string{"198.51.100.7"}, "198.51.100.7"},
		{"what the client claims does not count", nil, []string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"},
		{"proxies of ours are passed over", nil, []string{"198.51.100.7, 10.1.2.3"}, "198.51.100.7"},
		{"two fields are one list", nil, []string{"203.0.113.9", "198.51.100.7"}, "198.51.100.7"},
		{"only proxies", nil, []string{"10.9.9.9, 10.1.2.3"}, "10.9.9.9"},
		{"not an address: whoever said it", nil, []string{"198.51.100.7, evil, 10.1.2.3"}, "10.1.2.3"},
		{"with a port", nil, []string{"198.51.100.7:4711"}, "198.51.100.7"},
		{"IPv6", nil, []string{"2001:db8::7"}, "2001:db8::7"},
		{"IPv4 in IPv6", nil, []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
		{"Forwarded", []string{`for=198.51.100.7;proto=https;by=10.0.0.1`}, nil, "198.51.100.7"},
		{"Forwarded, IPv6 with a port", []string{`proto=https;For="[2001:db8::7]:4711"`}, nil, "2001:db8::7"},
		{"Forwarded, the last foreign one", []string{`for=203.0.113.9, for=198.51.100.7, for=10.1.2.3`}, nil, "198.51.100.7"},
		{"Forwarded, hidden", []string{`for=198.51.100.7, for=_hidden`}, nil, "127.0.0.1"},
		{"Forwarded, a comma in quotes", []string{`for="203.0.113.9, for=203.0.113.10";x="a,b", for=198.51.100.7`}, nil, "198.51.100.7"},
		{"Forwarded, a quote without end", []string{`for="203.0.113.9`}, nil, "127.0.0.1"},
		{"Forwarded, twice in one element", []string{`for=203.0.113.9;for=198.51.100.7`}, nil, "127.0.0.1"},
		{"both agree", []string{`for=198.51.100.7`}, []string{"198.51.100.7"}, "198.51.100.7"},
		{"both, and one is the client's own", []string{`for=203.0.113.9`}, []string{"198.51.100.7"}, "127.0.0.1"},
	} {
		header := http.Header{"Content-Type": {"application/jose"}}
		header["Forwarded"], header["X-Forwarded-For"] = c.forwarded, c.plain
		status, body := w.asked(t, http.MethodPost, "/v1/attestations", header)
		require.Equal(t, http.StatusUnauthorized, status, body)
		assert.Equal(t, c.want, w.lastAudit(t).Addr, c.name)
	}
}

func TestProxy_nobodyElseIsBelieved(t *testing.T) {
	t.Parallel()
	for name, proxies := range map[string][]netip.Prefix{"none": nil, "another": {netip.MustParsePrefix("192.0.2.0/24")}} {
		w := newLimited(t, api.Limits{InFlight: 16, Proxies: proxies})
		status, _ := w.asked(t, http.MethodPost, "/v1/attestations", http.Header{
			"Content-Type": {"application/jose"}, "X-Forwarded-For": {"198.51.100.7"}, "Forwarded": {"for=198.51.100.7"},
		})
		require.Equal(t, http.StatusUnauthorized, status)
		assert.Equal(t, "127.0.0.1", w.lastAudit(t).Addr, name)
		// A certificate that anybody can write into a field is none.
		status, body := w.asked(t, http.MethodGet, "/v1/changes", http.Header{
			"Authorization": {"Bearer " + w.token(w.cb)}, "Client-Cert": {"nonsense"},
		})
		assert.Equal(t, http.StatusOK, status, body)
	}
}

func TestProxy_eachClientHasItsOwnRate(t *testing.T) {
	t.Parallel()
	w := newLimited(t, api.Limits{InFlight: 16, PublicRate: 0.001, PublicBurst: 2, Proxies: here})
	ask := func(client string) int {
		status, _ := w.asked(t, http.MethodGet, "/v1/trust-list", http.Header{"X-Forwarded-For": {client}})
		return status
	}
	assert.Equal(t, []int{200, 200, 429}, []int{ask("198.51.100.7"), ask("198.51.100.7"), ask("198.51.100.7")})
	assert.Equal(t, 200, ask("198.51.100.8"))
	assert.Equal(t, 429, ask("203.0.113.1, 198.51.100.7"), "a claim of the client's gives no new rate")
}

// clientPKI is an authority of the body with certificates of clients.
type clientPKI struct {
	own, foreign, stranger *x509.Certificate
}

func newClientPKI(t *testing.T, id attestation.PartnerID) (clientPKI, partners.Anchor) {
	t.Helper()
	now := time.Now()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	issue := func(ca *certs.Authority, to attestation.PartnerID) *x509.Certificate {
		c, err := ca.IssueClient(to, key.Public(), now)
		require.NoError(t, err)
		return c
	}
	ca, err := certs.NewAuthority("clients", now.Add(-time.Minute))
	require.NoError(t, err)
	other, err := certs.NewAuthority("somebody", now.Add(-time.Minute))
	require.NoError(t, err)
	a := ca.Anchor("clients")
	pin := partners.Anchor{DER: a.Certificate.Raw, SHA256: a.SHA256, Role: a.Role, Span: partners.Span{From: now.AddDate(-1, 0, 0)}}
	return clientPKI{own: issue(ca, id), foreign: issue(ca, "nz-regulator"), stranger: issue(other, id)}, pin
}

// bound is a token that names a certificate.
func (w *world) bound(t *testing.T, b body, cert *x509.Certificate) string {
	t.Helper()
	token, err := client.NewToken(client.Identity{Issuer: "urn:accord:partner:" + string(b.id), Key: b.auth, Certificate: cert}, w.issuer, w.now())
	require.NoError(t, err)
	return token
}

func field(c *x509.Certificate) string { return ":" + base64.StdEncoding.EncodeToString(c.Raw) + ":" }

// wire.md, "Token": cnf only on a connection with that certificate; a certificate
// present: its partner must be iss, and cnf is required.
func TestProxy_tokenAndClientCertificateMustAgree(t *testing.T) {
	t.Parallel()
	pki, pin := newClientPKI(t, "cn-example-cb")
	w := newWorldIn(t, setting{
		cb: newBody(t, "cn-example-cb"), limits: api.Limits{InFlight: 16, Proxies: here},
		record: func(p *partners.Partner) { p.Trust.Anchors = append(p.Trust.Anchors, pin) },
	})
	for _, c := range []struct {
		name   string
		cnf    *x509.Certificate
		shown  []string
		chain  []string
		status int
	}{
		{name: "neither", status: 200},
		{name: "both agree", cnf: pki.own, shown: []string{field(pki.own)}, status: 200},
		{name: "both agree, with the chain", cnf: pki.own, shown: []string{field(pki.own)}, chain: []string{field(pki.stranger) + ", " + field(pki.foreign)}, status: 200},
		{name: "bound, no certificate", cnf: pki.own, status: 401},
		{name: "certificate, not bound", shown: []string{field(pki.own)}, status: 401},
		{name: "bound to another one", cnf: pki.foreign, shown: []string{field(pki.own)}, status: 401},
		{name: "certificate of another partner", cnf: pki.foreign, shown: []string{field(pki.foreign)}, status: 401},
		{name: "certificate of an unknown authority", cnf: pki.stranger, shown: []string{field(pki.stranger)}, status: 401},
		{name: "two certificates", cnf: pki.own, shown: []string{field(pki.own), field(pki.own)}, status: 401},
		{name: "no byte sequence", cnf: pki.own, shown: []string{field(pki.own)[1:]}, status: 401},
		{name: "no certificate in it", cnf: pki.own, shown: []string{":AAAA:"}, status: 401},
		{name: "a chain without a certificate", cnf: pki.own, chain: []string{field(pki.own)}, status: 401},
	} {
		token := w.bound(t, w.cb, c.cnf)
		for range 2 { // the second time from the cache
			header := http.Header{"Authorization": {"Bearer " + token}}
			header["Client-Cert"], header["Client-Cert-Chain"] = c.shown, c.chain
			status, body := w.asked(t, http.MethodGet, "/v1/changes", header)
			assert.Equal(t, c.status, status, "%s: %s", c.name, body)
		}
	}
	// What was good on one connection is not good on another.
	token := w.bound(t, w.cb, pki.own)
	status, body := w.asked(t, http.MethodGet, "/v1/changes", http.Header{"Authorization": {"Bearer " + token}, "Client-Cert": {field(pki.own)}})
	require.Equal(t, http.StatusOK, status, body)
	status, _ = w.asked(t, http.MethodGet, "/v1/changes", http.Header{"Authorization": {"Bearer " + token}})
	assert.Equal(t, http.StatusUnauthorized, status)
}
