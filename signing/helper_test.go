package signing_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"accord/internal/fault"
	"accord/signing"
)

var (
	b64 = base64.RawURLEncoding
	// now is the proven time of most tests.
	now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

const iatNow = "1772366400" // now

// keys are made once: RSA keys take their time.
var keys = sync.OnceValue(func() map[signing.Alg]*signing.Signer {
	out := make(map[signing.Alg]*signing.Signer)
	for _, alg := range []signing.Alg{signing.ES256, signing.ES384, signing.EdDSA, signing.PS256} {
		s, err := signing.GenerateSigner(alg, signing.UseDoc)
		if err != nil {
			panic(err)
		}
		out[alg] = s
	}
	return out
})

func newSigner(t testing.TB, alg signing.Alg, use signing.Use) *signing.Signer {
	t.Helper()
	s, err := signing.GenerateSigner(alg, use)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// primitive signs with the standard library alone, under the name of any alg:
// the tests need signatures that Accord would never make.
func primitive(t testing.TB, private crypto.Signer, alg string, data []byte) []byte {
	t.Helper()
	h, sum := crypto.SHA256, digest256(data)
	switch {
	case strings.HasSuffix(alg, "384"):
		s := sha512.Sum384(data)
		h, sum = crypto.SHA384, s[:]
	case strings.HasSuffix(alg, "512"):
		s := sha512.Sum512(data)
		h, sum = crypto.SHA512, s[:]
	}
	switch k := private.(type) {
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, k, sum)
		if err != nil {
			t.Fatal(err)
		}
		return joinRS(k.Curve.Params().BitSize, r, s)
	case ed25519.PrivateKey:
		return ed25519.Sign(k, data)
	case *rsa.PrivateKey:
		var opts crypto.SignerOpts = h
		if strings.HasPrefix(alg, "PS") {
			opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: h}
		}
		sig, err := k.Sign(rand.Reader, sum, opts)
		if err != nil {
			t.Fatal(err)
		}
		return sig
	}
	t.Fatalf("no primitive for %T", private)
	return nil
}

func digest256(data []byte) []byte {
	s := sha256.Sum256(data)
	return s[:]
}

func joinRS(bits int, r, s *big.Int) []byte {
	size := (bits + 7) / 8
	out := make([]byte, 2*size)
	r.FillBytes(out[:size])
	s.FillBytes(out[size:])
	return out
}

// forge makes a compact JWS with any header text and a true ES256 signature.
func forge(t testing.TB, s *signing.Signer, header, payload string) string {
	t.Helper()
	in := b64.EncodeToString([]byte(header)) + "." + b64.EncodeToString([]byte(payload))
	return in + "." + b64.EncodeToString(primitive(t, s.Private(), string(s.Key().Alg), []byte(in)))
}

// headerWith is a good header of an attestation with members put before the
// others; a value of "-" leaves one out.
func headerWith(kid string, change map[string]string) string {
	ms := [][2]string{
		{"alg", `"ES256"`}, {"cty", `"vnd.accord.attestation+json"`}, {"iat", iatNow},
		{"kid", `"` + kid + `"`}, {"typ", `"accord-attestation+jose"`},
	}
	var parts []string
	for name, value := range change {
		known := false
		for _, m := range ms {
			known = known || m[0] == name
		}
		if !known {
			parts = append(parts, `"`+name+`":`+value)
		}
	}
	for _, m := range ms {
		if v, ok := change[m[0]]; ok {
			m[1] = v
		}
		if m[1] != "-" {
			parts = append(parts, `"`+m[0]+`":`+m[1])
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func wantCode(t testing.TB, err error, want fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != want {
		t.Errorf("code %q, want %q (%v)", got, want, err)
	}
}

func trustOf(ks ...*signing.Key) *signing.Trust {
	return &signing.Trust{Partner: "cn-cb", Keys: ks}
}

// verify reads an attestation and verifies it at now.
func verify(t testing.TB, raw string, trust *signing.Trust) signing.Verification {
	t.Helper()
	return verifyAt(t, raw, trust, now)
}

func verifyAt(t testing.TB, raw string, trust *signing.Trust, proven time.Time) signing.Verification {
	t.Helper()
	v := signing.NewVerifier()
	m, err := v.Read([]byte(raw), signing.AttestationProfile())
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return v.Verify(m, trust, signing.UseDoc, proven)
}

func wantResult(t testing.TB, a signing.Verification, r signing.Result, sub string, code fault.Code) {
	t.Helper()
	if a.Result != r || a.SubIndication != sub || fault.CodeOf(a.Err) != code {
		t.Errorf("got %s %s %v, want %s %s %s", a.Result, a.SubIndication, a.Err, r, sub, code)
	}
}

func newP521(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
