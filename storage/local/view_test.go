package local_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"accord/attestation"
	"accord/ledger"
	"accord/storage/storagetest"
)

// viewed returns a home with some entries of every form and 300 of one, so that
// the view has full tiles, and the path of its view.
func viewed(t *testing.T) (*storagetest.Home, string) {
	t.Helper()
	dir := t.TempDir()
	h := storagetest.NewHome(t, opener(t, dir))
	for i := range 300 {
		d := h.Draft(t, fmt.Sprint("key ", i%40), fmt.Sprint("content ", i))
		switch i % 20 {
		case 2:
			d.Kind, d.Type, d.Status = ledger.KindStatus, "accord-status+jose", []byte(`{"status":"withdrawn"}`)
		case 3:
			d.Kind, d.Type, d.Audience = ledger.KindRegistry, "accord-registry+jose", nil
		case 4:
			d.Audience = []attestation.PartnerID{"alpha", "gamma"}
		}
		h.Put(t, d)
	}
	return h, filepath.Join(dir, "index.sqlite")
}

// statement changes a view with SQL; it must change something.
func statement(t *testing.T, path, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	res, err := db.Exec(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		t.Fatalf("%s: %d rows, %v", text, n, err)
	}
}

// change changes the form of a view with SQL.
func change(t *testing.T, path, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// xor is SQL that changes one octet of a blob: its first one becomes the last.
func xor(column string, at int) string {
	return fmt.Sprintf("%[1]s = CAST(substr(%[1]s, 1, %[2]d) || X'AB' || substr(%[1]s, %[2]d + 2) AS BLOB)", column, at)
}

// TestVerify_findsWhatWasChangedInTheView changes rows behind the back of the
// gateway. Each is found by the audit, or the view is made anew at open; a
// rebuild mends it.
func TestVerify_findsWhatWasChangedInTheView(t *testing.T) {
	t.Parallel()
	h, path := viewed(t)
	if err := h.Archive.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mended := 0
	for _, text := range []string{
		"UPDATE entries SET (ref, head_len, body_len) = (SELECT ref, head_len, body_len FROM entries WHERE idx = 18) WHERE idx = 17",
		"UPDATE entries SET ref = 1 << 40 WHERE idx = 17",
		"UPDATE entries SET head_len = head_len - 1 WHERE idx = 17",
		"UPDATE entries SET head_len = 1 << 40 WHERE idx = 17",
		"UPDATE entries SET " + xor("line", 5) + " WHERE idx = 17",
		"UPDATE entries SET " + xor("line", 60) + " WHERE idx = 17",
		"UPDATE entries SET line = (SELECT line FROM entries WHERE idx = 18) WHERE idx = 17",
		"UPDATE entries SET batch_end = batch_end + 1 WHERE idx = 17",
		"UPDATE entries SET ref = ref + 1 WHERE idx = 17",
		"UPDATE entries SET body_len = body_len - 1 WHERE idx = 17",
		"UPDATE entries SET kind = 2 WHERE idx = 17",
		"UPDATE entries SET kind = 1 WHERE kind = 2",
		"UPDATE entries SET audience = (SELECT audience FROM entries WHERE idx = 4) WHERE idx = 17",
		"UPDATE entries SET audience = 1 WHERE idx = 3",
		"DELETE FROM entries WHERE idx = 17",
		"DELETE FROM entries WHERE idx = 299",
		"UPDATE entries SET idx = 1000 WHERE idx = 17",
		"INSERT INTO entries SELECT 300, kind, audience, batch_end, ref, head_len, body_len, line FROM entries WHERE idx = 17",
		"DELETE FROM kinds WHERE idx = 22",
		"INSERT INTO kinds (kind, idx) VALUES (3, 17)",
		"DELETE FROM runs",
		"UPDATE runs SET data = X'00' WHERE n = (SELECT max(n) FROM runs)",
		"INSERT INTO filters (epoch, bits) VALUES (0, zeroblob(163840))",
		"UPDATE watermark SET size = 100000, batch = 300",
		"UPDATE runs SET " + xor("data", 12) + " WHERE n = (SELECT max(n) FROM runs)",
		"UPDATE audiences SET partners = 'alpha gamma' || ' beta' WHERE partners = 'alpha gamma'",
		"UPDATE audiences SET partners = 'alpha beta mallory' WHERE partners = 'alpha beta'",
		"UPDATE audiences SET partners = 'mallory alpha gamma' WHERE partners = 'alpha gamma'",
		"UPDATE audiences SET partners = 'mallory' WHERE partners = ''",
		"UPDATE audiences SET partners = 'beta alpha' WHERE partners = 'alpha beta'",
		"UPDATE audiences SET partners = 'alpha' WHERE partners = 'alpha beta'",
		"DELETE FROM tiles",
		"UPDATE tiles SET " + xor("data", 100),
		"UPDATE watermark SET root = zeroblob(32)",
		"UPDATE watermark SET size = size - 1",
		"UPDATE watermark SET batch = batch - 1",
		"UPDATE watermark SET size = size - 1, batch = batch - 1",
		"UPDATE watermark SET batch = batch + 1",
		"UPDATE watermark SET " + xor("frontier", 3),
		"DELETE FROM watermark",
	} {
		if err := swap(t, h, func() {
			if err := os.WriteFile(path, whole, 0o600); err != nil {
				t.Fatal(err)
			}
			statement(t, path, text)
		}); err != nil {
			// It has to be possible to mend it all the same.
			t.Errorf("%s: the archive does not open: %v", text, err)
			continue
		}
		r, err := h.Verify(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Problems) == 0 {
			mended++
			if !same(t, h) {
				t.Errorf("%s: nothing was found and the answers are wrong", text)
			}
		}
		if err := h.Rebuild(context.Background()); err != nil {
			t.Errorf("%s: rebuild: %v", text, err)
		}
		h.Sound(t)
		if h.Archive.Close() != nil {
			t.Fatal("close")
		}
	}
	t.Logf("%d were mended at open", mended)
}

// same says whether the view answers a few questions as it should.
func same(t *testing.T, h *storagetest.Home) bool {
	t.Helper()
	ctx := context.Background()
	lines, _, err := h.Feed(ctx, "gamma", 0, 1000)
	if err != nil || len(lines) != 15 {
		return false
	}
	s, err := h.Series(ctx, "key 17")
	if err != nil || len(s.Entries) != 8 {
		return false
	}
	h.Prove(t, 17)
	return true
}
