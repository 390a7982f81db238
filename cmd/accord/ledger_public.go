package main

import (
	"context"
	"fmt"
	"time"

	"accord/client"
	"accord/internal/fault"
	"accord/ledger"
)

// publicAudit is what a check of the published ledger found. Its members are
// those of storage.Audit as far as a stranger can know them.
type publicAudit struct {
	Entries  uint64   `json:"entries"`
	Root     string   `json:"root"`
	Problems []string `json:"problems"`
	Gateway  string   `json:"gateway"` // URL that was asked

	last time.Time // of the entry before
}

// maxPublicProblems bounds what is listed; who has more has one problem.
const maxPublicProblems = 100

func (p *publicAudit) note(format string, args ...any) {
	if len(p.Problems) < maxPublicProblems {
		p.Problems = append(p.Problems, fmt.Sprintf(format, args...))
	}
}

// checkRunning audits what the gateway that runs on a home publishes: each
// entry is a leaf, their times never go back, and their tree is the one that
// the key of the home signed.
func checkRunning(e *env, h home) error {
	cfg, err := h.config()
	if err != nil {
		return err
	}
	note, err := h.noteSigner(cfg)
	if err != nil {
		return err
	}
	keys, err := ledger.NewVKeys(note.VKey())
	if err != nil {
		return err
	}
	cl, err := e.running(h, cfg)
	if err != nil {
		return err
	}
	found, err := auditPublic(e, cl, keys)
	if err != nil {
		return err
	}
	if e.format == "json" {
		err = e.printJSON(found)
	} else {
		e.printf("%d entries, root %s\n", found.Entries, found.Root)
		for _, p := range found.Problems {
			e.printf("problem: %s\n", p)
		}
		if len(found.Problems) == 0 {
			e.printf("every published entry agrees with the checkpoint that the gateway signs\n")
		}
	}
	if err == nil && len(found.Problems) > 0 {
		return statusError(exitFailed)
	}
	return err
}

func auditPublic(e *env, cl *client.Client, keys *ledger.VKeys) (*publicAudit, error) {
	p := &publicAudit{Problems: []string{}, Gateway: cl.Base()}
	res, err := cl.Get(e.ctx, "/v1/ledger/checkpoint", nil, "")
	if err != nil {
		return nil, err
	}
	head, err := keys.Open(res.Body)
	if err != nil {
		p.note("checkpoint: %v", err)
		return p, nil
	}
	p.Entries, p.Root = head.Size, head.Root.String()
	progress := progressBar(e, head.Size)
	tree := ledger.NewTree(nil)
	for n := uint64(0); n*ledger.TileWidth < head.Size; n++ {
		width := int(min(head.Size-n*ledger.TileWidth, ledger.TileWidth))
		entries, err := bundle(e.ctx, cl, n, width)
		if err != nil {
			return nil, err
		}
		for i, entry := range entries {
			p.entry(n*ledger.TileWidth+uint64(i), entry)
			tree.Append(ledger.LeafHash(entry))
		}
		if progress != nil {
			progress(tree.Size())
		}
	}
	if tree.Head() != head.Head {
		p.note("the tree of the entries has the root %s, not the one that was signed", tree.Head().Root)
	}
	return p, nil
}

// entry holds an entry against the form of leaves and the entry before it.
func (p *publicAudit) entry(index uint64, entry []byte) {
	leaf, err := ledger.ParseLeaf(entry)
	if err != nil {
		p.note("entry %d: %v", index, err)
		return
	}
	at, err := time.Parse(time.RFC3339Nano, leaf.Time)
	if err != nil || at.Before(p.last) {
		p.note("entry %d: its time %s is before that of the entry before it", index, leaf.Time)
		return
	}
	p.last = at
}

// bundle fetches one bundle of entries. A log that has grown since may have the
// whole bundle only (C2SP tlog-tiles, "Partial Tiles").
func bundle(ctx context.Context, cl *client.Client, n uint64, width int) ([][]byte, error) {
	res, err := cl.Get(ctx, "/v1/ledger/"+ledger.EntriesPath(n, width), nil, "")
	if err != nil && width < ledger.TileWidth {
		if whole, wholeErr := cl.Get(ctx, "/v1/ledger/"+ledger.EntriesPath(n, ledger.TileWidth), nil, ""); wholeErr == nil {
			res, err = whole, nil
		}
	}
	if err != nil {
		return nil, err
	}
	entries, err := ledger.ParseBundle(res.Body)
	if err != nil {
		return nil, err
	}
	if len(entries) < width {
		return nil, fault.Newf(fault.HTTPUnavailable, "the gateway gave %d of %d entries from %d on", len(entries), width, n*ledger.TileWidth)
	}
	return entries[:width], nil
}
