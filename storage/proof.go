package storage

import (
	"context"
	"sync"

	"accord/internal/fault"
	"accord/ledger"
)

// keptNotes bounds the signed checkpoints that are kept: a batch's is asked for
// once for each of its entries, and soon after.
const keptNotes = 256

// Checkpoint signs the size that is shown, after the memory has noted it.
func (a *Archive) Checkpoint() ([]byte, error) {
	if a.reign.over() {
		return nil, errSucceeded
	}
	head := a.Snapshot().Head()
	if err := a.opt.Memory.Note(head); err != nil {
		return nil, err
	}
	return a.note(head)
}

// note signs a head that the memory has noted. Ed25519 is deterministic and a
// checkpoint carries no time, so what is kept is what would be made again. The
// first who asks signs; the others wait for it.
func (a *Archive) note(head ledger.Head) ([]byte, error) {
	a.mu.Lock()
	n, ok := a.notes[head.Size]
	if !ok {
		if len(a.notes) >= keptNotes {
			clear(a.notes)
		}
		n = sync.OnceValues(func() ([]byte, error) { return a.opt.Signer.Sign(head) })
		a.notes[head.Size] = n
	}
	a.mu.Unlock()
	return n()
}

// Proof returns the proof of an entry against the checkpoint of its own batch:
// the same text for ever and from every gateway, whichever key the log has now.
func (a *Archive) Proof(ctx context.Context, e *Entry) (string, error) {
	return a.receipt(ctx, a.Snapshot(), e)
}

func (a *Archive) receipt(ctx context.Context, s *ledger.Snapshot, e *Entry) (string, error) {
	rec, err := e.Parsed()
	if err != nil {
		return "", err
	}
	return a.proof(ctx, s, e.Index, e.BatchEnd, func(head ledger.Head) ([]byte, error) { return a.signed(ctx, rec.Batch, head) })
}

// ProofAt returns the proof of an index at a size up to the newest, signed with
// the key that the log has now.
func (a *Archive) ProofAt(ctx context.Context, index, size uint64) (string, error) {
	s := a.Snapshot()
	if size == 0 {
		size = s.Size()
	}
	if size > s.Size() || index >= size {
		return "", fault.New(fault.ResourceNotFound, "the log is not that long")
	}
	if a.reign.over() {
		return "", errSucceeded
	}
	return a.proof(ctx, s, index, size, a.note)
}

func (a *Archive) proof(ctx context.Context, s *ledger.Snapshot, index, size uint64, sign func(ledger.Head) ([]byte, error)) (string, error) {
	root, err := s.RootAt(ctx, size)
	if err != nil {
		return "", err
	}
	path, err := s.Inclusion(ctx, index, size)
	if err != nil {
		return "", err
	}
	signed, err := sign(ledger.Head{Size: size, Root: root})
	if err != nil {
		return "", err
	}
	p := ledger.Proof{Index: index, Hashes: path, Checkpoint: signed}
	return p.String(), nil
}

// Tile returns a tile or an entry bundle of the log.
func (a *Archive) Tile(ctx context.Context, t ledger.Tile) ([]byte, error) {
	s := a.Snapshot()
	if !t.Entries {
		return s.Tile(ctx, t)
	}
	from := t.N * ledger.TileWidth
	if from+uint64(t.Width) > s.Size() {
		return nil, fault.New(fault.ResourceNotFound, "the log is not that long")
	}
	var out []byte
	for i := range uint64(t.Width) {
		e, err := a.At(ctx, from+i)
		if err != nil {
			return nil, err
		}
		out = ledger.AppendBundleEntry(out, e.Leaf)
	}
	return out, nil
}
