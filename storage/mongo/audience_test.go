package mongo

import (
	"errors"
	"testing"

	"accord/storage"
	"accord/storage/storagetest"
)

// TestEntryDoc_isForThePartnersOfTheLog: feeds are found by the field alone, so
// a partner that was put into it must be noticed when the entry is read.
func TestEntryDoc_isForThePartnersOfTheLog(t *testing.T) {
	t.Parallel()
	log, view := &storagetest.Log{}, &storagetest.Index{}
	h := storagetest.NewHome(t, func(testing.TB) (storage.Log, storage.Index) { return log, view })
	e := h.Put(t, h.Draft(t, "key", "content")).Entry
	for what, partners := range map[string][]string{
		"":                {"alpha", "beta"},
		"another partner": {"alpha", "beta", "mallory"},
		"one less":        {"alpha"},
		"nobody":          {},
		"another order":   {"beta", "alpha"},
	} {
		d, err := entryDocOf(e)
		if err != nil {
			t.Fatal(err)
		}
		d.For = partners
		if _, err := d.parse(); (err == nil) != (what == "") || (err != nil && !errors.Is(err, storage.ErrDamaged)) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
