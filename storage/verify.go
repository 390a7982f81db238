package storage

import (
	"context"
	"fmt"

	"accord/attestation"
	"accord/ledger"
)

// Audit is what Verify found.
type Audit struct {
	Batches  uint64         `json:"batches"`
	Entries  uint64         `json:"entries"`
	Bodies   uint64         `json:"bodies"`
	Root     string         `json:"root"`
	Kinds    map[string]int `json:"kinds"`
	Problems []string       `json:"problems"`
}

// maxProblems bounds the list; the count of what was read says how far it got.
const maxProblems = 100

func (a *Audit) problem(format string, args ...any) {
	if len(a.Problems) < maxProblems {
		a.Problems = append(a.Problems, fmt.Sprintf(format, args...))
	}
}

// Verify reads every batch of the log and holds it against everything that is
// said of it: records and leaves, bodies and digests, the order of subjects,
// the tree and its root, what the signer remembers, and that the views have
// each entry. Progress, where not nil, is told the entries read. It may run
// beside a working archive and judges what stood when it began.
func (a *Archive) Verify(ctx context.Context, progress func(entries uint64)) (*Audit, error) {
	out := &Audit{Kinds: map[string]int{}, Problems: []string{}}
	shown := a.Snapshot()
	tree := ledger.NewTree(a.freshTiles())
	last := map[string]uint64{}
	subjects := map[string]string{}
	contents := map[attestation.Digest]uint64{}
	err := a.opt.Log.Batches(ctx, 0, true, func(b *Batch) error {
		if b.Base >= shown.Size() {
			return errStop
		}
		if b.Number != out.Batches || b.Base != out.Entries {
			out.problem("batch %d begins at %d where batch %d and index %d are due", b.Number, b.Base, out.Batches, out.Entries)
		}
		if b.Base > 0 && b.Previous != tree.Head() {
			out.problem("batch %d does not follow the tree of the batch before", b.Number)
		}
		for i, e := range b.Entries {
			a.auditEntry(ctx, out, e, b.Bodies[i], last, subjects, contents)
		}
		tree.Append(hashes(b.Entries)...)
		out.Batches++
		out.Entries = b.End()
		if progress != nil {
			progress(out.Entries)
		}
		return nil
	})
	if err != nil && err != errStop {
		return out, err
	}
	head := tree.Head()
	out.Root = head.Root.String()
	if head != shown.Head() {
		out.problem("the root over the log is not the one that is shown: %d entries", head.Size)
	}
	if m := a.opt.Memory.Head(); m.Size > head.Size && m.Size <= shown.Size() {
		out.problem("the signer remembers %d entries, the log has %d", m.Size, head.Size)
	}
	return out, nil
}

// freshTiles reads tiles as the archive does; the audit's own tree needs none
// but those on its right edge, which it holds.
func (a *Archive) freshTiles() ledger.TileReader { return tiles{a} }

func (a *Archive) auditEntry(ctx context.Context, out *Audit, e *Entry, body []byte, last map[string]uint64, subjects map[string]string, contents map[attestation.Digest]uint64) {
	rec, err := e.Parsed()
	if err != nil {
		out.problem("entry %d: the record cannot be read: %v", e.Index, err)
		return
	}
	out.Kinds[string(rec.Kind)]++
	out.Bodies++
	leaf, err := rec.Leaf()
	if err != nil || string(leaf.AppendEntry(nil)) != string(e.Leaf) {
		out.problem("entry %d: the leaf is not made of the record", e.Index)
	}
	if attestation.DigestOf(body) != rec.Digest {
		out.problem("entry %d: the octets do not have the digest of the record", e.Index)
	}
	if prev, ok := last[e.Key]; ok != (rec.Prev != nil) || (ok && *rec.Prev != prev) {
		out.problem("entry %d: prev does not name the entry before it of the same subject", e.Index)
	}
	if s, ok := subjects[e.Key]; ok && s != rec.Subject {
		out.problem("entry %d: the subject changed", e.Index)
	}
	if at, ok := contents[rec.Content]; ok {
		out.problem("entry %d: the content stands at %d already", e.Index, at)
	}
	last[e.Key], subjects[e.Key], contents[rec.Content] = e.Index, rec.Subject, e.Index
	seen, err := a.At(ctx, e.Index)
	if err != nil || string(seen.Record) != string(e.Record) {
		out.problem("entry %d: the view does not have it; `accord archive rebuild` makes the views anew", e.Index)
	}
}

// Rebuild empties the views and fills them again from the log alone. It is
// called on an archive that was opened for that and serves nothing.
func (a *Archive) Rebuild(ctx context.Context) error {
	if err := a.flush(ctx); err != nil {
		return err
	}
	if err := a.opt.Index.Reset(ctx); err != nil {
		return err
	}
	tree := ledger.NewTree(tiles{a})
	return a.opt.Log.Batches(ctx, 0, false, func(b *Batch) error {
		full := tree.Append(hashes(b.Entries)...)
		s := tree.Snapshot()
		return a.opt.Index.Apply(ctx, b.Entries, full, Watermark{Batch: b.Number + 1, Size: s.Size(), Root: s.Head().Root, Frontier: s.Frontier()})
	})
}
