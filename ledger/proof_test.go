package ledger_test

import (
	"context"
	"strings"
	"testing"

	"accord/internal/fault"
	"accord/ledger"
)

// provenEntry returns a proof of entry index in a log of a size.
func provenEntry(t testing.TB, s *ledger.NoteSigner, index, size uint64) *ledger.Proof {
	t.Helper()
	store := newTiles()
	tree := ledger.NewTree(store)
	grow(tree, store, size)
	hashes, err := tree.Snapshot().Inclusion(context.Background(), index, size)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := s.Sign(tree.Head())
	if err != nil {
		t.Fatal(err)
	}
	return &ledger.Proof{Index: index, Hashes: hashes, Checkpoint: signed}
}

func TestProof_travelsAsText(t *testing.T) {
	t.Parallel()
	s := signer(t, origin, 1)
	keys := vkeys(t, s.VKey())
	for _, c := range []struct{ index, size uint64 }{{0, 1}, {0, 2}, {5, 300}, {299, 300}} {
		p := provenEntry(t, s, c.index, c.size)
		text := p.String()
		lines := strings.Split(text, "\n")
		if lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") || lines[2+len(p.Hashes)] != "" {
			t.Errorf("not the form of C2SP:\n%s", text)
		}
		again, err := ledger.ParseProof(text)
		if err != nil {
			t.Fatal(err)
		}
		if again.String() != text {
			t.Errorf("read back\n%s\nwant\n%s", again, text)
		}
		head, err := again.Verify(keys, leafHash(c.index))
		if err != nil || head.Size != c.size {
			t.Errorf("%v: %v", c, err)
		}
		if _, err := again.Verify(keys, leafHash(c.index+1)); fault.CodeOf(err) != fault.LedgerProofInvalid {
			t.Errorf("%v: another leaf: %v", c, err)
		}
	}
}

func TestProof_extraDataStandsInTheSecondLine(t *testing.T) {
	t.Parallel()
	p := provenEntry(t, signer(t, origin, 1), 1, 3)
	p.Extra = []byte("the answer is 42")
	again, err := ledger.ParseProof(p.String())
	if err != nil || string(again.Extra) != string(p.Extra) {
		t.Fatalf("%v (%v)", again, err)
	}
	if !strings.HasPrefix(p.String(), "c2sp.org/tlog-proof@v1\nextra dGhlIGFuc3dlciBpcyA0Mg==\nindex 1\n") {
		t.Errorf("not the form of C2SP:\n%s", p)
	}
}

func TestParseProof_refusesEveryOtherForm(t *testing.T) {
	t.Parallel()
	good := provenEntry(t, signer(t, origin, 1), 1, 3).String()
	hash := strings.Split(good, "\n")[2]
	for name, bad := range map[string]string{
		"empty":            "",
		"other version":    strings.Replace(good, "@v1", "@v2", 1),
		"no index":         strings.Replace(good, "index 1\n", "", 1),
		"leading zero":     strings.Replace(good, "index 1", "index 01", 1),
		"negative":         strings.Replace(good, "index 1", "index -1", 1),
		"plus":             strings.Replace(good, "index 1", "index +1", 1),
		"huge":             strings.Replace(good, "index 1", "index 9223372036854775808", 1),
		"extra afterwards": strings.Replace(good, "index 1\n", "index 1\nextra AA==\n", 1),
		"empty extra":      strings.Replace(good, "index 1\n", "extra \nindex 1\n", 1),
		"extra with CR":    strings.Replace(good, "index 1\n", "extra AA\r==\nindex 1\n", 1),
		"hash with CR":     strings.Replace(good, hash, hash+"\r", 1),
		"short hash":       strings.Replace(good, hash, hash[:40], 1),
		"no checkpoint":    good[:strings.Index(good, "\n\n")+2],
		"too many hashes":  strings.Replace(good, hash, strings.Repeat(hash+"\n", 64)+hash, 1),
		"CRLF":             strings.ReplaceAll(good, "\n", "\r\n"),
	} {
		if bad == good {
			t.Errorf("%s: nothing changed", name)
		}
		if p, err := ledger.ParseProof(bad); fault.CodeOf(err) != fault.LedgerProofInvalid {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
}

func FuzzParseProof(f *testing.F) {
	s := signer(f, origin, 1)
	f.Add(provenEntry(f, s, 1, 3).String())
	f.Add(provenEntry(f, s, 0, 1).String())
	keys, leaf := vkeys(f, s.VKey()), leafHash(1)
	good := provenEntry(f, s, 1, 3)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ledger.ParseProof(text)
		if err != nil {
			return
		}
		if p.String() != text {
			t.Errorf("two texts of one proof: %q and %q", text, p)
		}
		c, err := p.Verify(keys, leaf)
		if err == nil && (c.Size != 3 || p.Index != good.Index) {
			t.Errorf("a proof of something else verifies: %v", c)
		}
	})
}
