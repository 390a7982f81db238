package attestation

import (
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// MarshalJSON writes the target as a digest string or as an object.
func (t Target) MarshalJSON() ([]byte, error) { return appendTarget(nil, &t), nil }

// UnmarshalJSON reads a digest string or an object, and nothing else.
func (t *Target) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var d Digest
		if err := strictjson.Unmarshal(b, &d); err != nil {
			return err
		}
		*t = Target{Digest: d}
		return nil
	}
	if len(b) == 0 || b[0] != '{' {
		return fault.New(fault.SchemaType, "want a content digest, or an object with issuer, scheme and number")
	}
	type object Target // without this method
	var o object
	if err := strictjson.Unmarshal(b, &o); err != nil {
		return err
	}
	*t = Target(o)
	return nil
}
