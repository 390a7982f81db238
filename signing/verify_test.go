package signing_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"

	"accord/internal/fault"
	"accord/signing"
)

func TestVerifier_passesEveryAlgorithmOfThePolicy(t *testing.T) {
	t.Parallel()
	for alg, s := range keys() {
		raw := forge(t, s, headerWith(s.Key().KID, map[string]string{"alg": `"` + string(alg) + `"`}), payload)
		a := verify(t, raw, trustOf(s.Key()))
		if !a.OK() || a.Signer != "cn-cb" || a.Alg != alg || a.KID != s.Key().KID || !a.TClaim.Equal(now) || !a.TProof.Equal(now) {
			t.Errorf("%s: %+v", alg, a)
		}
	}
	// RFC 9864: the name of EdDSA over Ed25519 says the same.
	s := keys()[signing.EdDSA]
	raw := forge(t, s, headerWith(s.Key().KID, map[string]string{"alg": `"Ed25519"`}), payload)
	if a := verify(t, raw, trustOf(s.Key())); !a.OK() || a.Alg != signing.EdDSA {
		t.Errorf("Ed25519: %+v", a)
	}
}

func TestVerifier_refusesWhatIsNotSigned(t *testing.T) {
	t.Parallel()
	s, stranger := keys()[signing.ES256], newSigner(t, signing.ES256, signing.UseDoc)
	header := headerWith(s.Key().KID, nil)
	p := strings.Split(forge(t, s, header, payload), ".")
	private := s.Private().(*ecdsa.PrivateKey)
	digest := digest256([]byte(p[0] + "." + p[1]))
	der, err := ecdsa.SignASN1(rand.Reader, private, digest)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := b64.DecodeString(p[2])
	n := elliptic.P256().Params().N
	overflow := new(big.Int).Add(new(big.Int).SetBytes(raw[32:]), n)
	values := map[string][]byte{
		"zero r and s":      make([]byte, 64),
		"DER":               der,
		"one octet short":   raw[:63],
		"one octet long":    append(append([]byte{}, raw...), 0),
		"r and s exchanged": append(append([]byte{}, raw[32:]...), raw[:32]...),
		"r of the order":    joinRS(256, n, new(big.Int).SetBytes(raw[32:])),
	}
	if overflow.BitLen() <= 256 {
		values["s plus the order"] = joinRS(256, new(big.Int).SetBytes(raw[:32]), overflow)
	}
	for name, v := range values {
		forged := p[0] + "." + p[1] + "." + b64.EncodeToString(v)
		t.Log(name)
		wantResult(t, verify(t, forged, trustOf(s.Key())), signing.Failed, signing.SubCrypto, fault.JWSSignatureInvalid)
	}
	for name, forged := range map[string]string{
		"another key":       forge(t, stranger, header, payload),
		"a changed payload": p[0] + "." + b64.EncodeToString([]byte(payload+" ")) + "." + p[2],
		"a changed header":  b64.EncodeToString([]byte(header+" ")) + "." + p[1] + "." + p[2],
		"a key in jwk":      forge(t, stranger, headerWith(s.Key().KID, map[string]string{"jwk": string(stranger.Key().JWK())}), payload),
		"a key behind jku":  forge(t, stranger, headerWith(s.Key().KID, map[string]string{"jku": `"https://example.org/k"`, "x5u": `"https://example.org/c"`}), payload),
	} {
		t.Log(name)
		wantResult(t, verify(t, forged, trustOf(s.Key())), signing.Failed, signing.SubCrypto, fault.JWSSignatureInvalid)
	}
	// Rule 11: the members are not an offence, only worthless.
	with := headerWith(s.Key().KID, map[string]string{"jwk": string(stranger.Key().JWK()), "jku": `"https://example.org/k"`})
	if a := verify(t, forge(t, s, with, payload), trustOf(s.Key())); !a.OK() {
		t.Error(a.Err)
	}
}

// TestVerifier_takesTheOtherS: (r, n-s) verifies too, so a signature is never
// the identity of a document.
func TestVerifier_takesTheOtherS(t *testing.T) {
	t.Parallel()
	s := keys()[signing.ES256]
	p := strings.Split(forge(t, s, headerWith(s.Key().KID, nil), payload), ".")
	raw, _ := b64.DecodeString(p[2])
	other := new(big.Int).Sub(elliptic.P256().Params().N, new(big.Int).SetBytes(raw[32:]))
	twin := p[0] + "." + p[1] + "." + b64.EncodeToString(joinRS(256, new(big.Int).SetBytes(raw[:32]), other))
	if a := verify(t, twin, trustOf(s.Key())); !a.OK() {
		t.Error(a.Err)
	}
}

func TestVerifier_refusesAnotherAlgorithmThanTheKeys(t *testing.T) {
	t.Parallel()
	es, ed, rs := keys()[signing.ES256], keys()[signing.EdDSA], keys()[signing.PS256]
	mismatch := func(s *signing.Signer, alg string, trust *signing.Trust) {
		t.Helper()
		raw := forge(t, s, headerWith(s.Key().KID, map[string]string{"alg": alg}), payload)
		wantResult(t, verify(t, raw, trust), signing.Failed, signing.SubConstraints, fault.JWSAlgKeyMismatch)
	}
	mismatch(es, `"EdDSA"`, trustOf(es.Key()))
	mismatch(es, `"ES384"`, trustOf(es.Key()))
	mismatch(ed, `"ES256"`, trustOf(ed.Key()))
	opted := trustOf(rs.Key())
	opted.Algorithms = []signing.Alg{signing.RS256}
	mismatch(rs, `"RS256"`, opted) // registered for PS256
}

func TestVerifier_takesRS256OnlyByOptIn(t *testing.T) {
	t.Parallel()
	s := keys()[signing.PS256]
	key := *s.Key()
	key.Alg = signing.RS256
	in := b64.EncodeToString([]byte(headerWith(key.KID, map[string]string{"alg": `"RS256"`}))) + "." + b64.EncodeToString([]byte(payload))
	raw := in + "." + b64.EncodeToString(primitive(t, s.Private(), "RS256", []byte(in)))
	wantResult(t, verify(t, raw, trustOf(&key)), signing.Failed, signing.SubConstraints, fault.JWSAlgNotAllowed)
	opted := trustOf(&key)
	opted.Algorithms = []signing.Alg{signing.RS256}
	if a := verify(t, raw, opted); !a.OK() {
		t.Error(a.Err)
	}
}

// TestVerifier_fixesTheSalt: RFC 7518, section 3.5: as long as the hash.
func TestVerifier_fixesTheSalt(t *testing.T) {
	t.Parallel()
	s := keys()[signing.PS256]
	in := b64.EncodeToString([]byte(headerWith(s.Key().KID, map[string]string{"alg": `"PS256"`}))) + "." + b64.EncodeToString([]byte(payload))
	sig, err := s.Private().(*rsa.PrivateKey).Sign(rand.Reader, digest256([]byte(in)),
		&rsa.PSSOptions{SaltLength: 20, Hash: crypto.SHA256})
	if err != nil {
		t.Fatal(err)
	}
	raw := in + "." + b64.EncodeToString(sig)
	wantResult(t, verify(t, raw, trustOf(s.Key())), signing.Failed, signing.SubCrypto, fault.JWSSignatureInvalid)
}

func TestVerifier_looksTheKidUpExactly(t *testing.T) {
	t.Parallel()
	s := keys()[signing.ES256]
	auth := *s.Key()
	auth.Use = signing.UseAuth
	unknown := func(kid string, trust *signing.Trust) {
		t.Helper()
		a := verify(t, forge(t, s, headerWith(kid, nil), payload), trust)
		wantResult(t, a, signing.Indeterminate, signing.SubNoKey, fault.JWSKeyUnknown)
	}
	unknown("../"+s.Key().KID, trustOf(s.Key()))
	unknown(strings.ToLower(s.Key().KID), trustOf(s.Key()))
	unknown(s.Key().KID+" ", trustOf(s.Key()))
	unknown(s.Key().KID, trustOf())
	unknown(s.Key().KID, nil)
	unknown(s.Key().KID, trustOf(keys()[signing.ES384].Key())) // the key of another partner
	unknown(s.Key().KID, trustOf(&auth))                       // one key, one use
	twin := *newSigner(t, signing.ES256, signing.UseDoc).Key()
	twin.KID = s.Key().KID
	unknown(s.Key().KID, trustOf(s.Key(), &twin)) // nobody can say which is meant
}

// general makes a general serialization, one signature of each signer.
func general(t *testing.T, signers ...*signing.Signer) []byte {
	t.Helper()
	var entries []string
	body := b64.EncodeToString([]byte(payload))
	for _, s := range signers {
		p := strings.Split(forge(t, s, headerWith(s.Key().KID, map[string]string{"alg": `"` + string(s.Key().Alg) + `"`}), payload), ".")
		entries = append(entries, fmt.Sprintf(`{"protected":"%s","signature":"%s"}`, p[0], p[2]))
	}
	return fmt.Appendf(nil, `{"payload":"%s","signatures":[%s]}`, body, strings.Join(entries, ","))
}

func TestVerifier_reportsFurtherSignatures(t *testing.T) {
	t.Parallel()
	s, stranger := keys()[signing.ES256], keys()[signing.EdDSA]
	m, err := signing.Read(general(t, stranger, s), signing.AttestationProfile())
	if err != nil {
		t.Fatal(err)
	}
	a := signing.NewVerifier().Verify(m, trustOf(s.Key()), signing.UseDoc, now)
	if !a.OK() || a.KID != s.Key().KID || len(a.Further) != 1 || a.Further[0].OK() || a.Further[0].Signer != "" {
		t.Errorf("%+v", a)
	}
	wantCode(t, a.Further[0].Err, fault.JWSKeyUnknown)
	// A signature of the partner that is bad does not hide behind a stranger's.
	other := trustOf(newSigner(t, signing.ES256, signing.UseDoc).Key())
	if a := signing.NewVerifier().Verify(m, other, signing.UseDoc, now); a.OK() || len(a.Further) != 1 {
		t.Errorf("%+v", a)
	}
}

func TestVerifier_countsDistinctKeysForAQuorum(t *testing.T) {
	t.Parallel()
	one, two := keys()[signing.ES256], keys()[signing.EdDSA]
	trust := trustOf(one.Key(), two.Key())
	quorum := func(n int, signers ...*signing.Signer) signing.Verification {
		t.Helper()
		m, err := signing.Read(general(t, signers...), signing.AttestationProfile())
		if err != nil {
			t.Fatal(err)
		}
		return signing.NewVerifier().VerifyQuorum(m, trust, signing.UseDoc, now, n)
	}
	if a := quorum(2, one, two); !a.OK() {
		t.Error(a.Err)
	}
	wantResult(t, quorum(2, one, one), signing.Indeterminate, signing.SubConstraints, fault.JWSNoSignature)
	wantResult(t, quorum(2, one), signing.Indeterminate, signing.SubConstraints, fault.JWSNoSignature)
}

func TestVerifier_isSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	s := keys()[signing.ES256]
	v, trust := signing.NewVerifier(), trustOf(s.Key())
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 50 {
				// Different headers fill the memory, the same ones meet in it.
				raw := forge(t, s, headerWith(s.Key().KID, map[string]string{"x": fmt.Sprint((g + i) % 20)}), payload)
				m, err := v.Read([]byte(raw), signing.AttestationProfile())
				if err != nil {
					t.Error(err)
					return
				}
				if a := v.Verify(m, trust, signing.UseDoc, now); !a.OK() {
					t.Error(a.Err)
				}
			}
		})
	}
	wg.Wait()
}

func TestUnreadable_isAFailure(t *testing.T) {
	t.Parallel()
	err := fault.New(fault.JWSMalformed, "x")
	wantResult(t, signing.Unreadable(err), signing.Failed, signing.SubFormat, fault.JWSMalformed)
}
