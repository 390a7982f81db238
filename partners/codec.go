package partners

import (
	"bytes"

	"github.com/go-json-experiment/json"

	"accord/internal/fault"
)

// Mutual says whether the scope works in every direction.
func (d Direction) Mutual() bool { return len(d.From) == 0 && len(d.To) == 0 }

// MarshalJSON writes "mutual" or {from, to}.
func (d Direction) MarshalJSON() ([]byte, error) {
	if d.Mutual() {
		return []byte(`"mutual"`), nil
	}
	type plain Direction
	return json.Marshal(plain(d))
}

// UnmarshalJSON reads "mutual" or {from, to}.
func (d *Direction) UnmarshalJSON(b []byte) error {
	if string(bytes.TrimSpace(b)) == `"mutual"` {
		*d = Direction{}
		return nil
	}
	type plain Direction
	if err := json.Unmarshal(b, (*plain)(d), json.RejectUnknownMembers(true)); err != nil {
		return fault.New(fault.SchemaType, `direction is "mutual" or {"from": [...], "to": [...]}`)
	}
	if len(d.From) == 0 || len(d.To) == 0 {
		return fault.New(fault.SchemaLength, "a direction names both sides")
	}
	return nil
}
