package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"accord/attestation"
	"accord/ledger"
)

// maxProblems bounds what one audit lists; who has more has one problem.
const maxProblems = 1000

// Audit is what Verify found.
type Audit struct {
	Batches  uint64         `json:"batches"`
	Entries  uint64         `json:"entries"`
	Bodies   uint64         `json:"bodies"`
	Root     string         `json:"root"`
	Kinds    map[string]int `json:"kinds"`
	Problems []string       `json:"problems"`
}

// audit is the state of one walk over the log.
type audit struct {
	archive *Archive
	report  *Audit
	tree    *ledger.Tree
	hashes  memoryTiles
	last    map[string]*Entry // by key
	content map[string]uint64 // by kind and digest
	base    uint64            // of the views when it began
}

// memoryTiles are the tiles of the recomputed tree.
type memoryTiles map[tileID][]byte

// ReadTile fulfils ledger.TileReader.
func (m memoryTiles) ReadTile(_ context.Context, level int, n uint64) ([]byte, error) {
	data, ok := m[tileID{level, n}]
	if !ok {
		return nil, fmt.Errorf("tile %d/%d was not recomputed", level, n)
	}
	return data, nil
}

// errEnough ends a walk at the size where it was to end.
var errEnough = errors.New("enough")

// Verify reads the whole log and recomputes what was signed: the tree of the
// records, the digest of every body, the chain of every subject, and that the
// views have each entry as the log has it. What is wrong stands in the report;
// the error is only of what kept it from looking. It may run beside appending.
func (a *Archive) Verify(ctx context.Context, progress func(entries uint64)) (*Audit, error) {
	snap, base := a.Snapshot(), a.overlay.pin().base
	u := &audit{archive: a, report: &Audit{Kinds: map[string]int{}, Problems: []string{}}, content: map[string]uint64{}, hashes: memoryTiles{}, last: map[string]*Entry{}, base: min(base, snap.Size())}
	u.tree = ledger.NewTree(u.hashes)
	err := a.opt.Log.Batches(ctx, 0, true, func(b *Batch) error {
		if b.End() > snap.Size() {
			return errEnough
		}
		if err := u.check(ctx, b); err != nil {
			return err
		}
		if progress != nil {
			progress(b.End())
		}
		return nil
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil && !errors.Is(err, errEnough) {
		u.note(u.report.Batches, u.tree.Size(), err.Error())
	}
	u.report.Root = u.tree.Head().Root.String()
	if u.tree.Head() != snap.Head() {
		u.note(u.report.Batches, u.tree.Size(), "the tree recomputed from the log is not the one that is shown")
	}
	if err := a.opt.Memory.Contained(ctx, a.Snapshot()); err != nil {
		u.note(u.report.Batches, u.tree.Size(), err.Error())
	}
	return u.report, nil
}

func (u *audit) note(batch, index uint64, detail string) {
	if len(u.report.Problems) < maxProblems {
		u.report.Problems = append(u.report.Problems, fmt.Sprintf("batch %d, entry %d: %s", batch, index, detail))
	}
}

func (u *audit) check(ctx context.Context, b *Batch) error {
	if b.Number != u.report.Batches || b.Base != u.tree.Size() || (b.Base > 0 && b.Previous != u.tree.Head()) {
		u.note(b.Number, b.Base, "the batch does not follow the one before it")
	}
	if detail := u.checkpoint(b); detail != "" {
		u.note(b.Number, b.Base, detail)
	}
	for i, e := range b.Entries {
		for _, detail := range u.entry(e, b.Bodies[i]) {
			u.note(b.Number, e.Index, detail)
		}
	}
	for _, t := range u.tree.Append(hashes(b.Entries)...) {
		u.hashes[tileID{t.Level, t.N}] = t.Data
	}
	u.report.Batches, u.report.Entries = b.Number+1, b.End()
	return u.views(ctx, b)
}

// checkpoint returns what is wrong with the signed checkpoint that a batch has
// of the one before it. Who can verify the signature is who has the key; here
// it has to be of the right head.
func (u *audit) checkpoint(b *Batch) string {
	if b.Base == 0 {
		return ""
	}
	head, err := ledger.PeekHead(b.Checkpoint)
	if err != nil || head != b.Previous {
		return "the checkpoint it has of the batch before is not that of its head"
	}
	return ""
}

// entry returns what is wrong with an entry by itself and after those before.
func (u *audit) entry(e *Entry, body []byte) (wrong []string) {
	rec, err := ledger.ParseRecord(e.Record)
	if err != nil {
		return []string{"record: " + err.Error()}
	}
	u.report.Kinds[string(rec.Kind)]++
	u.report.Bodies++
	content := string(rec.Kind) + " " + string(rec.Content)
	if at, ok := u.content[content]; ok {
		wrong = append(wrong, fmt.Sprintf("the content stands at %d already", at))
	}
	u.content[content] = e.Index
	leaf, err := rec.Leaf()
	if err != nil || !bytes.Equal(leaf.AppendEntry(nil), e.Leaf) {
		wrong = append(wrong, "the leaf is not that of the record")
	}
	if rec.Digest != attestation.DigestOf(body) {
		wrong = append(wrong, "the body does not have the digest of the record")
	}
	salt, err := ledger.ParseSecret(rec.Salt)
	if err != nil || ledger.AudienceHash(salt, e.Audience) != rec.Audience {
		wrong = append(wrong, "the audience is not the one of the record")
	}
	before := u.last[e.Key]
	switch {
	case before == nil && rec.Prev != nil, before != nil && (rec.Prev == nil || *rec.Prev != before.Index):
		wrong = append(wrong, "prev is not the entry before it of its subject")
	case before != nil && before.rec.Subject != rec.Subject:
		wrong = append(wrong, "the subject is not that of its first entry")
	}
	u.last[e.Key] = &Entry{Index: e.Index, rec: rec}
	return wrong
}

// views notes what the views do not have as the log has it.
func (u *audit) views(ctx context.Context, b *Batch) error {
	if b.End() > u.base {
		return nil
	}
	u.archive.views.RLock()
	defer u.archive.views.RUnlock()
	index := u.archive.opt.Index
	indexes := make([]uint64, len(b.Entries))
	for i, e := range b.Entries {
		indexes[i] = e.Index
	}
	seen, err := index.Entries(ctx, indexes)
	if err != nil {
		u.note(b.Number, b.Base, "the view cannot be read: "+err.Error())
		return ctx.Err()
	}
	found := map[uint64]*Entry{}
	for _, e := range seen {
		found[e.Index] = e
	}
	for _, e := range b.Entries {
		v := found[e.Index]
		if v == nil || !bytes.Equal(v.Record, e.Record) || !bytes.Equal(v.Leaf, e.Leaf) || v.Ref != e.Ref || v.BodyLen != e.BodyLen || v.BatchEnd != e.BatchEnd {
			u.note(b.Number, e.Index, "the view does not have the entry as the log has it")
			continue
		}
		keys, err := e.Lookups()
		if err != nil {
			continue // noted with the record
		}
		for _, k := range keys {
			at, err := index.Lookup(ctx, []int64{k}, e.Index+1, 1)
			if err != nil || len(at) == 0 || at[0] != e.Index {
				u.note(b.Number, e.Index, "the view does not find the entry by all its keys")
				break
			}
		}
	}
	return ctx.Err()
}
