package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"accord/attestation"
	"accord/ledger"
)

// auditStretch is how many entries of the views are asked for at a time: a
// question for each partner and kind costs little beside so many.
const auditStretch = 4096

// viewAudit asks the views every kind of question and compares the answers
// with what the log says.
type viewAudit struct {
	audit    *audit
	base     uint64 // of the views when the audit began
	entries  []*Entry
	tiles    []ledger.FullTile
	partners map[attestation.PartnerID]bool // in any audience so far
}

// add gathers the entries of a batch.
func (v *viewAudit) add(ctx context.Context, entries []*Entry, full []ledger.FullTile) error {
	if v.partners == nil {
		v.partners = map[attestation.PartnerID]bool{}
	}
	for _, e := range entries {
		if e.Index < v.base {
			v.entries = append(v.entries, e)
		}
		for _, p := range e.Audience {
			v.partners[p] = true
		}
	}
	v.tiles = append(v.tiles, full...)
	if len(v.entries) < auditStretch {
		return nil
	}
	return v.stretch(ctx)
}

// end compares the rest, and how far the views say they are.
func (v *viewAudit) end(ctx context.Context) error {
	if err := errors.Join(v.stretch(ctx), v.stray(ctx)); err != nil {
		return err
	}
	v.audit.archive.views.RLock()
	defer v.audit.archive.views.RUnlock()
	w, err := v.audit.archive.opt.Index.Watermark(ctx)
	if err != nil {
		return err
	}
	if w.Batch == 0 || w.Size > v.audit.tree.Size() {
		return nil // it is empty, or has grown since
	}
	if root, err := v.audit.tree.Snapshot().RootAt(ctx, w.Size); err != nil || root != w.Root {
		v.wrong(w.Size, "the watermark of the view is not the root of the log")
	}
	return nil
}

// stray looks for entries above the watermark of a view that does not grow
// meanwhile.
func (v *viewAudit) stray(ctx context.Context) error {
	v.audit.archive.projecting.Lock()
	defer v.audit.archive.projecting.Unlock()
	w, err := v.audit.archive.opt.Index.Watermark(ctx)
	if err != nil {
		return err
	}
	stray, err := v.audit.archive.stray(ctx, w)
	if stray {
		v.wrong(w.Size, "the view has entries above its watermark")
	}
	return err
}

func (v *viewAudit) wrong(index uint64, detail string) {
	v.audit.problem(fmt.Sprintf("view, entry %d: %s", index, detail))
}

// stretch compares what was gathered. The error is of what ends the audit.
func (v *viewAudit) stretch(ctx context.Context) error {
	v.audit.archive.views.RLock()
	defer v.audit.archive.views.RUnlock()
	questions := []func(context.Context) error{v.tileQuestions}
	if len(v.entries) > 0 {
		questions = append(questions, v.byIndex, v.byKeys, v.byKind, v.byPartner)
	}
	for _, ask := range questions {
		if err := ask(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			v.wrong(v.audit.tree.Size(), "the view cannot be read: "+err.Error())
		}
	}
	v.entries, v.tiles = nil, nil
	return nil
}

func (v *viewAudit) byIndex(ctx context.Context) error {
	indexes := make([]uint64, len(v.entries))
	for i, e := range v.entries {
		indexes[i] = e.Index
	}
	seen, err := v.audit.archive.opt.Index.Entries(ctx, indexes)
	v.compare("the view does not have the entry as the log has it", v.entries, seen)
	return err
}

// compare notes the entries that were not answered as they are.
func (v *viewAudit) compare(detail string, want, got []*Entry) {
	answered := make(map[uint64]*Entry, len(got))
	for _, e := range got {
		answered[e.Index] = e
	}
	for _, e := range want {
		if a := answered[e.Index]; a == nil || !alike(a, e) {
			v.wrong(e.Index, detail)
		}
		delete(answered, e.Index)
	}
	for index := range answered {
		v.wrong(index, detail)
	}
}

func alike(a, b *Entry) bool {
	return a.Ref == b.Ref && a.HeadLen == b.HeadLen && a.BodyLen == b.BodyLen && a.BatchEnd == b.BatchEnd &&
		bytes.Equal(AppendEntry(nil, a), AppendEntry(nil, b))
}

// byKeys asks for each key once: what a common word finds is long.
func (v *viewAudit) byKeys(ctx context.Context) error {
	from, to := v.bounds()
	want := map[int64][]uint64{}
	for _, e := range slices.Backward(v.entries) {
		keys, err := e.Lookups()
		if err != nil {
			continue // noted with the record
		}
		for _, k := range keys {
			if l := want[k]; len(l) == 0 || l[len(l)-1] != e.Index {
				want[k] = append(l, e.Index)
			}
		}
	}
	for k, indexes := range want {
		found, err := v.audit.archive.opt.Index.Lookup(ctx, []int64{k}, to, len(indexes)+1)
		if err != nil {
			return err
		}
		found = slices.DeleteFunc(found, func(i uint64) bool { return i < from })
		if !slices.Equal(found, indexes) {
			v.wrong(indexes[0], "the view does not find the entry, or one before it, by all its keys")
		}
	}
	return nil
}

func (v *viewAudit) byKind(ctx context.Context) error {
	from, to := v.bounds()
	for _, kind := range []ledger.Kind{ledger.KindAttestation, ledger.KindStatus, ledger.KindRegistry, ledger.KindDecision, ledger.KindMark, ledger.KindAck} {
		var want []*Entry
		for _, e := range v.entries {
			if e.Kind == kind {
				want = append(want, e)
			}
		}
		got, err := v.audit.archive.opt.Index.Kinds(ctx, kind, from, len(want)+1)
		if err != nil {
			return err
		}
		got = slices.DeleteFunc(got, func(e *Entry) bool { return e.Index >= to })
		v.compare(fmt.Sprintf("the view does not answer as the log has it for the kind %s", kind), want, got)
	}
	return nil
}

// byPartner reads the feed of everybody who was in an audience so far.
func (v *viewAudit) byPartner(ctx context.Context) error {
	from, to := v.bounds()
	for _, p := range slices.Sorted(maps.Keys(v.partners)) {
		var want []*Entry
		for _, e := range v.entries {
			if e.Sees(p) {
				want = append(want, e)
			}
		}
		got, err := v.audit.archive.opt.Index.Feed(ctx, p, from, to, len(want)+1)
		if err != nil {
			return err
		}
		for i := range max(len(want), len(got)) {
			if i < len(want) && i < len(got) && feedLineOf(got[i], want[i]) {
				continue
			}
			v.wrong(from, fmt.Sprintf("the view does not have the feed of %s as the log has it, from here on", p))
			break
		}
	}
	return nil
}

func feedLineOf(l FeedLine, e *Entry) bool {
	text, err := AppendFeedLine(nil, e)
	return err == nil && l.Index == e.Index && l.Hash == e.Hash() && bytes.Equal(l.JSON, text)
}

func (v *viewAudit) tileQuestions(ctx context.Context) error {
	var errs []error
	for _, t := range v.tiles {
		if tileEnd(t.Level, t.N) > v.base {
			continue
		}
		data, err := v.audit.archive.opt.Index.ReadTile(ctx, t.Level, t.N)
		if err == nil && !bytes.Equal(data, t.Data) {
			err = fmt.Errorf("tile %d/%d is not that of the log", t.Level, t.N)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// bounds are those of the entries that were gathered.
func (v *viewAudit) bounds() (from, to uint64) {
	return v.entries[0].Index, v.entries[len(v.entries)-1].Index + 1
}
