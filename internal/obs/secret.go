package obs

import (
	"fmt"
	"log/slog"
)

// redacted is what stands for a secret wherever one is written.
const redacted = "[secret]"

// Secret is a value that must not be written down. Every usual way to print or
// encode it gives a placeholder; Reveal is the one way to its content, and easy
// to search for.
type Secret struct{ value []byte }

// NewSecret returns a secret with that content, which it does not copy.
func NewSecret(value []byte) Secret { return Secret{value} }

// Reveal returns the content.
func (s Secret) Reveal() []byte { return s.value }

// IsZero reports whether there is no content.
func (s Secret) IsZero() bool { return len(s.value) == 0 }

// String returns a placeholder.
func (s Secret) String() string { return redacted }

// LogValue returns a placeholder.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns a placeholder; JSON and YAML encoders use it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Format writes a placeholder for every verb, %#v and %x among them.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

var (
	_ slog.LogValuer = Secret{}
	_ fmt.Formatter  = Secret{}
)
