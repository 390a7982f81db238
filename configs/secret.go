package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"accord/internal/obs"
)

// SecretRef names the place of a secret. It may be printed: the place is no
// secret, and it cannot hold anything else.
type SecretRef struct {
	scheme string // "file" or "env", "" for none
	place  string // path or name
}

var environmentName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// parseSecret reads a reference; a relative path is one from dir. Its error
// does not repeat the value.
func parseSecret(value, dir string) (SecretRef, error) {
	scheme, place, ok := strings.Cut(value, ":")
	switch {
	case ok && scheme == "file" && place != "":
		return SecretRef{scheme, under(dir, place)}, nil
	case ok && scheme == "env" && environmentName.MatchString(place):
		return SecretRef{scheme, place}, nil
	default:
		return SecretRef{}, errors.New("must be file:PATH or env:NAME; a secret itself never stands in the file")
	}
}

// under makes a path of the file one from the working directory.
func under(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

// String returns the reference as it is written, with its path resolved.
func (r SecretRef) String() string {
	if r.scheme == "" {
		return ""
	}
	return r.scheme + ":" + r.place
}

// LogValue returns the reference.
func (r SecretRef) LogValue() slog.Value { return slog.StringValue(r.String()) }

// maxSecret bounds what is read as a secret: an RSA key of 16,384 bits in PEM
// has 13 KB.
const maxSecret = 64 << 10

// Resolve reads the secret. One line break at its end, as editors leave it, is
// not part of it.
func (r SecretRef) Resolve() (obs.Secret, error) {
	var value []byte
	switch r.scheme {
	case "file":
		f, err := os.Open(r.place)
		if err != nil {
			return obs.Secret{}, fmt.Errorf("read a secret: %w", err)
		}
		defer f.Close()
		if value, err = io.ReadAll(io.LimitReader(f, maxSecret+1)); err != nil {
			return obs.Secret{}, fmt.Errorf("read a secret: %w", err)
		}
		if len(value) > maxSecret {
			return obs.Secret{}, fmt.Errorf("read a secret: %s is larger than %d bytes", r.place, maxSecret)
		}
	case "env":
		value = []byte(os.Getenv(r.place))
	default:
		return obs.Secret{}, errors.New("read a secret: none is configured")
	}
	value = bytes.TrimSuffix(bytes.TrimSuffix(value, []byte("\n")), []byte("\r"))
	if len(value) == 0 {
		return obs.Secret{}, fmt.Errorf("read a secret: %s is empty", r)
	}
	return obs.NewSecret(value), nil
}
