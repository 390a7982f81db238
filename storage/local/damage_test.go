package local_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"accord/ledger"
	"accord/storage"
	"accord/storage/local"
	"accord/storage/storagetest"
)

// damaged is an archive whose files are changed between two opens. Its view is
// in memory, so that thousands of opens take seconds; the view of a file has
// tests of its own.
type damaged struct {
	home    *storagetest.Home
	dir     string
	view    *storagetest.Index // put anew before each open
	entries []*storage.Entry   // of the whole journal
	mark    storage.Watermark
}

// newDamaged returns the archive of some entries of every form, closed.
func newDamaged(t *testing.T, roll int64) *damaged {
	t.Helper()
	d := &damaged{dir: t.TempDir(), view: &storagetest.Index{}}
	if err := local.CreateJournal(d.dir); err != nil {
		t.Fatal(err)
	}
	d.home = storagetest.NewHome(t, func(t testing.TB) (storage.Log, storage.Index) {
		j, err := local.OpenJournal(d.dir)
		if err != nil {
			t.Fatal(err)
		}
		if roll > 0 {
			j.SetRoll(roll)
		}
		return j, d.view
	})
	for i := range 6 {
		s := d.home.Draft(t, fmt.Sprint("key ", i%4), fmt.Sprint("content ", i))
		switch i {
		case 2:
			s.Kind, s.Type, s.Status = ledger.KindStatus, "accord-status+jose", []byte(`{"status":"withdrawn"}`)
		case 3:
			s.Kind, s.Type, s.Audience = ledger.KindRegistry, "accord-registry+jose", nil
		}
		d.home.Put(t, s)
		d.home.Clock.Add(1)
	}
	if err := d.home.Archive.Close(); err != nil {
		t.Fatal(err)
	}
	d.learn(t)
	return d
}

// learn reads what the view of the whole journal has.
func (d *damaged) learn(t *testing.T) {
	t.Helper()
	j := open(t, d.dir)
	defer j.Close()
	tree := ledger.NewTree(nil)
	err := j.Batches(context.Background(), 0, false, func(b *storage.Batch) error {
		for _, e := range b.Entries {
			tree.Append(e.Hash())
		}
		s := tree.Snapshot()
		d.entries = append(d.entries, b.Entries...)
		d.mark = storage.Watermark{Batch: b.Number + 1, Size: s.Size(), Root: s.Head().Root, Frontier: s.Frontier()}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// noticed says whether the archive does not open, or the audit finds something.
func (d *damaged) noticed(t *testing.T) bool {
	t.Helper()
	probe, err := local.OpenJournal(d.dir)
	if err != nil {
		return true
	}
	if err := probe.Close(); err != nil {
		t.Fatal(err)
	}
	d.view = &storagetest.Index{}
	if err := d.view.Apply(context.Background(), d.entries, nil, d.mark); err != nil {
		t.Fatal(err)
	}
	if d.home.Reopen(t) != nil {
		return true
	}
	r, err := d.home.Verify(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.home.Archive.Close(); err != nil {
		t.Fatal(err)
	}
	return len(r.Problems) > 0
}

// head offsets (frame.go): what nothing depends on.
const (
	headTime  = 8
	headNonce = 16
	headPrev  = 32
	headSeal  = 72
	headCount = 73
	headKey   = 77
	headSigns = 81
)

// TestVerify_findsEveryOctet changes single octets of the journal and makes
// every checksum good again, so that nothing but the audit can see it.
func TestVerify_findsEveryOctet(t *testing.T) {
	t.Parallel()
	d := newDamaged(t, 0)
	if d.noticed(t) {
		t.Fatal("the audit finds something wrong in what is whole")
	}
	path := filepath.Join(d.dir, "journal", "0000000000000000.seg")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	step := 7
	if os.Getenv("ACCORD_FAILPOINTS_ALL") != "" {
		step = 1
	}
	missed, tried := 0, 0
	batches := local.FrameBodies(whole)
	for n, frames := range batches {
		last := n == len(batches)-1
		for f, frame := range frames {
			for at := frame[0] + n%step; at < frame[1]; at += step {
				if f == 0 && indifferent(at-frame[0], last) {
					continue
				}
				spoilt := append([]byte(nil), whole...)
				spoilt[at] ^= 1 << (at % 8)
				local.Reseal(spoilt)
				if err := os.WriteFile(path, spoilt, 0o600); err != nil {
					t.Fatal(err)
				}
				if tried++; !d.noticed(t) {
					missed++
					t.Errorf("batch %d, frame %d, octet %d of %d is not noticed: %q", n, f, at-frame[0], frame[1]-frame[0], around(whole, at))
				}
			}
		}
	}
	t.Logf("%d octets changed, %d not noticed", tried, missed)
}

// indifferent says of an octet of a batch's head that nothing depends on it:
// what is below a millisecond of the time, the nonce once the batch stands, and
// of the last batch what the next one would prove.
func indifferent(at int, last bool) bool {
	switch {
	case at >= headTime+5 && at < headNonce:
		return true
	case at >= headNonce && at < headPrev:
		return true
	}
	return last && (at == headSeal || (at >= headKey && at < headSigns))
}

func around(b []byte, at int) []byte { return b[max(0, at-12):min(len(b), at+12)] }

// TestVerify_findsWhatSegmentsLack deletes, cuts and changes whole segments.
func TestVerify_findsWhatSegmentsLack(t *testing.T) {
	t.Parallel()
	d := newDamaged(t, 1) // each batch begins a segment
	names, err := filepath.Glob(filepath.Join(d.dir, "journal", "*.seg"))
	if err != nil || len(names) != 6 {
		t.Fatalf("%d segments, %v", len(names), err)
	}
	whole := map[string][]byte{}
	for _, name := range names {
		if whole[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	put := func() {
		for name, b := range whole {
			if err := os.WriteFile(name, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, name := range names {
		b := whole[name]
		for what, act := range map[string]func() error{
			"deleted":                 func() error { return os.Remove(name) },
			"emptied":                 func() error { return os.Truncate(name, 0) },
			"cut in the middle":       func() error { return os.Truncate(name, local.BatchEnd(b, 0)/2) },
			"cut before its mark":     func() error { return os.Truncate(name, local.BatchEnd(b, 0)-8) },
			"filled with zeros":       func() error { return os.WriteFile(name, make([]byte, len(b)), 0o600) },
			"longer by what is not":   func() error { return os.WriteFile(name, append(b[:len(b):len(b)], "more"...), 0o600) },
			"doubled":                 func() error { return os.WriteFile(name, append(b[:len(b):len(b)], b...), 0o600) },
			"that of another":         func() error { return os.WriteFile(name, whole[names[(i+1)%len(names)]], 0o600) },
			"named as another number": func() error { return os.Rename(name, name[:len(name)-5]+"9.seg") },
		} {
			put()
			if err := act(); err != nil {
				t.Fatal(err)
			}
			noticed := d.noticed(t)
			// A torn end that was never acknowledged is left out without a word.
			if harmless := i == len(names)-1 && what == "longer by what is not"; noticed == harmless {
				t.Errorf("segment %d %s: noticed is %v", i, what, noticed)
			}
			if err := os.Remove(name[:len(name)-5] + "9.seg"); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
	}
	put()
	if d.noticed(t) {
		t.Error("the audit finds something wrong in what was put back")
	}
}
