package evidence

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"time"

	"accord/internal/fault"
	"accord/internal/strictjson"
	"accord/ledger"
	"accord/signing"
)

// Version is the version of every message of this package; a change of meaning
// gets a new one.
const Version = 1

// NewJTI returns a fresh identifier of a message: 128 random bits, base64url.
func NewJTI() string {
	var b [16]byte
	rand.Read(b[:]) // never fails (Go 1.24)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// payload returns the RFC 8785 form of a message.
func payload(v any) ([]byte, error) {
	b, err := strictjson.CanonicalOf(v)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "make the payload of a message")
	}
	return b, nil
}

// seal signs the payload of a message as a compact JWS of a typ.
func seal(v any, typ string, s *signing.Signer, now time.Time) ([]byte, error) {
	b, err := payload(v)
	if err != nil {
		return nil, err
	}
	return s.Sign(b, signing.Header{Typ: typ, IssuedAt: now})
}

// open verifies a compact JWS of a typ with the keys of its signer and reads
// its payload strictly. at is the time at which the key must have been good:
// now, or the time at which the message is proven to have existed.
func open(raw []byte, typ string, keys []*signing.Key, at time.Time, v any) error {
	m, key, err := signing.VerifyCompact(raw, typ, documentKeys(keys))
	if err != nil {
		return err
	}
	if err := key.GoodAt(at); err != nil {
		return err
	}
	return strictjson.Unmarshal(m.Payload, v)
}

// message is what each payload can do: say what is wrong with its members.
type message[T any] interface {
	*T
	check() error
}

// parse reads a payload strictly and checks its members.
func parse[T any, M message[T]](src []byte) (*T, error) {
	v := new(T)
	if err := strictjson.Unmarshal(src, v); err != nil {
		return nil, err
	}
	if err := M(v).check(); err != nil {
		return nil, err
	}
	return v, nil
}

// openAs is open for a message whose members are checked.
func openAs[T any, M message[T]](raw []byte, typ string, keys []*signing.Key, at time.Time) (*T, error) {
	v := new(T)
	if err := open(raw, typ, keys, at, v); err != nil {
		return nil, err
	}
	if err := M(v).check(); err != nil {
		return nil, err
	}
	return v, nil
}

// documentKeys leaves out the keys that may not sign messages (wire.md: a key
// has one use). A key of a JWKS has no use of ours; only those for messages are
// published there.
func documentKeys(keys []*signing.Key) []*signing.Key {
	var out []*signing.Key
	for _, k := range keys {
		if k.Use == signing.UseDoc || k.Use == "" {
			out = append(out, k)
		}
	}
	return out
}

// isJSON says whether a message came as its bare payload.
func isJSON(raw []byte) bool {
	text := strings.TrimLeft(string(raw[:min(len(raw), 64)]), " \t\r\n")
	return strings.HasPrefix(text, "{")
}

// form collects what is wrong with the members of a message.
type form struct{ faults fault.List }

// need reports a required member that is absent or empty.
func (f *form) need(present bool, at string) {
	if !present {
		f.faults = append(f.faults, fault.At(fault.SchemaMissingField, at, "this member is required"))
	}
}

// match reports a member that does not have its form.
func (f *form) match(ok bool, at, detail string) {
	if !ok {
		f.faults = append(f.faults, fault.At(fault.SchemaFormat, at, detail))
	}
}

// version reports a version that this program does not know.
func (f *form) version(ver int) { f.match(ver == Version, "/ver", "not version 1") }

// instant reports a required time that is absent or not RFC 3339 in UTC.
func (f *form) instant(t, at string) {
	_, err := parseInstant(t)
	f.need(t != "", at)
	f.match(t == "" || err == nil, at, "not a time of RFC 3339 in UTC with Z")
}

func (f *form) err() error { return f.faults.ErrorOrNil() }

// parseInstant reads a time of our messages.
func parseInstant(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || !strings.HasSuffix(s, "Z") {
		return time.Time{}, fault.Wrap(err, fault.SchemaFormat, "not a time of RFC 3339 in UTC with Z")
	}
	return t, nil
}

// instant writes a time of our messages, "" for the zero time.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ledger.FormatTime(t)
}
