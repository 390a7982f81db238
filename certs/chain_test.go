package certs_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/url"
	"testing"
	"time"

	"accord/certs"
	"accord/internal/fault"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newAuthority(t testing.TB, at time.Time) *certs.Authority {
	t.Helper()
	a, err := certs.NewAuthority("Test authority", at)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// made is a certificate and its key, made by hand where the authority would
// refuse to.
type made struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// issue signs a template; a nil parent signs itself.
func issue(t testing.TB, parent *made, key crypto.Signer, change func(c *x509.Certificate)) *made {
	t.Helper()
	c := &x509.Certificate{
		Subject: pkix.Name{CommonName: "test"}, NotBefore: now.Add(-day), NotAfter: now.Add(100 * day),
		BasicConstraintsValid: true,
	}
	change(c)
	if parent == nil {
		parent = &made{c, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent.cert, key.Public(), parent.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &made{cert, key}
}

func ca(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign }

func named(uris ...string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.KeyUsage = x509.KeyUsageDigitalSignature
		for _, u := range uris {
			p, err := url.Parse(u)
			if err != nil {
				panic(err)
			}
			c.URIs = append(c.URIs, p)
		}
	}
}

func pin(c *x509.Certificate) certs.Anchor {
	return certs.Anchor{Certificate: c, SHA256: certs.Fingerprint(c)}
}

func wantCode(t testing.TB, err error, want fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != want {
		t.Errorf("code %q, want %q (%v)", got, want, err)
	}
}

const uri = "urn:accord:partner:cn-cb"

func TestVerifyChain_acceptsALeafOfAPinnedAuthority(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, now)
	leaf, err := a.IssueSigner("cn-cb", newKey(t).Public(), now)
	if err != nil {
		t.Fatal(err)
	}
	path, err := certs.VerifyChain([]*x509.Certificate{leaf}, []certs.Anchor{a.Anchor("ca")}, "cn-cb", now)
	if err != nil || len(path) != 2 || !path[1].Equal(a.Certificate) {
		t.Errorf("%d certificates, %v", len(path), err)
	}
}

func TestVerifyChain_followsIntermediates(t *testing.T) {
	t.Parallel()
	root := issue(t, nil, newKey(t), ca)
	sub := issue(t, root, newKey(t), func(c *x509.Certificate) { ca(c); c.Subject.CommonName = "sub" })
	leaf := issue(t, sub, newKey(t), named(uri))
	anchors := []certs.Anchor{pin(root.cert)}
	p, err := certs.FindPath([]*x509.Certificate{leaf.cert, sub.cert}, anchors, "cn-cb", now)
	if err != nil || len(p.Chain) != 3 || p.Anchor.SHA256 != certs.Fingerprint(root.cert) {
		t.Fatalf("%+v %v", p, err)
	}
	if !p.Holds(now) || p.Holds(now.Add(-2*day)) || p.Holds(now.Add(101*day)) {
		t.Errorf("the path holds from %s until %s", p.From, p.Until)
	}
	_, err = certs.VerifyChain([]*x509.Certificate{leaf.cert}, anchors, "cn-cb", now)
	wantCode(t, err, fault.JWSChainUntrusted)
	// An intermediate may be pinned itself.
	if _, err = certs.VerifyChain([]*x509.Certificate{leaf.cert}, []certs.Anchor{pin(sub.cert)}, "cn-cb", now); err != nil {
		t.Error(err)
	}
}

func TestVerifyChain_refuses(t *testing.T) {
	t.Parallel()
	root, foreign := issue(t, nil, newKey(t), ca), issue(t, nil, newKey(t), ca)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	notCA := issue(t, nil, newKey(t), named(uri))
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := issue(t, root, newKey(t), named(uri)).cert
	pinned := pin(root.cert)
	later, ended := pinned, pinned
	later.From = now.Add(day)
	ended.Until = now
	cases := []struct {
		name   string
		chain  []*x509.Certificate
		anchor certs.Anchor
		at     time.Time
		code   fault.Code
	}{
		{"nothing", nil, pinned, now, fault.JWSChainUntrusted},
		{"a chain of nine", []*x509.Certificate{leaf, leaf, leaf, leaf, leaf, leaf, leaf, leaf, leaf}, pinned, now, fault.JWSChainUntrusted},
		{"another authority", []*x509.Certificate{leaf}, pin(foreign.cert), now, fault.JWSChainUntrusted},
		{"another authority that comes along", []*x509.Certificate{leaf, root.cert}, pin(foreign.cert), now, fault.JWSChainUntrusted},
		{"no longer pinned", []*x509.Certificate{leaf}, ended, now, fault.JWSChainUntrusted},
		{"not pinned yet", []*x509.Certificate{leaf}, later, now, fault.JWSChainUntrusted},
		{"expired", []*x509.Certificate{leaf}, pinned, now.Add(200 * day), fault.JWSChainExpired},
		{"not yet valid", []*x509.Certificate{leaf}, pinned, now.Add(-2 * day), fault.JWSChainExpired},
		{"an issuer that is not a CA", []*x509.Certificate{issue(t, notCA, newKey(t), named(uri)).cert, notCA.cert}, pinned, now, fault.JWSChainUntrusted},
		{"an anchor that is not a CA", []*x509.Certificate{issue(t, notCA, newKey(t), named(uri)).cert}, pin(notCA.cert), now, fault.JWSChainUntrusted},
		{"the anchor alone", []*x509.Certificate{root.cert}, pinned, now, fault.JWSChainUntrusted},
		{"a pinned leaf alone", []*x509.Certificate{notCA.cert}, pin(notCA.cert), now, fault.JWSChainUntrusted},
		{"a leaf that is a CA", []*x509.Certificate{issue(t, root, newKey(t), func(c *x509.Certificate) { named(uri)(c); ca(c) }).cert}, pinned, now, fault.JWSChainUntrusted},
		{"a leaf for key agreement", []*x509.Certificate{issue(t, root, newKey(t), func(c *x509.Certificate) { named(uri)(c); c.KeyUsage = x509.KeyUsageKeyAgreement }).cert}, pinned, now, fault.JWSChainUntrusted},
		{"RSA of 1024 bits", []*x509.Certificate{issue(t, root, weak, named(uri)).cert}, pinned, now, fault.JWSChainUntrusted},
		{"P-224", []*x509.Certificate{issue(t, root, p224, named(uri)).cert}, pinned, now, fault.JWSChainUntrusted},
		{"a leaf of another partner", []*x509.Certificate{issue(t, root, newKey(t), named("urn:accord:partner:nz-reg")).cert}, pinned, now, fault.IssuerMismatch},
		{"a leaf of a longer name", []*x509.Certificate{issue(t, root, newKey(t), named(uri+"-2")).cert}, pinned, now, fault.IssuerMismatch},
		{"a leaf of two partners", []*x509.Certificate{issue(t, root, newKey(t), named(uri, "urn:accord:partner:nz-reg")).cert}, pinned, now, fault.IssuerMismatch},
		{"a leaf of nobody", []*x509.Certificate{issue(t, root, newKey(t), named("https://example.org")).cert}, pinned, now, fault.IssuerMismatch},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := certs.VerifyChain(c.chain, []certs.Anchor{c.anchor}, "cn-cb", c.at)
			wantCode(t, err, c.code)
		})
	}
}

func TestVerifyChain_takesUnnamedLeavesOfAnExclusiveAnchor(t *testing.T) {
	t.Parallel()
	root := issue(t, nil, newKey(t), ca)
	exclusive := pin(root.cert)
	exclusive.Exclusive = true
	ask := func(anchors []certs.Anchor, uris ...string) error {
		leaf := issue(t, root, newKey(t), named(uris...))
		_, err := certs.VerifyChain([]*x509.Certificate{leaf.cert}, anchors, "cn-cb", now)
		return err
	}
	if err := ask([]certs.Anchor{exclusive}, "https://example.org"); err != nil {
		t.Error(err)
	}
	if err := ask([]certs.Anchor{exclusive}, uri); err != nil {
		t.Error(err)
	}
	wantCode(t, ask([]certs.Anchor{exclusive}, "urn:accord:partner:nz-reg"), fault.IssuerMismatch)
	// Pinned twice: the better record counts.
	if err := ask([]certs.Anchor{pin(root.cert), exclusive}); err != nil {
		t.Error(err)
	}
}

func TestParseAnchor(t *testing.T) {
	t.Parallel()
	root := issue(t, nil, newKey(t), ca)
	a, err := certs.ParseAnchor(root.cert.Raw, certs.Fingerprint(root.cert))
	if err != nil || !a.Certificate.Equal(root.cert) || !a.PinnedAt(now) {
		t.Errorf("%+v %v", a, err)
	}
	weakKey, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	weak := issue(t, nil, weakKey, ca)
	leaf := issue(t, root, newKey(t), named(uri))
	noSign := issue(t, nil, newKey(t), func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCRLSign })
	for name, c := range map[string]struct {
		der   []byte
		print string
	}{
		"another fingerprint":     {root.cert.Raw, certs.Fingerprint(leaf.cert)},
		"fingerprint without alg": {root.cert.Raw, certs.Fingerprint(root.cert)[len("sha-256:"):]},
		"a leaf":                  {leaf.cert.Raw, certs.Fingerprint(leaf.cert)},
		"a CA that may not sign":  {noSign.cert.Raw, certs.Fingerprint(noSign.cert)},
		"a weak key":              {weak.cert.Raw, certs.Fingerprint(weak.cert)},
		"no certificate":          {[]byte("x"), ""},
		"octets after it":         {append(append([]byte{}, root.cert.Raw...), 0), certs.Fingerprint(root.cert)},
	} {
		_, err := certs.ParseAnchor(c.der, c.print)
		if t.Log(name); err == nil {
			t.Error("accepted")
		}
		wantCode(t, err, fault.KeyRejected)
	}
}

func TestCheckRSA(t *testing.T) {
	t.Parallel()
	odd := func(bits uint) *big.Int {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		return n.Add(n, big.NewInt(1))
	}
	for _, c := range []struct {
		bits uint
		e    int
		good bool
	}{{2047, 65537, false}, {2048, 65537, true}, {8192, 3, true}, {8193, 3, false}, {2048, 1, false}, {2048, 4, false}} {
		if err := certs.CheckRSA(&rsa.PublicKey{N: odd(c.bits), E: c.e}); (err == nil) != c.good {
			t.Errorf("%d bits, exponent %d: %v", c.bits, c.e, err)
		}
	}
	if certs.CheckRSA(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2047), E: 3}) == nil {
		t.Error("an even modulus was accepted")
	}
}
