package signing

import "accord/internal/fault"

// VerifyBare checks a message with one key named by hand: at least one of its
// signatures must be of that key. There is no partner and no time in it.
func VerifyBare(m *Message, key *Key) error {
	var first error
	for i := range m.Signatures {
		err := verifyWith(m, &m.Signatures[i], key)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// VerifyCompact reads a compact message of one typ without cty (token, receipt,
// report, decision, trust list, high-water mark) and checks its signature with
// the one of the keys that its kid names. Windows and revocation of the key are
// the caller's business: see [Key.GoodAt].
func VerifyCompact(raw []byte, typ string, keys []*Key) (*Message, *Key, error) {
	return verifyCompact(reader{}, raw, typ, keys)
}

// VerifyCompact is the function [VerifyCompact] with remembered headers.
func (v *Verifier) VerifyCompact(raw []byte, typ string, keys []*Key) (*Message, *Key, error) {
	return verifyCompact(v.reader, raw, typ, keys)
}

func verifyCompact(r reader, raw []byte, typ string, keys []*Key) (*Message, *Key, error) {
	m, err := r.read(raw, MessageProfile(typ))
	if err != nil {
		return nil, nil, err
	}
	if m.Serialization != Compact {
		return nil, nil, fault.New(fault.JWSMalformed, "this message must be a compact JWS")
	}
	s := &m.Signatures[0]
	for _, k := range keys {
		if k.KID != s.KID {
			continue
		}
		if err := verifyWith(m, s, k); err != nil {
			return nil, nil, err
		}
		return m, k, nil
	}
	return nil, nil, fault.New(fault.JWSKeyUnknown, "the kid is not one of the keys that count here")
}

func verifyWith(m *Message, s *Signature, key *Key) error {
	if !key.takes(s.Alg) {
		return fault.New(fault.JWSAlgKeyMismatch, "alg is not the one of the key")
	}
	return m.signed(s).check(s.Alg, key.pub, s.value)
}
