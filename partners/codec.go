package partners

import (
	"bytes"

	"accord/internal/fault"
	"accord/internal/strictjson"
)

// mutual is how a scope says that it works in every direction.
const mutual = `"mutual"`

// Mutual says whether the scope works in every direction.
func (d Direction) Mutual() bool { return len(d.From) == 0 && len(d.To) == 0 }

// MarshalJSON writes "mutual" or {from, to}.
func (d Direction) MarshalJSON() ([]byte, error) {
	if d.Mutual() {
		return []byte(mutual), nil
	}
	type plain Direction
	return strictjson.CanonicalOf(plain(d))
}

// UnmarshalJSON reads "mutual" or {from, to}; what names nobody is not mutual
// but refused.
func (d *Direction) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	switch {
	case string(b) == mutual:
		*d = Direction{}
		return nil
	case len(b) == 0 || b[0] != '{':
		return fault.New(fault.SchemaType, `a direction is "mutual" or {"from": [...], "to": [...]}`)
	}
	type plain Direction
	var p plain
	if err := strictjson.Unmarshal(b, &p); err != nil {
		return err
	}
	if len(p.From) == 0 || len(p.To) == 0 {
		return fault.New(fault.SchemaLength, "a direction names both sides")
	}
	*d = Direction(p)
	return nil
}
