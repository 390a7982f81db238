package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"accord/client"
	"accord/evidence"
	"accord/ledger"
)

// pull is the first crossing: the certificate with its receipt.
func (s *story) pull(ctx context.Context) error {
	s.say.step("The New Zealand gateway pulls it, with its receipt, and holds the feed against the ledger")
	return s.cross(ctx, "ccc-vacuum", s.first.ID)
}

// cross pulls what is new for New Zealand, checks it and brings it into the
// gateway there: each entry with its receipt, then the high-water mark. name
// is for the receipt that it gets there; empty where no document came.
func (s *story) cross(ctx context.Context, name, id string) error {
	page, err := s.puller.Changes(ctx, client.FeedQuery{Cursor: s.cursor, Include: "message,receipt"})
	if err != nil {
		return err
	}
	if err := s.checkFeed(ctx, page); err != nil {
		return err
	}
	s.cursor = page.Next
	lines, err := page.Relay()
	if err != nil {
		return err
	}
	var index *uint64
	err = s.nz.operator.Batch(ctx, string(demoCN), lines, func(r client.LineResult) error {
		if r.Problem != nil {
			return r.Problem
		}
		if r.ID != "" {
			if err := want("series", r.ID, id); err != nil {
				return err
			}
			index = r.Index
		}
		return nil
	})
	if err != nil {
		return err
	}
	if index == nil {
		return errors.New("nothing came across")
	}
	s.say.fact("taken in", "index %d of the New Zealand ledger, and the mark as the freshness of the source", *index)
	if name == "" {
		return nil
	}
	return s.keepForeign(ctx, name, id)
}

// keepForeign keeps the receipt of the New Zealand gateway for the head of a
// series.
func (s *story) keepForeign(ctx context.Context, name, id string) error {
	path := "/v1/attestations/" + id
	receipt, err := s.nz.operator.Get(ctx, path+"/receipt", nil, "application/json")
	if err != nil {
		return err
	}
	original, err := s.nz.operator.Get(ctx, path+"/original", nil, "")
	if err != nil {
		return err
	}
	return s.keepReceipt("nz-"+name, s.nz, receipt.Body, original.Body, "")
}

// checkFeed holds a page against its signed mark and each receipt against its
// message: nothing was left out, nothing was added.
func (s *story) checkFeed(ctx context.Context, page *client.FeedPage) error {
	for _, l := range page.Lines {
		r, err := evidence.ParseReceipt(l.Receipt)
		if err != nil {
			return err
		}
		leaf, err := r.Leaf()
		if err != nil {
			return err
		}
		if err := s.reader.Add(l.Index, leaf.Hash()); err != nil {
			return err
		}
		var message string
		if err := json.Unmarshal(l.Message, &message); err != nil {
			return fmt.Errorf("read message: %w", err)
		}
		check := evidence.CheckReceipt(l.Receipt, evidence.Subject{Octets: []byte(message)}, []evidence.Log{s.cn.log}, s.env.now())
		if _, ok := check.Proven(); !ok {
			return check.Err()
		}
		s.say.fact("pulled", "%s, index %d, %s: receipt holds", l.Kind, l.Index, l.Digest)
	}
	mark, err := evidence.OpenHighWater([]byte(page.HighWater), s.cn.log.Keys, s.env.now())
	if err != nil {
		return err
	}
	keys, err := s.cn.keys()
	if err != nil {
		return err
	}
	at, err := s.reader.Check(mark, demoNZ, keys)
	if err != nil {
		return err
	}
	s.say.fact("high water", "%d entries for New Zealand before index %d, nothing left out; checkpoint of size %d\nchain %s", mark.Count, mark.To, at.Size, mark.Acc)
	now, err := s.head(ctx, s.cn)
	if err != nil {
		return err
	}
	if now.Size == at.Size {
		return want("root of the mark's checkpoint", at.Root, now.Root)
	}
	return nil
}

// head reads and verifies the newest checkpoint of a gateway.
func (s *story) head(ctx context.Context, g *demoGateway) (ledger.Checkpoint, error) {
	res, err := g.operator.Get(ctx, "/v1/ledger/checkpoint", url.Values{}, "")
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	keys, err := g.keys()
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	return keys.Open(res.Body)
}
