package signing

import (
	"time"

	"accord/certs"
	"accord/internal/fault"
)

// Sizes of the memories. Headers differ by the second (iat), chains by signer
// and trust by partner record: a thousand signers are more than a gateway sees
// in an hour. The worst case is 2 × 512 × 8 KiB of headers.
const (
	headersKept = 512
	chainsKept  = 512
	pathsKept   = 1024
)

// Verifier reads and verifies messages and remembers, within bounds, headers it
// parsed, chains it parsed and chains it found good. It is safe for concurrent
// use.
type Verifier struct {
	reader reader
	paths  *cache[pathKey, *certs.Path]
}

// pathKey is a parsed chain and the trust it was found good under; both are
// immutable, and holding them keeps their addresses from being used again.
type pathKey struct {
	chain *chain
	trust *Trust
}

// NewVerifier makes a verifier that remembers nothing yet.
func NewVerifier() *Verifier {
	return &Verifier{
		reader: reader{
			headers: newCache[string, *header](headersKept),
			chains:  newCache[string, *chain](chainsKept),
		},
		paths: newCache[pathKey, *certs.Path](pathsKept),
	}
}

// Read is the function [Read] with remembered headers and chains.
func (v *Verifier) Read(raw []byte, p Profile) (*Message, error) { return v.reader.read(raw, p) }

// ReadDetached is the function [ReadDetached] with remembered headers and
// chains.
func (v *Verifier) ReadDetached(field string, body []byte, p Profile) (*Message, error) {
	return v.reader.readDetached(field, body, p)
}

// Verify says whether a key of the partner, registered for the use or certified
// by an anchor, made one of the signatures, proven to exist at the given time.
// The answer is about the first signature that passes, or the one that came
// nearest; the others stand in Further. A nil trust is a partner without keys.
func (v *Verifier) Verify(m *Message, t *Trust, use Use, proven time.Time) Verification {
	return v.VerifyQuorum(m, t, use, proven, 1)
}

// VerifyQuorum is Verify for messages that need signatures of n distinct keys.
func (v *Verifier) VerifyQuorum(m *Message, t *Trust, use Use, proven time.Time, n int) Verification {
	if t == nil {
		t = &Trust{}
	}
	if n <= 1 && len(m.Signatures) == 1 {
		return v.one(m, &m.Signatures[0], t, use, proven)
	}
	answers := make([]Verification, 0, len(m.Signatures))
	best, good := 0, make(map[string]bool)
	for i := range m.Signatures {
		a := v.one(m, &m.Signatures[i], t, use, proven)
		if a.OK() {
			good[a.Key.thumbprint] = true
		}
		answers = append(answers, a)
		if rank(a) > rank(answers[best]) {
			best = i
		}
	}
	answer := answers[best]
	answer.Further = append(answers[:best:best], answers[best+1:]...)
	if answer.OK() && len(good) < n {
		answer.fail(Indeterminate, SubConstraints, fault.Newf(fault.JWSNoSignature,
			"%d keys signed; %d are needed", len(good), n))
	}
	return answer
}

// rank orders answers by how near they came.
func rank(a Verification) int {
	switch {
	case a.OK():
		return 2
	case a.Key != nil:
		return 1
	default:
		return 0
	}
}

// one verifies one signature. The order: which key, is the algorithm its own,
// does the signature hold, did the key and its chain count at the proven time,
// is the claim believable. So a changed document is never told from a wrong key
// by anything but its code, and no code about time hides a bad signature.
func (v *Verifier) one(m *Message, s *Signature, t *Trust, use Use, proven time.Time) Verification {
	a := Verification{Result: Passed, Alg: s.Alg, KID: s.KID, TClaim: s.IAT, TProof: proven}
	key, pathErr := v.keyOf(&a, s, t, use, proven)
	if key == nil {
		return a
	}
	a.Key = key
	if pathErr == nil {
		a.Signer = t.Partner
	}
	if err := m.signed(s).check(s.Alg, key.pub, s.value); err != nil {
		a.fail(Failed, SubCrypto, err)
		return a
	}
	if pathErr != nil {
		a.fail(Indeterminate, chainSub(pathErr), pathErr)
		return a
	}
	if proven.IsZero() {
		a.fail(Indeterminate, SubOutOfBounds, fault.New(fault.JWSTimeUntrusted, "no time is proven"))
		return a
	}
	a.checkKey(t, key, proven)
	if a.OK() {
		if err := t.checkClaim(s.IAT, proven); err != nil {
			a.fail(Indeterminate, claimSub(s.IAT, proven), err)
		}
	}
	return a
}

// keyOf finds the key and checks that the algorithm is its own. It fills in the
// answer where there is none. A chain that is not good is reported as err, to
// be looked at when the signature holds.
func (v *Verifier) keyOf(a *Verification, s *Signature, t *Trust, use Use, proven time.Time) (key *Key, err error) {
	if s.header.chain != nil {
		return v.chainKey(a, s, t, use, proven)
	}
	key, err = t.key(s.KID, use)
	if err != nil {
		a.fail(Indeterminate, SubNoKey, err)
		return nil, nil
	}
	if !key.takes(s.Alg) {
		a.fail(Failed, SubConstraints, fault.New(fault.JWSAlgKeyMismatch, "alg is not the one registered for the key"))
		return nil, nil
	}
	if !t.allows(s.Alg) {
		a.fail(Failed, SubConstraints, fault.New(fault.JWSAlgNotAllowed, "the partner did not opt in to "+string(s.Alg)))
		return nil, nil
	}
	return key, nil
}

// signed is what a signature covers: the header as received, and the payload,
// which is base64url text as received unless b64 is false.
func (m *Message) signed(s *Signature) input {
	if m.input != nil {
		return input{m.input}
	}
	return input{s.protected, []byte{'.'}, m.text}
}
