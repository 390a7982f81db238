package main

import (
	"context"
	"errors"
	"fmt"

	"accord/evidence"
	"accord/ledger"
)

// audit is made twice. A stranger computes both trees anew from the public
// entries and holds every receipt that was handed out against them; the two
// authorities have every record, body and view of their archives checked.
func (s *story) audit(ctx context.Context) error {
	s.say.step("An audit: by a stranger from the public entries, and by each authority from its archive")
	for _, g := range []*demoGateway{s.cn, s.nz} {
		if err := errors.Join(s.auditLog(ctx, g), s.auditArchive(ctx, g)); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) auditLog(ctx context.Context, g *demoGateway) error {
	head, err := s.head(ctx, g)
	if err != nil {
		return err
	}
	leaves, err := s.leaves(ctx, g, head.Size)
	if err != nil {
		return err
	}
	tree := ledger.NewTree(nil)
	tree.Append(leaves...)
	if err := want("root of the computed tree", tree.Head().Root, head.Root); err != nil {
		return err
	}
	held := 0
	for _, r := range s.receipts {
		if r.from != g {
			continue
		}
		if err := s.holds(ctx, r, leaves, tree); err != nil {
			return err
		}
		held++
	}
	s.say.fact("ledger", "%s: %d entries, root %s computed and signed alike", head.Origin, head.Size, head.Root)
	s.say.fact("receipts", "%d handed out: each leaf stands where its receipt says, each checkpoint is a prefix of the tree", held)
	return nil
}

func (s *story) auditArchive(ctx context.Context, g *demoGateway) error {
	report, err := g.archive.Verify(ctx, nil)
	if err != nil {
		return err
	}
	for _, p := range report.Problems {
		s.say.fact("problem", "%s", p)
	}
	s.say.fact("archive", "%d entries in %d batches, %d bodies: every record, digest, chain and view agrees", report.Entries, report.Batches, report.Bodies)
	return want("problems of the archive", len(report.Problems), 0)
}

// leaves reads the leaf hashes of a log from its bundles of entries.
func (s *story) leaves(ctx context.Context, g *demoGateway, size uint64) ([]ledger.Hash, error) {
	var leaves []ledger.Hash
	for n := uint64(0); n*ledger.TileWidth < size; n++ {
		width := min(size-n*ledger.TileWidth, ledger.TileWidth)
		res, err := g.operator.Get(ctx, "/v1/ledger/"+ledger.EntriesPath(n, int(width)), nil, "")
		if err != nil {
			return nil, err
		}
		entries, err := ledger.ParseBundle(res.Body)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if _, err := ledger.ParseLeaf(entry); err != nil {
				return nil, err
			}
			leaves = append(leaves, ledger.LeafHash(entry))
		}
	}
	return leaves, want("number of public entries", uint64(len(leaves)), size)
}

// holds says whether a receipt is about what stands in the tree, under a
// checkpoint that the tree contains.
func (s *story) holds(ctx context.Context, r demoReceipt, leaves []ledger.Hash, tree *ledger.Tree) error {
	receipt, err := evidence.ParseReceipt(r.raw)
	if err != nil {
		return err
	}
	leaf, err := receipt.Leaf()
	if err != nil {
		return err
	}
	proof, err := ledger.ParseProof(receipt.Proof)
	if err != nil {
		return err
	}
	at, err := ledger.PeekCheckpoint(proof.Checkpoint)
	if err != nil {
		return err
	}
	if receipt.Index() >= uint64(len(leaves)) {
		return fmt.Errorf("the receipt of index %d is about nothing in the ledger", receipt.Index())
	}
	root, err := tree.Snapshot().RootAt(ctx, at.Size)
	if err != nil {
		return err
	}
	return errors.Join(want("leaf of a receipt", leaf.Hash(), leaves[receipt.Index()]), want("root of a receipt", at.Root, root))
}
