package storage

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

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
	keys    *ledger.VKeys // of the log, now and before
	tree    *ledger.Tree
	hashes  memoryTiles
	before  *Batch            // without its entries; nil at the first
	last    map[string]*Entry // by key
	content map[string]uint64 // by kind and digest
	views   viewAudit
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
// views answer as the log says. What is wrong stands in the report; the error
// is only of what kept it from looking. It may run beside appending. A
// checkpoint that a former key of the log signed is verified if that key is
// known (Options.Former).
func (a *Archive) Verify(ctx context.Context, progress func(entries uint64)) (*Audit, error) {
	snap, base := a.Snapshot(), a.overlay.pin().base
	keys, err := ledger.NewVKeys(append([]string{a.opt.Signer.VKey()}, a.opt.Former...)...)
	if err != nil {
		return nil, err
	}
	u := &audit{
		archive: a, report: &Audit{Kinds: map[string]int{}, Problems: []string{}}, keys: keys,
		content: map[string]uint64{}, hashes: memoryTiles{}, last: map[string]*Entry{},
	}
	u.tree, u.views = ledger.NewTree(u.hashes), viewAudit{audit: u, base: min(base, snap.Size())}
	err = a.opt.Log.Batches(ctx, 0, true, func(b *Batch) error {
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
	if err == nil || errors.Is(err, errEnough) {
		err = u.views.end(ctx)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
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
	u.problem(fmt.Sprintf("batch %d, entry %d: %s", batch, index, detail))
}

func (u *audit) problem(text string) {
	if len(u.report.Problems) < maxProblems {
		u.report.Problems = append(u.report.Problems, text)
	}
}

func (u *audit) check(ctx context.Context, b *Batch) error {
	for _, detail := range u.batch(b) {
		u.note(b.Number, b.Base, detail)
	}
	for i, e := range b.Entries {
		for _, detail := range u.entry(b, e, b.Bodies[i]) {
			u.note(b.Number, e.Index, detail)
		}
	}
	full := u.tree.Append(hashes(b.Entries)...)
	for _, t := range full {
		u.hashes[tileID{t.Level, t.N}] = t.Data
	}
	u.report.Batches, u.report.Entries = b.Number+1, b.End()
	u.before = &Batch{Key: b.Key, Time: b.Time, Seal: b.Seal}
	return u.views.add(ctx, b.Entries, full)
}

// batch returns what is wrong with a batch by itself and after the one before.
func (u *audit) batch(b *Batch) (wrong []string) {
	if b.Number != u.report.Batches || b.Base != u.tree.Size() || b.Previous != u.tree.Head() {
		wrong = append(wrong, "the batch does not follow the one before it")
	}
	if u.before == nil || b.Base == 0 {
		return wrong
	}
	if u.before.Seal {
		wrong = append(wrong, "the batch follows the seal")
	}
	if b.Time.Before(u.before.Time) {
		wrong = append(wrong, "the time went back")
	}
	if !u.checkpoint(b) {
		wrong = append(wrong, "the checkpoint it has of the batch before is not that of its head and key")
	}
	return wrong
}

// checkpoint says whether the signed checkpoint that a batch has of the one
// before it is of the right head and key, and signed if the key is known.
func (u *audit) checkpoint(b *Batch) bool {
	head, err := ledger.PeekHead(b.Checkpoint)
	if err != nil || head != b.Previous || !signedBy(b.Checkpoint, u.archive.opt.Signer.Origin(), u.before.Key) {
		return false
	}
	if !u.keys.Has(u.before.Key) {
		return true
	}
	_, err = u.keys.Open(b.Checkpoint)
	return err == nil
}

// signedBy says whether a signed note has one line only, of the key and in its
// one form, whatever the signature (C2SP signed-note: a name, then base64 of key
// id and signature).
func signedBy(note []byte, name string, key uint32) bool {
	_, line, ok := strings.Cut(string(note), "\n\n")
	text, found := strings.CutPrefix(line, "\u2014 "+name+" ")
	text, ended := strings.CutSuffix(text, "\n")
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	return ok && found && ended && err == nil && base64.StdEncoding.EncodeToString(raw) == text &&
		len(raw) > 4 && binary.BigEndian.Uint32(raw) == key
}
