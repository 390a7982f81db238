package strictjson

import (
	"bytes"

	"accord/internal/fault"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// Check reports whether src is one JSON text within the limits. Its errors are
// faults with json.* codes and a JSON Pointer.
func Check(src []byte, lim Limits) error {
	r := NewReader(src, lim)
	r.Skip()
	return r.Finish()
}

// Canonical checks src under [DefaultLimits] and returns its RFC 8785 form. src
// is left as it is.
func Canonical(src []byte) ([]byte, error) {
	if err := Check(src, DefaultLimits()); err != nil {
		return nil, err
	}
	return canonicalize(src)
}

// CanonicalOf returns the RFC 8785 form of a Go value, written by its json
// struct tags. omitempty leaves out false, zero, and what is empty or nil, as in
// encoding/json; a nil slice or map without omitempty is [] or {}. A number that
// a double cannot hold exactly is refused (json.number_range).
func CanonicalOf(v any) ([]byte, error) {
	b, err := json.Marshal(v, jsonv1.OmitEmptyWithLegacySemantics(true), json.Deterministic(true))
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "write a value as JSON")
	}
	if err := Check(b, noLimits()); err != nil {
		return nil, err
	}
	return canonicalize(b)
}

// canonicalize is RFC 8785 over octets that passed Check.
func canonicalize(src []byte) ([]byte, error) {
	v := jsontext.Value(bytes.Clone(src))
	if err := v.Canonicalize(); err != nil {
		return nil, classify(err, string(src), "")
	}
	return v, nil
}
