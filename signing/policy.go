package signing

import (
	"slices"

	"accord/internal/fault"
)

// check compares a header with what the endpoint accepts.
func (p Profile) check(h *header, detached bool) error {
	if algRules[h.alg].bare && !p.Bare {
		return fault.New(fault.JWSAlgNotAllowed, "alg "+string(h.alg)+" is not accepted here")
	}
	// Rule 8: what is signed as it is cannot stand inside a JWS.
	if !h.b64 && !detached {
		return fault.New(fault.JWSB64Unsupported, "b64:false is only for a detached payload")
	}
	if p.Bare {
		return nil
	}
	if h.kid == "" && h.chain == nil {
		return fault.New(fault.JWSKidMissing, "the protected header has neither kid nor x5c")
	}
	return p.checkType(h, detached)
}

// checkType is rule 13. A detached signature always says what it signs, for the
// Content-Type beside it is not signed.
func (p Profile) checkType(h *header, detached bool) error {
	typed := matches(h.typ, p.Types)
	untyped := p.AllowUntyped && (!h.hasTyp || h.typ == "jose" || h.typ == "jose+json")
	if !typed && !untyped {
		return fault.New(fault.JWSTypMismatch, "typ is not the one of this kind of message")
	}
	switch {
	case !h.hasCty && (len(p.Ctys) == 0 || p.OptionalCty):
		return nil
	case !h.hasCty && untyped && !detached:
		return nil
	case matches(h.cty, p.Ctys):
		return nil
	default:
		return fault.New(fault.JWSTypMismatch, "cty is not the one of this kind of message")
	}
}

// matches compares in the form of mediaName; name is in that form already.
func matches(name string, accepted []string) bool {
	return name != "" && slices.ContainsFunc(accepted, func(a string) bool { return mediaName(a) == name })
}
