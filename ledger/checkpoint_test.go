package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"accord/internal/fault"
	"accord/ledger"
)

func TestNoteSigner_signsTheSameOctetsAlways(t *testing.T) {
	t.Parallel()
	s := signer(t, origin, 1)
	head := ledger.Head{Size: 7, Root: leafHash(1)}
	a, err := s.Sign(head)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Sign(head)
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("two signatures of one head differ (%v)", err)
	}
	c, err := vkeys(t, s.VKey()).Open(a)
	if err != nil || c.Head != head || c.Origin != origin {
		t.Errorf("opened %v (%v)", c, err)
	}
	if peeked, err := ledger.PeekCheckpoint(a); err != nil || peeked != c {
		t.Errorf("peeked %v (%v)", peeked, err)
	}
	// x/mod reads the vkey and opens the note by itself.
	v, err := note.NewVerifier(s.VKey())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(a, note.VerifierList(v)); err != nil {
		t.Error(err)
	}
	if !strings.Contains(s.VKey(), "+"+s.KeyID()+"+") {
		t.Errorf("key id %s is not that of %s", s.KeyID(), s.VKey())
	}
}

func TestVKeys_openEitherOfTwoKeysInSuccession(t *testing.T) {
	t.Parallel()
	old, next, foreign := signer(t, origin, 1), signer(t, origin, 2), signer(t, origin, 3)
	keys := vkeys(t, old.VKey(), next.VKey(), old.VKey())
	head := ledger.Head{Size: 7, Root: leafHash(1)}
	for _, s := range []*ledger.NoteSigner{old, next} {
		signed, err := s.Sign(head)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Open(signed); err != nil {
			t.Error(err)
		}
	}
	signed, err := foreign.Sign(head)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Open(signed); fault.CodeOf(err) != fault.LedgerProofInvalid {
		t.Errorf("foreign key: %v", err)
	}
}

func TestVKeys_refuseWhatIsNotACheckpointOfTheLog(t *testing.T) {
	t.Parallel()
	s := signer(t, origin, 1)
	keys := vkeys(t, s.VKey())
	good, err := s.Sign(ledger.Head{Size: 7, Root: leafHash(1)})
	if err != nil {
		t.Fatal(err)
	}
	raw := rawSigner(t, origin, 1)
	root := strings.Split(string(good), "\n")[2]
	notes := map[string]string{
		"other origin":   "other.example/log\n7\n" + root + "\n",
		"leading zero":   origin + "\n07\n" + root + "\n",
		"negative size":  origin + "\n-7\n" + root + "\n",
		"huge size":      origin + "\n999999999999999999\n" + root + "\n",
		"short root":     origin + "\n7\n" + root[:40] + "\n",
		"two lines":      origin + "\n7\n",
		"empty line":     origin + "\n7\n" + root + "\n\nx\n",
		"url-safe root":  origin + "\n7\n" + strings.Repeat("_", 43) + "=\n",
		"root with bits": origin + "\n7\n" + strings.Repeat("A", 42) + "B=\n",
	}
	for name, text := range notes {
		signed, err := note.Sign(&note.Note{Text: text}, raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if c, err := keys.Open(signed); fault.CodeOf(err) != fault.LedgerProofInvalid {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
	extended, err := note.Sign(&note.Note{Text: origin + "\n7\n" + root + "\nextension\n"}, raw)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Open(extended); err != nil {
		t.Errorf("an extension line: %v", err)
	}
	for i := range good { // no octet can change
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if c, err := keys.Open(bad); err == nil {
			t.Errorf("octet %d changed: %v", i, c)
		}
	}
}

func TestNewVKeys_refusesOtherKeys(t *testing.T) {
	t.Parallel()
	a, b := signer(t, origin, 1).VKey(), signer(t, "other.example/log", 1).VKey()
	for _, list := range [][]string{{}, {""}, {"x"}, {a, b}, {a[:len(a)-4]}} {
		if _, err := ledger.NewVKeys(list...); fault.CodeOf(err) != fault.KeyRejected {
			t.Errorf("%q: %v", list, err)
		}
	}
	for _, name := range []string{"", "a b", "a+b"} {
		if _, err := ledger.NewNoteSigner(name, ed25519.NewKeyFromSeed(make([]byte, 32))); fault.CodeOf(err) != fault.KeyRejected {
			t.Errorf("origin %q: %v", name, err)
		}
	}
	if _, err := ledger.NewNoteSigner(origin, nil); fault.CodeOf(err) != fault.KeyRejected {
		t.Errorf("no key: %v", err)
	}
}

// rawSigner signs any text with the key that signer makes of the same seed.
func rawSigner(t *testing.T, name string, seed byte) note.Signer {
	t.Helper()
	b := make([]byte, ed25519.SeedSize)
	b[0] = seed
	key := ed25519.NewKeyFromSeed(b)
	vkey, err := note.NewEd25519VerifierKey(name, key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return anySigner{v, key}
}

type anySigner struct {
	note.Verifier
	key ed25519.PrivateKey
}

func (s anySigner) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }
