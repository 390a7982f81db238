package attestation

import "accord/internal/fault"

// FlagOf returns the flag for a boolean that is present.
func FlagOf(b bool) Flag {
	if b {
		return True
	}
	return False
}

// Bool returns the value of the flag; absent is the given default.
func (f Flag) Bool(absent bool) bool {
	switch f {
	case True:
		return true
	case False:
		return false
	default:
		return absent
	}
}

// MarshalJSON writes true or false, and null where the flag is absent, so that
// omitempty leaves it out.
func (f Flag) MarshalJSON() ([]byte, error) {
	switch f {
	case True:
		return []byte("true"), nil
	case False:
		return []byte("false"), nil
	default:
		return []byte("null"), nil
	}
}

// UnmarshalJSON reads true or false and nothing else.
func (f *Flag) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case "true":
		*f = True
	case "false":
		*f = False
	default:
		return fault.New(fault.SchemaType, "want true or false")
	}
	return nil
}
