package ledger

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"accord/internal/fault"
)

// maxNote bounds a signed checkpoint: three lines and some witnesses.
const maxNote = 64 << 10

// Checkpoint is a tree head under the name of its log (C2SP tlog-checkpoint).
// It carries no time and Ed25519 is deterministic, so all gateways of one log
// sign the same octets.
type Checkpoint struct {
	Origin string
	Head
}

// Text returns the three lines that are signed.
func (c Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatUint(c.Size, 10) + "\n" +
		base64.StdEncoding.EncodeToString(c.Root[:]) + "\n"
}

// parseCheckpoint reads the text of a note. Extension lines are allowed and
// ignored (C2SP tlog-checkpoint: they are opaque, not empty).
func parseCheckpoint(text string) (Checkpoint, error) {
	malformed := fault.New(fault.LedgerProofInvalid, "malformed checkpoint")
	body, ok := strings.CutSuffix(text, "\n")
	lines := strings.Split(body, "\n")
	if !ok || len(lines) < 3 {
		return Checkpoint{}, malformed
	}
	for _, line := range lines {
		if line == "" {
			return Checkpoint{}, malformed
		}
	}
	size, err := parseDecimal(lines[1])
	if err != nil || size > maxSize {
		return Checkpoint{}, malformed
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return Checkpoint{}, malformed
	}
	return Checkpoint{Origin: lines[0], Head: Head{Size: size, Root: root}}, nil
}

// PeekHead returns the head of a signed checkpoint without verifying anything.
func PeekHead(signed []byte) (Head, error) {
	text, _, ok := strings.Cut(string(signed), "\n\n")
	if !ok {
		return Head{}, fault.New(fault.LedgerProofInvalid, "malformed checkpoint")
	}
	c, err := parseCheckpoint(text + "\n")
	return c.Head, err
}

// parseDecimal reads an ASCII decimal without leading zeros.
func parseDecimal(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil || strconv.FormatUint(n, 10) != s {
		return 0, errors.New("not a decimal without leading zeros")
	}
	return n, nil
}

// parseHash reads a hash in standard base64 in its one form.
func parseHash(s string) (h Hash, err error) {
	if len(s) != 44 {
		return h, errors.New("not 32 octets in base64")
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, errors.New("not 32 octets in base64")
	}
	return Hash(b), nil
}

// NoteSigner signs the checkpoints of one log with its Ed25519 key.
type NoteSigner struct {
	signer ed25519Signer
	vkey   string
}

// NewNoteSigner returns the signer of the log named origin. The name of the key
// is the origin (C2SP tlog-checkpoint).
func NewNoteSigner(origin string, key ed25519.PrivateKey) (*NoteSigner, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fault.New(fault.KeyRejected, "the log key is not an Ed25519 private key")
	}
	vkey, err := note.NewEd25519VerifierKey(origin, key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, fault.Wrap(err, fault.KeyRejected, "the origin cannot be the name of a note's key")
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, fault.Wrap(err, fault.KeyRejected, "the origin cannot be the name of a note's key")
	}
	return &NoteSigner{signer: ed25519Signer{origin, v.KeyHash(), key}, vkey: vkey}, nil
}

// Origin returns the name of the log.
func (s *NoteSigner) Origin() string { return s.signer.name }

// VKey returns the public key as published in discovery and the trust list.
func (s *NoteSigner) VKey() string { return s.vkey }

// KeyHash returns the number that names the key in a signed note.
func (s *NoteSigner) KeyHash() uint32 { return s.signer.hash }

// KeyID returns the eight hexadecimal digits that name the key in vkey and
// signature.
func (s *NoteSigner) KeyID() string { return fmt.Sprintf("%08x", s.signer.hash) }

// Derive returns a secret that only who has the key of the log can make: for
// one purpose always the same, and it tells nothing of the key or of that for
// another purpose (HKDF, RFC 5869).
func (s *NoteSigner) Derive(purpose string) Secret {
	raw, err := hkdf.Key(sha256.New, s.signer.key.Seed(), nil, purpose, len(Secret{}))
	if err != nil {
		panic(err) // only for lengths that cannot be (RFC 5869, section 2.3)
	}
	return Secret(raw)
}

// Sign returns the signed checkpoint of a head. The caller has noted the head
// in the signer's [Memory] before.
func (s *NoteSigner) Sign(head Head) ([]byte, error) {
	text := Checkpoint{Origin: s.signer.name, Head: head}.Text()
	signed, err := note.Sign(&note.Note{Text: text}, s.signer)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint %d: %w", head.Size, err)
	}
	return signed, nil
}

// ed25519Signer is a note.Signer: it signs the text of the note itself.
type ed25519Signer struct {
	name string
	hash uint32
	key  ed25519.PrivateKey
}

func (s ed25519Signer) Name() string                    { return s.name }
func (s ed25519Signer) KeyHash() uint32                 { return s.hash }
func (s ed25519Signer) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }

// VKeys are the public keys of one log that a verifier trusts.
type VKeys struct {
	origin string
	list   note.Verifiers
}

// NewVKeys reads vkeys (Ed25519). All must be of one log: the name of a key is
// the origin. Several are keys in succession.
func NewVKeys(vkeys ...string) (*VKeys, error) {
	var v VKeys
	var list []note.Verifier
	seen := make(map[uint32]bool)
	for _, text := range vkeys {
		one, err := note.NewVerifier(text)
		if err != nil {
			return nil, fault.Wrap(err, fault.KeyRejected, "not a C2SP vkey of Ed25519")
		}
		if v.origin == "" {
			v.origin = one.Name()
		}
		if one.Name() != v.origin {
			return nil, fault.New(fault.KeyRejected, "the vkeys are of different logs")
		}
		if !seen[one.KeyHash()] { // note refuses the same key twice as ambiguous
			seen[one.KeyHash()] = true
			list = append(list, one)
		}
	}
	if len(list) == 0 {
		return nil, fault.New(fault.KeyRejected, "no vkey")
	}
	v.list = note.VerifierList(list...)
	return &v, nil
}

// Origin returns the name of the log.
func (v *VKeys) Origin() string { return v.origin }

// Has says whether the key of an id, as a signed note shows it, is one of v.
func (v *VKeys) Has(key uint32) bool {
	_, err := v.list.Verifier(v.origin, key)
	return err == nil
}

// Open verifies a signed checkpoint and returns what it says. Some key of v
// must have signed and none may have signed wrongly; the origin line must be
// that of the log. Signature lines of others (witnesses) are ignored.
func (v *VKeys) Open(signed []byte) (Checkpoint, error) {
	if len(signed) > maxNote {
		return Checkpoint{}, fault.New(fault.LedgerProofInvalid, "checkpoint too long")
	}
	n, err := note.Open(signed, v.list)
	if err != nil {
		return Checkpoint{}, fault.Wrap(err, fault.LedgerProofInvalid, "no trusted key of the log signed this checkpoint")
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != v.origin {
		return Checkpoint{}, fault.New(fault.LedgerProofInvalid, "the checkpoint is of another log")
	}
	return c, nil
}

// PeekCheckpoint reads a signed checkpoint without verifying it: to find the
// log whose keys are needed, never to believe what it says.
func PeekCheckpoint(signed []byte) (Checkpoint, error) {
	text, _, ok := strings.Cut(string(signed), "\n\n")
	if !ok || len(signed) > maxNote {
		return Checkpoint{}, fault.New(fault.LedgerProofInvalid, "malformed checkpoint")
	}
	return parseCheckpoint(text + "\n")
}
