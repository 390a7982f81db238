package storage

import (
	"context"
	"slices"

	"accord/attestation"
	"accord/internal/fault"
	"accord/ledger"
)

// Series is what the archive has under one key, at one log size.
type Series struct {
	Key     string
	Size    uint64   // the log size it is known at
	Entries []*Entry // in ledger order
}

// Guard returns the guard of a draft that rests on the series as it is here.
func (s Series) Guard() (Guard, error) {
	g := Guard{Key: s.Key, Size: s.Size}
	if len(s.Entries) == 0 {
		return g, nil
	}
	last := s.Entries[len(s.Entries)-1]
	rec, err := last.Parsed()
	if err != nil {
		return g, err
	}
	subject, err := ledger.ParseSecret(rec.Subject)
	if err != nil {
		return g, err
	}
	index := last.Index
	g.Prev, g.Subject = &index, &subject
	return g, nil
}

// Audience returns the set of the last entry: everybody who was ever in one of
// this series.
func (s Series) Audience() []attestation.PartnerID {
	if len(s.Entries) == 0 {
		return nil
	}
	return s.Entries[len(s.Entries)-1].Audience
}

// maxSeries bounds what is read of one key.
const maxSeries = 10_000

// Series returns every entry under a key.
func (a *Archive) Series(ctx context.Context, key string) (Series, error) {
	if s, ok := a.overlay.recall(key); ok {
		return s, nil
	}
	entries, size, err := a.find(ctx, []int64{lookupKey(byKey, key)}, 1<<63, maxSeries, func(e *Entry) bool { return e.Key == key })
	if err != nil {
		return Series{}, err
	}
	slices.Reverse(entries)
	s := Series{Key: key, Size: size, Entries: entries}
	if len(entries) > 0 {
		// Those of the views are this caller's own until they are remembered.
		for _, e := range entries {
			if e.rec == nil {
				if e.rec, err = ledger.ParseRecord(e.Record); err != nil {
					return Series{}, err
				}
			}
		}
		a.overlay.remember(s)
	}
	return s, nil
}

// ByContent returns the entry with a payload digest, nil for none.
func (a *Archive) ByContent(ctx context.Context, content attestation.Digest) (*Entry, error) {
	return a.one(ctx, byContent, string(content), func(r *ledger.Record) bool { return r.Content == content })
}

// ByDigest returns the newest entry with a digest of received octets, nil for
// none.
func (a *Archive) ByDigest(ctx context.Context, digest attestation.Digest) (*Entry, error) {
	return a.one(ctx, byDigest, string(digest), func(r *ledger.Record) bool { return r.Digest == digest })
}

func (a *Archive) one(ctx context.Context, kind byte, value string, match func(*ledger.Record) bool) (*Entry, error) {
	entries, _, err := a.find(ctx, []int64{lookupKey(kind, value)}, 1<<63, 2, func(e *Entry) bool {
		rec, err := e.Parsed()
		return err == nil && match(rec)
	})
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	return entries[0], nil
}

// Reader is on whose behalf a question is asked. The zero value sees nothing.
type Reader struct {
	partner attestation.PartnerID
	all     bool
}

// ReaderOf returns a partner as the reader: of the entries in whose audience it
// is.
func ReaderOf(p attestation.PartnerID) Reader { return Reader{partner: p} }

// Itself returns the gateway itself as the reader: of everything. What it tells
// others of it is its own decision.
func Itself() Reader { return Reader{all: true} }

// Sees says whether the reader may know of an entry.
func (r Reader) Sees(e *Entry) bool { return r.all || (r.partner != "" && e.Sees(r.partner)) }

// Search returns, newest first, the entries below before that the reader sees,
// that stand under all the terms and that keep says yes to: at most limit, after
// at most maxScan looked at. keep is never shown anything else. next is where to
// go on; 0 when there is nothing more.
func (a *Archive) Search(ctx context.Context, reader Reader, terms []string, before uint64, limit int, keep func(*Entry) bool) (found []*Entry, next uint64, err error) {
	keys := make([]int64, len(terms))
	for i, t := range terms {
		keys[i] = lookupKey(byTerm, t)
	}
	for scanned := 0; scanned < maxScan; {
		page, _, err := a.find(ctx, keys, before, searchPage, func(*Entry) bool { return true })
		if err != nil {
			return nil, 0, err
		}
		for _, e := range page {
			before = e.Index
			if !reader.Sees(e) || !hasTerms(e, terms) || !keep(e) {
				continue
			}
			if found = append(found, e); len(found) == limit {
				return found, before, nil
			}
		}
		if len(page) < searchPage {
			return found, 0, nil
		}
		scanned += len(page)
	}
	return found, before, nil
}

const (
	searchPage = 200
	maxScan    = 20_000 // what one request may look at; the cursor goes on from there
)

func hasTerms(e *Entry, terms []string) bool {
	for _, t := range terms {
		if !slices.Contains(e.Fields.Terms, t) {
			return false
		}
	}
	return true
}

// find looks in the overlay and then in the views, newest first.
func (a *Archive) find(ctx context.Context, keys []int64, before uint64, limit int, match func(*Entry) bool) ([]*Entry, uint64, error) {
	above, p := a.overlay.lookup(keys, before)
	var out []*Entry
	for _, i := range above {
		if i < p.base {
			continue
		}
		if e := p.entry(i); match(e) {
			if out = append(out, e); len(out) == limit {
				return out, p.size, nil
			}
		}
	}
	if p.base == 0 {
		return out, p.size, nil
	}
	a.views.RLock()
	defer a.views.RUnlock()
	below, err := a.opt.Index.Lookup(ctx, keys, min(before, p.base), limit-len(out))
	if err != nil {
		return nil, 0, err
	}
	entries, err := a.opt.Index.Entries(ctx, below)
	if err != nil {
		return nil, 0, err
	}
	for _, e := range entries {
		if match(e) {
			out = append(out, e)
		}
	}
	return out, p.size, nil
}

// At returns the entry at an index.
func (a *Archive) At(ctx context.Context, index uint64) (*Entry, error) {
	p := a.overlay.pin()
	if index >= p.size {
		return nil, fault.New(fault.ResourceNotFound, "the log is not that long")
	}
	if index >= p.base {
		return p.entry(index), nil
	}
	a.views.RLock()
	defer a.views.RUnlock()
	entries, err := a.opt.Index.Entries(ctx, []uint64{index})
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, fault.New(fault.ResourceNotFound, "there is no such entry")
	}
	return entries[0], nil
}

// Body returns the octets of an entry.
func (a *Archive) Body(ctx context.Context, e *Entry) ([]byte, error) {
	return a.opt.Log.Body(ctx, e.Ref, e.BodyLen)
}

// Feed returns, in ledger order, lines of what a partner may see from index
// after on, and the bound below which there is nothing else for it.
func (a *Archive) Feed(ctx context.Context, who attestation.PartnerID, after uint64, limit int) (lines []FeedLine, bound uint64, err error) {
	p := a.overlay.pin()
	if after < p.base {
		a.views.RLock()
		lines, err = a.opt.Index.Feed(ctx, who, after, p.base, limit)
		a.views.RUnlock()
		if err != nil {
			return nil, 0, err
		}
	}
	if len(lines) < limit {
		for _, e := range p.feed(who, after, limit-len(lines)) {
			text, err := AppendFeedLine(nil, e)
			if err != nil {
				return nil, 0, err
			}
			lines = append(lines, FeedLine{Index: e.Index, Hash: e.Hash(), JSON: text})
		}
	}
	if len(lines) == limit && limit > 0 {
		return lines, lines[limit-1].Index + 1, nil
	}
	return lines, p.size, nil
}

// Kinds calls f with every entry of a kind from an index on, in order.
func (a *Archive) Kinds(ctx context.Context, kind ledger.Kind, from uint64, f func(*Entry) error) error {
	const page = 500
	p := a.overlay.pin()
	for below := true; below && from < p.base; {
		a.views.RLock()
		entries, err := a.opt.Index.Kinds(ctx, kind, from, page)
		a.views.RUnlock()
		if err != nil {
			return err
		}
		for _, e := range entries {
			// The view may have grown since the overlay was pinned.
			if below = e.Index < p.base; !below {
				break
			}
			if err := f(e); err != nil {
				return err
			}
			from = e.Index + 1
		}
		below = below && len(entries) == page
	}
	for _, e := range p.entries {
		if e.Kind == kind && e.Index >= from {
			if err := f(e); err != nil {
				return err
			}
		}
	}
	return nil
}
